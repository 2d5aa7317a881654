//! Fetches posts that are not among a channel's newest ones: pages of older posts, pages of Telegram's search, and
//! single posts.
//!
//! Each fetch runs in single flight, is applied to the known channel (`channels`), and is cached. A fetch for a client
//! counts against the client's limit.

use std::sync::Arc;
use std::time::Duration;

use super::channels::Channels;
use super::client_limiter::ClientLimiter;
use super::completion::Completion;
use super::error::Error;
use super::memory::{ENTRY_SIZE, post_size, posts_size};
use super::ttl_cache::{Deadline, Fetched, TtlCache};
use super::{COLD_TIMEOUT, Key, RequestContext, Runtime};
use crate::model::{ChannelName, MessageId, StoredPost, has_files};
use crate::upstream::{Class, NetworkError, Priority, Query, Refusal, Upstream};

/// The TTL of search pages and single posts. Telegram's file addresses live a little longer.
pub(super) const TTL: Duration = Duration::from_secs(60 * 60);

#[derive(Clone, Debug)]
pub(super) struct OtherPage {
    /// Newest first; a page of older posts has no gap.
    pub(super) posts: Vec<Arc<StoredPost>>,
    /// The message before which the next page ends; `None` when no older posts exist.
    pub(super) older: Option<MessageId>,
}

/// A post from its own page.
#[derive(Clone, Debug)]
pub(super) struct SinglePost {
    pub(super) post: Arc<StoredPost>,
    /// The title of the channel or group.
    pub(super) title: String,
}

pub(super) type PostKey = (Key, MessageId);

pub(super) struct PostFetcher {
    upstream: Upstream,
    channels: Arc<Channels>,
    completion: Arc<Completion>,
    limiter: Arc<ClientLimiter>,
    /// By the message before which the page ends.
    older: TtlCache<PostKey, OtherPage>,
    /// By the query in lower case.
    searches: TtlCache<(Key, String), OtherPage>,
    singles: TtlCache<PostKey, SinglePost>,
}

impl PostFetcher {
    pub(super) fn new(
        upstream: Upstream,
        channels: Arc<Channels>,
        completion: Arc<Completion>,
        limiter: Arc<ClientLimiter>,
        runtime: &Runtime,
    ) -> Self {
        let bytes = runtime.settings.memory.as_u64() / 24;
        let max_ttl = runtime.settings.max_ttl;
        Self {
            upstream,
            channels,
            completion,
            limiter,
            older: TtlCache::new(bytes, max_ttl, |_, page| page_size(page), runtime),
            searches: TtlCache::new(bytes, TTL, |key, page| key.1.len() + page_size(page), runtime),
            singles: TtlCache::new(bytes, TTL, |_, single| single_size(single), runtime),
        }
    }

    pub(super) fn cached_older(&self, key: &PostKey) -> Option<Result<OtherPage, Error>> {
        self.older.outcome(key)
    }

    /// The posts before a message, for a client.
    pub(super) async fn older(
        self: &Arc<Self>,
        name: &ChannelName,
        key: &PostKey,
        context: RequestContext,
    ) -> Result<OtherPage, Error> {
        let work = |priority: Priority| {
            let (fetcher, name, before) = (Arc::clone(self), name.clone(), key.1);
            async move { fetcher.fetch_older(&name, before, &priority).await }
        };
        let charge = || self.limiter.charge(context.client_id);
        self.older.fetch(key, Class::Waiting, context.deadline, charge, work).await
    }

    /// Fetches the posts before a message from Telegram.
    pub(super) async fn fetch_older(
        &self,
        name: &ChannelName,
        before: MessageId,
        priority: &Priority,
    ) -> Result<OtherPage, Error> {
        let mut page = self.upstream.page(name, &Query::Before(before), priority).await?.page;
        if !page.is_whole {
            // The posts next to the known ones are missing, which would leave a gap.
            return Err(Refusal::Unreachable(NetworkError::Truncated).into());
        }
        self.completion.complete(name, page.channel.numeric_id, &mut page.posts).await?;
        let posts = self.channels.apply_older(name, before, &page).await?;
        self.cache_files(name, &page.channel.title, &posts);
        Ok(OtherPage { posts, older: page.older })
    }

    /// The results of Telegram's own search in a channel.
    pub(super) async fn search(
        self: &Arc<Self>,
        name: &ChannelName,
        words: &str,
        context: RequestContext,
    ) -> Result<OtherPage, Error> {
        let key = (Key::from(name.key()), words.to_lowercase());
        let work = |priority: Priority| {
            let (fetcher, name, words) = (Arc::clone(self), name.clone(), key.1.clone());
            async move { fetcher.fetch_search(&name, words, &priority).await }
        };
        let charge = || self.limiter.charge(context.client_id);
        self.searches.fetch(&key, Class::Waiting, context.deadline, charge, work).await
    }

    async fn fetch_search(
        &self,
        name: &ChannelName,
        words: String,
        priority: &Priority,
    ) -> Result<OtherPage, Error> {
        let mut page = self.upstream.page(name, &Query::Words(words), priority).await?.page;
        self.completion.complete(name, page.channel.numeric_id, &mut page.posts).await?;
        let posts = self.channels.apply_found(name, &mut page).await?;
        self.cache_files(name, &page.channel.title, &posts);
        Ok(OtherPage { posts, older: page.older })
    }

    pub(super) async fn single(
        self: &Arc<Self>,
        name: &ChannelName,
        id: MessageId,
        class: Class,
        charge: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<SinglePost, Error> {
        let key = (Key::from(name.key()), id);
        let work = |priority: Priority| {
            let (fetcher, name) = (Arc::clone(self), name.clone());
            async move { fetcher.fetch_single(&name, id, &priority).await }
        };
        self.singles.fetch(&key, class, Deadline::after(COLD_TIMEOUT), charge, work).await
    }

    async fn fetch_single(
        &self,
        name: &ChannelName,
        id: MessageId,
        priority: &Priority,
    ) -> Result<SinglePost, Error> {
        let mut fetched = self.upstream.post(name, id, priority).await?;
        let number = fetched.post.numeric_channel_id;
        let post = std::slice::from_mut(&mut fetched.post);
        self.completion.complete(name, number, post).await?;
        let title = fetched.title.unwrap_or_else(|| name.to_string());
        Ok(SinglePost { post: self.channels.apply_single(name, &fetched.post).await?, title })
    }

    /// A post that is cached from its own page; no refusal.
    pub(super) fn cached_single(&self, key: &PostKey) -> Option<Fetched<SinglePost>> {
        self.singles.get(key).filter(|single| single.value.is_ok())
    }

    pub(super) fn remove_single_if(
        &self,
        key: &PostKey,
        is_wrong: impl FnOnce(&SinglePost) -> bool,
    ) {
        self.singles.remove_if(key, is_wrong);
    }

    /// Clears the caches: a name has another owner now.
    pub(super) fn clear(&self) {
        self.singles.clear();
        self.older.clear();
        self.searches.clear();
    }

    /// Caches posts with files as single posts: the page has new file addresses, so the posts' own pages are not
    /// needed.
    fn cache_files(&self, name: &ChannelName, title: &str, posts: &[Arc<StoredPost>]) {
        let channel = Key::from(name.key());
        for stored in posts.iter().filter(|stored| has_files(&stored.post)) {
            for id in &stored.post.members {
                let single = SinglePost { post: Arc::clone(stored), title: title.to_owned() };
                self.singles.put((Key::clone(&channel), *id), single);
            }
        }
    }
}

fn page_size(page: Option<&OtherPage>) -> usize {
    ENTRY_SIZE + page.map_or(0, |page| posts_size(&page.posts))
}

fn single_size(single: Option<&SinglePost>) -> usize {
    ENTRY_SIZE + single.map_or(0, |single| post_size(&single.post.post))
}
