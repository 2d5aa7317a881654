//! Visits of a reader: its program in `visit/` runs and reports the reader's items.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use tempfile::TempDir;

/// Timeout of a visit, in seconds.
const LONGEST: &str = "60";

/// Variables that would send a reader to another machine.
const PROXIES: [&str; 6] =
    ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/// A reader's state of a feed.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Held {
    /// The error that the reader shows to its user.
    pub(crate) error: Option<String>,
    pub(crate) items: Vec<Item>,
}

/// A reader's state of an item.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) link: String,
    /// Unix time in seconds.
    pub(crate) published: i64,
    pub(crate) text: String,
    /// New, or marked unread again, since the last visit.
    pub(crate) unread: bool,
}

/// A reader with its persistent state.
pub(crate) struct Subscriber {
    program: PathBuf,
    memory: TempDir,
}

impl Subscriber {
    /// A reader without any state; the name is that of a program in `visit/`.
    pub(crate) fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/visit");
        Self { program: folder.join(name), memory: TempDir::new().expect("a folder") }
    }

    /// Fetches a feed once.
    pub(crate) async fn visit(&self, address: &str) -> Held {
        let mut command = Command::new("timeout");
        command.arg(LONGEST).arg(&self.program).arg(self.memory.path()).arg(address);
        for variable in PROXIES {
            command.env_remove(variable);
        }
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        let running = tokio::task::spawn_blocking(move || command.output());
        let output = running.await.expect("it ends").expect("`timeout` is there");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{}: {told}", self.program.display());
        let mut held: BTreeMap<String, Held> = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {told}"));
        held.remove(address).expect("it tells of the feed that it was given")
    }
}
