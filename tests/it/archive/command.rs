//! The archive from outside: `feedline archive`, and a writer that is killed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use chrono::DateTime;
use feedline::archive::{Archive, PostRow, Range, Settings, State, Update};
use feedline::model::{
    Channel, ChannelName, Counters, Identity, Language, MessageId, Post, StoredPost,
};
use feedline::text::RichText;
use tempfile::TempDir;

/// Number of kills.
const KILLS: u32 = 50;

/// Passes the path of the archive to the test that runs as a child process.
const PLACE: &str = "FEEDLINE_TEST_ARCHIVE";

fn id(id: u32) -> MessageId {
    MessageId::new(id).unwrap()
}

fn name() -> ChannelName {
    ChannelName::parse("tea").unwrap()
}

/// A page of the channel `tea` with the messages `low` to `high`.
fn page(low: u32, high: u32) -> Update {
    let date = |message: u32| {
        DateTime::from_timestamp(1_780_000_000 + i64::from(message) * 60, 0).unwrap()
    };
    let post = |message: u32| {
        let mut post = Post::new(name(), id(message), date(message));
        post.text = RichText::from_plain(&format!("Post {message} about oolong"));
        let identity = Identity { channel: name(), message: id(message), number: None };
        PostRow::new(Arc::new(StoredPost { identity, updated: date(message), post }), 1)
    };
    Update {
        channel: Channel {
            name: name(),
            numeric_id: Some(77),
            title: "Tea".to_owned(),
            description: RichText::default(),
            avatar: None,
            verified: false,
            scam: false,
            fake: false,
            shares_name: false,
            counters: Counters::default(),
        },
        state: State {
            language: Language::English,
            first_seen_id: Some(id(1)),
            fetched: date(high),
            updated: date(high),
            is_partial: false,
            gone_since: None,
        },
        put: (low..=high).map(post).collect(),
        former: Vec::new(),
        covered: vec![Range { low: id(low), high: id(high), fetched: date(high) }],
    }
}

fn settings(path: &Path) -> Settings {
    Settings { path: Some(path.to_owned()), ..Settings::default() }
}

/// A folder with an archive that has posts, at the default path relative to the folder.
async fn filled() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("data/feedline.db");
    let archive = Archive::open(&settings(&path)).unwrap();
    archive.store(page(1, 300)).await.unwrap();
    archive.close().await.unwrap();
    (folder, path)
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_feedline"))
        .arg("archive")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn archive_info_reports_figures() {
    let (folder, path) = filled().await;
    let told = run(folder.path(), &["info"]);
    let output = text(&told.stdout);
    assert!(told.status.success(), "{}", text(&told.stderr));
    for line in [
        "channels   1\n",
        "posts      300, 2026-05-28 20:27 to 2026-05-29 01:26\n",
        "sound      yes\n",
    ] {
        assert!(output.contains(line), "{output}");
    }
    assert!(output.contains(path.to_str().unwrap()), "{output}");
    let told = run(folder.path(), &["info", "--json"]);
    let value: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&value["posts"], &value["sound"]), (&300.into(), &true.into()));
}

#[tokio::test]
async fn archive_export_and_import_move_archive_to_another_folder() {
    let (folder, _) = filled().await;
    let out = run(folder.path(), &["export"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert_eq!(text(&out.stdout).lines().count(), 302);
    assert!(text(&out.stderr).contains("1 channel, 300 posts"), "{}", text(&out.stderr));
    let file = folder.path().join("feedline.jsonl");
    let out_file = run(folder.path(), &["export", file.to_str().unwrap()]);
    assert!(out_file.status.success());
    assert_eq!(std::fs::read(&file).unwrap(), out.stdout);
    let again = run(folder.path(), &["export", file.to_str().unwrap()]);
    assert!(!again.status.success(), "an export overwrites nothing");
    assert!(text(&again.stderr).contains(": give another name"), "{}", text(&again.stderr));
    assert_eq!(std::fs::read(&file).unwrap(), out.stdout);

    let other = TempDir::new().unwrap();
    for known in [0, 300] {
        let taken = run(other.path(), &["import", file.to_str().unwrap()]);
        let said = text(&taken.stderr);
        assert!(taken.status.success(), "{said}");
        assert!(
            said.contains(&format!("300 posts, {known} of them in the archive already")),
            "{said}"
        );
    }
    assert_eq!(run(other.path(), &["export"]).stdout, out.stdout);
}

#[tokio::test]
async fn archive_export_ends_quietly_on_closed_pipe() {
    let (folder, _) = filled().await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_feedline"))
        .args(["archive", "export"])
        .current_dir(folder.path())
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let outcome = child.wait_with_output().unwrap();
    assert_eq!((outcome.status.code(), text(&outcome.stderr)), (Some(0), ""));
}

#[tokio::test]
async fn archive_import_reads_standard_input() {
    let (folder, _) = filled().await;
    let lines = run(folder.path(), &["export"]).stdout;
    let other = TempDir::new().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_feedline"))
        .args(["archive", "import", "-"])
        .current_dir(other.path())
        .env_clear()
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&lines).unwrap();
    input.write_all(b"{\"post\": nonsense}\n").unwrap();
    drop(input);
    let outcome = child.wait_with_output().unwrap();
    let said = text(&outcome.stderr);
    assert_eq!(outcome.status.code(), Some(1), "{said}");
    assert!(
        said.contains("line 303: ") && said.contains("skipped because of errors: 1 line\n"),
        "{said}"
    );
}

#[tokio::test]
async fn archive_backup_and_compact_run_beside_writer() {
    let (folder, path) = filled().await;
    let archive = Archive::open(&settings(&path)).unwrap();
    archive.store(page(301, 310)).await.unwrap();
    let backup = folder.path().join("backup.db");
    let made = run(folder.path(), &["backup", backup.to_str().unwrap()]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let compacted = run(folder.path(), &["compact"]);
    assert!(compacted.status.success(), "{}", text(&compacted.stderr));
    archive.store(page(311, 320)).await.unwrap();
    assert_eq!(archive.info().await.unwrap().posts, 320);
    let copy = Archive::open(&settings(&backup)).unwrap();
    assert_eq!(copy.info().await.unwrap().posts, 310);
}

#[tokio::test]
async fn archive_output_that_cannot_be_created_is_reported_with_advice() {
    let (folder, _) = filled().await;
    std::fs::write(folder.path().join("there"), "mine").unwrap();
    for command in ["backup", "export"] {
        for (file, told) in [
            ("there", "there is there already, and nothing is written over it: give another name"),
            ("no/such", "no/such cannot be made, for its folder is not there: make the folder"),
        ] {
            let outcome = run(folder.path(), &[command, file]);
            let said = text(&outcome.stderr);
            assert!(!outcome.status.success() && said.contains(told), "{command}: {said}");
            assert!(!said.contains("network share") && !said.contains("os error"), "{said}");
        }
        assert_eq!(std::fs::read(folder.path().join("there")).unwrap(), b"mine");
    }
}

#[test]
fn archive_commands_report_missing_archive_and_create_none() {
    let folder = TempDir::new().unwrap();
    for arguments in [&["info"][..], &["export"], &["compact"], &["backup", "x.db"]] {
        let outcome = run(folder.path(), arguments);
        let said = text(&outcome.stderr);
        assert!(!outcome.status.success() && said.contains("there is no archive at"), "{said}");
    }
    let outcome = run(folder.path(), &["import", "missing.jsonl"]);
    assert!(text(&outcome.stderr).contains("missing.jsonl cannot be read"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn archive_import_names_invalid_file_and_creates_no_archive() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "Buy a spare left boot.\n").unwrap();
    for (file, told) in [
        ("notes.txt", "notes.txt: the import cannot be read: it does not begin as an export of"),
        ("-", "the standard input: the import cannot be read: it does not begin as an export of"),
    ] {
        let outcome = run(folder.path(), &["import", file]);
        let said = text(&outcome.stderr);
        assert!(!outcome.status.success() && said.contains(told), "{said}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

/// The child process of `killed_writer_loses_no_confirmed_page`; passes at once in a normal run. It stores page after
/// page, and prints each one's last post when the archive has confirmed it.
#[tokio::test]
async fn writer_process_stores_pages_until_killed() {
    let Some(path) = std::env::var_os(PLACE) else { return };
    let archive = Archive::open(&settings(Path::new(&path))).unwrap();
    let held = archive.load(&name(), 1).await.unwrap();
    let mut next = held.map_or(1, |held| held.posts[0].message().get() + 1);
    loop {
        archive.store(page(next, next + 4)).await.unwrap();
        writeln!(std::io::stderr(), "stored {}", next + 4).unwrap();
        next += 5;
    }
}

#[tokio::test]
async fn killed_writer_loses_no_confirmed_page() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("feedline.db");
    let mut last = 0;
    for kill in 0..KILLS {
        let answered = killed_after(&path, 1 + (kill * 7) % 23);
        assert!(answered > last, "{answered} after {last}");
        last = answered;
        let archive = Archive::open(&settings(&path)).unwrap();
        let held = archive.load(&name(), 10_000).await.unwrap().unwrap();
        let newest = held.posts[0].message().get();
        assert!(newest >= answered, "{answered} was answered, and {newest} is there");
        // A later page is present as a whole or not at all.
        assert_eq!(newest % 5, 0);
        let expected: Vec<u32> = (1..=newest).rev().take(10_000).collect();
        let messages: Vec<u32> = held.posts.iter().map(|held| held.message().get()).collect();
        assert_eq!(messages, expected);
        assert_eq!((held.ranges.len(), held.ranges[0].high.get()), (1, newest));
        if kill % 10 == 9 {
            archive.check().await.unwrap();
        }
        archive.close().await.unwrap();
    }
}

/// Starts the child process, kills it after `answers` confirmed pages, and returns the last confirmed post.
fn killed_after(path: &Path, answers: u32) -> u32 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["archive::command::writer_process_stores_pages_until_killed", "--exact"])
        .arg("--nocapture")
        .env(PLACE, path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut stored = || {
        lines
            .by_ref()
            .map(Result::unwrap)
            .find_map(|line| line.strip_prefix("stored ")?.parse().ok())
    };
    let mut last = 0;
    for _ in 0..answers {
        last = stored().expect("it stores until it is killed");
    }
    // SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    // Lines that it printed before it died count too.
    while let Some(more) = stored() {
        last = more;
    }
    last
}
