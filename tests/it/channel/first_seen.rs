//! The oldest post of a channel's plain feed is the oldest post of the first response to a reader.

use std::time::Duration;

use chrono::TimeDelta;
use feedline::config::Config;
use tempfile::TempDir;

use crate::support::{HOUR, TestApp, add_channel, etags, name, planks};

/// `pier` with a post every ten hours, and an archive on disk.
async fn pier(posts: i64, change: impl FnOnce(&mut Config)) -> (TestApp, TempDir) {
    let (app, folder) = TestApp::archived(change).await;
    add_channel(&app, "pier", 4_242, posts, TimeDelta::hours(10));
    (app, folder)
}

async fn ids(app: &TestApp, path: &str) -> Vec<String> {
    app.ok(path).await.ids()
}

/// Requests that load history but are not for the plain feed.
async fn look_around(app: &TestApp) {
    for path in ["/pier", "/pier?before=28", "/?channel=pier"] {
        assert_eq!(app.browse(path).await.status, 200, "{path}");
    }
    for path in ["limit=100", "before=31", "tag=nothing", "q=plank", "kind=text", "exclude=x"] {
        ids(app, &format!("/pier/feed.json?{path}")).await;
    }
}

#[tokio::test]
async fn first_read_of_archived_channel_returns_all_archived_posts() {
    for restarts in [false, true] {
        let (mut app, _folder) = pier(47, |_| {}).await;
        look_around(&app).await;
        if restarts {
            app.restart().await;
        }
        assert_eq!(ids(&app, "/pier/feed.json").await, planks(1..=47));
        let first = etags(&app, "pier").await;
        app.pass(HOUR * 5);
        assert_eq!(etags(&app, "pier").await, first);
        app.restart().await;
        app.pass(HOUR * 5);
        assert_eq!(etags(&app, "pier").await, first);
    }
}

#[tokio::test]
async fn repeated_read_shows_no_older_post_even_after_restart() {
    let (mut app, _folder) = pier(47, |_| {}).await;
    assert_eq!(ids(&app, "/pier/feed.json").await, planks(28..=47), "Telegram's newest page");
    let first = etags(&app, "pier").await;
    look_around(&app).await;
    assert_eq!(etags(&app, "pier").await, first);
    app.restart().await;
    assert_eq!(etags(&app, "pier").await, first);
    app.telegram.publish("pier", "Plank 48 of the pier.").unwrap();
    app.pass(HOUR * 5);
    assert_eq!(ids(&app, "/pier/feed.json").await, planks(28..=48));
    app.telegram.delete("pier", 40);
    for _ in 0..3 {
        app.pass(HOUR * 5);
        app.get("/pier/feed.json").await;
    }
    let left: Vec<u32> = (28..=48).filter(|number| *number != 40).collect();
    assert_eq!(ids(&app, "/pier/feed.json").await, planks(left.into_iter()));
    app.stop().await;
}

/// The feed is at its limit: its oldest post comes from the response, not from the archive.
#[tokio::test]
async fn deleted_post_is_not_replaced_by_older_one() {
    for limit in [10, 50] {
        let (mut app, _folder) = pier(80, |config| config.service.feed.window = limit).await;
        look_around(&app).await;
        let newest = 81 - u32::from(limit)..=80;
        assert_eq!(ids(&app, "/pier/feed.json").await, planks(newest.clone()));
        let first = etags(&app, "pier").await;
        app.pass(HOUR * 5);
        app.restart().await;
        assert_eq!(etags(&app, "pier").await, first, "{limit}");
        app.telegram.delete("pier", 75);
        for _ in 0..3 {
            app.pass(HOUR * 5);
            app.get("/pier/feed.json").await;
        }
        let left: Vec<u32> = newest.filter(|number| *number != 75).collect();
        assert_eq!(ids(&app, "/pier/feed.json").await, planks(left.into_iter()), "{limit}");
        app.stop().await;
    }
}

#[tokio::test]
async fn first_read_of_followed_channel_returns_fifty_posts() {
    for restarts in [false, true] {
        let (mut app, _folder) = pier(150, |config| {
            (config.service.schedule.active_for, config.service.schedule.initial_posts) =
                (Duration::from_hours(72), 100);
            config.web.follow = vec![name("pier")];
        })
        .await;
        app.pass_by(HOUR * 3).await;
        if restarts {
            app.restart().await;
        }
        assert_eq!(ids(&app, "/pier/feed.json").await, planks(101..=150), "{restarts}");
        let first = etags(&app, "pier").await;
        app.pass_by(HOUR * 3).await;
        assert_eq!(etags(&app, "pier").await, first);
        app.stop().await;
    }
}

#[tokio::test]
async fn large_first_answer_is_cut_and_is_the_limit_where_it_ends() {
    let (mut app, _folder) = pier(0, |_| {}).await;
    let text = "a long plank ".repeat(300);
    for number in 1..=20 {
        app.telegram.publish("pier", format!("{number} {text}").repeat(7).as_str()).unwrap();
    }
    let first = ids(&app, "/pier/feed.json").await;
    assert!(first.len() < 20, "more than 512 KiB: {}", first.len());
    let tags = etags(&app, "pier").await;
    app.restart().await;
    assert_eq!(etags(&app, "pier").await, tags);
    app.telegram.delete("pier", 18);
    app.telegram.delete("pier", 17);
    for _ in 0..3 {
        app.pass(HOUR * 5);
        app.get("/pier/feed.json").await;
    }
    let later = ids(&app, "/pier/feed.json").await;
    assert_eq!(later.len(), first.len() - 2);
    assert_eq!(later.last(), first.last());
    app.stop().await;
}

#[tokio::test]
async fn repeated_read_of_merged_feed_shows_no_older_post() {
    let (mut app, _folder) = pier(45, |_| {}).await;
    add_channel(&app, "quay", 4_243, 45, TimeDelta::hours(10));
    look_around(&app).await;
    // The archive has all posts of one channel, and only the newest page of the other.
    let first = ids(&app, "/pier+quay/feed.json").await;
    assert_eq!(first.len(), 50, "the window");
    let path = "/pier+quay/atom.xml";
    let tag = app.get(path).await.header("etag").to_owned();
    for feed in ["/quay/feed.json?limit=45", "/quay/feed.json?tag=nothing", "/pier/feed.json"] {
        ids(&app, feed).await;
    }
    for _ in 0..2 {
        assert_eq!(app.get(path).await.header("etag"), tag);
        app.restart().await;
    }
    app.pass(HOUR * 5);
    assert_eq!(app.get(path).await.header("etag"), tag);
    // The merged feed counts as a response for each of its channels.
    assert_eq!(ids(&app, "/pier/feed.json").await, planks(1..=45));
    assert_eq!(ids(&app, "/quay/feed.json").await.len(), 20);
    app.stop().await;
}
