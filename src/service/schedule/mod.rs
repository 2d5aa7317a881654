//! Plans refreshes ahead of demand: background fetches of channels before a client requests them (`scheduler`).
//!
//! - **Followed channels** (`channels.follow`, and those of collections) are refreshed when their TTL ends.
//! - **Channels with repeated visits**, at least ten minutes apart within `refresh.active_for`, are refreshed just
//!   before their next expected visit: the last visit plus the median interval. The next refresh waits for a visit, so
//!   that a channel is never refreshed more often than it is read.
//! - **History** of these channels, and posts that a refresh left out, are fetched page by page when no refresh is due.
//!
//! *Invariant*: jobs use at most three quarters of the rate, and memory is bounded by the number of channels.

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

/// The channels that were read within `active_for` according to the archive, sorted by name. A running server stores a
/// channel's first visit within half a minute.
///
/// # Errors
/// The archive cannot be read.
pub async fn channels_read(
    archive: &Archive,
    active_for: Duration,
    now: DateTime<Utc>,
) -> Result<Vec<ChannelName>, archive::Error> {
    let visits = archive.visits().await?;
    // In Telegram's spelling, where it is known.
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
    /// Channels whose stored visits cannot be decoded. They are not overwritten.
    undecodable: Mutex<HashSet<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlannedChannel {
    /// The key of the present name.
    pub(super) key: Key,
    /// The date of the last success.
    pub(super) fetched: Option<DateTime<Utc>>,
    pub(super) next: Option<DateTime<Utc>>,
    /// The code of the last failure, if no refresh has succeeded since.
    pub(super) refusal: Option<&'static str>,
}

impl Schedule {
    pub(super) fn new(settings: Settings, now: DateTime<Utc>) -> Self {
        let plan = Mutex::new(Plan::new(settings, now));
        Self { plan, changed: Notify::new(), undecodable: Mutex::default() }
    }

    /// Records a visit. It is called for every answer, cache hits included; the first one in a minute locks the plan.
    pub(super) fn visited(&self, state: &ChannelState, now: DateTime<Utc>) {
        let minute = now.timestamp() / 60;
        // The order among threads does not matter: at worst a visit is reported twice.
        if state.visited.load(Ordering::Relaxed) != minute
            && state.visited.swap(minute, Ordering::Relaxed) != minute
        {
            self.update(|plan| plan.visited(&state.key(), News::of(state), now));
        }
    }

    /// Records a refresh under this name, planned or not.
    pub(super) fn refreshed(&self, key: &Key, state: &ChannelState, now: DateTime<Utc>) {
        let (news, own) = (News::of(state), state.key());
        self.update(|plan| {
            plan.refreshed(key, news, now);
            if own != *key {
                plan.refreshed(&own, news, now);
            }
        });
    }

    /// Records a refused refresh, planned or not.
    pub(super) fn refused(&self, key: &Key, refusal: &Refusal, now: DateTime<Utc>) {
        self.update(|plan| plan.refused(key, Failure::of(refusal), now));
    }

    /// Whether a planned refresh renews a snapshot that is still fresh.
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

    /// Starts jobs, at most `places`, at a rate of all outbound addresses together. Returns them and the time to call
    /// again.
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

    /// Waits for a change that may start a job earlier than planned.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Ends a planned refresh. A renamed channel is planned under its present name from now on.
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

    /// Ends a planned fetch of history. `Ok(true)`: another page is missing.
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

    /// The visits to store, as JSON by channel; `None` deletes them.
    pub(super) fn take_changed(&self) -> Vec<(String, Option<String>)> {
        let changed = self.plan().take_changed();
        let undecodable = self.undecodable();
        changed
            .into_iter()
            .filter(|(key, _)| !undecodable.contains(&**key))
            .map(|(key, visits)| (key.to_string(), visits.map(|visits| visits.to_json())))
            .collect()
    }

    /// Restores stored visits. Undecodable ones are logged.
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

    /// No panic leaves the plan inconsistent, so a poisoned lock is still usable.
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod simulation;
