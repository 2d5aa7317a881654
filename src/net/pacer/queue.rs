//! Who waits for a turn: three bounded lines, one a class. Pure.

use std::collections::VecDeque;

use crate::net::Class;

use super::OutboundId;

/// The place of one request, from its joining to its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ticket(u64);

/// A request that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) ticket: Ticket,
    /// The one outbound address that it may take; `None`: any.
    pub(super) through: Option<OutboundId>,
}

impl Job {
    fn may_take(&self, outbound: OutboundId, bound: bool) -> bool {
        self.through.map_or(!bound, |only| only == outbound)
    }
}

/// The three lines.
#[derive(Debug)]
pub(super) struct Queue {
    lines: [VecDeque<Job>; 3],
    limit: usize,
    next_ticket: u64,
}

impl Queue {
    /// `limit` is the most that may wait in all lines together, at least one.
    pub(super) fn new(limit: usize) -> Self {
        Self { lines: Default::default(), limit: limit.max(1), next_ticket: 0 }
    }

    /// Joins the line. A request bound to an outbound address continues a piece of work that has begun, so
    /// it goes in front of its class, and the limit is twice as high for it.
    ///
    /// When all places are taken, a person takes the one of the last background job, which is given back.
    /// `None`: there is no place.
    pub(super) fn join(
        &mut self,
        class: Class,
        through: Option<OutboundId>,
    ) -> Option<(Ticket, Option<Ticket>)> {
        let limit = if through.is_some() { self.limit * 2 } else { self.limit };
        let mut evicted = None;
        if self.len() >= limit {
            if class != Class::Waiting {
                return None;
            }
            evicted = Some(self.line_mut(Class::Background).pop_back()?.ticket);
        }
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        let job = Job { ticket, through };
        match through {
            Some(_) => self.line_mut(class).push_front(job),
            None => self.line_mut(class).push_back(job),
        }
        Some((ticket, evicted))
    }

    /// Leaves the line, if still in it.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        self.remove(ticket);
    }

    /// Moves to the end of another class's line.
    pub(super) fn change_class(&mut self, ticket: Ticket, class: Class) {
        let Some(line) = self.lines.iter().position(|line| has(line, ticket)) else { return };
        if line == class as usize {
            return;
        }
        if let Some(job) = self.remove(ticket) {
            match job.through {
                Some(_) => self.line_mut(class).push_front(job),
                None => self.line_mut(class).push_back(job),
            }
        }
    }

    /// Takes the first of a class who may take this outbound address; `bound`: and no other.
    pub(super) fn take(
        &mut self,
        class: Class,
        outbound: OutboundId,
        bound: bool,
    ) -> Option<Ticket> {
        let line = self.line_mut(class);
        let place = line.iter().position(|job| job.may_take(outbound, bound))?;
        line.remove(place).map(|job| job.ticket)
    }

    /// Whether somebody of this class may take this outbound address; `bound`: and no other.
    pub(super) fn wants(&self, class: Class, outbound: OutboundId, bound: bool) -> bool {
        self.lines[class as usize].iter().any(|job| job.may_take(outbound, bound))
    }

    /// Takes out all who may take none of the outbound addresses that are left.
    pub(super) fn take_stranded(&mut self, left: impl Fn(Option<OutboundId>) -> bool) -> Vec<Job> {
        let mut stranded = Vec::new();
        for line in &mut self.lines {
            line.retain(|job| {
                let stays = left(job.through);
                if !stays {
                    stranded.push(*job);
                }
                stays
            });
        }
        stranded
    }

    /// How many of this class wait.
    pub(super) fn waiting(&self, class: Class) -> usize {
        self.lines[class as usize].len()
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.lines.iter().map(VecDeque::len).sum()
    }

    /// The first in line, of any class.
    pub(super) fn first(&self) -> Option<Ticket> {
        self.lines.iter().rev().find_map(VecDeque::front).map(|job| job.ticket)
    }

    fn remove(&mut self, ticket: Ticket) -> Option<Job> {
        self.lines.iter_mut().find_map(|line| {
            let place = line.iter().position(|job| job.ticket == ticket)?;
            line.remove(place)
        })
    }

    fn line_mut(&mut self, class: Class) -> &mut VecDeque<Job> {
        &mut self.lines[class as usize]
    }
}

fn has(line: &VecDeque<Job>, ticket: Ticket) -> bool {
    line.iter().any(|job| job.ticket == ticket)
}
