//! The archive: all posts ever seen, in one SQLite database.
//!
//! It stores channels with the state of their refreshes, posts with their earlier versions, the covered ranges of
//! messages, the search index (`search`) and the schedule's visits; a post is identified by its channel and the message
//! of its identity, which never changes. The service decides what counts as an edit or a deletion and what a page
//! covers; the archive has no clock, and three rules of its own: which row a channel has (`channel`), how ranges are
//! joined (`range`), and what is deleted first at the limits (`retention`). One thread writes (`writer`), one
//! transaction for each update, so an update is stored completely or not at all; a few connections read without waiting
//! for it (`readers`).
//!
//! *Invariant:* values from the archive pass the same validation as Telegram's pages. An undecodable row is set aside
//! (`session`): it is reported, never overwritten, and does not count as missing.

mod channel;
mod copy;
mod error;
mod file;
mod health;
mod index;
mod jsonl;
mod load;
mod payload;
mod post;
mod range;
mod readers;
mod retention;
mod schema;
pub mod search;
mod session;
mod store;
mod value;
mod writer;

use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

pub use copy::create_new;
pub use error::Error;
pub use file::look;
pub use jsonl::{Amount, Fault, Imported, Lines};
pub use range::join;
pub use value::{
    ChannelId, Held, Info, MOST, PostRow, Range, Settings, State, Stored, Stretch, Summary, Update,
};

use crate::model::{ChannelName, MessageId, StoredPost};
use health::Health;
use readers::Readers;
use search::{SearchQuery, SearchResults};
use session::Session;
use writer::Writer;

/// A handle to the archive. Cheap to clone; the last clone closes the archive.
#[derive(Clone, Debug)]
pub struct Archive {
    settings: Arc<Settings>,
    writer: Writer,
    /// `None` for an archive in memory, which has the writer's connection only.
    readers: Option<Readers>,
    health: Health,
}

impl Archive {
    /// Opens the archive. Creates the file and its folder if they are missing.
    ///
    /// # Errors
    /// [`Error`] if the file cannot be opened or migrated.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        Self::build(settings, false)
    }

    /// Opens the archive for a service. A temporary error ([`Error::may_pass`]) does not fail the start:
    /// [`Archive::health`] and every call report it, and each call tries again.
    ///
    /// # Errors
    /// Errors that need a restart.
    pub fn start(settings: &Settings) -> Result<Self, Error> {
        Self::build(settings, true)
    }

    fn build(settings: &Settings, is_lenient: bool) -> Result<Self, Error> {
        let health = Health::default();
        let path = settings.path.clone();
        let readers = path.clone().map(|path| Readers::new(path, health.clone()));
        let writer = Writer::start(path, health.clone(), is_lenient)?;
        Ok(Self { settings: Arc::new(settings.clone()), writer, readers, health })
    }

    /// The database file; `None` in memory.
    pub fn path(&self) -> Option<&Path> {
        self.settings.path.as_deref()
    }

    /// Loads a channel by its present or a former name, with its newest posts, at most `posts`.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Undecodable`] if the channel's row cannot be decoded.
    pub async fn load(&self, name: &ChannelName, posts: usize) -> Result<Option<Held>, Error> {
        let name = name.clone();
        self.read(move |connection| load::by_name(connection, &name, posts)).await
    }

    /// Loads the channel that a page belongs to: the one with its number, else the one with its name unless the number
    /// differs. Its newest posts are included, at most `posts`; a channel that lost its name has the last one that it
    /// had. Also returns whether a channel with another number has or had the name.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn load_owner(
        &self,
        name: &ChannelName,
        numeric_id: Option<i64>,
        posts: usize,
    ) -> Result<(Option<Held>, bool), Error> {
        let name = name.clone();
        self.read(move |session| load::owner(session, &name, numeric_id, posts)).await
    }

    /// Whether a channel with a different number has or had this name.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn has_other_owner(
        &self,
        name: &ChannelName,
        numeric_id: i64,
    ) -> Result<bool, Error> {
        let name = name.clone();
        self.read(move |session| channel::has_other_owner(session, &name, numeric_id)).await
    }

    /// Stores the result of a fetch, completely or not at all.
    ///
    /// The channel is the one with the same number, or else the one with the same name and no conflicting number. A
    /// different name is a rename: the old name still leads to the channel. A different number under a known name is a
    /// different channel: the old channel loses the name and keeps its posts, which the name no longer finds.
    ///
    /// # Errors
    /// [`Error`]; then nothing is stored. A post whose row is undecodable is skipped without an error.
    pub async fn store(&self, update: Update) -> Result<Stored, Error> {
        let (settings, health) = (Arc::clone(&self.settings), self.health.clone());
        let recent = self.writer.recent().clone();
        self.write(move |connection| {
            store::update(connection, &update, &settings, &health, &recent)
        })
        .await
    }

    /// Stores the refresh state of a channel.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn store_state(&self, id: ChannelId, state: State) -> Result<(), Error> {
        let health = self.health.clone();
        self.write(move |connection| store::state(connection, id, &state, &health)).await
    }

    /// The posts from `low` to `high` inclusive, newest first, in covered ranges or not; at most [`MOST`].
    ///
    /// # Errors
    /// [`Error`]
    pub async fn between(
        &self,
        id: ChannelId,
        low: MessageId,
        high: MessageId,
    ) -> Result<Vec<PostRow>, Error> {
        self.read(move |connection| post::between(connection, id, low, high, MOST)).await
    }

    /// At most `limit` posts below a message, from the range that covers the message before it.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn older(
        &self,
        id: ChannelId,
        before: MessageId,
        limit: usize,
    ) -> Result<Stretch, Error> {
        self.read(move |connection| load::older(connection, id, before, limit)).await
    }

    /// The nearest posts above a message, at most `limit`, newest first, in covered ranges or not.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn newer(
        &self,
        id: ChannelId,
        after: MessageId,
        limit: usize,
    ) -> Result<Vec<PostRow>, Error> {
        self.read(move |connection| post::above(connection, id, after, limit.min(MOST))).await
    }

    /// The number of posts of a channel, including deleted ones.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn count(&self, id: ChannelId) -> Result<u64, Error> {
        self.read(move |connection| channel::posts(connection, id)).await
    }

    /// The post that a message belongs to. Any message of an album leads to its post.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn post(&self, id: ChannelId, message: MessageId) -> Result<Option<PostRow>, Error> {
        self.read(move |connection| load::post(connection, id, message)).await
    }

    /// The earlier versions of a post, oldest first, without the present one.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn revisions(
        &self,
        id: ChannelId,
        message: MessageId,
    ) -> Result<Vec<StoredPost>, Error> {
        self.read(move |connection| load::revisions(connection, id, message)).await
    }

    /// All channels by name; those that lost their name last.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn channels(&self) -> Result<Vec<Summary>, Error> {
        self.read(load::channels).await
    }

    /// The schedule's visits: a text for each key.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn visits(&self) -> Result<Vec<(String, String)>, Error> {
        self.read(load::visits).await
    }

    /// Stores some of the schedule's visits; `None` deletes a key.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn store_visits(&self, visits: Vec<(String, Option<String>)>) -> Result<(), Error> {
        self.write(move |connection| store::visits(connection, &visits)).await
    }

    /// Statistics of the archive.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn info(&self) -> Result<Info, Error> {
        let mut info = self.read(load::info).await?;
        if let Some(path) = self.path() {
            let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
            info.size = size(path);
            let mut wal = path.as_os_str().to_owned();
            wal.push("-wal");
            info.pending = size(Path::new(&wal));
        }
        Ok(info)
    }

    /// Reports the error of the last write, damage, or a missing file. The readiness probe uses it.
    ///
    /// # Errors
    /// [`Error`]
    pub fn health(&self) -> Result<(), Error> {
        self.path().map_or(Ok(()), |path| self.health.is_there(path))?;
        self.health.report()
    }

    /// The number of undecodable rows since the file was opened, at most 1000. The message of [`Error::Undecodable`]
    /// says what to do.
    pub fn rows_set_aside(&self) -> usize {
        self.health.rows_set_aside()
    }

    /// Waits for pending writes, and moves the content of the `-wal` file into the main file. Otherwise the next start
    /// does that.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn close(self) -> Result<(), Error> {
        if let Some(readers) = &self.readers {
            readers.close();
        }
        self.writer.close().await
    }

    /// The posts that match a query, newest first.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn search(&self, asked: SearchQuery) -> Result<SearchResults, Error> {
        self.catch_up().await;
        self.read(move |session| search::find(session, &asked)).await
    }

    /// Indexes pending posts. If that fails, the search still finds the indexed ones.
    async fn catch_up(&self) {
        for _ in 0..index::MAX_STEPS {
            let outcome = match self.read(|session| index::pending(session)).await {
                Ok(0) => return,
                Ok(_) => self.writer.index(self.health.clone()).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => return index::failed(&error),
            }
        }
    }

    /// Exports the archive as JSON lines, from one snapshot. `progress` is called with the amount written so far.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Unwritable`] if the output cannot be written.
    pub async fn export(
        &self,
        to: impl Write + Send + 'static,
        progress: impl FnMut(Amount) + Send + 'static,
    ) -> Result<Amount, Error> {
        let outcome = self.read(move |session| match jsonl::export(session, to, progress) {
            Ok(amount) => Ok(Ok(amount)),
            Err(jsonl::Failure::Output(error)) => Ok(Err(error)),
            Err(jsonl::Failure::Database(error)) => Err(error),
        });
        outcome.await?.map_err(|error| Error::Unwritable { detail: error.to_string() })
    }

    /// Imports lines that [`Archive::export`] wrote. `progress` is called with the amount read so far.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Unreadable`] if the input fails. Lines read before that stay imported.
    pub async fn import(
        &self,
        lines: Lines<impl BufRead + Send + 'static>,
        progress: impl FnMut(Amount) + Send + 'static,
    ) -> Result<Imported, Error> {
        let Self { settings, writer, health, .. } = self.clone();
        let work = move || {
            jsonl::import(lines, progress, |channel, posts| {
                let (settings, health) = (Arc::clone(&settings), health.clone());
                let recent = writer.recent().clone();
                writer.run_blocking(move |connection| {
                    jsonl::take_in(connection, &channel, &posts, &settings, &health, &recent)
                })
            })
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)?
    }

    /// Writes a copy of one snapshot to a new file. Later writes are not in the copy.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Exists`] if the file exists.
    pub async fn backup(&self, to: &Path) -> Result<(), Error> {
        let target = to.to_owned();
        let Some(readers) = &self.readers else {
            return self
                .write(move |connection| Ok(copy::vacuum_into(connection, &target)))
                .await?;
        };
        // On its own connection, because `VACUUM INTO` cannot run inside a transaction.
        let source = readers.path().to_owned();
        let work = move || copy::vacuum_into(&file::open_reader(&source)?, &target);
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)?
    }

    /// Returns free space to the file system by rewriting the file, which temporarily needs as much space again. Writes
    /// wait meanwhile.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn compact(&self) -> Result<(), Error> {
        let (health, recent) = (self.health.clone(), self.writer.recent().clone());
        self.write(move |connection| {
            while index::advance(connection, &health, &recent, || false)? {}
            copy::compact(connection)
        })
        .await
    }

    /// Checks every page and every index.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with the first fault, or another [`Error`] if the check fails.
    pub async fn check(&self) -> Result<(), Error> {
        let Some(detail) = self.read(|session| copy::check(session)).await? else { return Ok(()) };
        let path = self.path().unwrap_or(Path::new(":memory:")).to_owned();
        let error = Error::Corrupt { path, detail };
        self.health.met(&error);
        Err(error)
    }

    /// Decodes every row, and returns the number of undecodable ones. Each is reported.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn undecodable_rows(&self) -> Result<u64, Error> {
        self.read(load::undecodable_rows).await
    }

    /// Runs a read. The whole job sees one snapshot of the archive.
    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Session<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let health = self.health.clone();
        match &self.readers {
            Some(readers) => readers.run(job).await,
            None => {
                self.writer.run(move |connection| job(&Session::new(connection, &health))).await
            }
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer.run(job).await
    }
}

#[cfg(test)]
mod tests;
