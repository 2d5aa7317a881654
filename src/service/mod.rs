//! The use cases, without HTTP and without Telegram's markup.
//!
//! [`Service`] composes components around one `Runtime`, each with private state in its own file. `refresh` answers
//! from memory or the archive, and refreshes a stale channel in single flight; `channels` merges the fetched page with
//! the known rows and archives the result before it answers. `feeds` selects and renders the posts, with older ones
//! from `history` and `post_fetcher`, and caches the bytes in `render_cache`. `scheduler` refreshes channels ahead of
//! demand by the plan of `schedule`.
//!
//! *Invariant*: all memory is bounded in bytes, a failed read of the archive is an error rather than an unknown
//! channel, and a failed write loses nothing that memory has.

mod channels;
mod client_limiter;
mod clock;
mod completion;
mod error;
mod feeds;
mod file;
mod freshness;
mod history;
mod locate;
mod memory;
mod merge;
mod post;
mod post_fetcher;
mod quotation;
mod refresh;
mod render;
mod render_cache;
mod schedule;
mod scheduler;
pub mod search;
mod settings;
mod single_flight;
mod status;
mod summary;
mod ttl_cache;
mod walk;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use client_limiter::ClientId;
pub use clock::{Clock, Simulated};
pub use error::Error;
pub use feeds::{Feed, Feeds, Listing, Missing, SourceView};
pub use file::FileKey;
pub use freshness::{CacheStatus, Freshness};
pub use locate::{FileLocator, KnownFile, Located};
pub use memory::ChannelState;
pub use post::{OLDER_POSTS, PostView};
pub use render::{ContentEncoding, Rendered};
pub use schedule::{Outlook, Settings as ScheduleSettings, channels_read};
pub use settings::Settings;
pub use status::{Followed, OutboundTraffic, Status, Traffic};
pub use summary::Summary;
pub use walk::{Step, Walked};

pub use crate::upstream::{Cause, Class, NetworkError, NotAPage, Owner, Refusal, UnexpectedPage};

use crate::archive::Archive;
use crate::feed;
use crate::links::Links;
use crate::model::{ChannelName, FeedDefaults, FeedOptions, Format, MessageId, Source};
use crate::net::FileClient;
use crate::upstream::{Reached, Upstream};
use channels::Channels;
use client_limiter::ClientLimiter;
use completion::Completion;
use history::History;
use memory::Memory;
use post::PostReader;
use post_fetcher::PostFetcher;
use refresh::Refresher;
use schedule::Schedule;
use scheduler::Scheduler;
use status::StatusReader;
use ttl_cache::Deadline;

/// How long a client waits for an unknown channel, and for any other upstream request or long read.
pub const COLD_TIMEOUT: Duration = Duration::from_secs(18);

/// How long a post's page or a file's look-up waits for a refresh of the channel.
const PAGE_TIMEOUT: Duration = Duration::from_secs(2);

/// The most upstream pages of history for one answer.
const MAX_PAGES: usize = 3;

/// A channel's key: its name in lower case.
type Key = Arc<str>;

/// What all components share.
struct Runtime {
    settings: Settings,
    clock: Clock,
    /// Shutdown waits for these tasks.
    tasks: TaskTracker,
    upstream: Upstream,
    archive: Archive,
    memory: Memory,
    limiter: ClientLimiter,
    schedule: Schedule,
}

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Service(Arc<Components>);

struct Components {
    runtime: Arc<Runtime>,
    channels: Arc<Channels>,
    posts: Arc<PostFetcher>,
    reader: PostReader,
    refresher: Arc<Refresher>,
    history: Arc<History>,
    files: FileLocator,
    feeds: Arc<Feeds>,
    scheduler: Scheduler,
    status: StatusReader,
}

#[derive(Clone, Debug)]
pub struct View {
    pub state: Arc<ChannelState>,
    pub freshness: Freshness,
}

impl Service {
    /// Shutdown waits for `tasks`.
    pub fn new(
        upstream: Upstream,
        files: FileClient,
        archive: Archive,
        settings: Settings,
        clock: Clock,
        tasks: &TaskTracker,
    ) -> Self {
        let runtime = Arc::new(Runtime {
            memory: Memory::new(settings.memory.as_u64(), settings.max_ttl, clock.clone()),
            limiter: ClientLimiter::new(settings.client_burst, settings.client_interval),
            schedule: Schedule::new(settings.schedule(&upstream), clock.now()),
            settings,
            clock,
            tasks: tasks.clone(),
            upstream,
            archive,
        });
        let channels = Arc::new(Channels::new(&runtime));
        let completion = Arc::new(Completion::new(&runtime, &channels, files));
        let posts = Arc::new(PostFetcher::new(&runtime, &channels, &completion));
        let refresher = Arc::new(Refresher::new(&runtime, &channels, completion, &posts));
        let history = Arc::new(History::new(&runtime, &channels, &posts));
        Self(Arc::new(Components {
            reader: PostReader::new(&runtime, &channels, &posts, &refresher),
            files: FileLocator::new(&runtime, &channels, &posts, &refresher),
            feeds: Arc::new(Feeds::new(&runtime, &channels, &refresher, &history)),
            scheduler: Scheduler::new(&runtime, &refresher, &history),
            status: StatusReader::new(&runtime),
            runtime,
            channels,
            posts,
            refresher,
            history,
        }))
    }

    pub fn clock(&self) -> &Clock {
        &self.0.runtime.clock
    }

    /// The options of a feed address without options.
    pub fn defaults(&self) -> &FeedDefaults {
        &self.0.runtime.settings.feed
    }

    /// The feeds and pages of sources.
    pub fn feeds(&self) -> &Arc<Feeds> {
        &self.0.feeds
    }

    pub fn cached_title(&self, name: &ChannelName) -> Option<String> {
        let state = self.0.runtime.memory.get(&name.key())?;
        Some(state.snapshot.channel.title.clone())
    }

    /// A post, from memory, the archive or its own page. Posts of public groups are supported too.
    ///
    /// # Errors
    /// [`Error::Refused`] when Telegram does not show the post.
    pub async fn post(
        &self,
        name: &ChannelName,
        id: MessageId,
        client_id: ClientId,
    ) -> Result<PostView, Error> {
        self.0.reader.post(name, id, client_id).await
    }

    /// A channel's summary, from memory or the archive.
    ///
    /// # Errors
    /// [`Error::NoArchive`]
    pub async fn summary(&self, name: &ChannelName) -> Result<Option<Summary>, Error> {
        summary::read(&self.0.runtime, &self.0.channels, name).await
    }

    /// A channel as of its last fetch, fresh or not. Fetches nothing.
    ///
    /// # Errors
    /// [`Error::NoArchive`]
    pub async fn last_known(&self, name: &ChannelName) -> Result<Option<Arc<ChannelState>>, Error> {
        self.0.channels.recall(&self.0.runtime.memory.resolve(name)).await
    }

    /// Walks back through the history until `wanted` posts match the options and `query` (the options' `q`), or no
    /// older posts exist. It waits as long as Telegram demands, and archives the pages.
    ///
    /// # Errors
    /// [`Error::Refused`] when Telegram refuses and the archive has no posts; [`Error::Gone`].
    pub async fn walk(
        &self,
        name: &ChannelName,
        options: &FeedOptions,
        query: Option<&search::Query>,
        wanted: usize,
        refresh_timeout: Duration,
        report: impl Fn(Step),
    ) -> Result<Walked, Error> {
        let context = RequestContext::new(ClientId::OPERATOR, refresh_timeout);
        let view = self.0.refresher.view(name, context).await?;
        let (history, posts) = (&self.0.history, &self.0.posts);
        Ok(walk::walk(history, posts, view, options, query, wanted, report).await)
    }

    /// Writes the posts of a walk as a feed.
    pub fn write(
        &self,
        walked: &Walked,
        options: &FeedOptions,
        links: &Links,
        format: Format,
    ) -> Vec<u8> {
        let ChannelState { snapshot, base_ttl, .. } = &*walked.view.state;
        let request = feed::Request {
            source: &Source::channel(snapshot.channel.name.clone()),
            channel: Some(&snapshot.channel),
            options,
            links,
            updated: snapshot.updated,
            ttl: *base_ttl,
        };
        feed::write(&feed::Feed::build(&request, &walked.selection), format)
    }

    pub fn files(&self) -> &FileLocator {
        &self.0.files
    }

    /// Receives each refresh of a followed channel from now on.
    pub fn followed_news(&self) -> broadcast::Receiver<Arc<ChannelState>> {
        self.0.refresher.followed_news()
    }

    /// The code of the archive's error if it cannot store. Feeds are served from memory then.
    pub fn archive_fault(&self) -> Option<&'static str> {
        self.0.runtime.archive.health().err().map(|error| error.code())
    }

    /// Refreshes channels ahead of demand until `stop`. Refreshes in flight then still finish.
    pub async fn keep_fresh(&self, stop: CancellationToken) {
        self.0.scheduler.run(stop).await;
    }

    pub fn outlook(&self) -> Outlook {
        self.0.runtime.schedule.plan().outlook(self.0.runtime.clock.now())
    }

    /// The status of this server, at most a few seconds old.
    pub async fn status(&self) -> Arc<Status> {
        self.0.status.status().await
    }

    /// Checks whether Telegram can be reached, and how fast it responds.
    ///
    /// # Errors
    /// The refusal that every channel would get now.
    pub async fn reach(&self) -> Result<Reached, Refusal> {
        self.0.runtime.upstream.reach().await
    }
}

/// A client's request with its limits.
#[derive(Clone, Copy, Debug)]
struct RequestContext {
    client_id: ClientId,
    /// How long the request waits for the refresh of a known channel.
    refresh_timeout: Duration,
    deadline: Deadline,
    /// The most upstream pages of history that this request may fetch.
    pages: usize,
    /// The answer is a plain feed: for a channel that is unknown until then, it is the first one.
    is_plain_feed: bool,
}

impl RequestContext {
    fn new(client_id: ClientId, refresh_timeout: Duration) -> Self {
        let deadline = Deadline::after(COLD_TIMEOUT);
        Self { client_id, refresh_timeout, deadline, pages: MAX_PAGES, is_plain_feed: false }
    }

    /// The context of a feed with these options.
    fn of_feed(client_id: ClientId, refresh_timeout: Duration, options: &FeedOptions) -> Self {
        let is_plain_feed = options.stops_at_first_seen();
        Self { is_plain_feed, ..Self::new(client_id, refresh_timeout) }
    }
}

#[cfg(test)]
mod tests;
