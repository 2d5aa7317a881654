//! Who goes next, through which outbound address, and when. Pure: every moment is given.

use std::time::Duration;

use tokio::time::Instant;

use crate::net::{Class, OutboundTraffic, Settings};

use super::OutboundId;
use super::bucket::{Bucket, Token};
use super::cool_down::CoolDown;
use super::queue::{Queue, Ticket};

/// The longest that a person's request may have to wait for its turn: whoever would wait longer is told
/// to come back, because readers give up soon after.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(18);

/// Of this many tokens that grow, background work gets at least one.
const BACKGROUND_SHARE: u8 = 4;

/// How long an outbound address that failed is passed over while another one works.
const PASSED_OVER: Duration = Duration::from_secs(30);

/// Why there is no turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Too many wait.
    Busy { retry_after: Duration },
    /// Every outbound address that the request may take cools down.
    CoolDown { retry_after: Duration },
}

/// All that decides about turns.
#[derive(Debug)]
pub(super) struct Schedule {
    lanes: Vec<Lane>,
    queue: Queue,
    refused: Vec<(Ticket, Refused)>,
}

/// One outbound address.
#[derive(Debug)]
struct Lane {
    bucket: Bucket,
    cool_down: CoolDown,
    failed_until: Option<Instant>,
    under_way: usize,
    concurrency: usize,
    /// Tokens that others took since background work last got one, while it waited.
    background_passed: u8,
    /// What an answer takes, smoothed; zero until there is one.
    typical: Duration,
    cost: Duration,
}

impl Schedule {
    /// `cost` is the time between two requests at the rate.
    pub(super) fn new(settings: &Settings, cost: Duration, lanes: usize, now: Instant) -> Self {
        let lane = || Lane {
            bucket: Bucket::new(cost, settings.burst, now),
            cool_down: CoolDown::new(),
            failed_until: None,
            under_way: 0,
            concurrency: settings.concurrency.max(1),
            background_passed: 0,
            typical: Duration::ZERO,
            cost,
        };
        Self {
            lanes: (0..lanes.max(1)).map(|_| lane()).collect(),
            queue: Queue::new(settings.queue),
            refused: Vec::new(),
        }
    }

    /// Joins the queue; refused when the wait would be too long, or there is no place.
    pub(super) fn join(
        &mut self,
        class: Class,
        through: Option<OutboundId>,
        now: Instant,
    ) -> Result<Ticket, Refused> {
        let pause = self.pause(through, now);
        if pause > LONGEST_WAIT {
            return Err(Refused::CoolDown { retry_after: pause });
        }
        let wait = self.wait(class, now);
        if class != Class::Background && through.is_none() && wait > LONGEST_WAIT {
            return Err(Refused::Busy { retry_after: wait - LONGEST_WAIT });
        }
        let busy = Refused::Busy { retry_after: wait };
        let (ticket, evicted) = self.queue.join(class, through).ok_or(busy)?;
        self.refused.extend(evicted.map(|ticket| (ticket, busy)));
        Ok(ticket)
    }

    /// Leaves the queue: nobody wants the answer any more.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        self.queue.leave(ticket);
    }

    /// Moves up, because somebody more important wants the answer too, or down, because nobody waits any more.
    pub(super) fn change_class(&mut self, ticket: Ticket, class: Class) {
        self.queue.change_class(ticket, class);
    }

    /// The next request that may start at this moment, if any; it counts as started.
    pub(super) fn start(&mut self, now: Instant) -> Option<(Ticket, OutboundId)> {
        let mut order: Vec<usize> =
            (0..self.lanes.len()).filter(|lane| self.lanes[*lane].is_open(now)).collect();
        order.sort_by_key(|lane| std::cmp::Reverse(self.lanes[*lane].bucket.level(now)));
        order.into_iter().find_map(|lane| self.start_through(OutboundId(lane), now))
    }

    /// The first in line.
    pub(super) fn first(&self) -> Option<Ticket> {
        self.queue.first()
    }

    /// Those who lost their place since this was last asked, and why.
    pub(super) fn take_refused(&mut self) -> Vec<(Ticket, Refused)> {
        std::mem::take(&mut self.refused)
    }

    /// When time alone lets the next request start; `None` when nobody waits, or only an answer helps.
    pub(super) fn next_start(&self, now: Instant) -> Option<Instant> {
        (0..self.lanes.len()).filter_map(|lane| self.next_start_through(lane, now)).min()
    }

    fn next_start_through(&self, index: usize, now: Instant) -> Option<Instant> {
        let (lane, outbound) = (&self.lanes[index], OutboundId(index));
        if lane.under_way >= lane.concurrency {
            return None;
        }
        let rested = now + lane.cool_down.remaining(now);
        let first = |bound: bool| {
            Class::DOWNWARDS.into_iter().find(|class| self.queue.wants(*class, outbound, bound))
        };
        if !self.is_passed_over(outbound, now) {
            return first(false).map(|class| lane.bucket.ready(class, rested));
        }
        match first(true) {
            Some(class) => Some(lane.bucket.ready(class, rested)),
            None => first(false).and(lane.failed_until),
        }
    }

    /// A request that started was never sent. Its token is lost, its place is free.
    pub(super) fn give_back(&mut self, outbound: OutboundId) {
        let Some(lane) = self.lanes.get_mut(outbound.0) else { return };
        lane.under_way = lane.under_way.saturating_sub(1);
    }

    /// A request that started is over, however it ended.
    pub(super) fn finish(&mut self, outbound: OutboundId, elapsed: Duration) {
        self.give_back(outbound);
        let Some(lane) = self.lanes.get_mut(outbound.0) else { return };
        lane.typical =
            if lane.typical.is_zero() { elapsed } else { (lane.typical * 7 + elapsed) / 8 };
    }

    /// The outbound address was throttled: it cools down, and whoever can only wait for it is refused,
    /// unless the pause is short.
    pub(super) fn throttled(
        &mut self,
        outbound: OutboundId,
        retry_after: Option<Duration>,
        random: f64,
        now: Instant,
    ) {
        let Some(lane) = self.lanes.get_mut(outbound.0) else { return };
        let until = lane.cool_down.begin(retry_after, random, now);
        lane.bucket.empty(until);
        let pauses: Vec<Duration> =
            self.lanes.iter().map(|lane| lane.cool_down.remaining(now)).collect();
        let pause = |through| shortest(&pauses, through);
        let stranded = self.queue.take_stranded(|through| pause(through) <= LONGEST_WAIT);
        self.refused.extend(
            stranded
                .into_iter()
                .map(|job| (job.ticket, Refused::CoolDown { retry_after: pause(job.through) })),
        );
    }

    /// The outbound address gave a good answer.
    pub(super) fn answered(&mut self, outbound: OutboundId, now: Instant) {
        let Some(lane) = self.lanes.get_mut(outbound.0) else { return };
        lane.cool_down.reset(now);
        lane.failed_until = None;
    }

    /// Nothing could be reached through the outbound address: it may be a proxy that is down.
    pub(super) fn failed(&mut self, outbound: OutboundId, now: Instant) {
        let Some(lane) = self.lanes.get_mut(outbound.0) else { return };
        lane.failed_until = Some(now + PASSED_OVER);
    }

    /// How long the outbound addresses that a request may take cool down.
    pub(super) fn pause(&self, through: Option<OutboundId>, now: Instant) -> Duration {
        let pauses: Vec<Duration> =
            self.lanes.iter().map(|lane| lane.cool_down.remaining(now)).collect();
        shortest(&pauses, through)
    }

    /// What each outbound address does now.
    pub(super) fn outbounds(&self, now: Instant) -> Vec<OutboundTraffic> {
        let lanes = self.lanes.iter();
        let traffic = |lane: &Lane| OutboundTraffic {
            under_way: lane.under_way,
            pause: lane.cool_down.remaining(now),
        };
        lanes.map(traffic).collect()
    }

    /// How many of this class wait for their turn.
    pub(super) fn waiting(&self, class: Class) -> usize {
        self.queue.waiting(class)
    }

    /// About how long a new request of this class would wait for its turn.
    pub(super) fn wait(&self, class: Class, now: Instant) -> Duration {
        let ahead = |from: Class| -> usize {
            Class::DOWNWARDS
                .into_iter()
                .filter(|other| *other >= from)
                .map(|other| self.queue.waiting(other))
                .sum()
        };
        let background = self.queue.waiting(Class::Background) > 0;
        let share = f64::from(BACKGROUND_SHARE);
        if class == Class::Background {
            let own = self.queue.waiting(class);
            let in_line = self.time_for(class, ahead(class), 1.0, now);
            return in_line.min(self.time_for(class, own, 1.0 / share, now));
        }
        let rest = if background { (share - 1.0) / share } else { 1.0 };
        self.time_for(class, ahead(class), rest, now)
    }

    /// When the request behind `ahead` others gets its token, if its class gets this part of what grows.
    fn time_for(&self, class: Class, ahead: usize, part: f64, now: Instant) -> Duration {
        let mut lanes: Vec<Outlook> =
            self.lanes.iter().map(|lane| lane.outlook(class, part, now)).collect();
        lanes.sort_by_key(|lane| lane.from);
        let wanted = (ahead + 1) as f64;
        let (mut stock, mut pace, mut time) = (0.0, 0.0, 0.0);
        for lane in lanes {
            let from = lane.from.as_secs_f64();
            if stock + pace * (from - time) >= wanted {
                break;
            }
            stock += pace * (from - time) + lane.stock;
            pace += lane.pace;
            time = from;
        }
        let missing: f64 = wanted - stock;
        let more = if missing > 0.0 { missing / pace } else { 0.0 };
        Duration::try_from_secs_f64(time + more).unwrap_or(Duration::MAX)
    }

    fn start_through(
        &mut self,
        outbound: OutboundId,
        now: Instant,
    ) -> Option<(Ticket, OutboundId)> {
        let passed_over = self.is_passed_over(outbound, now);
        let lane = &mut self.lanes[outbound.0];
        let background = self.queue.wants(Class::Background, outbound, passed_over);
        let due = background && lane.background_passed + 1 >= BACKGROUND_SHARE;
        let order =
            if due { [Class::Background, Class::Waiting, Class::Media] } else { Class::DOWNWARDS };
        for class in order {
            let Some(token) = lane.bucket.offer(class, now) else { continue };
            let Some(ticket) = self.queue.take(class, outbound, passed_over) else { continue };
            lane.bucket.spend(token);
            lane.under_way += 1;
            lane.background_passed = match (class, token) {
                (Class::Background, _) => 0,
                (_, Token::Steady) if background => {
                    (lane.background_passed + 1).min(BACKGROUND_SHARE - 1)
                }
                _ => lane.background_passed,
            };
            return Some((ticket, outbound));
        }
        None
    }

    /// Whether this outbound address failed lately while another one, not cooling down, did not.
    fn is_passed_over(&self, outbound: OutboundId, now: Instant) -> bool {
        let failed = |lane: &Lane| lane.failed_until.is_some_and(|until| until > now);
        failed(&self.lanes[outbound.0])
            && self
                .lanes
                .iter()
                .any(|lane| !failed(lane) && lane.cool_down.remaining(now).is_zero())
    }
}

/// What one outbound address will give to a class.
struct Outlook {
    from: Duration,
    stock: f64,
    pace: f64,
}

impl Lane {
    fn is_open(&self, now: Instant) -> bool {
        self.under_way < self.concurrency && self.cool_down.remaining(now).is_zero()
    }

    fn outlook(&self, class: Class, part: f64, now: Instant) -> Outlook {
        let from = self.cool_down.remaining(now);
        let places = self.concurrency.saturating_sub(self.under_way) as f64;
        let stock = (self.bucket.stock(class, now + from) as f64).min(places);
        // With slow answers the places are the bottleneck, not the tokens.
        let place = self.typical.as_secs_f64() / self.concurrency as f64;
        let pace = part / self.cost.as_secs_f64().max(place);
        Outlook { from, stock, pace }
    }
}

fn shortest(pauses: &[Duration], through: Option<OutboundId>) -> Duration {
    match through {
        Some(only) => pauses.get(only.0).copied().unwrap_or_default(),
        None => pauses.iter().min().copied().unwrap_or_default(),
    }
}
