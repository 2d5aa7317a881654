//! The one thread that writes.
//!
//! Work comes through a bounded queue and is done in order, whatever becomes of those who asked for it. A refusal ends one
//! piece of work and nothing else: what may pass is tried again with the next. When nothing has come for a moment, posts are
//! indexed (`index`).

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

/// Work that waits; whoever has more waits for room.
const QUEUE: usize = 256;

/// How long a write waits for another program that has just let one wait in vain: what comes in meanwhile must not stand
/// in line for it.
const IMPATIENCE: Duration = Duration::from_millis(100);

/// How long nothing must come in before posts are indexed: pages of many new channels follow each other faster.
const PAUSE: Duration = Duration::from_millis(250);

/// A piece of work.
type Task = Box<dyn FnOnce(&mut Desk) + Send>;

/// The way to the thread. The thread ends when the last copy is gone.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    queue: SyncSender<Task>,
    /// Tasks in the queue.
    waiting: Arc<AtomicUsize>,
    recent: Recent,
}

impl Writer {
    /// Opens the file and starts the thread. What may pass is no error when `is_lenient`.
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

    /// Does a piece of work on the connection.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        // Waiting is a blocking task's: a paused clock stands still meanwhile, as it does for everything else that is computed.
        let writer = self.clone();
        let work = tokio::task::spawn_blocking(move || writer.run_blocking(job));
        work.await.map_err(|_| Error::Closed)?
    }

    /// Closes the connection when all that waits is done. What comes later opens another.
    pub(super) async fn close(&self) -> Result<(), Error> {
        let (answer, outcome) = oneshot::channel();
        let task: Task = Box::new(move |desk: &mut Desk| drop(answer.send(desk.close())));
        let writer = self.clone();
        let sending = tokio::task::spawn_blocking(move || writer.send(task));
        sending.await.map_err(|_| Error::Closed)??;
        outcome.await.map_err(|_| Error::Closed)?
    }

    /// Does a piece of work, for a thread that may wait.
    pub(super) fn run_blocking<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (task, outcome) = task(job);
        self.send(task)?;
        outcome.blocking_recv().map_err(|_| Error::Closed)?
    }

    /// Indexes posts in one transaction, and tells whether more may be noted.
    pub(super) async fn index(&self, health: Health) -> Result<bool, Error> {
        let (waiting, recent) = (Arc::clone(&self.waiting), self.recent.clone());
        self.run(move |connection| {
            index::advance(connection, &health, &recent, || waiting.load(Ordering::Relaxed) > 0)
        })
        .await
    }

    /// Where posts go that were stored.
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
    // Whoever asked may have left: the work is done all the same.
    (Box::new(move |desk: &mut Desk| drop(answer.send(desk.work(job)))), outcome)
}

/// Where the thread works.
struct Desk {
    path: Option<PathBuf>,
    health: Health,
    /// None when the file could not be opened, or was given up after a refusal.
    connection: Option<Connection>,
    wal: Wal,
    /// See [`Writer`].
    waiting: Arc<AtomicUsize>,
    recent: Recent,
    /// The file was opened once.
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
            // In memory there is no other file to be found by opening again.
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
            // A later version was started on the same file.
            return Err(Error::Newer { path: path.to_owned(), found, known });
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| job(connection)));
        let outcome = outcome.unwrap_or_else(|_| Err(rusqlite::Error::InvalidQuery));
        if outcome.is_ok() {
            hurry(connection, PATIENCE);
        }
        outcome.map_err(|error| explain(&error, path))
    }

    /// Does what comes in, and indexes in between.
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
                    let pending = self.pending();
                    if pending >= index::MOST {
                        self.index();
                    }
                    (pending >= index::BATCH).then_some(PAUSE)
                }
                Err(RecvTimeoutError::Timeout) => {
                    let is_done = self.index();
                    // As long as nobody comes, without another pause.
                    (is_done && self.pending() >= index::BATCH).then_some(Duration::ZERO)
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if let Some(path) = &self.path {
                self.wal.checkpoint_if_full(path);
            }
        }
    }

    /// Indexes posts, and tells whether that could be done.
    fn index(&mut self) -> bool {
        let (health, recent) = (self.health.clone(), self.recent.clone());
        let waiting = Arc::clone(&self.waiting);
        let outcome = self.work(|connection| {
            index::advance(connection, &health, &recent, || waiting.load(Ordering::Relaxed) > 0)
        });
        outcome.map_err(|error| index::failed(&error)).is_ok()
    }

    fn pending(&self) -> usize {
        // Without a connection, opening is the next task's, and so is telling what is wrong with the file.
        let Some(connection) = &self.connection else { return 0 };
        index::pending(connection).unwrap_or_else(|error| {
            tracing::error!(%error, "the archive does not tell which posts are not indexed");
            0
        })
    }

    fn close(&mut self) -> Result<(), Error> {
        // In memory it would be all.
        if self.path.is_none() || self.connection.is_none() {
            return Ok(());
        }
        let outcome = self.work(|connection| checkpoint(connection));
        self.connection = None;
        outcome
    }

    fn open(&mut self) -> Result<(), Error> {
        self.connection = Some(file::open_writer(self.path.as_deref(), &self.wal)?);
        if let Some(path) = &self.path {
            self.health.opened(path);
        }
        // Damage that is met later stays: no other file is used until the next start.
        if !std::mem::replace(&mut self.has_begun, true) {
            self.health.begin();
        }
        Ok(())
    }
}

/// Whether the file may be in another state by now, so that it is opened again.
fn is_of_the_file(error: &Error) -> bool {
    matches!(
        error,
        Error::Corrupt { .. }
            | Error::NotADatabase { .. }
            | Error::ReadOnly { .. }
            | Error::Io { .. }
    )
}

/// Sets how long a write waits for another program's.
fn hurry(connection: &Connection, patience: Duration) {
    if let Err(error) = connection.busy_timeout(patience) {
        tracing::warn!(%error, "the archive's patience stays as it was");
    }
}
