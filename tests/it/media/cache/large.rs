//! Large files, and files without a length: they pass through from Telegram.

use bytesize::ByteSize;
use feedline::demo::{Fault, Repeat, RequestKind, Target, Truncation};
use futures_util::StreamExt as _;
use futures_util::future::join_all;

use super::*;

const LENGTH: usize = 8 * 1024 * 1024 + 1;

/// A feedline whose sample channel has large files, the path of a video, and its bytes.
async fn start() -> (TestApp, String, Vec<u8>) {
    with_max_file(ByteSize::mib(64)).await
}

async fn with_max_file(max_file: ByteSize) -> (TestApp, String, Vec<u8>) {
    let app = TestApp::with(|config| config.media.max_file = max_file).await;
    app.get("/tidewater/rss.xml?limit=100").await;
    app.telegram.lengthen_files(LENGTH);
    app.telegram.reset_counts();
    let (segment, file) = video(&app);
    (app, segment, sample(file, LENGTH))
}

async fn get_range(app: &TestApp, segment: &str, headers: &[(&str, &str)]) -> Answer {
    app.get_with(&format!("/{CHANNEL}/{segment}"), headers).await
}

#[tokio::test]
async fn large_file_passes_through_while_it_is_cached() {
    let (app, segment, whole) = start().await;
    let first = get(&app, &segment).await;
    assert_eq!(first.header("cache-status"), MISS);
    assert_eq!(first.header("content-length"), LENGTH.to_string());
    assert_eq!(first.header("cache-control"), "public, max-age=86400");
    assert!(first.body == whole);
    let cached = get_cached(&app, &segment).await;
    assert_eq!(cached.header("etag"), first.header("etag"));
    assert!(cached.body == whole);
}

#[tokio::test]
async fn ranges_of_large_file_pass_through_while_it_is_cached() {
    let (app, segment, whole) = start().await;
    // The download into the cache is slow, requests beside it are fast.
    let slow = Fault::Drip { piece: 128 * 1024, pause: Duration::from_millis(20) };
    app.telegram.fault(Target::Kind(RequestKind::File), slow, Repeat::Times(1));
    let last = LENGTH - 1;
    for (range, first, last) in [
        ("bytes=0-", 0, last),
        ("bytes=0-9", 0, 9),
        ("bytes=5000000-5000099", 5_000_000, 5_000_099),
        ("bytes=-50000", LENGTH - 50_000, last),
    ] {
        let part = get_range(&app, &segment, &[("range", range)]).await;
        assert_eq!((part.status, part.header("cache-status")), (206, MISS), "{range}");
        let content_range = format!("bytes {first}-{last}/{LENGTH}");
        assert_eq!(part.header("content-range"), content_range, "{range}");
        assert_eq!(part.header("content-length"), (last - first + 1).to_string(), "{range}");
        assert!(part.body == whole[first..=last], "{range}");
    }
    let seen = app.telegram.requests();
    let ranges = seen.iter().filter_map(|seen| seen.headers.get("range"));
    let ranges: Vec<&str> = ranges.map(|range| range.to_str().unwrap()).collect();
    let expected = [
        format!("bytes=0-{last}"),
        "bytes=0-9".to_owned(),
        "bytes=5000000-5000099".to_owned(),
        format!("bytes={}-{last}", LENGTH - 50_000),
    ];
    assert_eq!(ranges, expected, "only the requested bytes");
    let etag = get_range(&app, &segment, &[("range", "bytes=0-0")]).await.header("etag").to_owned();
    for (if_range, status) in [(etag.as_str(), 206), ("\"x\"", 200)] {
        let headers = [("range", "bytes=-9"), ("if-range", if_range)];
        assert_eq!(get_range(&app, &segment, &headers).await.status, status, "{if_range}");
    }
    let outside = get_range(&app, &segment, &[("range", "bytes=99999999-")]).await;
    assert_eq!(outside.status, 416);
    assert_eq!(outside.header("content-range"), format!("bytes */{LENGTH}"));
    let known = get_range(&app, &segment, &[("if-none-match", &etag)]).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    until("it is cached", || on_disk(&app).0.len() == 1).await;
    assert!(get_cached(&app, &segment).await.body == whole);
}

#[tokio::test]
async fn slow_reader_of_large_file_does_not_block_others() {
    let (app, segment, whole) = start().await;
    let url = format!("{}/{CHANNEL}/{segment}", app.base);
    let mut slow = client().get(url).send().await.unwrap().bytes_stream();
    let first = slow.next().await.unwrap().unwrap();
    let many = join_all((0..5).map(|_| load(&app, &segment))).await;
    assert!(many.iter().all(|bytes| *bytes == whole));
    get_cached(&app, &segment).await;
    let mut bytes = first.to_vec();
    while let Some(chunk) = slow.next().await {
        bytes.extend_from_slice(&chunk.unwrap());
    }
    assert!(bytes == whole);
}

#[tokio::test]
async fn large_file_is_cached_after_client_disconnects() {
    let (app, segment, whole) = start().await;
    let url = format!("{}/{CHANNEL}/{segment}", app.base);
    drop(client().get(url).send().await.unwrap());
    until("it is cached", || on_disk(&app).0.len() == 1).await;
    assert!(get_cached(&app, &segment).await.body == whole);
}

#[tokio::test]
async fn truncated_large_file_never_looks_complete() {
    let (app, segment, whole) = start().await;
    let cut = Fault::Truncated(Truncation::ShortOfLength(60));
    app.telegram.fault(Target::Kind(RequestKind::File), cut, Repeat::Always);
    assert_eq!(try_load(&app, &segment).await, None);
    until("it is given up", || on_disk(&app) == (vec![], vec![])).await;
    app.telegram.clear_faults();
    assert!(get_cached(&app, &segment).await.body == whole);
}

#[tokio::test]
async fn file_larger_than_max_file_passes_through_every_time() {
    let (app, segment, whole) = with_max_file(ByteSize::b(LENGTH as u64 - 1)).await;
    for _ in 0..2 {
        let answer = get(&app, &segment).await;
        assert_eq!(answer.header("cache-status"), MISS);
        assert!(answer.body == whole);
        let part = get_range(&app, &segment, &[("range", "bytes=-99")]).await;
        assert!((part.status, &part.body[..]) == (206, &whole[LENGTH - 99..]));
    }
    assert_eq!(on_disk(&app), (vec![], vec![]));
}

#[tokio::test]
async fn file_without_length_passes_through_whole_and_uncached() {
    let (app, segment, whole) = start().await;
    let unannounced = Fault::Truncated(Truncation::CleanChunks(100));
    app.telegram.fault(Target::Kind(RequestKind::File), unannounced, Repeat::Times(1));
    let answer = get_range(&app, &segment, &[("range", "bytes=5-")]).await;
    assert_eq!((answer.status, answer.header("content-length")), (200, ""));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.body == whole);
    assert_eq!(on_disk(&app), (vec![], vec![]));
}
