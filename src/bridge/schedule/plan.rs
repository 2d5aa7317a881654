//! Which channel is refreshed when. Pure: every moment is given.
//!
//! Each channel that is kept fresh has a deadline (`entry`). A refresh begins as late as it can, but so early that all
//! those behind it still make their deadlines at the pace that there is: then a thousand readers on the hour find a
//! thousand fresh channels. What is wanted in all may be more than there is; then the intervals of all channels are
//! stretched by the same factor, which is looked at anew every few minutes.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Settings;
use super::entry::{Entry, Failure, History, Rule, chance};
use super::queue::Queue;
use super::remembered::Remembered;
use crate::bridge::memory::Key;

/// The most channels of which visits are known: a few hundred bytes each.
///
/// SECURITY: a flood of names, each asked for once -> those that were asked for once go first, the oldest before the others.
const MOST_CHANNELS: usize = 20_000;

/// How often the stretch is looked at, and what nobody asks for any more is forgotten.
const REVIEW: Duration = Duration::from_secs(5 * 60);

/// The most that intervals are stretched by.
const MOST_STRETCH: f64 = 64.0;

/// What may be used of the rate: the rest is for people, and what they do not take fills their reserve.
const SHARE: f64 = 0.5;

/// What is used of it when people take so much that the queue is late: this much is certain.
const SMALLEST_SHARE: f64 = 0.25;

/// Later than this, the queue is late.
const LATE: Duration = Duration::from_secs(2 * 60);

/// Refreshes that may begin at once after a pause.
const BURST: u32 = 4;

/// Of the pace, history gets one part in so many, and only when no refresh has to begin.
const HISTORY_PART: u32 = 2;

/// A piece of work that nobody waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bridge) struct Job {
    /// The channel, as it was asked for.
    pub(in crate::bridge) channel: Key,
    /// What is to be done.
    pub(in crate::bridge) work: Work,
}

/// What can be done for a channel while nobody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::bridge) enum Work {
    /// Its newest posts.
    Refresh,
    /// One page of older ones: its history, or what a refresh left out.
    History,
}

/// All that is planned.
#[derive(Debug)]
pub(super) struct Plan {
    settings: Settings,
    entries: HashMap<Key, Entry>,
    queue: Queue,
    histories: VecDeque<Key>,
    under_way: usize,
    stretch: f64,
    share: f64,
    is_late: bool,
    /// Requests a second that all outbound addresses together may make now.
    rate: f64,
    /// When the next job may begin at this pace.
    paced: DateTime<Utc>,
    history_paced: DateTime<Utc>,
    reviewed: DateTime<Utc>,
}

/// What an operator wants to know of the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outlook {
    /// Channels that are kept fresh.
    pub channels: usize,
    /// Channels whose history is still to come.
    pub histories: usize,
    /// Refreshes and pages of history under way.
    pub under_way: usize,
    /// By how much the intervals of all channels are stretched; 1: not at all.
    pub stretch: f64,
    /// Refreshes begin minutes later than they should.
    pub is_late: bool,
}

impl Plan {
    /// Followed channels are begun one after the other, as slowly as the pace allows.
    pub(super) fn new(settings: Settings, now: DateTime<Utc>) -> Self {
        let mut plan = Self {
            rate: settings.rate,
            entries: HashMap::new(),
            queue: Queue::default(),
            histories: VecDeque::new(),
            under_way: 0,
            stretch: 1.0,
            share: SHARE,
            is_late: false,
            paced: now,
            history_paced: now,
            reviewed: now,
            settings,
        };
        let follow = plan.settings.follow.clone();
        let span = plan.cost().mul_f64(follow.len() as f64);
        for name in follow {
            let key = Key::from(name.key());
            let entry = plan.entries.entry(Key::clone(&key)).or_insert_with(Entry::new);
            entry.is_followed = true;
            plan.enqueue(&key, Some(now + span.mul_f64(chance(&key, now))));
        }
        plan.review(now);
        plan
    }

    /// Somebody asks for a channel, and gets what was fetched at a date.
    pub(super) fn visited(&mut self, key: &Key, shown: News, now: DateTime<Utc>) {
        if !self.entries.contains_key(key) {
            // Nothing is learnt for nothing: 0 switches it off.
            if self.settings.active_for.is_zero() {
                return;
            }
            if self.entries.len() >= MOST_CHANNELS {
                self.make_room();
            }
        }
        let entry = self.entries.entry(Key::clone(key)).or_insert_with(Entry::new);
        if entry.fetched.is_none() {
            entry.refreshed(shown.fetched, shown.life);
        }
        let was_repeated = entry.visits.are_repeated();
        let is_own = entry.visited(now);
        let is_news = !was_repeated && entry.visits.are_repeated();
        let is_unplanned = entry.deadline.is_none() && entry.begun.is_none();
        if is_news && !entry.is_followed {
            self.want_history(key, now);
        }
        if is_own && is_unplanned {
            self.replan(key, now);
        }
    }

    /// A channel was refreshed, whoever wanted it.
    pub(super) fn refreshed(&mut self, key: &Key, news: News, now: DateTime<Utc>) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let is_first = entry.fetched.is_none();
        entry.refreshed(news.fetched, news.life);
        if news.has_gap || is_first {
            self.want_history(key, now);
        }
        self.replan(key, now);
    }

    /// A refresh failed that others wanted; one that was decided here tells at its end.
    pub(super) fn refused(&mut self, key: &Key, failure: Failure, now: DateTime<Utc>) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        if entry.begun.is_none() {
            entry.refused(failure, key, now);
            self.replan(key, now);
        }
    }

    /// A job that was given out is over.
    pub(super) fn finish(&mut self, job: &Job, outcome: Outcome, now: DateTime<Utc>) {
        self.under_way = self.under_way.saturating_sub(1);
        let Some(entry) = self.entries.get_mut(&job.channel) else { return };
        match job.work {
            Work::Refresh => entry.begun = None,
            Work::History => entry.history = History::Settled,
        }
        match outcome {
            Outcome::Refreshed(news) => {
                self.refreshed(&job.channel, news, now);
                let Some(entry) = self.entries.get_mut(&job.channel) else { return };
                // Whatever came of it: never twice in the shortest life of a snapshot.
                entry.rest(now + self.settings.min_age);
                self.replan(&job.channel, now);
            }
            Outcome::Refused(failure) => self.refused(&job.channel, failure, now),
            Outcome::MoreHistory => self.want_history(&job.channel, now),
            Outcome::Done => {}
        }
    }

    /// Whether a refresh of what was fetched at a date was decided here although it is still alive.
    pub(super) fn wants(&self, key: &Key, fetched: DateTime<Utc>) -> bool {
        let begun = self.entries.get(key).and_then(|entry| entry.begun);
        begun.is_some_and(|begun| fetched < begun)
    }

    /// What has to begin now, at most `places` jobs, while all outbound addresses together may make so many requests a
    /// second. They count as begun.
    pub(super) fn start(&mut self, rate: f64, places: usize, now: DateTime<Utc>) -> Vec<Job> {
        self.rate = rate.max(0.0);
        if now >= self.reviewed + REVIEW || now < self.reviewed {
            self.review(now);
        }
        let mut jobs = Vec::new();
        while self.rate > 0.0 && jobs.len() < places && self.paced <= now {
            let Some(job) = self.take_refresh(now).or_else(|| self.take_history(now)) else {
                break;
            };
            self.paced = self.paced.max(now - self.cost() * BURST) + self.cost();
            self.under_way += 1;
            jobs.push(job);
        }
        jobs
    }

    /// When there is something to do next, unless something happens.
    pub(super) fn wake(&self) -> DateTime<Utc> {
        let review = self.reviewed + REVIEW;
        if self.rate <= 0.0 {
            return review;
        }
        let refresh = self.queue.latest_start(self.cost());
        let history = (!self.histories.is_empty()).then_some(self.history_paced);
        let next = refresh.into_iter().chain(history).min();
        next.map_or(review, |next| next.max(self.paced).min(review))
    }

    /// When a channel is refreshed next, as far as it is planned.
    pub(super) fn deadline(&self, key: &Key) -> Option<DateTime<Utc>> {
        self.entries.get(key).and_then(|entry| entry.deadline)
    }

    /// A channel's last success, and why the last refresh failed if it did.
    pub(super) fn last(&self, key: &Key) -> (Option<DateTime<Utc>>, Option<&'static str>) {
        self.entries.get(key).map_or((None, None), |entry| (entry.fetched, entry.refusal))
    }

    pub(super) fn outlook(&self) -> Outlook {
        Outlook {
            channels: self.queue.len()
                + self.entries.values().filter(|entry| entry.begun.is_some()).count(),
            histories: self.histories.len(),
            under_way: self.under_way,
            stretch: self.stretch,
            is_late: self.is_late,
        }
    }

    /// What was known of a channel before a restart.
    pub(super) fn recall(&mut self, key: &Key, remembered: &Remembered, now: DateTime<Utc>) {
        if self.entries.len() >= MOST_CHANNELS && !self.entries.contains_key(key) {
            return;
        }
        let entry = self.entries.entry(Key::clone(key)).or_insert_with(Entry::new);
        remembered.put_into(entry, now);
        let is_worth_it = entry.is_followed || entry.is_active(now, self.settings.active_for);
        if !is_worth_it {
            self.entries.remove(key);
        } else if entry.deadline.is_none() {
            self.replan(key, now);
        }
    }

    /// What is to be remembered over a restart and was not handed out yet.
    pub(super) fn take_changed(&mut self) -> Vec<(Key, Remembered)> {
        let changed = self.entries.iter_mut().filter(|(_, entry)| entry.is_changed);
        changed
            .map(|(key, entry)| {
                entry.is_changed = false;
                (Key::clone(key), Remembered::of(entry))
            })
            .collect()
    }

    fn rule(&self) -> Rule {
        Rule {
            min_age: self.settings.min_age,
            active_for: self.settings.active_for,
            stretch: self.stretch,
        }
    }

    /// The time between two jobs at the present pace.
    fn cost(&self) -> Duration {
        Duration::from_secs_f64(1.0 / (self.rate * self.share).max(0.000_1))
    }

    fn replan(&mut self, key: &Key, now: DateTime<Utc>) {
        let rule = self.rule();
        let Some(entry) = self.entries.get_mut(key) else { return };
        // Its end will plan the next one.
        let deadline = if entry.begun.is_some() { None } else { entry.plan(key, now, rule) };
        self.enqueue(key, deadline);
    }

    fn enqueue(&mut self, key: &Key, deadline: Option<DateTime<Utc>>) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        if let Some(former) = std::mem::replace(&mut entry.deadline, deadline) {
            self.queue.remove(former, key);
        }
        if let Some(deadline) = deadline {
            self.queue.insert(deadline, key);
        }
    }

    fn want_history(&mut self, key: &Key, now: DateTime<Utc>) {
        let active_for = self.settings.active_for;
        let Some(entry) = self.entries.get_mut(key) else { return };
        if entry.history == History::Settled && entry.is_kept_fresh(now, active_for) {
            entry.history = History::Queued;
            self.histories.push_back(Key::clone(key));
        }
    }

    fn take_refresh(&mut self, now: DateTime<Utc>) -> Option<Job> {
        if self.queue.latest_start(self.cost())? > now {
            return None;
        }
        let (deadline, key) = self.queue.pop_first()?;
        self.is_late |= deadline + LATE < now;
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.deadline = None;
            entry.begin(now);
        }
        Some(Job { channel: key, work: Work::Refresh })
    }

    fn take_history(&mut self, now: DateTime<Utc>) -> Option<Job> {
        if self.history_paced > now {
            return None;
        }
        let key = self.histories.pop_front()?;
        self.history_paced = now + self.cost() * HISTORY_PART;
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.history = History::UnderWay;
        }
        Some(Job { channel: key, work: Work::History })
    }

    /// Looks at everything: what is wanted in all beside what there is, and what nobody asks for any more.
    fn review(&mut self, now: DateTime<Utc>) {
        self.reviewed = now;
        let active_for = self.settings.active_for;
        let gone = self.entries.iter().filter(|(_, entry)| {
            !entry.is_followed && entry.begun.is_none() && !entry.is_active(now, active_for)
        });
        let gone: Vec<Key> = gone.map(|(key, _)| Key::clone(key)).collect();
        for key in gone {
            self.forget(&key);
        }
        self.is_late = self.queue.first().is_some_and(|deadline| deadline + LATE < now);
        let share = if self.is_late { self.share * 0.8 } else { self.share + 0.05 };
        self.share = share.clamp(SMALLEST_SHARE, SHARE);
        self.stretch = self.least_stretch(now);
    }

    /// The least stretch with which what is wanted is no more than there is.
    fn least_stretch(&self, now: DateTime<Utc>) -> f64 {
        let Settings { min_age, active_for, .. } = self.settings;
        let kept = self.entries.values().filter(|entry| entry.is_kept_fresh(now, active_for));
        let kept: Vec<&Entry> = kept.collect();
        let wanted = |stretch: f64| -> f64 {
            kept.iter().map(|entry| 1.0 / entry.interval(stretch, min_age).as_secs_f64()).sum()
        };
        // Cool-downs pass: they are no reason to stretch.
        let budget = self.settings.rate * self.share;
        if wanted(1.0) <= budget {
            return 1.0;
        }
        let (mut low, mut high) = (1.0, MOST_STRETCH);
        for _ in 0..12 {
            // By the geometric middle: a factor is wanted as exactly when it is small as when it is large.
            let middle = f64::sqrt(low * high);
            if wanted(middle) <= budget { high = middle } else { low = middle }
        }
        high
    }

    /// Forgets a quarter of what is not followed: first what was asked for once, then by age.
    fn make_room(&mut self) {
        let others =
            self.entries.iter().filter(|(_, entry)| !entry.is_followed && entry.begun.is_none());
        let mut others: Vec<_> = others
            .map(|(key, entry)| (entry.visits.are_repeated(), entry.visits.last(), Key::clone(key)))
            .collect();
        others.sort_unstable();
        others.truncate(MOST_CHANNELS / 4);
        for (_, _, key) in others {
            self.forget(&key);
        }
    }

    fn forget(&mut self, key: &Key) {
        self.enqueue(key, None);
        let entry = self.entries.remove(key);
        if entry.is_some_and(|entry| entry.history == History::Queued) {
            self.histories.retain(|queued| queued != key);
        }
    }
}

/// What a refresh brought.
#[derive(Clone, Copy, Debug)]
pub(in crate::bridge) struct News {
    /// When it was fetched.
    pub(in crate::bridge) fetched: DateTime<Utc>,
    /// How long it lives.
    pub(in crate::bridge) life: Duration,
    /// Posts between it and what was known before are missing.
    pub(in crate::bridge) has_gap: bool,
}

/// What came of a job.
#[derive(Clone, Copy, Debug)]
pub(in crate::bridge) enum Outcome {
    /// The newest posts are here.
    Refreshed(News),
    /// They are not.
    Refused(Failure),
    /// A page of history is here, and another one is wanted.
    MoreHistory,
    /// There is nothing more to do.
    Done,
}

#[cfg(test)]
mod tests;
