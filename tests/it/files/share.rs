//! Many who want one file that is on its way.

use feedline::demo::{Asked, Cut, Fault, Target, Times};
use feedline::media::Outage;
use futures_util::StreamExt as _;
use futures_util::future::join_all;

use super::*;

/// Files without a file's end in them.
const LENGTH: usize = 2 * 1024 * 1024;

#[tokio::test]
async fn fifty_who_want_an_arriving_file_make_one_request() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml?limit=100").await;
    app.telegram.lengthen_files(LENGTH);
    app.telegram.forget();
    let (segment, file) = film(&app);
    app.telegram.forget();
    let gate = app.telegram.hold(Target::Asked(Asked::File));
    let many = join_all((0..50).map(|_| async { load(&app, &segment).await }));
    let open = async {
        until("the file is asked for", || app.telegram.hits_of(Asked::File) > 0).await;
        gate.open();
    };
    let (many, ()) = tokio::join!(many, open);
    let expected = sample(file, LENGTH);
    assert!(many.iter().all(|bytes| *bytes == expected));
    assert_eq!((app.telegram.hits_of(Asked::File), app.telegram.total()), (1, 1));
}

#[tokio::test]
async fn who_reads_slowly_holds_nobody_and_gets_all_the_same() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml?limit=100").await;
    app.telegram.lengthen_files(LENGTH);
    app.telegram.forget();
    let (segment, file) = film(&app);
    let mut slow = served(open(&app, &segment).await);
    let first = slow.body.next().await.unwrap().unwrap();
    // The slow one holds its first piece while others come and go, and the file arrives.
    let many = join_all((0..5).map(|_| async { load(&app, &segment).await })).await;
    let expected = sample(file, LENGTH);
    assert!(many.iter().all(|bytes| *bytes == expected));
    until("the file is kept", || on_disk(&app).0.len() == 1).await;
    let rest = read(slow).await.unwrap();
    assert!([first.to_vec(), rest].concat() == expected);
    assert_eq!(app.telegram.hits_of(Asked::File), 1);
}

#[tokio::test]
async fn who_leaves_ends_nothing_and_the_file_is_kept_for_the_next() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml?limit=100").await;
    app.telegram.lengthen_files(LENGTH);
    app.telegram.forget();
    let (segment, file) = film(&app);
    let gate = app.telegram.hold(Target::Asked(Asked::File));
    let left = tokio::time::timeout(Duration::from_millis(50), open(&app, &segment)).await;
    assert!(left.is_err(), "it waits for the first bytes");
    gate.open();
    let opened = open_kept(&app, &segment).await;
    assert!(read(opened).await.unwrap() == sample(file, LENGTH));
    assert_eq!(app.telegram.hits_of(Asked::File), 1);
}

#[tokio::test]
async fn a_body_that_is_cut_is_never_kept_and_never_looks_whole() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml?limit=100").await;
    app.telegram.lengthen_files(LENGTH);
    app.telegram.forget();
    let (segment, file) = film(&app);
    for cut in [Cut::ShortOfLength(60), Cut::BrokenChunks(60)] {
        app.telegram.fault(Target::Asked(Asked::File), Fault::Cut(cut), Times::Always);
        let opened = served(open(&app, &segment).await);
        assert_eq!(read(opened).await, None, "{cut:?}");
        until("it is given up", || on_disk(&app) == (vec![], vec![])).await;
        app.telegram.heal();
    }
    // What is cut clean, without a length, nobody can tell from whole: it is passed on, and not kept.
    let clean = Fault::Cut(Cut::CleanChunks(60));
    app.telegram.fault(Target::Asked(Asked::File), clean, Times::Next(1));
    let opened = served(open(&app, &segment).await);
    assert_eq!(opened.length, None);
    assert_eq!(read(opened).await.unwrap().len(), LENGTH * 60 / 100);
    until("it is given up", || on_disk(&app) == (vec![], vec![])).await;
    assert!(load(&app, &segment).await == sample(file, LENGTH));
    until("now it is kept", || on_disk(&app).0.len() == 1).await;
}

#[tokio::test]
async fn a_fetch_that_breaks_off_is_taken_up_where_it_was() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml?limit=100").await;
    app.telegram.lengthen_files(LENGTH);
    app.telegram.forget();
    let (segment, file) = film(&app);
    let cut = Fault::Cut(Cut::ShortOfLength(50));
    app.telegram.fault(Target::Asked(Asked::File), cut, Times::Next(2));
    assert!(load(&app, &segment).await == sample(file, LENGTH));
    let ranges: Vec<bool> = app
        .telegram
        .seen()
        .iter()
        .filter(|seen| seen.asked == Asked::File)
        .map(|seen| seen.headers.contains_key("range"))
        .collect();
    assert_eq!(ranges, [false, true, true]);
    until("it is kept", || on_disk(&app).0.len() == 1).await;
}

#[tokio::test]
async fn servers_that_fail_are_left_alone_for_a_moment() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let (segment, file) = new_photo(&app);
    let broken = Fault::Status { code: 503, retry_after: None };
    app.telegram.fault(Target::Asked(Asked::File), broken, Times::Always);
    for _ in 0..5 {
        let error = open(&app, &segment).await.unwrap_err();
        assert_eq!(error, Error::Unreachable(Outage::Status(503)));
    }
    assert_eq!(app.telegram.hits_of(Asked::File), 1);
    app.telegram.heal();
    app.pass(Duration::from_secs(11));
    assert!(load(&app, &segment).await == sample(file, 0));
}
