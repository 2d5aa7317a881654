//! Files that are downloaded before the first request.

use feedline::demo::{Fault, Repeat, RequestKind, Target, Truncation};
use feedline::service::Class;

use super::*;

#[tokio::test]
async fn photos_of_followed_channels_are_prefetched() {
    let app = TestApp::with(|config| config.web.follow = vec![name(CHANNEL)]).await;
    until("a photo is fetched", || app.telegram.hits_of_kind(RequestKind::File) >= 2).await;
    let videos = app.telegram.requests().iter().filter(|seen| seen.target.contains(".mp4")).count();
    assert_eq!(videos, 0, "photos only");
    let (segment, file) = new_photo(&app);
    let seen = app.telegram.requests();
    let first = seen.iter().find(|seen| seen.kind == RequestKind::File).unwrap();
    let (channel, photo) = (name(CHANNEL), File::parse(&segment).unwrap());
    let newest =
        app.service().files().locate(&channel, photo, None, Class::Media, ClientId::OPERATOR).await;
    let newest = newest.unwrap();
    assert!(newest.address.as_str().ends_with(&first.target), "the newest first: {first:?}");
    until("the file is cached", || !on_disk(&app).0.is_empty()).await;
    assert!(get_cached(&app, &segment).await.body == sample(file, 0));
    assert_eq!(app.telegram.hits_of_kind(RequestKind::Embed), 0);
}

#[tokio::test]
async fn prefetch_queue_is_bounded() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, _) = new_photo(&app);
    assert!(app.media().prefetch(media_ref(&segment)));
    until("the file is cached", || on_disk(&app).0.len() == 1).await;
    let accepted = (0..2000).filter(|_| app.media().prefetch(media_ref(&segment))).count();
    assert!((500..2000).contains(&accepted), "{accepted}");
    assert_eq!(
        app.telegram.hits_of_kind(RequestKind::File),
        1,
        "what is here is not fetched again"
    );
}

#[tokio::test]
async fn dead_url_is_renewed_by_requests_but_not_by_prefetch() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file_name) = new_photo(&app);
    app.telegram.expire_files();
    app.telegram.reset_counts();
    for _ in 0..5 {
        assert!(app.media().prefetch(media_ref(&segment)));
    }
    until("it is tried", || app.telegram.hits_of_kind(RequestKind::File) == 1).await;
    assert_eq!(app.telegram.hits_of_kind(RequestKind::Embed), 0);
    assert!(load(&app, &segment).await == sample(file_name, 0));
    assert_eq!(
        (
            app.telegram.hits_of_kind(RequestKind::Embed),
            app.telegram.hits_of_kind(RequestKind::File)
        ),
        (1, 3)
    );
}

#[tokio::test]
async fn request_joining_prefetch_of_dead_url_renews_it() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file_name) = new_photo(&app);
    app.telegram.expire_files();
    app.telegram.reset_counts();
    let gate = app.telegram.hold(Target::Kind(RequestKind::File));
    assert!(app.media().prefetch(media_ref(&segment)));
    until("it is tried", || app.telegram.hits_of_kind(RequestKind::File) == 1).await;
    let open = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        gate.open();
    };
    let (bytes, ()) = tokio::join!(load(&app, &segment), open);
    assert!(bytes == sample(file_name, 0));
    assert_eq!(app.telegram.hits_of_kind(RequestKind::Embed), 1);
}

#[tokio::test]
async fn file_that_cannot_be_cached_is_prefetched_once() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, _) = new_photo(&app);
    let clean = Fault::Truncated(Truncation::CleanChunks(90));
    app.telegram.fault(Target::Kind(RequestKind::File), clean, Repeat::Always);
    let other = photos(&app)[0].0.to_string() + ".jpg";
    for _ in 0..5 {
        assert!(app.media().prefetch(media_ref(&segment)));
    }
    // The queue is processed in order.
    assert!(app.media().prefetch(media_ref(&other)));
    until("the other one is tried", || app.telegram.hits_of_kind(RequestKind::File) > 1).await;
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 2);
}
