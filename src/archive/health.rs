//! What the archive last said: readiness reads it.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::Error;

/// The most rows that are counted as set aside.
const MOST_ROWS: usize = 1000;

/// Shared by everything that reads and writes.
#[derive(Clone, Debug, Default)]
pub(super) struct Health {
    said: Arc<Mutex<Said>>,
    opened: Arc<Mutex<Opened>>,
}

#[derive(Debug, Default)]
struct Said {
    /// By the last write.
    write: Option<Error>,
    /// Damage that was met. It does not go away because something else can be written.
    damage: Option<Error>,
    /// Rows that could not be decoded.
    set_aside: BTreeSet<(&'static str, i64)>,
}

/// The file that was opened first, by its device and number. Memory holds row numbers of it.
#[derive(Debug, Default)]
struct Opened {
    file: Option<(u64, u64)>,
    is_replaced: bool,
}

impl Health {
    /// What a write said.
    pub(super) fn wrote(&self, outcome: Result<(), &Error>) {
        // One row that cannot be decoded says nothing about the file.
        let outcome = outcome.or_else(|error| match error {
            Error::Undecodable { .. } => Ok(()),
            error => Err(error),
        });
        self.said().write = outcome.err().cloned();
        if let Err(error) = outcome {
            self.met(error);
        }
    }

    /// What a read met.
    pub(super) fn met(&self, error: &Error) {
        if matches!(error, Error::Corrupt { .. } | Error::NotADatabase { .. }) {
            self.said().damage = Some(error.clone());
        }
    }

    /// The writer has opened its file for the first time: what was said before was said of another one.
    pub(super) fn begin(&self) {
        *self.said() = Said::default();
    }

    /// A file was opened: no other one is used until the next start.
    pub(super) fn opened(&self, path: &Path) {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.file = opened.file.or_else(|| file_at(path).ok());
    }

    /// Whether the file that was opened first is still there. Rows of another one have other numbers.
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

    /// Whether all is well.
    pub(super) fn report(&self) -> Result<(), Error> {
        let said = self.said();
        said.damage.clone().or(said.write.clone()).map_or(Ok(()), Err)
    }

    /// A row cannot be decoded; whether that is news.
    pub(super) fn set_aside(&self, table: &'static str, row: i64) -> bool {
        let rows = &mut self.said().set_aside;
        rows.len() < MOST_ROWS && rows.insert((table, row))
    }

    /// How many rows could not be decoded since the file was opened, [`MOST_ROWS`] at most.
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
