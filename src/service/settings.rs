//! The settings of the use cases.

use std::time::Duration;

use bytesize::ByteSize;
use serde::{Deserialize, Deserializer};

use super::schedule;
use crate::model::FeedDefaults;
use crate::setting::{self, DAY, HOUR, MIB, SECOND, TIB, size, time, whole};
use crate::upstream::Upstream;

/// `[cache]`, `[refresh]`, `[feed]`, and parts of `[limits]` and `[archive]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The bytes of all caches in memory: channel states, other posts, and rendered feeds with their compressed forms.
    #[serde(rename = "cache.memory", deserialize_with = "size::<_, { 4 * MIB }, TIB>")]
    pub memory: ByteSize,
    #[serde(
        rename = "cache.min_ttl",
        deserialize_with = "time::<_, { 10 * SECOND }, { 7 * DAY }>"
    )]
    pub min_ttl: Duration,
    #[serde(
        rename = "cache.max_ttl",
        deserialize_with = "time::<_, { 10 * SECOND }, { 7 * DAY }>"
    )]
    pub max_ttl: Duration,
    /// How long a request for a feed waits for a refresh before it gets stale content. Below the 18 s that a new channel may
    /// take.
    #[serde(rename = "cache.refresh_timeout", deserialize_with = "time::<_, 0, { 17 * SECOND }>")]
    pub refresh_timeout: Duration,
    /// The most older pages that one refresh fetches to close a gap.
    #[serde(rename = "refresh.backfill_pages", deserialize_with = "whole::<_, _, 0, 100>")]
    pub backfill_pages: u32,
    /// The requests to Telegram that one client may cause at once: new names, searches, older posts and single posts.
    #[serde(rename = "limits.new_fetches", deserialize_with = "whole::<_, _, 1, 100_000>")]
    pub client_burst: u32,
    /// The time after which a client may cause one more request.
    #[serde(rename = "limits.new_fetch_interval", deserialize_with = "time::<_, 10, HOUR>")]
    pub client_interval: Duration,
    /// Whether posts that Telegram no longer shows stay in feeds and on pages.
    #[serde(rename = "archive.deleted", deserialize_with = "keeps_deleted")]
    pub keeps_deleted: bool,
    /// Refreshes ahead of demand. The cache's `min_ttl` and the rate limiter's rate override its `min_ttl` and `rate`.
    #[serde(flatten)]
    pub schedule: schedule::Settings,
    /// The options of a feed address without options.
    #[serde(flatten)]
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

fn keeps_deleted<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    setting::parsed(from, |text| match text {
        "hide" => Ok(false),
        "keep" => Ok(true),
        _ => Err(""),
    })
}
