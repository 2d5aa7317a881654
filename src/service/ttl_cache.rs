//! A cache with single flight for one kind of fetch. A value is fresh for the TTL of the cache, and a refusal for its
//! own negative TTL.

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use tokio::time::Instant;

use super::Runtime;
use super::clock::Clock;
use super::error::Error;
use super::freshness::elapsed;
use super::single_flight::SingleFlight;
use crate::upstream::{Class, Priority, Refusal};

pub(super) type Fetched<T> = Arc<CacheEntry<Result<T, Error>>>;

pub(super) struct TtlCache<K, T> {
    entries: Cache<K, Fetched<T>>,
    flights: SingleFlight<K, Fetched<T>>,
    clock: Clock,
    ttl: Duration,
}

impl<K, T> TtlCache<K, T>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// A cache bounded to `bytes`. `size` returns the bytes of an entry with its key; a refusal has no value.
    pub(super) fn new(
        bytes: u64,
        ttl: Duration,
        size: fn(&K, Option<&T>) -> usize,
        runtime: &Runtime,
    ) -> Self {
        let (clock, tasks) = (runtime.clock.clone(), runtime.tasks.clone());
        let entries = Cache::builder()
            .weigher(move |key: &K, entry: &Fetched<T>| {
                weight(size(key, entry.value.as_ref().ok()))
            })
            .max_capacity(bytes)
            .build();
        Self { entries, flights: SingleFlight::new(tasks), clock, ttl }
    }

    pub(super) fn get(&self, key: &K) -> Option<Fetched<T>> {
        self.entries.get(key).filter(|entry| entry.is_fresh(self.clock.now()))
    }

    pub(super) fn outcome(&self, key: &K) -> Option<Result<T, Error>> {
        Some(self.get(key)?.outcome(self.clock.now()))
    }

    /// Inserts a value that another fetch returned.
    pub(super) fn put(&self, key: K, value: T) {
        self.entries.insert(key, Arc::new(CacheEntry::new(Ok(value), self.clock.now(), self.ttl)));
    }

    pub(super) fn clear(&self) {
        self.entries.invalidate_all();
    }

    pub(super) fn remove_if(&self, key: &K, is_wrong: impl FnOnce(&T) -> bool) {
        let entry = self.entries.get(key);
        if entry.is_some_and(|entry| entry.value.as_ref().is_ok_and(is_wrong)) {
            self.entries.invalidate(key);
        }
    }

    /// The value from the cache or from `work`, until the deadline. `charge` is called for the client that starts the
    /// work, and can refuse it.
    ///
    /// # Errors
    /// The error of `work` or `charge`; [`Refusal::Timeout`].
    pub(super) async fn fetch<F>(
        &self,
        key: &K,
        class: Class,
        deadline: Deadline,
        charge: impl FnOnce() -> Result<(), Refusal>,
        work: impl FnOnce(Priority) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        if let Some(outcome) = self.outcome(key) {
            return outcome;
        }
        if !self.flights.has(key) {
            charge()?;
        }
        let mut waiter = self.flights.join(key.clone(), class, false, |priority| {
            let work = work(priority);
            let (entries, key, clock, ttl) =
                (self.entries.clone(), key.clone(), self.clock.clone(), self.ttl);
            async move {
                // Another flight may have ended since the look-up.
                if let Some(entry) = entries.get(&key).filter(|entry| entry.is_fresh(clock.now())) {
                    return entry;
                }
                let value = work.await;
                let ttl = value.as_ref().err().map_or(ttl, Error::negative_ttl);
                let entry = Arc::new(CacheEntry::new(value, clock.now(), ttl));
                entries.insert(key, Arc::clone(&entry));
                entry
            }
        });
        match deadline.wait(waiter.outcome()).await {
            Some(Some(entry)) => entry.outcome(self.clock.now()),
            Some(None) => Err(Error::Internal),
            None => Err(Refusal::Timeout { limit: deadline.limit }.into()),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct CacheEntry<T> {
    pub(super) value: T,
    pub(super) since: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl<T> CacheEntry<T> {
    pub(super) fn new(value: T, since: DateTime<Utc>, ttl: Duration) -> Self {
        Self { value, since, until: since + ttl }
    }

    /// An entry from the future is not fresh: the clock went back.
    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        (self.since..self.until).contains(&now)
    }
}

impl CacheEntry<Refusal> {
    /// The refusal, with the rest of its `Retry-After`.
    pub(super) fn again(&self, now: DateTime<Utc>) -> Refusal {
        with_time_left(&self.value, self.until, now)
    }
}

impl<T: Clone> CacheEntry<Result<T, Error>> {
    fn outcome(&self, now: DateTime<Utc>) -> Result<T, Error> {
        match &self.value {
            Err(Error::Refused(refusal)) => Err(with_time_left(refusal, self.until, now).into()),
            value => value.clone(),
        }
    }
}

/// The end of a throttle is fixed, so a later answer has a shorter `Retry-After`.
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

/// The time until which a client waits for an answer, through all its steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    at: Instant,
    limit: Duration,
}

impl Deadline {
    pub(super) fn after(limit: Duration) -> Self {
        Self { at: Instant::now() + limit, limit }
    }

    pub(super) fn is_over(self) -> bool {
        Instant::now() >= self.at
    }

    /// The output; `None` after the deadline.
    pub(super) async fn wait<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.at, work).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::tests::minute;

    #[test]
    fn entry_is_fresh_from_its_date_until_end_of_ttl() {
        let entry = CacheEntry::new((), minute(10), Duration::from_secs(600));
        for (at, is_fresh) in [(9, false), (10, true), (19, true), (20, false)] {
            assert_eq!(entry.is_fresh(minute(at)), is_fresh, "{at}");
        }
    }

    #[test]
    fn cached_throttle_reports_remaining_time() {
        let throttled = |seconds| Refusal::Throttled { retry_after: Duration::from_secs(seconds) };
        let entry = CacheEntry::new(throttled(600), minute(0), Duration::from_secs(600));
        assert_eq!(entry.again(minute(4)), throttled(360));
        let error = Err::<(), Error>(throttled(600).into());
        let entry = CacheEntry::new(error, minute(0), Duration::from_secs(600));
        assert_eq!(entry.outcome(minute(9)), Err(throttled(60).into()));
    }
}
