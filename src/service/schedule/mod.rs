//! Refresh ahead of demand: channels are fetched before somebody asks for them, as nobody's business of waiting.
//!
//! - **Followed channels** (`channels.follow`, and those of collections) are kept alive at their own base_ttl: each is
//!   fetched when the ttl of its snapshot ends.
//! - **Channels that were asked for twice**, at least ten minutes apart, are fetched just before their next expected visit
//!   (`visits`), when it would find the snapshot old. Never more often than they are asked for: after a refresh ahead, the
//!   next one waits for a visit. Visits that cannot be foreseen renew a snapshot themselves, as ever.
//! - Nobody asks any more for `refresh.active_for`: it stops.
//! - What fails is put off, longer each time; what Telegram says for certain is believed as long as elsewhere.
//! - **History** of these channels, and what a refresh left out, is fetched page by page when nothing else has to be.
//!
//! `plan` decides, and knows no clock; `task` sleeps until there is something to do, and does it as background work of the
//! pacer; this file is what the rest of the service tells and asks.
//!
//! *Invariant*: no more is asked for than three quarters of the rate, so that the reserve of people fills; all memory
//! is bounded by the number of channels.

mod entry;
mod job;
mod plan;
mod queue;
mod remembered;
mod task;
mod visits;

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::Key;
use super::memory::ChannelState;
use super::{Error, is_gone, is_outage};
use crate::archive::{self, Archive};
use crate::model::ChannelName;
use crate::upstream::Refusal;
use entry::Failure;
use job::News;
use plan::Plan;
use remembered::Remembered;

pub use job::Outlook;
pub(super) use job::{Job, Outcome, Work};

/// The channels whose last visit is looked at without a lock; others that share a place with one are looked at with it.
const SLOTS: usize = 4096;

/// What the operator decides about refreshes ahead of demand.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Channels that are kept fresh whether somebody asks or not.
    pub follow: Vec<ChannelName>,
    /// How long a channel that was asked for stays worth a refresh of ours; zero: never.
    pub active_for: Duration,
    /// Posts of history that a channel gets; 0: none.
    pub initial_posts: u32,
    /// The shortest ttl of a snapshot.
    pub min_ttl: Duration,
    /// Requests a second that all outbound addresses together may make.
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

/// The channels that were read within `active_for`, as the archive stores it, by name. A running service stores a channel's
/// first visit within half a minute.
///
/// # Errors
/// The archive cannot be read.
pub async fn channels_read(
    archive: &Archive,
    active_for: Duration,
    now: DateTime<Utc>,
) -> Result<Vec<ChannelName>, archive::Error> {
    let is_recent = |json: &str| {
        let last = Remembered::from_json(json).and_then(|remembered| remembered.last());
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

/// The plan, shared by all who ask and the task that works.
pub(super) struct Schedule {
    plan: Mutex<Plan>,
    /// Something may have to be done earlier than it was thought.
    changed: Notify,
    seen: Seen,
    /// Keys whose memory could not be decoded: nothing is written over it.
    undecodable: Mutex<HashSet<String>>,
}

/// A channel as the schedule sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sight {
    /// The name that it has now.
    pub(super) key: Key,
    /// The last success.
    pub(super) fetched: Option<DateTime<Utc>>,
    /// When the next refresh is to begin.
    pub(super) next: Option<DateTime<Utc>>,
    /// Why the last one failed.
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

    /// Somebody asks for a channel and gets what is known. Called for every answer, those from memory included: more
    /// than once a minute it is a look at one number.
    pub(super) fn visited(&self, known: &ChannelState, now: DateTime<Utc>) {
        if self.seen.is_new(known.snapshot.channel.name.as_str(), now) {
            self.change(|plan| plan.visited(&known.key(), News::of(known, false), now));
        }
    }

    /// A channel was refreshed under a name, whoever wanted it; `has_gap`: posts between it and what was known before
    /// were left out.
    pub(super) fn refreshed(
        &self,
        key: &Key,
        known: &ChannelState,
        has_gap: bool,
        now: DateTime<Utc>,
    ) {
        let news = News::of(known, has_gap);
        self.change(|plan| {
            plan.refreshed(key, news, now);
            let own = known.key();
            if own != *key {
                plan.refreshed(&own, news, now);
            }
        });
    }

    /// A refresh failed, whoever wanted it.
    pub(super) fn refused(&self, key: &Key, refusal: &Refusal, now: DateTime<Utc>) {
        self.change(|plan| plan.refused(key, Failure::of(refusal), now));
    }

    /// Whether what was fetched at a date is to be renewed now although it is still alive.
    pub(super) fn wants(&self, key: &Key, fetched: DateTime<Utc>) -> bool {
        self.plan().wants(key, fetched)
    }

    pub(super) fn outlook(&self) -> Outlook {
        self.plan().outlook()
    }

    pub(super) fn sight(&self, key: &Key) -> Sight {
        let plan = self.plan();
        let key = plan.present(key);
        let (fetched, refusal) = plan.last(key);
        Sight { key: Key::clone(key), fetched, next: plan.deadline(key), refusal }
    }

    /// What is to be remembered over a restart and was not handed out yet: a small JSON by channel; `None` is to be
    /// forgotten.
    fn take_changed(&self) -> Vec<(String, Option<String>)> {
        let changed = self.plan().take_changed();
        let undecodable = self.undecodable();
        let changed = changed.into_iter().filter(|(key, _)| !undecodable.contains(&**key));
        let of = |(key, remembered): (Key, Option<Remembered>)| {
            (key.to_string(), remembered.map(|remembered| remembered.to_json()))
        };
        changed.map(of).collect()
    }

    /// What was remembered before a restart. What cannot be decoded is reported, and stays as it is.
    fn recall(&self, remembered: &[(String, String)], now: DateTime<Utc>) {
        let mut undecodable = self.undecodable();
        self.change(|plan| {
            for (key, json) in remembered {
                let is_name = ChannelName::parse(key).is_ok_and(|name| name.key() == *key);
                match Remembered::from_json(json).filter(|_| is_name) {
                    Some(remembered) => plan.recall(&key.as_str().into(), &remembered, now),
                    None => drop(undecodable.insert(key.clone())),
                }
            }
        });
        if !undecodable.is_empty() {
            tracing::error!(
                schedule.undecodable = undecodable.len(),
                "what the archive remembers of some channels' visits cannot be decoded, and stays as it is"
            );
        }
    }

    fn undecodable(&self) -> MutexGuard<'_, HashSet<String>> {
        self.undecodable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Plan) -> T) -> T {
        let (outcome, is_earlier) = {
            let mut plan = self.plan();
            let (before, stored) = (plan.wake(), plan.store_due());
            let outcome = change(&mut plan);
            (outcome, plan.wake() < before || plan.store_due() != stored)
        };
        if is_earlier {
            self.changed.notify_one();
        }
        outcome
    }

    /// The plan is whole between any two statements that can panic, so a poisoned lock is still good.
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl News {
    pub(super) fn of(known: &ChannelState, has_gap: bool) -> Self {
        Self { fetched: known.snapshot.fetched, ttl: known.ttl, has_gap }
    }
}

impl Failure {
    pub(super) fn of(refusal: &Refusal) -> Self {
        let is_certain = is_gone(refusal) || !is_outage(refusal);
        let kept = refusal.kept().max(refusal.retry_after().unwrap_or_default());
        Self { code: refusal.code(), kept, is_certain }
    }

    /// What has nothing to do with Telegram is tried again soon.
    pub(super) fn of_error(error: &Error) -> Self {
        match error {
            Error::Refused(refusal) | Error::Gone(refusal) => Self::of(refusal),
            other => Self { code: other.code(), ..Self::INTERNAL },
        }
    }
}

/// Which channels were asked for in this minute, without a lock.
///
/// A warm answer takes microseconds, thousands of them a second may be for one channel, and only the first of a minute is
/// news. Each place holds one channel's hash with the minute of its last visit; two channels that share a place only cost
/// each other a look at the plan.
struct Seen {
    hasher: RandomState,
    slots: Box<[AtomicU64]>,
}

impl Seen {
    fn new() -> Self {
        let slots = (0..SLOTS).map(|_| AtomicU64::new(0)).collect();
        Self { hasher: RandomState::new(), slots }
    }

    /// Whether a channel, its name in whatever case, was not asked for in this minute yet.
    fn is_new(&self, name: &str, now: DateTime<Utc>) -> bool {
        let mut hasher = self.hasher.build_hasher();
        // Without a copy in lower case: this is done for every answer.
        name.bytes().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
        let hash = hasher.finish();
        let minute = u64::from(entry::seconds(now) / 60) & 0xffff;
        let mark = hash & !0xffff | minute;
        let place = usize::try_from(hash & 0xffff).unwrap_or_default() % SLOTS;
        let Some(slot) = self.slots.get(place) else { return true };
        // The order among threads does not matter: at worst a visit is told twice.
        slot.load(Ordering::Relaxed) != mark && slot.swap(mark, Ordering::Relaxed) != mark
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
