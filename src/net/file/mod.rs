//! Files: pictures, films, sounds, as streams.
//!
//! They come from other servers than Telegram's pages do, and from many of them, so the pacer has nothing to do with them:
//! what bounds them is how many are fetched at once through each outbound address. An address passes the guard before each
//! request; redirects are followed by hand, so that each of them passes it too.
//!
//! *Invariant*: nothing of whoever asks us goes up but which bytes are wanted, and nothing comes down but what [`Download`]
//! names: no header of either side is ever copied.

#![expect(clippy::disallowed_types, reason = "the owner of every outgoing request")]

mod download;
mod error;
mod span;
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

pub use download::{Download, Validator};
pub use error::FileError;
pub use span::Span;

use super::guard::{FileHosts, Guard};
use super::{BuildError, Cause, Settings, client, response};

/// Files that are fetched at once through one outbound address: more than there are places for files that arrive and that
/// pass through, so that those who read slowly keep nobody else from any.
const MOST_AT_ONCE: usize = 96;

/// How long an outbound address that failed is asked last.
const ASKED_LAST: Duration = Duration::from_secs(30);

/// Redirects that are followed for one file.
const MOST_REDIRECTS: usize = 3;

/// Fetches files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct FileClient(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    outbounds: Vec<Outbound>,
    /// Whose turn it is among equals.
    turn: AtomicUsize,
    hosts: FileHosts,
    patience: Patience,
    /// Whether every outbound address is a proxy; else there is one, without.
    proxied: bool,
}

#[derive(Debug)]
struct Outbound {
    client: reqwest::Client,
    places: Arc<Semaphore>,
    /// When nothing could be reached through it.
    failed: Mutex<Option<Instant>>,
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// For a place, and for the head of an answer.
    head: Duration,
    /// For the next bytes.
    idle: Duration,
    /// For all bytes beyond the time that they take at the least rate.
    grace: Duration,
    /// Bytes a second.
    least_rate: u64,
}

impl Outbound {
    fn failed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Patience {
    fn new(head: Duration) -> Self {
        Self { head, idle: head, grace: Duration::from_secs(30), least_rate: 16 * 1024 }
    }
}

impl FileClient {
    /// Builds the connections' pools; asks nothing yet. Files are fetched from `hosts` only.
    ///
    /// # Errors
    /// [`BuildError`], which names the setting that does not work.
    pub fn new(settings: &Settings, hosts: FileHosts) -> Result<Self, BuildError> {
        let proxies = settings.proxies.iter().filter_map(|proxy| proxy.host_str());
        // Of proxies: they are the operator's, and mostly near.
        let guard = Guard::new(hosts.vouched().chain(proxies.map(str::to_owned)));
        Self::guarded(settings, hosts, &guard, Patience::new(settings.timeout))
    }

    fn guarded(
        settings: &Settings,
        hosts: FileHosts,
        guard: &Guard,
        patience: Patience,
    ) -> Result<Self, BuildError> {
        // A second installation, by another client, changes nothing and is no error.
        drop(rustls::crypto::ring::default_provider().install_default());
        let outbounds = client::proxies(settings)?.into_iter().map(|proxy| {
            let client = build(settings, proxy, guard)?;
            let places = Arc::new(Semaphore::new(MOST_AT_ONCE));
            Ok(Outbound { client, places, failed: Mutex::new(None) })
        });
        let outbounds = outbounds.collect::<Result<_, _>>()?;
        let proxied = !settings.proxies.is_empty();
        let turn = AtomicUsize::new(0);
        Ok(Self(Arc::new(Inner { outbounds, turn, hosts, patience, proxied })))
    }

    /// Asks for a file, or a span of it, of which at most `limit` bytes are read. Another outbound address is tried when the
    /// first one makes no connection.
    ///
    /// # Errors
    /// [`FileError`]. An answer to a span with the whole file is none: [`Download::first`] tells.
    pub async fn fetch(
        &self,
        url: &Url,
        span: Option<&Span>,
        limit: u64,
    ) -> Result<Download, FileError> {
        let (answer, place) = self.answer(Method::GET, url, span).await?;
        Download::new(answer, span, limit, place, self.0.patience)
    }

    /// How long a file is, without the file; `None` when its server does not tell.
    ///
    /// # Errors
    /// [`FileError`].
    pub async fn length(&self, url: &Url) -> Result<Option<u64>, FileError> {
        let (answer, _place) = self.answer(Method::HEAD, url, None).await?;
        let length = answer.headers().get(CONTENT_LENGTH);
        Ok(length.and_then(|length| length.to_str().ok()?.parse().ok()))
    }

    /// The head of a file, through another outbound address when the first one makes no connection.
    async fn answer(
        &self,
        method: Method,
        url: &Url,
        span: Option<&Span>,
    ) -> Result<(reqwest::Response, OwnedSemaphorePermit), FileError> {
        let mut outcome = Err(FileError::Network(Cause::Other));
        for outbound in self.order().into_iter().take(2) {
            outcome = self.answer_through(outbound, &method, url, span).await;
            let is_down = matches!(outcome, Err(FileError::Network(_)));
            *outbound.failed() = is_down.then(Instant::now);
            if !is_down && !matches!(outcome, Err(FileError::Busy)) {
                break;
            }
        }
        if let Err(error) = &outcome {
            tracing::debug!(file.host = url.host_str(), %error, "asked for a file in vain");
        }
        outcome
    }

    /// The outbound addresses, the one with the most places first; those that failed lately come last.
    fn order(&self) -> Vec<&Outbound> {
        let outbounds = &self.0.outbounds;
        let turn = self.0.turn.fetch_add(1, Ordering::Relaxed) % outbounds.len().max(1);
        let mut order: Vec<&Outbound> = outbounds[turn..].iter().collect();
        order.extend(&outbounds[..turn]);
        order.sort_by_key(|outbound| {
            let has_failed = outbound.failed().is_some_and(|since| since.elapsed() < ASKED_LAST);
            (has_failed, Reverse(outbound.places.available_permits()))
        });
        order
    }

    async fn answer_through(
        &self,
        outbound: &Outbound,
        method: &Method,
        url: &Url,
        span: Option<&Span>,
    ) -> Result<(reqwest::Response, OwnedSemaphorePermit), FileError> {
        let patience = self.0.patience;
        let deadline = Instant::now() + patience.head;
        let place = timeout_at(deadline, Arc::clone(&outbound.places).acquire_owned()).await;
        let Ok(Ok(place)) = place else { return Err(FileError::Busy) };
        let answer = async {
            let mut url = url.clone();
            for _ in 0..=MOST_REDIRECTS {
                let answer = self.ask(outbound, method, &url, span).await?;
                match redirect(&answer, &url)? {
                    Some(next) => url = next,
                    None => return Ok(answer),
                }
            }
            Err(FileError::Elsewhere)
        };
        let deadline = Instant::now() + patience.head;
        let answer = timeout_at(deadline, answer).await.map_err(|_| FileError::Slow)??;
        judge(&answer)?;
        Ok((answer, place))
    }

    /// One request to an address that the guard lets through.
    async fn ask(
        &self,
        outbound: &Outbound,
        method: &Method,
        url: &Url,
        span: Option<&Span>,
    ) -> Result<reqwest::Response, FileError> {
        if !self.0.hosts.allows(url) {
            return Err(FileError::Elsewhere);
        }
        let mut request = outbound.client.request(method.clone(), url.clone());
        if let Some(span) = span {
            request = request.header(RANGE, span.header());
            if let Some(validator) = &span.validator {
                request = request.header(IF_RANGE, validator.header());
            }
        }
        let proxied = self.0.proxied;
        let answer =
            request.send().await.map_err(|error| FileError::from_reqwest(&error, proxied))?;
        if answer.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            // A proxy's word, not the host's.
            return Err(FileError::Network(Cause::Proxy));
        }
        Ok(answer)
    }
}

/// Where an answer leads; `None`: it is no redirect.
fn redirect(answer: &reqwest::Response, url: &Url) -> Result<Option<Url>, FileError> {
    match answer.status() {
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => {
            response::location(answer.headers(), url).map(Some).ok_or(FileError::Elsewhere)
        }
        _ => Ok(None),
    }
}

/// What an answer's head says.
fn judge(answer: &reqwest::Response) -> Result<(), FileError> {
    match answer.status() {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => {}
        // UPSTREAM(2026-08): what Telegram's file servers say to an address whose time is over differs from one to another.
        status @ (StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE) => {
            return Err(FileError::Gone(status.as_u16()));
        }
        status => return Err(FileError::Status(status.as_u16())),
    }
    // SECURITY: a small body that unpacks to gigabytes -> `identity` is asked for, nothing is ever unpacked, and an answer
    // that is packed all the same is none.
    let packed = answer.headers().get_all(CONTENT_ENCODING).iter();
    if packed.into_iter().any(|coding| coding != "identity") {
        return Err(FileError::Packed);
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
