//! A post as we keep it: what Telegram said, and what must never change about it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Channel, ChannelName, MessageId, Post};

/// What makes a post the same item in every reader for ever: fixed when the post is first seen, never recomputed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The channel's name when the post was first seen.
    pub channel: ChannelName,
    /// The id under which the post was first seen: for an album, that of the message first seen.
    pub message: MessageId,
    /// The channel's number, where the name was known to have had another owner when the post was first seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
}

/// A post with its identity and the time of its last change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPost {
    /// Its identity.
    pub identity: Identity,
    /// When we first saw the content that it has now; its time of publication until an edit is noticed.
    pub updated: DateTime<Utc>,
    /// What Telegram last said.
    pub post: Post,
}

/// A channel and its newest posts as of a time.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The channel.
    pub channel: Channel,
    /// Posts, newest first, without a gap among them.
    pub posts: Vec<Arc<StoredPost>>,
    /// Whether the last of `posts` is the channel's first post.
    pub reaches_start: bool,
    /// The oldest message of the first answer that a reader of the channel's plain feed got, none before that: such a feed goes
    /// no further back.
    pub first_seen_id: Option<MessageId>,
    /// When Telegram was last asked.
    pub fetched: DateTime<Utc>,
    /// When what is served last changed, deletions included; never goes back.
    pub updated: DateTime<Utc>,
}
