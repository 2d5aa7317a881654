//! Telegram's hosts, which all have the same pages: the next one is asked when one cannot be reached.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::{NetworkError, Refusal, Settings};
use crate::net::{self, Client, OutboundId, Priority, Response};

/// How long a host that could not be reached is asked last.
const ASKED_LAST: Duration = Duration::from_secs(60);

/// The hosts, in the operator's order, and the client to ask them with.
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

    /// Their addresses.
    pub(super) fn bases(&self) -> &[Url] {
        &self.bases
    }

    /// Asks for a path, of each host in turn until one can be reached.
    ///
    /// UPSTREAM(2026-07): t.me was unreachable for two days while telegram.me was not. Only errors of the
    /// network are a reason to ask another host: all of them throttle together.
    pub(super) async fn fetch(
        &self,
        path: &str,
        through: Option<OutboundId>,
        priority: &Priority,
    ) -> Result<Response, Refusal> {
        let mut refusal = None;
        for index in self.order(Instant::now()) {
            let Ok(url) = self.bases[index].join(path) else { continue };
            let asked = self.ask(&url, through, priority).await;
            let failed = asked.as_ref().is_err_and(net::Error::is_network);
            self.note(index, failed.then(Instant::now));
            match asked {
                // The foremost is the one that people know, and that the operator wants.
                Err(error)
                    if failed && refusal.as_ref().is_none_or(|(first, _)| index < *first) =>
                {
                    refusal = Some((index, Refusal::from_net(error)));
                }
                Err(_) if failed => {}
                asked => return asked.map_err(Refusal::from_net),
            }
        }
        Err(refusal.map_or(Refusal::Unreachable(NetworkError::Truncated), |(_, refusal)| refusal))
    }

    /// Asks one host, and once more when it hangs up, or when it may have been the way there that failed: an outbound
    /// address that did is passed over, so the second question takes another one.
    ///
    /// UPSTREAM(2026-09): about one connection in twenty-five is reset, and the next one is good.
    async fn ask(
        &self,
        url: &Url,
        through: Option<OutboundId>,
        priority: &Priority,
    ) -> Result<Response, net::Error> {
        let mut asked = self.ask_once(url, through, priority).await;
        let has_another_way = through.is_none() && self.client.outbounds() > 1;
        if let Err(net::Error::Network { cause, .. }) = &asked
            && (*cause == net::Cause::Closed || has_another_way)
        {
            asked = self.ask_once(url, through, priority).await;
        }
        asked
    }

    async fn ask_once(
        &self,
        url: &Url,
        through: Option<OutboundId>,
        priority: &Priority,
    ) -> Result<Response, net::Error> {
        match through {
            Some(outbound) => self.client.fetch_through(outbound, url, priority).await,
            None => self.client.fetch(url, priority).await,
        }
    }

    /// The hosts' places: those that failed lately come last.
    fn order(&self, now: Instant) -> Vec<usize> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = |index: &usize| {
            failed[*index].is_some_and(|moment| now.duration_since(moment) < ASKED_LAST)
        };
        let mut order: Vec<usize> = (0..self.bases.len()).collect();
        order.sort_by_key(lately);
        order
    }

    fn note(&self, index: usize, failed: Option<Instant>) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)[index] = failed;
    }
}
