//! The TTL of a snapshot, and the freshness of an answer.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::model::{Snapshot, StoredPost};

/// The posts whose intervals determine a channel's base TTL.
const INTERVAL_POSTS: usize = 20;

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
        self.ttl_of(&dates(snapshot), snapshot.fetched)
    }

    /// The TTL by the dates of the newest posts, newest first.
    pub(super) fn ttl_of(self, dates: &[DateTime<Utc>], fetched: DateTime<Utc>) -> Duration {
        let age = dates.first().map_or(Duration::MAX, |newest| elapsed(*newest, fetched));
        self.clamp(half_median_gap(dates).max(age / 10))
    }

    /// The part of the TTL that depends on the posts alone. Feeds contain it, and change only when their content does.
    pub(super) fn base_ttl(self, snapshot: &Snapshot) -> Duration {
        self.clamp(half_median_gap(&dates(snapshot)))
    }
}

/// The time between two dates; zero when the clock went back.
pub(super) fn elapsed(from: DateTime<Utc>, to: DateTime<Utc>) -> Duration {
    (to - from).to_std().unwrap_or_default()
}

/// The dates of the posts that determine a channel's base TTL, newest first.
fn dates(snapshot: &Snapshot) -> Vec<DateTime<Utc>> {
    let newest = snapshot.posts.first();
    // Posts below the first answer's oldest are known only after a client paged back: they must not change the first
    // page.
    let is_first_page = |stored: &&Arc<StoredPost>| {
        snapshot.first_seen_id.is_none_or(|first_seen_id| stored.post.id >= first_seen_id)
    };
    let posts = snapshot.posts.iter().take_while(is_first_page).take(INTERVAL_POSTS + 1);
    let dates: Vec<DateTime<Utc>> = posts.map(|stored| stored.post.published).collect();
    if dates.is_empty() {
        newest.map(|stored| stored.post.published).into_iter().collect()
    } else {
        dates
    }
}

fn half_median_gap(dates: &[DateTime<Utc>]) -> Duration {
    let mut gaps: Vec<Duration> = dates.windows(2).map(|pair| elapsed(pair[1], pair[0])).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).map_or(Duration::MAX, |median| *median / 2)
}

/// The freshness of an answer, from which `Cache-Status`, `Cache-Control` and `Age` are derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    pub source: CacheStatus,
    /// The time since the fetch.
    pub age: Duration,
    /// The TTL from the fetch on.
    pub ttl: Duration,
    /// An error code, `partial` or `refreshing`.
    pub detail: Option<&'static str>,
}

impl Freshness {
    /// The freshness of an answer that lacks posts for the reason `why`. It counts as stale, so that it is cached
    /// briefly: the next answer may be complete.
    pub(super) fn lacking(self, why: Option<&'static str>) -> Self {
        let Some(why) = why else { return self };
        Self { source: CacheStatus::Stale, detail: self.detail.or(Some(why)), ..self }
    }
}

/// The source of an answer (RFC 9211).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheStatus {
    /// From memory or the archive, fresh.
    Hit,
    /// Fetched from Telegram.
    Miss,
    /// Past its TTL or incomplete: Telegram refused, or has not responded yet.
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
    fn ttl_depends_on_the_intervals_of_posts() {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        for (dates, fetched, ttl, base_ttl) in [
            // A post every ten minutes, the newest just now.
            (vec![40, 30, 20, 10, 0], 40, 5, 5),
            // A post every 40 minutes.
            (vec![120, 80, 40, 0], 120, 20, 20),
            // The same, but without posts for 400 minutes: a tenth of the newest post's age, at most an hour.
            (vec![120, 80, 40, 0], 120 + 400, 40, 20),
            (vec![120, 80, 40, 0], 120 + 6000, 60, 20),
            // One post only.
            (vec![0], 0, 60, 60),
            (vec![], 0, 60, 60),
        ] {
            let snapshot = snapshot_of(&dates, fetched);
            assert_eq!(BOUNDS.ttl(&snapshot), minutes(ttl), "{dates:?} fetched at {fetched}");
            assert_eq!(
                BOUNDS.base_ttl(&snapshot),
                minutes(base_ttl),
                "{dates:?} fetched at {fetched}"
            );
        }
    }

    #[test]
    fn older_posts_do_not_change_the_ttl() {
        let mut snapshot = snapshot_of(&[500, 490, 480, 470, 460, 80, 40, 0], 500);
        let with_older = BOUNDS.base_ttl(&snapshot);
        snapshot.first_seen_id = Some(crate::service::tests::id(6));
        assert_eq!(BOUNDS.base_ttl(&snapshot), Duration::from_secs(20 * 60));
        assert_ne!(with_older, BOUNDS.base_ttl(&snapshot));
    }

    #[test]
    fn posts_from_the_future_have_no_age() {
        assert_eq!(BOUNDS.ttl(&snapshot_of(&[90, 80, 70], 0)), Duration::from_secs(300));
    }
}
