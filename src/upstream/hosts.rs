//! Telegram's hosts. All serve the same pages, so if one cannot be reached, the next one is tried.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::refusal::{NetworkError, Refusal};
use super::settings::Settings;
use crate::net::{self, Client, OutboundId, Priority, Response};

/// How long an unreachable host is tried last.
const FAILURE_BACKOFF: Duration = Duration::from_secs(60);

/// The hosts in the operator's order, and the HTTP client.
#[derive(Debug)]
pub(super) struct Hosts {
    pub(super) client: Client,
    bases: Vec<Url>,
    failed: Mutex<Vec<Option<Instant>>>,
}

impl Hosts {
    pub(super) fn new(client: Client, settings: &Settings) -> Self {
        let mut bases = vec![settings.url.clone()];
        bases.extend(settings.fallback.iter().cloned());
        let failed = Mutex::new(vec![None; bases.len()]);
        Self { client, bases, failed }
    }

    pub(super) fn bases(&self) -> &[Url] {
        &self.bases
    }

    /// Fetches a path from the first host that can be reached.
    ///
    /// UPSTREAM(2026-07): t.me was unreachable for two days while telegram.me was not. Only a network error is a reason
    /// to try another host: all hosts throttle together.
    pub(super) async fn fetch(
        &self,
        path: &str,
        through: Option<OutboundId>,
        priority: &Priority,
    ) -> Result<Response, Refusal> {
        let mut refusal = None;
        for index in self.order(Instant::now()) {
            let Ok(url) = self.bases[index].join(path) else { continue };
            let result = self.fetch_url(&url, through, priority).await;
            let failed = result.as_ref().is_err_and(net::Error::is_network);
            self.note(index, failed.then(Instant::now));
            match result {
                // The reported error is that of the first host in the operator's order.
                Err(error)
                    if failed && refusal.as_ref().is_none_or(|(first, _)| index < *first) =>
                {
                    refusal = Some((index, Refusal::from_net(error)));
                }
                Err(_) if failed => {}
                result => return result.map_err(Refusal::from_net),
            }
        }
        Err(refusal.map_or(Refusal::Unreachable(NetworkError::Truncated), |(_, refusal)| refusal))
    }

    /// Fetches a URL. Retries once if the host closes the connection or another outbound address may work: the rate
    /// limiter skips an address that failed.
    ///
    /// UPSTREAM(2026-09): about one connection in twenty-five is reset, and the next one succeeds.
    async fn fetch_url(
        &self,
        url: &Url,
        through: Option<OutboundId>,
        priority: &Priority,
    ) -> Result<Response, net::Error> {
        let mut result = self.client.fetch(url, through, priority).await;
        let has_another_outbound = through.is_none() && self.client.outbounds() > 1;
        if let Err(net::Error::Network { cause, .. }) = &result
            && (*cause == net::Cause::Closed || has_another_outbound)
        {
            result = self.client.fetch(url, through, priority).await;
        }
        result
    }

    /// The indexes of the hosts in the order in which they are tried: recently failed ones last.
    fn order(&self, now: Instant) -> Vec<usize> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let failed_lately = |index: &usize| {
            failed[*index].is_some_and(|moment| now.duration_since(moment) < FAILURE_BACKOFF)
        };
        let mut order: Vec<usize> = (0..self.bases.len()).collect();
        order.sort_by_key(failed_lately);
        order
    }

    fn note(&self, index: usize, failed: Option<Instant>) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)[index] = failed;
    }
}
