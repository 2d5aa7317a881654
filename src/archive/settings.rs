//! What the archive is told.

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;

/// Where the archive lies, and how much it keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The database's file, absolute; `None`: in memory, gone with the archive.
    pub path: Option<PathBuf>,
    /// How many earlier versions of a post are kept; 0: none.
    pub revisions: u32,
    /// How many posts of a channel are kept, the oldest go; 0: all.
    pub keep_posts: u32,
    /// How long after its publication a post is kept; `None`: for ever.
    pub keep_for: Option<Duration>,
    /// The size of the file, the oldest posts go; `None`: no limit. Beside it lies what was written last, some 4 MiB.
    pub max_size: Option<ByteSize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { path: None, revisions: 5, keep_posts: 0, keep_for: None, max_size: None }
    }
}
