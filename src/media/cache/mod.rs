//! The disk cache of media files.
//!
//! Complete files are `<cache_dir>/<two digits>/<name>`; the name holds the file's metadata (`entry`), and its access
//! and modification times are those of its last use and confirmation. Incomplete files are in `<cache_dir>/incoming/`
//! and are renamed when complete. So the folder is its own index, scanned at startup (`folder`).
//!
//! All files together take at most `media.cache_size`, with LRU eviction (`index`). A write error, such as a full disk,
//! pauses storing for a minute; meanwhile files are served but not cached.
//!
//! *Invariant*: only complete files have their final name; nothing here blocks the runtime's threads.

mod entry;
mod folder;
mod index;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tempfile::TempPath;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

pub(super) use entry::Entry;

use crate::service::{Clock, FileKey};
use index::Index;

/// How often the use of a file is recorded on disk, in seconds.
const TOUCH_INTERVAL: i64 = 60 * 60;

/// The back-off after a write error.
const PAUSE: Duration = Duration::from_secs(60);

/// Bytes to evict when the disk is full, so that the next file fits.
const SPACE: u64 = 16 * 1024 * 1024;

pub(super) struct Cache {
    /// `None`: caching is off.
    folder: Option<PathBuf>,
    limit: u64,
    index: Mutex<Index>,
    /// Set by a write error, until a file is stored.
    paused_until: Mutex<Option<DateTime<Utc>>>,
    is_loaded: watch::Sender<bool>,
    clock: Clock,
}

/// A cached file. Its disk space counts until this is dropped, even after eviction.
#[derive(Debug)]
pub struct CachedFile {
    pub(super) entry: Entry,
    /// Time since the last confirmation that the file is current at Telegram.
    pub(super) age: Duration,
    path: PathBuf,
    _reader: Arc<()>,
}

impl CachedFile {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A file being written. It is deleted if dropped before [`Cache::store`].
pub(super) struct PartialFile {
    file: tokio::fs::File,
    path: TempPath,
}

impl Cache {
    /// Creates an empty cache. [`Cache::load`] has to scan the folder.
    pub(super) fn new(folder: Option<PathBuf>, limit: u64, clock: Clock) -> Self {
        Self {
            is_loaded: watch::Sender::new(folder.is_none()),
            folder,
            limit,
            index: Mutex::default(),
            paused_until: Mutex::default(),
            clock,
        }
    }

    /// Scans the folder. All lookups wait for it.
    pub(super) async fn load(&self) {
        if let Some(folder) = &self.folder {
            let scanned = folder.clone();
            match blocking(move || folder::scan(&scanned)).await {
                Ok(found) => self.fill(folder, found),
                Err(error) => self.write_failed(folder, &error),
            }
        }
        self.is_loaded.send_replace(true);
    }

    fn fill(&self, folder: &Path, found: Vec<folder::ScannedFile>) {
        let mut index = self.index();
        for found in found {
            index.insert(found.key, found.entry, found.confirmed);
        }
        let removed = index.shrink(self.limit);
        tracing::info!(
            media.files = index.len(),
            media.size_bytes = index.size(),
            "media is cached in {}",
            folder.display()
        );
        drop(index);
        self.delete(folder, removed);
    }

    /// Looks a file up. With an identity, only a file with that identity is a hit.
    pub(super) async fn lookup(&self, key: FileKey, identity: Option<u64>) -> Option<CachedFile> {
        let folder = self.loaded_folder().await?;
        loop {
            let now = self.clock.now();
            let (slot, is_due) = {
                let mut index = self.index();
                let slot = index.get(key)?;
                if identity.is_some() && slot.entry.identity != identity {
                    return None;
                }
                let slot = index.touch(key)?;
                let is_due = now.timestamp() - slot.touched >= TOUCH_INTERVAL;
                if is_due {
                    slot.touched = now.timestamp();
                }
                (slot.clone(), is_due)
            };
            let path = folder::path_of(folder, key, &slot.entry);
            let (checked, length, used) = (path.clone(), slot.entry.length, is_due.then_some(now));
            let Err(error) = blocking(move || folder::check(&checked, length, used)).await else {
                let age = age(slot.confirmed, now);
                return Some(CachedFile { entry: slot.entry, age, path, _reader: slot.readers });
            };
            let mut index = self.index();
            if index.get(key).is_some_and(|present| present.entry != slot.entry) {
                // The file was replaced meanwhile.
                continue;
            }
            // Another process deleted or changed it.
            tracing::info!("a cached file is gone, {}: {error}", path.display());
            index.remove(key);
            return None;
        }
    }

    /// Time since the last confirmation of the file with this identity; `None` on a cache miss.
    pub(super) async fn age(&self, key: FileKey, identity: Option<u64>) -> Option<Duration> {
        self.loaded_folder().await?;
        let index = self.index();
        let slot = index.get(key).filter(|slot| slot.entry.identity == identity)?;
        Some(age(slot.confirmed, self.clock.now()))
    }

    /// Records that a cached file is current at Telegram.
    pub(super) async fn confirm(&self, key: FileKey) {
        let (Some(folder), now) = (&self.folder, self.clock.now()) else { return };
        let Some(entry) = self.index().confirm(key, now.timestamp()) else { return };
        let path = folder::path_of(folder, key, &entry);
        if let Err(error) = blocking(move || folder::confirm(&path, now)).await {
            tracing::debug!(%error, "a cached file is confirmed in memory only");
        }
    }

    /// Whether storing is possible: no recent write error, and evicted files that are still read fit the limit.
    pub(super) fn is_writable(&self) -> bool {
        let is_paused = self.paused().is_some_and(|until| self.clock.now() < until);
        self.folder.is_some() && !is_paused && self.index().deleted() <= self.limit
    }

    /// Creates a file to write to; `None` if storing is not possible.
    pub(super) async fn create(&self) -> Option<PartialFile> {
        let folder = self.folder.as_ref().filter(|_| self.is_writable())?;
        let parent = folder.clone();
        match blocking(move || folder::create(&parent)).await {
            Ok(file) => {
                let (file, path) = file.into_parts();
                Some(PartialFile { file: tokio::fs::File::from_std(file), path })
            }
            Err(error) => {
                self.write_failed(folder, &error);
                None
            }
        }
    }

    /// Appends to a file. Returns `false` after a write error, which is logged.
    pub(super) async fn write(&self, partial: &mut PartialFile, bytes: &[u8]) -> bool {
        let result = partial.file.write_all(bytes).await;
        if let (Err(error), Some(folder)) = (&result, &self.folder) {
            self.write_failed(folder, error);
        }
        result.is_ok()
    }

    /// Stores a complete file. Returns `false` after a write error, which is logged.
    pub(super) async fn store(&self, key: FileKey, entry: Entry, partial: PartialFile) -> bool {
        let Some(folder) = &self.folder else { return false };
        let now = self.clock.now();
        let PartialFile { mut file, path: from } = partial;
        let path = folder::path_of(folder, key, &entry);
        let stored = async {
            file.flush().await?;
            let file = file.into_std().await;
            blocking(move || folder::persist(&file, from, &path, entry.length, now)).await
        };
        if let Err(error) = stored.await {
            self.write_failed(folder, &error);
            return false;
        }
        if self.paused().take().is_some() {
            tracing::info!("media is cached in {} again", folder.display());
        }
        let removed = {
            let mut index = self.index();
            let former = index.insert(key, entry, now.timestamp());
            let former = former.filter(|former| *former != entry).map(|former| (key, former));
            former.into_iter().chain(index.shrink(self.limit)).collect()
        };
        self.delete(folder, removed);
        true
    }

    /// Pauses storing, and evicts files if the disk is full. Only the first of consecutive errors is a warning.
    fn write_failed(&self, folder: &Path, error: &io::Error) {
        let is_full =
            matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        if self.paused().replace(self.clock.now() + PAUSE).is_some() {
            tracing::debug!(%error, "media still cannot be cached");
        } else {
            let help = if is_full {
                "free space, or lower media.cache_size"
            } else {
                "let feedline write there, or set another folder with media.cache_dir"
            };
            tracing::warn!(
                "media cannot be cached in {}: {error}. Files pass through from Telegram; {help}. feedline tries again every minute",
                folder.display()
            );
        }
        if is_full {
            let mut index = self.index();
            let limit = index.size().saturating_sub(SPACE);
            let removed = index.shrink(limit);
            drop(index);
            self.delete(folder, removed);
        }
    }

    /// Deletes files in the background.
    fn delete(&self, folder: &Path, removed: Vec<(FileKey, Entry)>) {
        if removed.is_empty() {
            return;
        }
        let folder = folder.to_owned();
        drop(spawn_blocking(move || {
            for (key, entry) in removed {
                folder::delete(&folder::path_of(&folder, key, &entry));
            }
        }));
    }

    /// The folder, after the scan.
    async fn loaded_folder(&self) -> Option<&Path> {
        let folder = self.folder.as_deref()?;
        // `wait_for` fails only if the sender is dropped, and `self` owns it.
        drop(self.is_loaded.subscribe().wait_for(|is_loaded| *is_loaded).await);
        Some(folder)
    }

    fn paused(&self) -> MutexGuard<'_, Option<DateTime<Utc>>> {
        self.paused_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The index is consistent between any two statements that can panic, so a poisoned lock is usable.
    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

fn age(confirmed: i64, now: DateTime<Utc>) -> Duration {
    Duration::from_secs(u64::try_from(now.timestamp() - confirmed).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn full_disk_pauses_storing_and_evicts_files() {
        let Clock::Simulated(time) = Clock::simulated("2026-05-10T12:00:00Z".parse().unwrap())
        else {
            unreachable!("it was just made")
        };
        let folder = tempfile::TempDir::new().unwrap();
        let clock = Clock::Simulated(time.clone());
        let cache = Cache::new(Some(folder.path().to_owned()), 1 << 20, clock);
        cache.load().await;
        let key = FileKey::emoji(1);
        let media_type = "image/jpeg";
        let entry = Entry { identity: None, fingerprint: 5, length: 3, modified: 0, media_type };
        let mut partial = cache.create().await.unwrap();
        assert!(cache.write(&mut partial, b"old").await);
        assert!(cache.store(key, entry, partial).await);
        assert!(cache.lookup(key, None).await.is_some());

        let mut partial = cache.create().await.unwrap();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        partial.file = tokio::fs::File::from_std(full);
        // The write runs in the background, so the error may come with the next call.
        let is_written = cache.write(&mut partial, b"new").await;
        let is_stored = is_written && cache.store(FileKey::emoji(2), entry, partial).await;
        assert!(!is_stored);
        assert!(cache.lookup(key, None).await.is_none(), "it made space");
        assert!(cache.create().await.is_none(), "storing is paused");
        time.leap(Duration::from_secs(61));
        assert!(cache.create().await.is_some());
        let incoming = folder.path().join("incoming");
        assert_eq!(std::fs::read_dir(incoming).unwrap().count(), 0, "nothing incomplete is left");
    }
}
