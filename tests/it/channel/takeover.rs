//! Another channel takes over a channel's name: ids of the former owner's posts are never reused.

use std::collections::HashSet;

use chrono::TimeDelta;
use feedline::demo::{Channel, Fault, Message, OldName, Repeat, Target};
use tempfile::TempDir;

use crate::support::{Answer, FEEDS, HOUR, TestApp, name, start};

/// A feedline with an archive file.
struct Scene {
    app: TestApp,
    folder: TempDir,
}

impl Scene {
    async fn new() -> Self {
        let (app, folder) = TestApp::archived(|_| {}).await;
        Self { app, folder }
    }

    /// Gives a name to the channel with this number, and takes it from any former owner.
    fn give(&self, named: &str, number: u64, posts: u32) {
        let mut channel = Channel::new(name(named), number, &format!("Channel {number}"));
        for post in 1..=posts {
            let date = start() - TimeDelta::hours(i64::from(posts - post));
            channel.publish(Message::text(format!("Post {post} of {number}.")), date);
        }
        self.app.telegram.add(channel);
        self.app.pass(HOUR * 2);
    }

    async fn ok(&self, path: &str) -> Answer {
        self.app.ok(path).await
    }

    async fn ids(&self, named: &str) -> Vec<String> {
        self.ok(&format!("/{named}/feed.json")).await.ids()
    }

    fn run(&self, arguments: &[&str], file: &str) {
        let url = format!("sqlite://{}", self.folder.path().join(file).display());
        let outcome = std::process::Command::new(env!("CARGO_BIN_EXE_feedline"))
            .arg("archive")
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("FEEDLINE_ARCHIVE__URL", url)
            .output()
            .unwrap();
        assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
    }
}

/// The ids of these posts, newest first.
fn plain(named: &str, posts: std::ops::RangeInclusive<u32>) -> Vec<String> {
    posts.rev().map(|post| format!("{named}/{post}")).collect()
}

/// The same ids with a channel's number.
fn numbered(named: &str, number: u64, posts: std::ops::RangeInclusive<u32>) -> Vec<String> {
    posts.rev().map(|post| format!("{named}/{post}?channel={number}")).collect()
}

/// Every text between two markers.
fn between(text: &str, begin: &str, end: &str) -> Vec<String> {
    let parts = text.split(begin).skip(1);
    parts.map(|part| part.split(end).next().unwrap().replace("https://t.me/", "")).collect()
}

#[tokio::test]
async fn ids_of_new_name_owner_contain_its_channel_number() {
    let mut scene = Scene::new().await;
    scene.give("pier", 4_242, 10);
    assert_eq!(scene.ids("pier").await, plain("pier", 1..=10));
    scene.give("pier", 777, 3);
    for round in 0..3 {
        assert_eq!(scene.ids("pier").await, numbered("pier", 777, 1..=3), "round {round}");
        let rss = scene.ok("/pier/rss.xml").await;
        let guids = between(rss.text(), "<guid isPermaLink=\"false\">", "</guid>");
        assert_eq!(guids, numbered("pier", 777, 1..=3), "round {round}");
        let links = between(rss.text(), "<link>https://t.me/pier/", "</link>");
        assert_eq!(links, ["3", "2", "1"], "they lead to the posts as ever");
        let atom = scene.ok("/pier/atom.xml").await;
        let mut ids = between(atom.text(), "<id>", "</id>");
        assert_eq!(ids.remove(0), "s/pier?channel=777", "another feed");
        assert_eq!(ids, numbered("pier", 777, 1..=3), "round {round}");
        for feed in FEEDS {
            let feed = scene.ok(&format!("/pier/{feed}?limit=100")).await;
            assert!(!feed.text().contains("of 4242"), "{}", feed.text());
        }
        let found = scene.ok("/-/search/feed.json?q=post").await.ids();
        assert_eq!(found, numbered("pier", 777, 1..=3), "round {round}");
        if round == 0 {
            scene.app.restart().await;
        } else {
            scene.app.pass(HOUR * 2);
        }
    }
    scene.app.telegram.publish("pier", "Post 4 of 777.").unwrap();
    scene.app.pass(HOUR * 2);
    assert_eq!(scene.ids("pier").await, numbered("pier", 777, 1..=4));
    let page = scene.app.browse("/pier/2").await;
    assert!(page.text().contains("Post 2 of 777."), "{}", page.text());
    assert_eq!(scene.app.get("/pier/7").await.status, 404, "a post of the former owner");
}

#[tokio::test]
async fn name_freed_by_renamed_channel_counts_as_shared() {
    let mut scene = Scene::new().await;
    scene.give("pier", 4_242, 5);
    scene.ids("pier").await;
    scene.app.telegram.rename("pier", name("jetty"), OldName::Free);
    scene.app.pass(HOUR * 2);
    assert_eq!(scene.ids("jetty").await, plain("pier", 1..=5));
    scene.give("pier", 777, 5);
    for _ in 0..2 {
        assert_eq!(scene.ids("pier").await, numbered("pier", 777, 1..=5));
        assert_eq!(scene.ids("jetty").await, plain("pier", 1..=5));
        for limit in ["", "?limit=50"] {
            let both = scene.ok(&format!("/jetty+pier/feed.json{limit}")).await.ids();
            let both: HashSet<String> = both.into_iter().collect();
            let expected = numbered("pier", 777, 1..=5).into_iter().chain(plain("pier", 1..=5));
            assert_eq!(both, expected.collect(), "each post of each of them");
        }
        let atom = scene.ok("/jetty+pier/atom.xml").await;
        for source in ["<id>https://t.me/s/jetty</id>", "<id>https://t.me/s/pier?channel=777</id>"]
        {
            assert!(atom.text().contains(source), "{}", atom.text());
        }
        scene.app.restart().await;
    }
    scene.app.telegram.publish("jetty", "Post 6 of 4242.").unwrap();
    scene.app.pass(HOUR * 2);
    assert_eq!(scene.ids("jetty").await[0], "jetty/6", "nobody else had this name");
}

#[tokio::test]
async fn new_owner_keeps_ids_from_its_former_name() {
    let mut scene = Scene::new().await;
    scene.give("pier", 4_242, 9);
    scene.give("dock", 777, 4);
    assert_eq!(scene.ids("pier").await, plain("pier", 1..=9));
    assert_eq!(scene.ids("dock").await, plain("dock", 1..=4));
    scene.app.telegram.rename("dock", name("pier"), OldName::Redirect);
    scene.app.pass(HOUR * 2);
    assert_eq!(scene.ids("pier").await, plain("dock", 1..=4));
    for number in 5..=6 {
        scene.app.telegram.publish("pier", "More.").unwrap();
        scene.app.pass(HOUR * 2);
        let expected = [numbered("pier", 777, 5..=number), plain("dock", 1..=4)].concat();
        assert_eq!(scene.ids("pier").await, expected);
        scene.app.restart().await;
    }
}

#[tokio::test]
async fn former_owner_under_another_name_keeps_its_own_ids() {
    for restarts in [false, true] {
        let mut scene = Scene::new().await;
        scene.give("pier", 4_242, 5);
        scene.ids("pier").await;
        scene.give("pier", 777, 3);
        scene.ids("pier").await;
        if restarts {
            scene.app.restart().await;
            scene.ids("pier").await;
        }
        scene.give("jetty", 4_242, 6);
        let jetty = ["jetty/6".to_owned()].into_iter().chain(plain("pier", 1..=5));
        let jetty: Vec<String> = jetty.collect();
        for _ in 0..3 {
            assert_eq!(scene.ids("jetty").await, jetty);
            assert_eq!(scene.ids("pier").await, numbered("pier", 777, 1..=3), "{restarts}");
            scene.app.pass(HOUR * 2);
        }
    }
}

#[tokio::test]
async fn former_owner_that_regains_its_name_keeps_its_posts() {
    for restarts in [false, true] {
        let mut scene = Scene::new().await;
        scene.give("pier", 4_242, 5);
        scene.ids("pier").await;
        scene.give("pier", 777, 9);
        let others = scene.ids("pier").await;
        scene.give("pier", 4_242, 7);
        if restarts {
            scene.app.restart().await;
        }
        let expected = [numbered("pier", 4_242, 6..=7), plain("pier", 1..=5)].concat();
        for _ in 0..2 {
            let ids = scene.ids("pier").await;
            assert_eq!(ids, expected, "{restarts}");
            assert!(ids.iter().all(|id| !others.contains(id)));
            scene.app.pass(HOUR * 2);
        }
        let page = scene.app.browse("/pier/6").await;
        assert!(page.text().contains("Post 6 of 4242."), "{}", page.text());
    }
}

#[tokio::test]
async fn if_modified_since_returns_feed_of_new_owner() {
    let scene = Scene::new().await;
    scene.give("pier", 4_242, 5);
    scene.ids("pier").await;
    scene.app.telegram.publish("pier", "Later than all posts of 777.").unwrap();
    scene.app.pass(HOUR * 2);
    let mut since = scene.ok("/pier/rss.xml").await.header("last-modified").to_owned();
    for (number, posts) in [(777, 3), (4_242, 4), (777, 3)] {
        scene.give("pier", number, posts);
        for feed in FEEDS {
            let path = format!("/pier/{feed}");
            let answer = scene.app.get_with(&path, &[("if-modified-since", &since)]).await;
            assert_eq!(answer.status, 200, "{path} of {number}: {answer:?}");
            assert!(answer.text().contains(&format!("of {number}.")), "{path}: {}", answer.text());
        }
        since = scene.ok("/pier/rss.xml").await.header("last-modified").to_owned();
        let again = scene.app.get_with("/pier/rss.xml", &[("if-modified-since", &since)]).await;
        assert_eq!(again.status, 304, "{number}: nothing has changed since");
    }
}

#[tokio::test]
async fn posts_of_new_and_former_owner_are_not_mixed() {
    for path in ["/pier/feed.json?limit=50", "/pier/feed.json?q=post"] {
        let scene = Scene::new().await;
        scene.give("pier", 4_242, 60);
        assert_eq!(scene.ids("pier").await.len(), 20);
        // The snapshot is fresh. Older posts come from Telegram, where the name now belongs to another channel.
        let mut other = Channel::new(name("pier"), 777, "Channel 777");
        for post in 1..=90 {
            other.publish(Message::text(format!("Post {post} of 777.")), start());
        }
        scene.app.telegram.add(other);
        let mixed = scene.ok(path).await;
        assert!(!mixed.text().contains("of 777"), "{path}: {}", mixed.text());
        assert!(mixed.header("cache-status").contains("detail=busy"), "{path}: {mixed:?}");
        // The mismatch is noticed, so the next response has the new channel.
        let next = scene.ok(path).await;
        assert!(!next.text().contains("of 4242"), "{path}: {}", next.text());
        assert!(
            next.ids().iter().all(|id| id.ends_with("?channel=777")),
            "{path}: {:?}",
            next.ids()
        );
        assert!(next.ids().len() >= 20, "{path}");
    }
}

#[tokio::test]
async fn post_of_former_owner_is_not_shown_under_new_owners_name() {
    let scene = Scene::new().await;
    scene.give("pier", 4_242, 40);
    scene.ids("pier").await;
    let old = scene.app.browse("/pier/5").await;
    assert!(old.text().contains("Post 5 of 4242."), "{}", old.text());
    scene.app.telegram.remove("pier");
    scene.give("pier", 777, 3);
    scene.ids("pier").await;
    assert_eq!(scene.app.get("/pier/5").await.status, 404);
    let new = scene.app.browse("/pier/3").await;
    assert!(new.text().contains("Post 3 of 777."), "{}", new.text());
    // Before a refresh: Telegram serves another channel's post, which must not be taken for the known channel's.
    let scene = Scene::new().await;
    scene.give("pier", 4_242, 40);
    scene.ids("pier").await;
    let mut other = Channel::new(name("pier"), 777, "Channel 777");
    for post in 1..=9 {
        other.publish(Message::text(format!("Post {post} of 777.")), start());
    }
    scene.app.telegram.add(other);
    let new = scene.app.browse("/pier/5").await;
    assert!(new.text().contains("Post 5 of 777."), "{}", new.text());
    assert_eq!(scene.ids("pier").await, numbered("pier", 777, 1..=9));
    scene.app.telegram.remove("pier");
    scene.give("jetty", 4_242, 40);
    let jetty = scene.ok("/jetty/feed.json?limit=100").await;
    assert!(!jetty.text().contains("of 777"), "{}", jetty.text());
}

#[tokio::test]
async fn moved_archive_remembers_shared_names() {
    let mut scene = Scene::new().await;
    scene.give("pier", 4_242, 5);
    scene.ids("pier").await;
    scene.app.telegram.rename("pier", name("jetty"), OldName::Free);
    scene.app.pass(HOUR * 2);
    scene.ids("jetty").await;
    scene.give("pier", 777, 3);
    let (pier, jetty) = (scene.ids("pier").await, scene.ids("jetty").await);
    scene.give("dock", 11, 2);
    scene.ids("dock").await;
    scene.give("dock", 12, 2);
    let dock = scene.ids("dock").await;
    assert_eq!(dock, numbered("dock", 12, 1..=2));
    scene.run(&["export", "lines.jsonl"], "feedline.db");
    scene.run(&["import", "lines.jsonl"], "other.db");
    scene.run(&["export", "again.jsonl"], "other.db");
    let read = |file: &str| std::fs::read_to_string(scene.folder.path().join(file)).unwrap();
    assert_eq!(read("lines.jsonl"), read("again.jsonl"), "nothing is lost on the way");
    scene.app.config.archive.path = Some(scene.folder.path().join("other.db"));
    scene.app.restart().await;
    assert_eq!(scene.ids("pier").await, pier);
    assert_eq!(scene.ids("jetty").await, jetty);
    for (named, number, post) in [("pier", 777, 4), ("dock", 12, 3)] {
        scene.app.telegram.publish(named, "More.").unwrap();
        scene.app.pass(HOUR * 2);
        assert_eq!(scene.ids(named).await[0], format!("{named}/{post}?channel={number}"));
    }
}

#[tokio::test]
async fn import_of_old_lines_does_not_restore_former_owner() {
    let mut scene = Scene::new().await;
    scene.give("pier", 4_242, 5);
    scene.ids("pier").await;
    scene.run(&["export", "lines.jsonl"], "feedline.db");
    std::fs::create_dir(scene.folder.path().join("new")).unwrap();
    scene.app.config.archive.path = Some(scene.folder.path().join("new/feedline.db"));
    scene.app.restart().await;
    scene.give("pier", 777, 3);
    assert_eq!(scene.ids("pier").await, plain("pier", 1..=3), "nothing tells of a former owner");
    scene.run(&["import", "lines.jsonl"], "new/feedline.db");
    scene.app.restart().await;
    let broken = Fault::Status { code: 500, retry_after: None };
    scene.app.telegram.fault(Target::Everything, broken, Repeat::Always);
    for path in ["/pier/feed.json", "/-/search/feed.json?q=post"] {
        let kept = scene.ok(path).await;
        assert!(!kept.text().contains("of 4242"), "{path}: {}", kept.text());
        assert_eq!(kept.ids(), plain("pier", 1..=3), "{path}: ids that were given out stay");
    }
    scene.app.telegram.clear_faults();
    scene.app.telegram.publish("pier", "More.").unwrap();
    scene.app.pass(HOUR * 2);
    let expected = [numbered("pier", 777, 4..=4), plain("pier", 1..=3)].concat();
    assert_eq!(scene.ids("pier").await, expected, "the former owner is known now");
}
