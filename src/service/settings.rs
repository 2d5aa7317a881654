//! The settings of the use cases.

use std::time::Duration;

use bytesize::ByteSize;

use super::schedule;
use crate::model::FeedDefaults;
use crate::upstream::Upstream;

#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The bytes of all caches in memory: channel states, other posts, and rendered feeds with their compressed forms.
    pub memory: ByteSize,
    pub min_ttl: Duration,
    pub max_ttl: Duration,
    /// How long a request for a feed waits for a refresh before it gets stale content.
    pub refresh_timeout: Duration,
    /// The most older pages that one refresh fetches to close a gap.
    pub backfill_pages: u32,
    /// The requests to Telegram that one client may cause at once: new names, searches, older posts and single posts.
    pub client_burst: u32,
    /// The time after which a client may cause one more request.
    pub client_interval: Duration,
    /// Whether posts that Telegram no longer shows stay in feeds and on pages.
    pub keeps_deleted: bool,
    /// Refreshes ahead of demand. The cache's `min_ttl` and the rate limiter's rate override its `min_ttl` and `rate`.
    pub schedule: schedule::Settings,
    /// The options of a feed address without options.
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
            // The burst covers a reader's import of a long list; the interval allows a quarter of the default rate.
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
