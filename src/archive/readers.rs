//! A pool of read connections, used on blocking threads.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::error::{Error, explain};
use super::file::open_reader;
use super::health::Health;
use super::session::Session;

/// The maximum number of concurrent reads. More would only compete for the disk.
const MOST: usize = 4;

/// A handle to the pool. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Readers(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    path: PathBuf,
    health: Health,
    idle: Mutex<Vec<Connection>>,
    room: Semaphore,
}

impl Readers {
    pub(super) fn new(path: PathBuf, health: Health) -> Self {
        Self(Arc::new(Pool {
            path,
            health,
            idle: Mutex::new(Vec::new()),
            room: Semaphore::new(MOST),
        }))
    }

    /// Runs a job on a blocking thread. The whole job sees one snapshot of the archive.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Session<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let _room = self.0.room.acquire().await.map_err(|_| Error::Closed)?;
        let readers = self.clone();
        let work = move || readers.run_blocking(job);
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            if error.is_panic() {
                Error::Refused { detail: error.to_string() }
            } else {
                Error::Closed
            }
        })?
    }

    /// The same on the current thread.
    pub(super) fn run_blocking<T>(
        &self,
        job: impl FnOnce(&Session<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let outcome = self.connection().and_then(|connection| {
            let outcome = at_one_moment(&connection, &self.0.health, job);
            let outcome = outcome.map_err(|error| explain(&error, &self.0.path));
            // After an error the file may have changed, so the next read opens it again.
            if matches!(outcome, Ok(_) | Err(Error::Undecodable { .. })) {
                self.idle().push(connection);
            }
            outcome
        });
        if let Err(error) = &outcome {
            self.0.health.met(error);
        }
        outcome
    }

    fn connection(&self) -> Result<Connection, Error> {
        let Pool { path, health, .. } = &*self.0;
        health.is_there(path)?;
        if let Some(connection) = self.idle().pop() {
            return Ok(connection);
        }
        let connection = open_reader(path)?;
        health.opened(path);
        Ok(connection)
    }

    /// Closes the idle connections.
    pub(super) fn close(&self) {
        self.idle().clear();
    }

    pub(super) fn path(&self) -> &Path {
        &self.0.path
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn at_one_moment<T>(
    connection: &Connection,
    health: &Health,
    job: impl FnOnce(&Session<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = connection.unchecked_transaction()?;
    job(&Session::new(&transaction, health))
}
