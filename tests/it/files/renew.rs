//! Addresses that died: renewed through the post's embed, once.

use feedline::demo::{Asked, Fault, Target, Times};
use futures_util::future::join_all;

use super::*;

#[tokio::test]
async fn fifty_who_meet_a_dead_address_make_one_embed_and_one_fetch() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    app.telegram.expire_files();
    app.telegram.forget();
    let many = join_all((0..50).map(|_| load(&app, &segment))).await;
    assert!(many.iter().all(|bytes| *bytes == sample(file, 0)));
    let hits = |asked| app.telegram.hits_of(asked);
    // The dead address was asked once, the renewed one once.
    assert_eq!((hits(Asked::Embed), hits(Asked::File), app.telegram.total()), (1, 2, 3));
}

#[tokio::test]
async fn every_way_to_say_that_an_address_is_dead_renews_it() {
    for code in [403, 404, 410] {
        let app = TestApp::start().await;
        app.get("/tidewater/rss.xml").await;
        let (segment, file) = new_photo(&app);
        let dead = Fault::Status { code, retry_after: None };
        app.telegram.fault(Target::Asked(Asked::File), dead, Times::Next(1));
        app.telegram.forget();
        app.telegram.expire_files();
        assert!(load(&app, &segment).await == sample(file, 0), "{code}");
        assert_eq!(app.telegram.hits_of(Asked::Embed), 1, "{code}");
    }
}

#[tokio::test]
async fn the_renewed_address_is_used_for_what_comes_after() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, _) = new_photo(&app);
    app.telegram.expire_files();
    load(&app, &segment).await;
    app.telegram.forget();
    std::fs::remove_dir_all(app.files.path().join("media")).unwrap();
    load(&app, &segment).await;
    let hits = |asked| app.telegram.hits_of(asked);
    assert_eq!((hits(Asked::Embed), hits(Asked::File)), (0, 1), "the list's address is older");
}

#[tokio::test]
async fn a_newer_dead_address_is_renewed_though_an_older_one_is_known() {
    let app = TestApp::with(|config| config.service.max_ttl = MINUTE * 10).await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    // The post's own page tells an address, then the channel's a newer one; both die.
    app.telegram.expire_files();
    load(&app, &segment).await;
    std::fs::remove_dir_all(app.files.path().join("media")).unwrap();
    app.telegram.expire_files();
    app.pass(MINUTE * 20);
    let lists = app.telegram.hits_of(Asked::List);
    app.get("/tidewater/rss.xml").await;
    until("the newest page is read", || app.telegram.hits_of(Asked::List) > lists).await;
    app.quiet().await;
    app.telegram.expire_files();
    app.telegram.forget();
    assert!(load(&app, &segment).await == sample(file, 0));
    let hits = |asked| app.telegram.hits_of(asked);
    assert_eq!((hits(Asked::Embed), hits(Asked::File)), (1, 2));
}

#[tokio::test]
async fn a_file_that_is_dead_by_its_renewed_address_too_is_not_asked_for_again_at_once() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    let dead = Fault::Status { code: 404, retry_after: None };
    app.telegram.fault(Target::Asked(Asked::File), dead, Times::Always);
    app.telegram.expire_files();
    app.telegram.forget();
    for _ in 0..10 {
        assert_eq!(open(&app, &segment).await.unwrap_err(), Error::Dead);
    }
    let hits = |asked| app.telegram.hits_of(asked);
    assert_eq!((hits(Asked::Embed), hits(Asked::File)), (1, 2));
    app.telegram.heal();
    assert_eq!(open(&app, &segment).await.unwrap_err(), Error::Dead);
    app.pass(MINUTE * 6);
    assert!(load(&app, &segment).await == sample(file, 0));
}

#[tokio::test]
async fn a_dead_address_that_cannot_be_renewed_is_told_with_the_reason() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, _) = new_photo(&app);
    app.telegram.expire_files();
    let broken = Fault::Status { code: 502, retry_after: None };
    app.telegram.fault(Target::Asked(Asked::Embed), broken, Times::Always);
    let error = open(&app, &segment).await.unwrap_err();
    assert!(
        matches!(error, Error::Service(feedline::service::Error::Refused(_))),
        "an outage, and no word that the file is gone: {error:?}"
    );
}

#[tokio::test]
async fn files_of_groups_and_of_channels_never_seen_come_by_their_posts() {
    let app = TestApp::start().await;
    for (channel, segment) in [("tidewater_harbour", "4.jpg"), ("diwan_alrih", "4.jpg")] {
        let opened = served(open_of(&app, channel, segment, &Ask::default()).await);
        assert_eq!(opened.media_type, "image/jpeg");
        assert!(read(opened).await.is_some());
    }
    let hits = |asked| app.telegram.hits_of(asked);
    assert_eq!((hits(Asked::Embed), hits(Asked::List), hits(Asked::File)), (2, 0, 2));
    app.telegram.forget();
    // For a week nobody is asked; then whether it is the same file, and not for the file.
    for (time, embeds) in [(MINUTE * 60, 0), (MINUTE * 60 * 24 * 8, 1), (MINUTE * 60, 0)] {
        app.pass(time);
        let opened = served(open_of(&app, "diwan_alrih", "4.jpg", &Ask::default()).await);
        assert!(read(opened).await.is_some());
        until("it is looked at", || hits(Asked::Embed) == embeds).await;
        assert_eq!(hits(Asked::File), 0);
        app.telegram.forget();
    }
}

#[tokio::test]
async fn a_channels_picture_at_a_dead_address_is_found_on_its_card() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    app.telegram.expire_files();
    app.telegram.forget();
    assert!(load(&app, "avatar.jpg").await == sample("avatar-lighthouse.jpg", 0));
    let hits = |asked| app.telegram.hits_of(asked);
    assert_eq!((hits(Asked::Landing), hits(Asked::List), hits(Asked::File)), (1, 0, 2));
}
