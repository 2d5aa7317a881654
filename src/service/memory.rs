//! What is kept in memory, bounded by bytes.
//!
//! Shares of `cache.memory`, in sixteenths: seven for channels, six for rendered feeds (`render_cache`), two for what was fetched besides
//! (single posts, pages of history, answers of Telegram's own search: `ttl_cache`), one for names and refusals.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::Key;
use super::ttl_cache::{CacheEntry, Measure, weight};
use crate::archive::{ChannelId, PostRow, Range};
use crate::model::{ChannelName, Language, MessageId, Outline, Post, Snapshot, StoredPost};
use crate::text::{Address, Spoilers};
use crate::upstream::Refusal;

/// How long what was fetched besides is used: Telegram's file addresses live a little longer.
pub(super) const BESIDES_TTL: Duration = Duration::from_secs(60 * 60);

/// The bytes that a post takes beside its text.
const POST_SIZE: usize = 1200;

/// The bytes that an entry takes by itself.
pub(super) const ENTRY_SIZE: usize = 512;

/// The bytes that a name, or why it is refused, takes.
const NAME_SIZE: u64 = 400;

/// All that is known of a channel.
#[derive(Clone, Debug)]
pub struct ChannelState {
    /// The channel and its newest posts.
    pub snapshot: Snapshot,
    /// How long the snapshot lives from its fetch on.
    pub ttl: Duration,
    /// The part of the TTL that depends on the posts alone.
    pub base_ttl: Duration,
    /// The language of our own words in its feeds.
    pub language: Language,
    /// Telegram's last page came cut.
    pub is_partial: bool,
    /// Another channel has its name now.
    pub(super) has_lost_name: bool,
    /// When Telegram first said, for certain, that the channel is not there any more; it has not been seen since.
    pub gone_since: Option<DateTime<Utc>>,
    /// The posts of the last fetch: their file addresses are as old as that, others' are older.
    pub(super) shown: Arc<[MessageId]>,
    /// What the snapshot shows, and what it does not show any more; newest first, without a gap among them.
    pub(super) held: Arc<[PostRow]>,
    /// Of which messages the archive holds all posts; newest first.
    pub(super) covered: Arc<[Range]>,
    /// The archive's number of the channel; none while it could not be stored.
    pub(super) id: Option<ChannelId>,
    /// When all of this was last put into the archive; none when that failed.
    pub(super) stored: Option<DateTime<Utc>>,
}

impl ChannelState {
    pub(super) fn key(&self) -> Key {
        self.snapshot.channel.name.key().into()
    }

    /// The posts that the newest page showed: where their files lie was told then.
    pub fn listed(&self) -> impl Iterator<Item = &Arc<StoredPost>> {
        let posts = self.snapshot.posts.iter();
        posts.filter(|kept| self.shown.contains(&kept.post.id))
    }

    /// The post of a message, if the newest page showed it.
    pub(super) fn listed_with(&self, message: MessageId) -> Option<Arc<StoredPost>> {
        self.listed().find(|kept| kept.post.members.contains(&message)).cloned()
    }

    /// Whether it is used as it is; not after the clock went back either.
    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let fetched = self.snapshot.fetched;
        (fetched..fetched + self.ttl).contains(&now)
    }
}

/// Posts that are no part of a snapshot: older ones, or those that hold some words.
#[derive(Clone, Debug)]
pub(super) struct OtherPage {
    /// Newest first, and all that there are between the first and the last.
    pub(super) posts: Vec<Arc<StoredPost>>,
    /// What to ask next; `None` when nothing older exists.
    pub(super) older: Option<MessageId>,
}

/// A post that was fetched by itself.
#[derive(Clone, Debug)]
pub(super) struct SinglePost {
    pub(super) post: Arc<StoredPost>,
    /// What its channel or group calls itself.
    pub(super) title: String,
}

/// All that is kept of channels.
pub(super) struct Memory {
    pub(super) channels: Cache<Key, Arc<ChannelState>>,
    /// Channels by Telegram's number: what ties a renamed channel to its posts.
    pub(super) numbers: Cache<i64, Key>,
    /// Names that a channel had before, with the one that it has now. When its time is over, Telegram is asked again.
    pub(super) aliases: Cache<Key, CacheEntry<ChannelName>>,
    pub(super) refusals: Cache<Key, CacheEntry<Refusal>>,
}

impl Memory {
    pub(super) fn new(bytes: u64) -> Self {
        let names = bytes / 16 / 3 / NAME_SIZE;
        Self {
            channels: Cache::builder()
                .weigher(|_, known: &Arc<ChannelState>| {
                    weight(ENTRY_SIZE + posts_size(&known.snapshot.posts))
                })
                .max_capacity(bytes / 16 * 7)
                .build(),
            numbers: latest(names),
            aliases: latest(names),
            refusals: latest(names),
        }
    }

    /// The name that a channel has now, as far as is known.
    pub(super) fn resolve(&self, name: &ChannelName, now: DateTime<Utc>) -> ChannelName {
        let alias = self.aliases.get(&Key::from(name.key()));
        alias.filter(|alias| alias.is_fresh(now)).map_or_else(|| name.clone(), |alias| alias.value)
    }
}

/// A cache of so many small entries. Least recently used goes first: clients choose which names they ask for.
pub(super) fn latest<K, V>(entries: u64) -> Cache<K, V>
where
    K: std::hash::Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder().eviction_policy(EvictionPolicy::lru()).max_capacity(entries).build()
}

/// Pages of history, by the message before which they end.
pub(super) fn older_pages(bytes: u64, ttl: Duration) -> Measure<(Key, MessageId), OtherPage> {
    Measure { bytes: bytes / 24, ttl, size: |_, page| ENTRY_SIZE + page_size(page) }
}

/// What Telegram's own search found, by its words.
pub(super) fn searches(bytes: u64) -> Measure<(Key, String), OtherPage> {
    let size: fn(&(Key, String), Option<&OtherPage>) -> usize =
        |(_, words), page| ENTRY_SIZE + words.len() + page_size(page);
    Measure { bytes: bytes / 24, ttl: BESIDES_TTL, size }
}

/// Posts by themselves.
pub(super) fn singles(bytes: u64) -> Measure<(Key, MessageId), SinglePost> {
    let size: fn(&(Key, MessageId), Option<&SinglePost>) -> usize =
        |_, single| ENTRY_SIZE + single.map_or(0, |single| post_size(&single.post.post));
    Measure { bytes: bytes / 24, ttl: BESIDES_TTL, size }
}

/// Where the pictures of custom emoji lie.
pub(super) fn emoji(bytes: u64) -> Measure<u64, Option<Address>> {
    let size: fn(&u64, Option<&Option<Address>>) -> usize = |_, _| ENTRY_SIZE;
    Measure { bytes: bytes / 256, ttl: BESIDES_TTL, size }
}

fn page_size(page: Option<&OtherPage>) -> usize {
    page.map_or(0, |page| posts_size(&page.posts))
}

fn posts_size(posts: &[Arc<StoredPost>]) -> usize {
    posts.iter().map(|kept| post_size(&kept.post)).sum()
}

/// A text's tree takes about three times its characters.
fn post_size(post: &Post) -> usize {
    let captions: usize =
        post.documents.iter().map(|document| document.caption.plain(Spoilers::Show).len()).sum();
    let outlines: usize =
        post.media.iter().filter_map(|media| media.outline.as_ref()).map(Outline::size).sum();
    POST_SIZE
        + outlines
        + 3 * (post.text.plain(Spoilers::Show).len() + captions)
        + 400 * post.media.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Error;
    use crate::service::tests::{minute, snapshot_of};

    fn known(posts: i64) -> Arc<ChannelState> {
        let ages: Vec<i64> = (0..posts).rev().map(|back| back * 60).collect();
        Arc::new(ChannelState {
            snapshot: snapshot_of(&ages, 0),
            ttl: Duration::from_secs(300),
            base_ttl: Duration::from_secs(300),
            language: Language::default(),
            is_partial: false,
            has_lost_name: false,
            gone_since: None,
            shown: Arc::new([]),
            held: Arc::new([]),
            covered: Arc::new([]),
            id: None,
            stored: None,
        })
    }

    #[test]
    fn what_is_kept_stays_below_its_share_however_much_comes() {
        let memory = Memory::new(1 << 20);
        for number in 0..2000_i64 {
            let key: Key = format!("channel{number}").into();
            memory.channels.insert(Key::clone(&key), known(20));
            memory.numbers.insert(number, Key::clone(&key));
            let name = ChannelName::parse("tearoad").unwrap();
            memory
                .aliases
                .insert(Key::clone(&key), CacheEntry::new(name.clone(), minute(0), BESIDES_TTL));
            let refusal = Refusal::NotFound { channel: name };
            memory.refusals.insert(key, CacheEntry::new(refusal, minute(0), BESIDES_TTL));
        }
        memory.channels.run_pending_tasks();
        let size = memory.channels.weighted_size();
        assert!((1 << 18..=(1 << 20) / 16 * 7).contains(&size), "{size}");
        memory.numbers.run_pending_tasks();
        memory.aliases.run_pending_tasks();
        memory.refusals.run_pending_tasks();
        let entries = memory.numbers.entry_count()
            + memory.aliases.entry_count()
            + memory.refusals.entry_count();
        assert!(entries > 30 && entries * NAME_SIZE <= (1 << 20) / 16, "{entries}");
    }

    #[test]
    fn a_snapshot_larger_than_the_memory_is_not_kept_and_harms_nothing() {
        let memory = Memory::new(1 << 16);
        memory.channels.insert("small".into(), known(2));
        memory.channels.insert("large".into(), known(300));
        memory.channels.run_pending_tasks();
        assert!(memory.channels.contains_key("small") && !memory.channels.contains_key("large"));
    }

    #[test]
    fn nothing_is_believed_before_it_was_said_or_after_its_time() {
        let kept = CacheEntry::new((), minute(10), Duration::from_secs(600));
        let snapshot = known(1);
        for (at, alive) in [(9, false), (10, true), (19, true), (20, false)] {
            assert_eq!(kept.is_fresh(minute(at)), alive, "{at}");
        }
        for (at, alive) in [(-1, false), (0, true), (4, true), (5, false)] {
            assert_eq!(snapshot.is_fresh(minute(at)), alive, "{at}");
        }
    }

    #[test]
    fn a_throttle_is_given_again_with_the_time_that_is_left() {
        let throttled = |seconds| Refusal::Throttled { retry_after: Duration::from_secs(seconds) };
        let kept = CacheEntry::new(throttled(600), minute(0), Duration::from_secs(600));
        assert_eq!(kept.again(minute(4)), throttled(360));
        let kept = CacheEntry::new(
            Err::<(), Error>(throttled(600).into()),
            minute(0),
            Duration::from_secs(600),
        );
        assert_eq!(kept.outcome(minute(9)), Err(throttled(60).into()));
    }
}
