//! The client: one request, through one outbound address, when its turn has come.

#![expect(clippy::disallowed_types, reason = "the owner of every outgoing request")]

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap};
use http::{HeaderValue, StatusCode};
use tokio::time::timeout_at;
use url::Url;

use super::rate_limiter::{Permit, RateLimiter};
use super::response::{self, Response};
use super::{BuildError, Cause, Class, Error, OutboundId, Priority, Settings, Traffic};

/// The longest wait for a connection: a host that is blocked often answers nothing at all, and then
/// another host should still be asked in time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection that is not used is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Asks, at the pace that the operator set. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// One for each outbound address, at the place of its [`OutboundId`].
    outbounds: Vec<reqwest::Client>,
    limiter: RateLimiter,
    timeout: Duration,
    max_body: u64,
    /// Whether every outbound address is a proxy; else there is one, without.
    proxied: bool,
}

impl Client {
    /// Builds the connections' pools; asks nothing yet.
    ///
    /// # Errors
    /// [`BuildError`], which names the setting that does not work.
    pub fn new(settings: &Settings) -> Result<Self, BuildError> {
        if !(0.001..=1000.0).contains(&settings.rate) {
            return Err(BuildError::Rate(settings.rate));
        }
        // A second installation, by another client, changes nothing and is no error.
        drop(rustls::crypto::ring::default_provider().install_default());
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

    /// Asks for an address, through whichever outbound address can first.
    ///
    /// While it waits for its turn, promoting `priority` moves it up, and dropping the future removes it.
    ///
    /// # Errors
    /// [`Error`]; an answer of any status is none.
    pub async fn fetch(&self, url: &Url, priority: &Priority) -> Result<Response, Error> {
        let permit = self.0.limiter.turn(priority, None).await?;
        self.send(url, permit).await
    }

    /// Asks through this outbound address and no other: what continues a piece of work that has begun.
    /// It goes before others of its class.
    ///
    /// # Errors
    /// [`Error`]; an answer of any status is none.
    pub async fn fetch_through(
        &self,
        outbound: OutboundId,
        url: &Url,
        priority: &Priority,
    ) -> Result<Response, Error> {
        let permit = self.0.limiter.turn(priority, Some(outbound)).await?;
        self.send(url, permit).await
    }

    /// Telegram throttles this outbound address: it sends nothing for `retry_after` or, without one, for a time that
    /// doubles up to an hour.
    pub fn throttled(&self, outbound: OutboundId, retry_after: Option<Duration>) {
        self.0.limiter.throttled(outbound, retry_after);
        tracing::warn!(
            net.outbound = outbound.0,
            net.backoff_s = self.backoff(Some(outbound)).as_secs(),
            "Telegram throttles us: backing off"
        );
    }

    /// Telegram gave a good answer through this outbound address: the next back-off is a short one.
    pub fn answered(&self, outbound: OutboundId) {
        self.0.limiter.answered(outbound);
    }

    /// About how long a new request of this class would wait for its turn, back-offs included.
    pub fn wait(&self, class: Class) -> Duration {
        self.0.limiter.wait(class)
    }

    /// How much of the back-off of this outbound address is left or, if none is given, of the one that ends first.
    pub fn backoff(&self, outbound: Option<OutboundId>) -> Duration {
        self.0.limiter.backoff(outbound)
    }

    /// What is asked at present.
    pub fn traffic(&self) -> Traffic {
        self.0.limiter.traffic()
    }

    /// How many outbound addresses there are.
    pub fn outbounds(&self) -> usize {
        self.0.outbounds.len()
    }

    /// Sends and reads within the time-out, which begins now. The permit is held to the end.
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
                "asked"
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
            // A proxy's word, not the host's.
            let host = host.to_owned();
            return Err(Error::Network { host, cause: Cause::Proxy, proxied: true });
        }
        let limit = self.0.max_body;
        let body = response::read(&mut answer, limit)
            .await
            .map_err(|_| Error::TooLarge { host: host.to_owned(), limit })?;
        Ok(Response {
            status: answer.status().as_u16(),
            location: response::location(answer.headers(), url),
            retry_after: response::retry_after(answer.headers()),
            date: response::date(answer.headers()),
            text: response::decode(body.bytes),
            whole: body.whole,
            url: url.clone(),
            outbound,
            elapsed: permit.started.elapsed(),
        })
    }
}

fn build_outbounds(settings: &Settings) -> Result<Vec<reqwest::Client>, BuildError> {
    proxies(settings)?.into_iter().map(|proxy| build(settings, proxy)).collect()
}

/// The ways out: directly, or each of the proxies.
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

/// What all clients have in common: they follow nothing, remember nothing and tell nothing of where they were.
pub(super) fn builder(
    settings: &Settings,
    proxy: Option<reqwest::Proxy>,
) -> reqwest::ClientBuilder {
    // `no_proxy` first: what the environment says about proxies is not asked, only the settings are.
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
    // UPSTREAM(2026-08): some words on the pages follow the reader's language.
    headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en"));
    let builder = builder(settings, proxy).user_agent(agent).default_headers(headers);
    builder.build().map_err(BuildError::Tls)
}
