//! Filtered feeds use the whole archive, and are the same in every format and on the page.

use chrono::{DateTime, TimeDelta, Utc};
use feedline::config::Config;
use feedline::demo::{Channel, Message};
use feedline::model::{ChannelSet, Source};
use tempfile::TempDir;

use crate::support::{Answer, HOUR, START, TestApp, ids, name, planks};

/// Adds a channel with hourly posts, the last one published now. Every `marked`th, from the first on, has the hashtag
/// `#rare`.
fn add(app: &TestApp, at: &str, number: u64, posts: i64, marked: i64) {
    let now: DateTime<Utc> = START.parse().unwrap();
    let mut channel = Channel::new(name(at), number, at);
    for post in 1..=posts {
        let mark = if (post - 1) % marked == 0 { " #rare" } else { "" };
        let text = format!("Plank {post} of the {at}.{mark}");
        channel.publish(Message::text(text), now - TimeDelta::hours(posts - post));
    }
    app.telegram.add(channel);
}

async fn pier(posts: i64, marked: i64) -> TestApp {
    let app = TestApp::start().await;
    add(&app, "pier", 4_242, posts, marked);
    app
}

/// The ids of the posts on a page, from their URLs.
fn on_page(app: &TestApp, page: &Answer) -> Vec<String> {
    assert_eq!(page.status, 200, "{page:?}");
    let posts = page.text().split("<article").skip(1);
    let address = format!("href=\"{}/", app.base);
    let id = |post: &str| {
        let links = post.split(&address).skip(1).filter_map(|rest| rest.split('"').next());
        let is_post =
            |link: &&str| link.split_once('/').is_some_and(|(_, id)| id.parse::<u32>().is_ok());
        links.into_iter().find(is_post).unwrap().to_owned()
    };
    posts.map(id).collect()
}

#[tokio::test]
async fn filter_selects_same_posts_in_all_formats_page_and_builder() {
    for query in [
        "tag=yearbook",
        "kind=voice",
        "kind=-text",
        "include=lamp",
        "exclude=lamp",
        "forwards=only",
        "forwards=none",
        "replies=only",
        "replies=none",
        "ads=none",
        "tag=tides&exclude=lamp",
        "q=lamp&replies=none",
    ] {
        let app = TestApp::start().await;
        let json = app.get(&format!("/tidewater/feed.json?{query}")).await;
        let found = ids(&json);
        assert!(!found.is_empty(), "{query}");
        let full = ids(&app.get(&format!("/tidewater/feed.json?{query}&limit=500")).await);
        assert_eq!(found, full[..full.len().min(50)], "{query}");
        for feed in ["rss.xml", "atom.xml"] {
            let answer = app.get(&format!("/tidewater/{feed}?{query}")).await;
            assert_eq!(ids(&answer), found, "{query} {feed}");
        }
        let page = app.browse(&format!("/tidewater?{query}")).await;
        let shown = on_page(&app, &page);
        assert!(found.starts_with(&shown), "{query}: {shown:?} of {found:?}");
        assert!(shown.len() == found.len().min(20) || page.text().contains("rel=\"next\""));
        let matches = match found.len() {
            1 => "1 of the last ".to_owned(),
            many => format!("{many} of the last "),
        };
        assert!(page.text().contains(&matches), "{query}: {matches}");
    }
}

#[tokio::test]
async fn filter_fetches_at_most_three_older_pages_per_request() {
    let app = pier(150, 50).await;
    for (found, hits) in [(planks([101].into_iter()), 4), (planks([51, 101].into_iter()), 7)] {
        assert_eq!(ids(&app.get("/pier/feed.json?tag=rare").await), found);
        assert_eq!(app.telegram.hits("/s/pier"), hits);
    }
    let all = planks([1, 51, 101].into_iter());
    for feed in ["feed.json", "rss.xml", "atom.xml", "feed.json"] {
        assert_eq!(ids(&app.get(&format!("/pier/{feed}?tag=rare")).await), all, "{feed}");
    }
    assert_eq!(app.telegram.hits("/s/pier"), 8, "the first post is reached");
}

#[tokio::test]
async fn filter_without_match_fetches_at_most_a_thousand_posts() {
    let app = pier(1500, 1500).await;
    for visit in 1..=30 {
        let before = app.telegram.hits("/s/pier");
        assert_eq!(ids(&app.get("/pier/feed.json?tag=nothing").await).len(), 0);
        assert!(app.telegram.hits("/s/pier") - before <= 4, "{visit}");
    }
    let hits = app.telegram.hits("/s/pier");
    assert_eq!(hits, 50, "the newest page and 49 of history, 20 posts each");
    app.browse("/pier?tag=nothing").await;
    app.get("/pier/rss.xml?tag=nothing").await;
    assert_eq!(app.telegram.hits("/s/pier"), hits);
}

#[tokio::test]
async fn filter_searches_whole_archive_during_outage() {
    let folder = TempDir::new().unwrap();
    let mut app = TestApp::with(|config| {
        config.archive.path = Some(folder.path().join("feedline.db"));
        config.service.client_burst = 1000;
    })
    .await;
    add(&app, "pier", 4_242, 2500, 2500);
    // More history than a filter fetches by itself.
    for before in (1..=2500).rev().step_by(50) {
        app.get(&format!("/pier/feed.json?before={before}")).await;
    }
    app.pass(HOUR * 30);
    app.restart().await;
    app.break_telegram();
    assert_eq!(ids(&app.get("/pier/feed.json?tag=rare").await), ["pier/1"]);
    let page = app.browse("/pier?tag=rare").await;
    assert!(page.text().contains("1 of the last 2500 posts match"), "{}", page.text());
    let many = ids(&app.get("/pier/feed.json?exclude=plank+2..0").await);
    assert_eq!(many.len(), 50, "no more than a feed holds");
    app.stop().await;
}

#[tokio::test]
async fn filter_finds_archived_posts_behind_gap() {
    let folder = TempDir::new().unwrap();
    let mut app = TestApp::with(|config| {
        config.archive.path = Some(folder.path().join("feedline.db"));
        config.service.backfill_pages = 0;
    })
    .await;
    add(&app, "pier", 4_242, 20, 20);
    assert_eq!(ids(&app.get("/pier/feed.json?tag=rare").await), ["pier/1"]);
    for number in 21..=200 {
        app.telegram.publish("pier", format!("Plank {number} of the pier.").as_str()).unwrap();
    }
    app.pass(HOUR * 2);
    app.restart().await;
    let hits = app.telegram.hits("/s/pier");
    let answer = app.get("/pier/feed.json?tag=rare").await;
    assert_eq!(ids(&answer), ["pier/1"], "posts between are still to be fetched");
    assert_eq!(app.telegram.hits("/s/pier") - hits, 4);
    app.stop().await;
}

#[tokio::test]
async fn failed_history_fetch_keeps_filtered_feed() {
    let app = TestApp::with(collection).await;
    add(&app, "pier", 4_242, 150, 15);
    add(&app, "quay", 4_243, 150, 15);
    for path in ["/pier", "/quay", "/pier+quay", "/-/collections/harbour"] {
        app.get(&format!("{path}/feed.json")).await;
    }
    app.break_telegram();
    for path in ["/pier", "/pier+quay", "/-/collections/harbour"] {
        for (query, found) in [("tag=rare", true), ("tag=nothing", false)] {
            let answer = app.get(&format!("{path}/feed.json?{query}")).await;
            assert_eq!(!ids(&answer).is_empty(), found, "{path} {query}");
            let status = answer.header("cache-status");
            assert!(status.ends_with("; detail=unreachable"), "{path} {query}: {status}");
            let control = answer.header("cache-control");
            assert!(control.starts_with("public, max-age=60, "), "{path} {query}: {control}");
            let page = app.browse(&format!("{path}?{query}")).await;
            assert_eq!(!on_page(&app, &page).is_empty(), found, "{path} {query}");
        }
        // With an explicit limit the feed needs older posts, and these cannot be fetched.
        assert_eq!(app.get(&format!("{path}/feed.json?tag=nothing&limit=9")).await.status, 502);
    }
}

#[tokio::test]
async fn filtered_feed_has_matches_of_last_day_up_to_300() {
    let app = pier(20, 1).await;
    app.get("/pier/feed.json").await;
    for _ in 0..4 {
        for _ in 0..90 {
            app.telegram.publish("pier", "Another plank. #rare").unwrap();
        }
        app.pass(HOUR);
        assert_eq!(app.get("/pier/feed.json").await.status, 200);
    }
    let found = ids(&app.get("/pier/feed.json?tag=rare").await);
    assert_eq!((found.len(), found[0].as_str()), (300, "pier/380"));
}

fn collection(config: &mut Config) {
    let harbour = Source::collection("harbour", None, ChannelSet::parse("pier+quay").unwrap());
    config.web.collections.insert("harbour".to_owned(), harbour);
}

#[tokio::test]
async fn filtered_merged_feeds_include_history() {
    for path in ["/pier+quay", "/-/collections/harbour"] {
        let app = TestApp::with(collection).await;
        add(&app, "pier", 4_242, 70, 50);
        add(&app, "quay", 4_243, 45, 30);
        let all = ["quay/31", "pier/51", "quay/1", "pier/1"];
        // One page of history for each channel, and three when the other channel is known back to its first post.
        for feed in ["feed.json", "rss.xml", "atom.xml", "feed.json"] {
            let answer = app.get(&format!("{path}/{feed}?tag=rare")).await;
            assert!(ids(&answer).len() >= 2, "{path}");
        }
        let hits = app.telegram.total();
        for feed in ["feed.json", "rss.xml", "atom.xml"] {
            let answer = app.get(&format!("{path}/{feed}?tag=rare")).await;
            assert_eq!(ids(&answer), all, "{path}");
        }
        let page = app.browse(&format!("{path}?tag=rare")).await;
        assert_eq!(on_page(&app, &page), all, "{path}");
        assert!(page.text().contains("4 of the last 115 posts match"), "{}", page.text());
        assert_eq!(app.telegram.total(), hits, "all is known");
    }
}

#[tokio::test]
async fn paging_of_merged_filter_without_match_ends() {
    let app = TestApp::with(collection).await;
    add(&app, "pier", 4_242, 130, 130);
    add(&app, "quay", 4_243, 90, 90);
    let mut path = "/pier+quay/feed.json?tag=nothing".to_owned();
    for _ in 0..20 {
        let answer = app.get(&path).await;
        assert_eq!(ids(&answer).len(), 0);
        let Some(next) = answer.json()["next_url"].as_str().map(str::to_owned) else { return };
        path = next.strip_prefix(&app.base).unwrap().to_owned();
    }
    panic!("it goes on at {path}");
}

#[tokio::test]
async fn search_with_filter_finds_post_far_back() {
    let app = pier(600, 600).await;
    for _ in 0..10 {
        app.get("/pier/feed.json?limit=500&tag=nothing").await;
    }
    let asked = "q=plank&tag=rare";
    for feed in ["feed.json", "rss.xml", "atom.xml"] {
        for path in ["/-/search", "/pier", "/pier+quiet_corner"] {
            let answer = app.get(&format!("{path}/{feed}?{asked}")).await;
            assert_eq!(ids(&answer), ["pier/1"], "{path}/{feed}");
        }
    }
    for path in ["/-/search", "/pier"] {
        let page = app.browse(&format!("{path}?{asked}")).await;
        assert!(page.text().contains("Plank 1 of the pier.") || page.text().contains("/pier/1\""));
    }
}
