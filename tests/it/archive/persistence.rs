//! Archived posts survive restarts, gaps, and their removal from Telegram's pages.

use std::time::Duration;

use chrono::TimeDelta;
use feedline::config::Config;
use feedline::demo::{Channel, Message, OldName};
use tempfile::TempDir;

use crate::support::{FEEDS, HOUR, MINUTE, TestApp, add_channel, etags, name, planks, start};

/// A feedline with an archive in a folder, and `pier` with hourly posts, the last one published now.
struct Kept {
    app: TestApp,
    folder: TempDir,
}

impl Kept {
    async fn pier(posts: i64) -> Self {
        Self::pier_with(posts, |_| {}).await
    }

    async fn pier_with(posts: i64, change: impl FnOnce(&mut Config)) -> Self {
        let (app, folder) = TestApp::archived(change).await;
        add_channel(&app, "pier", 4_242, posts, TimeDelta::hours(1));
        Self { app, folder }
    }

    async fn ids(&self, path: &str) -> Vec<String> {
        self.app.ok(path).await.ids()
    }

    async fn etags(&self) -> Vec<String> {
        etags(&self.app, "pier").await
    }

    fn asked(&self) -> u64 {
        self.app.telegram.hits("/s/pier")
    }

    /// Name, size and modification time of the archive's files.
    fn bytes_written(&self) -> Vec<(String, u64, std::time::SystemTime)> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| {
                let entry = entry.unwrap();
                let metadata = entry.metadata().unwrap();
                let name = entry.file_name().to_string_lossy().into_owned();
                (name, metadata.len(), metadata.modified().unwrap())
            })
            .filter(|(name, ..)| !name.ends_with("-shm"))
            .collect();
        files.sort();
        files
    }
}

#[tokio::test]
async fn restart_keeps_feed_bytes_without_upstream_requests() {
    let mut kept = Kept::pier(60).await;
    let first = kept.etags().await;
    let modified = kept.app.get("/pier/rss.xml").await.header("last-modified").to_owned();
    let asked = kept.asked();
    kept.app.pass(MINUTE * 3);
    kept.app.restart().await;
    assert_eq!(kept.etags().await, first);
    assert_eq!(kept.app.get("/pier/rss.xml").await.header("last-modified"), modified);
    assert_eq!(kept.asked(), asked, "the snapshot is alive still");
    kept.app.pass(HOUR * 2);
    kept.app.restart().await;
    assert_eq!(kept.etags().await, first, "fetched again, and nothing was said");
    assert!(kept.asked() > asked);
}

#[tokio::test]
async fn posts_beyond_newest_page_stay_in_feed() {
    let mut kept = Kept::pier(20).await;
    assert_eq!(kept.ids("/pier/feed.json").await.len(), 20);
    for number in 21..=45 {
        kept.app.pass(HOUR);
        kept.app
            .telegram
            .publish("pier", Message::text(format!("Plank {number} of the pier.")))
            .unwrap();
        if number % 6 == 0 {
            kept.ids("/pier/feed.json").await;
            kept.app.restart().await;
        }
    }
    kept.app.pass(HOUR);
    assert_eq!(kept.ids("/pier/feed.json").await, planks(1..=45));
}

#[tokio::test]
async fn outage_with_restart_loses_no_posts() {
    let mut kept = Kept::pier(20).await;
    let first = kept.ids("/pier/feed.json").await;
    kept.app.break_telegram();
    kept.app.pass(HOUR * 24 * 3);
    kept.app.restart().await;
    let answer = kept.app.get("/pier/feed.json").await;
    assert_eq!(answer.ids(), first);
    assert!(answer.header("cache-status").contains("detail=unreachable"), "{answer:?}");
    assert_eq!(kept.app.get("/pier/7").await.status, 200);
}

#[tokio::test]
async fn archived_pages_are_never_fetched_again() {
    let mut kept = Kept::pier(130).await;
    let pages =
        ["/pier/feed.json?before=111", "/pier/feed.json?before=61", "/pier/feed.json?before=11"];
    let mut first = Vec::new();
    for page in pages {
        first.push(kept.ids(page).await);
    }
    assert_eq!(first.concat(), planks(1..=110));
    kept.app.break_telegram();
    kept.app.restart().await;
    for (page, ids) in pages.iter().zip(&first) {
        assert_eq!(kept.ids(page).await, *ids, "{page}");
    }
    let last = kept.app.get(pages[2]).await;
    assert!(last.json().get("next_url").is_none(), "the first post is known to be reached");
}

#[tokio::test]
async fn edit_across_restart_is_dated_and_keeps_id() {
    let mut kept = Kept::pier(20).await;
    let first = kept.ids("/pier/feed.json").await;
    kept.app.restart().await;
    kept.app.telegram.edit("pier", 15, "Plank 15 was replaced.");
    kept.app.pass(HOUR * 2);
    let answer = kept.app.get("/pier/feed.json").await;
    assert_eq!(answer.ids(), first);
    let item = &answer.json()["items"][5];
    assert_eq!(item["date_modified"], "2026-05-10T14:00:00Z", "{item}");
    let after = kept.etags().await;
    kept.app.restart().await;
    kept.app.pass(HOUR * 2);
    assert_eq!(kept.etags().await, after, "it stays as it was first seen");
}

#[tokio::test]
async fn deletion_is_confirmed_across_restart_and_reverted_on_return() {
    let mut kept = Kept::pier(20).await;
    let all = kept.ids("/pier/feed.json").await;
    let message = kept.app.telegram.channel("pier").unwrap().message(15).unwrap().clone();
    kept.app.telegram.delete("pier", 15);
    kept.app.pass(HOUR * 2);
    assert_eq!(kept.ids("/pier/feed.json").await, all, "one page proves nothing");
    kept.app.restart().await;
    kept.app.pass(HOUR * 2);
    assert_eq!(kept.ids("/pier/feed.json").await.len(), 19);
    kept.app.restart().await;
    assert_eq!(kept.ids("/pier/feed.json").await.len(), 19, "it stays away");
    assert_eq!(kept.app.get("/pier/15").await.status, 404);
    kept.app.telegram.change("pier", |channel| {
        channel.messages.push(message);
        channel.messages.sort_by_key(|message| message.id);
    });
    kept.app.pass(HOUR * 2);
    assert_eq!(kept.ids("/pier/feed.json").await, all, "the same item again");
}

#[tokio::test]
async fn deleted_posts_stay_if_archive_deleted_is_keep() {
    let mut kept = Kept::pier_with(20, |config| config.service.keeps_deleted = true).await;
    let all = kept.ids("/pier/feed.json").await;
    kept.app.telegram.delete("pier", 15);
    for _ in 0..3 {
        kept.app.pass(HOUR * 2);
        kept.app.restart().await;
        assert_eq!(kept.ids("/pier/feed.json").await, all);
    }
}

#[tokio::test]
async fn rename_survives_restart_and_frees_old_name() {
    let mut kept = Kept::pier(20).await;
    let first = kept.ids("/pier/feed.json").await;
    kept.app.restart().await;
    kept.app.telegram.rename("pier", name("jetty"), OldName::Free);
    kept.app.pass(HOUR * 2);
    assert_eq!(kept.ids("/jetty/feed.json").await, first, "found by its number");
    kept.app.restart().await;
    let moved = kept.app.get("/pier/feed.json").await;
    assert_eq!(
        (moved.status, moved.header("location")),
        (302, "https://feeds.example/jetty/feed.json")
    );
    assert_eq!(kept.app.get("/pier/3").await.status, 200, "posts are found by either name");
    let mut other = Channel::new(name("pier"), 777, "Another Pier");
    other.publish(Message::text("Not the same."), start());
    kept.app.telegram.add(other);
    kept.app.pass(HOUR * 2);
    assert_eq!(kept.ids("/pier/feed.json").await, ["pier/1?channel=777"]);
    kept.app.restart().await;
    assert_eq!(kept.ids("/pier/feed.json").await, ["pier/1?channel=777"]);
    assert_eq!(kept.ids("/jetty/feed.json").await, first, "each its own");
}

#[tokio::test]
async fn gap_is_filled_by_paging_back() {
    let mut kept = Kept::pier_with(20, |config| config.service.backfill_pages = 1).await;
    kept.ids("/pier/feed.json").await;
    for number in 21..=140 {
        kept.app
            .telegram
            .publish("pier", Message::text(format!("Plank {number} of the pier.")))
            .unwrap();
    }
    kept.app.pass(HOUR * 2);
    kept.app.restart().await;
    let newest = kept.ids("/pier/feed.json").await;
    assert_eq!(newest, planks(101..=140), "two pages, and a gap behind them");
    let mut seen = newest;
    while let Some(last) =
        seen.last().and_then(|id| id.strip_prefix("pier/")).filter(|id| *id != "1")
    {
        let page = kept.ids(&format!("/pier/feed.json?before={last}")).await;
        assert!(!page.is_empty(), "before {last}");
        seen.extend(page);
    }
    assert_eq!(seen, planks(1..=140));
}

#[tokio::test]
async fn counter_changes_cause_no_writes() {
    // Visits are recorded too, and written to the archive; without refreshes ahead of demand they are not.
    let unlearnt = |config: &mut Config| config.service.schedule.active_for = Duration::ZERO;
    let kept = Kept::pier_with(20, unlearnt).await;
    kept.ids("/pier/feed.json").await;
    // The time of the last fetch is written at most once an hour, so more frequent fetches write nothing.
    let before = kept.bytes_written();
    for _ in 0..5 {
        kept.app.telegram.expire_files();
        kept.app.telegram.change("pier", |channel| {
            for message in &mut channel.messages {
                message.views = feedline::demo::message::Views::Count(99_000);
            }
        });
        kept.app.pass(MINUTE * 11);
        kept.ids("/pier/feed.json").await;
    }
    assert!(kept.asked() >= 2, "it was looked at");
    assert_eq!(kept.bytes_written(), before);
    kept.app.telegram.publish("pier", "A new plank.").unwrap();
    kept.app.pass(HOUR);
    kept.ids("/pier/feed.json").await;
    assert_ne!(kept.bytes_written(), before);
}

#[tokio::test]
async fn channel_missing_for_a_week_is_gone_and_recovers_at_once() {
    let mut kept = Kept::pier(20).await;
    let first = kept.ids("/pier/feed.json").await;
    let channel = kept.app.telegram.remove("pier").unwrap();
    for _ in 0..6 {
        kept.app.pass(HOUR * 24);
        let answer = kept.app.get("/pier/feed.json").await;
        assert_eq!((answer.status, answer.ids()), (200, first.clone()));
        kept.app.restart().await;
    }
    kept.app.pass(HOUR * 49);
    assert_eq!(kept.app.get("/pier/feed.json").await.status, 410);
    kept.app.restart().await;
    assert_eq!(kept.app.get("/pier/feed.json").await.status, 410);
    kept.app.telegram.add(channel);
    kept.app.pass(HOUR * 24);
    assert_eq!(kept.ids("/pier/feed.json").await, first);
}

#[tokio::test]
async fn old_post_page_has_neighbours_without_upstream_requests() {
    let mut kept = Kept::pier(130).await;
    // Each response fetches up to three pages of Telegram.
    kept.ids("/pier/feed.json?limit=120").await;
    assert_eq!(kept.ids("/pier/feed.json?limit=120").await.len(), 120);
    kept.app.break_telegram();
    kept.app.restart().await;
    let page = kept.app.browse("/pier/40").await;
    assert_eq!(page.status, 200);
    for (number, is_there) in [(41, true), (39, true), (36, true), (42, false), (35, false)] {
        let link = format!("https://feeds.example/pier/{number}\"");
        assert_eq!(page.text().contains(&link), is_there, "{number}: {}", page.text());
    }
}

#[tokio::test]
async fn q_option_searches_whole_archived_channel() {
    let mut kept = Kept::pier(60).await;
    kept.ids("/pier/feed.json?limit=60").await;
    kept.app.restart().await;
    let asked = kept.asked();
    // The fake Telegram's own search does not find this inflected form.
    let first = kept.app.get("/pier/feed.json?q=planks").await;
    assert_eq!(first.ids(), planks(11..=60));
    assert_eq!(kept.asked(), asked + 1, "Telegram's own search");
    let next = first.json()["next_url"].as_str().unwrap().replace("https://feeds.example", "");
    let second = kept.app.get(&next).await;
    assert_eq!((second.ids(), second.json().get("next_url")), (planks(1..=10), None));
    for (words, expected) in [
        ("%22plank+7%22", planks(7..=7)),
        ("plank+12+-60", planks(12..=12)),
        ("plank+-of", vec![]),
        ("plank+since:2099-01-01", vec![]),
    ] {
        assert_eq!(kept.ids(&format!("/pier/feed.json?q={words}")).await, expected, "{words}");
    }
    assert_eq!(kept.ids("/pier/feed.json?q=planks&exclude=plank+5").await.len(), 49);
    for feed in FEEDS {
        assert_eq!(kept.app.get(&format!("/pier/{feed}?q=planks")).await.status, 200, "{feed}");
    }
    assert_eq!(kept.asked(), asked + 5, "once an hour for the same words");
}

#[tokio::test]
async fn q_option_finds_archived_posts_during_outage() {
    let mut kept = Kept::pier(60).await;
    kept.ids("/pier/feed.json?limit=60").await;
    kept.app.pass(HOUR * 30);
    kept.app.restart().await;
    kept.app.break_telegram();
    let found = kept.app.get("/pier/feed.json?q=%22plank+3%22").await;
    assert_eq!((found.status, found.ids()), (200, planks(3..=3)));
    assert!(found.header("cache-status").contains("detail=unreachable"), "{found:?}");
    // An empty feed would claim that nothing matches.
    assert_eq!(kept.app.get("/pier/feed.json?q=anchor").await.status, 502);
}

#[tokio::test]
async fn posts_found_by_telegrams_search_are_archived() {
    let kept = Kept::pier(200).await;
    kept.ids("/pier/feed.json").await;
    assert_eq!(kept.ids("/pier/feed.json?q=plank+33").await, planks(33..=33));
    let asked = kept.asked();
    let found = kept.app.get("/-/search/feed.json?q=%22plank+33%22").await;
    assert_eq!(found.ids(), planks(33..=33));
    // Search results do not cover the posts between them, so they are not a page of history.
    assert_eq!(kept.ids("/pier/feed.json?limit=25").await, planks(176..=200));
    assert_eq!(kept.asked(), asked + 1);
}

#[tokio::test]
async fn q_option_scans_newest_posts_for_unindexed_symbols() {
    let kept = Kept::pier(25).await;
    kept.app.telegram.publish("pier", Message::text("The lamp is 🔥 tonight.")).unwrap();
    let found = kept.ids("/pier/feed.json?q=%F0%9F%94%A5").await;
    assert_eq!(found, ["pier/26"], "no word that the archive could look for");
}
