//! What the operator decides about freshness and memory.

use std::time::Duration;

use bytesize::ByteSize;

use super::schedule;
use crate::model::FeedDefaults;
use crate::upstream::Upstream;

/// `[cache]`, `[refresh]` and `[feed]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// All that is kept in memory: snapshots and rendered feeds with their compressed forms.
    pub memory: ByteSize,
    /// The shortest TTL of a snapshot.
    pub min_ttl: Duration,
    /// The longest TTL of a snapshot.
    pub max_ttl: Duration,
    /// How long a feed waits for a refresh before it is answered with what there is.
    pub refresh_timeout: Duration,
    /// How many older pages one refresh may fetch to close a gap; 0: none.
    pub backfill_pages: u32,
    /// New names, searches, older posts and single posts that one client may ask for at once.
    pub client_burst: u32,
    /// The time after which it may ask for one more.
    pub client_interval: Duration,
    /// Whether posts that Telegram no longer shows stay in feeds and on pages.
    pub keeps_deleted: bool,
    /// What is fetched ahead of demand. `min_ttl` and `rate` are taken from where they are decided.
    pub schedule: schedule::Settings,
    /// What a feed is when its address says nothing else.
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
            // A reader's import of a long list; then a quarter of what may be asked of Telegram.
            client_burst: 200,
            client_interval: Duration::from_secs(2),
            keeps_deleted: false,
            schedule: schedule::Settings::default(),
            feed: FeedDefaults::default(),
        }
    }
}

impl Settings {
    /// The schedule's settings, with what others decide.
    pub(super) fn schedule(&self, upstream: &Upstream) -> schedule::Settings {
        schedule::Settings {
            min_ttl: self.min_ttl,
            rate: upstream.traffic().rate(),
            ..self.schedule.clone()
        }
    }
}
