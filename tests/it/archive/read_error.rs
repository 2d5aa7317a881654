//! Failed archive reads and rows that cannot be decoded: a read error is never treated as missing data.
//!
//! Most tests rename a table for a while in the database file of a running feedline.

use std::time::Duration;

use chrono::TimeDelta;
use feedline::config::Config;
use feedline::demo::{OldName, Target};
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Answer, FEEDS, HOUR, TestApp, add_channel, name};

/// A feedline with an archive file. It has `jetty`, formerly `pier`, with an edited post.
struct Scene {
    app: TestApp,
    folder: TempDir,
}

impl Scene {
    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let (app, folder) = TestApp::archived(change).await;
        Self { app, folder }
    }

    /// 100 archived posts; number 98 is edited.
    async fn jetty() -> Self {
        let scene = Self::with(|_| {}).await;
        scene.add("pier", 4_242, 100);
        // A response waits for up to three pages of history.
        scene.ok("/pier/feed.json?limit=100").await;
        assert_eq!(scene.ok("/pier/feed.json?limit=100").await.ids().len(), 100);
        scene.app.telegram.edit("pier", 98, "Plank 98 is replaced.");
        scene.app.telegram.rename("pier", name("jetty"), OldName::Free);
        scene.app.pass(HOUR * 2);
        let feed = scene.ok("/jetty/feed.json").await;
        assert!(feed.ids().iter().all(|id| id.starts_with("pier/")), "{:?}", feed.ids());
        scene
    }

    fn add(&self, named: &str, number: u64, posts: i64) {
        add_channel(&self.app, named, number, posts, TimeDelta::hours(1));
    }

    async fn ok(&self, path: &str) -> Answer {
        self.app.ok(path).await
    }

    /// The fields that readers store for each item: id and dates.
    async fn items(&self, path: &str) -> Vec<(Value, Value, Value)> {
        let json = self.ok(path).await.json();
        let of = |item: &Value| {
            let member = |name: &str| item[name].clone();
            (member("id"), member("date_published"), member("date_modified"))
        };
        json["items"].as_array().unwrap().iter().map(of).collect()
    }

    /// The request fails with the reason and `Retry-After`.
    async fn is_unread(&self, path: &str) {
        let answer = self.app.get(path).await;
        assert_eq!(answer.status, 503, "{path}: {answer:?}");
        assert_eq!(answer.header("retry-after"), "120", "{path}");
        assert!(answer.header("content-type").starts_with("application/problem+json"), "{path}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("The archive cannot be read"), "{detail}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }

    fn database(&self) -> Connection {
        Connection::open(self.folder.path().join("feedline.db")).unwrap()
    }

    fn execute(&self, statements: &str) {
        self.database().execute_batch(statements).unwrap();
    }

    /// Makes reads of a table fail.
    fn take(&self, table: &str) {
        self.execute(&format!("ALTER TABLE {table} RENAME TO taken_{table}"));
    }

    fn give_back(&self, table: &str) {
        self.execute(&format!("ALTER TABLE taken_{table} RENAME TO {table}"));
    }

    /// All bytes of a column, by row.
    fn bytes(&self, table: &str, column: &str) -> Vec<(i64, Vec<u8>)> {
        let database = self.database();
        let statement = format!("SELECT rowid, CAST({column} AS BLOB) FROM {table} ORDER BY rowid");
        let mut statement = database.prepare(&statement).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

#[tokio::test]
async fn failed_archive_read_of_cold_channel_is_an_error() {
    for table in ["channel", "post"] {
        let mut scene = Scene::jetty().await;
        let mut before = Vec::new();
        for path in ["/jetty/feed.json", "/jetty/feed.json?limit=100"] {
            before.push(scene.items(path).await);
        }
        let page = scene.app.browse("/jetty/98").await.text().to_owned();
        assert!(page.contains("Plank 98 of the pier."), "it shows the version before the edit");
        scene.app.restart().await;
        scene.app.pass(HOUR * 2);
        let asked = scene.app.telegram.hits("/s/jetty");
        let bytes = scene.bytes("post", "payload");
        scene.take(table);
        for path in [
            "/jetty/rss.xml",
            "/jetty/atom.xml",
            "/jetty/feed.json",
            "/jetty/feed.json?limit=100",
            "/jetty/feed.json?q=plank",
            "/jetty",
            "/jetty/98",
            "/jetty/98.jpg",
            "/jetty/avatar.jpg",
            "/pier/rss.xml",
            "/pier/98",
            "/jetty+dock/rss.xml",
            "/jetty+dock",
        ] {
            scene.is_unread(path).await;
        }
        let start = scene.app.browse("/").await;
        assert_eq!(start.status, 200, "the start page is there all the same");
        let asked_of_jetty = scene.app.telegram.hits("/s/jetty");
        assert_eq!(asked_of_jetty, asked, "nobody is asked for what cannot be merged");
        scene.give_back(table);
        assert_eq!(scene.bytes("post", "payload"), bytes, "{table}: nothing was written");
        for (path, before) in ["/jetty/feed.json", "/jetty/feed.json?limit=100"].iter().zip(&before)
        {
            assert_eq!(scene.items(path).await, *before, "{table}: {path}");
        }
        assert_eq!(scene.bytes("post", "payload"), bytes, "{table}: nothing was news");
        let page = scene.app.browse("/jetty/98").await;
        assert!(page.text().contains("Plank 98 of the pier."), "{table}: the version is there");
    }
}

#[tokio::test]
async fn failed_archive_read_during_fetch_changes_nothing() {
    for table in ["channel", "post"] {
        let mut scene = Scene::jetty().await;
        let before = scene.items("/jetty/feed.json?limit=100").await;
        scene.app.restart().await;
        scene.app.pass(HOUR * 2);
        let bytes = scene.bytes("post", "payload");
        // The archive is read again for the page's channel when the page arrives.
        let hits = scene.app.telegram.hits("/s/jetty");
        let gate = scene.app.telegram.hold(Target::Path("/s/jetty".to_owned()));
        let breaks = async {
            scene.app.telegram.wait_for_hits("/s/jetty", hits + 1).await;
            scene.take(table);
            gate.open();
        };
        let (answer, ()) = tokio::join!(scene.app.get("/jetty/feed.json"), breaks);
        assert_eq!(answer.status, 200, "memory holds it: {answer:?}");
        scene.give_back(table);
        scene.app.telegram.clear_faults();
        scene.app.pass(HOUR * 2);
        assert_eq!(scene.items("/jetty/feed.json?limit=100").await, before, "{table}");
        assert_eq!(scene.bytes("post", "payload"), bytes, "{table}");
    }
}

#[tokio::test]
async fn page_older_than_memory_is_not_merged_without_archive() {
    let mut scene = Scene::jetty().await;
    let all = scene.items("/jetty/feed.json?limit=100").await;
    scene.app.restart().await;
    scene.ok("/jetty/feed.json").await;
    // Memory begins with post 37; Telegram's newest page has the posts 20 to 39.
    for number in 40..=100 {
        scene.app.telegram.delete("jetty", number);
    }
    scene.app.pass(HOUR * 2);
    let bytes = scene.bytes("post", "payload");
    scene.take("post");
    let stale = scene.ok("/jetty/feed.json").await;
    assert!(stale.header("cache-status").contains("detail=no_archive"), "{stale:?}");
    scene.give_back("post");
    assert_eq!(scene.bytes("post", "payload"), bytes);
    for _ in 0..3 {
        scene.app.pass(HOUR * 2);
        let items = scene.items("/jetty/feed.json?limit=100").await;
        assert!(items.iter().all(|item| all.contains(item)), "every item is as it was");
    }
}

#[tokio::test]
async fn unreadable_older_posts_are_reported_and_not_refetched() {
    let mut scene = Scene::jetty().await;
    let all = scene.ok("/jetty/feed.json?limit=100").await;
    scene.app.restart().await;
    scene.ok("/jetty/feed.json").await;
    let asked = scene.app.telegram.total();
    scene.take("post");
    for feed in FEEDS {
        let short = scene.ok(&format!("/jetty/{feed}?limit=100")).await;
        assert!(short.header("cache-status").contains("detail=no_archive"), "{feed}: {short:?}");
    }
    let short = scene.ok("/jetty/feed.json?limit=100").await.ids();
    assert_eq!(short, all.ids()[..short.len()], "what memory holds");
    let found = scene.app.get("/jetty/feed.json?q=plank").await;
    assert!(found.header("cache-status").contains("detail=no_archive"), "{found:?}");
    scene.is_unread("/jetty/feed.json?limit=5&before=20").await;
    scene.is_unread("/jetty/3").await;
    scene.is_unread("/-/search/feed.json?q=plank").await;
    // Telegram's own search is requested in any case.
    assert!(scene.app.telegram.total() <= asked + 1, "no page of history is fetched again");
    scene.give_back("post");
    let whole = scene.ok("/jetty/feed.json?limit=100").await;
    assert_eq!(whole.ids(), all.ids(), "the short one was not kept");
}

#[tokio::test]
async fn merged_feed_names_unreadable_channel() {
    let mut scene = Scene::jetty().await;
    scene.add("dock", 777, 5);
    let all = scene.ok("/dock+jetty/feed.json").await.ids();
    scene.app.restart().await;
    scene.ok("/dock/feed.json").await;
    scene.take("post");
    let short = scene.ok("/dock+jetty/feed.json").await;
    assert!(short.ids().iter().all(|id| id.starts_with("dock/")), "{short:?}");
    let status = short.header("cache-status");
    assert!(status.contains("jetty") && status.contains("no_archive"), "{status}");
    scene.give_back("post");
    assert_eq!(scene.ok("/dock+jetty/feed.json").await.ids(), all);
}

#[tokio::test]
async fn single_post_is_not_stored_if_archive_read_fails() {
    let scene = Scene::with(|_| {}).await;
    scene.add("pier", 4_242, 40);
    scene.ok("/pier/feed.json").await;
    let gate = scene.app.telegram.hold(Target::Path("/pier/5".to_owned()));
    let hits = scene.app.telegram.hits("/pier/5");
    let breaks = async {
        scene.app.telegram.wait_for_hits("/pier/5", hits + 1).await;
        scene.take("post");
        gate.open();
    };
    let ((), ()) = tokio::join!(scene.is_unread("/pier/5"), breaks);
    scene.give_back("post");
    scene.app.telegram.clear_faults();
    assert_eq!(scene.app.get("/pier/5").await.status, 200, "the failure is not kept");
    assert_eq!(scene.bytes("post", "message").len(), 21, "and the post is");
}

#[tokio::test]
async fn history_page_that_failed_to_store_is_not_covered() {
    let scene = Scene::with(|_| {}).await;
    scene.add("pier", 4_242, 60);
    scene.ok("/pier/feed.json").await;
    // The next page of history arrives while inserts fail.
    let gate = scene.app.telegram.hold(Target::Path("/s/pier".to_owned()));
    let hits = scene.app.telegram.hits("/s/pier");
    let breaks = async {
        scene.app.telegram.wait_for_hits("/s/pier", hits + 1).await;
        scene.execute(
            "CREATE TRIGGER full BEFORE INSERT ON post BEGIN SELECT RAISE(ABORT, 'no'); END",
        );
        gate.open();
    };
    let (answer, ()) = tokio::join!(scene.app.get("/pier/feed.json?limit=40"), breaks);
    assert_eq!(answer.status, 200, "{answer:?}");
    scene.execute("DROP TRIGGER full");
    scene.app.telegram.clear_faults();
    scene.app.telegram.publish("pier", "A new plank.").unwrap();
    scene.app.pass(HOUR * 2);
    let ids = scene.ok("/pier/feed.json?limit=61").await.ids();
    assert_eq!(ids.len(), 61, "no post is missing between: {ids:?}");
}

#[tokio::test]
async fn posts_evicted_before_being_stored_are_not_covered() {
    let scene = Scene::with(|_| {}).await;
    scene.add("pier", 4_242, 20);
    scene.ok("/pier/feed.json").await;
    scene.execute("CREATE TRIGGER full BEFORE INSERT ON post BEGIN SELECT RAISE(ABORT, 'no'); END");
    // Only the newest 64 of them stay in memory.
    for number in 1..=100 {
        scene.app.pass(HOUR);
        scene.app.telegram.publish("pier", &*format!("New plank {number}.")).unwrap();
    }
    scene.app.pass(HOUR * 2);
    scene.ok("/pier/feed.json").await;
    scene.execute("DROP TRIGGER full");
    scene.app.telegram.publish("pier", "The last plank.").unwrap();
    scene.app.pass(HOUR * 2);
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids = scene.ok("/pier/feed.json?limit=121").await.ids();
        scene.app.pass(HOUR * 2);
    }
    let all: Vec<String> = (1..=121).rev().map(|number| format!("pier/{number}")).collect();
    assert_eq!(ids, all, "no post is missing between");
}

#[tokio::test]
async fn posts_dropped_by_retention_are_fetched_again() {
    let scene = Scene::with(|config| config.archive.keep_posts = 30).await;
    scene.add("pier", 4_242, 60);
    let before = scene.ok("/pier/feed.json?limit=60").await.ids();
    assert_eq!(before.len(), 60);
    // These refreshes drop no post, and must not extend the range that counts as archived.
    for _ in 0..2 {
        scene.app.pass(HOUR * 2);
        scene.ok("/pier/feed.json").await;
    }
    scene.app.pass(HOUR * 2);
    assert_eq!(scene.ok("/pier/feed.json?limit=60").await.ids(), before);
}

#[tokio::test]
async fn replaced_archive_file_fails_readiness_and_is_not_merged() {
    let mut scene = Scene::jetty().await;
    let before = scene.items("/jetty/feed.json?limit=100").await;
    scene.add("dock", 777, 5);
    let other = Scene::with(|_| {}).await;
    other.add("dock", 777, 3);
    other.ok("/dock/feed.json").await;
    other.execute("PRAGMA wal_checkpoint(truncate)");
    let path = |scene: &Scene| scene.folder.path().join("feedline.db");
    let away = scene.folder.path().join("away.db");
    std::fs::rename(path(&scene), &away).unwrap();
    std::fs::copy(path(&other), path(&scene)).unwrap();
    let replacement = std::fs::read(path(&scene)).unwrap();
    for _ in 0..2 {
        let ready = scene.app.get("/-/ready").await;
        assert_eq!((ready.status, ready.text().trim()), (503, "archive replaced"));
        scene.ok("/jetty/feed.json").await;
        scene.is_unread("/dock/feed.json").await;
        scene.is_unread("/jetty/3").await;
        scene.app.pass(HOUR * 2);
    }
    assert_eq!(std::fs::read(path(&scene)).unwrap(), replacement, "nothing was written there");
    std::fs::rename(&away, path(&scene)).unwrap();
    assert_eq!(scene.items("/jetty/feed.json?limit=100").await, before);
    scene.app.telegram.publish("jetty", "Another plank.").unwrap();
    scene.app.pass(HOUR * 2);
    scene.ok("/jetty/feed.json").await;
    assert_eq!(scene.app.get("/-/ready").await.status, 200);
    scene.app.restart().await;
    assert_eq!(scene.ok("/jetty/feed.json").await.ids()[0], "jetty/101");
}

#[tokio::test]
async fn undecodable_post_row_survives_refreshes_unchanged() {
    let mut scene = Scene::with(|_| {}).await;
    scene.add("pier", 4_242, 30);
    let ids = scene.ok("/pier/feed.json").await.ids();
    scene.execute("UPDATE post SET payload = x'00deadbeef' WHERE message IN (28, 30)");
    let garbage: Vec<_> = scene.bytes("post", "payload");
    let spoiled = |rows: Vec<(i64, Vec<u8>)>| {
        let is_spoiled = |row: &(i64, Vec<u8>)| row.1 == [0, 0xde, 0xad, 0xbe, 0xef];
        rows.into_iter().filter(is_spoiled).count()
    };
    assert_eq!(spoiled(garbage), 2);
    scene.app.restart().await;
    for round in 0..4 {
        scene.app.telegram.edit("pier", 28, &format!("Plank 28, version {round}."));
        scene.app.pass(HOUR * 2);
        assert_eq!(scene.ok("/pier/feed.json").await.ids(), ids, "round {round}");
        assert_eq!(scene.app.get("/pier/28").await.status, 200, "round {round}");
        assert_eq!(spoiled(scene.bytes("post", "payload")), 2, "round {round}");
        if round == 2 {
            scene.app.restart().await;
        }
    }
    let status = scene.ok("/-/status.json").await.json();
    assert_eq!(status["kept"]["archive_undecodable"], 2, "{status}");
    assert_eq!(status["kept"]["archive_fault"], Value::Null, "the file is sound");
    assert_eq!(scene.app.get("/-/ready").await.status, 200);
    let page = scene.app.browse("/-/status").await;
    assert!(page.text().contains("2 rows that cannot be decoded"), "{}", page.text());
}

#[tokio::test]
async fn undecodable_channel_row_is_kept_until_repaired() {
    for column in ["payload", "state", "ranges"] {
        let mut scene = Scene::jetty().await;
        let before = scene.items("/jetty/feed.json?limit=100").await;
        scene.add("dock", 777, 5);
        scene.ok("/dock/feed.json").await;
        scene.execute("CREATE TABLE safe AS SELECT * FROM channel");
        scene.app.restart().await;
        scene.execute(&format!("UPDATE channel SET {column} = '{{\"x\":' WHERE name = 'jetty'"));
        let (posts, channels) = (scene.bytes("post", "payload"), scene.bytes("channel", column));
        for _ in 0..2 {
            scene.app.pass(HOUR * 2);
            for feed in FEEDS {
                scene.is_unread(&format!("/jetty/{feed}")).await;
            }
            scene.is_unread("/jetty/98").await;
            assert_eq!(scene.app.get("/-/ready").await.status, 200, "the file is sound");
        }
        assert_eq!(scene.bytes("post", "payload"), posts, "{column}");
        assert_eq!(scene.bytes("channel", column), channels, "{column}");
        scene.ok("/dock/feed.json").await;
        let status = scene.ok("/-/status.json").await.json();
        assert_eq!(status["kept"]["archive_undecodable"], 1, "{status}");
        scene.execute(
            "UPDATE channel SET (payload, state, ranges) =
             (SELECT payload, state, ranges FROM safe WHERE safe.id = channel.id) WHERE name = 'jetty'",
        );
        assert_eq!(scene.items("/jetty/feed.json?limit=100").await, before, "{column}");
    }
}

#[tokio::test]
async fn cached_channel_with_corrupted_row_is_served_but_not_written() {
    let scene = Scene::with(|_| {}).await;
    scene.add("pier", 4_242, 10);
    scene.ok("/pier/feed.json").await;
    scene.execute("UPDATE channel SET state = 'spoiled'");
    for number in 11..=13 {
        scene.app.telegram.publish("pier", "Another plank.").unwrap();
        scene.app.pass(HOUR * 2);
        let ids = scene.ok("/pier/feed.json").await.ids();
        assert_eq!((ids.len(), &*ids[0]), (number, &*format!("pier/{number}")));
        assert_eq!(scene.bytes("channel", "state"), [(1, b"spoiled".to_vec())]);
    }
}

#[tokio::test]
async fn unreadable_visit_rows_are_not_overwritten() {
    let mut scene = Scene::with(|config| {
        (config.service.schedule.active_for, config.service.schedule.initial_posts) =
            (Duration::from_hours(72), 0);
    })
    .await;
    for named in ["pier", "dock"] {
        scene.add(named, 4_242 + named.len() as u64 + u64::from(named == "dock"), 5);
        for _ in 0..3 {
            scene.ok(&format!("/{named}/feed.json")).await;
            scene.app.pass(HOUR);
        }
    }
    scene.app.restart().await;
    let visits = scene.bytes_of_visits();
    assert_eq!(visits.len(), 2, "{visits:?}");
    // The table cannot be read at startup.
    scene.take("visit");
    scene.app.restart().await;
    scene.ok("/pier/feed.json").await;
    scene.give_back("visit");
    scene.app.restart().await;
    assert_eq!(scene.bytes_of_visits(), visits, "it was not read, and is not written over");
    // One row cannot be decoded.
    scene.execute("UPDATE visit SET payload = '{\"other\":1}' WHERE key = 'pier'");
    scene.app.restart().await;
    for named in ["pier", "dock"] {
        scene.app.pass(HOUR);
        scene.ok(&format!("/{named}/feed.json")).await;
    }
    scene.app.restart().await;
    let later = scene.bytes_of_visits();
    assert_eq!(later[1], ("pier".to_owned(), "{\"other\":1}".to_owned()));
    assert_ne!(later[0], visits[0], "the others are remembered as ever");
}

impl Scene {
    fn bytes_of_visits(&self) -> Vec<(String, String)> {
        let database = self.database();
        let mut statement =
            database.prepare("SELECT key, payload FROM visit ORDER BY key").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

#[tokio::test]
async fn archive_commands_report_undecodable_rows() {
    let scene = Scene::with(|_| {}).await;
    scene.add("pier", 4_242, 10);
    scene.ok("/pier/feed.json").await;
    let run = |arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_feedline"))
            .arg("archive")
            .args(arguments)
            .env_clear()
            .env(
                "FEEDLINE_ARCHIVE__URL",
                format!("sqlite://{}/feedline.db", scene.folder.path().display()),
            )
            .output()
            .unwrap()
    };
    assert!(run(&["info"]).status.success());
    scene.execute("UPDATE post SET payload = x'ff' WHERE message = 7");
    let told = run(&["info"]);
    let errors = String::from_utf8(told.stderr).unwrap();
    assert_eq!(told.status.code(), Some(1), "{errors}");
    assert!(errors.contains("1 row cannot be decoded"), "{errors}");
    assert!(errors.contains("archive.table=\"post\""), "it is named: {errors}");
    let json = run(&["info", "--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&json["undecodable"], &json["sound"]), (&1.into(), &true.into()));
    let export = run(&["export"]);
    let errors = String::from_utf8(export.stderr).unwrap();
    assert_eq!(export.status.code(), Some(1), "{errors}");
    assert!(errors.contains("1 row cannot be decoded and is not in the export"), "{errors}");
    assert_eq!(export.stdout.split(|byte| *byte == b'\n').count(), 1 + 1 + 9 + 1);
}
