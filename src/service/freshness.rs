//! How long a snapshot lives, and how fresh an answer is.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::model::{Snapshot, StoredPost};

/// The posts whose gaps tell a channel's base TTL.
const RHYTHM: usize = 20;

/// The bounds of a snapshot's TTL.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) min_ttl: Duration,
    pub(super) max_ttl: Duration,
}

impl Bounds {
    fn clamp(self, ttl: Duration) -> Duration {
        ttl.clamp(self.min_ttl, self.max_ttl.max(self.min_ttl))
    }

    /// `clamp(max(half the median gap of the last posts, a tenth of the newest post's age))`.
    pub(super) fn ttl(self, snapshot: &Snapshot) -> Duration {
        self.life_of(&dates(snapshot), snapshot.fetched)
    }

    /// The same, of the dates of the newest posts, newest first.
    pub(super) fn life_of(self, dates: &[DateTime<Utc>], fetched: DateTime<Utc>) -> Duration {
        let age = dates.first().map_or(Duration::MAX, |newest| elapsed(*newest, fetched));
        self.clamp(half_median_gap(dates).max(age / 10))
    }

    /// The part of the TTL that depends on the posts alone: it goes into the feed, whose bytes must not change while
    /// nothing is said.
    pub(super) fn base_ttl(self, snapshot: &Snapshot) -> Duration {
        self.clamp(half_median_gap(&dates(snapshot)))
    }
}

/// From one date to another; zero when the clock went back.
pub(super) fn elapsed(from: DateTime<Utc>, to: DateTime<Utc>) -> Duration {
    (to - from).to_std().unwrap_or_default()
}

/// When the posts were published that tell a channel's base TTL, newest first.
fn dates(snapshot: &Snapshot) -> Vec<DateTime<Utc>> {
    let newest = snapshot.posts.first();
    // Posts below the floor are there when somebody paged back: that must not change the first page.
    let is_first_page =
        |kept: &&Arc<StoredPost>| snapshot.floor.is_none_or(|floor| kept.post.id >= floor);
    let posts = snapshot.posts.iter().take_while(is_first_page).take(RHYTHM + 1);
    let dates: Vec<DateTime<Utc>> = posts.map(|kept| kept.post.published).collect();
    if dates.is_empty() {
        newest.map(|kept| kept.post.published).into_iter().collect()
    } else {
        dates
    }
}

fn half_median_gap(dates: &[DateTime<Utc>]) -> Duration {
    let mut gaps: Vec<Duration> = dates.windows(2).map(|pair| elapsed(pair[1], pair[0])).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).map_or(Duration::MAX, |median| *median / 2)
}

/// How fresh an answer is: what `Cache-Status`, `Cache-Control` and `Age` are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// Where the answer comes from.
    pub source: CacheStatus,
    /// How long ago Telegram was asked.
    pub age: Duration,
    /// How long the answer lives from then on.
    pub ttl: Duration,
    /// What is to be known about it: a refusal's code, or `partial`.
    pub detail: Option<&'static str>,
}

impl Freshness {
    /// The same for an answer that lacks posts for this reason. It is cached for a short time: the next one may be complete.
    pub(super) fn lacking(self, why: Option<&'static str>) -> Self {
        let Some(why) = why else { return self };
        Self { source: CacheStatus::Stale, detail: self.detail.or(Some(why)), ..self }
    }
}

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheStatus {
    /// From memory, alive.
    Hit,
    /// Telegram was asked for it.
    Miss,
    /// From memory, past its TTL or without posts that belong to it: Telegram refused, or has not answered yet.
    Stale,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::tests::snapshot_of;

    const BOUNDS: Bounds =
        Bounds { min_ttl: Duration::from_secs(300), max_ttl: Duration::from_secs(3600) };

    /// Conformance: 11.9
    #[test]
    fn a_snapshot_lives_as_long_as_its_channels_rhythm_allows() {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        for (dates, asked, ttl, base_ttl) in [
            // A post every ten minutes, the newest just now.
            (vec![40, 30, 20, 10, 0], 40, 5, 5),
            // A post every 40 minutes.
            (vec![120, 80, 40, 0], 120, 20, 20),
            // The same, but silent for ten hours: a tenth of its age, at most an hour.
            (vec![120, 80, 40, 0], 120 + 400, 40, 20),
            (vec![120, 80, 40, 0], 120 + 6000, 60, 20),
            // One post only.
            (vec![0], 0, 60, 60),
            (vec![], 0, 60, 60),
        ] {
            let snapshot = snapshot_of(&dates, asked);
            assert_eq!(BOUNDS.ttl(&snapshot), minutes(ttl), "{dates:?} asked at {asked}");
            assert_eq!(BOUNDS.base_ttl(&snapshot), minutes(base_ttl), "{dates:?} asked at {asked}");
        }
    }

    #[test]
    fn posts_that_paging_brought_do_not_change_the_rhythm() {
        let mut snapshot = snapshot_of(&[500, 490, 480, 470, 460, 80, 40, 0], 500);
        let with_older = BOUNDS.base_ttl(&snapshot);
        snapshot.floor = Some(crate::service::tests::id(6));
        assert_eq!(BOUNDS.base_ttl(&snapshot), Duration::from_secs(20 * 60));
        assert_ne!(with_older, BOUNDS.base_ttl(&snapshot));
    }

    #[test]
    fn posts_from_the_future_are_no_age() {
        assert_eq!(BOUNDS.ttl(&snapshot_of(&[90, 80, 70], 0)), Duration::from_secs(300));
    }
}
