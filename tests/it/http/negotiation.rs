//! Content negotiation: the response to a URL by `Accept`, by pasted links as paths, and by the operator's access
//! rules.

use feedline::model::ChannelName;
use scraper::{Html, Selector};

use crate::support::{Answer, TestApp};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// The text of a page's main element.
fn main(page: &Answer) -> String {
    let html = Html::parse_document(page.text());
    html.select(&Selector::parse("main").unwrap()).flat_map(|main| main.text()).collect()
}

#[tokio::test]
async fn channel_url_serves_page_unless_feed_is_preferred() {
    let app = TestApp::start().await;
    for (accept, file) in [
        (BROWSER, None),
        ("*/*", None),
        ("", None),
        ("text/html, application/rss+xml", None),
        ("application/rss+xml;q=0.5, */*", None),
        ("application/rss+xml", Some("rss.xml")),
        ("application/atom+xml, text/html;q=0.9", Some("atom.xml")),
        ("application/feed+json, application/json;q=0.9, */*;q=0.1", Some("feed.json")),
        (
            "application/atom+xml,application/rss+xml,application/xml;q=0.9,*/*;q=0.8",
            Some("rss.xml"),
        ),
    ] {
        let answer = app.get_with("/tidewater?tag=tides", &[("accept", accept)]).await;
        assert!(answer.header("vary").split(", ").any(|name| name == "Accept"), "{accept}");
        let Some(file) = file else {
            assert_eq!(answer.status, 200, "{accept}");
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{accept}");
            continue;
        };
        assert_eq!(answer.status, 302, "{accept}");
        let address = format!("{}/tidewater/{file}?tag=tides", app.base);
        assert_eq!(answer.header("location"), address, "the options go along");
        assert_eq!(app.get(&format!("/tidewater/{file}?tag=tides")).await.status, 200);
    }
}

/// Conformance: 7.5, 7.11
#[tokio::test]
async fn feed_url_ignores_accept_header() {
    let app = TestApp::start().await;
    for accept in
        ["application/json", "image/png", "text/html, application/rss+xml", "nonsense;;;,"]
    {
        let answer = app.get_with("/tidewater/rss.xml", &[("accept", accept)]).await;
        let media_type = answer.header("content-type");
        assert_eq!((answer.status, media_type), (200, "application/rss+xml; charset=utf-8"));
        assert_eq!(answer.header("vary"), "Accept-Encoding");
    }
}

#[tokio::test]
async fn refusal_is_html_for_browsers_and_problem_json_otherwise() {
    let app = TestApp::start().await;
    for (path, status, refusal, says) in [
        ("/nobody_here", 404, Some("not_found"), "There is no channel @nobody_here"),
        ("/nobody_here/rss.xml", 404, Some("not_found"), "There is no channel @nobody_here"),
        (
            "/ada_merrow/atom.xml",
            404,
            Some("not_a_channel"),
            "@ada_merrow is a person, not a channel",
        ),
        ("/harbour_bell_bot/rss.xml", 404, Some("not_a_channel"), "@harbour_bell_bot is a bot"),
        ("/tidewater_harbour", 404, Some("group"), "@tidewater_harbour is a group"),
        ("/sunken_cargo/atom.xml", 404, Some("blocked"), "does not show @sunken_cargo here"),
        ("/closed_shutters/feed.json", 404, Some("preview_off"), "does not show its posts outside"),
        ("/9lives/rss.xml", 400, Some("bad_name"), "Not the name of a channel"),
        ("/tidewater/rss.xml?kind=fish", 400, None, "A feed cannot be asked for this"),
        ("/tidewater/nothing.txt", 404, None, "No such page"),
        ("/-/nothing", 404, None, "No such page"),
        ("/a/b/c", 404, None, "No such page"),
        ("/tidewater/9999", 404, Some("not_found"), "There is no post 9999 in @tidewater"),
        ("/tidewater/9999.jpg", 404, Some("not_found"), "There is no post 9999 in @tidewater"),
    ] {
        let problem = app.get_with(path, &[("accept", "*/*")]).await;
        assert_eq!(problem.status, status, "{path}");
        assert_eq!(problem.header("content-type"), "application/problem+json; charset=utf-8");
        assert_eq!(problem.header("vary"), "Accept");
        let json = problem.json();
        assert_eq!(json["status"], status);
        assert_eq!(json["refusal"].as_str(), refusal, "{path}");
        assert!(json["title"].as_str().unwrap().contains(says), "{path}: {json}");
        let detail = json["detail"].as_str().unwrap();

        let page = app.browse(path).await;
        let vary = "Accept, Accept-Language";
        assert_eq!((page.status, page.header("vary")), (status, vary), "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let shown = main(&page);
        // For an invalid name, the page words the detail differently, so that it does not repeat the title.
        let is_told = refusal == Some("bad_name") || shown.contains(detail);
        assert!(shown.contains(says) && is_told, "{path}: {shown}");
    }
}

/// Conformance: 7.10
#[tokio::test]
async fn telegram_link_behind_host_redirects_to_channel() {
    let app = TestApp::start().await;
    for (path, there) in [
        ("/https://t.me/tidewater", "/tidewater"),
        ("/https:/t.me/tidewater", "/tidewater"),
        ("/http://telegram.me/s/tidewater", "/tidewater"),
        ("/https://t.me/tidewater/5?single", "/tidewater/5"),
        ("/t.me/tidewater", "/tidewater"),
        ("/telegram.dog/tidewater", "/tidewater"),
        ("/tidewater.t.me", "/tidewater"),
        ("/@tidewater", "/tidewater"),
        ("/%40tidewater", "/tidewater"),
        ("/s/tidewater", "/tidewater"),
        ("/s/tidewater/5", "/tidewater/5"),
        ("/tidewater/", "/tidewater"),
        ("//tidewater", "/tidewater"),
        ("/tidewater/?tag=tides&limit=5", "/tidewater?tag=tides&limit=5"),
        ("/tidewater/rss.xml/", "/tidewater/rss.xml"),
        ("/tidewater/feed.json/?limit=5", "/tidewater/feed.json?limit=5"),
        ("/tidewater/5/", "/tidewater/5"),
        ("/tg://resolve?domain=tidewater&post=5", "/tidewater/5"),
        ("/www.tg-me.com/us/Tidewater/com.tidewater/5", "/tidewater/5"),
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 302, "{path}");
        assert_eq!(answer.header("location"), format!("{}{there}", app.base), "{path}");
    }
    assert_eq!(app.telegram.total(), 0, "no request to Telegram");
}

#[tokio::test]
async fn non_channel_link_in_path_is_refused_with_reason() {
    let app = TestApp::start().await;
    for (path, reason) in [
        ("/https://t.me/+AbCdEf123", "an invitation to a private chat"),
        ("/+AbCdEf123", "an invitation to a private chat"),
        ("/t.me/joinchat/AbC", "an invitation to a private chat"),
        ("/joinchat/AbC", "an invitation to a private chat"),
        ("/t.me/c/1234567/5", "a private channel’s message"),
        ("/c/1234567/5", "a private channel’s message"),
        ("/c/1234567", "a private channel’s message"),
        ("/https://t.me/addstickers/Cats", "a set of stickers"),
        ("/https://t.me/proxy?server=x", "a proxy"),
        ("/share/url?url=x", "a share link"),
    ] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, &answer.json()["refusal"]), (400, &"bad_name".into()), "{path}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with(&format!("This link is {reason}")), "{path}: {detail}");
    }
    for path in ["/https://example.com/tidewater", "/blog/index.php", "/example.com/x/y"] {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
    assert_eq!(app.telegram.total(), 0, "no request to Telegram");
}

/// Conformance: 7.10
#[tokio::test]
async fn channel_name_in_any_case_serves_same_feed() {
    let app = TestApp::start().await;
    let feed = app.get("/tidewater/feed.json").await;
    for path in ["/TideWater/feed.json", "/TIDEWATER/feed.json"] {
        let other = app.get(path).await;
        assert_eq!((other.status, &other.body), (200, &feed.body), "no redirect, the same bytes");
    }
    assert_eq!(app.get("/TIDEwater").await.status, 200);
    assert_eq!(app.telegram.hits("/s/tidewater"), 1);
}

#[tokio::test]
async fn allow_and_deny_lists_restrict_channels() {
    let name = |name: &str| ChannelName::parse(name).unwrap();
    let app = TestApp::with(|config| {
        config.web.allow = vec![name("TideWater"), name("telegram")];
        config.web.deny = vec![name("telegram")];
    })
    .await;
    assert_eq!(app.get("/tidewater/rss.xml").await.status, 200);
    app.telegram.reset_counts();
    for path in [
        "/telegram/rss.xml",
        "/TELEGRAM",
        "/telegram/3",
        "/telegram/2.jpg",
        "/telegram/avatar.jpg",
        "/quiet_corner/feed.json",
        "/nobody_here",
    ] {
        let answer = app.get(path).await;
        assert_eq!(
            (answer.status, &answer.json()["title"]),
            (403, &"Not served here".into()),
            "{path}"
        );
        assert_eq!(app.browse(path).await.status, 403, "{path}");
    }
    assert_eq!(app.telegram.total(), 0, "no request to Telegram");
}
