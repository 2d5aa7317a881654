//! Feeds and pages of a source: one channel, several channels, or a search.
//!
//! The channels are refreshed concurrently (`view`), posts are gathered and selected (`gather`), and the feed is
//! rendered in single flight. A rendered feed is cached with the states of its channels, and rendered again after a
//! fetch of one of them. Feeds and pages of a search come from the archive and are not cached.

mod gather;
mod view;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use view::{Missing, SourceView};

use super::channels::Channels;
use super::error::read_failed;
use super::history::History;
use super::memory::ChannelState;
use super::refresh::Refresher;
use super::render::Rendered;
use super::render_cache::{RenderCache, RenderKey, Rendering};
use super::{ClientId, Error, Freshness, RequestContext, Runtime, search};
use crate::feed::{self, Selection};
use crate::links::{Base, Links};
use crate::model::{FeedOptions, Format, MessageId, Source, StoredPost};
use gather::Gathering;

/// The nearest newer posts that are searched for the beginning of the page of newer posts.
const NEWER: usize = 200;

#[derive(Clone, Debug)]
pub struct Feed {
    pub rendered: Arc<Rendered>,
    /// The freshness of the channel whose TTL ends first; `None` for a search.
    pub freshness: Option<Freshness>,
    /// The channels that the feed lacks.
    pub missing: Vec<Missing>,
    /// The feed's present source and options, if channels have been renamed.
    pub moved: Option<(Source, FeedOptions)>,
}

#[derive(Clone, Debug)]
pub struct Listing {
    /// Empty for a search.
    pub channels: SourceView,
    pub selection: Selection,
}

pub struct Feeds {
    runtime: Arc<Runtime>,
    channels: Arc<Channels>,
    refresher: Arc<Refresher>,
    history: Arc<History>,
    cache: RenderCache,
}

impl Feeds {
    pub(super) fn new(
        runtime: &Arc<Runtime>,
        channels: &Arc<Channels>,
        refresher: &Arc<Refresher>,
        history: &Arc<History>,
    ) -> Self {
        let bytes = runtime.settings.memory.as_u64() / 16 * 6;
        Self {
            cache: RenderCache::new(bytes, runtime.tasks.clone()),
            runtime: Arc::clone(runtime),
            channels: Arc::clone(channels),
            refresher: Arc::clone(refresher),
            history: Arc::clone(history),
        }
    }

    /// The feed of a source.
    ///
    /// # Errors
    /// [`Error::Refused`] when Telegram refuses all channels and the archive has no posts; [`Error::Gone`];
    /// [`Error::NoArchive`].
    pub async fn feed(
        self: &Arc<Self>,
        source: &Source,
        options: &FeedOptions,
        format: Format,
        base: &Base,
        client_id: ClientId,
    ) -> Result<Feed, Error> {
        if matches!(source, Source::Search { .. }) {
            return self.search_feed(source, options, format, base).await;
        }
        let timeout = self.runtime.settings.refresh_timeout;
        let context = RequestContext::of_feed(client_id, timeout, options);
        let view = SourceView::fetch(&self.refresher, source, context).await?;
        let moved = view.moved(source, options);
        let (source, options) = moved.clone().unwrap_or_else(|| (source.clone(), options.clone()));
        let key = self.key(&source, &options, format, base);
        let draft =
            Draft { source, options, format, base: base.clone(), states: view.states.clone() };
        let feeds = Arc::clone(self);
        let render = move |former| async move { draft.render(&feeds, former, context).await };
        let rendering = self.cache.get_or_render(key, &view.states, render).await?;
        Ok(Feed {
            freshness: Some(view.freshness().lacking(rendering.detail)),
            rendered: rendering.rendered,
            missing: view.missing,
            moved,
        })
    }

    async fn search_feed(
        &self,
        source: &Source,
        options: &FeedOptions,
        format: Format,
        base: &Base,
    ) -> Result<Feed, Error> {
        let selection = search::select(&self.runtime, source, options).await?;
        let (source, options) = (source.clone(), options.clone());
        let draft = Draft { source, options, format, base: base.clone(), states: Vec::new() };
        let (links, now) = (draft.links(self), self.runtime.clock.now());
        let write = move || {
            let document = draft.document(&selection, &links);
            draft.write(&document, &selection, None, now)
        };
        let rendered = Arc::new(compute(write).await?);
        Ok(Feed { rendered, freshness: None, missing: Vec::new(), moved: None })
    }

    /// The cached feed, if every channel is fresh or has a cached refusal, and the feed was rendered from these states.
    pub fn cached(
        &self,
        source: &Source,
        options: &FeedOptions,
        format: Format,
        base: &Base,
    ) -> Option<Feed> {
        let fresh = view::fresh(&self.runtime.memory, self.runtime.clock.now(), source)?;
        let states: Vec<Arc<ChannelState>> = fresh.iter().flatten().cloned().collect();
        let key = self.key(source, options, format, base);
        let rendered = self.cache.get(&key, &states)?.rendered;
        let view = SourceView::of_fresh(&self.refresher, source, fresh)?;
        let freshness = Some(view.freshness());
        Some(Feed { rendered, freshness, missing: view.missing, moved: None })
    }

    /// The posts of a source that the options select, for a page.
    ///
    /// # Errors
    /// As [`Feeds::feed`].
    pub async fn page(
        &self,
        source: &Source,
        options: &FeedOptions,
        refresh_timeout: Duration,
        client_id: ClientId,
    ) -> Result<Listing, Error> {
        let context = RequestContext::new(client_id, refresh_timeout);
        if matches!(source, Source::Search { .. }) {
            let selection = search::select(&self.runtime, source, options).await?;
            return Ok(Listing { channels: SourceView::default(), selection });
        }
        let mut channels = SourceView::fetch(&self.refresher, source, context).await?;
        let gathering = Gathering::new(self, source, &channels.states, options, context);
        let gathered = gathering.run().await?;
        channels.detail = gathered.detail();
        Ok(Listing { channels, selection: gathered.selection })
    }

    /// The `before` of the page of newer posts, which has at most `posts` posts and ends where the page before a
    /// message begins; `None` when that is the first page.
    ///
    /// # Errors
    /// [`Error::NoArchive`]
    pub async fn newer(
        &self,
        state: &ChannelState,
        options: &FeedOptions,
        before: MessageId,
        posts: usize,
    ) -> Result<Option<MessageId>, Error> {
        let newer = self.posts_from(state, before).await?;
        let wants = |stored: &&Arc<StoredPost>| feed::wants(&stored.post, options, state.language);
        let mut wanted = newer.iter().rev().filter(wants);
        let beyond = wanted.nth(posts).map(|stored| stored.post.id);
        // If too few of these posts match, the page begins with the newest of them.
        let end = newer.first().filter(|_| newer.len() >= NEWER).map(|stored| stored.post.id);
        Ok(beyond.or(end))
    }

    /// The nearest posts from a message on, newest first, that message included.
    async fn posts_from(
        &self,
        state: &ChannelState,
        from: MessageId,
    ) -> Result<Vec<Arc<StoredPost>>, Error> {
        let posts = &state.snapshot.posts;
        let is_within = posts.last().is_some_and(|last| last.post.id <= from);
        if !is_within
            && let Some(channel) = state.id
            && let Some(below) = MessageId::new(from.get() - 1)
        {
            let rows =
                self.runtime.archive.newer(channel, below, NEWER).await.map_err(read_failed)?;
            return Ok(self.channels.shown(&rows));
        }
        Ok(posts.iter().filter(|stored| stored.post.id >= from).cloned().collect())
    }

    fn key(
        &self,
        source: &Source,
        options: &FeedOptions,
        format: Format,
        base: &Base,
    ) -> RenderKey {
        let defaults = &self.runtime.settings.feed.options;
        // Most feeds have no options: they need no query string.
        let options = match options == defaults {
            true => Box::default(),
            false => options.to_query(defaults).into(),
        };
        RenderKey { source: source.key().into(), options, format, base: base.clone() }
    }
}

/// The inputs of a feed's bytes, except its posts.
#[derive(Clone)]
struct Draft {
    source: Source,
    options: FeedOptions,
    format: Format,
    base: Base,
    states: Vec<Arc<ChannelState>>,
}

impl Draft {
    async fn render(
        mut self,
        feeds: &Feeds,
        former: Option<Arc<Rendered>>,
        context: RequestContext,
    ) -> Result<Rendering, Error> {
        if self.options.stops_at_first_seen() {
            self.set_first_seen(feeds, context).await?;
        }
        let Self { source, states, options, .. } = &self;
        let gathered = Gathering::new(feeds, source, states, options, context).run().await?;
        let (detail, is_complete) = (gathered.detail(), gathered.is_complete);
        let (links, now) = (self.links(feeds), feeds.runtime.clock.now());
        let write = move || {
            let document = self.document(&gathered.selection, &links);
            self.write(&document, &gathered.selection, former.as_deref(), now)
        };
        let rendered = Arc::new(compute(write).await?);
        Ok(Rendering { rendered, detail, is_complete })
    }

    fn links(&self, feeds: &Feeds) -> Links {
        Links::new(self.base.clone(), feeds.runtime.settings.feed.options.clone())
    }

    /// Sets the `first_seen_id` of each channel that has none, before its first feed: the oldest post of the channel's
    /// own feed. A feed of several channels counts as the first answer of each.
    async fn set_first_seen(
        &mut self,
        feeds: &Feeds,
        context: RequestContext,
    ) -> Result<(), Error> {
        for state in &mut self.states {
            if state.snapshot.first_seen_id.is_some() {
                continue;
            }
            let buffer = feeds.history.gather(state, &self.options, context).await;
            let draft = Self {
                source: Source::channel(state.snapshot.channel.name.clone()),
                options: self.options.clone(),
                format: self.format,
                base: self.base.clone(),
                states: vec![Arc::clone(state)],
            };
            let (links, defaults) = (draft.links(feeds), feeds.runtime.settings.feed.clone());
            let oldest = compute(move || {
                let candidates = [buffer.candidates];
                let selection = feed::select(&draft.source, &candidates, &draft.options, &defaults);
                selection.oldest(draft.document(&selection, &links).items.len())
            });
            if let Some(oldest) = oldest.await? {
                *state = feeds.channels.set_first_seen(state, oldest).await?;
            }
        }
        Ok(())
    }

    fn document(&self, selection: &Selection, links: &Links) -> feed::Feed {
        let channel = self.states.first().map(|state| &state.snapshot.channel);
        let request = feed::Request {
            source: &self.source,
            channel: channel.filter(|_| self.source.single().is_some()),
            options: &self.options,
            links,
            updated: self.updated(selection),
            ttl: self.states.iter().map(|state| state.base_ttl).min().unwrap_or(search::TTL),
        };
        feed::Feed::build(&request, selection)
    }

    /// The last change of the channels' content; for a search, of its results.
    fn updated(&self, selection: &Selection) -> DateTime<Utc> {
        let updated = self.states.iter().map(|state| state.snapshot.updated).max();
        let posts = || selection.entries.iter().map(|entry| entry.post.updated).max();
        updated.or_else(posts).unwrap_or_default()
    }

    fn write(
        &self,
        document: &feed::Feed,
        selection: &Selection,
        former: Option<&Rendered>,
        now: DateTime<Utc>,
    ) -> Rendered {
        let body = feed::write(document, self.format);
        // A feed with counters changes with every fetch, even if no content changes.
        let fetched = self.states.iter().map(|state| state.snapshot.fetched).max();
        let fetched = fetched.filter(|_| self.options.stats());
        let changed = fetched.unwrap_or_else(|| self.updated(selection));
        match former {
            Some(former) if former.body().as_ref() == body => {
                former.again(changed.max(former.last_modified()))
            }
            // A channel that was missing before can add posts older than the newest of the others.
            Some(former) if changed <= former.last_modified() => Rendered::new(body, now),
            _ => Rendered::new(body, changed),
        }
    }
}

/// Runs selecting and rendering, which take some milliseconds, on a blocking thread, so that connections do not wait.
async fn compute<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Internal)
}
