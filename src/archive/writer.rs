//! The thread that writes.
//!
//! Tasks come through a bounded queue and run in order, even if the caller has gone. An error fails one task only; the
//! next task retries after a temporary error. After a pause without tasks, the thread indexes posts (`index`).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::copy::checkpoint;
use super::error::{Error, explain};
use super::file::{self, PATIENCE, Wal};
use super::health::Health;
use super::index::{self, Recent};
use super::schema::{self, STEPS};

/// The length of the queue. Callers wait while it is full.
const QUEUE: usize = 256;

/// The lock timeout after a write has timed out. Without it, each task in the queue would wait the full [`PATIENCE`]
/// for the other program.
const IMPATIENCE: Duration = Duration::from_millis(100);

/// The pause without tasks before posts are indexed. The pages of many new channels arrive in faster succession.
const PAUSE: Duration = Duration::from_millis(250);

type Task = Box<dyn FnOnce(&mut Desk) + Send>;

/// A handle to the thread. The thread ends with the last handle.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    queue: SyncSender<Task>,
    /// The number of tasks in the queue.
    waiting: Arc<AtomicUsize>,
    recent: Recent,
}

impl Writer {
    /// Opens the file and starts the thread. With `is_lenient`, a temporary error does not fail the start.
    pub(super) fn start(
        path: Option<PathBuf>,
        health: Health,
        is_lenient: bool,
    ) -> Result<Self, Error> {
        let (waiting, recent) = (Arc::<AtomicUsize>::default(), Recent::default());
        let mut desk = Desk {
            path,
            health,
            connection: None,
            wal: Wal::default(),
            waiting: Arc::clone(&waiting),
            recent: recent.clone(),
            has_begun: false,
        };
        match desk.open() {
            Err(error) if !is_lenient || !error.may_pass() => return Err(error),
            Err(error) => desk.health.wrote(Err(&error)),
            Ok(()) => {}
        }
        let (queue, tasks) = sync_channel::<Task>(QUEUE);
        let work = move || desk.serve(&tasks);
        std::thread::Builder::new().name("archive".to_owned()).spawn(work).map_err(|error| {
            Error::Refused { detail: format!("no thread can be started: {error}") }
        })?;
        Ok(Self { queue, waiting, recent })
    }

    /// Runs a job on the connection.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        // Waits on a blocking thread: tokio does not advance a paused clock while blocking tasks run.
        let writer = self.clone();
        let work = tokio::task::spawn_blocking(move || writer.run_blocking(job));
        work.await.map_err(|_| Error::Closed)?
    }

    /// Closes the connection after the queued tasks. A later task opens it again.
    pub(super) async fn close(&self) -> Result<(), Error> {
        let (answer, outcome) = oneshot::channel();
        let task: Task = Box::new(move |desk: &mut Desk| drop(answer.send(desk.close())));
        let writer = self.clone();
        let sending = tokio::task::spawn_blocking(move || writer.send(task));
        sending.await.map_err(|_| Error::Closed)??;
        outcome.await.map_err(|_| Error::Closed)?
    }

    /// Runs a job from a thread that may block.
    pub(super) fn run_blocking<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (task, outcome) = task(job);
        self.send(task)?;
        outcome.blocking_recv().map_err(|_| Error::Closed)?
    }

    /// Indexes posts in one transaction, and returns whether more may be queued.
    pub(super) async fn index(&self, health: Health) -> Result<bool, Error> {
        let (waiting, recent) = (Arc::clone(&self.waiting), self.recent.clone());
        self.run(move |connection| {
            index::advance(connection, &health, &recent, || waiting.load(Ordering::Relaxed) > 0)
        })
        .await
    }

    /// Stored posts that are not indexed yet.
    pub(super) fn recent(&self) -> &Recent {
        &self.recent
    }

    fn send(&self, task: Task) -> Result<(), Error> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.queue.send(task).map_err(|_| Error::Closed)
    }
}

fn task<T: Send + 'static>(
    job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
) -> (Task, oneshot::Receiver<Result<T, Error>>) {
    let (answer, outcome) = oneshot::channel();
    // The job runs even if the caller has gone.
    (Box::new(move |desk: &mut Desk| drop(answer.send(desk.work(job)))), outcome)
}

/// The state of the thread.
struct Desk {
    path: Option<PathBuf>,
    health: Health,
    /// `None` if the file could not be opened, or after an error that requires opening it again.
    connection: Option<Connection>,
    wal: Wal,
    /// The number of tasks in the queue, shared with [`Writer`].
    waiting: Arc<AtomicUsize>,
    recent: Recent,
    /// The file was opened at least once.
    has_begun: bool,
}

impl Desk {
    fn work<T>(
        &mut self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let outcome = self.attempt(job);
        self.health.wrote(outcome.as_ref().map(|_| ()));
        match (&outcome, &self.connection) {
            (Err(Error::Locked { .. }), Some(connection)) => hurry(connection, IMPATIENCE),
            // An archive in memory has no file to open again.
            (Err(error), _) if self.path.is_some() && is_of_the_file(error) => {
                self.connection = None
            }
            _ => {}
        }
        outcome
    }

    fn attempt<T>(
        &mut self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        if let Some(path) = &self.path {
            self.health.is_there(path)?;
        }
        if self.connection.is_none() {
            self.open()?;
        }
        let path = self.path.as_deref().unwrap_or(Path::new(":memory:"));
        let Some(connection) = &mut self.connection else { return Err(Error::Closed) };
        let found = schema::version(connection).map_err(|error| explain(&error, path))?;
        let known = schema::latest(STEPS);
        if found > known {
            // A later version of feedline has migrated the file meanwhile.
            return Err(Error::Newer { path: path.to_owned(), found, known });
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| job(connection)));
        let outcome = outcome.unwrap_or_else(|_| Err(rusqlite::Error::InvalidQuery));
        if outcome.is_ok() {
            hurry(connection, PATIENCE);
        }
        outcome.map_err(|error| explain(&error, path))
    }

    /// Runs tasks, and indexes posts in between.
    fn serve(&mut self, tasks: &Receiver<Task>) {
        let mut pause = None;
        loop {
            let task = match pause {
                Some(pause) => tasks.recv_timeout(pause),
                None => tasks.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            pause = match task {
                Ok(task) => {
                    self.waiting.fetch_sub(1, Ordering::Relaxed);
                    task(self);
                    if self.recent.queued() >= index::MAX_QUEUE {
                        self.index();
                    }
                    (self.recent.queued() >= index::BATCH).then_some(PAUSE)
                }
                Err(RecvTimeoutError::Timeout) => {
                    let is_done = self.index();
                    // Continues without a pause until a task arrives.
                    (is_done && self.recent.queued() >= index::BATCH).then_some(Duration::ZERO)
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if let Some(path) = &self.path {
                self.wal.checkpoint_if_full(path);
            }
        }
    }

    /// Indexes posts. Returns whether that succeeded.
    fn index(&mut self) -> bool {
        let (health, recent) = (self.health.clone(), self.recent.clone());
        let waiting = Arc::clone(&self.waiting);
        let outcome = self.work(|connection| {
            index::advance(connection, &health, &recent, || waiting.load(Ordering::Relaxed) > 0)
        });
        outcome.map_err(|error| index::failed(&error)).is_ok()
    }

    fn close(&mut self) -> Result<(), Error> {
        // An archive in memory would lose its content.
        if self.path.is_none() || self.connection.is_none() {
            return Ok(());
        }
        let outcome = self.work(|connection| checkpoint(connection));
        self.connection = None;
        outcome
    }

    fn open(&mut self) -> Result<(), Error> {
        let connection = file::open_writer(self.path.as_deref(), &self.wal)?;
        // Damage is reported by the task that meets it.
        if let Err(error) = self.recent.count(&connection) {
            tracing::error!(%error, "posts that are not indexed cannot be counted");
        }
        self.connection = Some(connection);
        if let Some(path) = &self.path {
            self.health.opened(path);
        }
        // Damage found later stays recorded, because no other file is used until the next start.
        if !std::mem::replace(&mut self.has_begun, true) {
            self.health.begin();
        }
        Ok(())
    }
}

/// Whether the file may have changed, so that it must be opened again.
fn is_of_the_file(error: &Error) -> bool {
    matches!(
        error,
        Error::Corrupt { .. }
            | Error::NotADatabase { .. }
            | Error::ReadOnly { .. }
            | Error::Io { .. }
    )
}

/// Sets the timeout for another program's lock.
fn hurry(connection: &Connection, patience: Duration) {
    if let Err(error) = connection.busy_timeout(patience) {
        tracing::warn!(%error, "the archive's patience stays as it was");
    }
}
