//! The media proxy and its disk cache.
//!
//! Telegram's file URLs expire within hours or days; feedline's URLs consist of channel and message, and are stable.
//! [`Media::open`] serves a cache hit, or locates the file at Telegram in single flight (`download`) and renews a dead
//! URL through the post's embed. Small files (up to 8 MiB) are downloaded whole, stored and served from the cache.
//! Large files pass through: each request goes to Telegram's CDN with its range (`pass_through`), while one background
//! task stores the file if it is within `media.max_file`. A file of unknown length passes through and is never cached,
//! because a truncated one cannot be detected; small files pass through too while nothing can be stored.
//!
//! *Invariants*: no header of Telegram's servers passes through, responses consist of typed values; a file in transit
//! takes one chunk of memory for each reader; the first bytes decide the type of a file (`sniff`); clients take
//! precedence over `prefetch`.

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
use serde::{Deserialize, Deserializer};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use cache::CachedFile;
pub use error::Error;
pub use media_ref::MediaRef;
pub use pass_through::{Body, PassThrough};
pub use range::RangeRequest;

use crate::model::options::MediaMode;
use crate::net::FileClient;
pub use crate::net::FileError;
use crate::service::{self, Class, ClientId, KnownFile, Service};
use crate::setting::{self, GIB, MIB, TIB, size};
use crate::text::Address;
use cache::Cache;
use download::{Downloader, Found};
use limit::ConcurrencyLimit;
use media_ref::FileRequest;
use prefetch::Prefetch;

/// The limit of concurrent files that pass through.
const MAX_PASS_THROUGH: usize = 48;

/// The TTL of a cached file without an identity: an edit may have replaced the file.
const TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The same for a channel's avatar.
const AVATAR_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// `[media]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Also the default of the feed option `media`.
    #[serde(rename = "media.mode")]
    pub mode: MediaMode,
    /// The folder of the cache, absolute once loaded. `None`: caching is off, which no setting selects.
    #[serde(rename = "media.cache_dir", deserialize_with = "cache_dir")]
    pub cache_dir: Option<PathBuf>,
    /// The size limit of all cached files together.
    #[serde(
        rename = "media.cache_size",
        deserialize_with = "size::<_, { 16 * MIB }, { 64 * TIB }>"
    )]
    pub cache_size: ByteSize,
    /// The largest file that is cached.
    #[serde(rename = "media.max_file", deserialize_with = "size::<_, MIB, { 4 * GIB }>")]
    pub max_file: ByteSize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: MediaMode::Proxy,
            cache_dir: Some(PathBuf::from("data/media")),
            cache_size: ByteSize::gib(2),
            max_file: ByteSize::mib(64),
        }
    }
}

fn cache_dir<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
    setting::parsed(from, |path| if path.is_empty() { Err("") } else { Ok(Some(path.into())) })
}

#[derive(Debug)]
pub enum Answer {
    File(MediaFile),
    /// The file's current URL at Telegram, if the operator chose redirects.
    Redirect(Address),
}

#[derive(Debug)]
pub struct MediaFile {
    /// Detected from the first bytes, and allowed for this kind of file: never HTML, never SVG.
    pub media_type: &'static str,
    /// In bytes; `None` if the CDN does not announce it.
    pub length: Option<u64>,
    /// A strong entity tag with its quotation marks. The same bytes have the same tag, if the length is known.
    pub etag: String,
    /// Last modification, to the second. Set once the file is cached; before that, it would differ between requests.
    pub modified: Option<DateTime<Utc>>,
    pub source: Source,
    pub content: Content,
}

/// The source of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Cache hit.
    Cached,
    /// Cache miss: downloaded for this request and stored.
    Downloaded,
    /// Telegram's CDN.
    PassThrough,
    /// Telegram's CDN, without a length: a truncated file cannot be detected.
    UnknownLength,
}

#[derive(Debug)]
pub enum Content {
    Cached(CachedFile),
    /// Read with [`Media::read`].
    Remote(Arc<PassThrough>),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Media(Arc<Inner>);

struct Inner {
    service: Service,
    files: FileClient,
    settings: Settings,
    tasks: TaskTracker,
    cache: Arc<Cache>,
    downloader: Arc<Downloader>,
    pass_through: ConcurrencyLimit,
    prefetch: Prefetch,
}

impl Media {
    /// Reads nothing before [`Media::run`]. Downloads run in `tasks`; shutdown waits for them.
    pub fn new(
        service: Service,
        files: FileClient,
        settings: Settings,
        tasks: &TaskTracker,
    ) -> Self {
        let folder = settings.cache_dir.clone().filter(|_| settings.mode == MediaMode::Proxy);
        let cache =
            Arc::new(Cache::new(folder, settings.cache_size.as_u64(), service.clock().clone()));
        let downloader = Arc::new(Downloader::new(
            service.clone(),
            files.clone(),
            Arc::clone(&cache),
            settings.max_file.as_u64(),
            tasks.clone(),
        ));
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

    /// Loads the cache, which all requests wait for. Prefetches until `stop`: files of [`Media::prefetch`], and the
    /// photos of followed channels after each refresh. Then ends downloads without waiters.
    pub async fn run(&self, stop: CancellationToken) {
        let Inner { service, cache, downloader, .. } = &*self.0;
        let loading = Arc::clone(cache);
        self.0.tasks.spawn(async move { loading.load().await });
        let has_cache =
            self.0.settings.mode == MediaMode::Proxy && self.0.settings.cache_dir.is_some();
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.0.prefetch.run(service, downloader), if has_cache => {}
        }
        stop.cancelled().await;
        downloader.stop();
    }

    /// Queues a file for prefetching. Returns `false` if the queue is full.
    pub fn prefetch(&self, media: MediaRef) -> bool {
        self.0.prefetch.add(media)
    }

    /// Opens a file. With `is_head`, only its first bytes are downloaded.
    ///
    /// Dropping the future does not cancel a download.
    pub async fn open(
        &self,
        media: &MediaRef,
        is_head: bool,
        client_id: ClientId,
    ) -> Result<Answer, Error> {
        let Inner { service, cache, downloader, .. } = &*self.0;
        if self.0.settings.mode != MediaMode::Proxy {
            return Ok(Answer::Redirect(self.locate(media, client_id).await?));
        }
        let known = media.known(service).await?;
        if known.is_missing {
            return Err(service::Error::NoSuchFile.into());
        }
        if let Some(file) = cache.lookup(known.key, known.identity).await {
            self.revalidate(media, known, &file, client_id);
            return Ok(Answer::File(cached(file, Source::Cached)));
        }
        if let Some(error) = downloader.failure(known.key) {
            return Err(error);
        }
        let request = FileRequest { media: media.clone(), known, client_id, class: Class::Media };
        let found = if is_head {
            downloader.identify(&request).await?
        } else {
            downloader.fetch(&request).await?
        };
        let file = match found {
            Found::Cached { key, is_new } => {
                // The file was evicted right after it was stored.
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

    /// The file's current URL at Telegram.
    pub async fn locate(&self, media: &MediaRef, client_id: ClientId) -> Result<Address, Error> {
        Ok(media.locate(&self.0.service, None, Class::Media, client_id).await?.address)
    }

    /// The bytes of a file that passes through, or of a range of it.
    pub async fn read(
        &self,
        remote: &PassThrough,
        range: Option<RangeInclusive<u64>>,
        client_id: ClientId,
    ) -> Result<Body, Error> {
        let permit = self.0.pass_through.try_acquire(client_id)?;
        remote.read(&self.0.files, range, permit).await
    }

    /// Downloads an expired file without an identity again, in the background.
    fn revalidate(
        &self,
        media: &MediaRef,
        known: KnownFile,
        file: &CachedFile,
        client_id: ClientId,
    ) {
        let ttl = if media.is_avatar() { AVATAR_TTL } else { TTL };
        let downloader = Arc::clone(&self.0.downloader);
        if known.identity.is_some() || file.age < ttl || !downloader.may_prefetch(known.key) {
            return;
        }
        let (media, class) = (media.clone(), Class::Background);
        let request = FileRequest { media, known, client_id, class };
        self.0.tasks.spawn(async move {
            if let Err(error) = downloader.fetch(&request).await {
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
