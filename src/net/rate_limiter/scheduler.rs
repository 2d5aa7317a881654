//! Decides which request starts next, through which outbound address, and when. Pure.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::net::{Class, Error, OutboundTraffic, Priority, Settings};

use super::backoff::Backoff;
use super::bucket::{Bucket, Token};
use super::{OutboundId, Permit};

/// The longest wait of a request that a person waits for: readers time out soon after.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(18);

/// Background work gets at least one of this many tokens.
const BACKGROUND_SHARE: u8 = 4;

/// How long a failed outbound address is skipped while another one works.
const FAILURE_BACKOFF: Duration = Duration::from_secs(30);

/// The answer to a queued request.
pub(super) type Turn = Result<Permit, Error>;

/// A queued request. Its caller has left if the channel is closed.
#[derive(Debug)]
struct Job {
    priority: Priority,
    /// The only outbound address that it may use; `None`: any.
    through: Option<OutboundId>,
    caller: oneshot::Sender<Turn>,
}

#[derive(Debug)]
pub(super) struct Scheduler {
    outbounds: Vec<Outbound>,
    /// In order of arrival.
    queue: VecDeque<Job>,
    capacity: usize,
}

#[derive(Debug)]
struct Outbound {
    bucket: Bucket,
    backoff: Backoff,
    failed_until: Option<Instant>,
    in_flight: usize,
    concurrency: usize,
    /// Tokens that other classes have taken since the last background request, while background work waited.
    background_passed: u8,
    /// The smoothed response time; zero before the first response.
    answer_time: Duration,
    cost: Duration,
}

/// The request that can start next through an outbound address, and when.
struct Candidate {
    at: Instant,
    outbound: OutboundId,
    class: Class,
    /// The position in the queue.
    position: usize,
    /// Whether a background request may use this outbound address.
    has_background: bool,
}

impl Scheduler {
    pub(super) fn new(settings: &Settings, cost: Duration, outbounds: usize, now: Instant) -> Self {
        let outbound = || Outbound {
            bucket: Bucket::new(cost, settings.burst, now),
            backoff: Backoff::new(),
            failed_until: None,
            in_flight: 0,
            concurrency: settings.concurrency.max(1),
            background_passed: 0,
            answer_time: Duration::ZERO,
            cost,
        };
        Self {
            outbounds: (0..outbounds.max(1)).map(|_| outbound()).collect(),
            queue: VecDeque::new(),
            capacity: settings.queue.max(1),
        }
    }

    /// Joins the queue. If the queue is full, a request of class `Waiting` replaces the last background request.
    ///
    /// A request bound to an outbound address continues earlier work: it goes before others of its class, and its queue
    /// limit is twice as high.
    pub(super) fn join(
        &mut self,
        priority: Priority,
        through: Option<OutboundId>,
        now: Instant,
    ) -> Result<oneshot::Receiver<Turn>, Error> {
        self.remove_left();
        let class = priority.class();
        let backoff = self.backoff(through, now);
        if backoff > MAX_WAIT {
            return Err(Error::backoff(backoff));
        }
        let wait = self.wait(class, now);
        if class != Class::Background && through.is_none() && wait > MAX_WAIT {
            return Err(Error::busy(wait - MAX_WAIT));
        }
        let capacity = if through.is_some() { self.capacity * 2 } else { self.capacity };
        if self.queue.len() >= capacity {
            let evicted =
                if class == Class::Waiting { self.remove_last_background() } else { None };
            let evicted = evicted.ok_or_else(|| Error::busy(wait))?;
            drop(evicted.caller.send(Err(Error::busy(wait))));
        }
        let (caller, turn) = oneshot::channel();
        self.queue.push_back(Job { priority, through, caller });
        Ok(turn)
    }

    fn remove_left(&mut self) {
        self.queue.retain(|job| !job.caller.is_closed());
    }

    fn remove_last_background(&mut self) -> Option<Job> {
        let is_background = |job: &Job| job.priority.class() == Class::Background;
        let position = self.queue.iter().rposition(is_background)?;
        self.queue.remove(position)
    }

    /// Takes the next request that can start now, if any, and counts it as in flight.
    pub(super) fn start(&mut self, now: Instant) -> Option<(OutboundId, oneshot::Sender<Turn>)> {
        self.remove_left();
        let ready = self.candidates(now).filter(|candidate| candidate.at <= now);
        let Candidate { outbound, class, position, has_background, .. } =
            ready.min_by_key(|candidate| {
                Reverse(self.outbounds[candidate.outbound.0].bucket.level(now))
            })?;
        let address = &mut self.outbounds[outbound.0];
        let token = address.bucket.take(class, now)?;
        address.in_flight += 1;
        if class == Class::Background {
            address.background_passed = 0;
        } else if has_background && token == Token::Steady {
            address.background_passed = (address.background_passed + 1).min(BACKGROUND_SHARE - 1);
        }
        Some((outbound, self.queue.remove(position)?.caller))
    }

    /// The time of the next start; `None` if the queue is empty, or if only a response can free a slot.
    pub(super) fn next_start(&self, now: Instant) -> Option<Instant> {
        if self.queue.is_empty() {
            return None;
        }
        let ends_of_failures = self.outbounds.iter().filter_map(|outbound| outbound.failed_until);
        let ends_of_failures = ends_of_failures.filter(|until| *until > now);
        self.candidates(now).map(|candidate| candidate.at).chain(ends_of_failures).min()
    }

    /// Ends a request in flight, whether it succeeded or failed.
    pub(super) fn finish(&mut self, outbound: OutboundId, elapsed: Duration) {
        let Some(outbound) = self.outbounds.get_mut(outbound.0) else { return };
        outbound.in_flight = outbound.in_flight.saturating_sub(1);
        outbound.answer_time = if outbound.answer_time.is_zero() {
            elapsed
        } else {
            (outbound.answer_time * 7 + elapsed) / 8
        };
    }

    /// Starts a back-off of the outbound address. Queued requests whose back-off exceeds [`MAX_WAIT`] are refused.
    pub(super) fn throttled(
        &mut self,
        outbound: OutboundId,
        retry_after: Option<Duration>,
        random: f64,
        now: Instant,
    ) {
        let Some(outbound) = self.outbounds.get_mut(outbound.0) else { return };
        let until = outbound.backoff.begin(retry_after, random, now);
        outbound.bucket.empty(until);
        for job in std::mem::take(&mut self.queue) {
            let backoff = self.backoff(job.through, now);
            if backoff > MAX_WAIT {
                drop(job.caller.send(Err(Error::backoff(backoff))));
            } else {
                self.queue.push_back(job);
            }
        }
    }

    pub(super) fn answered(&mut self, outbound: OutboundId, now: Instant) {
        let Some(outbound) = self.outbounds.get_mut(outbound.0) else { return };
        outbound.backoff.reset(now);
        outbound.failed_until = None;
    }

    /// The outbound address may be a proxy that is down, so it is skipped for [`FAILURE_BACKOFF`].
    pub(super) fn failed(&mut self, outbound: OutboundId, now: Instant) {
        let Some(outbound) = self.outbounds.get_mut(outbound.0) else { return };
        outbound.failed_until = Some(now + FAILURE_BACKOFF);
    }

    /// The remaining back-off of this outbound address, or the shortest of all.
    pub(super) fn backoff(&self, through: Option<OutboundId>, now: Instant) -> Duration {
        let usable = match through {
            Some(OutboundId(only)) => self.outbounds.get(only..=only).unwrap_or_default(),
            None => &self.outbounds,
        };
        usable.iter().map(|outbound| outbound.backoff.remaining(now)).min().unwrap_or_default()
    }

    pub(super) fn traffic(&self, now: Instant) -> Vec<OutboundTraffic> {
        let traffic = self.outbounds.iter().map(|outbound| OutboundTraffic {
            under_way: outbound.in_flight,
            backoff: outbound.backoff.remaining(now),
        });
        traffic.collect()
    }

    pub(super) fn queued(&self, class: Class) -> usize {
        let queued = self.queue.iter().filter(|job| !job.caller.is_closed());
        queued.filter(|job| job.priority.class() == class).count()
    }

    /// The expected wait of a new request of this class: its position divided by the rate.
    pub(super) fn wait(&self, class: Class, now: Instant) -> Duration {
        let background = self.queued(Class::Background);
        let more_urgent: usize = Class::DOWNWARDS
            .into_iter()
            .filter(|other| *other > class)
            .map(|other| self.queued(other))
            .sum();
        let ahead = more_urgent + self.queued(class);
        let share = f64::from(BACKGROUND_SHARE);
        if class == Class::Background {
            let in_share = self.time_for(class, background, 1.0 / share, now);
            return in_share.min(self.time_for(class, ahead, 1.0, now));
        }
        let rest = if background > 0 { 1.0 - 1.0 / share } else { 1.0 };
        self.time_for(class, ahead, rest, now)
    }

    /// The wait of a request with `ahead` others before it, if its class gets this share of the rate.
    fn time_for(&self, class: Class, ahead: usize, share: f64, now: Instant) -> Duration {
        let backoff = self.backoff(None, now);
        let (mut stock, mut rate) = (0.0, 0.0);
        for outbound in &self.outbounds {
            if outbound.backoff.remaining(now) <= backoff {
                stock += outbound.stock(class, now + backoff);
                rate += outbound.rate() * share;
            }
        }
        let missing = (ahead as f64 + 1.0 - stock).max(0.0);
        Duration::try_from_secs_f64(missing / rate).map_or(Duration::MAX, |wait| backoff + wait)
    }

    fn candidates(&self, now: Instant) -> impl Iterator<Item = Candidate> {
        (0..self.outbounds.len()).filter_map(move |index| self.candidate(OutboundId(index), now))
    }

    fn candidate(&self, outbound: OutboundId, now: Instant) -> Option<Candidate> {
        let address = &self.outbounds[outbound.0];
        if address.in_flight >= address.concurrency {
            return None;
        }
        let from = now + address.backoff.remaining(now);
        let next = self.next_by_class(outbound, self.is_passed_over(outbound, now));
        let has_background = next[Class::Background as usize].is_some();
        let order = if has_background && address.background_passed + 1 >= BACKGROUND_SHARE {
            [Class::Background, Class::Waiting, Class::Media]
        } else {
            Class::DOWNWARDS
        };
        let candidates = order.into_iter().filter_map(|class| {
            let position = next[class as usize]?;
            let at = address.bucket.ready(class, from);
            Some(Candidate { at, outbound, class, position, has_background })
        });
        candidates.min_by_key(|candidate| candidate.at)
    }

    /// Whether this outbound address failed recently while another one, not in back-off, did not.
    fn is_passed_over(&self, outbound: OutboundId, now: Instant) -> bool {
        let failed = |outbound: &Outbound| outbound.failed_until.is_some_and(|until| until > now);
        failed(&self.outbounds[outbound.0])
            && self
                .outbounds
                .iter()
                .any(|other| !failed(other) && other.backoff.remaining(now).is_zero())
    }

    /// The position of the next request of each class, by [`Class`], that may use this outbound address: those bound to
    /// it go first. `bound_only`: without the others.
    fn next_by_class(&self, outbound: OutboundId, bound_only: bool) -> [Option<usize>; 3] {
        let mut next: [Option<usize>; 3] = [None; 3];
        for (position, job) in self.queue.iter().enumerate() {
            let is_usable = job.through.map_or(!bound_only, |only| only == outbound);
            let next = &mut next[job.priority.class() as usize];
            let is_first = next
                .is_none_or(|other| job.through.is_some() && self.queue[other].through.is_none());
            if is_usable && is_first {
                *next = Some(position);
            }
        }
        next
    }
}

impl Outbound {
    /// The number of requests that can start at once.
    fn stock(&self, class: Class, now: Instant) -> f64 {
        let free = self.concurrency.saturating_sub(self.in_flight) as f64;
        (self.bucket.stock(class, now) as f64).min(free)
    }

    /// Requests per second. With slow responses, the concurrency is the bottleneck, not the tokens.
    fn rate(&self) -> f64 {
        let place = self.answer_time.as_secs_f64() / self.concurrency as f64;
        1.0 / self.cost.as_secs_f64().max(place)
    }
}
