//! Feeds over HTTP: validators, content encodings, caching and methods.

use std::io::Read as _;
use std::time::Duration;

use reqwest::Method;

use crate::support::TestApp;

const FEEDS: [(&str, &str); 3] = [
    ("/tidewater/rss.xml", "application/rss+xml; charset=utf-8"),
    ("/tidewater/atom.xml", "application/atom+xml; charset=utf-8"),
    ("/tidewater/feed.json", "application/feed+json; charset=utf-8"),
];

/// Conformance: 4.8, 7.1, 7.13, 7.14
#[tokio::test]
async fn feed_response_has_all_caching_headers() {
    let app = TestApp::start().await;
    for (path, media_type) in FEEDS {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), media_type);
        assert!(answer.header("etag").starts_with('"') && answer.header("etag").ends_with('"'));
        assert_eq!(
            answer.header("last-modified"),
            "Sun, 10 May 2026 11:35:27 GMT",
            "the newest post's date"
        );
        assert_eq!(answer.header("vary"), "Accept-Encoding");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-robots-tag"), "noindex");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        let control = answer.header("cache-control");
        assert!(control.starts_with("public, max-age=3600, stale-while-revalidate="), "{control}");
        assert!(answer.header("set-cookie").is_empty());
    }
    assert_eq!(app.telegram.hits("/s/tidewater"), 1, "one fetch serves all formats");
}

/// Conformance: 7.3
#[tokio::test]
async fn feed_known_to_client_is_answered_with_304() {
    let app = TestApp::start().await;
    for (path, _) in FEEDS {
        let first = app.get(path).await;
        let (etag, date) = (first.header("etag"), first.header("last-modified"));
        for headers in [
            vec![("if-none-match", etag)],
            vec![("if-modified-since", date)],
            vec![("if-none-match", etag), ("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT")],
        ] {
            let answer = app.get_with(path, &headers).await;
            assert_eq!(answer.status, 304, "{path} {headers:?}");
            assert!(answer.body.is_empty());
            for header in ["etag", "cache-control", "vary", "last-modified"] {
                assert_eq!(answer.header(header), first.header(header), "{header}");
            }
        }
        let other = app
            .get_with(path, &[("if-none-match", "\"other\""), ("if-modified-since", date)])
            .await;
        assert_eq!(other.status, 200, "a tag that differs decides");
    }
}

/// Conformance: 7.5
#[tokio::test]
async fn compressed_responses_have_own_etags_and_same_text() {
    let app = TestApp::start().await;
    let plain = app.get("/tidewater/rss.xml").await;
    let gzip = app.get_with("/tidewater/rss.xml", &[("accept-encoding", "gzip")]).await;
    let brotli = app.get_with("/tidewater/rss.xml", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(
        (gzip.header("content-encoding"), brotli.header("content-encoding")),
        ("gzip", "br")
    );
    let mut text = String::new();
    flate2::read::GzDecoder::new(&gzip.body[..]).read_to_string(&mut text).expect("gzip");
    assert_eq!(text, plain.text());
    let mut bytes = Vec::new();
    brotli::BrotliDecompress(&mut &brotli.body[..], &mut bytes).expect("Brotli");
    assert_eq!(bytes, plain.body);
    assert!(gzip.body.len() * 2 < plain.body.len() && brotli.body.len() < gzip.body.len());
    let tags = [plain.header("etag"), gzip.header("etag"), brotli.header("etag")];
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
    let same = [("accept-encoding", "gzip"), ("if-none-match", gzip.header("etag"))];
    assert_eq!(app.get_with("/tidewater/rss.xml", &same).await.status, 304);
    let crossed = [("accept-encoding", "gzip"), ("if-none-match", plain.header("etag"))];
    assert_eq!(app.get_with("/tidewater/rss.xml", &crossed).await.status, 200);
}

/// Conformance: 7.4
#[tokio::test]
async fn head_response_equals_get_without_body() {
    let app = TestApp::start().await;
    for path in ["/tidewater/rss.xml", "/tidewater", "/", "/robots.txt", "/-/icon.svg"] {
        let get = app.get(path).await;
        let head = app.request(Method::HEAD, path, &[]).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        for header in ["content-type", "content-length", "etag", "cache-control", "vary"] {
            assert_eq!(head.header(header), get.header(header), "{path} {header}");
        }
    }
    let etag = app.get("/tidewater/rss.xml").await.header("etag").to_owned();
    let head = app.request(Method::HEAD, "/tidewater/rss.xml", &[("if-none-match", &etag)]).await;
    assert_eq!(head.status, 304);
}

/// Conformance: 7.4
#[tokio::test]
async fn unsupported_methods_are_answered_with_405() {
    let app = TestApp::start().await;
    for path in ["/tidewater/rss.xml", "/tidewater", "/", "/-/healthy"] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = app.request(method.clone(), path, &[]).await;
            assert_eq!(
                (answer.status, answer.header("allow")),
                (405, "GET, HEAD"),
                "{method} {path}"
            );
            assert_eq!(answer.json()["title"], "Method not allowed");
        }
    }
    // RFC 9110, section 15.5.6: `Allow` lists all methods of the resource.
    let answer = app.request(Method::PUT, "/-/import", &[]).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, POST"));
    assert!(answer.json()["detail"].as_str().unwrap().contains("send it with POST"));
}

/// Conformance: 7.7
#[tokio::test]
async fn age_grows_while_max_age_stays_constant() {
    let app = TestApp::start().await;
    let first = app.get("/tidewater/rss.xml").await;
    assert_eq!(
        (first.header("age"), first.header("cache-status")),
        ("0", "feedline; fwd=miss; stored; ttl=3600")
    );
    app.pass(Duration::from_secs(600));
    let second = app.get("/tidewater/rss.xml").await;
    assert_eq!(second.header("age"), "600");
    assert_eq!(second.header("cache-control"), first.header("cache-control"));
    assert_eq!(second.header("cache-status"), "feedline; hit; ttl=3000");
    assert_eq!((second.body, app.telegram.hits("/s/tidewater")), (first.body, 1));
}

#[tokio::test]
async fn invalid_option_is_named_in_error() {
    let app = TestApp::start().await;
    for (path, detail) in [
        ("/tidewater/rss.xml?limt=5", "There is no option “limt”. Did you mean “limit”?"),
        (
            "/tidewater/rss.xml?limit=5000",
            "The option “limit” does not take “5000”: it takes a number of posts from 1 to 500.",
        ),
        ("/tidewater?kind=fish", "The option “kind” does not take “fish”"),
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json; charset=utf-8");
        let message = answer.json()["detail"].as_str().expect("a detail").to_owned();
        assert!(message.starts_with(detail), "{message}");
    }
    assert_eq!(app.telegram.total(), 0, "no request to Telegram");
    assert_eq!(
        app.get("/tidewater/rss.xml?utm_source=x&_=1&fbclid=2&gclid=3&ref=4&key=5").await.status,
        200
    );
}

#[tokio::test]
async fn etag_changed_by_compressing_proxy_still_matches() {
    let app = TestApp::start().await;
    for path in [
        "/tidewater/rss.xml",
        "/tidewater/atom.xml",
        "/tidewater/feed.json",
        "/tidewater+zenit_library/rss.xml",
        "/tidewater",
        "/tidewater/60",
        "/tidewater/12.mp4",
        "/tidewater/57-outline.svg",
        "/-/opml?channels=tidewater",
    ] {
        for encoding in ["identity", "gzip", "br"] {
            let first = app.get_with(path, &[("accept-encoding", "identity")]).await;
            assert_eq!(first.status, 200, "{path}");
            let plain = first.header("etag").trim_matches('"').to_owned();
            let ending = if encoding == "br" { "br" } else { "gzip" };
            for (tag, status) in [
                (format!("\"{plain}-{ending}\""), 304),
                (format!("W/\"{plain}-{ending}\""), 304),
                (format!("\"x-gzip\", \"{plain}-{ending}\""), 304),
                (format!("\"{plain}0-{ending}\""), 200),
            ] {
                let headers = [("accept-encoding", encoding), ("if-none-match", tag.as_str())];
                let again = app.get_with(path, &headers).await;
                assert_eq!(again.status, status, "{path} in {encoding}: {tag}");
            }
        }
    }
}
