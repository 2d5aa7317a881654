//! The box of the start page: the preview before a subscription.

use std::time::Duration;

use feedline::demo::{Fault, Repeat, Target};
use feedline::model::ChannelName;

use crate::support::{Answer, TestApp, attributes, browse, page, select, texts};

async fn russian(app: &TestApp, path: &str) -> Answer {
    app.get_with(path, &[("accept", "text/html"), ("accept-language", "ru")]).await
}

#[tokio::test]
async fn start_form_previews_three_posts_and_feed_urls() {
    let app = TestApp::start().await;
    let html = browse(&app, "/?channel=%40tidewater").await;
    assert_eq!(app.telegram.total(), 1, "it was fetched, once");
    assert_eq!(texts(&html, "h1"), ["Tidewater Light"]);
    assert_eq!(texts(&html, ".lead"), ["Copy this address into your reader:"]);
    let expected =
        ["rss.xml", "atom.xml", "feed.json"].map(|file| format!("{}/tidewater/{file}", app.base));
    assert_eq!(texts(&html, ".feeds code.copy"), expected);
    assert_eq!(attributes(&html, ".reader a", "href"), [format!("feed:{}", expected[0])]);
    assert_eq!(attributes(&html, "head link[rel=alternate]", "href"), expected);

    let feed = app.get("/tidewater/feed.json").await;
    let newest: Vec<String> =
        feed.ids().iter().take(3).map(|id| format!("{}/{id}", app.base)).collect();
    assert_eq!(attributes(&html, "article .meta a:first-child", "href"), newest);
    assert_eq!(attributes(&html, ".paging a", "href"), [format!("{}/tidewater", app.base)]);
    assert_eq!(select(&html, "form textarea").len(), 1, "and the box for the next one");
    assert_eq!(app.telegram.total(), 1);
}

#[tokio::test]
async fn start_form_shows_refusal_with_advice() {
    let app = TestApp::start().await;
    for (pasted, status, english, russian_reason) in [
        ("@nobody_here", 404, "There is no channel @nobody_here. ", "Канала @nobody_here нет. "),
        ("ada_merrow", 404, "@ada_merrow is a person", "@ada_merrow – человек, а не канал. "),
        ("harbour_bell_bot", 404, "is a bot", "@harbour_bell_bot – бот, а не канал. "),
        ("tidewater_harbour", 404, "is a group", "@tidewater_harbour – группа, а не канал. "),
        ("closed_shutters", 404, "does not show its posts", "не показывает записи"),
        ("sunken_cargo", 404, "does not show @sunken_cargo", "не показывает здесь @sunken_cargo"),
        ("t.me/+AbCd", 400, "an invitation to a private chat", "закрытый канал или чат"),
    ] {
        let path = format!("/?channel={}", pasted.replace('@', "%40").replace('+', "%2B"));
        for (answer, reason) in
            [(app.browse(&path).await, english), (russian(&app, &path).await, russian_reason)]
        {
            assert_eq!((answer.status, answer.header("cache-control")), (status, "no-store"));
            let html = page(&path, &answer);
            assert_eq!(texts(&html, "#channel"), [pasted]);
            let message = texts(&html, "#refusal[role=alert]").concat();
            assert!(message.contains(reason), "{pasted}: {message}");
            assert!(
                message.trim_end().ends_with('.') && message.len() > reason.len() + 40,
                "{message}"
            );
        }
    }
    app.telegram.fault(
        Target::Everything,
        Fault::Status { code: 429, retry_after: Some(40) },
        Repeat::Always,
    );
    let answer = app.browse("/?channel=quiet_corner").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "40"));
    assert_eq!(texts(&page("/", &answer), "#channel"), ["quiet_corner"]);
}

#[tokio::test]
async fn start_form_does_not_fetch_denied_channel() {
    let deny = ChannelName::parse("tidewater").unwrap();
    let app = TestApp::with(|config| config.web.deny = vec![deny]).await;
    let answer = app.browse("/?channel=tidewater").await;
    assert_eq!(answer.status, 403);
    let message = texts(&page("/", &answer), "#refusal").concat();
    assert!(message.contains("its operator decides"), "{message}");
    let start = browse(&app, "/").await;
    assert!(!texts(&start, ".examples a").concat().contains("tidewater"));
    assert_eq!(app.telegram.total(), 0);
}

#[tokio::test]
async fn start_page_examples_are_followed_channels() {
    let names = ["tidewater", "Cha_Yu_Lun"].map(|name| ChannelName::parse(name).unwrap());
    let app = TestApp::with(|config| config.web.follow = names.to_vec()).await;
    let html = browse(&app, "/").await;
    let forms = ["@tidewater", "https://t.me/Cha_Yu_Lun", "telegram"];
    assert_eq!(texts(&html, ".examples a"), forms);
    for address in attributes(&html, ".examples a", "href") {
        let found = browse(&app, address.strip_prefix(&app.base).unwrap()).await;
        assert!(select(&found, "article").len() == 3, "{address}");
    }
}

#[tokio::test]
async fn start_page_table_shows_known_state_without_requests() {
    let names = ["tidewater", "nobody_here"].map(|name| ChannelName::parse(name).unwrap());
    let app = TestApp::with(|config| config.web.follow = names.to_vec()).await;
    app.quiet().await;
    let before = app.telegram.total();
    let answer = russian(&app, "/").await;
    let html = page("/", &answer);
    let titles = texts(&html, ".followed thead th");
    assert_eq!(titles, ["Канал", "Последняя запись", "Лента"]);
    let row = texts(&html, ".followed tbody tr:first-child").concat();
    for part in ["Tidewater Light", "@tidewater", "Fog lifting.", "10 мая 2026", "RSS"] {
        assert!(row.contains(part), "{part}: {row}");
    }
    let avatar = format!("{}/tidewater/avatar.jpg", app.base);
    assert_eq!(attributes(&html, ".followed img", "src"), [avatar]);
    assert_eq!(texts(&html, ".followed tbody tr:last-child bdi"), ["@nobody_here"]);
    assert_eq!(app.telegram.total(), before, "no request to Telegram for the start page");
}

#[tokio::test]
async fn page_of_missing_channel_lists_archived_posts() {
    let app = TestApp::start().await;
    browse(&app, "/tidewater").await;
    app.telegram.remove("tidewater");
    for _ in 0..3 {
        app.pass(Duration::from_secs(4 * 24 * 60 * 60));
        app.browse("/tidewater").await;
    }
    for path in ["/tidewater", "/tidewater/9999", "/?channel=tidewater"] {
        let answer = app.browse(path).await;
        assert!(matches!(answer.status, 404 | 410), "{path}: {}", answer.status);
        let html = page(path, &answer);
        let headings = texts(&html, "h2").concat();
        assert!(headings.contains("Archived posts of Tidewater Light"), "{path}: {headings}");
        let posts = attributes(&html, "h2 + .plain a", "href");
        assert!(posts.len() >= 10 && posts[0].starts_with(&format!("{}/tidewater/", app.base)));
    }
}
