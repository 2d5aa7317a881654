//! What the archive last said: readiness reads it.

use std::sync::{Arc, Mutex, PoisonError};

use super::error::Error;

/// Shared by everything that reads and writes.
#[derive(Clone, Debug, Default)]
pub(super) struct Health(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    /// By the last write.
    write: Option<Error>,
    /// Damage that was met. It does not go away because something else can be written.
    damage: Option<Error>,
}

impl Health {
    /// What a write said.
    pub(super) fn wrote(&self, outcome: Result<(), &Error>) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.write = outcome.err().cloned();
        drop(said);
        if let Err(error) = outcome {
            self.met(error);
        }
    }

    /// What a read met.
    pub(super) fn met(&self, error: &Error) {
        if matches!(error, Error::Corrupt { .. } | Error::NotADatabase { .. }) {
            let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            said.damage = Some(error.clone());
        }
    }

    /// The file was opened anew: it may be another one.
    pub(super) fn opened(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Said::default();
    }

    /// Whether all is well.
    pub(super) fn report(&self) -> Result<(), Error> {
        let said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.damage.clone().or(said.write.clone()).map_or(Ok(()), Err)
    }
}
