//! The archive as lines of JSON: for moving it, for reading it with other programs, and for whatever comes after SQLite.
//!
//! The first line says what it is. Then each channel is a line, followed by its posts, the oldest first, a line each.

mod export;
mod import;

use serde::{Deserialize, Serialize};

pub use import::{Fault, Imported, Lines};

use super::value::{PostRow, Range, State};
use crate::model::{Channel, ChannelName, StoredPost};

/// The version of the lines.
const VERSION: u32 = 1;

/// How much was written or read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Channels.
    pub channels: u64,
    /// Posts.
    pub posts: u64,
    /// Bytes.
    pub bytes: u64,
    /// Rows that cannot be decoded, and are in no line.
    pub set_aside: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The first line: the version of what follows.
    FeedlineArchive(u32),
    Channel(Box<ChannelLine>),
    Post(Box<PostLine>),
}

#[derive(Debug, Serialize, Deserialize)]
struct ChannelLine {
    channel: Channel,
    state: State,
    #[serde(default)]
    ranges: Vec<Range>,
    #[serde(default)]
    former_names: Vec<ChannelName>,
    /// Names that it had and that other channels have taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lost_names: Vec<ChannelName>,
    /// The name has passed to another channel.
    #[serde(default)]
    is_nameless: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct PostLine {
    #[serde(flatten)]
    held: PostRow,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    revisions: Vec<StoredPost>,
}

#[cfg(test)]
mod tests;
