//! The archive: all posts ever seen, in one embedded database.

mod error;
pub mod search;
mod settings;
mod value;

use std::path::Path;

pub use error::Error;
pub use settings::Settings;
pub use value::{ChannelId, Held, HeldPost, Info, Range, State, Stretch, Summary, Update};

use crate::model::{ChannelName, KeptPost, MessageId};

/// The archive. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Archive {}

impl Archive {
    /// Opens the archive, and creates it with its folder when it is not there.
    ///
    /// # Errors
    /// [`Error`], whatever stands in the way.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        let _ = settings;
        Err(Error::Closed)
    }

    /// Opens the archive for a service: what may pass ([`Error::may_pass`]) is told by [`Archive::health`] and by every
    /// call, and later calls try again.
    ///
    /// # Errors
    /// Those that do not pass.
    pub fn start(settings: &Settings) -> Result<Self, Error> {
        Self::open(settings)
    }

    /// A channel by a name that it has or had, with at most so many of its newest posts.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn load(&self, name: &ChannelName, posts: usize) -> Result<Option<Held>, Error> {
        let _ = (name, posts);
        Err(Error::Closed)
    }

    /// A channel by Telegram's number, with at most so many of its newest posts.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn load_number(&self, numeric_id: i64, posts: usize) -> Result<Option<Held>, Error> {
        let _ = (numeric_id, posts);
        Err(Error::Closed)
    }

    /// Takes in what a fetch brought.
    ///
    /// # Errors
    /// [`Error`]; then nothing of it is in.
    pub async fn store(&self, update: Update) -> Result<ChannelId, Error> {
        let _ = update;
        Err(Error::Closed)
    }

    /// Takes in how things stand with a channel's refreshes.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn store_state(&self, id: ChannelId, state: State) -> Result<(), Error> {
        let _ = (id, state);
        Err(Error::Closed)
    }

    /// The posts from one message to another, both included, newest first.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn between(
        &self,
        id: ChannelId,
        low: MessageId,
        high: MessageId,
    ) -> Result<Vec<HeldPost>, Error> {
        let _ = (id, low, high);
        Err(Error::Closed)
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
        let _ = (id, before, limit);
        Err(Error::Closed)
    }

    /// x
    /// # Errors
    /// [`Error`]
    pub async fn newer(&self, id: ChannelId, after: MessageId, limit: usize) -> Result<Vec<HeldPost>, Error> { let _ = (id, after, limit); Err(Error::Closed) }
    /// x
    /// # Errors
    /// [`Error`]
    pub async fn count(&self, id: ChannelId) -> Result<usize, Error> { let _ = id; Err(Error::Closed) }
    /// The post that a message belongs to, whichever of its messages.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn post(&self, id: ChannelId, message: MessageId) -> Result<Option<HeldPost>, Error> {
        let _ = (id, message);
        Err(Error::Closed)
    }

    /// The earlier versions of a post, oldest first, without the present one.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn revisions(
        &self,
        id: ChannelId,
        message: MessageId,
    ) -> Result<Vec<KeptPost>, Error> {
        let _ = (id, message);
        Err(Error::Closed)
    }

    /// All channels, by name.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn channels(&self) -> Result<Vec<Summary>, Error> {
        Err(Error::Closed)
    }

    /// The schedule's memory: a text for each key.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn visits(&self) -> Result<Vec<(String, String)>, Error> {
        Err(Error::Closed)
    }

    /// Takes in parts of the schedule's memory; `None` forgets a key.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn store_visits(&self, visits: Vec<(String, Option<String>)>) -> Result<(), Error> {
        let _ = visits;
        Err(Error::Closed)
    }

    /// The archive in figures.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn info(&self) -> Result<Info, Error> {
        Err(Error::Closed)
    }

    /// Writes a copy, as of one moment, to a file that is not there yet.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn backup(&self, to: &Path) -> Result<(), Error> {
        let _ = to;
        Err(Error::Closed)
    }

    /// Gives back the room that nothing takes any more.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn compact(&self) -> Result<(), Error> {
        Err(Error::Closed)
    }

    /// What the last write said, and whether damage was met: what readiness reads.
    ///
    /// # Errors
    /// [`Error`]
    pub fn health(&self) -> Result<(), Error> {
        Err(Error::Closed)
    }
}
