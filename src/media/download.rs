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
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::cache::{Cache, Entry, PartialFile};
use super::error::Error;
use super::limit::{ConcurrencyLimit, Permit};
use super::media_ref::{MediaRef, Priority};
use super::pass_through::{MAX_FILE, Open, PassThrough};
use crate::net::{Cause, FileClient, FileError};
use crate::service::{self, FileKey, KnownFile, Located, Service};
use crate::text::Address;

/// The largest file that is downloaded before it is served, in bytes.
const MAX_SMALL: u64 = 8 * 1024 * 1024;

/// The limit of concurrent downloads.
const MAX_DOWNLOADS: usize = 24;

/// The limit of downloads in flight, including those that wait for a permit.
const MAX_IN_FLIGHT: usize = 512;

/// How long a downloaded file without an identity counts as current.
const RECENT: Duration = Duration::from_secs(60);

/// How long a file is not prefetched after its URL was dead, or after it proved uncacheable.
const NO_PREFETCH: Duration = Duration::from_secs(60 * 60);

/// The limit of cached failures.
const MAX_FAILURES: u64 = 10_000;

#[derive(Clone, Debug)]
pub(super) enum Found {
    /// In the cache; `is_new` if it was downloaded just now.
    Cached { key: FileKey, is_new: bool },
    /// At Telegram's CDN.
    Remote(Arc<PassThrough>),
}

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct Downloader(Arc<Inner>);

struct Inner {
    service: Service,
    files: FileClient,
    cache: Arc<Cache>,
    /// The largest file that is cached, in bytes.
    max_file: u64,
    limit: ConcurrencyLimit,
    in_flight: Mutex<HashMap<FileKey, Flight>>,
    failures: moka::sync::Cache<FileKey, Failure>,
    tasks: TaskTracker,
    /// Ends downloads without waiters.
    stop: CancellationToken,
}

/// A shared download.
#[derive(Clone)]
struct Flight {
    result: watch::Receiver<Option<Result<Found, Error>>>,
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

/// The task's side of a shared download. Dropping it frees the key.
struct FlightGuard {
    downloader: Downloader,
    key: FileKey,
    sender: watch::Sender<Option<Result<Found, Error>>>,
}

impl FlightGuard {
    fn send(&self, result: Result<Found, Error>) {
        self.sender.send_replace(Some(result));
    }

    /// Frees the key before it sends the result, so that no request joins a finished download.
    fn end(self, result: Result<Found, Error>) {
        let sender = self.sender.clone();
        drop(self);
        sender.send_replace(Some(result));
    }

    /// Whether a request waits for the result. One receiver is in the table.
    fn has_waiters(&self) -> bool {
        self.sender.receiver_count() > 1
    }
}

impl Drop for FlightGuard {
    fn drop(&mut self) {
        self.downloader.in_flight().remove(&self.key);
    }
}

/// The result of locating and identifying a file.
enum Lookup {
    Cached(FileKey),
    Remote(FileKey, Arc<PassThrough>, Permit),
}

enum NotStored {
    Disk,
    Upstream(FileError),
}

impl Downloader {
    pub(super) fn new(
        service: Service,
        files: FileClient,
        cache: Arc<Cache>,
        max_file: u64,
        tasks: TaskTracker,
    ) -> Self {
        Self(Arc::new(Inner {
            service,
            files,
            cache,
            max_file,
            limit: ConcurrencyLimit::new(MAX_DOWNLOADS),
            in_flight: Mutex::default(),
            failures: moka::sync::Cache::new(MAX_FAILURES),
            tasks,
            stop: CancellationToken::new(),
        }))
    }

    /// Starts no more downloads, and ends those without waiters.
    pub(super) fn stop(&self) {
        self.0.stop.cancel();
    }

    /// Whether more than half of the permits are available.
    pub(super) fn is_idle(&self) -> bool {
        self.0.limit.available() > MAX_DOWNLOADS / 2
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
        let now = self.0.service.clock().now();
        self.0.failures.get(&key).filter(|failure| now < failure.until)
    }

    fn remember(&self, key: FileKey, error: Option<Error>, ttl: Duration) {
        let until = self.0.service.clock().now() + ttl;
        self.0.failures.insert(key, Failure { error, until });
    }

    fn remember_error(&self, key: FileKey, error: &Error, priority: Priority) {
        if *error == Error::Dead && !priority.renews() {
            self.remember(key, None, NO_PREFETCH);
        } else if let Some(ttl) = error.negative_ttl() {
            self.remember(key, Some(error.clone()), ttl);
        }
    }

    /// Joins or starts the download of a file. Dropping the future does not cancel the download.
    pub(super) async fn fetch(
        &self,
        media: &MediaRef,
        known: KnownFile,
        priority: Priority,
    ) -> Result<Found, Error> {
        loop {
            let Flight { mut result, renews } = self.join(media, known, priority)?;
            let result = result.wait_for(Option::is_some).await.ok().and_then(|it| it.clone());
            match result {
                // The joined download is a prefetch, which does not renew URLs.
                Some(Err(Error::Dead)) if priority.renews() && !renews => {}
                Some(result) => return result,
                // The task panicked.
                None => return Err(service::Error::Internal.into()),
            }
        }
    }

    /// Identifies a file from its first bytes, without downloading the rest.
    pub(super) async fn identify(
        &self,
        media: &MediaRef,
        known: KnownFile,
        priority: Priority,
    ) -> Result<Found, Error> {
        if self.in_flight().contains_key(&known.key) {
            return self.fetch(media, known, priority).await;
        }
        match self.find(media, known, priority).await {
            Ok(Lookup::Cached(key)) => Ok(Found::Cached { key, is_new: false }),
            Ok(Lookup::Remote(_, remote, _)) => Ok(Found::Remote(remote)),
            Err(error) => {
                self.remember_error(known.key, &error, priority);
                Err(error)
            }
        }
    }

    fn in_flight(&self) -> MutexGuard<'_, HashMap<FileKey, Flight>> {
        self.0.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join(
        &self,
        media: &MediaRef,
        known: KnownFile,
        priority: Priority,
    ) -> Result<Flight, Error> {
        let mut in_flight = self.in_flight();
        if let Some(flight) = in_flight.get(&known.key) {
            return Ok(flight.clone());
        }
        if in_flight.len() >= MAX_IN_FLIGHT || self.0.stop.is_cancelled() {
            return Err(Error::BUSY);
        }
        let (sender, result) = watch::channel(None);
        let flight = Flight { result, renews: priority.renews() };
        in_flight.insert(known.key, flight.clone());
        drop(in_flight);
        let guard = FlightGuard { downloader: self.clone(), key: known.key, sender };
        let (downloader, media) = (self.clone(), media.clone());
        self.0.tasks.spawn(async move { downloader.run(&media, known, priority, guard).await });
        Ok(flight)
    }

    /// Runs a download from lookup to result.
    async fn run(
        &self,
        media: &MediaRef,
        known: KnownFile,
        priority: Priority,
        flight: FlightGuard,
    ) {
        let (key, remote, permit) = match self.find(media, known, priority).await {
            Ok(Lookup::Remote(key, remote, permit)) => (key, remote, permit),
            Ok(Lookup::Cached(key)) => {
                return flight.end(Ok(Found::Cached { key, is_new: false }));
            }
            Err(error) => {
                self.remember_error(known.key, &error, priority);
                return flight.end(Err(error));
            }
        };
        let found = Ok(Found::Remote(Arc::clone(&remote)));
        let entry = remote.entry().filter(|entry| entry.length <= self.0.max_file);
        let Some(entry) = entry else {
            // The length is unknown or exceeds the limit, so it is never cached.
            self.remember(key, None, NO_PREFETCH);
            return flight.end(found);
        };
        if entry.length <= MAX_SMALL {
            let Some(partial) = self.0.cache.create().await else { return flight.end(found) };
            let Some(open) = remote.take_open() else { return flight.end(found) };
            let result = match self.receive(key, entry, open, partial, &flight).await {
                Ok(()) => Ok(Found::Cached { key, is_new: true }),
                Err(NotStored::Disk) => found,
                Err(NotStored::Upstream(error)) => Err(error.into()),
            };
            if let Err(error) = &result {
                self.remember_error(key, error, priority);
            }
            drop(permit);
            return flight.end(result);
        }
        let Ok(_permit) = self.0.limit.try_acquire_large(permit) else { return flight.end(found) };
        let Some(partial) = self.0.cache.create().await else { return flight.end(found) };
        let Some(open) = remote.take_open() else { return flight.end(found) };
        flight.send(found);
        if let Err(NotStored::Upstream(error)) =
            self.receive(key, entry, open, partial, &flight).await
        {
            tracing::info!(%error, "the download of a large file broke off");
        }
    }

    /// Downloads a file to its end and stores it.
    async fn receive(
        &self,
        key: FileKey,
        entry: Entry,
        Open { start, mut rest }: Open,
        mut partial: PartialFile,
        flight: &FlightGuard,
    ) -> Result<(), NotStored> {
        let mut came = 0;
        let mut next = Some(start);
        while let Some(chunk) = next {
            if !self.0.cache.write(&mut partial, &chunk).await {
                return Err(NotStored::Disk);
            }
            came += chunk.len() as u64;
            if self.0.stop.is_cancelled() && !flight.has_waiters() {
                return Err(NotStored::Upstream(FileError::Slow));
            }
            next = rest.chunk().await.map_err(NotStored::Upstream)?;
        }
        if came != entry.length {
            return Err(NotStored::Upstream(FileError::Network(Cause::Other)));
        }
        match self.0.cache.store(key, entry, partial).await {
            true => Ok(()),
            false => Err(NotStored::Disk),
        }
    }

    /// Locates a file and identifies it by its first bytes.
    async fn find(
        &self,
        media: &MediaRef,
        known: KnownFile,
        priority: Priority,
    ) -> Result<Lookup, Error> {
        let mut located = self.locate(media, None, known, priority).await?;
        // `locate` may have fetched the channel's numeric ID, which is part of the key.
        let key = media.known(&self.0.service).await?.key;
        if self.is_cached(key, &located).await {
            return Ok(Lookup::Cached(key));
        }
        let permit = self.0.limit.acquire(priority.client_id).await?;
        let mut remote = self.request(media, &located).await;
        if remote.as_ref().is_err_and(|error| *error == Error::Dead) && priority.renews() {
            let dead = located.address;
            located = self.locate(media, Some(&dead), known, priority).await?;
            tracing::debug!("a dead file URL was renewed");
            if located.address != dead {
                remote = self.request(media, &located).await;
            }
        }
        Ok(Lookup::Remote(key, Arc::new(remote?), permit))
    }

    /// Locates a file. If its URL carries no identity, the file gets the caller's, so that the next lookup is a hit.
    async fn locate(
        &self,
        media: &MediaRef,
        dead: Option<&Address>,
        known: KnownFile,
        priority: Priority,
    ) -> Result<Located, Error> {
        let located = media.locate(&self.0.service, dead, priority).await?;
        Ok(Located { identity: located.identity.or(known.identity), ..located })
    }

    /// Whether a located file is cached: with the same identity, or without one and downloaded just now.
    async fn is_cached(&self, key: FileKey, located: &Located) -> bool {
        let Some(age) = self.0.cache.age(key, located.identity).await else { return false };
        if located.identity.is_some() {
            self.0.cache.confirm(key).await;
        }
        located.identity.is_some() || age < RECENT
    }

    async fn request(&self, media: &MediaRef, located: &Located) -> Result<PassThrough, Error> {
        let url = located.address.to_url().ok_or(Error::Unfit)?;
        let download = self.0.files.fetch(&url, None, MAX_FILE).await?;
        let now = self.0.service.clock().now();
        PassThrough::identify(download, url, media.expected(), located.identity, now).await
    }
}
