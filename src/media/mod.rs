//! Files: the media proxy and its disk cache.
//!
//! Telegram's addresses of files die within hours or days; ours are made of channel and message, and stay. Whoever asks
//! for one ([`Media::open`]) gets the file itself:
//!
//! 1. **Cache.** A file that was here is served from the disk (`cache`), whatever has become of its post. Where an edit has
//!    put another photo or film in its place, which an identity tells, it is another file. What has no identity is looked at
//!    again when it is old, behind the back of whoever asks.
//! 2. **Fetch.** Else it is fetched, in single flight (`fetch`): the service tells where it lies today, and renews an address
//!    that turns out to be dead, through the post's embed, once. What is dead all the same is not asked for again at once.
//! 3. **Arrival.** The fetch writes the file to the disk and everybody reads from there while it grows (`arrival`), each at
//!    their own pace. Who wants a part far behind what has arrived gets it straight from Telegram's servers (`passage`), so
//!    that films can be wound; in the order of the file it is read from the arrival.
//! 4. **Redirect.** What is larger than `media.max_file` is left where it lies.
//!
//! What a file is, its first bytes decide among the few types of its form (`form`). The photos of followed channels are
//! fetched ahead (`ahead`).
//!
//! *Invariants*: nothing here knows HTTP's headers, and none of Telegram's servers' comes through: an answer is made of typed
//! values. A file on its way takes one piece of memory for each reader; files under way are bounded, and people go before
//! what is fetched ahead.

mod ahead;
mod answer;
mod arrival;
mod ask;
mod body;
mod cache;
mod error;
mod fetch;
mod form;
mod passage;
mod places;
mod serve;
mod settings;
mod subject;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use quick_cache::sync::Cache as Memory;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use answer::{Answer, Opened, Source};
pub use ask::{Ask, IfRange, Part, Range, Unsatisfiable};
pub use body::{Body, Broken};
pub use error::{Error, Outage};
pub use settings::{Mode, Settings};

use crate::model::ChannelName;
use crate::net::FileClient;
use crate::service::{ClientId, Clock, File, FileKey, Service};
use ahead::MOST_AHEAD;
use cache::Cache;
use fetch::{Fetches, Outcome, Wish};
use places::Places;
use subject::Subject;

/// Files that arrive at once.
const MOST_PLACES: usize = 24;

/// Parts, and files that are not kept, that pass through at once.
const MOST_PASSING: usize = 48;

/// What came so lately is not fetched again.
const RECENT: Duration = Duration::from_secs(60);

/// How long it is remembered that a file is too large.
const LARGE: Duration = Duration::from_secs(60 * 60);

/// How long a file that was fetched ahead in vain is left to whoever asks for it.
const LEFT: Duration = Duration::from_secs(60 * 60);

/// Files of which it is remembered why they do not come.
const MOST_REFUSED: usize = 10_000;

/// Files. Cheap to clone.
#[derive(Clone)]
pub struct Media(Arc<Inner>);

struct Inner {
    service: Service,
    files: FileClient,
    settings: Settings,
    tasks: TaskTracker,
    cache: Cache,
    fetches: Fetches,
    /// Why files do not come, and until when that is believed.
    refused: Memory<FileKey, (Error, DateTime<Utc>)>,
    /// Files that are too large, and since when that is known.
    large: Memory<FileKey, DateTime<Utc>>,
    /// Files for which nothing is done before somebody asks, and until when.
    left: Memory<FileKey, DateTime<Utc>>,
    places: Places,
    passing: Places,
    wishes: mpsc::Sender<Subject>,
    waiting: Mutex<mpsc::Receiver<Subject>>,
    stop: CancellationToken,
}

impl Media {
    /// Files over the use cases; nothing is read yet, see [`Media::run`]. Work goes on in `tasks`, which a stop waits for.
    #[must_use]
    pub fn new(
        service: Service,
        files: FileClient,
        settings: Settings,
        tasks: &TaskTracker,
    ) -> Self {
        let folder = settings.cache_dir.clone().filter(|_| settings.mode == Mode::Proxy);
        let clock = service.clock().clone();
        let (wishes, waiting) = mpsc::channel(MOST_AHEAD);
        Self(Arc::new(Inner {
            cache: Cache::new(folder, settings.cache_size.as_u64(), clock),
            service,
            files,
            settings,
            tasks: tasks.clone(),
            fetches: Fetches::default(),
            refused: Memory::new(MOST_REFUSED),
            large: Memory::new(MOST_REFUSED),
            left: Memory::new(MOST_REFUSED),
            places: Places::new(MOST_PLACES),
            passing: Places::new(MOST_PASSING),
            wishes,
            waiting: Mutex::new(waiting),
            stop: CancellationToken::new(),
        }))
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
        client_id: ClientId,
    ) -> Result<Answer, Error> {
        self.0.open(&Subject::File(channel.clone(), file), ask, client_id).await
    }

    /// The picture of a custom emoji, by Telegram's number of it.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn open_emoji(
        &self,
        id: u64,
        ask: &Ask,
        client_id: ClientId,
    ) -> Result<Answer, Error> {
        self.0.open(&Subject::Emoji(id), ask, client_id).await
    }
}

impl Inner {
    fn clock(&self) -> &Clock {
        self.service.clock()
    }

    fn is_proxy(&self) -> bool {
        self.settings.mode == Mode::Proxy
    }

    /// The largest file that passes through here.
    fn limit(&self) -> u64 {
        self.settings.max_file.as_u64()
    }

    /// Why a file does not come, if that was found out a moment ago.
    fn refused(&self, key: FileKey) -> Option<Error> {
        let (error, until) = self.refused.get(&key)?;
        (self.clock().now() < until).then_some(error)
    }

    fn refuse(&self, key: FileKey, error: &Error) {
        if let Some(kept) = error.kept() {
            self.refused.insert(key, (error.clone(), self.clock().now() + kept));
        }
    }

    /// Nothing is done for a file for a while, unless somebody asks for it.
    fn leave_to_people(&self, key: FileKey) {
        self.left.insert(key, self.clock().now() + LEFT);
    }

    /// Whether it is in vain to fetch a file that nobody waits for.
    fn is_in_vain(&self, key: FileKey) -> bool {
        let left = self.left.get(&key).is_some_and(|until| self.clock().now() < until);
        left || self.refused(key).is_some() || self.is_large(key)
    }

    /// Whether a file was found to be too large.
    fn is_large(&self, key: FileKey) -> bool {
        let since = self.large.get(&key);
        since.is_some_and(|since| self.clock().now() < since + LARGE)
    }

    async fn open(
        self: &Arc<Self>,
        subject: &Subject,
        ask: &Ask,
        client_id: ClientId,
    ) -> Result<Answer, Error> {
        let wish = Wish::of(client_id);
        if !self.is_proxy() {
            return Ok(Answer::Redirect(subject.locate(&self.service, None, wish).await?.address));
        }
        let held = subject.held(&self.service).await?;
        if held.is_missing {
            return Err(crate::service::Error::NoSuchFile.into());
        }
        if let Some(kept) = self.cache.open(held.key, held.identity).await {
            self.look_again(subject, held, &kept, wish);
            return serve::kept(kept, ask);
        }
        if let Some(error) = self.refused(held.key) {
            return Err(error);
        }
        let outcome = if ask.is_head {
            self.look(subject, held, wish).await
        } else {
            self.fetch(subject, held, wish).await
        };
        match outcome {
            // An edit came in between.
            Outcome::Arriving(arrival)
                if held.is_another(arrival.origin.head.identity)
                    && subject
                        .held(&self.service)
                        .await?
                        .is_another(arrival.origin.head.identity) =>
            {
                Err(Error::BUSY)
            }
            Outcome::Arriving(arrival) => self.arriving(arrival, ask, client_id).await,
            Outcome::Passing(passage) => self.pass(&passage, ask, client_id).await,
            Outcome::Seen(head) => Ok(serve::seen(&head)),
            Outcome::Elsewhere(address) => Ok(Answer::Redirect(address)),
            Outcome::Failed(error) => Err(error),
            Outcome::Kept(key) => match self.cache.open(key, None).await {
                Some(kept) => serve::kept(kept, ask),
                None => Err(Error::BUSY),
            },
        }
    }
}
