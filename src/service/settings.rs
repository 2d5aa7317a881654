//! The operator's settings of freshness and memory.

use std::time::Duration;

use bytesize::ByteSize;

use super::schedule;
use crate::model::FeedDefaults;
use crate::upstream::Upstream;

/// `[cache]`, `[refresh]` and `[feed]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The size of all caches in memory: channel states, other posts, and rendered feeds with their compressed forms.
    pub memory: ByteSize,
    /// The shortest TTL of a snapshot.
    pub min_ttl: Duration,
    /// The longest TTL of a snapshot.
    pub max_ttl: Duration,
    /// How long a request for a feed waits for a refresh before it is answered with stale content.
    pub refresh_timeout: Duration,
    /// How many older pages one refresh may fetch to close a gap; 0: none.
    pub backfill_pages: u32,
    /// Requests to Telegram that one client may cause at once: new names, searches, older posts and single posts.
    pub client_burst: u32,
    /// The time after which it may cause one more.
    pub client_interval: Duration,
    /// Whether posts that Telegram no longer shows stay in feeds and on pages.
    pub keeps_deleted: bool,
    /// Refreshes ahead of demand. `min_ttl` and `rate` are overwritten by the settings of the cache and the rate limiter.
    pub schedule: schedule::Settings,
    /// The options of feeds whose addresses have none.
    pub feed: FeedDefaults,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            memory: ByteSize::mib(64),
            min_ttl: Duration::from_secs(5 * 60),
            max_ttl: Duration::from_secs(60 * 60),
            refresh_timeout: Duration::from_secs(8),
            backfill_pages: 5,
            // A reader's import of a long list; then a quarter of the rate.
            client_burst: 200,
            client_interval: Duration::from_secs(2),
            keeps_deleted: false,
            schedule: schedule::Settings::default(),
            feed: FeedDefaults::default(),
        }
    }
}

impl Settings {
    pub(super) fn schedule(&self, upstream: &Upstream) -> schedule::Settings {
        schedule::Settings {
            min_ttl: self.min_ttl,
            rate: upstream.traffic().rate(),
            ..self.schedule.clone()
        }
    }
}
