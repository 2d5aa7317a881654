//! A post's page: heading, versions, metadata for link previews.

use std::time::Duration;

use feedline::demo::message::{Quote, Reply};
use feedline::demo::{Channel, Message};
use feedline::model::ChannelName;
use scraper::Html;

use crate::support::{START, TestApp, attributes, browse, select, texts};

const HOUR: Duration = Duration::from_secs(60 * 60);

fn meta(html: &Html, property: &str) -> Vec<String> {
    attributes(html, &format!("head meta[property=\"og:{property}\"]"), "content")
}

#[tokio::test]
async fn post_page_heading_is_first_line_and_not_repeated() {
    let app = TestApp::start().await;
    for (text, heading, rest) in [
        ("Fog at last\nNothing to see.", "Fog at last", "Nothing to see."),
        ("**Fog at last**\n\nNothing to see.", "Fog at last", "Nothing to see."),
        ("Fog at last", "Fog at last", ""),
        ("Read [this](https://fog.example/) first\nThen go.", "Read this first", "Then go."),
    ] {
        let id = app.telegram.publish("tidewater", Message::text(text)).unwrap();
        let html = browse(&app, &format!("/tidewater/{id}")).await;
        assert_eq!(texts(&html, "h1"), [heading], "{text}");
        assert_eq!(texts(&html, ".content").concat(), rest, "{text}");
        assert_eq!(texts(&html, "article").concat().matches(heading).count(), 1, "{text}");
        assert_eq!(select(&html, "h1.heard").len(), 0);
    }
    // A first line that cannot be moved out of its context stays in the content, with a heading for screen readers.
    for text in ["> Fog at last\nsaid she", "#fog\nNothing to see."] {
        let id = app.telegram.publish("tidewater", Message::text(text)).unwrap();
        let html = browse(&app, &format!("/tidewater/{id}")).await;
        assert_eq!(select(&html, "h1.heard").len(), 1, "{text}");
        let (first, _) = text.split_once('\n').unwrap();
        assert!(texts(&html, ".content").concat().contains(first.trim_start_matches("> ")));
    }
}

#[tokio::test]
async fn post_page_shows_edit_time_and_earlier_versions() {
    let app = TestApp::start().await;
    let id = app.telegram.publish("tidewater", Message::text("The horn is on")).unwrap();
    let path = format!("/tidewater/{id}");
    browse(&app, "/tidewater").await;
    let fresh = browse(&app, &path).await;
    assert!(!texts(&fresh, ".facts").concat().contains("edit noticed"));
    assert!(select(&fresh, ".versions").is_empty());

    for text in ["The horn is off", "The horn is on again"] {
        app.pass(3 * HOUR);
        app.telegram.edit("tidewater", id.get(), text);
        browse(&app, "/tidewater").await;
    }
    let html = browse(&app, &path).await;
    assert_eq!(texts(&html, "h1"), ["The horn is on again"]);
    let facts = texts(&html, ".facts").concat();
    assert!(facts.contains("Published10 May 2026, 12:00 UTC"), "{facts}");
    assert!(facts.contains("Last edit noticed10 May 2026, 18:00 UTC"), "{facts}");
    let times = attributes(&html, ".facts time", "datetime");
    let minutes: Vec<&str> = times.iter().map(|time| &time[..16]).collect();
    assert_eq!(minutes, ["2026-05-10T12:00", "2026-05-10T18:00"]);
    assert_eq!(texts(&html, ".versions h2"), ["2 earlier versions"]);
    assert_eq!(
        texts(&html, ".versions summary"),
        [
            "10 May 2026, 15:00 UTC to 10 May 2026, 18:00 UTC",
            "10 May 2026, 12:00 UTC to 10 May 2026, 15:00 UTC"
        ]
    );
    assert_eq!(texts(&html, ".versions .content"), ["The horn is off", "The horn is on"]);
    assert_eq!(select(&html, ".versions details[open]").len(), 0);
    assert!(texts(&html, "article .meta").concat().contains("edited"));
}

#[tokio::test]
async fn earlier_versions_are_complete_but_bounded_in_number() {
    let app = TestApp::start().await;
    let id = app.telegram.publish("tidewater", Message::text("short")).unwrap();
    browse(&app, "/tidewater").await;
    for number in 0..6 {
        app.pass(3 * HOUR);
        let text = format!("Version {number}. {}", "Не видно ни зги. ".repeat(240));
        app.telegram.edit("tidewater", id.get(), &text);
        browse(&app, "/tidewater").await;
    }
    let html = browse(&app, &format!("/tidewater/{id}")).await;
    assert_eq!(texts(&html, ".versions h2"), ["5 earlier versions"], "as many as are kept");
    let shown = texts(&html, ".versions .content");
    assert!((2..5).contains(&shown.len()), "{}: as many as there is room for", shown.len());
    assert!(shown.iter().all(|text| text.trim_end().ends_with("зги.")), "each of them whole");
}

#[tokio::test]
async fn page_of_deleted_post_shows_notice() {
    let app = TestApp::with(|config| config.service.keeps_deleted = true).await;
    let id = app.telegram.publish("tidewater", Message::text("Spoken too soon")).unwrap();
    let path = format!("/tidewater/{id}");
    browse(&app, "/tidewater").await;
    app.telegram.delete("tidewater", id.get());
    for _ in 0..3 {
        app.pass(2 * HOUR);
        browse(&app, "/tidewater").await;
    }
    let html = browse(&app, &path).await;
    assert_eq!(texts(&html, "h1"), ["Spoken too soon"]);
    let notice = texts(&html, "article .notice").concat();
    assert_eq!(
        notice,
        "Telegram does not show this post any more (noticed 10 May 2026, 16:00 UTC)."
    );
}

#[tokio::test]
async fn open_graph_metadata_masks_spoilers() {
    let app = TestApp::start().await;
    let text = "The butler\nIt was ||the gardener|| all along.";
    let id = app.telegram.publish("tidewater", Message::text(text)).unwrap();
    let html = browse(&app, &format!("/tidewater/{id}")).await;
    assert_eq!(meta(&html, "type"), ["article"]);
    assert_eq!(meta(&html, "title"), ["The butler"]);
    assert_eq!(meta(&html, "url"), [format!("{}/tidewater/{id}", app.base)]);
    let said = "The butler It was ▒▒▒ all along.";
    assert_eq!(meta(&html, "description"), [said]);
    assert_eq!(attributes(&html, "head meta[name=description]", "content"), [said]);
    assert!(meta(&html, "image").is_empty());

    let photo = browse(&app, "/tidewater/61").await;
    assert_eq!(meta(&photo, "image"), [format!("{}/tidewater/61.jpg", app.base)]);
    let channel = browse(&app, "/tidewater").await;
    assert_eq!(meta(&channel, "type"), ["website"]);
    assert_eq!(meta(&channel, "image"), [format!("{}/tidewater/avatar.jpg", app.base)]);
    assert!(meta(&channel, "description").concat().starts_with("Notes from a lamp"));
    let canonical = attributes(&channel, "head link[rel=canonical]", "href");
    assert_eq!(canonical, [format!("{}/tidewater", app.base)]);
}

#[tokio::test]
async fn post_page_links_to_five_other_posts() {
    let app = TestApp::start().await;
    browse(&app, "/tidewater").await;
    let html = browse(&app, "/tidewater/60").await;
    let further = attributes(&html, ".further a", "href");
    let expected = [61, 59, 58, 57, 56].map(|id| format!("{}/tidewater/{id}", app.base));
    assert_eq!(further, expected, "the next, the previous, and three further ones");
    assert_eq!(texts(&html, ".further .small"), ["Newer", "Older"]);
}

/// Every response that shows parts of a post to readers who have not revealed its spoilers.
async fn glances(app: &TestApp, ids: &[u32]) -> Vec<(String, String)> {
    let mut paths: Vec<String> = Vec::new();
    for feed in ["rss.xml", "atom.xml", "feed.json"] {
        paths.push(format!("/pier/{feed}"));
        paths.push(format!("/pier+tidewater/{feed}"));
        paths.push(format!("/-/search/{feed}?q=lantern"));
    }
    paths.push("/-/search?q=lantern".to_owned());
    let mut shown = Vec::new();
    for path in paths {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        shown.push((path, answer.text().to_owned()));
    }
    for path in ids.iter().map(|id| format!("/pier/{id}")).chain(["/pier".to_owned()]) {
        let html = browse(app, &path).await;
        let metas = ["description", "title", "og:title", "og:description"];
        let metas = metas.map(|name| {
            attributes(
                &html,
                &format!("head meta[name='{name}'], head meta[property='{name}']"),
                "content",
            )
            .concat()
        });
        shown.push((
            path,
            format!(
                "{}{}{}",
                metas.concat(),
                texts(&html, "title").concat(),
                texts(&html, ".reply").concat()
            ),
        ));
    }
    shown
}

#[tokio::test]
async fn quotation_hides_spoiler_found_later_in_original() {
    let app = TestApp::start().await;
    let mut channel = Channel::new(ChannelName::parse("pier").unwrap(), 4_242, "The Pier");
    let start = START.parse().unwrap();
    channel.publish(Message::text("||The keeper is a zyzzyva.||"), start);
    for number in 0..30 {
        channel.publish(Message::text(format!("Plank {number}.")), start);
    }
    let mut answer = Message::text("Who would have thought of that?");
    answer.reply = Some(Reply {
        path: "pier/1".to_owned(),
        title: "The Pier".to_owned(),
        quote: Quote::Text("The keeper is a zyzzyva.".to_owned()),
        thumb: None,
    });
    channel.publish(answer, start);
    app.telegram.add(channel);
    let quoted = async |path: &str| {
        let answer = app.get(path).await;
        assert!(answer.text().contains("In reply to The Pier"), "{answer:?}");
        (answer.text().contains("zyzzyva"), answer.header("etag").to_owned())
    };
    assert!(quoted("/pier/rss.xml?limit=5").await.0, "nobody knows what is hidden");
    assert!(!quoted("/pier/rss.xml?limit=100").await.0, "the same answer shows the original");
    app.pass(HOUR * 2);
    let (is_shown, etag) = quoted("/pier/rss.xml?limit=5").await;
    assert!(!is_shown, "the archive has the original");
    app.pass(HOUR * 2);
    assert_eq!(quoted("/pier/rss.xml?limit=5").await, (false, etag));
}

#[tokio::test]
async fn spoilers_are_masked_everywhere_by_default() {
    let app = TestApp::start().await;
    let mut channel = Channel::new(ChannelName::parse("pier").unwrap(), 4_242, "The Pier");
    let start = START.parse().unwrap();
    let secret = "zyzzyva";
    let texts = [
        format!("||The lantern is a {secret}.||"),
        format!("A lantern.\n> The keeper is ||the {secret}||\n• and ||#{secret}||"),
        format!("||[The {secret}](https://{secret}.example/) and the lantern||"),
    ];
    let quoted = ["The lantern is a zyzzyva.", "A lantern. The keeper is the zyzz…", "the lantern"];
    let mut ids = Vec::new();
    for text in texts {
        ids.push(channel.publish(Message::text(text), start));
    }
    for (id, quote) in ids.clone().into_iter().zip(quoted) {
        let mut answer = Message::text("Who would have thought of that?");
        answer.reply = Some(Reply {
            path: format!("pier/{id}"),
            title: "The Pier".to_owned(),
            quote: Quote::Text(quote.to_owned()),
            thumb: None,
        });
        ids.push(channel.publish(answer, start));
    }
    app.telegram.add(channel);
    for (path, shown) in glances(&app, &ids).await {
        assert!(!shown.contains("zyzz"), "{path}: {shown}");
    }
    let rss = app.get("/pier/rss.xml").await;
    assert!(rss.text().contains("<title>Spoiler</title>"));
    assert!(!rss.text().contains("details"));
    let page = browse(&app, &format!("/pier/{}", ids[0])).await;
    assert!(page.html().contains(secret), "its own page shows it to those who ask");
    let etag = rss.header("etag").to_owned();
    app.telegram.delete("pier", ids[1]);
    for _ in 0..3 {
        app.pass(HOUR * 2);
        let later = app.get("/pier/rss.xml").await;
        assert!(!later.text().contains("zyzz"), "it stays hidden though the original is gone");
    }
    let gone = app.get("/pier/rss.xml").await;
    assert_ne!(gone.header("etag"), etag);
    app.pass(HOUR * 2);
    assert_eq!(app.get("/pier/rss.xml").await.header("etag"), gone.header("etag"));
}
