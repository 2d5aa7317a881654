//! The rate limiter: every request to Telegram waits here for its turn.
//!
//! Each outbound address has a token bucket (`bucket`), a limit of requests in flight, and a back-off (`backoff`). All
//! share one bounded queue; `scheduler` decides by [`Class`] which request starts next, through which outbound address,
//! and when. These three files are pure. This file has the clock: callers wait on a `oneshot`, every
//! change of the state starts the requests that can start, and one task starts those that only wait for time to pass.
//!
//! *Invariants*: in any time *t*, at most `rate`·*t* + `burst` requests start through one address, and at most
//! `rate`·*t* + 1 of the classes other than [`Class::Waiting`]. Background work gets a quarter of the rate while it
//! waits. A dropped future leaves neither a queue entry nor a request in flight.

mod backoff;
mod bucket;
mod scheduler;
#[cfg(test)]
mod tests;

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::{Class, Error, Priority, Settings, Traffic};
use scheduler::Scheduler;

/// An outbound address: direct, or a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OutboundId(pub(super) usize);

impl OutboundId {
    /// The index in the settings' list, from 0.
    pub fn index(self) -> usize {
        self.0
    }
}

#[derive(Debug)]
pub(super) struct RateLimiter {
    shared: Arc<Shared>,
    /// The task is aborted when the limiter is dropped.
    timer: Mutex<JoinSet<()>>,
    rate: f64,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    scheduler: Scheduler,
    last_hour: LastHour,
}

/// The right to send one request. It counts as in flight until it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    shared: Arc<Shared>,
    pub(super) outbound: OutboundId,
    pub(super) started: Instant,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let (outbound, elapsed) = (self.outbound, self.started.elapsed());
        self.shared.change(|state, _| state.scheduler.finish(outbound, elapsed));
    }
}

impl RateLimiter {
    /// `cost` is the time between two requests at the rate.
    pub(super) fn new(settings: &Settings, cost: Duration, outbounds: usize) -> Self {
        let now = Instant::now();
        let state = State {
            scheduler: Scheduler::new(settings, cost, outbounds, now),
            last_hour: LastHour::new(now),
        };
        let shared = Shared { state: Mutex::new(state), changed: Notify::new() };
        Self { shared: Arc::new(shared), timer: Mutex::default(), rate: settings.rate }
    }

    /// Waits for the turn of a request. Dropping the future removes it from the queue.
    pub(super) async fn acquire(
        &self,
        priority: &Priority,
        through: Option<OutboundId>,
    ) -> Result<Permit, Error> {
        self.start_timer();
        let mut changes = priority.changes();
        let joined =
            self.shared.change(|state, now| state.scheduler.join(priority.clone(), through, now));
        let mut turn = joined?;
        loop {
            tokio::select! {
                biased;
                turn = &mut turn => {
                    // The scheduler answers all callers that have not left.
                    let permit = turn.unwrap_or_else(|_| Err(Error::busy(Duration::ZERO)))?;
                    priority.start();
                    return Ok(permit);
                }
                // A promoted request may start at once.
                () = changes.changed() => self.shared.change(|_, _| ()),
            }
        }
    }

    /// See [`Client::throttled`](super::Client::throttled).
    pub(super) fn throttled(&self, outbound: OutboundId, retry_after: Option<Duration>) {
        self.shared
            .change(|state, now| state.scheduler.throttled(outbound, retry_after, random(), now));
    }

    /// See [`Client::answered`](super::Client::answered).
    pub(super) fn answered(&self, outbound: OutboundId) {
        self.shared.change(|state, now| state.scheduler.answered(outbound, now));
    }

    /// Records that no host could be reached through this outbound address.
    pub(super) fn failed(&self, outbound: OutboundId) {
        self.shared.change(|state, now| state.scheduler.failed(outbound, now));
    }

    /// See [`Client::wait`](super::Client::wait).
    pub(super) fn wait(&self, class: Class) -> Duration {
        self.shared.lock().scheduler.wait(class, Instant::now())
    }

    /// See [`Client::backoff`](super::Client::backoff).
    pub(super) fn backoff(&self, outbound: Option<OutboundId>) -> Duration {
        self.shared.lock().scheduler.backoff(outbound, Instant::now())
    }

    /// See [`Client::traffic`](super::Client::traffic).
    pub(super) fn traffic(&self) -> Traffic {
        let now = Instant::now();
        let mut state = self.shared.lock();
        let scheduler = &state.scheduler;
        Traffic {
            outbounds: scheduler.traffic(now),
            waiting: scheduler.queued(Class::Waiting) + scheduler.queued(Class::Media),
            background: scheduler.queued(Class::Background),
            last_hour: state.last_hour.total(now),
            outbound_rate: self.rate,
        }
    }

    /// The limiter may be built outside a runtime and outlive one, so each call checks the task.
    fn start_timer(&self) {
        let mut timer = self.timer.lock().unwrap_or_else(PoisonError::into_inner);
        while timer.try_join_next().is_some() {}
        if timer.is_empty() {
            timer.spawn(Arc::clone(&self.shared).keep_time());
        }
    }
}

impl Shared {
    /// Changes the state, then starts every request that can start.
    fn change<T>(self: &Arc<Self>, change: impl FnOnce(&mut State, Instant) -> T) -> T {
        let now = Instant::now();
        let mut state = self.lock();
        let outcome = change(&mut state, now);
        let mut started = Vec::new();
        while let Some(turn) = state.scheduler.start(now) {
            state.last_hour.count(now);
            started.push(turn);
        }
        drop(state);
        for (outbound, caller) in started {
            let permit = Permit { shared: Arc::clone(self), outbound, started: now };
            // If the caller has just left, the permit is dropped, which ends the request in flight.
            drop(caller.send(Ok(permit)));
        }
        self.changed.notify_one();
        outcome
    }

    async fn keep_time(self: Arc<Self>) {
        loop {
            let next = self.lock().scheduler.next_start(Instant::now());
            let Some(next) = next else {
                self.changed.notified().await;
                continue;
            };
            tokio::select! {
                () = self.changed.notified() => {}
                () = sleep_until(next) => self.change(|_, _| ()),
            }
        }
    }

    /// The state is consistent wherever a statement can panic, so a poisoned lock is still usable.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A random number from 0 to 1: the standard library seeds its hash maps from the system.
fn random() -> f64 {
    let random = RandomState::new().hash_one(0_u8);
    f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

/// Requests that started in the last hour, counted by minute.
#[derive(Debug)]
struct LastHour {
    counts: [u32; 60],
    /// The current minute, counted from `start`.
    minute: usize,
    start: Instant,
}

impl LastHour {
    fn new(now: Instant) -> Self {
        Self { counts: [0; 60], minute: 0, start: now }
    }

    fn count(&mut self, now: Instant) {
        self.advance(now);
        self.counts[self.minute % 60] += 1;
    }

    fn total(&mut self, now: Instant) -> u64 {
        self.advance(now);
        self.counts.iter().copied().map(u64::from).sum()
    }

    fn advance(&mut self, now: Instant) {
        let minutes = now.saturating_duration_since(self.start).as_secs() / 60;
        let minute = usize::try_from(minutes).unwrap_or(usize::MAX).max(self.minute);
        for passed in (self.minute + 1..=minute).take(60) {
            self.counts[passed % 60] = 0;
        }
        self.minute = minute;
    }
}
