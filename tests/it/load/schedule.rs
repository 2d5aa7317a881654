//! Refreshes ahead of demand in a whole feedline.

use std::time::Duration;

use feedline::config::Config;
use feedline::demo::{Fault, Message, OldName, Repeat, Target};
use feedline::model::{ChannelName, ChannelSet, Source};

use crate::support::{HOUR, MINUTE, TestApp, list};

const TIDEWATER: &str = "/tidewater/feed.json";
const LIST: &str = "/s/tidewater";

fn ahead(config: &mut Config) {
    (config.service.schedule.active_for, config.service.schedule.initial_posts) =
        (Duration::from_hours(72), 0);
}

fn following(names: &'static [&'static str]) -> impl FnOnce(&mut Config) {
    |config| {
        ahead(config);
        config.web.follow = names.iter().map(|name| ChannelName::parse(name).unwrap()).collect();
    }
}

#[tokio::test]
async fn hourly_reader_gets_fresh_feed_from_cache() {
    let app = TestApp::with(ahead).await;
    for hour in 0..6 {
        let before = app.telegram.hits(LIST);
        let answer = app.get(TIDEWATER).await;
        let is_hit = answer.header("cache-status").starts_with("feedline; hit; ttl=");
        let asked = app.telegram.hits(LIST) - before;
        if hour < 2 {
            assert!(!is_hit && asked == 1, "nothing is known of its rhythm yet");
        } else {
            assert!(is_hit && asked == 0, "{hour}: {}", answer.header("cache-status"));
            let age: u64 = answer.header("age").parse().unwrap();
            assert!(age <= 120, "{age}");
        }
        // Published at least two minutes before the next visit.
        app.pass_by(57 * MINUTE).await;
        let id = app.telegram.publish("tidewater", Message::text(format!("Hour {hour}."))).unwrap();
        app.pass_by(3 * MINUTE).await;
        if hour >= 2 {
            let answer = app.get(TIDEWATER).await;
            assert_eq!(answer.ids()[0], format!("tidewater/{id}"));
        }
    }
    assert!(app.telegram.hits(LIST) <= 7, "{}", app.telegram.hits(LIST));
    app.stop().await;
}

#[tokio::test]
async fn cache_hits_count_as_visits() {
    let app = TestApp::with(ahead).await;
    // A quarter of an hour between visits; all but the first find the snapshot fresh.
    app.telegram.clear_faults();
    let mut hits = 0;
    for _ in 0..12 {
        hits += u32::from(app.get(TIDEWATER).await.header("cache-status").contains("hit"));
        app.pass_by(15 * MINUTE).await;
    }
    assert!(hits >= 10, "{hits}");
    let asked = app.telegram.hits(LIST);
    assert!((4..=12).contains(&asked), "{asked} requests for twelve visits in three hours");
    app.stop().await;
}

#[tokio::test]
async fn refresh_ahead_stops_without_readers() {
    let app = TestApp::with(ahead).await;
    for _ in 0..4 {
        app.get(TIDEWATER).await;
        app.pass_by(HOUR).await;
    }
    let before = app.telegram.hits(LIST);
    app.pass_by(24 * 5 * HOUR).await;
    assert!(app.telegram.hits(LIST) <= before + 1, "at most the visit that was expected");
    app.stop().await;
}

#[tokio::test]
async fn active_for_zero_refreshes_only_followed_channels() {
    let app = TestApp::with(|config| {
        following(&["zenit_library"])(config);
        config.service.schedule.active_for = Duration::ZERO;
    })
    .await;
    for _ in 0..4 {
        app.get(TIDEWATER).await;
        app.pass_by(HOUR).await;
    }
    assert_eq!(app.telegram.hits(LIST), 4, "once a visit");
    assert!(app.telegram.hits("/s/zenit_library") >= 4);
    app.stop().await;
}

#[tokio::test]
async fn followed_channels_are_fetched_before_first_request() {
    let app = TestApp::with(following(&["tidewater", "ZENIT_library", "diwan_alrih"])).await;
    app.pass_by(MINUTE).await;
    for name in ["tidewater", "zenit_library", "diwan_alrih"] {
        assert_eq!(app.telegram.hits(&format!("/s/{name}")), 1, "{name}");
        let answer = app.get(&format!("/{name}/rss.xml")).await;
        assert!(answer.header("cache-status").starts_with("feedline; hit"), "{name}");
    }
    // Over a day, at most every five minutes and at least every hour.
    app.pass_by(24 * HOUR).await;
    for name in ["tidewater", "zenit_library", "diwan_alrih"] {
        let hits = app.telegram.hits(&format!("/s/{name}"));
        assert!((24..=300).contains(&hits), "{name}: {hits}");
        let answer = app.get(&format!("/{name}/rss.xml")).await;
        assert!(answer.header("cache-status").starts_with("feedline; hit"), "{name}");
    }
    app.stop().await;
}

#[tokio::test]
async fn collection_channels_are_followed_except_denied_ones() {
    let app = TestApp::with(|config| {
        ahead(config);
        let name = |name: &str| ChannelName::parse(name).unwrap();
        let channels = ChannelSet::parse("tidewater+zenit_library").unwrap();
        let sea = Source::collection("sea", None, channels);
        config.web.collections.insert("sea".to_owned(), sea);
        config.web.deny = vec![name("zenit_library")];
    })
    .await;
    app.pass_by(MINUTE).await;
    assert_eq!((app.telegram.hits(LIST), app.telegram.hits("/s/zenit_library")), (1, 0));
    app.stop().await;
}

#[tokio::test]
async fn failing_followed_channel_is_backed_off_and_recovers() {
    let app = TestApp::with(following(&["tidewater"])).await;
    app.pass_by(MINUTE).await;
    app.telegram.fault(
        list("tidewater"),
        Fault::Status { code: 500, retry_after: None },
        Repeat::Always,
    );
    let before = app.telegram.hits(LIST);
    app.pass_by(10 * HOUR).await;
    let hits = app.telegram.hits(LIST) - before;
    assert!((10..=40).contains(&hits), "{hits}: one more pause each time, up to an hour");
    let status = app.get("/-/status.json").await.json();
    assert_eq!(status["followed"][0]["refusal"], "unreachable");
    app.telegram.clear_faults();
    app.pass_by(2 * HOUR).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    let answer = app.get(TIDEWATER).await;
    assert!(answer.header("cache-status").starts_with("feedline; hit; ttl="));
    app.stop().await;
}

#[tokio::test]
async fn refresh_ahead_pauses_during_backoff() {
    let app = TestApp::with(following(&["tidewater", "zenit_library", "diwan_alrih"])).await;
    app.pass_by(MINUTE).await;
    app.telegram.fault(
        Target::Everything,
        Fault::Status { code: 429, retry_after: Some(3600) },
        Repeat::Always,
    );
    let before = app.telegram.total();
    app.pass(2 * HOUR);
    // The first request is throttled, and its back-off then applies to the other channels too.
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let asked = app.telegram.total() - before;
    assert!((1..=6).contains(&asked), "{asked}");
    let status = app.get("/-/status.json").await.json();
    assert!(status["telegram"]["outbound"][0]["cools_down"].as_u64().unwrap() > 3000, "{status}");
    let page = app.browse("/-/status").await;
    assert!(page.text().contains("Telegram asks us to slow down: nothing is fetched for 60 min."));
    app.stop().await;
}

#[tokio::test]
async fn renamed_followed_channel_is_followed_under_new_name() {
    let app = TestApp::with(following(&["tidewater"])).await;
    app.pass_by(MINUTE).await;
    let new = ChannelName::parse("tidewater_light").unwrap();
    assert!(app.telegram.rename("tidewater", new, OldName::Redirect));
    app.pass_by(3 * HOUR).await;
    let answer = app.get("/tidewater_light/feed.json").await;
    assert!(answer.header("cache-status").starts_with("feedline; hit"), "it is there already");
    let status = app.get("/-/status.json").await.json();
    assert_eq!(status["followed"][0]["name"], "tidewater_light");
    assert_eq!(status["followed"][0]["refusal"], serde_json::Value::Null);
    app.stop().await;
}

#[tokio::test]
async fn visit_times_survive_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feedline.db");
    let mut app = TestApp::with(|config| {
        ahead(config);
        config.archive.path = Some(path);
    })
    .await;
    for _ in 0..4 {
        app.get(TIDEWATER).await;
        app.pass_by(HOUR).await;
    }
    app.get(TIDEWATER).await;
    app.restart().await;
    for _ in 0..5000 {
        if app.service().outlook().channels > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(app.service().outlook().channels, 1, "{:?}", app.service().outlook());
    app.pass_by(HOUR).await;
    let before = app.telegram.hits(LIST);
    let answer = app.get(TIDEWATER).await;
    assert_eq!(app.telegram.hits(LIST), before, "it was renewed just before");
    assert!(answer.header("age").parse::<u64>().unwrap() <= 120, "{}", answer.header("age"));
    app.stop().await;
}

#[tokio::test]
async fn channel_visited_twice_gets_its_history() {
    let app = TestApp::with(|config| {
        (config.service.schedule.active_for, config.service.schedule.initial_posts) =
            (Duration::from_hours(72), 60);
    })
    .await;
    app.get(TIDEWATER).await;
    let before = app.telegram.total();
    app.pass_by(30 * MINUTE).await;
    assert_eq!(app.telegram.total(), before, "once is nothing");
    app.get(TIDEWATER).await;
    app.pass_by(10 * MINUTE).await;
    let total = app.telegram.total();
    let answer = app.get("/tidewater/feed.json?limit=60").await;
    // More than a page of Telegram.
    assert!(answer.ids().len() > 30, "{}", answer.ids().len());
    assert!(app.telegram.total() <= total + 1, "what is asked for is here already");
    app.stop().await;
}
