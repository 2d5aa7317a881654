//! The channels in memory: their states, names and refusals, bounded by bytes.
//!
//! Shares of `cache.memory`, in sixteenths: seven for channel states, one for names and refusals, six for rendered
//! feeds (`render_cache`), two for posts that are not among a channel's newest ones (`post_fetcher`). Custom emoji
//! (`locate`) take another 1/256.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::Key;
use super::clock::Clock;
use super::ttl_cache::{CacheEntry, weight};
use crate::archive::{ChannelId, PostRow, Range};
use crate::model::{ChannelName, Language, MessageId, Outline, Post, Snapshot, StoredPost};
use crate::upstream::Refusal;

/// The estimated bytes of a post without its text.
const POST_SIZE: usize = 1200;

/// The estimated bytes of an entry without its value.
pub(super) const ENTRY_SIZE: usize = 512;

/// The estimated bytes of a name or a refusal.
const NAME_SIZE: u64 = 400;

/// A channel with its newest posts, as of its last fetch.
#[derive(Clone, Debug)]
pub struct ChannelState {
    pub snapshot: Snapshot,
    /// From the fetch of the snapshot on.
    pub ttl: Duration,
    /// The part of the TTL that depends on the posts alone.
    pub base_ttl: Duration,
    /// The language of feedline's own words in its feeds.
    pub language: Language,
    /// The last page was truncated.
    pub is_partial: bool,
    /// Another channel has its name now.
    pub(super) has_lost_name: bool,
    /// The date of Telegram's first report that the channel does not exist, if no fetch has succeeded since.
    pub gone_since: Option<DateTime<Utc>>,
    /// The posts of the newest page. Their file addresses are as old as the snapshot; those of other posts are older.
    pub(super) listed: Arc<[MessageId]>,
    /// The rows of the snapshot's posts and of posts that it does not show any more; newest first, without a gap.
    pub(super) rows: Arc<[PostRow]>,
    /// The ranges of messages that the archive has completely; newest first.
    pub(super) covered: Arc<[Range]>,
    /// The archive's number of the channel; `None` if no store has succeeded.
    pub(super) id: Option<ChannelId>,
    /// The date of the last store of the whole state; `None` if it failed.
    pub(super) stored: Option<DateTime<Utc>>,
    /// The minute of the last visit since 1970 (`schedule`).
    pub(super) visited: Arc<AtomicI64>,
}

impl ChannelState {
    pub(super) fn key(&self) -> Key {
        self.snapshot.channel.name.key().into()
    }

    /// The posts of the newest page, whose file addresses are as old as the snapshot.
    pub fn listed(&self) -> impl Iterator<Item = &Arc<StoredPost>> {
        let posts = self.snapshot.posts.iter();
        posts.filter(|stored| self.listed.contains(&stored.post.id))
    }

    /// The post of a message, if it is on the newest page.
    pub(super) fn listed_with(&self, message: MessageId) -> Option<Arc<StoredPost>> {
        self.listed().find(|stored| stored.post.members.contains(&message)).cloned()
    }

    /// A snapshot from the future is not fresh: the clock went back.
    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let fetched = self.snapshot.fetched;
        (fetched..fetched + self.ttl).contains(&now)
    }
}

pub(super) struct Memory {
    states: Cache<Key, Arc<ChannelState>>,
    /// Keys by Telegram's number, which leads from a renamed channel to its posts.
    numbers: Cache<i64, Key>,
    /// Present names by former names. An expired alias is checked at Telegram.
    aliases: Cache<Key, CacheEntry<ChannelName>>,
    alias_ttl: Duration,
    refusals: Cache<Key, CacheEntry<Refusal>>,
    clock: Clock,
}

impl Memory {
    pub(super) fn new(bytes: u64, alias_ttl: Duration, clock: Clock) -> Self {
        let names = bytes / 16 / 3 / NAME_SIZE;
        Self {
            states: Cache::builder()
                .weigher(|_, state: &Arc<ChannelState>| {
                    weight(ENTRY_SIZE + posts_size(&state.snapshot.posts))
                })
                .max_capacity(bytes / 16 * 7)
                .build(),
            numbers: lru(names),
            aliases: lru(names),
            alias_ttl,
            refusals: lru(names),
            clock,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<Arc<ChannelState>> {
        self.states.get(key)
    }

    pub(super) fn with_number(&self, number: i64) -> Option<Arc<ChannelState>> {
        let state = self.states.get(&self.numbers.get(&number)?)?;
        (state.snapshot.channel.numeric_id == Some(number)).then_some(state)
    }

    pub(super) fn insert(&self, state: Arc<ChannelState>) {
        self.set_number(&state);
        self.states.insert(state.key(), state);
    }

    /// The cached state of the channel, else `state`, which is inserted.
    pub(super) fn get_or_insert(&self, state: Arc<ChannelState>) -> Arc<ChannelState> {
        self.set_number(&state);
        self.states.entry(state.key()).or_insert(state).into_value()
    }

    fn set_number(&self, state: &ChannelState) {
        if let Some(number) = state.snapshot.channel.numeric_id {
            self.numbers.insert(number, state.key());
        }
    }

    pub(super) fn remove(&self, key: &str) {
        self.states.invalidate(key);
    }

    /// The numbers of channels and of posts in memory.
    pub(super) fn count(&self) -> (u64, u64) {
        let posts = self.states.iter().map(|(_, state)| state.snapshot.posts.len() as u64);
        posts.fold((0, 0), |(channels, posts), more| (channels + 1, posts + more))
    }

    /// The present name of the channel with this present or former name. An expired alias does not count.
    pub(super) fn resolve(&self, name: &ChannelName) -> ChannelName {
        let alias = self.aliases.get(&*name.key());
        let alias = alias.filter(|alias| alias.is_fresh(self.clock.now()));
        alias.map_or_else(|| name.clone(), |alias| alias.value)
    }

    /// The present name of the channel that had this name, even if the alias has expired.
    pub(super) fn alias(&self, former: &str) -> Option<ChannelName> {
        Some(self.aliases.get(former)?.value)
    }

    /// Whether the alias of this former name has expired, so that its owner is checked at Telegram.
    pub(super) fn is_stale_alias(&self, former: &str) -> bool {
        self.aliases.get(former).is_some_and(|alias| !alias.is_fresh(self.clock.now()))
    }

    /// Maps a former name to the present one until the alias expires and is checked at Telegram.
    pub(super) fn set_alias(&self, former: Key, name: ChannelName) {
        self.aliases.insert(former, CacheEntry::new(name, self.clock.now(), self.alias_ttl));
    }

    pub(super) fn remove_alias(&self, former: &str) {
        self.aliases.remove(former);
    }

    /// The cached refusal of a channel, if it is fresh.
    pub(super) fn refusal(&self, key: &str) -> Option<Refusal> {
        let now = self.clock.now();
        let entry = self.refusals.get(key).filter(|entry| entry.is_fresh(now))?;
        Some(entry.again(now))
    }

    /// Caches a refusal for its negative TTL.
    pub(super) fn set_refusal(&self, key: Key, refusal: Refusal) {
        let ttl = refusal.negative_ttl();
        self.refusals.insert(key, CacheEntry::new(refusal, self.clock.now(), ttl));
    }

    pub(super) fn remove_refusal(&self, key: &str) {
        self.refusals.remove(key);
    }
}

/// A cache of small entries with LRU eviction, because clients choose the names that they request.
pub(super) fn lru<K, V>(entries: u64) -> Cache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder().eviction_policy(EvictionPolicy::lru()).max_capacity(entries).build()
}

pub(super) fn posts_size(posts: &[Arc<StoredPost>]) -> usize {
    posts.iter().map(|stored| post_size(&stored.post)).sum()
}

/// Includes the nodes of texts.
pub(super) fn post_size(post: &Post) -> usize {
    let outlines: usize =
        post.media.iter().filter_map(|media| media.outline.as_ref()).map(Outline::size).sum();
    POST_SIZE + outlines + post.weight() + 400 * post.media.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::tests::snapshot_of;

    fn memory(bytes: u64) -> Memory {
        Memory::new(bytes, Duration::from_secs(3600), Clock::System)
    }

    fn state(posts: i64) -> Arc<ChannelState> {
        let ages: Vec<i64> = (0..posts).rev().map(|back| back * 60).collect();
        Arc::new(ChannelState {
            snapshot: snapshot_of(&ages, 0),
            ttl: Duration::from_secs(300),
            base_ttl: Duration::from_secs(300),
            language: Language::default(),
            is_partial: false,
            has_lost_name: false,
            gone_since: None,
            listed: Arc::new([]),
            rows: Arc::new([]),
            covered: Arc::new([]),
            id: None,
            stored: None,
            visited: Arc::default(),
        })
    }

    #[test]
    fn memory_stays_within_its_share() {
        let memory = memory(1 << 20);
        let name = ChannelName::parse("tearoad").unwrap();
        for number in 0..2000_i64 {
            let key: Key = format!("channel{number}").into();
            memory.states.insert(Key::clone(&key), state(20));
            memory.numbers.insert(number, Key::clone(&key));
            memory.set_alias(Key::clone(&key), name.clone());
            memory.set_refusal(key, Refusal::NotFound { channel: name.clone() });
        }
        memory.states.run_pending_tasks();
        let size = memory.states.weighted_size();
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
    fn state_larger_than_memory_is_not_cached() {
        let memory = memory(1 << 16);
        memory.states.insert("small".into(), state(2));
        memory.states.insert("large".into(), state(300));
        memory.states.run_pending_tasks();
        assert!(memory.get("small").is_some() && memory.get("large").is_none());
    }

    #[test]
    fn state_is_fresh_from_fetch_until_end_of_ttl() {
        let state = state(1);
        for (at, is_fresh) in [(-1, false), (0, true), (4, true), (5, false)] {
            assert_eq!(state.is_fresh(crate::service::tests::minute(at)), is_fresh, "{at}");
        }
    }
}
