//! Files that are fetched before somebody asks.

use feedline::demo::{Asked, Cut, Fault, Target, Times};
use feedline::service::Class;

use super::*;

#[tokio::test]
async fn photos_of_followed_channels_are_there_before_somebody_asks() {
    let app = TestApp::with(|config| config.channels.follow = vec![name(CHANNEL)]).await;
    until("a photo is fetched", || app.telegram.hits_of(Asked::File) >= 2).await;
    let films = app.telegram.seen().iter().filter(|seen| seen.target.contains(".mp4")).count();
    assert_eq!(films, 0, "photos only");
    let (segment, file) = new_photo(&app);
    let seen = app.telegram.seen();
    let first = seen.iter().find(|seen| seen.asked == Asked::File).unwrap();
    let asked = (name(CHANNEL), super::file(&segment));
    let newest = app
        .service()
        .locate(&asked.0, asked.1, None, Class::Media, ClientId::OPERATOR)
        .await
        .unwrap();
    assert!(newest.address.as_str().ends_with(&first.target), "the newest first: {first:?}");
    until("it is kept", || !on_disk(&app).0.is_empty()).await;
    let opened = open_kept(&app, &segment).await;
    assert!(read(opened).await.unwrap() == sample(file, 0));
    assert_eq!(app.telegram.hits_of(Asked::Embed), 0);
}

#[tokio::test]
async fn a_wish_is_granted_when_nobody_waits_and_the_wishes_are_bounded() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, _) = new_photo(&app);
    assert!(app.media().ahead(&name(CHANNEL), file(&segment)));
    until("it is kept", || on_disk(&app).0.len() == 1).await;
    let accepted = (0..2000).filter(|_| app.media().ahead(&name(CHANNEL), file(&segment))).count();
    assert!((500..2000).contains(&accepted), "{accepted}");
    assert_eq!(app.telegram.hits_of(Asked::File), 1, "what is here is not fetched again");
}

#[tokio::test]
async fn a_dead_address_is_not_renewed_for_nobody_and_at_once_for_who_asks() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file_name) = new_photo(&app);
    app.telegram.expire_files();
    app.telegram.forget();
    for _ in 0..5 {
        assert!(app.media().ahead(&name(CHANNEL), file(&segment)));
    }
    until("it is tried", || app.telegram.hits_of(Asked::File) == 1).await;
    assert_eq!(app.telegram.hits_of(Asked::Embed), 0);
    assert!(load(&app, &segment).await == sample(file_name, 0));
    assert_eq!((app.telegram.hits_of(Asked::Embed), app.telegram.hits_of(Asked::File)), (1, 3));
}

#[tokio::test]
async fn who_comes_while_a_dead_address_is_tried_for_nobody_has_it_renewed() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file_name) = new_photo(&app);
    app.telegram.expire_files();
    app.telegram.forget();
    let gate = app.telegram.hold(Target::Asked(Asked::File));
    assert!(app.media().ahead(&name(CHANNEL), file(&segment)));
    until("it is tried", || app.telegram.hits_of(Asked::File) == 1).await;
    let open = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        gate.open();
    };
    let (bytes, ()) = tokio::join!(load(&app, &segment), open);
    assert!(bytes == sample(file_name, 0));
    assert_eq!(app.telegram.hits_of(Asked::Embed), 1);
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_fetched_ahead_again_and_again() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, _) = new_photo(&app);
    let clean = Fault::Cut(Cut::CleanChunks(90));
    app.telegram.fault(Target::Asked(Asked::File), clean, Times::Always);
    let other = photos(&app)[0].0.to_string() + ".jpg";
    for _ in 0..5 {
        assert!(app.media().ahead(&name(CHANNEL), file(&segment)));
    }
    // They are taken in turn.
    assert!(app.media().ahead(&name(CHANNEL), file(&other)));
    until("the other one is tried", || app.telegram.hits_of(Asked::File) > 1).await;
    assert_eq!(app.telegram.hits_of(Asked::File), 2);
}
