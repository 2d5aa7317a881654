//! HTTP behaviour that readers rely on, in addition to `tests/it/http`.

use std::time::Duration;

use feedline::demo::{Fault, Repeat, Target};
use feedline::model::Format;

use crate::support::{START, TestApp};

/// Conformance: 7.1, 7.8
#[tokio::test]
async fn validators_are_quoted_and_in_past_without_expires() {
    let app = TestApp::start().await;
    let now = chrono::DateTime::parse_from_rfc3339(START).unwrap();
    for format in Format::ALL {
        let answer = app.get(&format!("/tidewater/{}", format.file_name())).await;
        let modified =
            chrono::DateTime::parse_from_rfc2822(answer.header("last-modified")).unwrap();
        assert!(modified <= now, "{format:?}");
        let etag = answer.header("etag");
        assert!(etag.len() > 4 && etag.starts_with('"') && etag.ends_with('"'), "{etag}");
        for forbidden in ["expires", "set-cookie", "pragma"] {
            assert_eq!(answer.header(forbidden), "", "{format:?}");
        }
        assert!(!answer.header("date").is_empty());
    }
}

/// Conformance: 7.6
#[tokio::test]
async fn outage_changes_neither_feed_bytes_nor_etag() {
    let app = TestApp::start().await;
    let before = app.get("/tidewater/rss.xml").await;
    let down = Fault::Status { code: 503, retry_after: None };
    app.telegram.fault(Target::Everything, down, Repeat::Always);
    app.pass(Duration::from_secs(3 * 60 * 60));
    let during = app.get("/tidewater/rss.xml").await;
    assert_eq!(during.status, 200);
    assert!(during.body == before.body);
    assert_eq!(during.header("etag"), before.header("etag"));
    assert!(
        during.header("cache-status").contains("detail=unreachable"),
        "{}",
        during.header("cache-status")
    );
    let cached =
        app.get_with("/tidewater/rss.xml", &[("if-none-match", before.header("etag"))]).await;
    assert_eq!(cached.status, 304);
    let unknown = app.get("/quiet_corner/rss.xml").await;
    assert_eq!(unknown.status, 502, "no feed is better than an empty one");
}

/// Conformance: 7.9
#[tokio::test]
async fn three_quick_requests_are_served_with_one_fetch() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        assert_eq!(app.get("/tidewater/rss.xml").await.status, 200);
    }
    assert_eq!(app.telegram.hits("/s/tidewater"), 1);
}

/// Conformance: 7.4, 7.11
#[tokio::test]
async fn unknown_urls_are_404_and_robots_txt_allows_feeds() {
    let app = TestApp::start().await;
    for path in ["/tidewater/rss", "/tidewater/feed.xml", "/-/nothing", "/a/b/c"] {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
    let robots = app.get("/robots.txt").await;
    for format in Format::ALL {
        let allowed = format!("Allow: /*/{}", format.file_name());
        assert!(robots.text().lines().any(|line| line == allowed), "{}", robots.text());
    }
}
