//! Runs the program over a fake Telegram and checks its archive from outside.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use feedline::demo::{Channel, Control, Fault, Message, Repeat, Target, Telegram, World};
use feedline::model::ChannelName;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const CHANNELS: [&str; 3] = ["pier", "jetty", "mole"];

/// Timeout of each wait.
const PATIENCE: Duration = Duration::from_secs(30);

/// The state that survives the program: Telegram, the archive's folder, and the clock.
pub(crate) struct Place {
    pub(crate) telegram: Control,
    pub(crate) folder: TempDir,
    pub(crate) archive: PathBuf,
    clock: PathBuf,
    ahead: Mutex<i64>,
    client: reqwest::Client,
    _telegram: Telegram,
}

pub(crate) struct Program {
    child: Mutex<Child>,
    base: String,
    log: Arc<Mutex<String>>,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let data = folder.path().join("data");
        std::fs::create_dir(&data).expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let now: DateTime<Utc> = Utc::now();
        let fake = Telegram::start(listener, World::sample(now)).expect("a Telegram");
        let telegram = fake.control();
        for (number, name) in (900..).zip(CHANNELS) {
            let mut channel = Channel::new(name_of(name), number, name);
            for back in (1..=12).rev() {
                let text = format!("Plank {} of the {name}.", 13 - back);
                channel.publish(Message::text(text), now - chrono::TimeDelta::hours(back));
            }
            telegram.add(channel);
        }
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
        let world = Self {
            telegram,
            archive: data.join("feedline.db"),
            clock: folder.path().join("clock"),
            ahead: Mutex::new(0),
            client: client.expect("a client"),
            folder,
            _telegram: fake,
        };
        world.turn_clock(0);
        world
    }

    /// Moves the program's clock by this many seconds.
    pub(crate) fn turn_clock(&self, seconds: i64) {
        let mut ahead = self.ahead.lock().expect("a clock");
        *ahead += seconds;
        let whole = self.clock.with_extension("next");
        std::fs::write(&whole, format!("{:+}", *ahead)).expect("a written clock");
        std::fs::rename(whole, &self.clock).expect("a clock in its place");
    }

    /// Two hours pass, so that the cached posts expire.
    pub(crate) fn pass(&self) {
        self.turn_clock(2 * 60 * 60);
        self.telegram.advance(Duration::from_secs(2 * 60 * 60));
    }

    pub(crate) fn break_telegram(&self) {
        let broken = Fault::Status { code: 500, retry_after: None };
        self.telegram.fault(Target::Everything, broken, Repeat::Always);
    }

    pub(crate) fn publish(&self, channel: &str, text: &str) -> String {
        let id = self.telegram.publish(channel, text).expect("a channel");
        format!("{channel}/{id}")
    }

    pub(crate) fn start(&self) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedline"));
        let settings = [
            format!("upstream.url={}", self.telegram.base()),
            "upstream.fallback=[]".to_owned(),
            "upstream.rate=100".to_owned(),
            "cache.refresh_timeout=17s".to_owned(),
            format!("archive.url=sqlite://{}", self.archive.display()),
        ];
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        command.args(settings.iter().flat_map(|setting| ["--set", setting]));
        command.current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        let library = std::env::var("FEEDLINE_FAKETIME").expect("scripts/faults runs these tests");
        command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &self.clock);
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        Program::new(command.spawn().expect("a program"))
    }

    /// The ids of a channel's feed; `None` if the program died before it responded.
    pub(crate) async fn ids(&self, program: &Program, channel: &str) -> Option<BTreeSet<String>> {
        let answer = self.get(program, &format!("/{channel}/feed.json?limit=500")).await?;
        let (status, text) = answer;
        assert_eq!(status, 200, "{channel}: {text}\n{}", program.log());
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let items = json["items"].as_array().expect("items");
        let id = |item: &serde_json::Value| {
            item["id"].as_str().expect("an id").replace("https://t.me/", "")
        };
        Some(items.iter().map(id).collect())
    }

    pub(crate) async fn get(&self, program: &Program, path: &str) -> Option<(u16, String)> {
        let answer = self.client.get(format!("{}{path}", program.base)).send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.text().await.ok()?))
    }

    /// The body of the readiness probe.
    pub(crate) async fn ready(&self, program: &Program) -> String {
        let (status, text) = self.get(program, "/-/ready").await.expect("an answer");
        assert_eq!(status == 200, text == "ready\n", "{status} {text}");
        text.trim_end().to_owned()
    }

    /// Waits until the readiness probe returns this body.
    pub(crate) async fn becomes(&self, program: &Program, wanted: &str) {
        let begun = Instant::now();
        while self.ready(program).await != wanted {
            assert!(begun.elapsed() < PATIENCE, "it is not {wanted}: {}", program.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Program {
    /// Waits until the program listens, and keeps reading its log.
    fn new(mut child: Child) -> Self {
        let mut errors = BufReader::new(child.stderr.take().expect("a pipe"));
        let log = Arc::new(Mutex::new(String::new()));
        let mut read = move |log: &Mutex<String>| -> Option<String> {
            let mut line = String::new();
            let count = errors.read_line(&mut line).ok()?;
            log.lock().expect("a log").push_str(&line);
            (count > 0).then_some(line)
        };
        let base = loop {
            let Some(line) = read(&log) else {
                panic!("it does not start: {}", log.lock().expect("a log"))
            };
            if line.contains("feedline is ready") {
                let start = line.find("http://").expect("an address");
                let address = line[start..].split('/').nth(2).expect("a host");
                break format!("http://{address}");
            }
        };
        let rest = Arc::clone(&log);
        std::thread::spawn(move || while read(&rest).is_some() {});
        Self { child: Mutex::new(child), base, log }
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("a log").clone()
    }

    /// Waits until the log has this text. A log line comes through a pipe, so it may come after the response.
    pub(crate) async fn logs(&self, wanted: &str) {
        let begun = Instant::now();
        while !self.log().contains(wanted) {
            assert!(begun.elapsed() < PATIENCE, "it does not log “{wanted}”: {}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// SIGKILL, at once.
    pub(crate) fn kill(&self) {
        let mut child = self.child.lock().expect("a child");
        child.kill().expect("a signal");
        child.wait().expect("an end");
    }

    /// SIGTERM, then waits for the exit.
    pub(crate) fn stop(&self) {
        let mut child = self.child.lock().expect("a child");
        let id = child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill").success());
        assert!(child.wait().expect("an end").success(), "{}", self.log());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Only a failed test leaves a running process.
        if let Ok(mut child) = self.child.lock() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

pub(crate) fn name_of(text: &str) -> ChannelName {
    ChannelName::parse(text).expect("a name")
}

/// The result of SQLite's own integrity check of a file.
pub(crate) fn integrity(path: &Path) -> String {
    let database = rusqlite::Connection::open(path).expect("a database");
    database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a verdict")
}
