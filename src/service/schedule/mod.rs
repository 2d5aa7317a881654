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

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::memory::ChannelState;
use crate::archive::{self, Archive};
use crate::model::ChannelName;
use visits::Visits;

pub(super) use channel::{Failure, News};
pub(super) use plan::{Job, Plan};
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
}

impl Schedule {
    pub(super) fn new(settings: Settings, now: DateTime<Utc>) -> Self {
        Self { plan: Mutex::new(Plan::new(settings, now)), changed: Notify::new() }
    }

    /// No panic leaves the plan inconsistent, so a poisoned lock is still usable.
    pub(super) fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the plan, which may start a job earlier.
    pub(super) fn update(&self, update: impl FnOnce(&mut Plan)) {
        update(&mut self.plan());
        self.changed.notify_one();
    }

    /// Waits for an update.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
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
}

#[cfg(test)]
mod tests;
