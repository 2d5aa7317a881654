//! Serves channels as fresh as possible: a fresh state from memory, else the result of a refresh in single flight, else
//! the stale state with the reason.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio::time::Instant;

use super::channels::{Channels, Newest};
use super::completion::Completion;
use super::error::Error;
use super::freshness::{CacheStatus, Freshness, elapsed};
use super::memory::ChannelState;
use super::merge;
use super::post_fetcher::PostFetcher;
use super::schedule::{Failure, News};
use super::single_flight::{SingleFlight, Waiter};
use super::{COLD_TIMEOUT, Key, RequestContext, Runtime, View};
use crate::model::{ChannelName, Page};
use crate::upstream::{Class, Priority, Query, Refusal};

/// How long the last good content of a deleted channel is served.
const LAST_GOOD_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The longest expected wait at which an unknown channel still enters the queue as background work. A longer queue is
/// full of channels that nobody may request again.
const MAX_BACKGROUND_WAIT: Duration = Duration::from_secs(2 * 60);

/// The most unread refreshes of a receiver; further ones displace the oldest.
const MAX_NEWS: usize = 32;

pub(super) type Outcome = Result<Arc<ChannelState>, Error>;

pub(super) struct Refresher {
    runtime: Arc<Runtime>,
    channels: Arc<Channels>,
    completion: Arc<Completion>,
    posts: Arc<PostFetcher>,
    flights: SingleFlight<Key, Outcome>,
    followed_news: broadcast::Sender<Arc<ChannelState>>,
}

impl Refresher {
    pub(super) fn new(
        runtime: &Arc<Runtime>,
        channels: &Arc<Channels>,
        completion: Arc<Completion>,
        posts: &Arc<PostFetcher>,
    ) -> Self {
        Self {
            flights: SingleFlight::new(runtime.tasks.clone()),
            followed_news: broadcast::Sender::new(MAX_NEWS),
            runtime: Arc::clone(runtime),
            channels: Arc::clone(channels),
            completion,
            posts: Arc::clone(posts),
        }
    }

    /// A channel, as fresh as possible within the time-out.
    pub(super) async fn view(
        self: &Arc<Self>,
        name: &ChannelName,
        context: RequestContext,
    ) -> Result<View, Error> {
        let name = self.runtime.memory.resolve(name);
        let key = Key::from(name.key());
        let state = self.channels.recall(&name).await?;
        if let Some(state) = state.as_ref().filter(|state| state.is_fresh(self.runtime.clock.now()))
        {
            return Ok(self.seen(state, CacheStatus::Hit, None));
        }
        match (&state, self.runtime.memory.refusal(&key)) {
            (Some(state), Some(refusal)) => self.stale(state, &refusal.into()),
            (Some(state), None) => self.refreshed(&key, state, context.refresh_timeout).await,
            (None, Some(refusal)) => Err(refusal.into()),
            (None, None) => self.cold(name, &key, context).await,
        }
    }

    /// Turns a state into an answer to a client, which counts as a visit.
    pub(super) fn seen(
        &self,
        state: &Arc<ChannelState>,
        source: CacheStatus,
        detail: Option<&'static str>,
    ) -> View {
        let now = self.runtime.clock.now();
        self.runtime.schedule.visited(state, now);
        let age = elapsed(state.snapshot.fetched, now);
        let detail = detail.or(state.is_partial.then_some("partial"));
        View {
            state: Arc::clone(state),
            freshness: Freshness { source, age, ttl: state.ttl, detail },
        }
    }

    /// The present name of a channel. An expired alias is checked at Telegram first.
    pub(super) async fn present_name(
        self: &Arc<Self>,
        name: &ChannelName,
        context: RequestContext,
    ) -> ChannelName {
        if self.runtime.memory.is_stale_alias(&name.key()) {
            // The outcome does not matter here: the refresh itself updates the alias.
            drop(self.view(name, context).await);
        }
        self.runtime.memory.resolve(name)
    }

    pub(super) fn followed_news(&self) -> broadcast::Receiver<Arc<ChannelState>> {
        self.followed_news.subscribe()
    }

    /// Refreshes a channel as background work, or joins the refresh in flight.
    pub(super) async fn refresh_ahead(self: &Arc<Self>, name: ChannelName) -> Outcome {
        let key = Key::from(name.key());
        // Telegram is not queried while the archive cannot be read: the page could not be merged.
        self.channels.recall(&name).await?;
        let mut waiter = self.join(name, &key, Class::Background, true, false);
        waiter.outcome().await.unwrap_or(Err(Error::Internal))
    }

    /// Refreshes a stale channel for a client that waits until its time-out. If the queue takes longer, the client gets
    /// the stale state at once.
    async fn refreshed(
        self: &Arc<Self>,
        key: &Key,
        state: &Arc<ChannelState>,
        refresh_timeout: Duration,
    ) -> Result<View, Error> {
        let name = state.snapshot.channel.name.clone();
        let is_long = self.runtime.upstream.wait(Class::Waiting) > refresh_timeout;
        let class = if is_long { Class::Background } else { Class::Waiting };
        let mut waiter = self.join(name, key, class, false, false);
        // A refresh whose request has started is not in the queue any more.
        if is_long && waiter.started().is_none() {
            waiter.detach();
            return Ok(self.seen(state, CacheStatus::Stale, Some("refreshing")));
        }
        match tokio::time::timeout(refresh_timeout, waiter.outcome()).await {
            Ok(Some(Ok(state))) => Ok(self.seen(&state, CacheStatus::Miss, None)),
            Ok(Some(Err(error))) => self.stale(state, &error),
            Ok(None) => Ok(self.seen(state, CacheStatus::Stale, Some("internal"))),
            Err(_) => {
                waiter.detach();
                Ok(self.seen(state, CacheStatus::Stale, Some("refreshing")))
            }
        }
    }

    /// The last good content in spite of an error, unless the channel has been gone for [`LAST_GOOD_TTL`].
    fn stale(&self, state: &Arc<ChannelState>, error: &Error) -> Result<View, Error> {
        let now = self.runtime.clock.now();
        let is_long = |since| elapsed(since, now) >= LAST_GOOD_TTL;
        if let Error::Refused(refusal) = error
            && refusal.is_gone()
            && state.gone_since.is_some_and(is_long)
        {
            return Err(Error::Gone(refusal.clone()));
        }
        Ok(self.seen(state, CacheStatus::Stale, Some(error.code())))
    }

    /// Fetches an unknown channel. The refresh continues if its client leaves: clients retry.
    async fn cold(
        self: &Arc<Self>,
        name: ChannelName,
        key: &Key,
        context: RequestContext,
    ) -> Result<View, Error> {
        // The check of a former name costs no token.
        if !self.flights.has(key) && self.runtime.memory.alias(key).is_none() {
            self.runtime.limiter.charge(context.client_id)?;
        }
        let requested = Instant::now();
        let mut waiter = self.join(name.clone(), key, Class::Waiting, true, context.is_plain_feed);
        match tokio::time::timeout(COLD_TIMEOUT, waiter.outcome()).await {
            Ok(Some(Ok(state))) => Ok(self.seen(&state, CacheStatus::Miss, None)),
            Ok(Some(Err(Error::Refused(Refusal::Busy { retry_after })))) => {
                Err(self.put_off(name, key, retry_after).await.into())
            }
            Ok(Some(Err(error))) => Err(error),
            Ok(None) => Err(Error::Internal),
            Err(_) => {
                let begun = waiter.started();
                waiter.detach();
                Err(self.too_late(requested, begun).await.into())
            }
        }
    }

    /// The refusal after the time-out: a slow response of Telegram, or a long queue.
    async fn too_late(&self, requested: Instant, begun: Option<Instant>) -> Refusal {
        match begun {
            Some(begun) if begun < requested + COLD_TIMEOUT / 2 => {
                Refusal::Timeout { limit: COLD_TIMEOUT }
            }
            // The request started late, so its response is due soon.
            Some(_) => Refusal::busy(COLD_TIMEOUT / 2),
            None => self.busy_behind().await,
        }
    }

    /// The queue is too long for this client to wait: the channel is fetched as background work, so that it is known
    /// after `Retry-After`. Otherwise every retry would be refused again.
    async fn put_off(
        self: &Arc<Self>,
        name: ChannelName,
        key: &Key,
        retry_after: Duration,
    ) -> Refusal {
        if self.runtime.upstream.wait(Class::Background) > MAX_BACKGROUND_WAIT {
            return Refusal::busy(retry_after);
        }
        self.join(name, key, Class::Background, true, false).detach();
        self.busy_behind().await
    }

    /// A busy refusal until the queue is empty.
    async fn busy_behind(&self) -> Refusal {
        // A refresh that was just started or demoted enters the queue when its task runs next.
        tokio::task::yield_now().await;
        Refusal::busy(self.runtime.upstream.wait(Class::Background))
    }

    /// Joins the refresh in flight, or starts one. `is_for_plain_feed`: see [`RequestContext::is_plain_feed`].
    fn join(
        self: &Arc<Self>,
        name: ChannelName,
        key: &Key,
        class: Class,
        stays: bool,
        is_for_plain_feed: bool,
    ) -> Waiter<Key, Outcome> {
        self.flights.join(Key::clone(key), class, stays, |priority: Priority| {
            let refresher = Arc::clone(self);
            async move { refresher.refresh(name, priority, is_for_plain_feed).await }
        })
    }

    async fn refresh(
        &self,
        name: ChannelName,
        priority: Priority,
        is_for_plain_feed: bool,
    ) -> Outcome {
        let since = self.runtime.clock.now();
        let key = Key::from(name.key());
        // Another flight may have ended since the look-up.
        if let Some(state) = self.runtime.memory.get(&key)
            && state.is_fresh(since)
            && !self.runtime.schedule.plan().wants(&key, state.snapshot.fetched)
        {
            return Ok(state);
        }
        if let Some(refusal) = self.runtime.memory.refusal(&key) {
            return Err(refusal.into());
        }
        let page = match self.runtime.upstream.page(&name, &Query::Newest, &priority).await {
            Ok(fetched) => fetched.page,
            Err(refusal) => return self.refused(&name, &key, refusal).await,
        };
        let channel = &page.channel;
        let found = self.channels.find(&name, &channel.name, channel.numeric_id).await?;
        let known = found.state.as_deref();
        let (mut page, is_contiguous) = self.close_gap(&name, page, known, &priority).await;
        self.completion.complete(known, &mut page.posts).await?;
        let newest = Newest { page, is_contiguous, is_for_plain_feed };
        let forget_posts = || self.posts.clear();
        let state = self.channels.apply_newest(&name, newest, found, since, forget_posts).await?;
        self.runtime.memory.remove_refusal(&key);
        self.runtime.schedule.update(|plan| {
            let (news, own, now) = (News::of(&state), state.key(), self.runtime.clock.now());
            plan.refreshed(&key, news, now);
            if own != key {
                plan.refreshed(&own, news, now);
            }
        });
        let mut followed = self.runtime.settings.schedule.follow.iter();
        if followed.any(|name| *name == state.snapshot.channel.name) {
            // A send error only means that there is no receiver.
            drop(self.followed_news.send(Arc::clone(&state)));
        }
        tracing::info!(
            channel.name = %state.snapshot.channel.name,
            channel.posts = state.snapshot.posts.len(),
            channel.ttl_s = state.ttl.as_secs(),
            "refreshed"
        );
        Ok(state)
    }

    /// Caches a refusal. If the name does not exist, or during an outage, a former name still leads to its channel.
    async fn refused(&self, name: &ChannelName, key: &Key, refusal: Refusal) -> Outcome {
        tracing::info!(channel.name = %name, refusal = refusal.code(), "refused");
        let now = self.runtime.clock.now();
        let is_vacant = refusal.is_outage() || matches!(refusal, Refusal::NotFound { .. });
        if is_vacant
            && let Some(successor) = self.channels.successor(name).await?
            && let Some(state) = self.channels.recall(&successor).await?
        {
            self.runtime.memory.set_alias(Key::clone(key), successor);
            return Ok(state);
        }
        self.runtime.schedule.update(|plan| plan.refused(key, Failure::of(&refusal), now));
        if refusal.is_gone() {
            self.channels.set_gone(name).await?;
        }
        self.runtime.memory.set_refusal(name.key().into(), refusal.clone());
        Err(refusal.into())
    }

    /// Joins the newest page with the older pages down to the known posts. Returns whether no gap is left.
    async fn close_gap(
        &self,
        name: &ChannelName,
        mut page: Page,
        state: Option<&ChannelState>,
        priority: &Priority,
    ) -> (Page, bool) {
        let newest_known = state.and_then(|state| state.covered.first().map(|range| range.high));
        let has_gap = |page: &Page| {
            let pair = newest_known.zip(page.oldest());
            pair.is_some_and(|(known, oldest)| known.get() + 1 < oldest.get())
                && page.older.is_some()
        };
        let mut fetched = 0;
        while has_gap(&page) && fetched < self.runtime.settings.backfill_pages {
            let Some(before) = page.older else { break };
            fetched += 1;
            match self.runtime.upstream.page(name, &Query::Before(before), priority).await {
                // A truncated page lacks the posts next to the newer page.
                Ok(older) if older.page.is_whole && is_older(&older.page, &page) => {
                    page = merge::behind(page, older.page);
                }
                // The gap stays open, but the posts so far are applied.
                Ok(_) | Err(_) => break,
            }
        }
        let is_contiguous = !has_gap(&page);
        if !is_contiguous {
            tracing::warn!(channel.name = %name, pages = fetched, "a gap stays open: posts in between were not fetched");
        }
        (page, is_contiguous)
    }
}

fn is_older(older: &Page, newer: &Page) -> bool {
    older.oldest().is_some() && older.oldest() < newer.oldest()
}
