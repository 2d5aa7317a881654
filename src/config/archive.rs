//! `[archive]`: what is kept.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytesize::ByteSize;

use super::error::Why;
use crate::archive;

/// What the address of an embedded database begins with.
const SQLITE: &str = "sqlite://";

/// Where the database lies when nothing else is said.
const DEFAULT: &str = "data/feedline.db";

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The database's file, absolute once loaded; `None`: in memory, which no setting asks for.
    pub path: Option<PathBuf>,
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
            path: Some(PathBuf::from(DEFAULT)),
            deleted: Deleted::Hide,
            revisions: 5,
            keep_posts: None,
            keep_for: None,
            max_size: None,
        }
    }
}

impl Archive {
    /// What the archive is told.
    pub fn settings(&self) -> archive::Settings {
        archive::Settings {
            path: self.path.clone(),
            revisions: self.revisions,
            keep_posts: self.keep_posts.unwrap_or(0),
            keep_for: self.keep_for,
            max_size: self.max_size,
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
    let path = archive.path.as_deref().unwrap_or(Path::new(DEFAULT));
    format!("{SQLITE}{}", path.display())
}
