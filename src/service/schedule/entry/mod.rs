//! One channel of the plan: what is known about when it is worth a refresh. Pure.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::visits::{Evenness, Expected, Visits};

/// How long before an expected visit a refresh begins: its turn in the queue, Telegram's answer, and some more. A reader
/// should see what is two minutes old.
const LEAD: Duration = Duration::from_secs(45);

/// The part of its ttl after which a snapshot is renewed just before a visit, although it is still alive.
const EAGER: f64 = 0.5;

/// Visits so many times in a snapshot's ttl come whenever they like: the snapshot is renewed when its ttl ends.
const OFTEN: u32 = 4;

/// The first pause after a refresh that failed.
const FIRST_PAUSE: Duration = Duration::from_secs(60);

/// The longest pause after refreshes that failed for reasons that pass.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// The longest pause of a followed channel that is not there.
const LONGEST_ABSENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// How surely visits come when they are expected: of 255, before anything is known about it, and what it takes to be
/// believed.
const TRUST: u8 = 192;
const TRUSTED: u8 = 128;

/// What a visit may be beside its time and still be the expected one, in seconds.
const SLACK: u32 = 90;

/// What is known of one channel.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) visits: Visits,
    pub(super) is_followed: bool,
    /// The last success, and the ttl of what it gave.
    pub(super) fetched: Option<DateTime<Utc>>,
    pub(super) ttl: Duration,
    /// Why the last refresh failed; none when it did not.
    pub(super) refusal: Option<&'static str>,
    /// Its place in the queue: when the next refresh should have begun.
    pub(super) deadline: Option<DateTime<Utc>>,
    /// Since when a refresh that was decided here is under way.
    pub(super) begun: Option<DateTime<Utc>>,
    pub(super) history: History,
    /// Something is to be remembered that was not yet.
    pub(super) is_changed: bool,
    /// Something was handed out to be remembered.
    pub(super) is_stored: bool,
    pub(super) trust: u8,
    /// A refresh was made ahead, and nobody has come since.
    is_unused: bool,
    awaited: Option<Expected>,
    failures: u32,
    /// No refresh before this moment.
    pub(super) rests_until: Option<DateTime<Utc>>,
    /// Telegram says for certain that there is nothing to refresh.
    is_absent: bool,
}

/// How far the history behind a channel's newest posts has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum History {
    /// Nobody has asked for it, or it is all there.
    #[default]
    Settled,
    /// Its turn will come.
    Queued,
    /// A page of it is being fetched.
    UnderWay,
}

/// What a failed refresh says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service) struct Failure {
    /// The refusal's code.
    pub(in crate::service) code: &'static str,
    /// How long the refusal is believed.
    pub(in crate::service) kept: Duration,
    /// It is about the channel, and not about Telegram or us at present.
    pub(in crate::service) is_certain: bool,
}

impl Failure {
    /// The work came to no end.
    pub(super) const INTERNAL: Self =
        Self { code: "internal", kept: Duration::ZERO, is_certain: false };
}

impl Entry {
    pub(super) fn new() -> Self {
        Self {
            visits: Visits::default(),
            is_followed: false,
            fetched: None,
            ttl: Duration::ZERO,
            refusal: None,
            deadline: None,
            begun: None,
            history: History::default(),
            is_changed: false,
            is_stored: false,
            trust: TRUST,
            is_unused: false,
            awaited: None,
            failures: 0,
            rests_until: None,
            is_absent: false,
        }
    }

    /// The same under another name, at the beginning of its plan.
    pub(super) fn renamed(self) -> Self {
        let (deadline, begun, history) = (None, None, History::Settled);
        Self { deadline, begun, history, is_changed: true, is_stored: false, ..self }
    }

    /// Somebody asks for it; tells whether it is a visit of its own.
    pub(super) fn visited(&mut self, now: DateTime<Utc>) -> bool {
        let moment = seconds(now);
        if !self.visits.add(moment) {
            return false;
        }
        self.is_unused = false;
        self.is_changed = true;
        if let Some(awaited) = self.awaited
            && moment.saturating_add(awaited.spread + SLACK) >= awaited.at
        {
            let is_hit = moment <= awaited.at.saturating_add(awaited.spread + SLACK);
            let aim = if is_hit { u8::MAX } else { 0 };
            // A quarter of the way to what it would be if it always went like this.
            self.trust = self.trust - self.trust / 4 + aim / 4;
            self.awaited = None;
        }
        true
    }

    /// A refresh that was decided here begins.
    pub(super) fn begin(&mut self, now: DateTime<Utc>) {
        self.begun = Some(now);
        self.is_unused = true;
    }

    pub(super) fn refreshed(&mut self, fetched: DateTime<Utc>, ttl: Duration) {
        if self.fetched.is_none_or(|known| known <= fetched) {
            self.fetched = Some(fetched);
            self.ttl = ttl;
        }
        self.refusal = None;
        self.failures = 0;
        self.rests_until = None;
        self.is_absent = false;
    }

    /// A refresh failed: the next one is put off, the longer the more have.
    pub(super) fn refused(&mut self, failure: Failure, key: &str, now: DateTime<Utc>) {
        self.refusal = Some(failure.code);
        self.is_absent = failure.is_certain;
        let doubled = FIRST_PAUSE.saturating_mul(1 << self.failures.min(12));
        let pause = if failure.is_certain {
            failure.kept.saturating_mul(1 << self.failures.min(5)).min(LONGEST_ABSENCE)
        } else {
            doubled.min(LONGEST_PAUSE)
        };
        self.failures += 1;
        // A tenth more or less, so that those that failed together do not come back together.
        let pause = pause.max(failure.kept).mul_f64(1.0 + chance(key, now) / 5.0);
        self.rests_until = Some(now + pause);
    }

    /// No refresh before this moment.
    pub(super) fn rest(&mut self, until: DateTime<Utc>) {
        self.rests_until = self.rests_until.max(Some(until));
    }

    /// Whether somebody asked for it so lately that it is worth anything.
    pub(super) fn is_active(&self, now: DateTime<Utc>, active_for: Duration) -> bool {
        let last = self.visits.last().and_then(|last| DateTime::from_timestamp(last.into(), 0));
        last.is_some_and(|last| now < last + active_for)
    }

    /// Whether it is kept fresh: it is followed, or asked for again and again.
    pub(super) fn is_kept_fresh(&self, now: DateTime<Utc>, active_for: Duration) -> bool {
        self.is_followed
            || (!self.is_absent && self.visits.are_repeated() && self.is_active(now, active_for))
    }

    /// How often it is worth a refresh.
    pub(super) fn demand(&self, min_ttl: Duration) -> Demand {
        let ttl = self.ttl.max(min_ttl);
        if self.is_followed {
            return Demand { interval: ttl, shortest: Duration::ZERO };
        }
        let shortest = self.visits.distance().unwrap_or_default();
        Demand { interval: ttl.mul_f64(EAGER).max(min_ttl), shortest }
    }

    /// When the next refresh should have begun; `None`: not before somebody asks.
    pub(super) fn plan(
        &mut self,
        key: &str,
        now: DateTime<Utc>,
        rule: Rule,
    ) -> Option<DateTime<Utc>> {
        if !self.is_kept_fresh(now, rule.active_for) {
            return None;
        }
        let ttl = self.ttl.max(rule.min_ttl);
        let (eager, due) = match self.fetched.filter(|fetched| *fetched <= now) {
            Some(fetched) => (
                fetched + ttl.mul_f64(EAGER).max(rule.min_ttl).mul_f64(rule.stretch),
                fetched + ttl.mul_f64(rule.stretch),
            ),
            // Nothing is there to be renewed: any visit would find nothing.
            None => (now, now),
        };
        let own = if self.is_followed {
            // A little earlier than it must be, and each at another time.
            Some(due - ttl.mul_f64(chance(key, due) / 20.0))
        } else if self.is_unused {
            return None;
        } else {
            self.is_asked_often(ttl).then(|| due - LEAD)
        };
        let wanted = self.before_visit(eager, now).into_iter().chain(own).min();
        wanted.map(|moment| self.rests_until.map_or(moment, |until| moment.max(until)))
    }

    /// Whether it is asked for so often that what is fetched at any time is used.
    fn is_asked_often(&self, ttl: Duration) -> bool {
        self.visits.distance().is_some_and(|distance| distance <= ttl / OFTEN)
    }

    /// Just before the first visit that would find the snapshot so old, if it is known when that will be.
    fn before_visit(&mut self, eager: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let moment = seconds(now);
        let from = seconds(eager).max(moment);
        if let Some(expected) = self.visits.next(Evenness::Strict, from, moment) {
            self.await_visit(expected, moment);
            return (self.trust >= TRUSTED).then(|| begin_before(expected));
        }
        // Of visits that come about when they are expected, only those are worth a refresh that find the snapshot still
        // alive, and so do not renew it themselves; and what is fetched must live until they come.
        let expected = self.visits.next(Evenness::Loose, from, moment)?;
        self.await_visit(expected, moment);
        let begin = begin_before(expected);
        let is_fresh = self.fetched.is_some_and(|fetched| begin < fetched + self.ttl);
        let lasts = Duration::from_secs(u64::from(expected.spread) * 2) + LEAD < self.ttl;
        (self.trust >= TRUSTED && is_fresh && lasts).then_some(begin)
    }

    /// The visit by which expecting is judged; one that is still to come is not forgotten for a later one, unless that
    /// one is surer.
    fn await_visit(&mut self, expected: Expected, moment: u32) {
        let is_over = |awaited: Expected| moment > awaited.at + awaited.spread + SLACK;
        let is_surer = |awaited: Expected| expected.spread < awaited.spread;
        if self.awaited.is_none_or(|awaited| is_over(awaited) || is_surer(awaited)) {
            self.awaited = Some(expected);
        }
    }
}

/// How often a channel is worth a refresh.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    /// The time between two, which can be stretched.
    interval: Duration,
    /// It is not asked for more often than this.
    shortest: Duration,
}

impl Demand {
    /// Refreshes a second when all intervals are stretched by so much.
    pub(super) fn rate(self, stretch: f64) -> f64 {
        let interval = self.interval.as_secs_f64() * stretch;
        1.0 / interval.max(self.shortest.as_secs_f64()).max(1.0)
    }
}

/// What is the same for all channels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) min_ttl: Duration,
    pub(super) active_for: Duration,
    /// By how much all intervals are stretched, from 1.
    pub(super) stretch: f64,
}

fn begin_before(expected: Expected) -> DateTime<Utc> {
    let earliest = expected.at.saturating_sub(expected.spread);
    DateTime::from_timestamp(earliest.into(), 0).unwrap_or_default() - LEAD
}

/// Seconds since 1970, as far as they are told in 32 bits (until 2106).
pub(super) fn seconds(date: DateTime<Utc>) -> u32 {
    u32::try_from(date.timestamp().max(0)).unwrap_or(u32::MAX)
}

/// A number from 0 to 1 that is the same for the same channel and date.
pub(super) fn chance(key: &str, date: DateTime<Utc>) -> f64 {
    let mut hasher = DefaultHasher::new();
    (key, date.timestamp()).hash(&mut hasher);
    f64::from(u32::try_from(hasher.finish() >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests;
