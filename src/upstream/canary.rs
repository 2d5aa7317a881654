//! The canary: a channel known to exist, fetched when the response for another channel is in doubt.
//!
//! UPSTREAM(2026-08): to an outbound address that sends too many requests, Telegram shows every name as missing and
//! every list as empty. The response for one channel therefore proves nothing. If the canary is refused through the
//! same outbound address, the address is throttled and backs off. The response for one channel alone never starts a
//! back-off.

use std::sync::{Mutex as Plain, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::document::{self, Answer, Outcome};
use super::hosts::Hosts;
use super::query::{self, Query};
use super::refusal::{NetworkError, Refusal};
use crate::model::ChannelName;
use crate::net::{OutboundId, Priority};
use crate::telegram::landing::{self, LandingKind};
use crate::telegram::preview;

/// How long a good result is reused.
const TTL: Duration = Duration::from_secs(60);

/// The canary and its last results, by outbound address.
#[derive(Debug)]
pub(super) struct Canary {
    name: ChannelName,
    landings: Vec<Check>,
    lists: Vec<Check>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// The canary answers: the doubtful response concerns its channel only.
    Good,
    /// The canary is refused too; the outbound address backs off.
    Refused,
    /// The check failed for another reason.
    Unknown(Refusal),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CanaryPage {
    Landing,
    List,
}

/// The maximum age of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// A good result is reused for [`TTL`].
    Recent,
    /// The result must be newer than this call: Telegram has just refused explicitly.
    Now,
}

/// A check of one page. One task makes it; all others wait for its result.
#[derive(Debug, Default)]
struct Check {
    last: Mutex<Option<(Instant, Health)>>,
    /// The priority of the request in progress.
    in_progress: Plain<Option<Priority>>,
}

impl Canary {
    pub(super) fn new(name: ChannelName, outbounds: usize) -> Self {
        let checks = || (0..outbounds).map(|_| Check::default()).collect();
        Self { name, landings: checks(), lists: checks() }
    }

    pub(super) fn name(&self) -> &ChannelName {
        &self.name
    }

    /// Returns the result of a new check, a cached one, or one in progress.
    pub(super) async fn check(
        &self,
        hosts: &Hosts,
        page: CanaryPage,
        freshness: Freshness,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Health {
        let checks = match page {
            CanaryPage::Landing => &self.landings,
            CanaryPage::List => &self.lists,
        };
        let Some(check) = checks.get(outbound.index()) else {
            return Health::Unknown(Refusal::Unreachable(NetworkError::Truncated));
        };
        let requested = Instant::now();
        if let Some(other) = check.in_progress().as_ref() {
            other.promote(priority.class());
        }
        let mut last = check.last.lock().await;
        if let Some((moment, health)) = last.as_ref() {
            let is_recent =
                freshness == Freshness::Recent && *health == Health::Good && moment.elapsed() < TTL;
            // Another task has made this check meanwhile.
            if is_recent || *moment >= requested {
                return health.clone();
            }
        }
        *check.in_progress() = Some(priority.clone());
        let health = self.fetch(hosts, page, outbound, priority).await;
        *check.in_progress() = None;
        *last = Some((Instant::now(), health.clone()));
        health
    }

    async fn fetch(
        &self,
        hosts: &Hosts,
        page: CanaryPage,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Health {
        let result = match page {
            CanaryPage::Landing => {
                let path = query::landing_path(&self.name);
                let answer =
                    document::fetch(hosts, &path, Some(outbound), priority, landing::parse).await;
                expect(answer, |landing| landing.kind != LandingKind::Missing)
            }
            CanaryPage::List => {
                let path = query::list_path(&self.name, &Query::Newest);
                let answer =
                    document::fetch(hosts, &path, Some(outbound), priority, preview::parse).await;
                expect(answer, |parsed| !parsed.page.posts.is_empty())
            }
        };
        match result {
            Ok(()) => {
                hosts.client.answered(outbound);
                Health::Good
            }
            Err(Failure::Refused(retry_after)) => {
                tracing::warn!(channel.name = %self.name, "the canary is refused too");
                hosts.client.throttled(outbound, retry_after);
                Health::Refused
            }
            // The address has begun a back-off during the check.
            Err(Failure::Unknown(Refusal::Throttled { .. })) => Health::Refused,
            Err(Failure::Unknown(refusal)) => Health::Unknown(refusal),
        }
    }
}

impl Check {
    fn in_progress(&self) -> std::sync::MutexGuard<'_, Option<Priority>> {
        self.in_progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Failure {
    Refused(Option<Duration>),
    Unknown(Refusal),
}

fn expect<T>(
    answer: Result<Answer<T>, Refusal>,
    is_expected: impl FnOnce(&T) -> bool,
) -> Result<(), Failure> {
    match answer.map_err(Failure::Unknown)?.outcome {
        Outcome::Document { value, .. } if is_expected(&value) => Ok(()),
        Outcome::Throttled { retry_after } => Err(Failure::Refused(retry_after)),
        Outcome::Document { .. } | Outcome::Redirect(_) => Err(Failure::Refused(None)),
    }
}
