//! What was fetched besides snapshots: single posts, pages of history, answers of Telegram's own search.
//!
//! Each is kept for its time, a refusal for the refusal's; what is not there is fetched in single flight.

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::Error;
use super::clock::Clock;
use super::freshness::elapsed;
use super::single_flight::SingleFlight;
use crate::upstream::{Class, Priority, Refusal, UnexpectedPage};

/// What a fetch gave, believed until a time; cheap to clone.
pub(super) type Outcome<T> = Arc<CacheEntry<Result<T, Error>>>;

/// Values of one kind, by what they are.
pub(super) struct TtlCache<K, T> {
    kept: Cache<K, Outcome<T>>,
    flights: SingleFlight<K, Outcome<T>>,
    clock: Clock,
    ttl: Duration,
}

/// What the values of a shelf have in common.
pub(super) struct Measure<K, T> {
    /// The bytes that all of them may take.
    pub(super) bytes: u64,
    /// How long one is believed.
    pub(super) ttl: Duration,
    /// The bytes that one takes with its key; a refusal takes as much as an entry by itself.
    pub(super) size: fn(&K, Option<&T>) -> usize,
}

impl<K, T> TtlCache<K, T>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    pub(super) fn new(measure: &Measure<K, T>, clock: Clock, tasks: TaskTracker) -> Self {
        let Measure { bytes, ttl, size } = *measure;
        let kept = Cache::builder()
            .weigher(move |key: &K, outcome: &Outcome<T>| {
                weight(size(key, outcome.value.as_ref().ok()))
            })
            .max_capacity(bytes)
            .build();
        Self { kept, flights: SingleFlight::new(tasks), clock, ttl }
    }

    /// What is there and still believed.
    pub(super) fn get(&self, key: &K) -> Option<Outcome<T>> {
        self.kept.get(key).filter(|outcome| outcome.is_fresh(self.clock.now()))
    }

    /// Puts in what came by another way.
    pub(super) fn put(&self, key: K, value: T) {
        self.kept.insert(key, Arc::new(CacheEntry::new(Ok(value), self.clock.now(), self.ttl)));
    }

    /// Takes out everything.
    pub(super) fn clear(&self) {
        self.kept.invalidate_all();
    }

    /// Takes out what turned out to be wrong.
    pub(super) fn discard(&self, key: &K, is_wrong: impl FnOnce(&T) -> bool) {
        let kept = self.kept.get(key);
        if kept.is_some_and(|kept| kept.value.as_ref().is_ok_and(is_wrong)) {
            self.kept.invalidate(key);
        }
    }

    /// What is there, or what `work` fetches; whoever asks waits until the deadline. `toll` is taken from whoever asks first
    /// for what has to be fetched, and refuses those who cannot pay.
    pub(super) async fn fetch<F>(
        &self,
        key: &K,
        class: Class,
        deadline: Deadline,
        toll: impl FnOnce() -> Result<(), Refusal>,
        work: impl FnOnce(Priority) -> F,
    ) -> Outcome<T>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        if let Some(outcome) = self.get(key) {
            return outcome;
        }
        let refuse = |refusal: Refusal| {
            Arc::new(CacheEntry::new(Err(refusal.into()), self.clock.now(), Duration::ZERO))
        };
        if !self.flights.has(key)
            && let Err(refusal) = toll()
        {
            return refuse(refusal);
        }
        let mut waiter = self.flights.join(key.clone(), class, false, |priority| {
            let work = work(priority);
            let (kept, key, clock, ttl) =
                (self.kept.clone(), key.clone(), self.clock.clone(), self.ttl);
            async move {
                // Another flight may have landed between the look and this one's start.
                if let Some(outcome) = kept.get(&key).filter(|kept| kept.is_fresh(clock.now())) {
                    return outcome;
                }
                let value = work.await;
                let ttl = value.as_ref().err().map_or(ttl, Error::kept);
                let outcome = Arc::new(CacheEntry::new(value, clock.now(), ttl));
                kept.insert(key, Arc::clone(&outcome));
                outcome
            }
        });
        match tokio::time::timeout_at(deadline.at, waiter.outcome()).await {
            Ok(Some(outcome)) => outcome,
            Ok(None) => refuse(Refusal::MarkupChanged(UnexpectedPage::Unread)),
            Err(_) => refuse(Refusal::Timeout { limit: deadline.limit }),
        }
    }
}

/// A value that is believed until a time.
#[derive(Clone, Debug)]
pub(super) struct CacheEntry<T> {
    pub(super) value: T,
    pub(super) since: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
}

impl<T> CacheEntry<T> {
    pub(super) fn new(value: T, since: DateTime<Utc>, ttl: Duration) -> Self {
        Self { value, since, until: since + ttl }
    }

    /// Whether it is still believed; not after the clock went back either.
    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        (self.since..self.until).contains(&now)
    }
}

impl CacheEntry<Refusal> {
    /// The refusal as it is given again later.
    pub(super) fn again(&self, now: DateTime<Utc>) -> Refusal {
        with_time_left(&self.value, self.until, now)
    }
}

impl<T> CacheEntry<Result<T, Error>> {
    /// The value, or the error as it is given again later.
    pub(super) fn outcome(&self, now: DateTime<Utc>) -> Result<&T, Error> {
        self.value.as_ref().map_err(|error| match error {
            Error::Refused(refusal) => with_time_left(refusal, self.until, now).into(),
            other => other.clone(),
        })
    }
}

/// A throttle ends when it was to end, however late one asks.
fn with_time_left(refusal: &Refusal, until: DateTime<Utc>, now: DateTime<Utc>) -> Refusal {
    match refusal {
        Refusal::Throttled { retry_after } => {
            Refusal::Throttled { retry_after: elapsed(now, until).min(*retry_after) }
        }
        other => other.clone(),
    }
}

pub(super) fn weight(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Until when somebody waits for an answer, whatever it is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    at: Instant,
    limit: Duration,
}

impl Deadline {
    /// So long from now on.
    pub(super) fn after(limit: Duration) -> Self {
        Self { at: Instant::now() + limit, limit }
    }

    pub(super) fn is_over(self) -> bool {
        Instant::now() >= self.at
    }

    /// What comes until then.
    pub(super) async fn wait<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.at, work).await.ok()
    }
}
