//! Plans which channel is refreshed when, with pure functions of the time.
//!
//! Each channel that is kept fresh has a deadline. A refresh starts as late as possible, but early enough for all later
//! ones to meet their deadlines at the present rate. If the rate does not suffice, all intervals stretch by the same
//! factor.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::channel::{Channel, Failure, History, News, jitter};
use super::queue::Queue;
use super::visits::Visits;
use crate::model::ChannelName;
use crate::service::Key;
use crate::setting::{DAY, time, whole};

/// The most channels in the plan, a few hundred bytes each.
///
/// SECURITY: a flood of names, each read once -> channels without repeated visits are evicted first, the oldest before
/// the others.
const MAX_CHANNELS: usize = 20_000;

/// The interval at which the stretch is computed and inactive channels are dropped.
const REVIEW_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// The delay until a channel's first visit is stored: `feedline opml --read` reads it from the archive.
const STORE_FIRST: Duration = Duration::from_secs(20);

/// The delay until other visits are stored.
const STORE_INTERVAL: Duration = Duration::from_secs(3 * 60);

/// The share of the rate that jobs use. Clients' requests have priority anyway.
const SHARE: f64 = 0.75;

const MAX_STRETCH: f64 = 64.0;

/// A queue whose first deadline is over by more than this is late.
const LATE: Duration = Duration::from_secs(2 * 60);

/// The most jobs that start at once after a pause.
const BURST: u32 = 4;

/// History gets at most one job in this many, and only when no refresh is due.
const HISTORY_PART: u32 = 2;

/// The shortest back-off of all history after a page of it was refused.
const HISTORY_PAUSE: Duration = Duration::from_secs(60);

/// The settings of refreshes ahead of demand.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Channels that are kept fresh without visits too: `channels.follow`, and those of collections.
    #[serde(skip)]
    pub follow: Vec<ChannelName>,
    /// How long a channel is refreshed after its last visit; zero: never.
    #[serde(rename = "refresh.active_for", deserialize_with = "time::<_, 0, { 365 * DAY }>")]
    pub active_for: Duration,
    /// The posts of history that are fetched for a channel; 0: none.
    #[serde(rename = "archive.initial_posts", deserialize_with = "whole::<_, _, 0, 100_000>")]
    pub initial_posts: u32,
    #[serde(skip)]
    pub min_ttl: Duration,
    /// Requests a second of all outbound addresses together.
    #[serde(skip)]
    pub rate: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            follow: Vec::new(),
            active_for: Duration::from_secs(3 * 24 * 60 * 60),
            initial_posts: 100,
            min_ttl: Duration::from_secs(5 * 60),
            rate: 2.0,
        }
    }
}

/// Background work for a channel, under the name that it was planned with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::service) enum Job {
    /// Fetches the newest posts.
    Refresh(Key),
    /// Fetches one page of older posts.
    History(Key),
}

/// A summary of the plan, for the operator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outlook {
    pub channels: usize,
    /// The channels with missing history.
    pub histories: usize,
    /// The jobs in progress.
    pub under_way: usize,
    /// The factor by which all intervals are stretched; 1: no stretch.
    pub stretch: f64,
    /// Refreshes start minutes late.
    pub is_late: bool,
    /// The start of the next refresh.
    pub next: Option<DateTime<Utc>>,
}

#[derive(Debug)]
pub(in crate::service) struct Plan {
    settings: Settings,
    channels: HashMap<Key, Channel>,
    queue: Queue,
    /// The present names of followed channels, by their names in the settings.
    renamed: HashMap<Key, Key>,
    histories: VecDeque<Key>,
    in_progress: usize,
    stretch: f64,
    /// Requests a second that all outbound addresses may make now.
    rate: f64,
    /// The earliest start of the next job at this rate.
    next_job: DateTime<Utc>,
    next_history: DateTime<Utc>,
    reviewed: DateTime<Utc>,
    /// Channels whose visits differ from the stored ones.
    unstored: HashSet<Key>,
    store_at: Option<DateTime<Utc>>,
    /// Channels whose stored visits cannot be decoded. They are not overwritten.
    undecodable: HashSet<Key>,
}

impl Plan {
    /// The first refreshes of followed channels are spread over time.
    pub(in crate::service) fn new(settings: Settings, now: DateTime<Utc>) -> Self {
        let mut plan = Self {
            rate: settings.rate,
            channels: HashMap::new(),
            queue: Queue::default(),
            renamed: HashMap::new(),
            histories: VecDeque::new(),
            in_progress: 0,
            stretch: 1.0,
            next_job: now,
            next_history: now,
            reviewed: now,
            unstored: HashSet::new(),
            store_at: None,
            undecodable: HashSet::new(),
            settings,
        };
        let follow = plan.settings.follow.clone();
        let span = plan.cost().mul_f64(follow.len() as f64);
        for name in follow {
            let key = Key::from(name.key());
            plan.channels.entry(Key::clone(&key)).or_default().is_followed = true;
            plan.enqueue(&key, Some(now + span.mul_f64(jitter(&key, now))));
        }
        plan.review(now);
        plan
    }

    /// Records a visit that was answered with `shown`.
    pub(super) fn visited(&mut self, key: &Key, shown: News, now: DateTime<Utc>) {
        let mut store_by = now + STORE_INTERVAL;
        if !self.channels.contains_key(key) {
            if self.settings.active_for.is_zero() {
                return;
            }
            if self.channels.len() >= MAX_CHANNELS {
                self.evict();
            }
            store_by = now + STORE_FIRST;
        }
        let channel = self.channels.entry(Key::clone(key)).or_default();
        if channel.fetched.is_none() {
            channel.refreshed(shown);
        }
        if channel.visited(now) {
            self.store(key, store_by);
            self.replan(key, now);
        }
    }

    /// Records a refresh of a channel under this name, planned or not.
    pub(in crate::service) fn refreshed(&mut self, key: &Key, news: News, now: DateTime<Utc>) {
        let Some(channel) = self.channels.get_mut(key) else { return };
        channel.refreshed(news);
        self.replan(key, now);
        if news.has_gap {
            self.want_history(key, now);
        }
    }

    /// Records a failed refresh that was not planned; planned ones end with [`Self::finish_refresh`].
    pub(in crate::service) fn refused(&mut self, key: &Key, failure: Failure, now: DateTime<Utc>) {
        let Some(channel) = self.channels.get_mut(key) else { return };
        if channel.started.is_none() {
            channel.refused(failure, key, now);
            self.replan(key, now);
        }
    }

    /// Ends a planned refresh. A channel that is renamed since, to `Ok`'s key, is planned under its present name.
    pub(in crate::service) fn finish_refresh(
        &mut self,
        key: &Key,
        result: Result<(Key, News), Failure>,
        now: DateTime<Utc>,
    ) {
        self.in_progress = self.in_progress.saturating_sub(1);
        let Some(channel) = self.channels.get_mut(key) else { return };
        channel.started = None;
        let (present, news) = match result {
            Ok(refreshed) => refreshed,
            Err(failure) => return self.refused(key, failure, now),
        };
        if present != *key {
            self.rename(key, &present);
        }
        let Some(channel) = self.channels.get_mut(&present) else { return };
        channel.refreshed(news);
        // The refresh may not have changed the snapshot, which must not cause a refresh at once.
        channel.paused_until = Some(now + self.settings.min_ttl);
        self.replan(&present, now);
    }

    /// `Ok(true)`: another page is missing.
    pub(in crate::service) fn finish_history(
        &mut self,
        key: &Key,
        result: Result<bool, Failure>,
        now: DateTime<Utc>,
    ) {
        self.in_progress = self.in_progress.saturating_sub(1);
        let Some(channel) = self.channels.get_mut(key) else { return };
        channel.history = History::Complete;
        let is_wanted = match result {
            Ok(has_more) => has_more,
            Err(failure) => {
                // The next page of another channel would be refused, too.
                self.next_history = now + failure.ttl.max(HISTORY_PAUSE);
                !failure.is_certain
            }
        };
        if is_wanted {
            self.want_history(key, now);
        }
    }

    /// Moves a renamed channel to its present name.
    fn rename(&mut self, from: &Key, to: &Key) {
        let Some(former) = self.channels.get(from).cloned() else { return };
        self.forget(from);
        let is_followed = former.is_followed;
        if is_followed {
            let names = self.renamed.values_mut().filter(|name| *name == from);
            names.for_each(|name| name.clone_from(to));
            self.renamed.insert(Key::clone(from), Key::clone(to));
        }
        let channel = self.channels.entry(Key::clone(to)).or_insert_with(|| former.renamed());
        channel.is_followed |= is_followed;
        self.store(to, self.reviewed + STORE_INTERVAL);
    }

    /// A channel by its name in the settings: its present key, and its entry.
    pub(in crate::service) fn channel(&self, key: &Key) -> (Key, Option<&Channel>) {
        let present = self.renamed.get(key).unwrap_or(key);
        (Key::clone(present), self.channels.get(present))
    }

    /// Whether a planned refresh renews a snapshot that is still fresh.
    pub(in crate::service) fn wants(&self, key: &Key, fetched: DateTime<Utc>) -> bool {
        let started = self.channels.get(key).and_then(|channel| channel.started);
        started.is_some_and(|started| fetched < started)
    }

    /// Starts jobs, at most `places`, at this rate of all outbound addresses together.
    pub(in crate::service) fn start(
        &mut self,
        rate: f64,
        places: usize,
        now: DateTime<Utc>,
    ) -> Vec<Job> {
        self.rate = rate.max(0.0);
        if now < self.reviewed {
            self.clock_went_back(now);
        }
        if now >= self.reviewed + REVIEW_INTERVAL {
            self.review(now);
        }
        let mut jobs = Vec::new();
        while self.rate > 0.0 && jobs.len() < places && self.next_job <= now {
            let Some(job) = self.take_refresh(now).or_else(|| self.take_history(now)) else {
                break;
            };
            self.next_job = self.next_job.max(now - self.cost() * BURST) + self.cost();
            self.in_progress += 1;
            jobs.push(job);
        }
        jobs
    }

    /// The time of the next call of [`Self::start`], unless the plan changes before.
    pub(in crate::service) fn wake(&self) -> DateTime<Utc> {
        let review = self.reviewed + REVIEW_INTERVAL;
        if self.rate <= 0.0 {
            return review;
        }
        let refresh = self.queue.latest_start(self.cost());
        let history = (!self.histories.is_empty()).then_some(self.next_history);
        let next = refresh.into_iter().chain(history).min();
        next.map_or(review, |next| next.max(self.next_job).min(review))
    }

    /// The time at which visits are to be stored.
    pub(in crate::service) fn store_at(&self) -> Option<DateTime<Utc>> {
        self.store_at
    }

    pub(in crate::service) fn outlook(&self, now: DateTime<Utc>) -> Outlook {
        Outlook {
            channels: self.queue.len(),
            histories: self.histories.len(),
            under_way: self.in_progress,
            stretch: self.stretch,
            is_late: self.queue.first().is_some_and(|deadline| deadline + LATE < now),
            next: self.queue.latest_start(self.cost()),
        }
    }

    /// Adds the stored visits after a restart.
    pub(in crate::service) fn restore(&mut self, stored: &[(String, String)], now: DateTime<Utc>) {
        for (name, json) in stored {
            let key = Key::from(name.as_str());
            let is_name = ChannelName::parse(name).is_ok_and(|parsed| parsed.key() == *name);
            match Visits::from_json(json).filter(|_| is_name) {
                Some(visits) => self.restore_channel(&key, visits, now),
                None => drop(self.undecodable.insert(key)),
            }
        }
        if !self.undecodable.is_empty() {
            tracing::error!(
                schedule.undecodable = self.undecodable.len(),
                "the archive's visits of some channels cannot be decoded, and stay as they are"
            );
        }
    }

    fn restore_channel(&mut self, key: &Key, visits: Visits, now: DateTime<Utc>) {
        if self.channels.len() >= MAX_CHANNELS && !self.channels.contains_key(key) {
            return;
        }
        let channel = self.channels.entry(Key::clone(key)).or_default();
        channel.visits.add_stored(visits, now);
        if !channel.is_followed && !channel.is_active(now, self.settings.active_for) {
            self.forget(key);
        } else if channel.deadline.is_none() {
            self.replan(key, now);
        }
    }

    /// The visits to store: JSON by channel; `None` deletes.
    pub(in crate::service) fn take_unstored(&mut self) -> Vec<(String, Option<String>)> {
        self.store_at = None;
        let unstored = std::mem::take(&mut self.unstored).into_iter();
        let unstored = unstored.filter(|key| !self.undecodable.contains(key));
        let visits = |key: &Key| Some(self.channels.get(key)?.visits.to_json());
        unstored.map(|key| (key.to_string(), visits(&key))).collect()
    }

    /// Visits that were taken and could not be stored are stored with the next ones.
    pub(in crate::service) fn put_back(
        &mut self,
        unstored: Vec<(String, Option<String>)>,
        now: DateTime<Utc>,
    ) {
        self.unstored.extend(unstored.into_iter().map(|(name, _)| Key::from(name)));
        self.store_at = Some(now + STORE_INTERVAL);
    }

    fn store(&mut self, key: &Key, at: DateTime<Utc>) {
        // A flood of forgotten names must not fill memory: their stored visits expire at the next start.
        if self.unstored.len() < 2 * MAX_CHANNELS {
            self.unstored.insert(Key::clone(key));
        }
        self.store_at = Some(self.store_at.map_or(at, |earlier| earlier.min(at)));
    }

    /// The time between two jobs.
    fn cost(&self) -> Duration {
        Duration::from_secs_f64(1.0 / (self.rate * SHARE).max(0.000_1))
    }

    fn replan(&mut self, key: &Key, now: DateTime<Utc>) {
        let Some(channel) = self.channels.get(key) else { return };
        let is_kept_fresh = channel.is_kept_fresh(now, self.settings.active_for);
        let lacks_history = channel.history == History::Unknown && channel.fetched.is_some();
        let due = if is_kept_fresh && channel.started.is_none() {
            channel.due(key, now, self.stretch, self.settings.min_ttl)
        } else {
            None
        };
        self.enqueue(key, due);
        if lacks_history {
            self.want_history(key, now);
        }
    }

    fn enqueue(&mut self, key: &Key, deadline: Option<DateTime<Utc>>) {
        let Some(channel) = self.channels.get_mut(key) else { return };
        if let Some(former) = std::mem::replace(&mut channel.deadline, deadline) {
            self.queue.remove(former, key);
        }
        if let Some(deadline) = deadline {
            self.queue.insert(deadline, key);
        }
    }

    fn want_history(&mut self, key: &Key, now: DateTime<Utc>) {
        let Some(channel) = self.channels.get_mut(key) else { return };
        if channel.history != History::Wanted
            && channel.is_kept_fresh(now, self.settings.active_for)
        {
            channel.history = History::Wanted;
            self.histories.push_back(Key::clone(key));
        }
    }

    fn take_refresh(&mut self, now: DateTime<Utc>) -> Option<Job> {
        if self.queue.latest_start(self.cost())? > now {
            return None;
        }
        let (_, key) = self.queue.pop_first()?;
        if let Some(channel) = self.channels.get_mut(&key) {
            channel.start(now);
        }
        Some(Job::Refresh(key))
    }

    fn take_history(&mut self, now: DateTime<Utc>) -> Option<Job> {
        if self.next_history > now {
            return None;
        }
        let key = self.histories.pop_front()?;
        self.next_history = now + self.cost() * HISTORY_PART;
        Some(Job::History(key))
    }

    fn review(&mut self, now: DateTime<Utc>) {
        self.reviewed = now;
        let Settings { active_for, min_ttl, rate, .. } = self.settings;
        let inactive = self.evictable().filter(|(_, channel)| !channel.is_active(now, active_for));
        let inactive: Vec<Key> = inactive.map(|(key, _)| Key::clone(key)).collect();
        for key in inactive {
            self.forget(&key);
        }
        let active =
            self.channels.values().filter(|channel| channel.is_kept_fresh(now, active_for));
        let demand: f64 = active.map(|channel| 1.0 / channel.interval(min_ttl).as_secs_f64()).sum();
        // By the configured rate: a back-off is short, and must not stretch the intervals.
        self.stretch = (demand / (rate * SHARE)).clamp(1.0, MAX_STRETCH);
    }

    /// All planned times are too far in the future.
    fn clock_went_back(&mut self, now: DateTime<Utc>) {
        (self.next_job, self.next_history, self.store_at) = (now, now, Some(now));
        let keys: Vec<Key> = self.channels.keys().map(Key::clone).collect();
        for key in keys {
            if let Some(channel) = self.channels.get_mut(&key) {
                channel.paused_until = None;
            }
            self.replan(&key, now);
        }
        self.review(now);
    }

    /// Evicts up to a quarter of [`MAX_CHANNELS`], none of them followed or being refreshed.
    fn evict(&mut self) {
        let worth = |channel: &Channel| (channel.visits.are_repeated(), channel.visits.last());
        let mut evicted: Vec<_> =
            self.evictable().map(|(key, channel)| (worth(channel), Key::clone(key))).collect();
        evicted.sort_unstable();
        evicted.truncate(MAX_CHANNELS / 4);
        for (_, key) in evicted {
            self.forget(&key);
        }
    }

    fn evictable(&self) -> impl Iterator<Item = (&Key, &Channel)> {
        let channels = self.channels.iter();
        channels.filter(|(_, channel)| !channel.is_followed && channel.started.is_none())
    }

    fn forget(&mut self, key: &Key) {
        self.enqueue(key, None);
        let Some(channel) = self.channels.remove(key) else { return };
        if channel.history == History::Wanted {
            self.histories.retain(|queued| queued != key);
        }
        self.store(key, self.reviewed + STORE_INTERVAL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::tests::minute;

    const MIN_AGE: Duration = Duration::from_secs(300);

    fn settings(follow: usize) -> Settings {
        let name = |number| ChannelName::parse(&format!("channel{number}")).unwrap();
        Settings { follow: (0..follow).map(name).collect(), ..Settings::default() }
    }

    fn key(number: usize) -> Key {
        format!("channel{number}").into()
    }

    fn news(fetched: DateTime<Utc>, ttl: u64) -> News {
        News { fetched, ttl: Duration::from_secs(ttl * 60), has_gap: false }
    }

    fn deadline(plan: &Plan, number: usize) -> Option<DateTime<Utc>> {
        plan.channel(&key(number)).1.and_then(|channel| channel.deadline)
    }

    fn refresh(number: usize) -> Job {
        Job::Refresh(key(number))
    }

    fn history(number: usize) -> Job {
        Job::History(key(number))
    }

    /// Runs the plan from `from` to `to`. Each refresh succeeds at once, with a TTL in minutes. Returns the started
    /// jobs with their times.
    fn run(
        plan: &mut Plan,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        ttl: u64,
    ) -> Vec<(DateTime<Utc>, Job)> {
        let mut now = from;
        let mut begun = Vec::new();
        while now < to {
            for job in plan.start(2.0, 16, now) {
                match &job {
                    Job::Refresh(key) => {
                        plan.finish_refresh(key, Ok((Key::clone(key), news(now, ttl))), now)
                    }
                    Job::History(key) => plan.finish_history(key, Ok(false), now),
                }
                begun.push((now, job));
            }
            now = plan.wake().max(now + Duration::from_millis(1));
        }
        begun
    }

    #[test]
    fn followed_channels_start_one_by_one_and_are_refreshed_at_their_ttl() {
        let start = minute(0);
        let mut plan = Plan::new(settings(100), start);
        let begun = run(&mut plan, start, minute(60), 10);
        let refreshes: Vec<_> = begun
            .iter()
            .filter(|(_, job)| matches!(job, Job::Refresh(_)))
            .map(|(at, _)| *at)
            .collect();
        for pair in refreshes.windows(BURST as usize + 2) {
            let (first, last) = (pair[0], pair[pair.len() - 1]);
            assert!(last - first >= chrono::TimeDelta::milliseconds(600), "{first} {last}");
        }
        for number in 0..100 {
            let count = begun.iter().filter(|(_, job)| *job == refresh(number)).count();
            assert!((6..=7).contains(&count), "{number}: {count} in an hour, every ten minutes");
            assert!(
                begun.iter().any(|(_, job)| *job == history(number)),
                "{number} has no history"
            );
        }
        let outlook = plan.outlook(minute(60));
        assert!(outlook.stretch == 1.0 && !outlook.is_late, "{outlook:?}");
    }

    #[test]
    fn all_intervals_stretch_alike_when_the_rate_does_not_suffice() {
        let start = minute(0);
        // Three times the demand that three quarters of two requests a second allow.
        let mut plan = Plan::new(settings(1350), start);
        let begun = run(&mut plan, start, minute(240), 5);
        let outlook = plan.outlook(minute(240));
        assert!((2.9..3.1).contains(&outlook.stretch), "{outlook:?}");
        let late =
            begun.iter().filter(|(at, job)| *at >= minute(120) && matches!(job, Job::Refresh(_)));
        let mut counts = vec![0_u32; 1350];
        for (_, job) in late {
            let Job::Refresh(key) = job else { continue };
            counts[key["channel".len()..].parse::<usize>().unwrap()] += 1;
        }
        // Each channel every quarter of an hour instead of every five minutes.
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        assert!(*least >= 7 && *most <= 10, "{least} to {most} in two hours");
    }

    #[test]
    fn readers_that_come_together_find_all_their_channels_refreshed() {
        let mut plan = Plan::new(settings(0), minute(0));
        for hour in 0..3 {
            for number in 0..600 {
                plan.visited(&key(number), news(minute(hour * 60), 20), minute(hour * 60));
                plan.refreshed(&key(number), news(minute(hour * 60), 20), minute(hour * 60));
            }
        }
        let begun = run(&mut plan, minute(125), minute(180), 20);
        let refreshes = begun.iter().filter(|(_, job)| matches!(job, Job::Refresh(_)));
        let times: Vec<_> = refreshes.map(|(at, _)| *at).collect();
        assert_eq!(times.len(), 600, "before the visit, and not again without one");
        let (first, last) = (times[0], times[599]);
        assert!(last < minute(180) && first > minute(170), "{first} to {last}");
    }

    #[test]
    fn fresh_snapshot_is_renewed_only_by_a_planned_refresh() {
        let start = minute(0);
        let mut plan = Plan::new(settings(1), start);
        plan.refreshed(&key(0), news(start, 10), start);
        assert!(!plan.wants(&key(0), start));
        let jobs = plan.start(2.0, 16, minute(10));
        assert!(jobs.contains(&refresh(0)), "{jobs:?}");
        assert!(plan.wants(&key(0), start) && !plan.wants(&key(0), minute(10)));
        plan.finish_refresh(&key(0), Ok((key(0), news(minute(10), 10))), minute(10));
        assert!(!plan.wants(&key(0), start));
    }

    #[test]
    fn unchanged_snapshot_is_not_fetched_again_at_once() {
        let mut plan = Plan::new(settings(1), minute(0));
        plan.refreshed(&key(0), news(minute(0), 10), minute(0));
        assert!(plan.start(2.0, 16, minute(10)).contains(&refresh(0)));
        // The refresh returned a snapshot that was known already.
        plan.finish_refresh(&key(0), Ok((key(0), news(minute(0), 10))), minute(10));
        assert_eq!(deadline(&plan, 0), Some(minute(10) + MIN_AGE));
    }

    #[test]
    fn refreshes_wait_while_all_addresses_back_off_or_all_slots_are_taken() {
        let start = minute(0);
        let mut plan = Plan::new(settings(50), start);
        assert_eq!(plan.start(0.0, 16, minute(5)), []);
        assert!(plan.wake() > minute(5), "there is no hurry then");
        assert_eq!(plan.start(2.0, 0, minute(5)), []);
        let begun = plan.start(2.0, 3, minute(5)).len();
        assert_eq!(begun, 3);
        assert_eq!(plan.outlook(start).under_way, 3);
    }

    #[test]
    fn history_comes_after_refreshes_page_by_page() {
        let start = minute(0);
        let mut plan = Plan::new(settings(1), start);
        plan.refreshed(&key(0), news(start, 10), start);
        assert_eq!(plan.start(2.0, 16, start), [history(0)]);
        plan.finish_history(&key(0), Ok(true), start);
        assert_eq!(plan.outlook(minute(0)).histories, 1);
        assert_eq!(plan.start(2.0, 16, start), [], "at its pace");
        assert_eq!(plan.start(2.0, 16, start + Duration::from_secs(2)), [history(0)]);
        plan.finish_history(&key(0), Ok(false), start + Duration::from_secs(2));
        assert_eq!(plan.outlook(minute(0)).histories, 0);
        // A refresh that leaves a gap queues its history again.
        plan.refreshed(&key(0), News { has_gap: true, ..news(minute(5), 10) }, minute(5));
        assert_eq!(plan.start(2.0, 16, minute(5)), [history(0)]);
        let outage = Failure { code: "timeout", ttl: Duration::from_secs(30), is_certain: false };
        plan.finish_history(&key(0), Err(outage), minute(5));
        assert_eq!(plan.start(2.0, 16, minute(5) + Duration::from_secs(59)), []);
        assert_eq!(plan.start(2.0, 16, minute(6)), [history(0)]);
        assert_eq!(plan.channel(&key(0)).1.unwrap().refusal, None, "its newest posts are well");
    }

    #[test]
    fn history_is_for_channels_that_are_read_twice() {
        let mut plan = Plan::new(settings(0), minute(0));
        plan.visited(&key(0), news(minute(0), 60), minute(0));
        assert_eq!(plan.outlook(minute(0)).histories, 0);
        plan.visited(&key(0), news(minute(0), 60), minute(30));
        assert_eq!(plan.outlook(minute(0)).histories, 1);
    }

    #[test]
    fn flood_of_names_evicts_only_channels_that_were_read_once() {
        let mut plan = Plan::new(settings(1), minute(0));
        for hour in 0..3 {
            plan.visited(&key(1), news(minute(hour * 60), 20), minute(hour * 60));
        }
        for number in 2..MAX_CHANNELS * 2 {
            plan.visited(&key(number), news(minute(121), 20), minute(121));
        }
        assert!(plan.channels.len() <= MAX_CHANNELS, "{}", plan.channels.len());
        assert!(plan.channels.contains_key(&key(0)) && plan.channels.contains_key(&key(1)));
        let mut off = Plan::new(Settings { active_for: Duration::ZERO, ..settings(0) }, minute(0));
        off.visited(&key(1), news(minute(0), 20), minute(0));
        assert!(off.channels.is_empty());
    }

    #[test]
    fn first_visit_of_a_channel_is_stored_soon() {
        let mut plan = Plan::new(settings(0), minute(0));
        plan.visited(&key(0), news(minute(0), 20), minute(0));
        assert_eq!(plan.store_at, Some(minute(0) + STORE_FIRST));
        assert_eq!(plan.take_unstored().len(), 1);
        assert_eq!(plan.store_at, None);
        plan.visited(&key(0), news(minute(5), 20), minute(5));
        assert_eq!(plan.store_at, Some(minute(5) + STORE_INTERVAL), "further visits wait");
    }

    #[test]
    fn restart_keeps_visits() {
        let mut plan = Plan::new(settings(0), minute(0));
        for hour in 0..3 {
            plan.visited(&key(0), news(minute(hour * 60), 20), minute(hour * 60));
        }
        let unstored = plan.take_unstored();
        assert!(plan.take_unstored().is_empty(), "nothing changed since");
        let [(name, Some(json))] = &unstored[..] else { panic!("{unstored:?}") };
        assert!(json.len() < 120, "{json}");
        let stored = [(name.clone(), json.clone())];
        let mut next = Plan::new(settings(0), minute(130));
        next.restore(&stored, minute(130));
        let deadline = deadline(&next, 0).unwrap();
        assert!((minute(178)..minute(180)).contains(&deadline), "{deadline}");
        // Days later the channel is inactive, and its stored visits are deleted.
        let mut late = Plan::new(settings(0), minute(10_000));
        late.restore(&stored, minute(10_000));
        assert_eq!(late.take_unstored(), [(name.clone(), None)]);
    }

    #[test]
    fn failed_store_loses_no_visits_and_no_deletions() {
        let mut plan = Plan::new(settings(0), minute(0));
        plan.visited(&key(0), news(minute(0), 20), minute(0));
        plan.visited(&key(1), news(minute(1), 20), minute(1));
        plan.forget(&key(0));
        let mut unstored = plan.take_unstored();
        plan.put_back(unstored.clone(), minute(2));
        assert_eq!(plan.store_at, Some(minute(2) + STORE_INTERVAL));
        let mut again = plan.take_unstored();
        unstored.sort();
        again.sort();
        assert_eq!(again, unstored);
        assert!(matches!(&again[..], [(_, None), (_, Some(_))]), "{again:?}");
    }

    #[test]
    fn undecodable_visits_are_not_overwritten() {
        let mut plan = Plan::new(settings(0), minute(0));
        plan.restore(&[(key(0).to_string(), "[]".to_owned())], minute(0));
        plan.visited(&key(0), news(minute(0), 20), minute(0));
        assert_eq!(plan.take_unstored(), []);
    }

    #[test]
    fn clock_that_goes_back_stops_nothing() {
        let start = minute(600);
        let mut plan = Plan::new(settings(10), start);
        run(&mut plan, start, minute(660), 10);
        let begun = run(&mut plan, minute(0), minute(120), 10);
        for number in 0..10 {
            assert!(begun.iter().any(|(_, job)| *job == refresh(number)), "{number}");
        }
    }
}
