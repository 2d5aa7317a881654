//! A feed from what is known of a channel: gathered, selected, rendered once for all who ask, and kept.

use std::sync::Arc;

use super::history::Gathered;
use super::memory::ChannelState;
use super::render::Rendered;
use super::render_cache::{RenderKey, Rendering};
use super::{Error, Feed, Inner, RequestContext, View, merge};
use crate::feed::{self, Selection};
use crate::links::{Base, Links};
use crate::model::{FeedOptions, Format, MessageId, Snapshot};

/// All that decides a feed's bytes but what is known of the channel.
struct Draft {
    known: Arc<ChannelState>,
    gathered: Gathered,
    options: FeedOptions,
    base: Base,
    format: Format,
    former: Option<Arc<Rendered>>,
}

impl Draft {
    /// Whether it is the first answer that a reader of the channel's plain feed gets.
    fn sets_floor(&self) -> bool {
        self.options.has_floor() && self.known.snapshot.floor.is_none()
    }
}

impl Inner {
    /// The posts that the options select, and why they are fewer than were asked for.
    pub(super) fn select(
        &self,
        known: &ChannelState,
        gathered: &Gathered,
        options: &FeedOptions,
        links: &Links,
    ) -> Result<Selection, Error> {
        let selection = feed::select(&self.request(known, gathered, options, links));
        match &gathered.error {
            // Nothing at all would say that there is nothing.
            Some(error)
                if selection.posts.is_empty()
                    && (options.asks_for_more() || *error == Error::NoArchive) =>
            {
                Err(error.clone())
            }
            _ => Ok(selection),
        }
    }

    pub(super) async fn feed(
        self: &Arc<Self>,
        mut view: View,
        options: &FeedOptions,
        format: Format,
        base: &Base,
        context: RequestContext,
    ) -> Result<Feed, Error> {
        let known = &view.known;
        let channel = known.snapshot.channel.name.clone();
        let key = RenderKey {
            channel: known.key(),
            options: self.normal_form(options),
            format,
            base: base.clone(),
        };
        let states = [Arc::clone(known)];
        let rendering = {
            let (inner, known) = (Arc::clone(self), Arc::clone(known));
            let options = options.clone();
            let render = move |key, former| inner.render_feed(key, known, options, former, context);
            self.renders.get_or_render(key, &states, render).await?
        };
        view.freshness = view.freshness.lacking(rendering.detail);
        let rendered = rendering.rendered;
        Ok(Feed { channel, rendered, freshness: view.freshness })
    }

    /// The options as a key: equal ones are one.
    pub(super) fn normal_form(&self, options: &FeedOptions) -> Box<str> {
        let defaults = &self.settings.feed.options;
        if options == defaults { Box::default() } else { options.to_query(defaults).into() }
    }

    async fn render_feed(
        self: Arc<Self>,
        key: RenderKey,
        known: Arc<ChannelState>,
        options: FeedOptions,
        former: Option<Arc<Rendered>>,
        context: RequestContext,
    ) -> Result<Rendering, Error> {
        let gathered = self.gather(&known, &options, context).await;
        let detail = gathered.detail();
        let is_complete = gathered.is_complete;
        let RenderKey { format, base, .. } = key;
        let draft =
            Arc::new(Draft { known: Arc::clone(&known), gathered, options, base, format, former });
        let (mut rendered, oldest) = self.rendering(&draft, known).await?;
        if draft.sets_floor()
            && let Some(oldest) = oldest
        {
            let known = self.fix_floor(&draft.known, oldest).await?;
            let is_as_rendered =
                known.snapshot.floor == Some(oldest) && known.base_ttl == draft.known.base_ttl;
            if !is_as_rendered {
                (rendered, _) = self.rendering(&draft, known).await?;
            }
        }
        Ok(Rendering { rendered: Arc::new(rendered), detail, is_complete })
    }

    /// Rendering takes some milliseconds of computing: not on a thread that serves connections.
    async fn rendering(
        self: &Arc<Self>,
        draft: &Arc<Draft>,
        known: Arc<ChannelState>,
    ) -> Result<(Rendered, Option<MessageId>), Error> {
        let (inner, draft) = (Arc::clone(self), Arc::clone(draft));
        let rendering = tokio::task::spawn_blocking(move || inner.render(&draft, &known));
        rendering.await.map_err(|_| Error::Internal)?
    }

    /// The feed, and the oldest post that it accounts for.
    fn render(
        &self,
        draft: &Draft,
        known: &ChannelState,
    ) -> Result<(Rendered, Option<MessageId>), Error> {
        let Draft { gathered, options, format, .. } = draft;
        let links = Links::new(draft.base.clone(), self.settings.feed.options.clone());
        let selection = self.select(known, gathered, options, &links)?;
        let request = self.request(known, gathered, options, &links);
        let feed = feed::Feed::build(&request, &selection);
        let fitting = selection.posts.get(..feed.items.len());
        let oldest = match fitting.and_then(<[_]>::last) {
            Some(last) if feed.items.len() < selection.posts.len() => Some(last.post.id),
            _ => selection.end,
        };
        let body = feed::write(&feed, *format);
        let snapshot = &known.snapshot;
        // Counters change without anything being said: such a feed is as old as its fetch.
        let last_modified = if options.stats() { snapshot.fetched } else { snapshot.updated };
        let same = draft.former.as_ref().filter(|former| former.body().as_ref() == body);
        let rendered = match same {
            Some(former) => former.again(last_modified),
            None => Rendered::new(body, last_modified),
        };
        Ok((rendered, oldest))
    }

    /// Fixes how far back a channel's plain feed goes, unless an answer did before, and gives what is known with it. It is in
    /// the archive before anybody is answered.
    pub(super) async fn fix_floor(
        &self,
        known: &Arc<ChannelState>,
        oldest: MessageId,
    ) -> Result<Arc<ChannelState>, Error> {
        let _applying = self.applying.lock().await;
        let channel = &known.snapshot.channel;
        let is_same = |current: &Arc<ChannelState>| {
            merge::is_same_channel(&current.snapshot.channel, channel)
        };
        let current = self.recall(&channel.name).await?.filter(is_same);
        let floor = current.as_ref().and_then(|current| current.snapshot.floor).unwrap_or(oldest);
        if let Some(current) = current.filter(|current| current.snapshot.floor.is_none()) {
            let current = self.keep_state(self.with_floor(&current, floor)).await;
            self.memory.channels.insert(current.key(), Arc::new(current));
        }
        Ok(Arc::new(self.with_floor(known, floor)))
    }

    /// The same for each of several channels: a feed of them counts as an answer of each channel's own.
    pub(super) async fn fix_floors(
        self: &Arc<Self>,
        several: Vec<Arc<ChannelState>>,
        options: &FeedOptions,
        base: &Base,
        context: RequestContext,
    ) -> Result<Vec<Arc<ChannelState>>, Error> {
        let links = Links::new(base.clone(), self.settings.feed.options.clone());
        let mut fixed = Vec::with_capacity(several.len());
        for known in several {
            if known.snapshot.floor.is_some() {
                fixed.push(known);
                continue;
            }
            let gathered = self.gather(&known, options, context).await;
            let end = feed::select(&self.request(&known, &gathered, options, &links)).end;
            fixed.push(match end {
                Some(end) => self.fix_floor(&known, end).await?,
                None => known,
            });
        }
        Ok(fixed)
    }

    fn with_floor(&self, known: &ChannelState, floor: MessageId) -> ChannelState {
        let snapshot = Snapshot { floor: Some(floor), ..known.snapshot.clone() };
        ChannelState {
            ttl: self.ttl(known.is_partial, &snapshot),
            base_ttl: self.bounds().base_ttl(&snapshot),
            snapshot,
            ..known.clone()
        }
    }

    pub(super) fn request<'a>(
        &'a self,
        known: &'a ChannelState,
        gathered: &'a Gathered,
        options: &'a FeedOptions,
        links: &'a Links,
    ) -> feed::Request<'a> {
        let newest = known.snapshot.posts.first();
        feed::Request {
            snapshot: &known.snapshot,
            posts: &gathered.posts,
            passed: gathered.passed,
            reaches_start: gathered.reaches_start,
            options,
            defaults: &self.settings.feed,
            // The last day is that before the newest post: else posts would leave the feed while nothing is said.
            now: newest.map_or_else(|| self.clock.now(), |kept| kept.post.published),
            links,
            language: known.language,
            ttl: known.base_ttl,
        }
    }
}
