//! The use cases: what happens when somebody asks for a channel.
//!
//! One call hides all tiers. A feed is asked for ([`Bridge::feed`]):
//!
//! 1. **Snapshot.** What is known of the channel and still alive (`freshness`) is used as it is.
//! 2. **Refresh.** Past its life it is fetched anew, in single flight (`flight`): a thousand clients make one request, and
//!    none that leaves cancels it. Whoever asks waits, but not longer than their patience; then they get what is known.
//!    Where nothing is known they wait up to [`COLD_PATIENCE`].
//! 3. **Merge.** A page is applied to what is known by the rules of `merge`: identities stay, edits are dated, deletions
//!    are believed only when proven twice.
//! 4. **Refusals** are kept for the time that is right for each (`Refusal::kept`). Known posts beat a refusal: the answer
//!    is then the last good content, and [`Freshness`] says why it is old.
//! 5. **Select and render** (`feed`), kept by channel, options, format and base until another fetch, with the compressed
//!    forms that were asked for (`render`).
//!
//! *Invariant*: nothing here knows HTTP or Telegram's markup. Until there is an archive, the last snapshot in memory stands
//! for it.

mod clock;
mod flight;
mod freshness;
mod history;
mod memory;
mod merge;
mod refresh;
mod render;
mod settings;
mod single;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::task::TaskTracker;

pub use clock::{Clock, Simulated};
pub use freshness::{Freshness, Source};
pub use memory::Known;
pub use render::{Coding, Rendered};
pub use settings::Settings;
pub use single::{File, PostView};

pub use crate::upstream::Refusal;

use crate::feed::{self, Selection};
use crate::links::{Base, Links};
use crate::model::{ChannelName, FeedOptions, Format, MessageId};
use crate::text::Address;
use crate::upstream::{Class, Priority, Reached, Upstream};
use flight::Flights;
use freshness::elapsed;
use history::Gathered;
use memory::{KeptPage, KeptSingle, Key, Memory};
use render::RenderKey;

/// How long a client waits for a channel of which nothing is known.
pub const COLD_PATIENCE: Duration = Duration::from_secs(18);

/// The bases for which rendered feeds are kept, when each request brings its own.
const KEPT_BASES: usize = 8;

/// The outcome of a refresh.
type Outcome = Result<Arc<Known>, Refusal>;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Telegram refuses, and nothing good is kept.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The post has no such file, or Telegram's page does not carry it.
    #[error("there is no such file")]
    NoSuchFile,
    /// A fault of ours.
    #[error("the work did not come to an end")]
    Internal,
}

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Bridge(Arc<Inner>);

struct Inner {
    upstream: Upstream,
    settings: Settings,
    clock: Clock,
    memory: Memory,
    applying: Mutex<()>,
    bases: Mutex<Vec<Base>>,
    refreshes: Flights<Key, Outcome>,
    older_flights: Flights<(Key, MessageId), Result<KeptPage, Refusal>>,
    search_flights: Flights<(Key, String), Result<KeptPage, Refusal>>,
    single_flights: Flights<(Key, MessageId), KeptSingle>,
}

/// A channel as it is known, with how fresh that is.
#[derive(Clone, Debug)]
pub struct View {
    /// What is known.
    pub known: Arc<Known>,
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

impl Bridge {
    /// Use cases over an upstream. Work goes on in `tasks`, which a stop waits for.
    #[must_use]
    pub fn new(upstream: Upstream, settings: Settings, clock: Clock, tasks: &TaskTracker) -> Self {
        Self(Arc::new(Inner {
            memory: Memory::new(settings.memory.as_u64()),
            applying: Mutex::new(()),
            bases: Mutex::new(Vec::new()),
            refreshes: Flights::new(tasks.clone()),
            older_flights: Flights::new(tasks.clone()),
            search_flights: Flights::new(tasks.clone()),
            single_flights: Flights::new(tasks.clone()),
            upstream,
            settings,
            clock,
        }))
    }

    /// The clock that everything here goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What feeds are when their addresses say nothing else.
    #[must_use]
    pub fn defaults(&self) -> &crate::model::FeedDefaults {
        &self.0.settings.feed
    }

    /// A channel's feed.
    ///
    /// # Errors
    /// [`Error::Refused`] when Telegram refuses and nothing good is kept.
    pub async fn feed(
        &self,
        name: &ChannelName,
        options: &FeedOptions,
        format: Format,
        base: &Base,
    ) -> Result<Feed, Error> {
        let view = self.0.view(name, self.0.settings.patience).await?;
        self.0.feed(view, options, format, base).await
    }

    /// A channel and the posts that the options select, for a page. A person's patience is shorter than a reader's.
    ///
    /// # Errors
    /// [`Error::Refused`] when Telegram refuses and nothing good is kept.
    pub async fn selection(
        &self,
        name: &ChannelName,
        options: &FeedOptions,
        links: &Links,
        patience: Duration,
    ) -> Result<(View, Selection), Error> {
        let mut view = self.0.view(name, patience).await?;
        let gathered = self.0.gather(&view.known, options).await;
        view.freshness.detail =
            view.freshness.detail.or(gathered.refusal.as_ref().map(Refusal::code));
        let selection = feed::select(&self.0.request(&view.known, &gathered, options, links));
        Ok((view, selection))
    }

    /// One post: of what is known, or by its embed (public groups' posts too).
    ///
    /// # Errors
    /// [`Error::Refused`] when Telegram does not show it.
    pub async fn post(&self, name: &ChannelName, id: MessageId) -> Result<PostView, Error> {
        self.0.post(name, id).await
    }

    /// Where a file lies today: at most an hour old, renewed through the post's embed.
    ///
    /// # Errors
    /// [`Error::NoSuchFile`], or [`Error::Refused`] when Telegram does not show the post.
    pub async fn file(&self, name: &ChannelName, file: File) -> Result<Address, Error> {
        if file == File::Avatar {
            self.0.view(name, self.0.settings.patience).await?;
        }
        self.0.file(name, file).await
    }

    /// Whether Telegram answers from here, and how fast.
    ///
    /// # Errors
    /// The refusal that every channel would get now.
    pub async fn reach(&self) -> Result<Reached, Refusal> {
        self.0.upstream.reach().await
    }
}

impl Inner {
    /// What is known of a channel: alive, refreshed, or old with the reason.
    async fn view(self: &Arc<Self>, name: &ChannelName, patience: Duration) -> Result<View, Error> {
        let now = self.clock.now();
        let key = self.memory.key(name, now);
        let known = self.memory.channels.get(&key);
        if let Some(known) = &known
            && elapsed(known.snapshot.fetched, now) < known.life
        {
            return Ok(self.seen(known, Source::Memory, None));
        }
        let kept = self.memory.refusals.get(&key).filter(|kept| kept.is_alive(now));
        if let Some(refusal) = kept {
            return self.stale_or(known.as_ref(), refusal.value_with_time_left(now));
        }
        match &known {
            Some(known) => Ok(self.refreshed(name, &key, known, patience).await),
            None => self.cold(name, &key).await,
        }
    }

    /// A refresh of what is known: whoever asks waits as long as their patience, or not at all when that would be in vain.
    async fn refreshed(
        self: &Arc<Self>,
        name: &ChannelName,
        key: &Key,
        known: &Arc<Known>,
        patience: Duration,
    ) -> View {
        let is_in_vain = self.upstream.wait(Class::Waiting) > patience;
        let class = if is_in_vain { Class::Background } else { Class::Waiting };
        let mut ticket = self.join_refresh(name, key, class);
        let patience = if is_in_vain { Duration::ZERO } else { patience };
        match tokio::time::timeout(patience, ticket.landed()).await {
            Ok(Some(Ok(known))) => self.seen(&known, Source::Telegram, None),
            Ok(Some(Err(refusal))) => self.seen(known, Source::Stale, Some(refusal.code())),
            Ok(None) => self.seen(known, Source::Stale, Some("internal")),
            Err(_) => {
                ticket.leave_it_going();
                self.seen(known, Source::Stale, Some("refreshing"))
            }
        }
    }

    /// The first look at a channel.
    async fn cold(self: &Arc<Self>, name: &ChannelName, key: &Key) -> Result<View, Error> {
        let mut ticket = self.join_refresh(name, key, Class::Waiting);
        match tokio::time::timeout(COLD_PATIENCE, ticket.landed()).await {
            Ok(Some(Ok(known))) => Ok(self.seen(&known, Source::Telegram, None)),
            Ok(Some(Err(refusal))) => Err(refusal.into()),
            Ok(None) => Err(Error::Internal),
            Err(_) => {
                let has_begun = ticket.has_begun();
                ticket.leave_it_going();
                let wait = self.upstream.wait(Class::Waiting);
                Err(if has_begun {
                    Refusal::Timeout { limit: COLD_PATIENCE }
                } else {
                    Refusal::Busy { retry_after: wait }
                }
                .into())
            }
        }
    }

    fn join_refresh(
        self: &Arc<Self>,
        name: &ChannelName,
        key: &Key,
        class: Class,
    ) -> flight::Ticket<Key, Outcome> {
        // A channel that was never fetched is worth fetching even when whoever asked has left: they will ask again.
        let stays = !self.memory.channels.contains_key(key);
        let asked = self
            .memory
            .channels
            .get(key)
            .map_or_else(|| name.clone(), |known| known.snapshot.channel.name.clone());
        self.refreshes.join(Key::clone(key), class, stays, |priority: Priority| {
            Arc::clone(self).refresh(asked, priority)
        })
    }

    fn stale_or(&self, known: Option<&Arc<Known>>, refusal: Refusal) -> Result<View, Error> {
        match known {
            Some(known) => Ok(self.seen(known, Source::Stale, Some(refusal.code()))),
            None => Err(refusal.into()),
        }
    }

    fn seen(&self, known: &Arc<Known>, source: Source, detail: Option<&'static str>) -> View {
        let age = elapsed(known.snapshot.fetched, self.clock.now());
        let detail = detail.or(known.is_partial.then_some("partial"));
        View {
            known: Arc::clone(known),
            freshness: Freshness { source, age, life: known.life, detail },
        }
    }

    async fn feed(
        self: &Arc<Self>,
        mut view: View,
        options: &FeedOptions,
        format: Format,
        base: &Base,
    ) -> Result<Feed, Error> {
        let known = &view.known;
        let key = RenderKey {
            channel: known.key(),
            options: options.clone(),
            format,
            base: base.clone(),
        };
        let former = self.memory.rendered.get(&key);
        if let Some(rendered) =
            former.as_ref().filter(|rendered| rendered.fetched == known.snapshot.fetched)
        {
            let channel = known.snapshot.channel.name.clone();
            return Ok(Feed { channel, rendered: Arc::clone(rendered), freshness: view.freshness });
        }
        let gathered = self.gather(known, options).await;
        view.freshness.detail =
            view.freshness.detail.or(gathered.refusal.as_ref().map(Refusal::code));
        let is_complete = gathered.refusal.is_none();
        let (inner, known, options) = (Arc::clone(self), Arc::clone(known), options.clone());
        let channel = known.snapshot.channel.name.clone();
        let links = Links::new(base.clone(), self.settings.feed.options.clone());
        // Rendering takes some milliseconds of computing: not on a thread that serves connections.
        let rendering = tokio::task::spawn_blocking(move || {
            let request = inner.request(&known, &gathered, &options, &links);
            let selection = feed::select(&request);
            let body = feed::write(&feed::Feed::build(&request, &selection), format);
            let snapshot = &known.snapshot;
            // Counters change without anything being said: such a feed is as old as its fetch.
            let last_modified = if options.stats() { snapshot.fetched } else { snapshot.updated };
            let rendered = Rendered::new(body, last_modified, snapshot.fetched);
            let is_same = former.as_ref().is_some_and(|former| former.body() == rendered.body());
            match former {
                Some(former) if is_same => former.again(last_modified, snapshot.fetched),
                _ => rendered,
            }
        });
        let rendered = Arc::new(rendering.await.map_err(|_| Error::Internal)?);
        if is_complete && self.keeps_base(base) {
            self.memory.rendered.insert(key, Arc::clone(&rendered));
        }
        Ok(Feed { channel, rendered, freshness: view.freshness })
    }

    fn request<'a>(
        &'a self,
        known: &'a Known,
        gathered: &'a Gathered,
        options: &'a FeedOptions,
        links: &'a Links,
    ) -> feed::Request<'a> {
        feed::Request {
            snapshot: &known.snapshot,
            posts: &gathered.posts,
            reaches_start: gathered.reaches_start,
            options,
            defaults: &self.settings.feed,
            now: self.clock.now(),
            links,
            language: known.language,
            life: known.rhythm,
        }
    }

    /// Feeds are kept rendered for the first few bases that requests bring: each base is a copy of every feed.
    fn keeps_base(&self, base: &Base) -> bool {
        let mut bases = self.bases.lock().unwrap_or_else(PoisonError::into_inner);
        if bases.contains(base) {
            return true;
        }
        let has_room = bases.len() < KEPT_BASES;
        if has_room {
            bases.push(base.clone());
        }
        has_room
    }

    fn applying(&self) -> MutexGuard<'_, ()> {
        self.applying.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
