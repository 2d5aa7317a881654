//! What the archive last said: readiness reads it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::Error;

/// The most rows that are counted as set aside.
const MOST_ROWS: usize = 1000;

/// Shared by everything that reads and writes.
#[derive(Clone, Debug, Default)]
pub(super) struct Health(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    /// By the last write.
    write: Option<Error>,
    /// Damage that was met. It does not go away because something else can be written.
    damage: Option<Error>,
    /// Rows that could not be decoded.
    set_aside: BTreeSet<(&'static str, i64)>,
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

    /// The file was opened anew: it may be another one.
    pub(super) fn opened(&self) {
        *self.said() = Said::default();
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
