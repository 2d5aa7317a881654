//! The use cases: what happens when somebody asks for a channel.
//!
//! One call hides all tiers. A feed is asked for ([`Service::feed`]):
//!
//! 1. **Snapshot.** What is known of the channel and still alive (`freshness`) is used as it is.
//! 2. **Refresh.** Past its TTL it is fetched anew, in single flight (`single_flight`): a thousand clients make one request, and
//!    none that leaves cancels it. Whoever asks waits, but not longer than their refresh time-out; then they get what is known.
//!    Where nothing is known they wait up to [`COLD_TIMEOUT`].
//! 3. **Merge.** A page is applied to what is known by the rules of `merge`: identities stay, edits are dated, deletions
//!    are believed only when proven twice.
//! 4. **Refusals** are kept for the time that is right for each (`Refusal::negative_ttl`). Known posts beat a refusal: the answer
//!    is then the last good content, and [`Freshness`] says why it is old; but a channel that is certainly gone for a week
//!    is answered with [`Error::Gone`].
//! 5. **Select and render** (`answer`), in single flight too, with older posts or Telegram's own search where the options
//!    ask for them (`history`); kept by channel, options, format and base until another fetch, with the compressed forms
//!    that were asked for (`render`).
//!
//! What is new, and must be fetched because of one client, counts against that client's limit (`client_limiter`).
//!
//! Beside that, channels are refreshed before somebody asks for them (`schedule`), what is missing of their history is fetched
//! (`backfill`), and [`Service::status`] tells how all of it is doing.
//!
//! Memory holds the newest posts of the channels that are asked for; all others are in the archive. What is not in memory is
//! looked for there, and what a page taught is written there before anybody is answered with it (`persistence`).
//!
//! *Invariant*: nothing here knows HTTP or Telegram's markup. An archive that fails takes nothing from what memory holds, and
//! a read that fails is an error to everybody who depends on it: what could not be read is not unknown, and nothing is
//! written over it.

mod answer;
mod backfill;
mod client_limiter;
mod clock;
mod complete;
mod file;
mod freshness;
mod history;
mod media_lookup;
mod memory;
mod merge;
mod merged;
mod persistence;
mod post;
mod refresh;
mod render;
mod render_cache;
mod schedule;
pub mod search;
mod settings;
mod single_flight;
mod snapshot;
mod status;
mod summary;
mod ttl_cache;
mod walk;
mod warm;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, broadcast};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use client_limiter::ClientId;
pub use clock::{Clock, Simulated};
pub use file::{File, FileKey, Held, Located};
pub use freshness::{CacheStatus, Freshness};
pub use memory::ChannelState;
pub use merged::{MergedFeed, MergedPage, MergedView, Missing, Renamed};
pub use post::{OLDER_POSTS, PostView};
pub use render::{ContentEncoding, Rendered};
pub use schedule::{Outlook, Settings as ScheduleSettings, channels_read};
pub use settings::Settings;
pub use status::{Followed, OutboundTraffic, Status, Traffic};
pub use summary::Brief;
pub use walk::{Step, Walked};

pub use crate::upstream::{Cause, Class, NetworkError, NotAPage, Owner, Refusal, UnexpectedPage};

use crate::archive::Archive;
use crate::feed::Selection;
use crate::links::{Base, Links};
use crate::model::{ChannelName, FeedOptions, Format, MessageId};
use crate::net::FileClient;
use crate::text::Address;
use crate::upstream::{Reached, Upstream};
use client_limiter::ClientLimiter;
use complete::Lengths;
use memory::{Memory, OtherPage, SinglePost};
use render_cache::RenderCache;
use schedule::Schedule;
use single_flight::SingleFlight;
use status::LastStatus;
use ttl_cache::{Deadline, TtlCache};

/// How long a client waits for a channel of which nothing is known, and for an answer altogether.
pub const COLD_TIMEOUT: Duration = Duration::from_secs(18);

/// Refreshes of followed channels that are told and not yet heard; more push out the oldest.
const MOST_NEWS: usize = 32;

/// A channel's key: its name in lower case.
pub(super) type Key = Arc<str>;

/// The outcome of a refresh.
type Outcome = Result<Arc<ChannelState>, Error>;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Telegram refuses, and nothing good is kept.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// Telegram has refused for a week, for certain: readers should mark the feed as broken.
    #[error("{0}")]
    Gone(Refusal),
    /// The archive cannot be read at present, and memory does not hold what is asked for.
    #[error("the archive cannot be read at the moment: the log says why and what to do")]
    NoArchive,
    /// The post has no such file, or Telegram's page does not carry it.
    #[error("there is no such file")]
    NoSuchFile,
    /// A fault of ours.
    #[error("the work did not come to an end")]
    Internal,
}

impl Error {
    /// One word for logs and for `Cache-Status`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) | Self::Gone(refusal) => refusal.code(),
            Self::NoArchive => "no_archive",
            Self::NoSuchFile => "no_such_file",
            Self::Internal => "internal",
        }
    }

    /// How long it is given again without asking.
    fn kept(&self) -> Duration {
        match self {
            Self::Refused(refusal) | Self::Gone(refusal) => refusal.negative_ttl(),
            Self::NoArchive | Self::NoSuchFile | Self::Internal => Duration::ZERO,
        }
    }
}

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    upstream: Upstream,
    files: FileClient,
    settings: Settings,
    clock: Clock,
    tasks: TaskTracker,
    memory: Memory,
    archive: Archive,
    applying: tokio::sync::Mutex<()>,
    client_limiter: Mutex<ClientLimiter>,
    refreshes: SingleFlight<Key, Outcome>,
    renders: RenderCache,
    older: TtlCache<(Key, MessageId), OtherPage>,
    long_reads: Semaphore,
    searches: TtlCache<(Key, String), OtherPage>,
    singles: TtlCache<(Key, MessageId), SinglePost>,
    emoji: TtlCache<u64, Option<Address>>,
    followed_news: broadcast::Sender<Arc<ChannelState>>,
    schedule: Schedule,
    last_status: LastStatus,
    lengths: Lengths,
}

/// A channel as it is known, with how fresh that is.
#[derive(Clone, Debug)]
pub struct View {
    /// What is known.
    pub known: Arc<ChannelState>,
    /// How fresh it is.
    pub freshness: Freshness,
}

/// A feed to be sent.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The channel's own name, perhaps not the one that was asked for.
    pub channel: ChannelName,
    /// Body and validators.
    pub rendered: Arc<Rendered>,
    /// How fresh it is.
    pub freshness: Freshness,
}

impl Service {
    /// Use cases over an upstream, its files and an archive. Work goes on in `tasks`, which a stop waits for.
    pub fn new(
        upstream: Upstream,
        files: FileClient,
        archive: Archive,
        settings: Settings,
        clock: Clock,
        tasks: &TaskTracker,
    ) -> Self {
        let bytes = settings.memory.as_u64();
        Self(Arc::new(Inner {
            memory: Memory::new(bytes),
            archive,
            applying: tokio::sync::Mutex::new(()),
            client_limiter: Mutex::new(ClientLimiter::new(
                settings.client_burst,
                settings.client_interval,
            )),
            refreshes: SingleFlight::new(tasks.clone()),
            renders: RenderCache::new(bytes / 16 * 6, tasks.clone()),
            older: TtlCache::new(
                &memory::older_pages(bytes, settings.max_ttl),
                clock.clone(),
                tasks.clone(),
            ),
            long_reads: Semaphore::new(history::MOST_LONG_READS),
            searches: TtlCache::new(&memory::searches(bytes), clock.clone(), tasks.clone()),
            singles: TtlCache::new(&memory::singles(bytes), clock.clone(), tasks.clone()),
            emoji: TtlCache::new(&memory::emoji(bytes), clock.clone(), tasks.clone()),
            followed_news: broadcast::Sender::new(MOST_NEWS),
            schedule: Schedule::new(settings.schedule(&upstream), clock.now()),
            last_status: LastStatus::default(),
            lengths: Lengths::new(),
            upstream,
            files,
            settings,
            clock,
            tasks: tasks.clone(),
        }))
    }

    /// The clock that everything here goes by.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What feeds are when their addresses say nothing else.
    pub fn defaults(&self) -> &crate::model::FeedDefaults {
        &self.0.settings.feed
    }

    /// A channel's feed, for whoever asks.
    ///
    /// # Errors
    /// [`Error::Refused`] when Telegram refuses and nothing good is kept; [`Error::Gone`]; [`Error::NoArchive`].
    pub async fn feed(
        &self,
        name: &ChannelName,
        options: &FeedOptions,
        format: Format,
        base: &Base,
        client_id: ClientId,
    ) -> Result<Feed, Error> {
        let context = RequestContext::new(client_id);
        let view = self.0.view(name, self.0.settings.refresh_timeout, client_id).await?;
        self.0.feed(view, options, format, base, context).await
    }

    /// A channel and the posts that the options select, for a page. A person's refresh time-out is shorter than a reader's.
    ///
    /// # Errors
    /// [`Error::Refused`] when Telegram refuses and nothing good is kept; [`Error::Gone`].
    pub async fn selection(
        &self,
        name: &ChannelName,
        options: &FeedOptions,
        links: &Links,
        refresh_timeout: Duration,
        client_id: ClientId,
    ) -> Result<(View, Selection), Error> {
        let context = RequestContext::new(client_id);
        let mut view = self.0.view(name, refresh_timeout, client_id).await?;
        let gathered = self.0.gather(&view.known, options, context).await;
        view.freshness.detail = view.freshness.detail.or(gathered.detail());
        let selection = self.0.select(&view.known, &gathered, options, links)?;
        Ok((view, selection))
    }

    /// One post: of what is known, or by its embed (public groups' posts too).
    ///
    /// # Errors
    /// [`Error::Refused`] when Telegram does not show it.
    pub async fn post(
        &self,
        name: &ChannelName,
        id: MessageId,
        client_id: ClientId,
    ) -> Result<PostView, Error> {
        self.0.post(name, id, client_id).await
    }

    /// The same, with what tells the file from another one. The address is another one than `dead`, if one was found dead:
    /// it is renewed if it is still the present one. With [`Class::Background`] it is asked for when nobody waits.
    ///
    /// # Errors
    /// [`Error::NoSuchFile`], or [`Error::Refused`] when Telegram does not show the post, or not at present.
    pub async fn locate(
        &self,
        name: &ChannelName,
        file: File,
        dead: Option<&Address>,
        class: Class,
        client_id: ClientId,
    ) -> Result<Located, Error> {
        self.0.locate(name, file, dead, class, client_id).await
    }

    /// What is known of a file without asking anybody.
    ///
    /// # Errors
    /// [`Error::NoArchive`]
    pub async fn held_file(&self, name: &ChannelName, file: File) -> Result<Held, Error> {
        self.0.held_file(name, file).await
    }

    /// The same of a custom emoji, by Telegram's number of it.
    pub fn held_emoji(&self, id: u64) -> Held {
        Held { key: FileKey::emoji(id), is_missing: false, identity: Some(id) }
    }

    /// Where the still picture of a custom emoji lies, as [`Service::locate`] has it.
    ///
    /// # Errors
    /// [`Error::NoSuchFile`], or [`Error::Refused`] when Telegram does not tell at present.
    pub async fn locate_emoji(
        &self,
        id: u64,
        dead: Option<&Address>,
        class: Class,
        client_id: ClientId,
    ) -> Result<Located, Error> {
        self.0.locate_emoji(id, dead, class, client_id).await
    }

    /// Tells of each refresh of a channel that is followed, from now on.
    pub fn followed_news(&self) -> broadcast::Receiver<Arc<ChannelState>> {
        self.0.followed_news.subscribe()
    }

    /// What keeps the archive from keeping, in a word, if anything does. Feeds go on from memory then.
    pub fn archive_fault(&self) -> Option<&'static str> {
        self.0.archive.health().err().map(|error| error.code())
    }

    /// Keeps channels fresh until `stop`. Requests that are in flight by then finish as all others do.
    pub async fn keep_fresh(&self, stop: CancellationToken) {
        schedule::task::run(&self.0, stop).await;
    }

    /// What is planned ahead of demand.
    pub fn outlook(&self) -> Outlook {
        self.0.schedule.outlook()
    }

    /// Whether Telegram answers from here, and how fast.
    ///
    /// # Errors
    /// The refusal that every channel would get now.
    pub async fn reach(&self) -> Result<Reached, Refusal> {
        self.0.upstream.reach().await
    }
}

/// Somebody asks, and waits for an answer until a deadline.
#[derive(Clone, Copy, Debug)]
struct RequestContext {
    client_id: ClientId,
    deadline: Deadline,
    /// The most upstream pages of history that are fetched for it.
    pages: usize,
}

impl RequestContext {
    fn new(client_id: ClientId) -> Self {
        Self { client_id, deadline: Deadline::after(COLD_TIMEOUT), pages: history::MOST_PAGES }
    }
}

impl Inner {
    /// Telegram is to be asked for something new: it goes to whoever asks for it first.
    fn charge(&self, client_id: ClientId) -> Result<(), Refusal> {
        let mut limiter = self.client_limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.check(client_id, Instant::now()).map_err(Refusal::over_budget)
    }
}

/// Whether a refusal tells about Telegram or us at present, and nothing about the channel.
fn is_outage(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Throttled { .. }
            | Refusal::Busy { .. }
            | Refusal::OverBudget { .. }
            | Refusal::Unreachable(_)
            | Refusal::Timeout { .. }
            | Refusal::MarkupChanged(_)
    )
}

/// Whether a refusal says for certain that a channel that was there is not there any more.
fn is_gone(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::NotFound { .. } | Refusal::NotAChannel { .. } | Refusal::PreviewOff { .. }
    )
}

#[cfg(test)]
mod tests;
