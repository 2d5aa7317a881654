//! The rate limiter: every request to Telegram waits here for its turn.
//!
//! Each outbound address has a token bucket (`bucket`), a limit of requests in flight, and a back-off (`backoff`). Three
//! bounded queues, one for each [`Class`], serve them all; `scheduler` decides which request starts next, through which
//! outbound address, and when. Those three are pure. This file has the clock: callers wait on a `oneshot`, every change
//! starts what can start, and one task starts what only needs time to pass.
//!
//! *Invariants*: in any time *t*, at most `rate`·*t* + `burst` requests start through one address, and at most `rate`·*t* + 1 of
//! those that no person waits for. Background work gets a quarter of the rate while it waits. A dropped future leaves
//! neither a place in the queue nor one in flight.

mod backoff;
mod bucket;
mod scheduler;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::{Class, Error, Priority, Settings, Traffic};
use scheduler::{Scheduler, Ticket};

/// One of the outbound addresses: direct, or a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OutboundId(pub(super) usize);

impl OutboundId {
    /// Its place in the settings' list, from 0.
    pub fn index(self) -> usize {
        self.0
    }
}

#[derive(Debug)]
pub(super) struct RateLimiter {
    shared: Arc<Shared>,
    /// Ends with the limiter.
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
    callers: HashMap<Ticket, oneshot::Sender<Turn>>,
    last_hour: LastHour,
}

type Turn = Result<Permit, Error>;

/// The right to send one request, from now until it is dropped.
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
            callers: HashMap::new(),
            last_hour: LastHour::new(now),
        };
        let shared = Shared { state: Mutex::new(state), changed: Notify::new() };
        Self { shared: Arc::new(shared), timer: Mutex::default(), rate: settings.rate }
    }

    /// Waits for the turn of a request. Dropping the future leaves the queue.
    pub(super) async fn turn(
        &self,
        priority: &Priority,
        through: Option<OutboundId>,
    ) -> Result<Permit, Error> {
        self.start_timer();
        let mut changes = priority.changes();
        let (caller, mut turn) = oneshot::channel();
        let class = changes.class();
        let ticket = self.shared.change(|state, now| {
            let ticket = state.scheduler.join(class, through, now)?;
            state.callers.insert(ticket, caller);
            Ok(ticket)
        })?;
        let _place = Place { shared: &self.shared, ticket };
        loop {
            tokio::select! {
                biased;
                turn = &mut turn => {
                    // A caller is removed only with an answer, or by its own `Place`.
                    let permit = turn.unwrap_or_else(|_| Err(Error::busy(Duration::ZERO)))?;
                    priority.start();
                    return Ok(permit);
                }
                class = changes.changed() => {
                    self.shared.change(|state, _| state.scheduler.change_class(ticket, class));
                }
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

    /// No host could be reached through this outbound address.
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

    /// A limiter may be built outside a runtime, and outlive one.
    fn start_timer(&self) {
        let mut timer = self.timer.lock().unwrap_or_else(PoisonError::into_inner);
        while timer.try_join_next().is_some() {}
        if timer.is_empty() {
            timer.spawn(Arc::clone(&self.shared).keep_time());
        }
    }
}

impl Shared {
    /// Changes the state, and starts what can start after it.
    fn change<T>(self: &Arc<Self>, change: impl FnOnce(&mut State, Instant) -> T) -> T {
        let now = Instant::now();
        let mut state = self.lock();
        let outcome = change(&mut state, now);
        let turns = state.take_turns(now);
        drop(state);
        for (caller, turn) in turns {
            let turn =
                turn.map(|outbound| Permit { shared: Arc::clone(self), outbound, started: now });
            // A caller that has just left drops the permit, which frees its place.
            drop(caller.send(turn));
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

    /// The state is whole between any two statements that can panic, so a poisoned lock is still good.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The callers that are answered now: with the outbound address to use, or a refusal.
    fn take_turns(
        &mut self,
        now: Instant,
    ) -> Vec<(oneshot::Sender<Turn>, Result<OutboundId, Error>)> {
        let mut turns = Vec::new();
        while let Some((ticket, outbound)) = self.scheduler.start(now) {
            self.last_hour.count(now);
            turns.extend(self.callers.remove(&ticket).map(|caller| (caller, Ok(outbound))));
        }
        for (ticket, error) in self.scheduler.take_refused() {
            turns.extend(self.callers.remove(&ticket).map(|caller| (caller, Err(error))));
        }
        turns
    }
}

/// A caller's place in the queue; dropping it leaves.
struct Place<'a> {
    shared: &'a Arc<Shared>,
    ticket: Ticket,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.shared.change(|state, _| {
            if state.callers.remove(&self.ticket).is_some() {
                state.scheduler.leave(self.ticket);
            }
        });
    }
}

/// From 0 to 1, unpredictable: the standard library seeds its hash maps from the system.
fn random() -> f64 {
    let random = RandomState::new().hash_one(0_u8);
    f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

/// Requests that started in the last hour, counted by the minute.
#[derive(Debug)]
struct LastHour {
    counts: [u32; 60],
    /// The current minute, from `start`.
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
