//! What is done ahead of demand, and what comes of it. Pure values.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::entry::Failure;
use crate::service::Key;

/// A piece of work that nobody waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::service) struct Job {
    /// The channel, as it was asked for.
    pub(in crate::service) channel: Key,
    /// What is to be done.
    pub(in crate::service) work: Work,
}

/// What can be done for a channel while nobody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::service) enum Work {
    /// Its newest posts.
    Refresh,
    /// One page of older ones: its history, or what a refresh left out.
    History,
}

/// What a refresh brought.
#[derive(Clone, Copy, Debug)]
pub(in crate::service) struct News {
    /// When it was fetched.
    pub(in crate::service) fetched: DateTime<Utc>,
    /// How long it lives.
    pub(in crate::service) ttl: Duration,
    /// Posts between it and what was known before are missing.
    pub(in crate::service) has_gap: bool,
}

/// What came of a job.
#[derive(Clone, Copy, Debug)]
pub(in crate::service) enum Outcome {
    /// The newest posts are here.
    Refreshed(News),
    /// They are not.
    Refused(Failure),
    /// A page of history is here, and another one is wanted.
    MoreHistory,
    /// There is nothing more to do.
    Done,
}

/// What an operator wants to know of the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outlook {
    /// Channels whose next refresh is planned.
    pub channels: usize,
    /// Channels whose history is still to come.
    pub histories: usize,
    /// Refreshes and pages of history under way.
    pub under_way: usize,
    /// By how much the intervals of all channels are stretched; 1: not at all.
    pub stretch: f64,
    /// Refreshes begin minutes later than they should.
    pub is_late: bool,
    /// When the next refresh begins; none is planned when there is none.
    pub next: Option<DateTime<Utc>>,
}
