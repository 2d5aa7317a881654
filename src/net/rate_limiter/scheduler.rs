//! Decides which request starts next, through which outbound address, and when. Pure.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::net::{Class, Error, OutboundTraffic, Settings};

use super::OutboundId;
use super::backoff::Backoff;
use super::bucket::{Bucket, Token};

/// The longest wait of a request that a person waits for: readers time out soon after.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(18);

/// Background work gets at least one of this many tokens.
const BACKGROUND_SHARE: u8 = 4;

/// How long a failed outbound address is skipped while another one works.
const PASSED_OVER: Duration = Duration::from_secs(30);

/// Identifies a request in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ticket(u64);

#[derive(Clone, Copy, Debug)]
struct Job {
    ticket: Ticket,
    /// The only outbound address that it may use; `None`: any.
    through: Option<OutboundId>,
}

#[derive(Debug)]
pub(super) struct Scheduler {
    outbounds: Vec<Outbound>,
    /// Indexed by [`Class`].
    queues: [VecDeque<Job>; 3],
    capacity: usize,
    next_ticket: u64,
    refused: Vec<(Ticket, Error)>,
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

/// A class that can start next through an outbound address, and when.
struct Candidate {
    at: Instant,
    outbound: OutboundId,
    class: Class,
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
            queues: Default::default(),
            capacity: settings.queue.max(1),
            next_ticket: 0,
            refused: Vec::new(),
        }
    }

    /// Joins the queue. If the queue is full, a request of class `Waiting` replaces the last background request.
    ///
    /// A request bound to an outbound address continues earlier work: it goes to the front of its class, and its queue
    /// limit is twice as high.
    pub(super) fn join(
        &mut self,
        class: Class,
        through: Option<OutboundId>,
        now: Instant,
    ) -> Result<Ticket, Error> {
        let backoff = self.backoff(through, now);
        if backoff > MAX_WAIT {
            return Err(Error::backoff(backoff));
        }
        let wait = self.wait(class, now);
        if class != Class::Background && through.is_none() && wait > MAX_WAIT {
            return Err(Error::busy(wait - MAX_WAIT));
        }
        let capacity = if through.is_some() { self.capacity * 2 } else { self.capacity };
        if self.queues.iter().map(VecDeque::len).sum::<usize>() >= capacity {
            let background = &mut self.queues[Class::Background as usize];
            let evicted = if class == Class::Waiting { background.pop_back() } else { None };
            let evicted = evicted.ok_or_else(|| Error::busy(wait))?;
            self.refused.push((evicted.ticket, Error::busy(wait)));
        }
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.push(class, Job { ticket, through });
        Ok(ticket)
    }

    pub(super) fn leave(&mut self, ticket: Ticket) {
        if let Some((class, place)) = self.find(ticket) {
            self.queues[class].remove(place);
        }
    }

    /// Promotes or demotes a queued request.
    pub(super) fn change_class(&mut self, ticket: Ticket, class: Class) {
        if let Some((old, place)) = self.find(ticket)
            && old != class as usize
            && let Some(job) = self.queues[old].remove(place)
        {
            self.push(class, job);
        }
    }

    /// Takes the next request that can start now, if any, and counts it as in flight.
    pub(super) fn start(&mut self, now: Instant) -> Option<(Ticket, OutboundId)> {
        let ready = self.candidates(now).filter(|candidate| candidate.at <= now);
        let Candidate { outbound, class, .. } = ready.min_by_key(|candidate| {
            Reverse(self.outbounds[candidate.outbound.0].bucket.level(now))
        })?;
        let is_passed_over = self.is_passed_over(outbound, now);
        let place = self.first(class, outbound, is_passed_over)?;
        let has_background = self.first(Class::Background, outbound, is_passed_over).is_some();
        let address = &mut self.outbounds[outbound.0];
        let token = address.bucket.take(class, now)?;
        address.in_flight += 1;
        if class == Class::Background {
            address.background_passed = 0;
        } else if has_background && token == Token::Steady {
            address.background_passed = (address.background_passed + 1).min(BACKGROUND_SHARE - 1);
        }
        let job = self.queues[class as usize].remove(place)?;
        Some((job.ticket, outbound))
    }

    /// The time of the next start; `None` if the queue is empty, or if only a response can free a slot.
    pub(super) fn next_start(&self, now: Instant) -> Option<Instant> {
        self.candidates(now).map(|candidate| candidate.at).min()
    }

    /// Takes the requests that were removed from the queue since the last call.
    pub(super) fn take_refused(&mut self) -> Vec<(Ticket, Error)> {
        std::mem::take(&mut self.refused)
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
        for class in Class::DOWNWARDS {
            for job in std::mem::take(&mut self.queues[class as usize]) {
                let backoff = self.backoff(job.through, now);
                if backoff > MAX_WAIT {
                    self.refused.push((job.ticket, Error::backoff(backoff)));
                } else {
                    self.queues[class as usize].push_back(job);
                }
            }
        }
    }

    pub(super) fn answered(&mut self, outbound: OutboundId, now: Instant) {
        let Some(outbound) = self.outbounds.get_mut(outbound.0) else { return };
        outbound.backoff.reset(now);
        outbound.failed_until = None;
    }

    /// The outbound address may be a proxy that is down, so it is skipped for [`PASSED_OVER`].
    pub(super) fn failed(&mut self, outbound: OutboundId, now: Instant) {
        let Some(outbound) = self.outbounds.get_mut(outbound.0) else { return };
        outbound.failed_until = Some(now + PASSED_OVER);
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
        self.queues[class as usize].len()
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
        let is_passed_over = self.is_passed_over(outbound, now);
        let waits = |class: &Class| self.first(*class, outbound, is_passed_over).is_some();
        let is_due = waits(&Class::Background) && address.background_passed + 1 >= BACKGROUND_SHARE;
        let order = if is_due {
            [Class::Background, Class::Waiting, Class::Media]
        } else {
            Class::DOWNWARDS
        };
        let classes = order.into_iter().filter(waits);
        let first = classes
            .map(|class| Candidate { at: address.bucket.ready(class, from), outbound, class })
            .min_by_key(|candidate| candidate.at);
        if first.is_none() && is_passed_over && self.queues.iter().any(|queue| !queue.is_empty()) {
            let at = address.failed_until?;
            return Some(Candidate { at, outbound, class: Class::Background });
        }
        first
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

    /// The index of the first request of a class that may use this outbound address. `bound`: only requests bound to
    /// it.
    fn first(&self, class: Class, outbound: OutboundId, bound: bool) -> Option<usize> {
        self.queues[class as usize]
            .iter()
            .position(|job| job.through.map_or(!bound, |only| only == outbound))
    }

    fn find(&self, ticket: Ticket) -> Option<(usize, usize)> {
        self.queues.iter().enumerate().find_map(|(class, queue)| {
            Some((class, queue.iter().position(|job| job.ticket == ticket)?))
        })
    }

    fn push(&mut self, class: Class, job: Job) {
        let queue = &mut self.queues[class as usize];
        match job.through {
            Some(_) => queue.push_front(job),
            None => queue.push_back(job),
        }
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
