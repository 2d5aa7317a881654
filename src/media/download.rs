//! Locates files at Telegram and downloads them into the cache.
//!
//! All requests for one file share one download ([`Downloader::fetch`]). It locates the file, renews a dead URL once,
//! and identifies the file by its first bytes. A small file is downloaded before any response. For a large file the
//! result is its location ([`Found::Remote`]), and the download continues in the background. Failures have a negative
//! TTL.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::cache::{Cache, Entry, PartialFile};
use super::error::Error;
use super::limit::{ConcurrencyLimit, Permit};
use super::media_ref::{FileRequest, MediaRef};
use super::pass_through::{Open, PassThrough};
use crate::net::{Cause, FileClient, FileError};
use crate::service::{self, Class, ClientId, FileKey, Located, Service};

/// The largest file that is downloaded before it is served, in bytes.
const MAX_SMALL: u64 = 8 * 1024 * 1024;

/// The limit of concurrent downloads.
const MAX_DOWNLOADS: usize = 24;

/// The limit of concurrent downloads of large files.
const MAX_LARGE_DOWNLOADS: usize = MAX_DOWNLOADS * 2 / 3;

/// The limit of downloads in flight, including those that wait for a permit.
const MAX_IN_FLIGHT: usize = 512;

/// How long a downloaded file without an identity counts as current.
const RECENT: Duration = Duration::from_secs(60);

/// How long a file is not prefetched after its URL was dead, or after it proved uncacheable.
const NO_PREFETCH: Duration = Duration::from_secs(60 * 60);

/// The pause after a prefetch.
const PREFETCH_PAUSE: Duration = Duration::from_millis(250);

/// How long a prefetch waits while half of the downloads or more are in use.
const PREFETCH_WAIT: Duration = Duration::from_secs(2);

/// The number of waits before a file is not prefetched.
const MAX_PREFETCH_WAITS: u32 = 30;

/// The limit of cached failures.
const MAX_FAILURES: u64 = 10_000;

#[derive(Clone, Debug)]
pub(super) enum Found {
    /// In the cache; `is_new` if it was downloaded just now.
    Cached { key: FileKey, is_new: bool },
    /// At Telegram's CDN.
    Remote(Arc<PassThrough>),
}

pub(super) struct Downloader {
    service: Service,
    files: FileClient,
    cache: Arc<Cache>,
    /// The largest file that is cached, in bytes.
    max_file: u64,
    limit: ConcurrencyLimit,
    /// The share of large files, so that images find a permit during many video downloads.
    large: Arc<Semaphore>,
    in_flight: Mutex<HashMap<FileKey, Flight>>,
    failures: moka::sync::Cache<FileKey, Failure>,
    tasks: TaskTracker,
    /// Ends downloads without waiters.
    stop: CancellationToken,
}

/// `None`: the download has no result yet.
type Outcome = Option<Result<Found, Error>>;

/// A shared download.
#[derive(Clone)]
struct Flight {
    result: watch::Receiver<Outcome>,
    /// Whether it renews a dead URL.
    renews: bool,
}

/// A cached failure: the file is not requested before `until`.
#[derive(Clone)]
struct Failure {
    /// `None`: only prefetching is off.
    error: Option<Error>,
    until: DateTime<Utc>,
}

/// Frees the key of a shared download when it is dropped, so also after a panic.
struct InFlight<'a> {
    downloader: &'a Downloader,
    key: FileKey,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.downloader.in_flight().remove(&self.key);
    }
}

/// The result of locating and identifying a file.
enum Lookup {
    Cached(FileKey),
    Remote(FileKey, Arc<PassThrough>, Permit),
}

/// Why a file is not in the cache.
enum NotStored {
    /// A write error, which is logged.
    Disk,
    Upstream(FileError),
    /// The service stops, and no request waits for the file.
    Stopped,
}

impl Downloader {
    pub(super) fn new(
        service: Service,
        files: FileClient,
        cache: Arc<Cache>,
        max_file: u64,
        tasks: TaskTracker,
    ) -> Self {
        Self {
            service,
            files,
            cache,
            max_file,
            limit: ConcurrencyLimit::new(MAX_DOWNLOADS),
            large: Arc::new(Semaphore::new(MAX_LARGE_DOWNLOADS)),
            in_flight: Mutex::default(),
            failures: moka::sync::Cache::new(MAX_FAILURES),
            tasks,
            stop: CancellationToken::new(),
        }
    }

    /// Starts no more downloads, and ends those without waiters.
    pub(super) fn stop(&self) {
        self.stop.cancel();
    }

    /// Whether more than half of the permits are available.
    fn is_idle(&self) -> bool {
        self.limit.available() > MAX_DOWNLOADS / 2
    }

    /// The cached error of a file, within its negative TTL.
    pub(super) fn failure(&self, key: FileKey) -> Option<Error> {
        self.unexpired(key)?.error
    }

    /// Whether a background download makes sense: there is no cached failure.
    pub(super) fn may_prefetch(&self, key: FileKey) -> bool {
        self.unexpired(key).is_none()
    }

    fn unexpired(&self, key: FileKey) -> Option<Failure> {
        let now = self.service.clock().now();
        self.failures.get(&key).filter(|failure| now < failure.until)
    }

    fn remember(&self, key: FileKey, error: Option<Error>, ttl: Duration) {
        let until = self.service.clock().now() + ttl;
        self.failures.insert(key, Failure { error, until });
    }

    fn remember_error(&self, request: &FileRequest, error: &Error) {
        let key = request.known.key;
        if *error == Error::Dead && !request.renews() {
            self.remember(key, None, NO_PREFETCH);
        } else if let Some(ttl) = error.negative_ttl() {
            self.remember(key, Some(error.clone()), ttl);
        }
    }

    /// Downloads a file into the cache while few downloads run. A file that is cached, or cannot be, is skipped.
    pub(super) async fn prefetch(self: &Arc<Self>, media: MediaRef) {
        // If the archive cannot be read, the next refresh queues the file again.
        let Ok(known) = media.known(&self.service).await else { return };
        let is_cached = self.cache.age(known.key, known.identity).await.is_some();
        if known.is_missing
            || is_cached
            || !self.cache.is_writable()
            || !self.may_prefetch(known.key)
        {
            return;
        }
        let mut waits = 0;
        while !self.is_idle() {
            waits += 1;
            if waits > MAX_PREFETCH_WAITS {
                return;
            }
            tokio::time::sleep(PREFETCH_WAIT).await;
        }
        let (client_id, class) = (ClientId::OPERATOR, Class::Background);
        let request = FileRequest { media, known, client_id, class };
        if let Err(error) = self.fetch(&request).await {
            tracing::debug!(%error, "a file was not prefetched");
        }
        tokio::time::sleep(PREFETCH_PAUSE).await;
    }

    /// Joins or starts the download of a file. Dropping the future does not cancel the download.
    pub(super) async fn fetch(self: &Arc<Self>, request: &FileRequest) -> Result<Found, Error> {
        loop {
            let Flight { mut result, renews } = self.join(request)?;
            let result = result.wait_for(Option::is_some).await.ok().and_then(|it| it.clone());
            match result {
                // The joined download is a prefetch, which does not renew URLs.
                Some(Err(Error::Dead)) if request.renews() && !renews => {}
                Some(result) => return result,
                // The task panicked.
                None => return Err(service::Error::Internal.into()),
            }
        }
    }

    /// Identifies a file from its first bytes, without downloading the rest.
    pub(super) async fn identify(self: &Arc<Self>, request: &FileRequest) -> Result<Found, Error> {
        if self.in_flight().contains_key(&request.known.key) {
            return self.fetch(request).await;
        }
        match self.find(request).await {
            Ok(Lookup::Cached(key)) => Ok(Found::Cached { key, is_new: false }),
            Ok(Lookup::Remote(_, remote, _)) => Ok(Found::Remote(remote)),
            Err(error) => {
                self.remember_error(request, &error);
                Err(error)
            }
        }
    }

    fn in_flight(&self) -> MutexGuard<'_, HashMap<FileKey, Flight>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join(self: &Arc<Self>, request: &FileRequest) -> Result<Flight, Error> {
        let mut in_flight = self.in_flight();
        let key = request.known.key;
        if let Some(flight) = in_flight.get(&key) {
            return Ok(flight.clone());
        }
        if in_flight.len() >= MAX_IN_FLIGHT || self.stop.is_cancelled() {
            return Err(Error::BUSY);
        }
        let (sender, result) = watch::channel(None);
        let flight = Flight { result, renews: request.renews() };
        in_flight.insert(key, flight.clone());
        drop(in_flight);
        let (downloader, request) = (Arc::clone(self), request.clone());
        self.tasks.spawn(async move {
            let in_flight = InFlight { downloader: &downloader, key };
            let result = downloader.download(&request, &sender).await;
            if let Err(error) = &result {
                downloader.remember_error(&request, error);
            }
            // Frees the key first, so that no request joins a finished download.
            drop(in_flight);
            sender.send_replace(Some(result));
        });
        Ok(flight)
    }

    /// Downloads a file into the cache. The result of a large file is sent before it is downloaded.
    async fn download(
        &self,
        request: &FileRequest,
        sender: &watch::Sender<Outcome>,
    ) -> Result<Found, Error> {
        let (key, remote, permit) = match self.find(request).await? {
            Lookup::Remote(key, remote, permit) => (key, remote, permit),
            Lookup::Cached(key) => return Ok(Found::Cached { key, is_new: false }),
        };
        let found = Found::Remote(Arc::clone(&remote));
        let Some(entry) = remote.entry().filter(|entry| entry.length <= self.max_file) else {
            // The length is unknown or exceeds the limit, so it is never cached.
            self.remember(key, None, NO_PREFETCH);
            return Ok(found);
        };
        let is_large = entry.length > MAX_SMALL;
        let mut _of_large = None;
        if is_large {
            let Ok(permit) = Arc::clone(&self.large).try_acquire_owned() else {
                return Ok(found);
            };
            _of_large = Some(permit);
        }
        let Some(partial) = self.cache.create().await else { return Ok(found) };
        let Some(open) = remote.take_open() else { return Ok(found) };
        if is_large {
            sender.send_replace(Some(Ok(found.clone())));
        }
        let stored = self.receive(key, entry, open, partial, sender).await;
        drop(permit);
        match stored {
            Ok(()) => Ok(Found::Cached { key, is_new: true }),
            Err(NotStored::Disk) => Ok(found),
            Err(NotStored::Stopped) => Err(Error::BUSY),
            Err(NotStored::Upstream(error)) if is_large => {
                tracing::info!(%error, "the download of a large file broke off");
                Ok(found)
            }
            Err(NotStored::Upstream(error)) => Err(error.into()),
        }
    }

    /// Downloads a file to its end and stores it.
    async fn receive(
        &self,
        key: FileKey,
        entry: Entry,
        Open { start, mut rest }: Open,
        mut partial: PartialFile,
        sender: &watch::Sender<Outcome>,
    ) -> Result<(), NotStored> {
        let mut received = 0;
        let mut next = Some(start);
        while let Some(chunk) = next {
            if !self.cache.write(&mut partial, &chunk).await {
                return Err(NotStored::Disk);
            }
            received += chunk.len() as u64;
            // One receiver is in the table.
            let has_waiters = sender.receiver_count() > 1;
            if self.stop.is_cancelled() && !has_waiters {
                return Err(NotStored::Stopped);
            }
            next = rest.chunk().await.map_err(NotStored::Upstream)?;
        }
        if received != entry.length {
            return Err(NotStored::Upstream(FileError::Network(Cause::Other)));
        }
        match self.cache.store(key, entry, partial).await {
            true => Ok(()),
            false => Err(NotStored::Disk),
        }
    }

    /// Locates a file and identifies it by its first bytes.
    async fn find(&self, request: &FileRequest) -> Result<Lookup, Error> {
        let mut located = request.locate(&self.service, None).await?;
        // `locate` may have fetched the channel's numeric ID, which is part of the key.
        let key = request.media.known(&self.service).await?.key;
        if self.is_cached(key, &located).await {
            return Ok(Lookup::Cached(key));
        }
        let permit = self.limit.acquire(request.client_id).await?;
        let mut remote = self.request(&request.media, &located).await;
        if remote.as_ref().is_err_and(|error| *error == Error::Dead) && request.renews() {
            let dead = located.address;
            located = request.locate(&self.service, Some(&dead)).await?;
            tracing::debug!("a dead file URL was renewed");
            if located.address != dead {
                remote = self.request(&request.media, &located).await;
            }
        }
        Ok(Lookup::Remote(key, Arc::new(remote?), permit))
    }

    /// Whether a located file is cached: with the same identity, or without one and downloaded just now.
    async fn is_cached(&self, key: FileKey, located: &Located) -> bool {
        let Some(age) = self.cache.age(key, located.identity).await else { return false };
        if located.identity.is_some() {
            self.cache.confirm(key).await;
        }
        located.identity.is_some() || age < RECENT
    }

    async fn request(&self, media: &MediaRef, located: &Located) -> Result<PassThrough, Error> {
        let url = located.address.to_url().ok_or(Error::Unfit)?;
        let download = self.files.fetch(&url, None).await?;
        let now = self.service.clock().now();
        PassThrough::identify(download, url, media.expected(), located.identity, now).await
    }
}
