//! Media files: the proxy and its disk cache.
//!
//! Telegram's file URLs die within hours or days; ours are made of channel and message, and stay. [`Media::open`] looks into
//! the cache, and otherwise finds the file at Telegram in single flight (`download`), renewing a dead URL through the post's
//! embed. From there on, there are two cases:
//!
//! - *Small files* (up to 8 MiB) are downloaded whole, stored and served from the cache.
//! - *Large files* pass through: each request goes to Telegram's CDN with its range (`pass_through`), while one background
//!   task stores the file if it is within `media.max_file`.
//!
//! A file whose length the CDN does not announce passes through whatever its size, and is never cached, because nobody can
//! tell whether it is complete: so no download has to change from one case to the other. Small files pass through too while
//! nothing can be stored.
//!
//! *Invariants*: no header of Telegram's servers comes through, an answer is made of typed values; a file in transit takes one
//! chunk of memory for each reader; the first bytes decide what a file is (`sniff`); clients go before `prefetch`.

mod cache;
mod download;
mod error;
mod limit;
mod media_ref;
mod pass_through;
mod prefetch;
mod range;
mod sniff;

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytesize::ByteSize;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use cache::CachedFile;
pub use error::{Error, Outage};
pub use media_ref::MediaRef;
pub use pass_through::{Body, PassThrough};
pub use range::RangeRequest;

use crate::net::FileClient;
use crate::service::{self, Class, ClientId, KnownFile, Service};
use crate::text::Address;
use cache::Cache;
use download::{Downloader, Found};
use limit::ConcurrencyLimit;
use media_ref::Priority;
use prefetch::Prefetch;

/// Files that pass through at once.
const MAX_PASS_THROUGH: usize = 48;

/// How long a cached file that nothing identifies counts as what Telegram has: an edit may have put another in its place.
const TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The same for a channel's avatar.
const AVATAR_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// `[media]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What feeds do by default follows from it: `service::Settings::feed` has it as an option.
    pub mode: Mode,
    /// The folder of cached files, absolute once loaded; `None`: nothing is cached.
    pub cache_dir: Option<PathBuf>,
    /// The size of all cached files together.
    pub cache_size: ByteSize,
    /// The largest file that is cached.
    pub max_file: ByteSize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::Proxy,
            cache_dir: Some(PathBuf::from("data/media")),
            cache_size: ByteSize::gib(2),
            max_file: ByteSize::mib(64),
        }
    }
}

/// Where files come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// From us.
    Proxy,
    /// From Telegram, by a redirect from our URL.
    Redirect,
    /// Feeds and pages only name files. Requests for one are redirected.
    None,
}

/// The response to a request for a file.
#[derive(Debug)]
pub enum Answer {
    /// The file.
    File(MediaFile),
    /// It is at this address now, where the operator wants clients to go.
    Redirect(Address),
}

/// A file that can be served.
#[derive(Debug)]
pub struct MediaFile {
    /// By the first bytes, and allowed for its kind: never HTML, never SVG.
    pub media_type: &'static str,
    /// Unknown if the CDN does not announce it.
    pub length: Option<u64>,
    /// A strong entity tag, quotation marks included: the same bytes have the same one.
    pub etag: String,
    /// When it last changed, to the second. Set once it is cached: before, each request would be told another time.
    pub modified: Option<DateTime<Utc>>,
    /// Where it comes from.
    pub source: Source,
    /// Its bytes.
    pub content: Content,
}

/// Where a file comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It was in the cache.
    Cached,
    /// It was downloaded for this request, and is in the cache now.
    Downloaded,
    /// Telegram's CDN.
    PassThrough,
    /// Telegram's CDN, which does not announce the length: nobody can tell whether the file is complete.
    UnknownLength,
}

/// Where the bytes of a file are read.
#[derive(Debug)]
pub enum Content {
    /// On the disk.
    Cached(CachedFile),
    /// By [`Media::read`].
    Remote(Arc<PassThrough>),
}

/// Media files. Cheap to clone.
#[derive(Clone)]
pub struct Media(Arc<Inner>);

struct Inner {
    service: Service,
    files: FileClient,
    settings: Settings,
    tasks: TaskTracker,
    cache: Arc<Cache>,
    downloader: Downloader,
    pass_through: ConcurrencyLimit,
    prefetch: Prefetch,
}

impl Media {
    /// Nothing is read before [`Media::run`]. Downloads run in `tasks`, which a stop waits for.
    pub fn new(
        service: Service,
        files: FileClient,
        settings: Settings,
        tasks: &TaskTracker,
    ) -> Self {
        let folder = settings.cache_dir.clone().filter(|_| settings.mode == Mode::Proxy);
        let cache =
            Arc::new(Cache::new(folder, settings.cache_size.as_u64(), service.clock().clone()));
        let downloader = Downloader::new(
            service.clone(),
            files.clone(),
            Arc::clone(&cache),
            settings.max_file.as_u64(),
            tasks.clone(),
        );
        Self(Arc::new(Inner {
            service,
            files,
            settings,
            tasks: tasks.clone(),
            cache,
            downloader,
            pass_through: ConcurrencyLimit::new(MAX_PASS_THROUGH),
            prefetch: Prefetch::new(),
        }))
    }

    /// Loads the cache, for which all requests wait, and prefetches until `stop`: files of [`Media::prefetch`], and the photos
    /// of followed channels after each refresh. Then downloads that nobody waits for end.
    pub async fn run(&self, stop: CancellationToken) {
        let Inner { service, cache, downloader, .. } = &*self.0;
        let loading = Arc::clone(cache);
        self.0.tasks.spawn(async move { loading.load().await });
        let has_cache = self.0.settings.mode == Mode::Proxy && self.0.settings.cache_dir.is_some();
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.0.prefetch.run(service, cache, downloader), if has_cache => {}
        }
        stop.cancelled().await;
        downloader.stop();
    }

    /// Queues a file for download while nobody waits for one. `false`: the queue is full.
    pub fn prefetch(&self, media: MediaRef) -> bool {
        self.0.prefetch.add(media)
    }

    /// Finds a file. With `is_head`, nothing but its first bytes is downloaded.
    ///
    /// Dropping the future ends no download.
    pub async fn open(
        &self,
        media: &MediaRef,
        is_head: bool,
        client_id: ClientId,
    ) -> Result<Answer, Error> {
        let Inner { service, cache, downloader, .. } = &*self.0;
        let priority = Priority::client(client_id);
        if self.0.settings.mode != Mode::Proxy {
            return Ok(Answer::Redirect(media.locate(service, None, priority).await?.address));
        }
        let known = media.known(service).await?;
        if known.is_missing {
            return Err(service::Error::NoSuchFile.into());
        }
        if let Some(file) = cache.lookup(known.key, known.identity).await {
            self.revalidate(media, known, &file, priority);
            return Ok(Answer::File(cached(file, Source::Cached)));
        }
        if let Some(error) = downloader.failure(known.key) {
            return Err(error);
        }
        let found = if is_head {
            downloader.identify(media, known, priority).await?
        } else {
            downloader.fetch(media, known, priority).await?
        };
        let file = match found {
            Found::Cached { key, is_new } => {
                // It was evicted at once.
                let file = cache.lookup(key, None).await.ok_or(Error::BUSY)?;
                cached(file, if is_new { Source::Downloaded } else { Source::Cached })
            }
            Found::Remote(remote) => pass_through(remote),
        };
        let identity = file.identity();
        if known.is_another(identity) && media.known(service).await?.is_another(identity) {
            // The post was edited meanwhile.
            return Err(Error::BUSY);
        }
        Ok(Answer::File(file))
    }

    /// The bytes of a range of a file that passes through, or all.
    pub async fn read(
        &self,
        remote: &PassThrough,
        range: Option<RangeInclusive<u64>>,
        client_id: ClientId,
    ) -> Result<Body, Error> {
        let permit = self.0.pass_through.try_acquire(client_id)?;
        remote.read(&self.0.files, range, permit).await
    }

    /// Downloads a file that nothing identifies again when it is old, in the background.
    fn revalidate(
        &self,
        media: &MediaRef,
        known: KnownFile,
        file: &CachedFile,
        priority: Priority,
    ) {
        let ttl = if media.is_avatar() { AVATAR_TTL } else { TTL };
        let downloader = self.0.downloader.clone();
        if known.identity.is_some() || file.age < ttl || !downloader.may_prefetch(known.key) {
            return;
        }
        let media = media.clone();
        let priority = Priority { class: Class::Background, ..priority };
        self.0.tasks.spawn(async move {
            if let Err(error) = downloader.fetch(&media, known, priority).await {
                tracing::debug!(%error, "a cached file was not revalidated");
            }
        });
    }
}

impl MediaFile {
    fn identity(&self) -> Option<u64> {
        match &self.content {
            Content::Cached(file) => file.entry.identity,
            Content::Remote(remote) => remote.identity,
        }
    }
}

fn cached(file: CachedFile, source: Source) -> MediaFile {
    MediaFile {
        media_type: file.entry.media_type,
        length: Some(file.entry.length),
        etag: etag(file.entry.fingerprint),
        modified: DateTime::from_timestamp(file.entry.modified, 0),
        source,
        content: Content::Cached(file),
    }
}

fn pass_through(remote: Arc<PassThrough>) -> MediaFile {
    MediaFile {
        media_type: remote.media_type,
        length: remote.length,
        etag: etag(remote.fingerprint),
        modified: None,
        source: if remote.length.is_some() { Source::PassThrough } else { Source::UnknownLength },
        content: Content::Remote(remote),
    }
}

fn etag(fingerprint: u128) -> String {
    format!("\"{fingerprint:032x}\"")
}
