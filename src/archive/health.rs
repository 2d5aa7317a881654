//! The health of the archive: the last write error, damage, undecodable rows and the identity of the file. The
//! readiness probe reads it.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::Error;

/// The maximum number of undecodable rows that are counted.
const MOST_ROWS: usize = 1000;

/// Shared by the writer and all readers.
#[derive(Clone, Debug, Default)]
pub(super) struct Health {
    said: Arc<Mutex<Said>>,
    opened: Arc<Mutex<Opened>>,
}

#[derive(Debug, Default)]
struct Said {
    /// Error of the last write.
    write: Option<Error>,
    /// Damage that was found. A later successful write does not clear it.
    damage: Option<Error>,
    /// Undecodable rows, by table and row id.
    set_aside: BTreeSet<(&'static str, i64)>,
}

/// The device and inode of the file that was opened first. feedline holds row ids of this file in memory.
#[derive(Debug, Default)]
struct Opened {
    file: Option<(u64, u64)>,
    is_replaced: bool,
}

impl Health {
    /// Records the outcome of a write.
    pub(super) fn wrote(&self, outcome: Result<(), &Error>) {
        // An undecodable row does not mean that the file is damaged.
        let outcome = outcome.or_else(|error| match error {
            Error::Undecodable { .. } => Ok(()),
            error => Err(error),
        });
        self.said().write = outcome.err().cloned();
        if let Err(error) = outcome {
            self.met(error);
        }
    }

    /// Records damage that a read or a write found.
    pub(super) fn met(&self, error: &Error) {
        if matches!(error, Error::Corrupt { .. } | Error::NotADatabase { .. }) {
            self.said().damage = Some(error.clone());
        }
    }

    /// Clears everything recorded before the writer first opened its file: it was about a different file.
    pub(super) fn begin(&self) {
        *self.said() = Said::default();
    }

    /// Records the first opened file. No other file is used until the next start.
    pub(super) fn opened(&self, path: &Path) {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.file = opened.file.or_else(|| file_at(path).ok());
    }

    /// Fails if the file that was opened first is gone or replaced. Another file has different row ids.
    pub(super) fn is_there(&self, path: &Path) -> Result<(), Error> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let is_replaced = match (opened.file, file_at(path)) {
            (Some(first), Ok(file)) => first != file,
            (Some(_), Err(error)) => error.kind() == io::ErrorKind::NotFound,
            (None, _) => false,
        };
        let is_news = is_replaced && !opened.is_replaced;
        opened.is_replaced = is_replaced;
        drop(opened);
        if !is_replaced {
            return Ok(());
        }
        let error = Error::Replaced { path: path.to_owned() };
        if is_news {
            tracing::error!(archive.error = error.code(), "{error}");
        }
        Err(error)
    }

    pub(super) fn report(&self) -> Result<(), Error> {
        let said = self.said();
        said.damage.clone().or(said.write.clone()).map_or(Ok(()), Err)
    }

    /// Records an undecodable row. Returns whether the row is new.
    pub(super) fn set_aside(&self, table: &'static str, row: i64) -> bool {
        let rows = &mut self.said().set_aside;
        rows.len() < MOST_ROWS && rows.insert((table, row))
    }

    /// The number of undecodable rows since the file was opened, at most [`MOST_ROWS`].
    pub(super) fn rows_set_aside(&self) -> usize {
        self.said().set_aside.len()
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn file_at(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}
