//! Concurrent requests for one small file, and failed downloads.

use feedline::demo::{Fault, Repeat, RequestKind, Target, Truncation};
use feedline::net::FileError;
use futures_util::future::join_all;

use super::*;

/// The length of all files: small files.
const LENGTH: usize = 2 * 1024 * 1024;

/// A feedline that has fetched its sample channel.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml?limit=100").await;
    app.telegram.lengthen_files(LENGTH);
    app.telegram.reset_counts();
    app
}

#[tokio::test]
async fn fifty_requests_for_one_file_cause_one_download() {
    let app = start().await;
    let (segment, file) = video(&app);
    let gate = app.telegram.hold(Target::Kind(RequestKind::File));
    let many = join_all((0..50).map(|_| load(&app, &segment)));
    let open = async {
        until("the file is requested", || app.telegram.hits_of_kind(RequestKind::File) > 0).await;
        gate.open();
    };
    let (many, ()) = tokio::join!(many, open);
    let expected = sample(file, LENGTH);
    assert!(many.iter().all(|bytes| *bytes == expected));
    assert_eq!((app.telegram.hits_of_kind(RequestKind::File), app.telegram.total()), (1, 1));
}

#[tokio::test]
async fn download_continues_after_client_disconnects() {
    let app = start().await;
    let (segment, file) = video(&app);
    let gate = app.telegram.hold(Target::Kind(RequestKind::File));
    let left = tokio::time::timeout(Duration::from_millis(50), load(&app, &segment)).await;
    assert!(left.is_err(), "it waits for the download");
    gate.open();
    assert!(get_cached(&app, &segment).await.body == sample(file, LENGTH));
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 1);
}

#[tokio::test]
async fn truncated_file_is_neither_served_nor_cached() {
    let app = start().await;
    let (segment, file) = video(&app);
    for cut in [Truncation::ShortOfLength(60), Truncation::BrokenChunks(60)] {
        app.telegram.fault(Target::Kind(RequestKind::File), Fault::Truncated(cut), Repeat::Always);
        match cut {
            Truncation::ShortOfLength(_) => {
                let error = error_of(&app, &segment).await;
                assert!(matches!(error, Error::Unreachable(FileError::Network(_))), "{error}");
            }
            // Without a length, the file passes through and the response is truncated.
            _ => assert_eq!(try_load(&app, &segment).await, None),
        }
        until("it is given up", || on_disk(&app) == (vec![], vec![])).await;
        app.telegram.clear_faults();
        app.pass(Duration::from_secs(11));
    }
    // Without a length, a truncated file looks complete, so such a file is never cached.
    let clean = Fault::Truncated(Truncation::CleanChunks(60));
    app.telegram.fault(Target::Kind(RequestKind::File), clean, Repeat::Times(1));
    let answer = get(&app, &segment).await;
    assert_eq!(answer.header("content-length"), "");
    assert_eq!(answer.body.len(), LENGTH * 60 / 100);
    assert_eq!(on_disk(&app), (vec![], vec![]));
    assert!(load(&app, &segment).await == sample(file, LENGTH));
    assert_eq!(on_disk(&app).0.len(), 1);
}

#[tokio::test]
async fn failing_file_server_is_not_contacted_for_ten_seconds() {
    let app = start().await;
    let (segment, file) = new_photo(&app);
    let broken = Fault::Status { code: 503, retry_after: None };
    app.telegram.fault(Target::Kind(RequestKind::File), broken, Repeat::Always);
    for _ in 0..5 {
        let error = error_of(&app, &segment).await;
        assert_eq!(error, Error::Unreachable(FileError::Status(503)));
    }
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 1);
    app.telegram.clear_faults();
    app.pass(Duration::from_secs(11));
    assert!(load(&app, &segment).await == sample(file, LENGTH));
}
