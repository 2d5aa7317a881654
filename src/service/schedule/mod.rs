//! Refreshes ahead of demand: channels are fetched before somebody reads them, as background work.
//!
//! - **Followed channels** (`channels.follow`, and those of collections) are refreshed when their TTL ends.
//! - **Channels that were read at least twice** within `refresh.active_for`, at least ten minutes apart, are refreshed just
//!   before their next expected visit: the last visit plus the median interval. After a refresh the next one waits for a
//!   visit, so that a channel is never refreshed more often than it is read.
//! - After a failure the pause before the next refresh doubles.
//! - **History** of these channels, and posts that a refresh left out, are fetched page by page when no refresh is due.
//!
//! `plan` decides and is pure, `task` does the work, and this file is what the other use cases call.
//!
//! *Invariant*: at most three quarters of the rate are used, and memory is bounded by the number of channels.

mod channel;
mod plan;
mod queue;
pub(super) mod task;

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::memory::ChannelState;
use super::{Key, is_gone, is_outage};
use crate::archive::{self, Archive};
use crate::model::ChannelName;
use crate::upstream::Refusal;
use channel::Visits;
use plan::{Failure, News, Plan};

pub use plan::{Outlook, Settings};

/// The channels that were read within `active_for` according to the archive, by name. A running server stores a channel's
/// first visit within half a minute.
///
/// # Errors
/// The archive cannot be read.
pub async fn channels_read(
    archive: &Archive,
    active_for: std::time::Duration,
    now: DateTime<Utc>,
) -> Result<Vec<ChannelName>, archive::Error> {
    let is_recent = |json: &str| {
        let last = Visits::from_json(json).and_then(|visits| visits.last());
        last.is_some_and(|last| now < last + active_for)
    };
    let visits = archive.visits().await?;
    let recent = visits.iter().filter(|(_, json)| is_recent(json));
    // As the channels write themselves, where that is known.
    let spelt = archive.channels().await?.into_iter().filter_map(|summary| summary.name);
    let spelt: HashMap<String, ChannelName> = spelt.map(|name| (name.key(), name)).collect();
    let name = |key: &str| spelt.get(key).cloned().or_else(|| ChannelName::parse(key).ok());
    let mut names: Vec<ChannelName> = recent.filter_map(|(key, _)| name(key)).collect();
    names.sort_by_key(ChannelName::key);
    Ok(names)
}

/// The plan, shared by all requests and the task that works.
pub(super) struct Schedule {
    plan: Mutex<Plan>,
    /// Something may have to start earlier than planned.
    changed: Notify,
    seen: Seen,
    /// Channels whose stored visits could not be decoded: nothing is written over them.
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
        Self {
            plan: Mutex::new(Plan::new(settings, now)),
            changed: Notify::new(),
            seen: Seen::new(),
            undecodable: Mutex::default(),
        }
    }

    /// Somebody reads a channel. Called for every answer, also from memory.
    pub(super) fn visited(&self, known: &ChannelState, now: DateTime<Utc>) {
        if self.seen.is_new(known.snapshot.channel.name.as_str(), now) {
            self.change(|plan| plan.visited(&known.key(), news(known, false), now));
        }
    }

    /// A channel was refreshed under a name, for anybody; `has_gap`: posts between it and the posts before are missing.
    pub(super) fn refreshed(
        &self,
        key: &Key,
        known: &ChannelState,
        has_gap: bool,
        now: DateTime<Utc>,
    ) {
        let news = news(known, has_gap);
        self.change(|plan| {
            plan.refreshed(key, news, now);
            let own = known.key();
            if own != *key {
                plan.refreshed(&own, news, now);
            }
        });
    }

    /// A refresh failed, for anybody.
    pub(super) fn refused(&self, key: &Key, refusal: &Refusal, now: DateTime<Utc>) {
        self.change(|plan| plan.refused(key, failure(refusal), now));
    }

    /// Whether a snapshot that is still fresh is to be renewed.
    pub(super) fn wants(&self, key: &Key, fetched: DateTime<Utc>) -> bool {
        self.plan().wants(key, fetched)
    }

    pub(super) fn outlook(&self) -> Outlook {
        self.plan().outlook()
    }

    pub(super) fn channel(&self, key: &Key) -> PlannedChannel {
        let plan = self.plan();
        let key = plan.present(key);
        let channel = plan.channel(key);
        PlannedChannel {
            key: Key::clone(key),
            fetched: channel.and_then(|channel| channel.fetched),
            next: channel.and_then(|channel| channel.deadline),
            refusal: channel.and_then(|channel| channel.refusal),
        }
    }

    /// Visits to store, as JSON by channel; `None`: to delete.
    fn take_changed(&self) -> Vec<(String, Option<String>)> {
        let changed = self.plan().take_changed();
        let undecodable = self.undecodable();
        changed
            .into_iter()
            .filter(|(key, _)| !undecodable.contains(&**key))
            .map(|(key, visits)| (key.to_string(), visits.map(|visits| visits.to_json())))
            .collect()
    }

    /// Restores stored visits. Those that cannot be decoded are reported, and stay as they are.
    fn recall(&self, stored: &[(String, String)], now: DateTime<Utc>) {
        let mut undecodable = self.undecodable();
        self.change(|plan| {
            for (key, json) in stored {
                let is_name = ChannelName::parse(key).is_ok_and(|name| name.key() == *key);
                match Visits::from_json(json).filter(|_| is_name) {
                    Some(visits) => plan.recall(&key.as_str().into(), &visits, now),
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

    fn change(&self, change: impl FnOnce(&mut Plan)) {
        let mut plan = self.plan();
        let before = (plan.wake(), plan.store_due());
        change(&mut plan);
        let is_earlier = plan.wake() < before.0 || plan.store_due() != before.1;
        drop(plan);
        if is_earlier {
            self.changed.notify_one();
        }
    }

    /// The plan is whole between any two statements that can panic, so a poisoned lock is still good.
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn news(known: &ChannelState, has_gap: bool) -> News {
    News { fetched: known.snapshot.fetched, ttl: known.ttl, has_gap }
}

fn failure(refusal: &Refusal) -> Failure {
    let is_certain = is_gone(refusal) || !is_outage(refusal);
    let ttl = refusal.negative_ttl().max(refusal.retry_after().unwrap_or_default());
    Failure { code: refusal.code(), ttl, is_certain }
}

/// The places of [`Seen`].
const SLOTS: usize = 4096;

/// Which channels were read in this minute, without a lock.
///
/// A cached answer takes microseconds, and only the first of a minute is news. Each place holds one channel's hash with the
/// minute of its last visit; two channels that share a place only cost each other a look at the plan.
struct Seen {
    hasher: RandomState,
    slots: Box<[AtomicU64]>,
}

impl Seen {
    fn new() -> Self {
        let slots = (0..SLOTS).map(|_| AtomicU64::new(0)).collect();
        Self { hasher: RandomState::new(), slots }
    }

    /// Whether a channel, its name in any case, was not read in this minute yet.
    fn is_new(&self, name: &str, now: DateTime<Utc>) -> bool {
        let mut hasher = self.hasher.build_hasher();
        // No copy in lower case: this happens for every answer.
        name.bytes().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
        let hash = hasher.finish();
        let minute = u64::from(channel::seconds(now) / 60) & 0xffff;
        let mark = hash & !0xffff | minute;
        let place = usize::try_from(hash & 0xffff).unwrap_or_default() % SLOTS;
        let Some(slot) = self.slots.get(place) else { return true };
        // The order among threads does not matter: at worst a visit is reported twice.
        slot.load(Ordering::Relaxed) != mark && slot.swap(mark, Ordering::Relaxed) != mark
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
