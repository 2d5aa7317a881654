//! The client for Telegram's pages: one request, through one outbound address, when the rate limiter permits it.

#![expect(clippy::disallowed_types, reason = "the owner of every outgoing request")]

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_LANGUAGE, DATE, HeaderMap};
use http::{HeaderValue, StatusCode};
use tokio::time::timeout_at;
use url::Url;

use super::rate_limiter::{Permit, RateLimiter};
use super::response::{self, Response};
use super::{BuildError, Cause, Class, Error, OutboundId, Priority, Settings, Traffic};

/// A blocked host often does not respond at all; this leaves time for another host.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// By [`OutboundId`].
    outbounds: Vec<reqwest::Client>,
    limiter: RateLimiter,
    timeout: Duration,
    max_body: u64,
    /// Whether all outbound addresses are proxies.
    proxied: bool,
}

impl Client {
    /// Builds the connection pools.
    pub fn new(settings: &Settings) -> Result<Self, BuildError> {
        if !(0.001..=1000.0).contains(&settings.rate) {
            return Err(BuildError::Rate(settings.rate));
        }
        let outbounds = build_outbounds(settings)?;
        let cost = Duration::from_secs_f64(1.0 / settings.rate);
        Ok(Self(Arc::new(Inner {
            limiter: RateLimiter::new(settings, cost, outbounds.len()),
            outbounds,
            timeout: settings.timeout,
            max_body: settings.max_body.as_u64(),
            proxied: !settings.proxies.is_empty(),
        })))
    }

    /// Requests a URL through this outbound address, or the first free one. While the request is queued, promoting
    /// `priority` moves it up, and dropping the future removes it. A response with any status is `Ok`.
    ///
    /// A request through a given address continues a task, and goes before others of its class.
    pub async fn fetch(
        &self,
        url: &Url,
        through: Option<OutboundId>,
        priority: &Priority,
    ) -> Result<Response, Error> {
        let permit = self.0.limiter.acquire(priority, through).await?;
        self.send(url, permit).await
    }

    /// Telegram throttles this outbound address. It backs off for `retry_after`, or for a time that doubles up to an hour.
    pub fn throttled(&self, outbound: OutboundId, retry_after: Option<Duration>) {
        self.0.limiter.throttled(outbound, retry_after);
        tracing::warn!(
            net.outbound = outbound.0,
            net.backoff_s = self.backoff(Some(outbound)).as_secs(),
            "throttled by Telegram, backing off"
        );
    }

    /// Telegram does not throttle this outbound address: the next back-off is short.
    pub fn answered(&self, outbound: OutboundId) {
        self.0.limiter.answered(outbound);
    }

    /// The expected wait of a new request of this class, back-offs included.
    pub fn wait(&self, class: Class) -> Duration {
        self.0.limiter.wait(class)
    }

    /// The remaining back-off of this outbound address, or the shortest of all.
    pub fn backoff(&self, outbound: Option<OutboundId>) -> Duration {
        self.0.limiter.backoff(outbound)
    }

    pub fn traffic(&self) -> Traffic {
        self.0.limiter.traffic()
    }

    /// The number of outbound addresses.
    pub fn outbounds(&self) -> usize {
        self.0.outbounds.len()
    }

    async fn send(&self, url: &Url, permit: Permit) -> Result<Response, Error> {
        let host = url.host_str().unwrap_or_default();
        let deadline = permit.started + self.0.timeout;
        let outcome = timeout_at(deadline, self.exchange(url, host, &permit)).await;
        let outcome = outcome.unwrap_or_else(|_| {
            Err(Error::Timeout { host: host.to_owned(), limit: self.0.timeout })
        });
        match &outcome {
            Ok(response) => tracing::debug!(
                upstream.url = %url,
                upstream.status = response.status,
                net.outbound = permit.outbound.0,
                duration_ms = response.elapsed.as_millis(),
                size_bytes = response.text.len(),
                "upstream request"
            ),
            Err(error) => tracing::debug!(
                upstream.url = %url,
                net.outbound = permit.outbound.0,
                %error,
                "upstream request failed"
            ),
        }
        if outcome.as_ref().is_err_and(Error::is_network) {
            self.0.limiter.failed(permit.outbound);
        }
        outcome
    }

    async fn exchange(&self, url: &Url, host: &str, permit: &Permit) -> Result<Response, Error> {
        let outbound = permit.outbound;
        let mut answer = self.0.outbounds[outbound.0]
            .get(url.clone())
            .send()
            .await
            .map_err(|error| Error::from_reqwest(&error, host, self.0.proxied))?;
        if answer.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            // From the proxy, not from the host.
            let host = host.to_owned();
            return Err(Error::Network { host, cause: Cause::Proxy, proxied: true });
        }
        let limit = self.0.max_body;
        let Some((body, whole)) = response::read(&mut answer, limit).await else {
            return Err(Error::TooLarge { host: host.to_owned(), limit });
        };
        Ok(Response {
            status: answer.status().as_u16(),
            location: response::location(answer.headers(), url),
            retry_after: response::retry_after(answer.headers()),
            date: response::date(answer.headers(), DATE),
            text: response::decode(body),
            whole,
            url: url.clone(),
            outbound,
            elapsed: permit.started.elapsed(),
        })
    }
}

fn build_outbounds(settings: &Settings) -> Result<Vec<reqwest::Client>, BuildError> {
    proxies(settings)?.into_iter().map(|proxy| build(settings, proxy)).collect()
}

/// One for each outbound address; `None` is a direct connection.
pub(super) fn proxies(settings: &Settings) -> Result<Vec<Option<reqwest::Proxy>>, BuildError> {
    if settings.proxies.is_empty() {
        return Ok(vec![None]);
    }
    let mut proxies = Vec::with_capacity(settings.proxies.len());
    for (index, url) in settings.proxies.iter().enumerate() {
        let broken = BuildError::Proxy { number: index + 1 };
        if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
            return Err(broken);
        }
        proxies.push(Some(reqwest::Proxy::all(url.as_str()).map_err(|_| broken)?));
    }
    Ok(proxies)
}

/// The common settings of all clients: no redirects, no cookies, no `Referer`.
pub(super) fn builder(
    settings: &Settings,
    proxy: Option<reqwest::Proxy>,
) -> reqwest::ClientBuilder {
    // Fails if another client has installed the provider already.
    drop(rustls::crypto::ring::default_provider().install_default());
    // `no_proxy` first: it ignores the proxies of the environment.
    let builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT.min(settings.timeout))
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(settings.concurrency);
    match proxy {
        Some(proxy) => builder.proxy(proxy),
        None => builder,
    }
}

fn build(
    settings: &Settings,
    proxy: Option<reqwest::Proxy>,
) -> Result<reqwest::Client, BuildError> {
    let agent = HeaderValue::from_str(&settings.user_agent).map_err(|_| BuildError::UserAgent)?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("text/html"));
    // UPSTREAM(2026-08): some words on the pages depend on the language.
    headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en"));
    let builder = builder(settings, proxy).user_agent(agent).default_headers(headers);
    builder.build().map_err(BuildError::Tls)
}
