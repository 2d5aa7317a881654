//! Files: the media proxy and its disk cache.
//!
//! Telegram's addresses of files die within hours or days; ours are made of channel and message, and stay. Whoever asks
//! for one ([`Media::open`]) gets the file itself.

mod answer;
mod ask;
mod body;
mod error;
mod settings;

use std::sync::Arc;

use tokio_util::task::TaskTracker;

pub use answer::{Answer, Opened, Source};
pub use ask::{Ask, IfRange, Part, Range, Unsatisfiable};
pub use body::{Body, Broken};
pub use error::{Error, Outage};
pub use settings::{Mode, Settings};

use crate::bridge::{Asker, Bridge, File};
use crate::model::{self, Channel, ChannelName};

/// Files. Cheap to clone.
#[derive(Clone)]
pub struct Media(Arc<Inner>);

struct Inner {
    bridge: Bridge,
    settings: Settings,
    tasks: TaskTracker,
}

impl Media {
    /// Files over the use cases. Work goes on in `tasks`, which a stop waits for.
    #[must_use]
    pub fn start(bridge: Bridge, settings: Settings, tasks: &TaskTracker) -> Self {
        Self(Arc::new(Inner { bridge, settings, tasks: tasks.clone() }))
    }

    /// A file of a channel's, or the part of it that is asked for.
    ///
    /// Dropping the future, or the body of the answer, leaves: a fetch that has begun goes on for others and for the cache.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn open(
        &self,
        channel: &ChannelName,
        file: File,
        ask: &Ask,
        asker: Asker,
    ) -> Result<Answer, Error> {
        Ok(Answer::Redirect(self.0.bridge.file(channel, file, asker).await?))
    }

    /// The picture of a custom emoji, by Telegram's number of it.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn open_emoji(&self, id: u64, ask: &Ask, asker: Asker) -> Result<Answer, Error> {
        Err(Error::Dead)
    }

    /// The length of a message's file, if it is known: it was here before. Cheap: a look into memory.
    #[must_use]
    pub fn length(&self, channel: &Channel, media: &model::Media) -> Option<u64> {
        self.0.bridge.lengths().of(channel, media)
    }
}
