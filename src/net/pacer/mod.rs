//! The pacer: whose turn it is to ask Telegram.
//!
//! Each outbound address has a token bucket (`bucket`), a number of requests that may be under way, and a
//! cool-down (`cool_down`). All requests wait in one bounded queue of three classes (`queue`), and
//! `schedule` decides who goes next, through which address, and when. Those four know no clock and no
//! runtime; this file is the thin shell that lets futures wait for their turn.
//!
//! There is no task of its own: of the futures that wait, one keeps the time for all (the first in line),
//! and whoever changes anything starts what can start.
//!
//! *Invariants*: in any time *t*, at most `rate`·*t* + `burst` requests start through one address, and those
//! that nobody waits for at most `rate`·*t* + 1; of what grows at the rate, background work gets a quarter
//! while it waits; a future that is dropped leaves neither a place in the queue nor one under way.

mod bucket;
mod cool_down;
mod hour;
mod queue;
mod schedule;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::future;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::{Class, Error, Priority, Settings, Traffic};
use hour::Hour;
use queue::Ticket;
use schedule::{Refused, Schedule};

/// One of the ways out: directly, or a proxy of the settings' list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OutboundId(pub(super) usize);

impl OutboundId {
    /// Its place in the settings' list, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// Lets requests go at the pace that the operator set.
#[derive(Debug)]
pub(super) struct Pacer {
    state: Mutex<State>,
    rate: f64,
}

#[derive(Debug)]
struct State {
    schedule: Schedule,
    waiters: HashMap<Ticket, Waiter>,
    timekeeper: Option<Ticket>,
    hour: Hour,
}

#[derive(Debug)]
struct Waiter {
    verdict: Option<Result<OutboundId, Refused>>,
    wake: Arc<Notify>,
}

/// The right to send one request, from now until it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    pacer: Arc<Pacer>,
    outbound: OutboundId,
    started: Instant,
}

impl Permit {
    pub(super) fn outbound(&self) -> OutboundId {
        self.outbound
    }

    pub(super) fn started(&self) -> Instant {
        self.started
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let (outbound, elapsed) = (self.outbound, self.started.elapsed());
        self.pacer.change(|state, _| state.schedule.finish(outbound, elapsed));
    }
}

impl Pacer {
    /// `cost` is the time between two requests at the rate; `outbounds` the number of ways out.
    pub(super) fn new(settings: &Settings, cost: Duration, outbounds: usize) -> Self {
        let now = Instant::now();
        let state = State {
            schedule: Schedule::new(settings, cost, outbounds, now),
            waiters: HashMap::new(),
            timekeeper: None,
            hour: Hour::new(now),
        };
        Self { state: Mutex::new(state), rate: settings.rate }
    }

    /// Waits for the turn of a request. Dropping the future leaves the queue.
    pub(super) async fn turn(
        self: &Arc<Self>,
        priority: &Priority,
        through: Option<OutboundId>,
    ) -> Result<Permit, Error> {
        let mut changes = priority.changes();
        let place = self.join(changes.class(), through).map_err(Error::from)?;
        loop {
            let until = match self.look(place.ticket) {
                Look::Decided(verdict) => {
                    let permit = place.leave(verdict)?;
                    priority.start();
                    return Ok(permit);
                }
                Look::Keep(until) => until,
                Look::Wait => None,
            };
            tokio::select! {
                () = place.wake.notified() => {}
                () = sleep_to(until) => {}
                class = changes.changed() => {
                    self.change(|state, _| state.schedule.change_class(place.ticket, class));
                }
            }
        }
    }

    /// See [`Client::throttled`](super::Client::throttled).
    pub(super) fn throttled(&self, outbound: OutboundId, retry_after: Option<Duration>) {
        self.change(|state, now| state.schedule.throttled(outbound, retry_after, chance(), now));
    }

    /// See [`Client::answered`](super::Client::answered).
    pub(super) fn answered(&self, outbound: OutboundId) {
        self.change(|state, now| state.schedule.answered(outbound, now));
    }

    /// Nothing could be reached through this outbound address.
    pub(super) fn failed(&self, outbound: OutboundId) {
        self.change(|state, now| state.schedule.failed(outbound, now));
    }

    /// See [`Client::wait`](super::Client::wait).
    pub(super) fn wait(&self, class: Class) -> Duration {
        self.lock().schedule.wait(class, Instant::now())
    }

    /// See [`Client::pause`](super::Client::pause).
    pub(super) fn pause(&self, outbound: Option<OutboundId>) -> Duration {
        self.lock().schedule.pause(outbound, Instant::now())
    }

    /// See [`Client::traffic`](super::Client::traffic).
    pub(super) fn traffic(&self) -> Traffic {
        let now = Instant::now();
        let mut state = self.lock();
        Traffic {
            outbounds: state.schedule.outbounds(now),
            waiting: state.schedule.waiting(Class::Waiting) + state.schedule.waiting(Class::Media),
            background: state.schedule.waiting(Class::Background),
            last_hour: state.hour.total(now),
            outbound_rate: self.rate,
        }
    }

    fn join(self: &Arc<Self>, class: Class, through: Option<OutboundId>) -> Result<Place, Refused> {
        let wake = Arc::new(Notify::new());
        let ticket = self.change(|state, now| {
            let ticket = state.schedule.join(class, through, now)?;
            state.waiters.insert(ticket, Waiter { verdict: None, wake: Arc::clone(&wake) });
            Ok(ticket)
        })?;
        Ok(Place { pacer: Arc::clone(self), ticket, wake })
    }

    /// What a waiting future does next.
    fn look(&self, ticket: Ticket) -> Look {
        let now = Instant::now();
        let mut state = self.lock();
        state.start(now);
        let verdict = state.waiters.get(&ticket).and_then(|waiter| waiter.verdict);
        if let Some(verdict) = verdict {
            return Look::Decided(verdict);
        }
        if *state.timekeeper.get_or_insert(ticket) != ticket {
            return Look::Wait;
        }
        Look::Keep(state.schedule.next_start(now))
    }

    /// Changes something, starts what can start after it, and lets the timekeeper look again.
    fn change<T>(&self, change: impl FnOnce(&mut State, Instant) -> T) -> T {
        let now = Instant::now();
        let mut state = self.lock();
        let outcome = change(&mut state, now);
        state.start(now);
        state.wake_timekeeper();
        outcome
    }

    /// The state is whole between any two statements that can panic, so a poisoned lock is still good.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a waiting future does next.
enum Look {
    /// Nothing: its turn has come, or it is refused.
    Decided(Result<OutboundId, Refused>),
    /// It keeps the time for all: until then, or until something changes.
    Keep(Option<Instant>),
    /// It waits to be woken.
    Wait,
}

impl State {
    fn start(&mut self, now: Instant) {
        while let Some((ticket, outbound)) = self.schedule.start(now) {
            self.decide(ticket, Ok(outbound));
        }
        for (ticket, refused) in self.schedule.take_refused() {
            self.decide(ticket, Err(refused));
        }
    }

    fn decide(&mut self, ticket: Ticket, verdict: Result<OutboundId, Refused>) {
        if let Some(waiter) = self.waiters.get_mut(&ticket) {
            waiter.verdict = Some(verdict);
            waiter.wake.notify_one();
        }
    }

    /// Wakes the future that keeps the time or, when there is none, the one that will.
    fn wake_timekeeper(&self) {
        let keeper = self.timekeeper.or_else(|| self.schedule.first());
        if let Some(waiter) = keeper.and_then(|ticket| self.waiters.get(&ticket)) {
            waiter.wake.notify_one();
        }
    }
}

/// A future's place among those who wait; dropping it gives up the place.
struct Place {
    pacer: Arc<Pacer>,
    ticket: Ticket,
    wake: Arc<Notify>,
}

impl Place {
    /// Turns the place into the right to send.
    fn leave(self, verdict: Result<OutboundId, Refused>) -> Result<Permit, Error> {
        let outbound = verdict.map_err(Error::from)?;
        let permit = Permit { pacer: Arc::clone(&self.pacer), outbound, started: Instant::now() };
        self.pacer.change(|state, now| {
            state.waiters.remove(&self.ticket);
            state.hour.count(now);
        });
        Ok(permit)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let ticket = self.ticket;
        self.pacer.change(|state, _| {
            if state.timekeeper == Some(ticket) {
                state.timekeeper = None;
            }
            match state.waiters.remove(&ticket).map(|waiter| waiter.verdict) {
                // Its turn had come, but nobody is there to take it.
                Some(Some(Ok(outbound))) => state.schedule.give_back(outbound),
                Some(None) => state.schedule.leave(ticket),
                Some(Some(Err(_))) | None => {}
            }
        });
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        // Whole seconds, as the header that will carry it, and never "at once".
        let seconds = |pause: Duration| {
            Duration::from_secs(pause.as_secs() + u64::from(pause.subsec_nanos() > 0)).max(SECOND)
        };
        match refused {
            Refused::Busy { retry_after } => Self::Busy { retry_after: seconds(retry_after) },
            Refused::CoolDown { retry_after } => {
                Self::CoolDown { retry_after: seconds(retry_after) }
            }
        }
    }
}

const SECOND: Duration = Duration::from_secs(1);

async fn sleep_to(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => future::pending().await,
    }
}

/// A number from 0 to 1 that nobody can foresee: the standard library seeds its hash maps from the system.
fn chance() -> f64 {
    let random = RandomState::new().hash_one(0_u8);
    f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
