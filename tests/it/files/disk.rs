//! Disks that take nothing: files pass through without being kept.

use feedline::demo::Asked;
use feedline::media::Range;
use futures_util::future::join_all;

use super::*;

#[tokio::test]
async fn files_pass_through_when_nothing_can_be_kept_and_are_kept_when_it_can_again() {
    let app = TestApp::with(|config| {
        // A file where the folder should be.
        std::fs::write(config.media.cache_dir.as_ref().unwrap(), b"in the way").unwrap();
    })
    .await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    let whole = sample(file, 0);
    for _ in 0..2 {
        let opened = served(open(&app, &segment).await);
        assert_eq!(opened.source, Source::Passing);
        assert_eq!((opened.length, opened.media_type), (Some(whole.len() as u64), "image/jpeg"));
        assert_eq!(read(opened).await.unwrap(), whole);
    }
    let ask = Ask { range: Some(Range::Between(5, 99)), ..Ask::default() };
    let opened = served(open_of(&app, CHANNEL, &segment, &ask).await);
    assert_eq!(read(opened).await.unwrap(), whole[5..=99]);
    let many = join_all((0..10).map(|_| load(&app, &segment))).await;
    assert!(many.iter().all(|bytes| *bytes == whole));
    std::fs::remove_file(app.files.path().join("media")).unwrap();
    assert_eq!(served(open(&app, &segment).await).source, Source::Passing, "it was just tried");
    app.pass(MINUTE);
    assert_eq!(served(open(&app, &segment).await).source, Source::Arriving);
    until("the file is kept", || on_disk(&app).0.len() == 1).await;
    app.telegram.forget();
    assert_eq!(load(&app, &segment).await, whole);
    assert_eq!(app.telegram.hits_of(Asked::File), 0);
}

#[tokio::test]
async fn without_a_folder_nothing_is_kept() {
    let app = TestApp::with(|config| config.media.cache_dir = None).await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    for hits in 1..=2 {
        let opened = served(open(&app, &segment).await);
        assert_eq!(opened.source, Source::Passing);
        assert!(read(opened).await.unwrap() == sample(file, 0));
        assert_eq!(app.telegram.hits_of(Asked::File), hits);
    }
}
