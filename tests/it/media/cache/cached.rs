//! The cache on disk.

use std::path::PathBuf;

use bytesize::ByteSize;
use feedline::demo::RequestKind;
use feedline::demo::media::File;

use super::*;

#[tokio::test]
async fn cached_file_outlives_its_url_post_and_channel() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    assert!(load(&app, &segment).await == sample(file, 0));
    app.telegram.expire_files();
    app.telegram.delete(CHANNEL, number(&segment).get());
    for _ in 0..3 {
        app.pass(MINUTE * 61);
        app.get("/tidewater/rss.xml").await;
    }
    assert!(load(&app, &segment).await == sample(file, 0));
    app.telegram.remove(CHANNEL);
    app.pass(MINUTE * 60 * 24 * 30);
    assert!(load(&app, &segment).await == sample(file, 0));
}

#[tokio::test]
async fn cache_survives_restart_and_removes_partial_files() {
    let mut app = TestApp::with(|config| {
        // With an archive, the channel keeps its number over the restart.
        let folder = config.media.cache_dir.as_ref().unwrap().parent().unwrap();
        config.archive.path = Some(folder.join("posts.db"));
    })
    .await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    let etag = get(&app, &segment).await.header("etag").to_owned();
    let whole: PathBuf = {
        let name = on_disk(&app).0.remove(0);
        app.files.path().join("media").join(&name[..2]).join(name)
    };
    let folder = app.files.path().join("media");
    std::fs::write(folder.join("incoming/1-2.part"), b"half").unwrap();
    std::fs::write(whole.with_file_name("notes.txt"), b"not ours").unwrap();
    // Its name gives a length of 5 bytes.
    let short = format!("{}-{}-{}-5-5.jpg", "0".repeat(32), "0".repeat(16), "0".repeat(32));
    std::fs::create_dir_all(folder.join("00")).unwrap();
    std::fs::write(folder.join("00").join(&short), b"four").unwrap();
    app.restart().await;
    app.telegram.reset_counts();
    let answer = get(&app, &segment).await;
    assert_eq!((answer.header("cache-status"), answer.header("etag")), (HIT, etag.as_str()));
    assert!(answer.body == sample(file, 0));
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 0);
    let (left, incoming) = on_disk(&app);
    assert!(incoming.is_empty() && !left.contains(&short), "{left:?} {incoming:?}");
    assert!(left.contains(&"notes.txt".to_owned()), "what is not ours is let be");
}

#[tokio::test]
async fn cache_over_size_evicts_least_recently_used_files() {
    let size = 128 * 1024;
    let app = TestApp::with(|config| {
        config.media.cache_size = ByteSize::b(size);
        config.media.max_file = ByteSize::b(size);
    })
    .await;
    app.get("/tidewater/rss.xml?limit=100").await;
    // Three of them fit.
    let least = 40_000;
    app.telegram.lengthen_files(least);
    let photos = photos(&app);
    let (first, file) = photos[0];
    let first = format!("{first}.jpg");
    for (id, file) in &photos[1..] {
        let segment = format!("{id}.jpg");
        assert!(load(&app, &segment).await == sample(file, least));
        // The file in constant use is not evicted.
        load(&app, &first).await;
    }
    assert!(photos.len() > 4, "{}", photos.len());
    app.telegram.reset_counts();
    assert!(load(&app, &first).await == sample(file, least));
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 0, "it was used all the time");
    let bytes_on_disk = || {
        let folder = app.files.path().join("media");
        on_disk(&app)
            .0
            .iter()
            .map(|name| {
                std::fs::metadata(folder.join(&name[..2]).join(name)).map_or(0, |file| file.len())
            })
            .sum::<u64>()
    };
    until("the oldest are deleted", || bytes_on_disk() <= size).await;
    assert!(bytes_on_disk() > size / 4, "and no more than that");
    load(&app, &format!("{}.jpg", photos[1].0)).await;
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 1, "that one was not");
}

#[tokio::test]
async fn edit_with_new_photo_replaces_cached_file() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    let before = get(&app, &segment).await;
    assert!(before.body == sample(file, 0));
    app.telegram.change_message(CHANNEL, number(&segment).get(), |message| {
        message.body = Body::Photo(File("teacup.jpg"));
        message.edited = true;
    });
    app.pass(MINUTE * 61);
    app.get("/tidewater/rss.xml").await;
    let after = get(&app, &segment).await;
    assert_ne!(after.header("etag"), before.header("etag"));
    assert!(after.body == sample("teacup.jpg", 0));
    until("the former one is deleted", || on_disk(&app).0.len() == 1).await;
}

#[tokio::test]
async fn edit_after_renewed_url_replaces_cached_file() {
    let app = TestApp::with(|config| config.service.max_ttl = MINUTE * 10).await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    app.telegram.expire_files();
    assert!(load(&app, &segment).await == sample(file, 0));
    assert_eq!(app.telegram.hits_of_kind(RequestKind::Embed), 1);
    app.telegram.change_message(CHANNEL, number(&segment).get(), |message| {
        message.body = Body::Photo(File("teacup.jpg"));
        message.edited = true;
    });
    // The post's own page counts as fresh for an hour, but the channel's newest page is newer.
    app.pass(MINUTE * 20);
    let lists = app.telegram.hits_of_kind(RequestKind::List);
    app.get("/tidewater/rss.xml").await;
    until("the newest page is read", || app.telegram.hits_of_kind(RequestKind::List) > lists).await;
    app.quiet().await;
    assert!(load(&app, &segment).await == sample("teacup.jpg", 0));
}

#[tokio::test]
async fn evicted_files_with_readers_count_towards_cache_size() {
    let size = 16 * 1024 * 1024;
    let app = TestApp::with(|config| {
        config.media.cache_size = ByteSize::b(size);
        config.media.max_file = ByteSize::b(size / 2);
    })
    .await;
    for _ in 0..6 {
        app.telegram.publish(CHANNEL, Message::from(Body::Photo(File("teacup.jpg"))));
    }
    app.get("/tidewater/rss.xml").await;
    app.telegram.lengthen_files(7 * 1024 * 1024);
    let mut photos = photos(&app);
    photos.reverse();
    // Each file has a client that does not read it, and is evicted by the next ones.
    let mut slow = Vec::new();
    for (id, _) in &photos[..5] {
        let url = format!("{}/{CHANNEL}/{id}.jpg", app.base);
        slow.push(client().get(url).send().await.unwrap());
    }
    let last = format!("{}.jpg", photos[5].0);
    let answer = get(&app, &last).await;
    assert_eq!(answer.header("cache-status"), MISS, "there is no space for it");
    assert_eq!(answer.body.len(), 7 * 1024 * 1024);
    drop(slow);
    get_cached(&app, &last).await;
}

#[tokio::test]
async fn file_deleted_on_disk_is_downloaded_again() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    load(&app, &segment).await;
    std::fs::remove_dir_all(app.files.path().join("media")).unwrap();
    assert!(load(&app, &segment).await == sample(file, 0));
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 2);
    assert_eq!(on_disk(&app).0.len(), 1);
}

#[tokio::test]
async fn avatar_is_revalidated_in_background_after_a_day() {
    let app = TestApp::start().await;
    assert!(load(&app, "avatar.jpg").await == sample("avatar-lighthouse.jpg", 0));
    app.telegram.change(CHANNEL, |channel| channel.avatar = Some(File("avatar-tea.jpg")));
    app.pass(MINUTE * 60 * 23);
    app.telegram.reset_counts();
    assert!(load(&app, "avatar.jpg").await == sample("avatar-lighthouse.jpg", 0));
    assert_eq!(
        app.telegram.hits_of_kind(RequestKind::File),
        0,
        "for a day it is taken for the present one"
    );
    app.pass(MINUTE * 61);
    assert!(load(&app, "avatar.jpg").await == sample("avatar-lighthouse.jpg", 0));
    until("it is fetched", || {
        on_disk(&app).0.len() == 1 && app.telegram.hits_of_kind(RequestKind::File) == 1
    })
    .await;
    for _ in 0..500 {
        if load(&app, "avatar.jpg").await == sample("avatar-tea.jpg", 0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("the new picture never came");
}

#[tokio::test]
async fn custom_emoji_image_is_downloaded_once() {
    let app = TestApp::start().await;
    for id in [4, 5] {
        for status in [STORED, HIT] {
            let answer = app.get(&format!("/-/emoji/{id}.webp")).await;
            assert_eq!(answer.header("content-type"), "image/webp");
            assert_eq!(answer.header("cache-status"), status);
            assert!(answer.body == sample("gull.webp", 0));
        }
    }
    assert_eq!(
        (
            app.telegram.hits_of_kind(RequestKind::Emoji),
            app.telegram.hits_of_kind(RequestKind::File)
        ),
        (2, 2)
    );
}
