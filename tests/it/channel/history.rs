//! Beyond the newest page: limits, paging, gaps, search and tags.

use std::time::Duration;

use chrono::TimeDelta;
use feedline::demo::message::Body;
use feedline::demo::{Fault, Repeat, Truncation};

use crate::support::{
    Frozen, HOUR, MINUTE, TestApp, add_channel, all_pages, ids, list, next_page, planks,
};

/// `pier` with hourly posts, the last one published now.
async fn pier(posts: i64) -> TestApp {
    pier_with(posts, |_| {}).await
}

async fn pier_with(posts: i64, change: impl FnOnce(&mut feedline::config::Config)) -> TestApp {
    let app = TestApp::with(change).await;
    add_channel(&app, "pier", 4_242, posts, TimeDelta::hours(1));
    app
}

/// The ids of all posts except service messages, newest first.
fn said(app: &TestApp, channel: &str) -> Vec<String> {
    let channel = app.telegram.channel(channel).unwrap();
    let said = channel.messages.iter().filter(|one| !matches!(one.body, Body::ServiceMessage(_)));
    said.rev().map(|message| format!("{}/{}", channel.name, message.id)).collect()
}

/// Conformance: 5.1
#[tokio::test]
async fn feed_paging_reaches_first_post_without_repeat_or_loss() {
    for channel in ["tidewater", "zenit_library", "diwan_alrih", "Cha_Yu_Lun", "quiet_corner"] {
        for feed in ["feed.json", "rss.xml", "atom.xml", "feed.json?limit=7", "rss.xml?limit=1"] {
            let app = TestApp::start().await;
            let answers = all_pages(&app, &format!("/{channel}/{feed}")).await;
            assert!(answers.iter().all(|answer| answer.status == 200), "{channel} {feed}");
            let walked: Vec<String> = answers.iter().flat_map(ids).collect();
            assert_eq!(walked, said(&app, channel), "{channel} {feed}");
        }
    }
}

#[tokio::test]
async fn html_paging_reaches_first_post() {
    let app = pier(75).await;
    let answers = all_pages(&app, "/pier").await;
    let seen: usize = answers.iter().map(|answer| answer.text().matches("<article").count()).sum();
    assert_eq!((seen, answers.len()), (75, 4));
    for number in [1, 25, 26, 55, 56, 75] {
        let text = format!("Plank {number} of the pier.");
        assert_eq!(answers.iter().filter(|answer| answer.text().contains(&text)).count(), 1);
    }
}

#[tokio::test]
async fn paging_does_not_depend_on_telegrams_links() {
    let app = pier(75).await;
    app.telegram.fault(list("pier"), Fault::NoMoreLinks, Repeat::Always);
    let answers = all_pages(&app, "/pier/feed.json?limit=20").await;
    let walked: Vec<String> = answers.iter().flat_map(ids).collect();
    assert_eq!(walked, planks(1..=75));
}

#[tokio::test]
async fn large_limit_is_filled_over_several_requests() {
    let app = pier(150).await;
    assert_eq!(app.get("/pier/feed.json?limit=3").await.ids(), planks(148..=150));
    assert_eq!(app.telegram.hits("/s/pier"), 1);
    for (oldest, hits) in [(71, 4), (11, 7), (1, 8), (1, 8)] {
        let answer = app.get("/pier/feed.json?limit=500").await;
        assert_eq!(answer.ids(), planks(oldest..=150));
        assert_eq!(app.telegram.hits("/s/pier"), hits, "at most three pages for one answer");
        assert_eq!(next_page(&answer).is_some(), oldest > 1);
    }
    assert_eq!(app.get("/pier/feed.json?limit=60").await.ids(), planks(91..=150));
    assert_eq!(app.telegram.hits("/s/pier"), 8, "what is known is not asked for");
}

/// Conformance: 11.7
#[tokio::test]
async fn second_read_shows_no_older_posts_than_first() {
    let app = pier(150).await;
    let first = app.get("/pier/feed.json").await;
    assert_eq!(first.ids(), planks(131..=150));
    app.get("/pier/feed.json?limit=100").await;
    app.get("/pier/feed.json?before=131").await;
    assert_eq!(app.get("/pier/rss.xml").await.status, 200);
    assert_eq!(app.get("/pier/feed.json").await.ids(), first.ids());
    app.telegram.publish("pier", "Plank 151 of the pier.").unwrap();
    app.pass(HOUR * 2);
    assert_eq!(app.get("/pier/feed.json").await.ids(), planks(131..=151));
}

#[tokio::test]
async fn distant_page_is_fetched_once() {
    let app = pier(300).await;
    let far = app.get("/pier/feed.json?before=100").await;
    assert_eq!(far.ids(), planks(50..=99));
    assert_eq!(app.telegram.hits("/s/pier"), 4, "the newest page and three of history");
    assert_eq!(app.get("/pier/atom.xml?before=100").await.status, 200);
    app.browse("/pier?before=100").await;
    assert_eq!(app.telegram.hits("/s/pier"), 4);
    assert_eq!(next_page(&far).unwrap(), format!("{}/pier/feed.json?before=50", app.base));
    let none = app.get("/pier/feed.json?before=1").await;
    assert_eq!((none.status, none.ids().len(), next_page(&none)), (200, 0, None));
    let end = app.get("/pier/feed.json?before=4&limit=50").await;
    assert_eq!((end.ids(), next_page(&end)), (planks(1..=3), None));
}

#[tokio::test]
async fn gap_is_filled_up_to_backfill_pages() {
    for (pages, oldest, hits) in [(5, 1, 5), (2, 41, 4), (0, 81, 2)] {
        let app = pier_with(20, |config| config.service.backfill_pages = pages).await;
        assert_eq!(app.get("/pier/feed.json").await.ids(), planks(1..=20));
        for number in 21..=100 {
            app.telegram.publish("pier", format!("Plank {number} of the pier.").as_str()).unwrap();
        }
        app.pass(HOUR * 2);
        let feed = app.get("/pier/feed.json").await;
        assert_eq!(feed.ids(), planks(oldest..=100), "{pages}");
        assert_eq!(app.telegram.hits("/s/pier"), hits, "{pages}");
        let walked: Vec<String> =
            all_pages(&app, "/pier/feed.json?limit=20").await.iter().flat_map(ids).collect();
        assert_eq!(walked, planks(1..=100), "{pages}: nothing is lost to whoever walks back");
    }
}

#[tokio::test]
async fn feed_contains_all_posts_of_last_day() {
    let app = pier(20).await;
    app.get("/pier/feed.json").await;
    for hour in 1_u32..=6 {
        for _ in 0..30 {
            app.telegram.publish("pier", "Another plank of the pier.").unwrap();
        }
        app.pass(HOUR + MINUTE);
        let feed = app.get("/pier/feed.json").await;
        // The day ends with the newest post. Of the first twenty hourly posts, the older ones drop out.
        let oldest = hour.saturating_sub(4).max(1);
        assert_eq!(feed.ids(), planks(oldest..=20 + hour * 30), "{hour}");
    }
    let last = app.get("/pier/feed.json").await;
    for _ in 0..30 {
        app.pass(HOUR);
        let later = app.get("/pier/feed.json").await;
        assert_eq!(later.header("etag"), last.header("etag"), "silence moves nothing out");
    }
}

#[tokio::test]
async fn truncated_older_page_leaves_no_gap() {
    let app = pier(100).await;
    app.get("/pier/feed.json").await;
    app.telegram.fault(list("pier"), Fault::Truncated(Truncation::CleanChunks(60)), Repeat::Always);
    let answer = app.get("/pier/feed.json?limit=100").await;
    assert_eq!((answer.status, answer.ids()), (200, planks(81..=100)));
    assert!(answer.header("cache-status").ends_with("; detail=unreachable"), "{answer:?}");
    assert_eq!(
        next_page(&answer).unwrap(),
        format!("{}/pier/feed.json?limit=100&before=81", app.base)
    );
    let asked = app.telegram.total();
    let beyond = app.get("/pier/feed.json?before=81").await;
    assert_eq!((beyond.status, &beyond.json()["refusal"]), (502, &"unreachable".into()));
    assert_eq!(app.telegram.total(), asked, "the refusal is kept");
    app.telegram.clear_faults();
    app.pass(Duration::from_secs(31));
    app.get("/pier/feed.json?limit=80").await;
    assert_eq!(app.get("/pier/feed.json?limit=100").await.ids(), planks(1..=100));
}

#[tokio::test]
async fn history_fetch_times_out_like_cold_channel() {
    let time = Frozen::time();
    let app = pier_with(100, |config| config.net.timeout = Duration::from_secs(60)).await;
    app.get("/pier/feed.json").await;
    let _gate = app.telegram.hold(list("pier"));
    for (query, status) in [("limit=90", 200), ("before=50", 504), ("q=plank", 200)] {
        let path = format!("/pier/feed.json?{query}");
        let (answer, waited) = time.until(app.get(&path)).await;
        // The timeout of a cold channel, not the client's own timeout, which is 60 s here. Time advances in steps while
        // threads write the response, so the wait may be some seconds longer.
        assert!((18.0..30.0).contains(&waited.as_secs_f64()), "{query}: {waited:?}");
        assert_eq!(answer.status, status, "{query}: {answer:?}");
        let told = answer.header("cache-status").ends_with("; detail=timeout");
        assert_eq!(told, status == 200, "{query}: {answer:?}");
    }
}

#[tokio::test]
async fn search_merges_known_posts_with_telegrams_results() {
    let app = TestApp::start().await;
    let lists = |app: &TestApp| app.telegram.hits("/s/tidewater");
    let found = app.get("/tidewater/feed.json?q=lamp").await;
    assert_eq!(lists(&app), 2, "the newest page and the search");
    let oldest = found.ids().last().unwrap().clone();
    assert_eq!(oldest, "tidewater/3", "a post beyond the newest page");
    assert!(found.json()["items"].as_array().unwrap().iter().all(|item| {
        let text = format!("{} {}", item["title"], item["content_html"]);
        text.to_lowercase().contains("lamp")
    }));
    let newest = found.ids()[0].clone();
    for path in ["/tidewater/rss.xml?q=lamp", "/tidewater?q=lamp", "/tidewater/feed.json?q=LAMP"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    assert_eq!(lists(&app), 2);
    app.telegram.publish("tidewater", "The lamp is out. It was the fuse.").unwrap();
    app.pass(MINUTE * 61);
    let again = app.get("/tidewater/feed.json?q=lamp").await;
    assert_eq!((lists(&app), &again.ids()[1]), (4, &newest));
    let none = app.get("/tidewater/feed.json?q=aardvark").await;
    assert_eq!((none.status, none.ids().len(), lists(&app)), (200, 0, 5));
    assert!(app.get("/tidewater?q=aardvark").await.text().contains("no posts here that match"));
}

#[tokio::test]
async fn tag_filter_matches_any_script_and_case() {
    let app = TestApp::start().await;
    for (channel, tag, expected) in [
        ("tidewater", "TIDES", vec!["#tides"]),
        ("cha_yu_lun", "%E8%8C%B6", vec!["#茶"]),
        (
            "zenit_library",
            "%23%D0%90%D0%A1%D0%A2%D0%A0%D0%9E%D0%9D%D0%9E%D0%9C%D0%98%D0%AF",
            vec!["#астрономия"],
        ),
    ] {
        let feed = app.get(&format!("/{channel}/feed.json?limit=100&tag={tag}")).await;
        assert!(!feed.ids().is_empty(), "{channel} {tag}");
        for item in feed.json()["items"].as_array().unwrap() {
            let html = item["content_html"].as_str().unwrap();
            assert!(expected.iter().all(|tag| html.contains(tag)), "{html}");
        }
    }
    assert_eq!(app.get("/tidewater/feed.json?tag=nothing").await.ids().len(), 0);
}
