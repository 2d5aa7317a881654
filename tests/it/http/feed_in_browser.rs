//! A feed in a browser: the same bytes, with feedline's stylesheet.

use crate::support::TestApp;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

const FEEDS: [(&str, &str); 6] = [
    ("/tidewater/rss.xml", "application/rss+xml; charset=utf-8"),
    ("/tidewater/atom.xml", "application/atom+xml; charset=utf-8"),
    ("/tidewater+telegram/rss.xml", "application/rss+xml; charset=utf-8"),
    ("/tidewater+telegram/atom.xml?limit=5", "application/atom+xml; charset=utf-8"),
    ("/-/search/rss.xml?q=fog", "application/rss+xml; charset=utf-8"),
    ("/tidewater/rss.xml?tag=tides", "application/rss+xml; charset=utf-8"),
];

#[tokio::test]
async fn browser_gets_feed_as_xml_with_stylesheet() {
    let app = TestApp::start().await;
    for (path, media_type) in FEEDS {
        // A cache miss, then a hit.
        for _ in 0..2 {
            let opened = app.get_with(path, &[("accept", BROWSER)]).await;
            let read = app.get_with(path, &[("accept", "*/*")]).await;
            assert_eq!((opened.status, read.status), (200, 200), "{path}");
            assert_eq!(opened.body, read.body, "{path}");
            assert_eq!(opened.header("content-type"), "application/xml; charset=utf-8");
            assert_eq!(read.header("content-type"), media_type, "{path}");
            assert_eq!(opened.header("vary"), "Accept, Accept-Encoding");
            assert_eq!(read.header("vary"), "Accept-Encoding", "readers share one answer");
            for header in ["etag", "cache-control", "last-modified"] {
                assert_eq!(opened.header(header), read.header(header), "{path} {header}");
            }
            let policy = opened.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; style-src 'self'; "), "{policy}");
            assert_eq!(read.header("content-security-policy"), "");
            let headers = [("accept", BROWSER), ("if-none-match", read.header("etag"))];
            let known = app.get_with(path, &headers).await;
            assert_eq!((known.status, known.body.len()), (304, 0), "{path}");
            assert_eq!(known.header("vary"), "Accept, Accept-Encoding");
        }
    }
    let json = app.get_with("/tidewater/feed.json", &[("accept", BROWSER)]).await;
    assert_eq!(json.header("content-type"), "application/feed+json; charset=utf-8");
    assert_eq!(json.header("vary"), "Accept-Encoding");
}

#[tokio::test]
async fn reader_accepting_html_and_feeds_is_not_treated_as_browser() {
    let app = TestApp::start().await;
    let accept = "application/xml, application/atom+xml, application/rss+xml, text/html, */*;q=0.9";
    for _ in 0..2 {
        let answer = app.get_with("/tidewater/rss.xml", &[("accept", accept)]).await;
        assert_eq!(answer.header("content-type"), "application/rss+xml; charset=utf-8");
    }
}

#[tokio::test]
async fn feed_links_to_localised_stylesheet() {
    let app = TestApp::start().await;
    for (path, _) in FEEDS {
        let answer = app.get(path).await;
        let begin = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><?xml-stylesheet type=\"text/css\" href=\"{}/-/feed.css\"?><",
            app.base
        );
        assert!(answer.text().starts_with(&begin), "{path}: {}", &answer.text()[..160]);
    }
    for (language, notice) in [
        ("en", "This is a feed: copy its address into your reader."),
        ("ru", "Это лента: скопируйте её адрес в свою читалку."),
    ] {
        let style = app.get_with("/-/feed.css", &[("accept-language", language)]).await;
        assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
        assert_eq!(style.header("vary"), "Accept-Language");
        assert_eq!(style.header("cache-control"), "public, max-age=86400");
        assert!(style.text().contains(notice), "{language}");
        assert!(style.body.len() < 4096, "{} bytes", style.body.len());
    }
}
