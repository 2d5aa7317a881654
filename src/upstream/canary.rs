//! The canary: a channel known to exist, asked when an answer is in doubt.
//!
//! UPSTREAM(2026-08): to an outbound address that asks too much, Telegram shows every name as missing and every
//! list as empty. One channel's answer therefore proves nothing; when the canary, asked through the same
//! outbound address, is refused too, the address is throttled and backs off. One channel alone never
//! starts a back-off.

use std::sync::{Mutex as Plain, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::document::{self, Answer, Outcome};
use super::hosts::Hosts;
use super::query::{self, Query};
use super::{NetworkError, Refusal};
use crate::model::ChannelName;
use crate::net::{OutboundId, Priority};
use crate::telegram::landing::{self, LandingKind};
use crate::telegram::preview;

/// How long a good answer holds.
const HOLDS: Duration = Duration::from_secs(60);

/// The canary, and what it said last through each outbound address.
#[derive(Debug)]
pub(super) struct Canary {
    name: ChannelName,
    /// By outbound address.
    landings: Vec<Perch>,
    lists: Vec<Perch>,
}

/// How the canary is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// It answers: the doubt is about the one channel.
    Good,
    /// It is refused too; the outbound address backs off.
    Refused,
    /// It cannot be told.
    Unknown(Refusal),
}

/// Which of its pages is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Landing,
    List,
}

/// How old a good answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// A minute: the doubt is as old as that.
    Held,
    /// Younger than the doubt: Telegram has just said no in so many words.
    Now,
}

/// One question to the canary: asked by one, for all who wait.
#[derive(Debug, Default)]
struct Perch {
    said: Mutex<Option<(Instant, Health)>>,
    /// The priority of whoever asks at present.
    asking: Plain<Option<Priority>>,
}

impl Canary {
    pub(super) fn new(name: ChannelName, outbounds: usize) -> Self {
        let perches = || (0..outbounds).map(|_| Perch::default()).collect();
        Self { name, landings: perches(), lists: perches() }
    }

    /// The channel known to exist.
    pub(super) fn name(&self) -> &ChannelName {
        &self.name
    }

    /// Asks the canary, unless it said something that still holds, or somebody is asking.
    pub(super) async fn ask(
        &self,
        hosts: &Hosts,
        page: Page,
        freshness: Freshness,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Health {
        let perches = match page {
            Page::Landing => &self.landings,
            Page::List => &self.lists,
        };
        let Some(perch) = perches.get(outbound.index()) else {
            return Health::Unknown(Refusal::Unreachable(NetworkError::Truncated));
        };
        let doubted = Instant::now();
        if let Some(asking) = perch.asking().as_ref() {
            asking.promote(priority.class());
        }
        let mut said = perch.said.lock().await;
        if let Some((moment, health)) = said.as_ref() {
            let held =
                freshness == Freshness::Held && *health == Health::Good && moment.elapsed() < HOLDS;
            // What was said after the doubt arose answers it, whatever it is.
            if held || *moment >= doubted {
                return health.clone();
            }
        }
        *perch.asking() = Some(priority.clone());
        let health = self.look(hosts, page, outbound, priority).await;
        *perch.asking() = None;
        *said = Some((Instant::now(), health.clone()));
        health
    }

    async fn look(
        &self,
        hosts: &Hosts,
        page: Page,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Health {
        let seen = match page {
            Page::Landing => {
                let path = query::landing_path(&self.name);
                let answer =
                    document::fetch(hosts, &path, Some(outbound), priority, landing::parse).await;
                see(answer, |landing| landing.kind != LandingKind::Missing)
            }
            Page::List => {
                let path = query::list_path(&self.name, &Query::Newest);
                let answer =
                    document::fetch(hosts, &path, Some(outbound), priority, preview::parse).await;
                see(answer, |parsed| !parsed.page.posts.is_empty())
            }
        };
        match seen {
            Ok(()) => {
                hosts.client.answered(outbound);
                Health::Good
            }
            Err(Seen::Refused(retry_after)) => {
                tracing::warn!(channel.name = %self.name, "the canary is refused too");
                hosts.client.throttled(outbound, retry_after);
                Health::Refused
            }
            // The address has begun a back-off while we waited.
            Err(Seen::Unknown(Refusal::Throttled { .. })) => Health::Refused,
            Err(Seen::Unknown(refusal)) => Health::Unknown(refusal),
        }
    }
}

impl Perch {
    fn asking(&self) -> std::sync::MutexGuard<'_, Option<Priority>> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Seen {
    Refused(Option<Duration>),
    Unknown(Refusal),
}

fn see<T>(
    answer: Result<Answer<T>, Refusal>,
    is_there: impl FnOnce(&T) -> bool,
) -> Result<(), Seen> {
    match answer.map_err(Seen::Unknown)?.outcome {
        Outcome::Document { value, .. } if is_there(&value) => Ok(()),
        Outcome::Throttled { retry_after } => Err(Seen::Refused(retry_after)),
        Outcome::Document { .. } | Outcome::Redirect(_) => Err(Seen::Refused(None)),
    }
}
