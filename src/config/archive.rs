//! `[archive]`: what is kept.

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;

use super::error::Why;

/// What the address of an embedded database begins with.
const SQLITE: &str = "sqlite://";

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The database's file; absolute once loaded.
    pub path: PathBuf,
    /// What becomes of posts that Telegram no longer shows.
    pub deleted: Deleted,
    /// How many earlier versions of a post are kept.
    pub revisions: u32,
    /// The posts that a channel keeps; `None`: all.
    pub keep_posts: Option<u32>,
    /// How long a post is kept; `None`: for ever.
    pub keep_for: Option<Duration>,
    /// The largest file; `None`: no limit.
    pub max_size: Option<ByteSize>,
}

impl Default for Archive {
    fn default() -> Self {
        Self {
            path: PathBuf::from("data/feedline.db"),
            deleted: Deleted::Hide,
            revisions: 5,
            keep_posts: None,
            keep_for: None,
            max_size: None,
        }
    }
}

/// What becomes of posts that Telegram no longer shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deleted {
    /// They leave the feeds.
    #[default]
    Hide,
    /// They stay.
    Keep,
}

/// The path in `sqlite://<path>`.
pub(super) fn path(url: &str) -> Result<PathBuf, Why> {
    match url.strip_prefix(SQLITE) {
        Some(path) if !path.is_empty() && !path.ends_with('/') => Ok(PathBuf::from(path)),
        None if url.contains("://") => Err(Why::OtherDatabase),
        _ => Err(Why::Shape),
    }
}

/// The address of a database.
pub(super) fn url(archive: &Archive) -> String {
    format!("{SQLITE}{}", archive.path.display())
}

impl Archive {
    /// x
    #[must_use]
    pub fn settings(&self) -> crate::archive::Settings {
        crate::archive::Settings::default()
    }
}
