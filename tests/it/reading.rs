//! A post's page: heading, versions, what others show of it.

use std::time::Duration;

use feedline::config::Deleted;
use feedline::demo::Message;
use scraper::Html;

use crate::app::TestApp;
use crate::page::{attributes, browse, select, texts};

const HOUR: Duration = Duration::from_secs(60 * 60);

fn meta(html: &Html, property: &str) -> Vec<String> {
    attributes(html, &format!("head meta[property=\"og:{property}\"]"), "content")
}

#[tokio::test]
async fn the_first_line_is_the_heading_and_is_not_repeated() {
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
    // What cannot be torn from what stands around it is heard, and seen where it stands.
    for text in ["> Fog at last\nsaid she", "#fog\nNothing to see."] {
        let id = app.telegram.publish("tidewater", Message::text(text)).unwrap();
        let html = browse(&app, &format!("/tidewater/{id}")).await;
        assert_eq!(select(&html, "h1.heard").len(), 1, "{text}");
        let (first, _) = text.split_once('\n').unwrap();
        assert!(texts(&html, ".content").concat().contains(first.trim_start_matches("> ")));
    }
}

#[tokio::test]
async fn a_posts_page_tells_when_an_edit_was_noticed_and_what_was_there_before() {
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
async fn earlier_versions_are_whole_but_bounded() {
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
async fn a_post_that_telegram_does_not_show_any_more_says_so() {
    let app = TestApp::with(|config| config.archive.deleted = Deleted::Keep).await;
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
async fn what_others_show_of_a_page_hides_what_its_author_hid() {
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
async fn a_posts_page_leads_on_to_five_others() {
    let app = TestApp::start().await;
    browse(&app, "/tidewater").await;
    let html = browse(&app, "/tidewater/60").await;
    let further = attributes(&html, ".further a", "href");
    let expected = [61, 59, 58, 57, 56].map(|id| format!("{}/tidewater/{id}", app.base));
    assert_eq!(further, expected, "the next, the previous, and three further ones");
    assert_eq!(texts(&html, ".further .small"), ["Newer", "Older"]);
}
