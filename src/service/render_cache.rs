//! Caches rendered feeds, each rendered once for concurrent requests.
//!
//! A feed is cached by its source, options, format and base, together with the states of the channels from which it was
//! rendered. A new fetch or a content change of one channel makes it stale. A feed that lacks posts which a later
//! request may get is sent to the waiting clients and not cached.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio_util::task::TaskTracker;

use super::memory::{ChannelState, ENTRY_SIZE};
use super::render::Rendered;
use super::single_flight::SingleFlight;
use super::ttl_cache::weight;
use super::{Error, Key};
use crate::links::Base;
use crate::model::{ChannelName, Format};
use crate::upstream::Class;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct RenderKey {
    /// [`crate::model::Source::key`].
    pub(super) source: Key,
    /// The options in their normal form: a compiled expression would take more memory than the feed.
    pub(super) options: Box<str>,
    pub(super) format: Format,
    pub(super) base: Base,
}

impl RenderKey {
    /// In bytes.
    fn size(&self) -> usize {
        self.source.len() + self.options.len() + self.base.as_str().len()
    }
}

/// The versions of a feed's channels, as far as its bytes depend on them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Stamp(Arc<[Version]>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Version {
    channel: ChannelName,
    fetched: DateTime<Utc>,
    updated: DateTime<Utc>,
}

impl Version {
    fn new(state: &ChannelState) -> Self {
        let snapshot = &state.snapshot;
        let channel = snapshot.channel.name.clone();
        Self { channel, fetched: snapshot.fetched, updated: snapshot.updated }
    }

    fn is_of(&self, state: &ChannelState) -> bool {
        let snapshot = &state.snapshot;
        self.fetched == snapshot.fetched
            && self.updated == snapshot.updated
            && self.channel == snapshot.channel.name
    }
}

impl Stamp {
    pub(super) fn new(states: &[Arc<ChannelState>]) -> Self {
        Self(states.iter().map(|state| Version::new(state)).collect())
    }

    pub(super) fn is_of(&self, states: &[Arc<ChannelState>]) -> bool {
        self.0.len() == states.len()
            && self.0.iter().zip(states).all(|(version, state)| version.is_of(state))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Rendering {
    pub(super) rendered: Arc<Rendered>,
    /// Why posts are missing.
    pub(super) detail: Option<&'static str>,
    /// A later request would not get more posts.
    pub(super) is_complete: bool,
}

pub(super) struct RenderCache {
    cache: Cache<RenderKey, (Stamp, Rendering)>,
    flights: SingleFlight<(RenderKey, Stamp), Result<Rendering, Error>>,
}

impl RenderCache {
    /// Evicts the least recently used feed. Without a configured base, each request chooses its own, so a client can
    /// fill the cache with feeds for invented host names. moka's default policy rejects a new entry unless it is
    /// requested more often than the cached ones: after such an attack, each request for the real name would render.
    pub(super) fn new(bytes: u64, tasks: TaskTracker) -> Self {
        let cache = Cache::builder()
            .eviction_policy(EvictionPolicy::lru())
            .weigher(|key: &RenderKey, (stamp, rendering): &(Stamp, Rendering)| {
                weight(
                    ENTRY_SIZE
                        + key.size()
                        + stamp.0.len() * size_of::<Version>()
                        + rendering.rendered.size(),
                )
            })
            .max_capacity(bytes)
            .build();
        Self { cache, flights: SingleFlight::new(tasks) }
    }

    /// The feed, if it was rendered from these states.
    pub(super) fn get(&self, key: &RenderKey, states: &[Arc<ChannelState>]) -> Option<Rendering> {
        let (stamp, rendering) = self.cache.get(key)?;
        stamp.is_of(states).then_some(rendering)
    }

    /// The feed of these states, from the cache or from `render`, which gets the previously cached feed.
    pub(super) async fn get_or_render<F>(
        &self,
        key: RenderKey,
        states: &[Arc<ChannelState>],
        render: impl FnOnce(Option<Arc<Rendered>>) -> F + Send + 'static,
    ) -> Result<Rendering, Error>
    where
        F: Future<Output = Result<Rendering, Error>> + Send + 'static,
    {
        if let Some(rendering) = self.get(&key, states) {
            return Ok(rendering);
        }
        let stamp = Stamp::new(states);
        let flight = (key.clone(), stamp.clone());
        let mut waiter = self.flights.join(flight, Class::Waiting, true, |_| {
            let cache = self.cache.clone();
            async move {
                let former = cache.get(&key);
                // Another rendering may have ended since the look-up.
                if let Some((_, rendering)) = former.as_ref().filter(|(of, _)| *of == stamp) {
                    return Ok(rendering.clone());
                }
                let former = former.map(|(_, rendering)| rendering.rendered);
                let rendering = render(former).await?;
                if rendering.is_complete {
                    cache.insert(key, (stamp, rendering.clone()));
                }
                Ok(rendering)
            }
        });
        waiter.outcome().await.ok_or(Error::Internal)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does the same look-ups and the same insertion as a request. Returns whether it was a cache hit.
    fn render(cache: &RenderCache, host: &str) -> bool {
        let base = Base::parse(&format!("https://{host}")).unwrap();
        let key = RenderKey { source: "tea".into(), options: "".into(), format: Format::Rss, base };
        let is_hit = cache.get(&key, &[]).is_some();
        if !is_hit {
            let rendered = Arc::new(Rendered::new(vec![b'a'; 50_000], DateTime::UNIX_EPOCH));
            let rendering = Rendering { rendered, detail: None, is_complete: true };
            drop(cache.cache.get(&key));
            cache.cache.insert(key, (Stamp::new(&[]), rendering));
        }
        cache.cache.run_pending_tasks();
        is_hit
    }

    #[test]
    fn render_cache_admits_feed_after_flood_of_fake_hosts() {
        for hosts in [8, 1000] {
            let cache = RenderCache::new(1 << 20, TaskTracker::new());
            for number in 0..hosts {
                assert!(!render(&cache, &format!("invented{number}.example")));
            }
            assert!(!render(&cache, "feeds.example"));
            assert!(render(&cache, "feeds.example"), "{hosts}");
            assert!(cache.cache.weighted_size() <= 1 << 20);
            // A feed that is requested now and then stays cached through a flood.
            for number in 0..hosts {
                render(&cache, &format!("flood{number}.example"));
                assert!(number % 10 != 0 || render(&cache, "feeds.example"), "{number}");
            }
        }
    }
}
