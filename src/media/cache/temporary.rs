//! A file that is being written: whole under its name one day, or gone.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::task::spawn_blocking;

/// How many files were begun.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A file that is being written. Dropped, it is deleted, unless it was kept; who reads it still can.
#[derive(Debug)]
pub(in crate::media) struct Temporary {
    /// Written by one, read by many, each at a place of its own.
    pub(in crate::media) file: Arc<File>,
    path: Option<PathBuf>,
}

impl Temporary {
    /// Blocks.
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // Another feedline over the same folder may have our number, in a container of its own.
        let random = RandomState::new().hash_one(number);
        let path = folder.join(format!("{:x}-{random:016x}.part", process::id()));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        let file = Arc::new(options.open(&path)?);
        Ok(Self { file, path: Some(path) })
    }

    /// Over a file that a test gives.
    #[cfg(test)]
    pub(in crate::media) fn over(file: File) -> Self {
        Self { file: Arc::new(file), path: None }
    }

    /// Writes at a place.
    ///
    /// # Errors
    /// As the disk has it.
    pub(super) async fn write(&self, at: u64, bytes: Bytes) -> io::Result<()> {
        let file = Arc::clone(&self.file);
        let written = spawn_blocking(move || file.write_all_at(&bytes, at)).await;
        written.unwrap_or_else(|_| Err(io::Error::other("the writing did not come to an end")))
    }

    /// Gives it its name. Blocks.
    pub(super) fn rename(mut self, path: &Path) -> io::Result<()> {
        if let Some(from) = &self.path {
            std::fs::rename(from, path)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            // What cannot be deleted now is deleted at the next start.
            let delete = move || drop(std::fs::remove_file(path));
            match tokio::runtime::Handle::try_current() {
                Ok(runtime) => drop(runtime.spawn_blocking(delete)),
                Err(_) => delete(),
            }
        }
    }
}
