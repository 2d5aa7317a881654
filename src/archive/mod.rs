//! The archive: all posts ever seen, in one embedded database.
//!
//! **What is kept.** Channels with the state of their refreshes; posts as values of the model, with the messages that lead
//! to them, whether Telegram still shows them, and their earlier versions; which ranges of messages are covered; the words
//! by which posts are found (`search`); and the memory of the schedule. A post is found by its channel and the message of
//! its identity, which never changes.
//!
//! **Who decides.** The service: what an edit is, when a post is deleted, which page covers what. The archive only
//! keeps, and knows three rules of its own: which row a channel has (`channel`), that ranges which meet are one (`range`), and
//! what goes first when it is to stay small (`retention`). It has no clock: every date comes with what is stored.
//!
//! **How it is written.** One thread writes (`writer`), one transaction for each update: it is in whole or not at all, and once
//! `store` has answered, it survives every end of the program. A few connections read (`readers`) and never wait for the
//! writer. `file` says what is set, and why.
//!
//! **What can go wrong** is an [`Error`] that says what to do. None stops anything: the next call tries again.
//!
//! *Invariant:* what comes out has passed the same doors as what comes from Telegram. A row that cannot be decoded is set
//! aside (`session`): reported, never written over, and no missing row.

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

/// The archive. Cheap to clone; closed when the last copy is gone.
#[derive(Clone, Debug)]
pub struct Archive {
    settings: Arc<Settings>,
    writer: Writer,
    /// None in memory: there the writer's connection is the only one.
    readers: Option<Readers>,
    health: Health,
}

impl Archive {
    /// Opens the archive, and creates it with its folder when it is not there.
    ///
    /// # Errors
    /// [`Error`], whatever stands in the way.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        Self::build(settings, false)
    }

    /// Opens the archive for a service: what may pass ([`Error::may_pass`]) is told by [`Archive::health`] and by every
    /// call, and each call tries again.
    ///
    /// # Errors
    /// Those that do not pass.
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

    /// The file; `None` in memory.
    pub fn path(&self) -> Option<&Path> {
        self.settings.path.as_deref()
    }

    /// A channel by a name that it has or had, with at most so many of its newest posts.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Undecodable`] when it is there and its row cannot be decoded.
    pub async fn load(&self, name: &ChannelName, posts: usize) -> Result<Option<Held>, Error> {
        let name = name.clone();
        self.read(move |connection| load::by_name(connection, &name, posts)).await
    }

    /// A channel by Telegram's number, with at most so many of its newest posts. One whose name has passed to another
    /// channel comes under the last name that it had.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn load_number(&self, numeric_id: i64, posts: usize) -> Result<Option<Held>, Error> {
        self.read(move |connection| load::by_number(connection, numeric_id, posts)).await
    }

    /// Whether another channel than that with Telegram's number has or had a name.
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

    /// Takes in what a fetch brought, whole or not at all.
    ///
    /// The channel is the one with the same number, else the one of that name whose number is unknown or the same. Under
    /// another name it was renamed, and the old name still leads to it. Another number under a known name is another
    /// channel: the old one loses the name, and its posts stay, not to be found by it.
    ///
    /// # Errors
    /// [`Error`]; then nothing of it is in. A post whose place is taken by a row that cannot be decoded is left out by itself.
    pub async fn store(&self, update: Update) -> Result<Stored, Error> {
        let (settings, health) = (Arc::clone(&self.settings), self.health.clone());
        let recent = self.writer.recent().clone();
        self.write(move |connection| {
            store::update(connection, &update, &settings, &health, &recent)
        })
        .await
    }

    /// Takes in how things stand with a channel's refreshes.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn store_state(&self, id: ChannelId, state: State) -> Result<(), Error> {
        let health = self.health.clone();
        self.write(move |connection| store::state(connection, id, &state, &health)).await
    }

    /// The posts from one message to another, both included, newest first, covered or not; [`MOST`] at most.
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

    /// At most so many posts below a message, out of the range that covers the message before it.
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

    /// The nearest posts above a message, at most so many, newest first, covered or not.
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

    /// How many posts of a channel are held, deleted ones too.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn count(&self, id: ChannelId) -> Result<u64, Error> {
        self.read(move |connection| channel::posts(connection, id)).await
    }

    /// The post that a message belongs to, whichever of its messages.
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

    /// All channels, by name; those that lost theirs at the end.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn channels(&self) -> Result<Vec<Summary>, Error> {
        self.read(load::channels).await
    }

    /// The schedule's memory: a text for each key.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn visits(&self) -> Result<Vec<(String, String)>, Error> {
        self.read(load::visits).await
    }

    /// Takes in parts of the schedule's memory; `None` forgets a key.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn store_visits(&self, visits: Vec<(String, Option<String>)>) -> Result<(), Error> {
        self.write(move |connection| store::visits(connection, &visits)).await
    }

    /// The archive in figures.
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

    /// What the last write said, whether damage was met, and whether the file is still there: what readiness reads.
    ///
    /// # Errors
    /// [`Error`]
    pub fn health(&self) -> Result<(), Error> {
        self.path().map_or(Ok(()), |path| self.health.is_there(path))?;
        self.health.report()
    }

    /// How many rows were met that cannot be decoded, since the file was opened; a thousand at most. [`Error::Undecodable`]
    /// says what to do.
    pub fn rows_set_aside(&self) -> usize {
        self.health.rows_set_aside()
    }

    /// Waits for what is being written, and puts all of it into the one file. Without it the next start does.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn close(self) -> Result<(), Error> {
        if let Some(readers) = &self.readers {
            readers.close();
        }
        self.writer.close().await
    }

    /// Posts that hold what is looked for, newest first.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn search(&self, asked: SearchQuery) -> Result<SearchResults, Error> {
        self.catch_up().await;
        self.read(move |session| search::find(session, &asked)).await
    }

    /// Indexes what is not indexed yet. When that fails, what is indexed is found all the same.
    async fn catch_up(&self) {
        for _ in 0..index::MOST_STEPS {
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

    /// Writes all of it as lines of JSON, as of one moment. `progress` hears of what is written.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Unwritable`] when the lines find no taker.
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

    /// Takes in lines that [`Archive::export`] wrote. `progress` hears of what is read.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Unreadable`] when they break off. What was read before is in.
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

    /// Writes a copy, as of one moment, to a file that is not there yet. What goes on meanwhile is not in it.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Exists`] when there is such a file.
    pub async fn backup(&self, to: &Path) -> Result<(), Error> {
        let target = to.to_owned();
        let Some(readers) = &self.readers else {
            return self
                .write(move |connection| Ok(copy::vacuum_into(connection, &target)))
                .await?;
        };
        // A connection of its own: a copy runs in no transaction.
        let source = readers.path().to_owned();
        let work = move || copy::vacuum_into(&file::open_reader(&source)?, &target);
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)?
    }

    /// Gives back the room that nothing takes any more: the file is written anew, for which there must be as much room
    /// again. Writes wait meanwhile.
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

    /// Looks at every page and every index.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with the first fault that is found.
    pub async fn check(&self) -> Result<(), Error> {
        let Some(detail) = self.read(|session| copy::check(session)).await? else { return Ok(()) };
        let path = self.path().unwrap_or(Path::new(":memory:")).to_owned();
        let error = Error::Corrupt { path, detail };
        self.health.met(&error);
        Err(error)
    }

    /// Decodes every row, and tells how many cannot be decoded. They are reported one by one.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn undecodable_rows(&self) -> Result<u64, Error> {
        self.read(load::undecodable_rows).await
    }

    /// Reads; all of a job sees one state of the archive.
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

    /// Writes.
    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer.run(job).await
    }
}

#[cfg(test)]
mod tests;
