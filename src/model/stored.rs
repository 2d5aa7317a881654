//! A stored post: Telegram's content, and its permanent identity.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Channel, ChannelName, MessageId, Post};

/// The permanent identity of a post, by which readers recognise it. It is fixed when the post is first seen, and never
/// recomputed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The channel's name when the post was first seen.
    pub channel: ChannelName,
    /// The id when the post was first seen: for an album, that of the message seen first.
    pub message: MessageId,
    /// The channel's number, if the name was known to have had another owner when the post was first seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
}

/// A post with its identity and the time of its last change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPost {
    pub identity: Identity,
    /// The time at which the current content was first seen; until an edit is noticed, the time of publication.
    pub updated: DateTime<Utc>,
    /// Telegram's latest version.
    pub post: Post,
}

/// A channel and its newest posts at a point in time.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub channel: Channel,
    /// Newest first, without gaps.
    pub posts: Vec<Arc<StoredPost>>,
    /// The last of `posts` is the channel's first post.
    pub reaches_start: bool,
    /// The oldest message of the first response for the channel's plain feed; `None` before that. Such a feed does not
    /// go further back.
    pub first_seen_id: Option<MessageId>,
    /// The time of the last request to Telegram.
    pub fetched: DateTime<Utc>,
    /// The time of the last change of the served content, deletions included. It never decreases.
    pub updated: DateTime<Utc>,
}
