//! Media files from Telegram's CDN, as streams.
//!
//! The CDN is separate from Telegram's pages, so the rate limiter does not apply. Each outbound address has a limit of
//! requests in flight instead. Every URL passes the guard, redirects included.
//!
//! *Invariant*: only the range of a client's request is sent to the CDN, and only the fields of [`Download`] are
//! returned. No headers are copied.

#![expect(clippy::disallowed_types, reason = "the owner of every outgoing request")]

mod download;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, IF_RANGE, RANGE};
use http::{HeaderValue, Method, StatusCode};
use reqwest::Proxy;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use url::Url;

pub use download::{ByteRange, Download, FileError, Validator};

use download::Limits;

use super::guard::{FileHosts, Guard};
use super::response::location;
use super::{BuildError, Cause, Settings, client};

/// The limit of requests in flight through one outbound address. `media` starts fewer, so slow clients do not block
/// others.
const MAX_REQUESTS: usize = 96;

/// How long a failed outbound address is tried last.
const FAILURE_BACKOFF: Duration = Duration::from_secs(30);

const MAX_REDIRECTS: usize = 3;

/// Fetches files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct FileClient(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    outbounds: Vec<Outbound>,
    /// Rotates among equal addresses.
    turn: AtomicUsize,
    hosts: FileHosts,
    limits: Limits,
    /// All outbound addresses are proxies.
    proxied: bool,
}

#[derive(Debug)]
struct Outbound {
    client: reqwest::Client,
    permits: Arc<Semaphore>,
    /// The time of the last failed connection, until one succeeds.
    failed: Mutex<Option<Instant>>,
}

impl Outbound {
    fn failed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileClient {
    /// Builds the connection pools. Files are fetched from `hosts` only.
    pub fn new(settings: &Settings, hosts: FileHosts) -> Result<Self, BuildError> {
        let proxies = settings.proxies.iter().filter_map(|proxy| proxy.host_str());
        // Proxies usually have private addresses.
        let guard = Guard::new(hosts.trusted().chain(proxies.map(str::to_owned)));
        Self::guarded(settings, hosts, &guard, Limits::new(settings.timeout))
    }

    fn guarded(
        settings: &Settings,
        hosts: FileHosts,
        guard: &Guard,
        limits: Limits,
    ) -> Result<Self, BuildError> {
        let outbounds = client::proxies(settings)?.into_iter().map(|proxy| {
            let client = build(settings, proxy, guard)?;
            let permits = Arc::new(Semaphore::new(MAX_REQUESTS));
            Ok(Outbound { client, permits, failed: Mutex::new(None) })
        });
        let outbounds = outbounds.collect::<Result<_, _>>()?;
        let proxied = !settings.proxies.is_empty();
        let turn = AtomicUsize::new(0);
        Ok(Self(Arc::new(Inner { outbounds, turn, hosts, limits, proxied })))
    }

    /// Requests a file or a range of it. If the connection fails, a second outbound address is tried. A server may answer
    /// a request for a range with the whole file: see [`Download::first`].
    pub async fn fetch(&self, url: &Url, range: Option<&ByteRange>) -> Result<Download, FileError> {
        let (response, permit) = self.request(Method::GET, url, range).await?;
        Download::new(response, range, permit, self.0.limits)
    }

    /// The length of a file, from a `HEAD` request; `None` if not announced.
    pub async fn length(&self, url: &Url) -> Result<Option<u64>, FileError> {
        let (response, _permit) = self.request(Method::HEAD, url, None).await?;
        let length = response.headers().get(CONTENT_LENGTH);
        Ok(length.and_then(|length| length.to_str().ok()?.parse().ok()))
    }

    async fn request(
        &self,
        method: Method,
        url: &Url,
        range: Option<&ByteRange>,
    ) -> Result<(reqwest::Response, OwnedSemaphorePermit), FileError> {
        let mut outcome = Err(FileError::Network(Cause::Other));
        for outbound in self.order().into_iter().take(2) {
            outcome = self.request_through(outbound, &method, url, range).await;
            let is_down = matches!(outcome, Err(FileError::Network(_)));
            *outbound.failed() = is_down.then(Instant::now);
            if !is_down && !matches!(outcome, Err(FileError::Busy)) {
                break;
            }
        }
        if let Err(error) = &outcome {
            tracing::debug!(file.host = url.host_str(), %error, "file request failed");
        }
        outcome
    }

    /// The outbound addresses in the order in which they are tried: most free permits first, recently failed ones last.
    fn order(&self) -> Vec<&Outbound> {
        let outbounds = &self.0.outbounds;
        let turn = self.0.turn.fetch_add(1, Ordering::Relaxed) % outbounds.len().max(1);
        let mut order: Vec<&Outbound> = outbounds[turn..].iter().collect();
        order.extend(&outbounds[..turn]);
        order.sort_by_key(|outbound| {
            let has_failed =
                outbound.failed().is_some_and(|since| since.elapsed() < FAILURE_BACKOFF);
            (has_failed, Reverse(outbound.permits.available_permits()))
        });
        order
    }

    async fn request_through(
        &self,
        outbound: &Outbound,
        method: &Method,
        url: &Url,
        range: Option<&ByteRange>,
    ) -> Result<(reqwest::Response, OwnedSemaphorePermit), FileError> {
        let timeout = self.0.limits.head;
        let permit = Arc::clone(&outbound.permits).acquire_owned();
        let Ok(Ok(permit)) = timeout_at(Instant::now() + timeout, permit).await else {
            return Err(FileError::Busy);
        };
        let response = async {
            let mut url = url.clone();
            for _ in 0..=MAX_REDIRECTS {
                let response = self.send(outbound, method, &url, range).await?;
                match redirect(&response, &url)? {
                    Some(next) => url = next,
                    None => return Ok(response),
                }
            }
            Err(FileError::ForbiddenHost)
        };
        let response = timeout_at(Instant::now() + timeout, response).await;
        let response = response.map_err(|_| FileError::Slow)??;
        check(&response)?;
        Ok((response, permit))
    }

    async fn send(
        &self,
        outbound: &Outbound,
        method: &Method,
        url: &Url,
        range: Option<&ByteRange>,
    ) -> Result<reqwest::Response, FileError> {
        if !self.0.hosts.allows(url) {
            return Err(FileError::ForbiddenHost);
        }
        let mut request = outbound.client.request(method.clone(), url.clone());
        if let Some(range) = range {
            request = request.header(RANGE, range.header());
            if let Some(validator) = &range.validator {
                request = request.header(IF_RANGE, validator.header());
            }
        }
        let proxied = self.0.proxied;
        let response =
            request.send().await.map_err(|error| FileError::from_reqwest(&error, proxied))?;
        if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            // The status is from the proxy, not from the host.
            return Err(FileError::Network(Cause::Proxy));
        }
        Ok(response)
    }
}

/// The target of a redirect; `None` for other responses.
fn redirect(response: &reqwest::Response, url: &Url) -> Result<Option<Url>, FileError> {
    match response.status() {
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => {
            location(response.headers(), url).map(Some).ok_or(FileError::ForbiddenHost)
        }
        _ => Ok(None),
    }
}

fn check(response: &reqwest::Response) -> Result<(), FileError> {
    match response.status() {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => {}
        // UPSTREAM(2026-08): Telegram's servers answer requests for an expired URL with one of these statuses.
        status @ (StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE) => {
            return Err(FileError::Gone(status.as_u16()));
        }
        status => return Err(FileError::Status(status.as_u16())),
    }
    // SECURITY: a decompression bomb -> feedline requests `identity` and refuses a compressed response.
    let codings = response.headers().get_all(CONTENT_ENCODING).iter();
    if codings.into_iter().any(|coding| coding != "identity") {
        return Err(FileError::Compressed);
    }
    Ok(())
}

fn build(
    settings: &Settings,
    proxy: Option<Proxy>,
    guard: &Guard,
) -> Result<reqwest::Client, BuildError> {
    let agent = HeaderValue::from_str(&settings.user_agent).map_err(|_| BuildError::UserAgent)?;
    let identity = [(ACCEPT_ENCODING, HeaderValue::from_static("identity"))];
    let builder = client::builder(settings, proxy)
        .user_agent(agent)
        .default_headers(identity.into_iter().collect())
        .no_gzip()
        .dns_resolver(guard.clone());
    builder.build().map_err(BuildError::Tls)
}
