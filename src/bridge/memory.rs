//! What is kept in memory, bounded by bytes.
//!
//! Three shares of `cache.memory`: channels (half), rendered feeds (three eighths), and what was fetched besides: single
//! posts, pages of history, answers of Telegram's own search (one eighth).

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::sync::Cache;

use super::freshness::elapsed;
use super::merge::Absent;
use super::render::{RenderKey, Rendered};
use crate::model::{ChannelName, KeptPost, Language, MessageId, Post, Snapshot};
use crate::text::Spoilers;
use crate::upstream::Refusal;

/// How long what was fetched besides is used: Telegram's file addresses live a little longer.
pub(super) const BESIDES_LIFE: Duration = Duration::from_secs(60 * 60);

/// The bytes that a post takes beside its text.
const POST_SIZE: usize = 1200;

/// A channel's key: its name in lower case.
pub(super) type Key = Arc<str>;

/// All that is known of a channel.
#[derive(Clone, Debug)]
pub struct Known {
    /// The channel and its newest posts.
    pub snapshot: Snapshot,
    /// How long the snapshot lives from its fetch on.
    pub life: Duration,
    /// The part of the life that depends on the posts alone.
    pub rhythm: Duration,
    /// The language of our own words in its feeds.
    pub language: Language,
    /// Telegram's last page came cut.
    pub is_partial: bool,
    /// The oldest message of the newest page: the file addresses from here on are those of the last fetch.
    pub(super) shown_from: Option<MessageId>,
    pub(super) absent: Absent,
}

impl Known {
    pub(super) fn key(&self) -> Key {
        self.snapshot.channel.name.key().into()
    }
}

/// Posts that are no part of a snapshot: older ones, or those that hold some words.
#[derive(Clone, Debug)]
pub(super) struct OtherPage {
    /// Newest first.
    pub(super) posts: Vec<Arc<KeptPost>>,
    /// What to ask next; `None` when nothing older exists.
    pub(super) older: Option<MessageId>,
}

/// A post that was fetched by itself.
#[derive(Clone, Debug)]
pub(super) struct SinglePost {
    pub(super) post: Post,
    /// What its channel or group calls itself.
    pub(super) title: String,
}

/// A value that is believed until a time.
#[derive(Clone, Debug)]
pub(super) struct Kept<T> {
    pub(super) value: T,
    pub(super) since: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
}

impl<T> Kept<T> {
    pub(super) fn new(value: T, since: DateTime<Utc>, life: Duration) -> Self {
        Self { value, since, until: since + life }
    }

    /// Whether it is still believed; not after the clock went back either.
    pub(super) fn is_alive(&self, now: DateTime<Utc>) -> bool {
        (self.since..self.until).contains(&now)
    }
}

impl Kept<Refusal> {
    /// The refusal as it is given again later: a throttle ends when it was to end.
    pub(super) fn value_with_time_left(&self, now: DateTime<Utc>) -> Refusal {
        match &self.value {
            Refusal::Throttled { .. } => {
                Refusal::Throttled { retry_after: elapsed(now, self.until) }
            }
            other => other.clone(),
        }
    }
}

/// A page that is believed until a time; cheap to clone.
pub(super) type KeptPage = Arc<Kept<OtherPage>>;

/// A single post, or why there is none, believed until a time; cheap to clone.
pub(super) type KeptSingle = Arc<Kept<Result<SinglePost, Refusal>>>;

/// All that is kept.
pub(super) struct Memory {
    pub(super) channels: Cache<Key, Arc<Known>>,
    /// Channels by Telegram's number: what ties a renamed channel to its posts.
    pub(super) numbers: Cache<i64, Key>,
    /// Names that a channel had before.
    pub(super) aliases: Cache<Key, Kept<ChannelName>>,
    pub(super) refusals: Cache<Key, Kept<Refusal>>,
    pub(super) rendered: Cache<RenderKey, Arc<Rendered>>,
    pub(super) older: Cache<(Key, MessageId), KeptPage>,
    pub(super) posts: Cache<(Key, MessageId), KeptSingle>,
    pub(super) searches: Cache<(Key, String), KeptPage>,
}

impl Memory {
    pub(super) fn new(bytes: u64) -> Self {
        let besides = bytes / 8 / 3;
        let pages = |_: &_, page: &KeptPage| weight(posts_size(&page.value.posts));
        Self {
            channels: Cache::builder()
                .weigher(|_, known: &Arc<Known>| weight(512 + posts_size(&known.snapshot.posts)))
                .max_capacity(bytes / 2)
                .build(),
            numbers: Cache::new(100_000),
            aliases: Cache::new(10_000),
            refusals: Cache::new(100_000),
            rendered: Cache::builder()
                .weigher(|_, rendered: &Arc<Rendered>| weight(rendered.size()))
                .max_capacity(bytes / 8 * 3)
                .build(),
            older: Cache::builder().weigher(pages).max_capacity(besides).build(),
            posts: Cache::builder()
                .weigher(|_, single: &KeptSingle| {
                    weight(
                        single.value.as_ref().map_or(POST_SIZE, |single| post_size(&single.post)),
                    )
                })
                .max_capacity(besides)
                .build(),
            searches: Cache::builder()
                .weigher(|_: &_, page: &KeptPage| weight(posts_size(&page.value.posts)))
                .max_capacity(besides)
                .build(),
        }
    }

    /// The key under which a name is kept, following the channel when it was renamed.
    pub(super) fn key(&self, channel: &ChannelName, now: DateTime<Utc>) -> Key {
        let key: Key = channel.key().into();
        let alias = self.aliases.get(&key).filter(|alias| alias.is_alive(now));
        alias.map_or(key, |alias| alias.value.key().into())
    }
}

fn weight(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn posts_size(posts: &[Arc<KeptPost>]) -> usize {
    posts.iter().map(|kept| post_size(&kept.post)).sum()
}

/// A text's tree takes about three times its characters.
fn post_size(post: &Post) -> usize {
    let captions: usize =
        post.documents.iter().map(|document| document.caption.plain(Spoilers::Show).len()).sum();
    POST_SIZE + 3 * (post.text.plain(Spoilers::Show).len() + captions) + 400 * post.media.len()
}
