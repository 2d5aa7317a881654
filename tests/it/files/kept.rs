//! Files that were here once are here still.

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use feedline::demo::message::{Body, Photo, Sticker};
use feedline::demo::{Asked, Fault, Target, Times, media};
use feedline::media::{Answer, Error, Mode};
use feedline::service::Error as BridgeError;

use super::*;

const CHANNELS: [&str; 4] = ["tidewater", "zenit_library", "diwan_alrih", "cha_yu_lun"];

/// Every file of a message that can be had: what it is called here, and its name at the fake Telegram.
fn files(message: &Message) -> Vec<(String, &'static str)> {
    let id = message.id;
    match &message.body {
        Body::Photo(photo) => vec![(format!("{id}.jpg"), photo.file)],
        Body::Video(video) | Body::Gif(video) | Body::Round(video) => {
            let film = video.file.map(|file| (format!("{id}.mp4"), file));
            let poster = video.poster.map(|file| (format!("{id}-poster.jpg"), file));
            film.into_iter().chain(poster).collect()
        }
        Body::Sticker(Sticker::Still(file)) => vec![(format!("{id}.webp"), file)],
        Body::Sticker(Sticker::Animated(file)) => vec![(format!("{id}.tgs"), file)],
        Body::Sticker(Sticker::Film(file, poster)) => {
            vec![(format!("{id}.webm"), file), (format!("{id}-poster.jpg"), poster)]
        }
        Body::Voice(voice) => vec![(format!("{id}.ogg"), voice.file)],
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn files_of_every_kind_come_whole_and_come_again_from_the_disk() {
    let app = TestApp::start().await;
    let mut seen = 0;
    for channel in CHANNELS {
        for message in app.telegram.channel(channel).unwrap().messages {
            for (segment, file) in files(&message) {
                let expected = media::find(file).unwrap();
                let first = served(open_of(&app, channel, &segment, &Ask::default()).await);
                let (etag, modified) = (first.etag.clone(), first.modified);
                assert_eq!(first.media_type, expected.media_type, "{channel}/{segment}");
                assert_eq!(first.length, Some(expected.bytes.len() as u64));
                assert!((first.part, first.body_length()) == (None, first.length));
                assert!(etag.starts_with('"') && etag.len() == 34, "{etag}");
                assert!(read(first).await.as_deref() == Some(expected.bytes), "{segment}");
                let asked = app.telegram.total();
                let again = served(open_of(&app, channel, &segment, &Ask::default()).await);
                assert_eq!(again.source, Source::Kept, "{channel}/{segment}");
                assert_eq!((&again.etag, again.modified), (&etag, modified));
                assert!(read(again).await.as_deref() == Some(expected.bytes));
                assert_eq!(app.telegram.total(), asked, "nothing is asked for what is here");
                seen += 1;
            }
        }
    }
    assert!(seen > 37, "{seen}");
    assert!(on_disk(&app).1.is_empty());
}

#[tokio::test]
async fn a_file_outlives_its_address_its_post_and_its_channel() {
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
async fn files_are_there_after_a_restart_and_what_a_crash_left_is_not() {
    let mut app = TestApp::with(|config| {
        // An archive, so that the channel is known again by its number.
        let folder = config.media.cache_dir.as_ref().unwrap().parent().unwrap();
        config.archive.path = Some(folder.join("posts.db"));
    })
    .await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    let etag = served(open(&app, &segment).await).etag;
    until("the file is kept", || on_disk(&app).0.len() == 1).await;
    let whole: PathBuf = {
        let name = on_disk(&app).0.remove(0);
        app.files.path().join("media").join(&name[..2]).join(name)
    };
    let folder = app.files.path().join("media");
    std::fs::write(folder.join("incoming/1-2.part"), b"half").unwrap();
    std::fs::write(whole.with_file_name("notes.txt"), b"not ours").unwrap();
    // The name says that it has 5 bytes.
    let short = format!("{}-{}-{}-5-5.jpg", "0".repeat(32), "0".repeat(16), "0".repeat(32));
    std::fs::create_dir_all(folder.join("00")).unwrap();
    std::fs::write(folder.join("00").join(&short), b"four").unwrap();
    app.restart().await;
    app.telegram.forget();
    let opened = served(open(&app, &segment).await);
    assert_eq!((opened.source, &opened.etag), (Source::Kept, &etag));
    assert!(read(opened).await.unwrap() == sample(file, 0));
    assert_eq!(app.telegram.hits_of(Asked::File), 0);
    let (left, incoming) = on_disk(&app);
    assert!(incoming.is_empty() && !left.contains(&short), "{left:?} {incoming:?}");
    assert!(left.contains(&"notes.txt".to_owned()), "what is not ours is let be");
}

#[tokio::test]
async fn all_files_together_stay_within_their_size_and_the_unused_go_first() {
    let size = 128 * 1024;
    let app = TestApp::with(|config| {
        config.media.cache_size = ByteSize::b(size);
        config.media.max_file = ByteSize::b(size);
    })
    .await;
    app.get("/tidewater/rss.xml?limit=100").await;
    // Three of them have room.
    let least = 40_000;
    app.telegram.lengthen_files(least);
    let photos = photos(&app);
    let (first, file) = photos[0];
    let first = format!("{first}.jpg");
    for (id, file) in &photos[1..] {
        let segment = format!("{id}.jpg");
        assert!(load(&app, &segment).await == sample(file, least));
        // The one that is always used stays.
        load(&app, &first).await;
    }
    assert!(photos.len() > 4, "{}", photos.len());
    app.telegram.forget();
    assert!(load(&app, &first).await == sample(file, least));
    assert_eq!(app.telegram.hits_of(Asked::File), 0, "it was used all the time");
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
    assert_eq!(app.telegram.hits_of(Asked::File), 1, "that one was not");
}

#[tokio::test]
async fn a_photo_that_an_edit_puts_in_place_of_another_is_another_file() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    let before = served(open(&app, &segment).await);
    let etag = before.etag.clone();
    assert!(read(before).await.unwrap() == sample(file, 0));
    app.telegram.change_message(CHANNEL, number(&segment).get(), |message| {
        message.body = Body::Photo(Photo { file: "teacup.jpg" });
        message.edited = true;
    });
    app.pass(MINUTE * 61);
    app.get("/tidewater/rss.xml").await;
    let after = served(open(&app, &segment).await);
    assert_ne!(after.etag, etag);
    assert!(read(after).await.unwrap() == sample("teacup.jpg", 0));
    until("the former one is deleted", || on_disk(&app).0.len() == 1).await;
}

#[tokio::test]
async fn a_photo_that_was_changed_after_its_address_was_renewed_is_another_file() {
    let app = TestApp::with(|config| config.service.max_ttl = MINUTE * 10).await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    app.telegram.expire_files();
    assert!(load(&app, &segment).await == sample(file, 0));
    assert_eq!(app.telegram.hits_of(Asked::Embed), 1);
    app.telegram.change_message(CHANNEL, number(&segment).get(), |message| {
        message.body = Body::Photo(Photo { file: "teacup.jpg" });
        message.edited = true;
    });
    // The post's own page is believed for an hour, and the channel's newest one is newer.
    app.pass(MINUTE * 20);
    let lists = app.telegram.hits_of(Asked::List);
    app.get("/tidewater/rss.xml").await;
    until("the newest page is read", || app.telegram.hits_of(Asked::List) > lists).await;
    app.quiet().await;
    assert!(load(&app, &segment).await == sample("teacup.jpg", 0));
}

#[tokio::test]
async fn what_slow_readers_keep_from_being_deleted_counts_and_nothing_is_taken_in_meanwhile() {
    let size = 16 * 1024 * 1024;
    let app = TestApp::with(|config| {
        config.media.cache_size = ByteSize::b(size);
        config.media.max_file = ByteSize::b(size / 2);
    })
    .await;
    for _ in 0..6 {
        app.telegram.publish(CHANNEL, Message::from(Body::Photo(Photo { file: "teacup.jpg" })));
    }
    app.get("/tidewater/rss.xml").await;
    app.telegram.lengthen_files(7 * 1024 * 1024);
    let mut photos = photos(&app);
    photos.reverse();
    // Each is opened by somebody who reads nothing of it, and the next ones push it out.
    let mut slow = Vec::new();
    for (id, _) in &photos[..5] {
        slow.push(open_kept(&app, &format!("{id}.jpg")).await);
    }
    let last = format!("{}.jpg", photos[5].0);
    let opened = served(open(&app, &last).await);
    assert_eq!(opened.source, Source::Passing, "the disk has no room for it");
    assert_eq!(read(opened).await.unwrap().len(), 7 * 1024 * 1024);
    drop(slow);
    assert!(read(open_kept(&app, &last).await).await.is_some(), "and now it has");
}

#[tokio::test]
async fn a_file_that_somebody_deleted_is_fetched_again() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    load(&app, &segment).await;
    std::fs::remove_dir_all(app.files.path().join("media")).unwrap();
    assert!(load(&app, &segment).await == sample(file, 0));
    assert_eq!(app.telegram.hits_of(Asked::File), 2);
    assert_eq!(on_disk(&app).0.len(), 1);
}

#[tokio::test]
async fn a_channels_picture_is_looked_at_again_behind_the_back_of_whoever_asks() {
    let app = TestApp::start().await;
    assert!(load(&app, "avatar.jpg").await == sample("avatar-lighthouse.jpg", 0));
    app.telegram.change(CHANNEL, |channel| channel.avatar = Some("avatar-tea.jpg"));
    app.pass(MINUTE * 60 * 23);
    app.telegram.forget();
    assert!(load(&app, "avatar.jpg").await == sample("avatar-lighthouse.jpg", 0));
    assert_eq!(app.telegram.hits_of(Asked::File), 0, "for a day it is taken for the present one");
    app.pass(MINUTE * 61);
    assert!(load(&app, "avatar.jpg").await == sample("avatar-lighthouse.jpg", 0));
    until("it is fetched", || on_disk(&app).0.len() == 1 && app.telegram.hits_of(Asked::File) == 1)
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
async fn what_is_too_large_is_left_where_it_lies() {
    let limit = 1024 * 1024;
    let app = TestApp::with(|config| config.media.max_file = ByteSize::b(limit)).await;
    app.get("/tidewater/rss.xml?limit=100").await;
    let (segment, _) = film(&app);
    app.telegram.lengthen_files(limit as usize + 1);
    app.telegram.forget();
    for _ in 0..3 {
        let Ok(Answer::Redirect(address)) = open(&app, &segment).await else { panic!("no") };
        assert!(address.as_str().starts_with(app.telegram.base()), "{address}");
    }
    assert_eq!(app.telegram.hits_of(Asked::File), 1, "it is remembered for an hour");
    app.pass(MINUTE * 61);
    app.telegram.lengthen_files(limit as usize);
    assert_eq!(load(&app, &segment).await.len() as u64, limit);
}

#[tokio::test]
async fn a_file_that_turns_out_to_be_too_large_breaks_off_and_is_redirected_from_then_on() {
    let limit = 1024 * 1024;
    let app = TestApp::with(|config| config.media.max_file = ByteSize::b(limit)).await;
    app.get("/tidewater/rss.xml?limit=100").await;
    let (segment, _) = film(&app);
    app.telegram.lengthen_files(limit as usize + 100_000);
    let endless = Fault::Cut(feedline::demo::Cut::CleanChunks(100));
    app.telegram.fault(Target::Asked(Asked::File), endless, Times::Always);
    let opened = served(open(&app, &segment).await);
    assert_eq!(opened.length, None);
    assert_eq!(read(opened).await, None);
    until("it is given up", || on_disk(&app) == (vec![], vec![])).await;
    assert!(matches!(open(&app, &segment).await, Ok(Answer::Redirect(_))));
}

#[tokio::test]
async fn without_the_proxy_every_file_is_redirected() {
    for mode in [Mode::Redirect, Mode::None] {
        let app = TestApp::with(|config| config.media.mode = mode).await;
        let (segment, _) = new_photo(&app);
        assert!(matches!(open(&app, &segment).await, Ok(Answer::Redirect(_))), "{mode:?}");
        assert_eq!(app.telegram.hits_of(Asked::File), 0);
        assert!(!app.files.path().join("media").exists());
    }
}

#[tokio::test]
async fn what_has_no_file_is_told() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml?limit=100").await;
    let (segment, _) = new_photo(&app);
    let asked = app.telegram.total();
    let other = segment.replace("jpg", "mp4");
    let missing = Error::Service(BridgeError::NoSuchFile);
    assert_eq!(open(&app, &other).await.unwrap_err(), missing);
    assert_eq!(app.telegram.total(), asked);
    let refused = open(&app, "99999.jpg").await.unwrap_err();
    assert!(matches!(refused, Error::Service(BridgeError::Refused(_))), "{refused:?}");
    let none = app.media().open_emoji(0, &Ask::default(), ClientId::OPERATOR).await;
    assert_eq!(none.unwrap_err(), missing);
}

#[tokio::test]
async fn the_picture_of_a_custom_emoji_is_found_once_and_kept() {
    let app = TestApp::start().await;
    for id in [4, 5] {
        for source in [Source::Arriving, Source::Kept] {
            let opened = app.media().open_emoji(id, &Ask::default(), ClientId::OPERATOR).await;
            let opened = served(opened);
            assert_eq!((opened.media_type, opened.source), ("image/webp", source));
            assert!(read(opened).await.unwrap() == sample("gull.webp", 0));
        }
    }
    assert_eq!((app.telegram.hits_of(Asked::Emoji), app.telegram.hits_of(Asked::File)), (2, 2));
}
