//! The files that are kept on disk.
//!
//! `<cache_dir>/<two digits>/<name>` are whole files; all that is known of one stands in its name (`entry`), the time of its
//! last use and of its last confirmation are its times of access and change. `<cache_dir>/incoming/` are those that arrive. So
//! the folder is its own list: at the start it is read through once (`folder`), and what a crash left is deleted.
//!
//! All files together take `media.cache_size` at most: the ones that were not used for longest go first (`index`). A file
//! that goes while somebody reads it takes its room until they are done (`readers`). A disk that is full or cannot be written
//! takes nothing but the keeping (`fault`).
//!
//! *Invariant*: a file has its name only when it is whole; nothing here blocks the runtime's threads.

mod entry;
mod fault;
mod folder;
mod index;
mod readers;
mod temporary;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

pub(super) use entry::Entry;
pub(super) use temporary::Temporary;

use crate::service::{Clock, FileKey};
use fault::Fault;
use index::Index;
use readers::Readers;

/// The folder of files that arrive.
const INCOMING: &str = "incoming";

/// How often a use is written on the disk.
const TOUCH: i64 = 60 * 60;

/// What is freed at least when the disk is full, before it is tried once more.
const ROOM: u64 = 16 * 1024 * 1024;

/// The files that are kept.
pub(super) struct Cache {
    /// `None`: nothing is kept.
    folder: Option<PathBuf>,
    limit: u64,
    index: Mutex<Index>,
    readers: Mutex<Readers>,
    fault: Fault,
    is_read: watch::Sender<bool>,
    clock: Clock,
}

/// A kept file, open.
pub(super) struct Kept {
    pub(super) entry: Entry,
    pub(super) file: Arc<File>,
    /// How long ago it was known to be what Telegram has.
    pub(super) age: Duration,
}

impl Cache {
    /// Over a folder, which [`Cache::read`] has to read.
    pub(super) fn new(folder: Option<PathBuf>, limit: u64, clock: Clock) -> Self {
        let is_read = watch::Sender::new(folder.is_none());
        Self {
            folder,
            limit,
            index: Mutex::default(),
            readers: Mutex::default(),
            fault: Fault::default(),
            is_read,
            clock,
        }
    }

    /// Finds out what is there. Until then everybody waits.
    pub(super) async fn read(&self) {
        if let Some(folder) = self.folder.clone() {
            let found = spawn_blocking(move || folder::read(&folder)).await;
            let found = found.unwrap_or_else(|_| Err(io::Error::other("the reading broke off")));
            self.fill(found);
        }
        self.is_read.send_replace(true);
    }

    fn fill(&self, found: io::Result<Vec<folder::Found>>) {
        let Some(folder) = &self.folder else { return };
        let found = match found {
            Ok(found) => found,
            Err(error) => return self.fault.failed(folder, &error, self.clock.now()),
        };
        let gone = {
            let mut index = self.index();
            for found in found {
                index.insert(found.key, found.entry, found.confirmed);
            }
            index.shrink(self.limit)
        };
        self.delete(gone);
        let index = self.index();
        tracing::info!(
            media.files = index.len(),
            media.size_bytes = index.size(),
            "files are kept in {}",
            folder.display()
        );
    }

    /// A kept file. With an identity: only that very file.
    pub(super) async fn open(&self, key: FileKey, identity: Option<u64>) -> Option<Kept> {
        self.wait().await;
        let folder = self.folder.as_ref()?;
        let now = self.now();
        let (slot, is_untouched) = {
            let mut index = self.index();
            let slot = index.get(key)?;
            if identity.is_some() && slot.entry.identity != identity {
                return None;
            }
            let slot = index.touch(key)?;
            let is_untouched = now - slot.touched >= TOUCH;
            if is_untouched {
                slot.touched = now;
            }
            (*slot, is_untouched)
        };
        let path = path_of(folder, key, &slot.entry);
        let (length, touched) = (slot.entry.length, is_untouched.then(|| self.clock.now()));
        let opened = spawn_blocking(move || folder::open(&path, length, touched)).await;
        let Ok(Ok(file)) = opened else {
            // Somebody else deleted it, or changed it.
            self.forget(key, &slot.entry);
            return None;
        };
        let file = Arc::new(file);
        self.readers().add(key, &slot.entry, &file);
        Some(Kept { entry: slot.entry, file, age: slot.age(now) })
    }

    /// Whether a file is kept, and how long ago it was known to be what Telegram has.
    pub(super) async fn age(&self, key: FileKey, identity: Option<u64>) -> Option<Duration> {
        self.wait().await;
        let index = self.index();
        let slot = index.get(key).filter(|slot| slot.entry.identity == identity)?;
        Some(slot.age(self.now()))
    }

    /// A kept file is what Telegram has.
    pub(super) async fn confirm(&self, key: FileKey) {
        let (Some(folder), now) = (&self.folder, self.clock.now()) else { return };
        let entry = {
            let mut index = self.index();
            index.confirm(key, now.timestamp());
            index.get(key).map(|slot| slot.entry)
        };
        if let Some(entry) = entry {
            let path = path_of(folder, key, &entry);
            // What is not written is confirmed once more after the next start.
            drop(spawn_blocking(move || folder::confirm(&path, now)).await);
        }
    }

    /// Whether files can be kept at present: the disk takes them, and what was deleted is not all still read by somebody.
    pub(super) fn is_open(&self) -> bool {
        self.fault.is_over(self.clock.now()) && self.readers().deleted() <= self.limit
    }

    /// A place for a file that arrives; `None`: nothing can be kept at present.
    pub(super) async fn begin(&self) -> Option<Temporary> {
        let folder = self.folder.as_ref().filter(|_| self.is_open())?;
        let incoming = folder.join(INCOMING);
        let created = spawn_blocking(move || {
            std::fs::create_dir_all(&incoming)?;
            Temporary::create(&incoming)
        });
        match created.await {
            Ok(Ok(temporary)) => Some(temporary),
            Ok(Err(error)) => {
                self.fault.failed(folder, &error, self.clock.now());
                None
            }
            Err(_) => None,
        }
    }

    /// Writes what arrives. When the disk is full, the oldest files make room, once.
    ///
    /// # Errors
    /// When it cannot be written; that is told in the log.
    pub(super) async fn write(
        &self,
        temporary: &Temporary,
        at: u64,
        bytes: Bytes,
    ) -> io::Result<()> {
        let mut written = temporary.write(at, bytes.clone()).await;
        if written.as_ref().is_err_and(is_full) {
            let gone = {
                let mut index = self.index();
                let limit = index.size().saturating_sub(ROOM);
                index.shrink(limit)
            };
            if !gone.is_empty() {
                self.delete_now(gone).await;
                written = temporary.write(at, bytes).await;
            }
        }
        if let (Err(error), Some(folder)) = (&written, &self.folder) {
            self.fault.failed(folder, error, self.clock.now());
        }
        written
    }

    /// Keeps a file that has arrived as a whole.
    pub(super) async fn keep(&self, key: FileKey, entry: Entry, temporary: Temporary) {
        let Some(folder) = self.folder.clone() else { return };
        self.readers().add(key, &entry, &temporary.file);
        let (path, now) = (path_of(&folder, key, &entry), self.clock.now());
        let kept = spawn_blocking(move || folder::keep(temporary, &path, &entry, now)).await;
        match kept.unwrap_or_else(|_| Err(io::Error::other("the keeping broke off"))) {
            Ok(()) => self.fault.worked(&folder),
            Err(error) => return self.fault.failed(&folder, &error, now),
        }
        let gone = {
            let mut index = self.index();
            let former = index.insert(key, entry, now.timestamp());
            let former = former.filter(|former| *former != entry).map(|former| (key, former));
            former.into_iter().chain(index.shrink(self.limit)).collect()
        };
        self.delete(gone);
    }

    /// Takes a file out that is not there any more.
    fn forget(&self, key: FileKey, entry: &Entry) {
        let mut index = self.index();
        if index.get(key).is_some_and(|slot| slot.entry == *entry) {
            index.remove(key);
        }
    }

    fn delete(&self, gone: Vec<(FileKey, Entry)>) {
        if let Some(paths) = self.paths(gone) {
            drop(spawn_blocking(move || folder::delete(&paths)));
        }
    }

    async fn delete_now(&self, gone: Vec<(FileKey, Entry)>) {
        if let Some(paths) = self.paths(gone) {
            drop(spawn_blocking(move || folder::delete(&paths)).await);
        }
    }

    fn paths(&self, gone: Vec<(FileKey, Entry)>) -> Option<Vec<PathBuf>> {
        let folder = self.folder.as_ref().filter(|_| !gone.is_empty())?;
        let mut readers = self.readers();
        gone.iter().for_each(|(key, entry)| readers.delete(*key, entry));
        drop(readers);
        Some(gone.into_iter().map(|(key, entry)| path_of(folder, key, &entry)).collect())
    }

    /// Waits until the folder is read.
    async fn wait(&self) {
        // The sender is ours: there is no error.
        drop(self.is_read.subscribe().wait_for(|is_read| *is_read).await);
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }

    fn readers(&self) -> MutexGuard<'_, Readers> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The index is whole between any two statements that can panic, so a poisoned lock is still good.
    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The disk, or what this user may take of it.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn path_of(folder: &Path, key: FileKey, entry: &Entry) -> PathBuf {
    let name = entry::name(key, entry);
    folder.join(&name[..2]).join(name)
}
