//! What goes into the archive and what comes out.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytesize::ByteSize;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{Channel, ChannelName, Language, MessageId, StoredPost};

/// The most posts of one answer.
pub const MOST: usize = 10_000;

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

/// The archive's own number of a channel: it stays, whatever becomes of the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(i64);

impl ChannelId {
    pub(in crate::archive) const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Messages of which all that there are have been seen: from `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Range {
    /// The lowest; 1: the channel's first post is reached.
    pub low: MessageId,
    /// The highest.
    pub high: MessageId,
    /// When a part of it was last fetched.
    pub fetched: DateTime<Utc>,
}

impl Range {
    /// Whether the channel's first post is in it.
    pub fn reaches_start(&self) -> bool {
        self.low == MessageId::FIRST
    }
}

/// A post, and whether Telegram still shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostRow {
    /// The post.
    pub kept: Arc<StoredPost>,
    /// Since when a page that should show it does not; not yet believed to be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent_since: Option<DateTime<Utc>>,
    /// When it was found to be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<DateTime<Utc>>,
    /// The version of the parser that read it.
    pub parser: u32,
}

impl PostRow {
    /// A post that Telegram shows.
    pub fn new(kept: Arc<StoredPost>, parser: u32) -> Self {
        Self { kept, absent_since: None, deleted: None, parser }
    }

    /// The message by which it is found: that of its identity.
    pub fn message(&self) -> MessageId {
        self.kept.identity.message
    }
}

/// How things stand with a channel's refreshes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The language of our own words in its feeds.
    pub language: Language,
    /// The oldest message of the first answer that a reader got; none before that.
    #[serde(rename = "floor")]
    pub first_seen_id: Option<MessageId>,
    /// When Telegram was last asked.
    pub fetched: DateTime<Utc>,
    /// When what is served last changed, deletions included.
    pub updated: DateTime<Utc>,
    /// Telegram's last page came cut.
    pub is_partial: bool,
    /// When Telegram first said, for certain, that the channel is not there any more.
    pub gone_since: Option<DateTime<Utc>>,
}

/// What is held of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its number here.
    pub id: ChannelId,
    /// The channel; under another name than was asked for when it was renamed.
    pub channel: Channel,
    /// Another channel has its name now.
    pub has_lost_name: bool,
    /// Its refreshes.
    pub state: State,
    /// Posts, newest first, without a gap: all out of the newest range. Deleted ones too.
    pub posts: Vec<PostRow>,
    /// What is covered, newest first.
    pub ranges: Vec<Range>,
}

/// What a fetch brought: goes in whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The channel, as it is now.
    pub channel: Channel,
    /// Its refreshes, as they are now.
    pub state: State,
    /// New or changed posts. One with the identity's message of a known one replaces it.
    pub put: Vec<PostRow>,
    /// Versions before an edit: they become revisions of the posts of their identities.
    pub former: Vec<StoredPost>,
    /// What is covered now: joined with the ranges that it overlaps or touches.
    pub covered: Vec<Range>,
}

/// What the archive holds of a channel after an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The channel's number.
    pub id: ChannelId,
    /// Of which messages it holds all posts, newest first. The limits may have taken some that the update covers.
    pub covered: Vec<Range>,
}

/// A stretch of a channel's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Posts below the message that was asked for, newest first, all that there are in between. Deleted ones too.
    pub posts: Vec<PostRow>,
    /// What to ask for next; `None`: the channel's first post is reached.
    pub next: Option<MessageId>,
    /// Whether the message before the one that was asked for is covered: else Telegram must be asked.
    pub is_covered: bool,
}

/// A channel in a list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its number here.
    pub id: ChannelId,
    /// Its name; `None` when it has passed to another channel.
    pub name: Option<ChannelName>,
    /// What it calls itself.
    pub title: String,
    /// Telegram's number of it.
    pub numeric_id: Option<i64>,
    /// Posts that are held, deleted ones too.
    pub posts: u64,
    /// When the oldest of them was published.
    pub oldest: Option<DateTime<Utc>>,
    /// When the newest of them was published.
    pub newest: Option<DateTime<Utc>>,
    /// Its refreshes.
    pub state: State,
}

/// The archive in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Info {
    /// The version of its tables.
    pub version: u32,
    /// Bytes of the file.
    pub size: u64,
    /// Bytes of it that are free for what comes.
    pub free: u64,
    /// Bytes of what is not yet in the file (its `-wal`).
    pub pending: u64,
    /// Channels.
    pub channels: u64,
    /// Posts, deleted ones too.
    pub posts: u64,
    /// Earlier versions of posts.
    pub revisions: u64,
    /// When the oldest post was published.
    pub oldest: Option<DateTime<Utc>>,
    /// When the newest post was published.
    pub newest: Option<DateTime<Utc>>,
}
