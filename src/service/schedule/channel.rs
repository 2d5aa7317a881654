//! One channel of the plan: when it is read, and when its next refresh is worth a request. Pure.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a refresh brought.
#[derive(Clone, Copy, Debug)]
pub(crate) struct News {
    pub(crate) fetched: DateTime<Utc>,
    pub(crate) ttl: Duration,
    /// Posts between it and the posts before are missing.
    pub(crate) has_gap: bool,
}

/// Why a job failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The refusal's code.
    pub(crate) code: &'static str,
    /// How long the refusal is cached.
    pub(crate) ttl: Duration,
    /// It concerns the channel, not Telegram's or our state.
    pub(crate) is_certain: bool,
}

impl Failure {
    /// The task panicked.
    pub(crate) const INTERNAL: Self =
        Self { code: "internal", ttl: Duration::ZERO, is_certain: false };
}

/// A refresh starts so long before an expected visit: its turn and Telegram's answer take time.
const LEAD: Duration = Duration::from_secs(45);

/// A snapshot older than this part of its TTL is renewed before a visit.
const OLD: f64 = 0.5;

/// The pause after a failed refresh, which doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// The longest pause of a followed channel that does not exist.
const LONGEST_ABSENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Visits that are stored.
const MAX_VISITS: usize = 20;

/// Visits closer than this are one visit: one refresh serves them all.
const SAME_VISIT: u32 = 2 * 60;

/// The distance of two visits that make a channel worth refreshing.
const REPEATED: u32 = 10 * 60;

/// The last intervals, whose median predicts the next visit.
const INTERVALS: usize = 8;

/// The longest JSON of stored visits.
const MAX_JSON: usize = 4096;

/// The times at which anybody read a channel: seconds since 1970, oldest first. This is also what the archive stores.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Visits {
    #[serde(rename = "v")]
    times: Vec<u32>,
}

impl Visits {
    /// `None` for JSON that this version cannot read.
    pub(super) fn from_json(json: &str) -> Option<Self> {
        if json.len() > MAX_JSON {
            return None;
        }
        serde_json::from_str(json).ok()
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether this is a visit of its own.
    fn add(&mut self, now: u32) -> bool {
        // After the clock went back, later visits never were.
        self.times.retain(|time| *time <= now);
        if self.times.last().is_some_and(|last| now - last < SAME_VISIT) {
            return false;
        }
        if self.times.len() == MAX_VISITS {
            self.times.remove(0);
        }
        self.times.push(now);
        true
    }

    /// Adds stored visits before those since the start. Stored visits in the future are ignored.
    fn add_stored(&mut self, stored: &Self, now: u32) {
        let stored = stored.times.iter().copied().filter(|time| *time <= now);
        let mut all: Vec<u32> = stored.chain(self.times.iter().copied()).collect();
        all.sort_unstable();
        self.times.clear();
        for time in all {
            self.add(time);
        }
    }

    pub(super) fn last(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp((*self.times.iter().max()?).into(), 0)
    }

    fn are_repeated(&self) -> bool {
        self.times
            .first()
            .zip(self.times.last())
            .is_some_and(|(first, last)| last - first >= REPEATED)
    }

    /// The median of the last intervals.
    fn interval(&self) -> Option<Duration> {
        let times = &self.times[self.times.len().saturating_sub(INTERVALS + 1)..];
        let mut intervals: Vec<u32> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        intervals.sort_unstable();
        let median = intervals.get(intervals.len() / 2)?;
        Some(Duration::from_secs((*median).into()))
    }

    /// The first visit from `from` on, if one follows each interval.
    fn next(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (last, interval) = (self.last()?, self.interval()?);
        let next = last + interval;
        let late = u32::try_from((from - next).num_seconds().max(0)).ok()?;
        let intervals = late.div_ceil(u32::try_from(interval.as_secs()).ok()?.max(1));
        Some(next + interval * intervals)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Channel {
    pub(super) visits: Visits,
    pub(super) is_followed: bool,
    /// The last success, and the TTL of its snapshot.
    pub(super) fetched: Option<DateTime<Utc>>,
    ttl: Duration,
    /// Why the last refresh failed.
    pub(super) refusal: Option<&'static str>,
    /// Its place in the queue.
    pub(super) deadline: Option<DateTime<Utc>>,
    /// When a planned refresh started that has not ended.
    pub(super) started: Option<DateTime<Utc>>,
    pub(super) history: History,
    /// It has visits that are not stored.
    pub(super) is_changed: bool,
    pub(super) is_stored: bool,
    /// A planned refresh started, and nobody has read the channel since.
    is_unread: bool,
    failures: u32,
    /// No refresh before.
    pub(super) paused_until: Option<DateTime<Utc>>,
    /// Telegram says that there is nothing to refresh.
    is_absent: bool,
}

/// The state of the history behind a channel's newest posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum History {
    /// Not wanted, or complete.
    #[default]
    Settled,
    Queued,
    InProgress,
}

impl Channel {
    /// The same channel under another name.
    pub(super) fn renamed(self) -> Self {
        let (deadline, started, history) = (None, None, History::Settled);
        Self { deadline, started, history, is_changed: true, is_stored: false, ..self }
    }

    /// Somebody reads it. Returns whether this is a visit of its own, and whether it is the one that makes the channel worth
    /// refreshing.
    pub(super) fn visited(&mut self, now: DateTime<Utc>) -> (bool, bool) {
        let was_repeated = self.visits.are_repeated();
        if !self.visits.add(seconds(now)) {
            return (false, false);
        }
        self.is_unread = false;
        self.is_changed = true;
        (true, !was_repeated && self.visits.are_repeated())
    }

    pub(super) fn recall(&mut self, visits: &Visits, now: DateTime<Utc>) {
        self.visits.add_stored(visits, seconds(now));
        self.is_stored = true;
    }

    pub(super) fn start(&mut self, now: DateTime<Utc>) {
        self.deadline = None;
        self.started = Some(now);
        self.is_unread = true;
    }

    pub(super) fn refreshed(&mut self, news: News) {
        if self.fetched.is_none_or(|known| known <= news.fetched) {
            self.fetched = Some(news.fetched);
            self.ttl = news.ttl;
        }
        self.refusal = None;
        self.failures = 0;
        self.paused_until = None;
        self.is_absent = false;
    }

    /// A refresh failed: the pause before the next one doubles.
    pub(super) fn refused(&mut self, failure: Failure, key: &str, now: DateTime<Utc>) {
        self.refusal = Some(failure.code);
        self.is_absent = failure.is_certain;
        let pause = if failure.is_certain {
            failure.ttl.saturating_mul(1 << self.failures.min(5)).min(LONGEST_ABSENCE)
        } else {
            FIRST_PAUSE.saturating_mul(1 << self.failures.min(12)).min(LONGEST_PAUSE)
        };
        self.failures += 1;
        // Up to a fifth more, so that channels that failed together do not return together.
        let pause = pause.max(failure.ttl).mul_f64(1.0 + jitter(key, now) / 5.0);
        self.paused_until = Some(now + pause);
    }

    pub(super) fn pause(&mut self, until: DateTime<Utc>) {
        self.paused_until = self.paused_until.max(Some(until));
    }

    pub(super) fn is_active(&self, now: DateTime<Utc>, active_for: Duration) -> bool {
        self.visits.last().is_some_and(|last| now < last + active_for)
    }

    /// Whether it is followed, or read repeatedly.
    pub(super) fn is_kept_fresh(&self, now: DateTime<Utc>, active_for: Duration) -> bool {
        self.is_followed
            || (!self.is_absent && self.visits.are_repeated() && self.is_active(now, active_for))
    }

    /// For an eviction: the smallest goes first.
    pub(super) fn worth(&self) -> (bool, Option<DateTime<Utc>>) {
        (self.visits.are_repeated(), self.visits.last())
    }

    /// The interval of refreshes that it is worth, and the interval of its visits: it is never refreshed more often than it
    /// is read, whatever the stretch.
    pub(super) fn intervals(&self, min_ttl: Duration) -> (Duration, Duration) {
        let ttl = self.ttl.max(min_ttl);
        if self.is_followed {
            return (ttl, Duration::ZERO);
        }
        (ttl.mul_f64(OLD).max(min_ttl), self.visits.interval().unwrap_or_default())
    }

    /// When the next refresh is due; `None`: not before somebody reads the channel.
    pub(super) fn due(
        &self,
        key: &str,
        now: DateTime<Utc>,
        stretch: f64,
        min_ttl: Duration,
    ) -> Option<DateTime<Utc>> {
        if self.is_unread && !self.is_followed {
            return None;
        }
        let ttl = self.ttl.max(min_ttl);
        let (old, end) = match self.fetched.filter(|fetched| *fetched <= now) {
            Some(fetched) => (
                fetched + ttl.mul_f64(OLD).max(min_ttl).mul_f64(stretch),
                fetched + ttl.mul_f64(stretch),
            ),
            None => (now, now),
        };
        let mut due = self.visits.next(old.max(now)).map(|visit| visit - LEAD);
        if self.is_followed {
            // A little early, each at another time.
            let end = end - ttl.mul_f64(jitter(key, end) / 20.0);
            due = Some(due.map_or(end, |due| due.min(end)));
        }
        due.map(|due| self.paused_until.map_or(due, |until| due.max(until)))
    }
}

/// Seconds since 1970, until 2106.
pub(super) fn seconds(date: DateTime<Utc>) -> u32 {
    u32::try_from(date.timestamp().max(0)).unwrap_or(u32::MAX)
}

/// From 0 to 1, the same for the same channel and time.
pub(super) fn jitter(key: &str, date: DateTime<Utc>) -> f64 {
    let mut hasher = DefaultHasher::new();
    (key, date.timestamp()).hash(&mut hasher);
    f64::from(u32::try_from(hasher.finish() >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::tests::minute;

    const MIN_TTL: Duration = Duration::from_secs(300);
    const ACTIVE_FOR: Duration = Duration::from_secs(3 * 24 * 60 * 60);

    /// A channel that was read at these minutes, and fetched at one with a TTL in minutes.
    fn channel(visits: &[i64], fetched: i64, ttl: u64) -> Channel {
        let mut channel = Channel::default();
        for visit in visits {
            channel.visited(minute(*visit));
        }
        channel.refreshed(news(fetched, ttl));
        channel
    }

    fn news(fetched: i64, ttl: u64) -> News {
        News { fetched: minute(fetched), ttl: Duration::from_secs(ttl * 60), has_gap: false }
    }

    /// Seconds from the last visit to the next refresh.
    fn due(channel: &Channel) -> Option<i64> {
        let last = channel.visits.last()?;
        let due = channel.due("tearoad", last + Duration::from_secs(60), 1.0, MIN_TTL)?;
        Some((due - last).num_seconds())
    }

    #[test]
    fn a_channel_is_renewed_just_before_the_visit_that_would_find_it_old() {
        let lead = i64::try_from(LEAD.as_secs()).unwrap();
        for (visits, fetched, ttl, expected) in [
            (&[0, 60][..], 60, 30, 60),
            (&[0, 60, 120], 120, 60, 60),
            // The median of irregular intervals.
            (&[0, 50, 110, 170, 230, 330], 330, 60, 60),
            // Every quarter of an hour, with a TTL of an hour: every second visit.
            (&[0, 15, 30, 45], 45, 60, 30),
            (&[0, 10, 20, 30], 30, 5, 10),
        ] {
            let expected = Some(expected * 60 - lead);
            assert_eq!(due(&channel(visits, fetched, ttl)), expected, "{visits:?}, {ttl}");
        }
    }

    #[test]
    fn a_channel_is_kept_fresh_after_two_visits_ten_minutes_apart_until_nobody_reads_it() {
        for (visits, is_kept_fresh) in
            [(&[][..], false), (&[0], false), (&[0, 9], false), (&[0, 10], true)]
        {
            let channel = channel(visits, 0, 30);
            assert_eq!(channel.is_kept_fresh(minute(11), ACTIVE_FOR), is_kept_fresh, "{visits:?}");
        }
        let mut channel = channel(&[0, 60, 120], 120, 60);
        let days = 3 * 24 * 60;
        assert!(channel.is_kept_fresh(minute(119 + days), ACTIVE_FOR));
        assert!(!channel.is_kept_fresh(minute(120 + days), ACTIVE_FOR));
        channel.is_followed = true;
        assert!(channel.is_kept_fresh(minute(120 + days), ACTIVE_FOR));
    }

    #[test]
    fn after_a_planned_refresh_the_next_one_waits_for_a_visit() {
        let mut channel = channel(&[0, 60, 120], 120, 30);
        assert!(due(&channel).is_some());
        channel.start(minute(179));
        channel.started = None;
        channel.refreshed(news(179, 30));
        assert_eq!(channel.due("tearoad", minute(179), 1.0, MIN_TTL), None);
        channel.visited(minute(180));
        assert_eq!(due(&channel), Some(3600 - 45));
    }

    #[test]
    fn a_followed_channel_is_renewed_at_its_ttl_and_before_visits() {
        let followed = Channel { is_followed: true, ..channel(&[], 0, 20) };
        for stretch in [1.0, 3.0] {
            let due = followed.due("tearoad", minute(1), stretch, MIN_TTL).unwrap();
            let ttls = (due - minute(0)).as_seconds_f64() / (20.0 * 60.0);
            assert!((stretch - 0.05..=stretch).contains(&ttls), "{ttls}");
        }
        let visited = Channel { is_followed: true, ..channel(&[0, 40, 80, 120], 120, 60) };
        assert_eq!(due(&visited), Some(40 * 60 - 45));
    }

    #[test]
    fn failures_double_the_pause_up_to_an_hour() {
        let outage =
            Failure { code: "unreachable", ttl: Duration::from_secs(30), is_certain: false };
        let mut failing = Channel { is_followed: true, ..channel(&[], 0, 5) };
        for least in [60, 120, 240, 480, 960, 1920, 3600, 3600] {
            failing.refused(outage, "tearoad", minute(10));
            let due = failing.due("tearoad", minute(10), 1.0, MIN_TTL).unwrap();
            let pause = (due - minute(10)).num_seconds();
            assert!((least..=least * 6 / 5).contains(&pause), "{pause}");
        }
        assert_eq!(failing.refusal, Some("unreachable"));
        failing.refreshed(news(11, 5));
        assert_eq!(failing.refusal, None);
        assert!(failing.due("tearoad", minute(11), 1.0, MIN_TTL).unwrap() <= minute(16));
    }

    #[test]
    fn a_channel_that_is_gone_is_refreshed_seldom_if_followed_and_else_never() {
        let gone = Failure { code: "not_found", ttl: Duration::from_secs(3600), is_certain: true };
        let mut followed = Channel { is_followed: true, ..channel(&[], 0, 5) };
        let pauses = (0..7).map(|_| {
            followed.refused(gone, "tearoad", minute(10));
            let due = followed.due("tearoad", minute(10), 1.0, MIN_TTL).unwrap();
            (due - minute(10)).num_hours()
        });
        let pauses: Vec<i64> = pauses.collect();
        assert!(
            pauses.is_sorted() && pauses[0] == 1 && (24..29).contains(&pauses[6]),
            "{pauses:?}"
        );
        let mut visited = channel(&[0, 60, 120], 120, 5);
        visited.refused(gone, "tearoad", minute(121));
        assert!(!visited.is_kept_fresh(minute(122), ACTIVE_FOR));
        visited.refreshed(news(122, 5));
        assert!(visited.is_kept_fresh(minute(122), ACTIVE_FOR), "it is back");
    }

    #[test]
    fn a_crowd_is_one_visit_and_only_the_last_visits_are_stored() {
        let mut visits = Visits::default();
        assert!(visits.add(1000));
        assert!((1001..1120).all(|second| !visits.add(second)));
        assert!(visits.add(1120));
        for visit in 1..1000 {
            visits.add(1120 + visit * 600);
        }
        assert_eq!(
            (visits.times.len(), visits.interval()),
            (MAX_VISITS, Some(Duration::from_secs(600)))
        );
        assert!(visits.add(1120 + 999 * 600 - 300), "the clock went back");
        assert_eq!(visits.times.len(), MAX_VISITS);
    }
}
