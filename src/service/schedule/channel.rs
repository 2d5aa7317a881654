//! One channel of the plan, and the time of its next refresh. Pure.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::visits::Visits;
use crate::service::memory::ChannelState;
use crate::upstream::Refusal;

/// How long before an expected visit a refresh starts: the rate limiter and Telegram take time.
const LEAD: Duration = Duration::from_secs(45);

/// A snapshot older than this part of its TTL is refreshed before a visit.
const OLD: f64 = 0.5;

/// The first back-off after a failed refresh. It doubles up to [`MAX_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const MAX_PAUSE: Duration = Duration::from_secs(60 * 60);

/// The longest back-off for a channel that Telegram refuses for certain.
const MAX_ABSENT_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// The result of a refresh.
#[derive(Clone, Copy, Debug)]
pub(in crate::service) struct News {
    pub(super) fetched: DateTime<Utc>,
    pub(super) ttl: Duration,
    /// Older posts before it are missing.
    pub(super) has_gap: bool,
}

impl News {
    pub(in crate::service) fn of(state: &ChannelState) -> Self {
        let (fetched, ttl) = (state.snapshot.fetched, state.ttl);
        Self { fetched, ttl, has_gap: state.covered.len() > 1 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service) struct Failure {
    /// The code of the refusal or error.
    pub(in crate::service) code: &'static str,
    /// The TTL of the refusal, or its longer `Retry-After`.
    pub(in crate::service) ttl: Duration,
    /// The failure is about the channel, not about the present state of Telegram or feedline.
    pub(in crate::service) is_certain: bool,
}

impl Failure {
    pub(in crate::service) fn of(refusal: &Refusal) -> Self {
        let is_certain = !refusal.is_outage();
        let ttl = refusal.negative_ttl().max(refusal.retry_after().unwrap_or_default());
        Self { code: refusal.code(), ttl, is_certain }
    }
}

#[derive(Clone, Debug, Default)]
pub(in crate::service) struct Channel {
    pub(super) visits: Visits,
    pub(super) is_followed: bool,
    /// The date of the last success. `ttl` is the TTL of its snapshot.
    pub(in crate::service) fetched: Option<DateTime<Utc>>,
    ttl: Duration,
    /// The code of the last failure, if no refresh has succeeded since.
    pub(in crate::service) refusal: Option<&'static str>,
    failures: u32,
    /// No planned refresh starts before this time.
    pub(super) paused_until: Option<DateTime<Utc>>,
    /// The last refresh failed for certain.
    is_absent: bool,
    /// Its deadline in the queue.
    pub(in crate::service) deadline: Option<DateTime<Utc>>,
    /// The start of the planned refresh in progress.
    pub(super) started: Option<DateTime<Utc>>,
    /// No visit since the last planned refresh started.
    is_unread: bool,
    pub(super) history: History,
}

/// The state of the history before a channel's newest posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum History {
    #[default]
    Unknown,
    /// In the queue, or being fetched.
    Wanted,
    Complete,
}

impl Channel {
    /// The channel's entry under a new name.
    pub(super) fn renamed(self) -> Self {
        let (deadline, started, history) = (None, None, History::Unknown);
        Self { deadline, started, history, ..self }
    }

    /// Returns whether this is a separate visit.
    pub(super) fn visited(&mut self, now: DateTime<Utc>) -> bool {
        let is_visit = self.visits.add(now);
        if is_visit {
            self.is_unread = false;
        }
        is_visit
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

    /// Records a failure and doubles the back-off.
    pub(super) fn refused(&mut self, failure: Failure, key: &str, now: DateTime<Utc>) {
        self.refusal = Some(failure.code);
        self.is_absent = failure.is_certain;
        let pause = if failure.is_certain {
            failure.ttl.saturating_mul(1 << self.failures.min(5)).min(MAX_ABSENT_PAUSE)
        } else {
            FIRST_PAUSE.saturating_mul(1 << self.failures.min(12)).min(MAX_PAUSE)
        };
        self.failures += 1;
        // Adds up to a fifth, so that channels that failed together do not return together.
        let pause = pause.max(failure.ttl).mul_f64(1.0 + jitter(key, now) / 5.0);
        self.paused_until = Some(now + pause);
    }

    pub(super) fn is_active(&self, now: DateTime<Utc>, active_for: Duration) -> bool {
        self.visits.last().is_some_and(|last| now < last + active_for)
    }

    /// Whether it is followed, or active with repeated visits.
    pub(super) fn is_kept_fresh(&self, now: DateTime<Utc>, active_for: Duration) -> bool {
        self.is_followed
            || (!self.is_absent && self.visits.are_repeated() && self.is_active(now, active_for))
    }

    /// The interval of refreshes. A channel that is not followed is never refreshed more often than it is read.
    pub(super) fn interval(&self, min_ttl: Duration) -> Duration {
        let ttl = self.ttl.max(min_ttl);
        if self.is_followed {
            return ttl;
        }
        ttl.mul_f64(OLD).max(min_ttl).max(self.visits.interval().unwrap_or_default())
    }

    /// The deadline of the next refresh; `None`: the next one waits for a visit.
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
            // Up to a twentieth of the TTL early, to spread the channels.
            let end = end - ttl.mul_f64(jitter(key, end) / 20.0);
            due = Some(due.map_or(end, |due| due.min(end)));
        }
        due.map(|due| self.paused_until.map_or(due, |until| due.max(until)))
    }
}

/// A number from 0 to 1, the same for the same channel and time.
pub(super) fn jitter(key: &str, date: DateTime<Utc>) -> f64 {
    let mut hasher = DefaultHasher::new();
    (key, date.timestamp()).hash(&mut hasher);
    f64::from(u32::try_from(hasher.finish() >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ChannelName;
    use crate::service::tests::minute;

    const MIN_TTL: Duration = Duration::from_secs(300);
    const ACTIVE_FOR: Duration = Duration::from_secs(3 * 24 * 60 * 60);

    /// A channel with visits at these minutes, fetched at minute `fetched` with a TTL in minutes.
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

    /// The seconds from the last visit to the next refresh.
    fn due(channel: &Channel) -> Option<i64> {
        let last = channel.visits.last()?;
        let due = channel.due("tearoad", last + Duration::from_secs(60), 1.0, MIN_TTL)?;
        Some((due - last).num_seconds())
    }

    #[test]
    fn channel_is_refreshed_just_before_a_visit_that_would_find_it_old() {
        let lead = i64::try_from(LEAD.as_secs()).unwrap();
        for (visits, fetched, ttl, expected) in [
            (&[0, 60][..], 60, 30, 60),
            (&[0, 60, 120], 120, 60, 60),
            // The median of irregular intervals.
            (&[0, 50, 110, 170, 230, 330], 330, 60, 60),
            // A visit every quarter of an hour, with a TTL of an hour: a refresh before every second visit.
            (&[0, 15, 30, 45], 45, 60, 30),
            (&[0, 10, 20, 30], 30, 5, 10),
        ] {
            let expected = Some(expected * 60 - lead);
            assert_eq!(due(&channel(visits, fetched, ttl)), expected, "{visits:?}, {ttl}");
        }
    }

    #[test]
    fn channel_is_kept_fresh_after_two_visits_ten_minutes_apart_for_active_for() {
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
    fn planned_refresh_is_followed_by_none_before_a_visit() {
        let mut channel = channel(&[0, 60, 120], 120, 30);
        assert!(due(&channel).is_some());
        channel.start(minute(179));
        channel.refreshed(news(179, 30));
        assert_eq!(channel.due("tearoad", minute(179), 1.0, MIN_TTL), None);
        channel.visited(minute(180));
        assert_eq!(due(&channel), Some(3600 - 45));
    }

    #[test]
    fn followed_channel_is_refreshed_at_its_ttl_and_before_visits() {
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
    fn refresh_failures_double_delay_up_to_one_hour() {
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
    fn channel_that_is_gone_is_refreshed_seldom_if_followed_else_never() {
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
    fn refusal_about_the_channel_is_certain_and_others_are_not() {
        let channel = ChannelName::parse("tearoad").unwrap();
        let pause = Duration::from_secs(90);
        for (refusal, is_certain, ttl) in [
            (Refusal::NotFound { channel: channel.clone() }, true, 3600),
            (Refusal::Group { channel: channel.clone() }, true, 24 * 3600),
            (Refusal::PreviewOff { channel: channel.clone() }, true, 6 * 3600),
            (Refusal::Blocked { channel, reason: None }, true, 6 * 3600),
            (Refusal::Throttled { retry_after: pause }, false, 90),
            (Refusal::Busy { retry_after: pause }, false, 90),
            (Refusal::Timeout { limit: pause }, false, 30),
        ] {
            let failure = Failure::of(&refusal);
            assert_eq!((failure.is_certain, failure.ttl.as_secs()), (is_certain, ttl), "{refusal}");
            assert_eq!(failure.code, refusal.code());
        }
    }
}
