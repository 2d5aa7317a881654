//! A disk that is not writable: files are served but not cached.

use feedline::demo::RequestKind;
use futures_util::future::join_all;

use super::*;

#[tokio::test]
async fn files_pass_through_while_cache_folder_is_not_writable() {
    let app = TestApp::with(|config| {
        // A file at the path of the folder.
        std::fs::write(config.media.cache_dir.as_ref().unwrap(), b"in the way").unwrap();
    })
    .await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    let whole = sample(file, 0);
    for _ in 0..2 {
        let answer = get(&app, &segment).await;
        assert_eq!(answer.header("cache-status"), MISS);
        assert_eq!(answer.header("content-length"), whole.len().to_string());
        assert_eq!(answer.header("content-type"), "image/jpeg");
        assert!(answer.body == whole);
    }
    let path = format!("/{CHANNEL}/{segment}");
    for (range, expected) in [("bytes=5-99", &whole[5..=99]), ("bytes=0-9", &whole[..=9])] {
        let part = app.get_with(&path, &[("range", range)]).await;
        assert_eq!((part.status, &part.body[..]), (206, expected), "{range}");
    }
    let many = join_all((0..10).map(|_| load(&app, &segment))).await;
    assert!(many.iter().all(|bytes| *bytes == whole));
    std::fs::remove_file(app.files.path().join("media")).unwrap();
    let answer = get(&app, &segment).await;
    assert_eq!(answer.header("cache-status"), MISS, "storing is paused");
    app.pass(MINUTE);
    assert_eq!(get(&app, &segment).await.header("cache-status"), STORED);
    assert_eq!(on_disk(&app).0.len(), 1);
    app.telegram.reset_counts();
    assert!(load(&app, &segment).await == whole);
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 0);
}

#[tokio::test]
async fn files_are_not_cached_without_cache_folder() {
    let app = TestApp::with(|config| config.media.cache_dir = None).await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    for hits in 1..=2 {
        let answer = get(&app, &segment).await;
        assert_eq!(answer.header("cache-status"), MISS);
        assert!(answer.body == sample(file, 0));
        assert_eq!(app.telegram.hits_of_kind(RequestKind::File), hits);
    }
}
