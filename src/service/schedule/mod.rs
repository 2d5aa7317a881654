//! Refreshes ahead of demand: channels are fetched before somebody reads them, as background work (`scheduler`).
//!
//! - **Followed channels** (`channels.follow`, and those of collections) are refreshed when their TTL ends.
//! - **Channels that were read at least twice** within `refresh.active_for`, at least ten minutes apart, are refreshed just
//!   before their next expected visit: the last visit plus the median interval. After a refresh the next one waits for a
//!   visit, so that a channel is never refreshed more often than it is read.
//! - After a failure the pause before the next refresh doubles.
//! - **History** of these channels, and posts that a refresh left out, are fetched page by page when no refresh is due.
//!
//! *Invariant*: at most three quarters of the rate are used, and memory is bounded by the number of channels.

mod channel;
mod plan;
mod queue;
mod visits;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::Key;
use super::memory::ChannelState;
use crate::archive::{self, Archive};
use crate::model::ChannelName;
use crate::upstream::Refusal;
use channel::News;
use plan::Plan;
use visits::Visits;

pub(super) use channel::Failure;
pub(super) use plan::Job;
pub use plan::{Outlook, Settings};

/// The channels that were read within `active_for` according to the archive, by name. A running server stores a channel's
/// first visit within half a minute.
///
/// # Errors
/// The archive cannot be read.
pub async fn channels_read(
    archive: &Archive,
    active_for: Duration,
    now: DateTime<Utc>,
) -> Result<Vec<ChannelName>, archive::Error> {
    let visits = archive.visits().await?;
    // As the channels write themselves, where that is known.
    let spelt = archive.channels().await?.into_iter().filter_map(|summary| summary.name);
    let spelt: HashMap<String, ChannelName> = spelt.map(|name| (name.key(), name)).collect();
    let mut names = Vec::new();
    for (key, json) in visits {
        let last = Visits::from_json(&json).and_then(|visits| visits.last());
        if last.is_some_and(|last| now < last + active_for) {
            names.extend(spelt.get(&key).cloned().or_else(|| ChannelName::parse(&key).ok()));
        }
    }
    names.sort_by_key(ChannelName::key);
    Ok(names)
}

/// The plan, shared by all requests and the scheduler.
pub(super) struct Schedule {
    plan: Mutex<Plan>,
    changed: Notify,
    /// Channels whose stored visits cannot be decoded: they are not overwritten.
    undecodable: Mutex<HashSet<String>>,
}

/// A channel's place in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlannedChannel {
    /// Its present name.
    pub(super) key: Key,
    /// The last success.
    pub(super) fetched: Option<DateTime<Utc>>,
    pub(super) next: Option<DateTime<Utc>>,
    /// Why the last refresh failed.
    pub(super) refusal: Option<&'static str>,
}

impl Schedule {
    pub(super) fn new(settings: Settings, now: DateTime<Utc>) -> Self {
        let plan = Mutex::new(Plan::new(settings, now));
        Self { plan, changed: Notify::new(), undecodable: Mutex::default() }
    }

    /// Somebody reads a channel. Called for every answer, also from memory: only the first of a minute looks at the plan.
    pub(super) fn visited(&self, state: &ChannelState, now: DateTime<Utc>) {
        let minute = now.timestamp() / 60;
        // The order among threads does not matter: at worst a visit is reported twice.
        if state.visited.load(Ordering::Relaxed) != minute
            && state.visited.swap(minute, Ordering::Relaxed) != minute
        {
            self.update(|plan| plan.visited(&state.key(), News::of(state), now));
        }
    }

    /// A channel was refreshed under a name, for anybody.
    pub(super) fn refreshed(&self, key: &Key, state: &ChannelState, now: DateTime<Utc>) {
        let (news, own) = (News::of(state), state.key());
        self.update(|plan| {
            plan.refreshed(key, news, now);
            if own != *key {
                plan.refreshed(&own, news, now);
            }
        });
    }

    /// A refresh failed, for anybody.
    pub(super) fn refused(&self, key: &Key, refusal: &Refusal, now: DateTime<Utc>) {
        self.update(|plan| plan.refused(key, Failure::of(refusal), now));
    }

    /// Whether a snapshot that is still fresh is to be renewed.
    pub(super) fn wants(&self, key: &Key, fetched: DateTime<Utc>) -> bool {
        self.plan().wants(key, fetched)
    }

    pub(super) fn outlook(&self, now: DateTime<Utc>) -> Outlook {
        self.plan().outlook(now)
    }

    pub(super) fn channel(&self, name: &ChannelName) -> PlannedChannel {
        let (plan, key) = (self.plan(), Key::from(name.key()));
        let key = plan.present(&key);
        let channel = plan.channel(key);
        PlannedChannel {
            key: Key::clone(key),
            fetched: channel.and_then(|channel| channel.fetched),
            next: channel.and_then(|channel| channel.deadline),
            refusal: channel.and_then(|channel| channel.refusal),
        }
    }

    /// The jobs that start now, at most `places`, at a rate of all outbound addresses; and when to look again.
    pub(super) fn start(
        &self,
        rate: f64,
        places: usize,
        now: DateTime<Utc>,
    ) -> (Vec<Job>, DateTime<Utc>) {
        let mut plan = self.plan();
        let jobs = plan.start(rate, places, now);
        let wake = plan.store_at().into_iter().fold(plan.wake(), DateTime::min);
        (jobs, wake)
    }

    /// Waits for something that may start a job earlier than planned.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// A planned refresh has ended. A channel that has another name now is planned under that.
    pub(super) fn finish_refresh(
        &self,
        key: &Key,
        result: Result<&ChannelState, Failure>,
        now: DateTime<Utc>,
    ) {
        let mut plan = self.plan();
        if let Ok(state) = result
            && state.key() != *key
        {
            plan.rename(key, &state.key(), now);
            plan.refreshed(&state.key(), News::of(state), now);
        }
        plan.finish_refresh(key, result.map(News::of), now);
    }

    /// A planned fetch of history has ended; `Ok(true)`: there is another page.
    pub(super) fn finish_history(
        &self,
        key: &Key,
        result: Result<bool, Failure>,
        now: DateTime<Utc>,
    ) {
        self.plan().finish_history(key, result, now);
    }

    pub(super) fn is_store_due(&self, now: DateTime<Utc>) -> bool {
        self.plan().store_at().is_some_and(|at| at <= now)
    }

    pub(super) fn postpone_store(&self, now: DateTime<Utc>) {
        self.plan().postpone_store(now);
    }

    /// Visits to store, as JSON by channel; `None`: to delete.
    pub(super) fn take_changed(&self) -> Vec<(String, Option<String>)> {
        let changed = self.plan().take_changed();
        let undecodable = self.undecodable();
        changed
            .into_iter()
            .filter(|(key, _)| !undecodable.contains(&**key))
            .map(|(key, visits)| (key.to_string(), visits.map(|visits| visits.to_json())))
            .collect()
    }

    /// Restores stored visits. Those that cannot be decoded are reported.
    pub(super) fn restore(&self, stored: &[(String, String)], now: DateTime<Utc>) {
        let mut undecodable = self.undecodable();
        self.update(|plan| {
            for (key, json) in stored {
                let is_name = ChannelName::parse(key).is_ok_and(|name| name.key() == *key);
                match Visits::from_json(json).filter(|_| is_name) {
                    Some(visits) => plan.restore(&key.as_str().into(), visits, now),
                    None => drop(undecodable.insert(key.clone())),
                }
            }
        });
        if !undecodable.is_empty() {
            tracing::error!(
                schedule.undecodable = undecodable.len(),
                "the archive's visits of some channels cannot be decoded, and stay as they are"
            );
        }
    }

    fn undecodable(&self) -> MutexGuard<'_, HashSet<String>> {
        self.undecodable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, update: impl FnOnce(&mut Plan)) {
        update(&mut self.plan());
        self.changed.notify_one();
    }

    /// The plan is whole between any two statements that can panic, so a poisoned lock is still good.
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod simulation;
