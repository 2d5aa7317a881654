//! The archive's input and output types.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytesize::ByteSize;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use crate::model::{Channel, ChannelName, Language, MessageId, StoredPost};
use crate::setting::{self, DAY, MIB, TIB, optional_size, optional_time, whole};

/// The maximum number of posts in one result.
pub const MOST: usize = 10_000;

/// The location and the limits of the archive.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The database file, absolute once loaded; `None`: in memory, which no setting selects.
    #[serde(rename = "archive.url", deserialize_with = "database")]
    pub path: Option<PathBuf>,
    /// Earlier versions stored of each post; 0: none.
    #[serde(rename = "archive.revisions", deserialize_with = "whole::<_, _, 0, 100>")]
    pub revisions: u32,
    /// Posts stored of each channel, the newest; 0: all.
    #[serde(rename = "archive.keep_posts", deserialize_with = "whole::<_, _, 0, 100_000_000>")]
    pub keep_posts: u32,
    /// How long posts are stored after their publication; `None`: for ever.
    #[serde(
        rename = "archive.keep_for",
        deserialize_with = "optional_time::<_, DAY, { 36_500 * DAY }>"
    )]
    pub keep_for: Option<Duration>,
    /// The maximum size of the file; the oldest posts are deleted. `None`: no limit. The `-wal` file takes some 4 MiB
    /// more.
    #[serde(
        rename = "archive.max_size",
        deserialize_with = "optional_size::<_, { 16 * MIB }, { 16 * TIB }>"
    )]
    pub max_size: Option<ByteSize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { path: None, revisions: 5, keep_posts: 0, keep_for: None, max_size: None }
    }
}

/// The path in `sqlite://<path>`.
fn database<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
    setting::parsed(from, |url| match url.strip_prefix("sqlite://") {
        Some(path) if !path.is_empty() && !path.ends_with('/') => Ok(Some(PathBuf::from(path))),
        None if url.contains("://") => Err("Other databases than SQLite are not supported yet."),
        _ => Err(""),
    })
}

/// The archive's own id of a channel. It does not change when the name does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(i64);

impl ChannelId {
    pub(in crate::archive) const fn new(id: i64) -> Self {
        Self(id)
    }

    pub fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A range of messages that are all known: from `low` to `high` inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Range {
    /// 1 if the range reaches the channel's first post.
    pub low: MessageId,
    pub high: MessageId,
    /// When a part of the range was last fetched.
    pub fetched: DateTime<Utc>,
}

impl Range {
    /// Whether the range contains the channel's first post.
    pub fn reaches_start(&self) -> bool {
        self.low == MessageId::FIRST
    }
}

/// A post, and whether Telegram still shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostRow {
    pub kept: Arc<StoredPost>,
    /// Since when the post is missing from pages that should show it. It is not considered deleted yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent_since: Option<DateTime<Utc>>,
    /// When the post was found to be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<DateTime<Utc>>,
    /// The version of the parser that read the post.
    pub parser: u32,
}

impl PostRow {
    pub fn new(kept: Arc<StoredPost>, parser: u32) -> Self {
        Self { kept, absent_since: None, deleted: None, parser }
    }

    /// The message of the post's identity, which is its key.
    pub fn message(&self) -> MessageId {
        self.kept.identity.message
    }
}

/// The refresh state of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The language of feedline's own words in the channel's feeds.
    pub language: Language,
    /// The oldest message in the first response to a reader of the plain feed; `None` before that.
    #[serde(rename = "floor")]
    pub first_seen_id: Option<MessageId>,
    /// The last fetch from Telegram.
    pub fetched: DateTime<Utc>,
    /// The last change of the served content, deletions included.
    pub updated: DateTime<Utc>,
    /// The last page from Telegram was truncated.
    pub is_partial: bool,
    /// When Telegram first reported with certainty that the channel does not exist.
    pub gone_since: Option<DateTime<Utc>>,
}

/// An archived channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub id: ChannelId,
    /// The channel. After a rename its name differs from the requested one.
    pub channel: Channel,
    /// Another channel has taken its name.
    pub has_lost_name: bool,
    pub state: State,
    /// The posts of the newest range, so without gaps, newest first. Includes deleted posts.
    pub posts: Vec<PostRow>,
    /// Covered ranges, newest first.
    pub ranges: Vec<Range>,
}

/// The result of a fetch. It is stored completely or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub channel: Channel,
    pub state: State,
    /// New or changed posts. A post replaces the archived one with the same message in its identity.
    pub put: Vec<PostRow>,
    /// The versions before an edit. They become revisions of the posts with their identities.
    pub former: Vec<StoredPost>,
    /// The ranges that the fetch covered. They are joined with the archived ones.
    pub covered: Vec<Range>,
}

/// The result of storing an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub id: ChannelId,
    /// The covered ranges of the channel, newest first. The retention limits may have removed parts that the update
    /// covers.
    pub covered: Vec<Range>,
}

/// A part of a channel's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The posts below the requested message without gaps, newest first. Includes deleted posts.
    pub posts: Vec<PostRow>,
    /// The `before` of the next request; `None` if the channel's first post is reached.
    pub next: Option<MessageId>,
    /// Whether the message before the requested one is covered. If not, the posts must be fetched from Telegram.
    pub is_covered: bool,
}

/// An entry of the list of channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub id: ChannelId,
    /// `None` if another channel has taken the name.
    pub name: Option<ChannelName>,
    pub title: String,
    /// Telegram's number of the channel.
    pub numeric_id: Option<i64>,
    /// The number of posts, including deleted ones.
    pub posts: u64,
    /// The date of publication of the oldest post.
    pub oldest: Option<DateTime<Utc>>,
    /// The date of publication of the newest post.
    pub newest: Option<DateTime<Utc>>,
    pub state: State,
}

/// Statistics of the archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Info {
    /// The schema version.
    pub version: u32,
    /// The size of the file, in bytes.
    pub size: u64,
    /// Free space in the file, in bytes.
    pub free: u64,
    /// The size of the `-wal` file, in bytes.
    pub pending: u64,
    pub channels: u64,
    /// Includes deleted posts.
    pub posts: u64,
    /// Earlier versions of posts.
    pub revisions: u64,
    /// The date of publication of the oldest post.
    pub oldest: Option<DateTime<Utc>>,
    /// The date of publication of the newest post.
    pub newest: Option<DateTime<Utc>>,
}
