//! Which channel is refreshed when. Pure: every moment is given.
//!
//! Each channel that is kept fresh has a deadline (`entry`). A refresh begins as late as it can, but so early that all
//! those behind it still make their deadlines at the pace that there is: then a thousand readers on the hour find a
//! thousand fresh channels. What is wanted in all may be more than there is; then the intervals of all channels are
//! stretched by the same factor, which is looked at anew every few minutes.

mod review;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Settings;
use super::entry::{Entry, Failure, History, Rule, chance};
use super::job::{Job, News, Outcome, Outlook, Work};
use super::queue::Queue;
use super::remembered::Remembered;
use crate::service::Key;

/// The most channels of which visits are known: a few hundred bytes each.
///
/// SECURITY: a flood of names, each asked for once -> those that were asked for once go first, the oldest before the others.
const MOST_CHANNELS: usize = 20_000;

/// How often the stretch is looked at, and what nobody asks for any more is forgotten.
const REVIEW: Duration = Duration::from_secs(5 * 60);

/// How soon the first visit of a channel is stored: beside the service it is asked which channels are read.
const STORE_FIRST: Duration = Duration::from_secs(20);

/// What may be used of the rate: the rest fills the reserve of people, who go first anyway.
const SHARE: f64 = 0.75;

/// Later than this, the queue is late.
const LATE: Duration = Duration::from_secs(2 * 60);

/// Refreshes that may begin at once after a pause.
const BURST: u32 = 4;

/// Of the pace, history gets one part in so many, and only when no refresh has to begin.
const HISTORY_PART: u32 = 2;

/// How long all history waits after a page of it was refused.
const HISTORY_PAUSE: Duration = Duration::from_secs(60);

/// All that is planned.
#[derive(Debug)]
pub(super) struct Plan {
    settings: Settings,
    entries: HashMap<Key, Entry>,
    queue: Queue,
    /// Followed channels under the names that they have now, by those that the settings give.
    renamed: HashMap<Key, Key>,
    histories: VecDeque<Key>,
    /// What was handed out to be remembered, and is to be forgotten there.
    forgotten: Vec<Key>,
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
    /// When a channel was asked for first whose visits are not stored yet.
    unstored: Option<DateTime<Utc>>,
}

impl Plan {
    /// Followed channels are begun one after the other, as slowly as the pace allows.
    pub(super) fn new(settings: Settings, now: DateTime<Utc>) -> Self {
        let mut plan = Self {
            rate: settings.rate,
            entries: HashMap::new(),
            queue: Queue::default(),
            renamed: HashMap::new(),
            histories: VecDeque::new(),
            forgotten: Vec::new(),
            under_way: 0,
            stretch: 1.0,
            share: SHARE,
            is_late: false,
            paced: now,
            history_paced: now,
            reviewed: now,
            unstored: None,
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
            self.unstored.get_or_insert(now);
        }
        let entry = self.entries.entry(Key::clone(key)).or_insert_with(Entry::new);
        if entry.fetched.is_none() {
            entry.refreshed(shown.fetched, shown.ttl);
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
        entry.refreshed(news.fetched, news.ttl);
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
            Outcome::Refused(failure) if job.work == Work::History => {
                // Nothing is wrong with its newest posts. Others would be refused the same now.
                self.history_paced = now + failure.kept.max(HISTORY_PAUSE);
                if !failure.is_certain {
                    self.want_history(&job.channel, now);
                }
            }
            Outcome::Refreshed(news) => {
                self.refreshed(&job.channel, news, now);
                let Some(entry) = self.entries.get_mut(&job.channel) else { return };
                // Whatever came of it: never twice in the shortest ttl of a snapshot.
                entry.rest(now + self.settings.min_ttl);
                self.replan(&job.channel, now);
            }
            Outcome::Refused(failure) => self.refused(&job.channel, failure, now),
            Outcome::MoreHistory => self.want_history(&job.channel, now),
            Outcome::Done => {}
        }
    }

    /// A channel has another name now: what is known of it goes there.
    pub(super) fn rename(&mut self, from: &Key, to: &Key, now: DateTime<Utc>) {
        let Some(former) = self.entries.get(from).cloned() else { return };
        self.forget(from);
        if former.is_followed {
            let names = self.renamed.values_mut().filter(|name| *name == from);
            names.for_each(|name| name.clone_from(to));
            self.renamed.insert(Key::clone(from), Key::clone(to));
        }
        let is_followed = former.is_followed;
        let entry = self.entries.entry(Key::clone(to)).or_insert_with(|| former.renamed());
        entry.is_followed |= is_followed;
        self.replan(to, now);
    }

    /// The name under which a channel of the settings is followed now.
    pub(super) fn present<'a>(&'a self, key: &'a Key) -> &'a Key {
        self.renamed.get(key).unwrap_or(key)
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
        if now < self.reviewed {
            self.go_back(now);
        }
        if now >= self.reviewed + REVIEW {
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

    #[cfg(test)]
    pub(super) fn stretch(&self) -> f64 {
        self.stretch
    }

    pub(super) fn outlook(&self) -> Outlook {
        Outlook {
            channels: self.queue.len(),
            histories: self.histories.len(),
            under_way: self.under_way,
            stretch: self.stretch,
            is_late: self.is_late,
            next: self.queue.latest_start(self.cost()),
        }
    }

    /// What was known of a channel before a restart.
    pub(super) fn recall(&mut self, key: &Key, remembered: &Remembered, now: DateTime<Utc>) {
        if self.entries.len() >= MOST_CHANNELS && !self.entries.contains_key(key) {
            return;
        }
        let entry = self.entries.entry(Key::clone(key)).or_insert_with(Entry::new);
        remembered.put_into(entry, now);
        entry.is_stored = true;
        if !entry.is_followed && !entry.is_active(now, self.settings.active_for) {
            self.forget(key);
        } else if entry.deadline.is_none() {
            self.replan(key, now);
        }
    }

    /// When a channel's first visit is to be stored, if one is not yet.
    pub(super) fn store_due(&self) -> Option<DateTime<Utc>> {
        self.unstored.map(|first| first + STORE_FIRST)
    }

    /// What is to be remembered over a restart and was not handed out yet; `None` is to be forgotten.
    pub(super) fn take_changed(&mut self) -> Vec<(Key, Option<Remembered>)> {
        self.unstored = None;
        let forgotten = std::mem::take(&mut self.forgotten).into_iter().map(|key| (key, None));
        let mut all: Vec<_> = forgotten.collect();
        for (key, entry) in self.entries.iter_mut().filter(|(_, entry)| entry.is_changed) {
            (entry.is_changed, entry.is_stored) = (false, true);
            all.push((Key::clone(key), Some(Remembered::of(entry))));
        }
        all
    }

    fn rule(&self) -> Rule {
        Rule {
            min_ttl: self.settings.min_ttl,
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
}

#[cfg(test)]
mod tests;
