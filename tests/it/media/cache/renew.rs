//! Expired URLs are renewed from the post's embed, once.

use feedline::demo::{Fault, Repeat, RequestKind, Target};
use futures_util::future::join_all;

use super::*;

#[tokio::test]
async fn fifty_requests_for_dead_url_cause_one_embed_and_one_download() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    app.telegram.expire_files();
    app.telegram.reset_counts();
    let many = join_all((0..50).map(|_| load(&app, &segment))).await;
    assert!(many.iter().all(|bytes| *bytes == sample(file, 0)));
    let hits = |kind| app.telegram.hits_of_kind(kind);
    // The expired URL was requested once, the renewed one once.
    assert_eq!(
        (hits(RequestKind::Embed), hits(RequestKind::File), app.telegram.total()),
        (1, 2, 3)
    );
}

#[tokio::test]
async fn status_403_404_or_410_renews_file_url() {
    for code in [403, 404, 410] {
        let app = TestApp::start().await;
        app.get("/tidewater/rss.xml").await;
        let (segment, file) = new_photo(&app);
        let dead = Fault::Status { code, retry_after: None };
        app.telegram.fault(Target::Kind(RequestKind::File), dead, Repeat::Times(1));
        app.telegram.reset_counts();
        app.telegram.expire_files();
        assert!(load(&app, &segment).await == sample(file, 0), "{code}");
        assert_eq!(app.telegram.hits_of_kind(RequestKind::Embed), 1, "{code}");
    }
}

#[tokio::test]
async fn renewed_url_is_reused_by_later_requests() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, _) = new_photo(&app);
    app.telegram.expire_files();
    load(&app, &segment).await;
    app.telegram.reset_counts();
    std::fs::remove_dir_all(app.files.path().join("media")).unwrap();
    load(&app, &segment).await;
    let hits = |kind| app.telegram.hits_of_kind(kind);
    assert_eq!(
        (hits(RequestKind::Embed), hits(RequestKind::File)),
        (0, 1),
        "the list's address is older"
    );
}

#[tokio::test]
async fn newer_dead_url_is_renewed_although_older_one_is_known() {
    let app = TestApp::with(|config| config.service.max_ttl = MINUTE * 10).await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    // The post's embed gives a URL, then the channel's page a newer one; both expire.
    app.telegram.expire_files();
    load(&app, &segment).await;
    std::fs::remove_dir_all(app.files.path().join("media")).unwrap();
    app.telegram.expire_files();
    app.pass(MINUTE * 20);
    let lists = app.telegram.hits_of_kind(RequestKind::List);
    app.get("/tidewater/rss.xml").await;
    until("the newest page is read", || app.telegram.hits_of_kind(RequestKind::List) > lists).await;
    app.quiet().await;
    app.telegram.expire_files();
    app.telegram.reset_counts();
    assert!(load(&app, &segment).await == sample(file, 0));
    let hits = |kind| app.telegram.hits_of_kind(kind);
    assert_eq!((hits(RequestKind::Embed), hits(RequestKind::File)), (1, 2));
}

#[tokio::test]
async fn file_dead_at_renewed_url_has_negative_ttl() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    let dead = Fault::Status { code: 404, retry_after: None };
    app.telegram.fault(Target::Kind(RequestKind::File), dead, Repeat::Always);
    app.telegram.expire_files();
    app.telegram.reset_counts();
    for _ in 0..10 {
        assert_eq!(error_of(&app, &segment).await, Error::Dead);
    }
    let hits = |kind| app.telegram.hits_of_kind(kind);
    assert_eq!((hits(RequestKind::Embed), hits(RequestKind::File)), (1, 2));
    app.telegram.clear_faults();
    assert_eq!(error_of(&app, &segment).await, Error::Dead);
    app.pass(MINUTE * 6);
    assert!(load(&app, &segment).await == sample(file, 0));
}

#[tokio::test]
async fn failed_renewal_of_dead_url_is_upstream_error() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, _) = new_photo(&app);
    app.telegram.expire_files();
    let broken = Fault::Status { code: 502, retry_after: None };
    app.telegram.fault(Target::Kind(RequestKind::Embed), broken, Repeat::Always);
    let error = error_of(&app, &segment).await;
    assert!(
        matches!(error, Error::Service(feedline::service::Error::Refused(_))),
        "an outage, and no word that the file is gone: {error:?}"
    );
}

#[tokio::test]
async fn file_of_unknown_channel_is_revalidated_after_a_week() {
    let app = TestApp::start().await;
    for (channel, segment) in [("tidewater_harbour", "4.jpg"), ("diwan_alrih", "4.jpg")] {
        let answer = app.get(&format!("/{channel}/{segment}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "image/jpeg"));
    }
    let hits = |kind| app.telegram.hits_of_kind(kind);
    assert_eq!(
        (hits(RequestKind::Embed), hits(RequestKind::List), hits(RequestKind::File)),
        (2, 0, 2)
    );
    app.telegram.reset_counts();
    // After a week, the post is checked for another file; an unchanged file is not downloaded again.
    for (time, embeds) in [(MINUTE * 60, 0), (MINUTE * 60 * 24 * 8, 1), (MINUTE * 60, 0)] {
        app.pass(time);
        assert_eq!(app.get("/diwan_alrih/4.jpg").await.status, 200);
        until("it is looked at", || hits(RequestKind::Embed) == embeds).await;
        assert_eq!(hits(RequestKind::File), 0);
        app.telegram.reset_counts();
    }
}

#[tokio::test]
async fn avatar_with_dead_url_is_found_on_landing_page() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    app.telegram.expire_files();
    app.telegram.reset_counts();
    assert!(load(&app, "avatar.jpg").await == sample("avatar-lighthouse.jpg", 0));
    let hits = |kind| app.telegram.hits_of_kind(kind);
    assert_eq!(
        (hits(RequestKind::Landing), hits(RequestKind::List), hits(RequestKind::File)),
        (1, 0, 2)
    );
}
