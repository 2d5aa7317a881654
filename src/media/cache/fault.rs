//! What is wrong with the disk: told once, and tried again after a while.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

/// How long nothing is written after a failure.
const PAUSE: Duration = Duration::from_secs(60);

/// Whether files can be kept.
#[derive(Debug, Default)]
pub(super) struct Fault(Mutex<Option<DateTime<Utc>>>);

impl Fault {
    /// Whether it is worth trying.
    pub(super) fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.lock().is_none_or(|until| now >= until)
    }

    /// A file could not be written. Only the first failure of a row is told.
    pub(super) fn failed(&self, folder: &Path, error: &io::Error, now: DateTime<Utc>) {
        let is_first = self.lock().replace(now + PAUSE).is_none();
        if !is_first {
            tracing::debug!(%error, "files still cannot be kept");
            return;
        }
        let help = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "free space, or lower media.cache_size"
            }
            _ => "let feedline write there, or give another folder with media.cache_dir",
        };
        tracing::warn!(
            "files cannot be kept in {}: {error}. They pass through from Telegram meanwhile; {help}. It is tried again every minute",
            folder.display()
        );
    }

    /// A file was written.
    pub(super) fn worked(&self, folder: &Path) {
        if self.lock().take().is_some() {
            tracing::info!("files are kept in {} again", folder.display());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
