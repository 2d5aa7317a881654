//! Fetches posts that are not among a channel's newest ones: pages of older posts, pages of Telegram's search, and
//! single posts.
//!
//! Each fetch runs in single flight, is applied to the known channel (`channels`), and is cached. A fetch for a client
//! counts against the client's limit.

use std::sync::Arc;
use std::time::Duration;

use super::channels::Channels;
use super::completion::{self, Completion};
use super::error::Error;
use super::memory::{ENTRY_SIZE, post_size, posts_size};
use super::ttl_cache::{Deadline, Fetched, TtlCache};
use super::{COLD_TIMEOUT, Key, RequestContext, Runtime};
use crate::model::{ChannelName, MessageId, Post, StoredPost, has_files};
use crate::upstream::{Class, NetworkError, Priority, Query, Refusal};

/// The TTL of pages and single posts. Telegram's file addresses live a little longer.
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
    runtime: Arc<Runtime>,
    channels: Arc<Channels>,
    completion: Arc<Completion>,
    /// Older posts and search results.
    pages: TtlCache<(Key, Query), OtherPage>,
    singles: TtlCache<PostKey, SinglePost>,
}

impl PostFetcher {
    pub(super) fn new(
        runtime: &Arc<Runtime>,
        channels: &Arc<Channels>,
        completion: &Arc<Completion>,
    ) -> Self {
        let bytes = runtime.settings.memory.as_u64() / 24;
        Self {
            pages: TtlCache::new(bytes * 2, TTL, |_, page| page_size(page), runtime),
            singles: TtlCache::new(bytes, TTL, |_, single| single_size(single), runtime),
            runtime: Arc::clone(runtime),
            channels: Arc::clone(channels),
            completion: Arc::clone(completion),
        }
    }

    pub(super) fn cached_page(&self, name: &Key, query: Query) -> Option<Result<OtherPage, Error>> {
        self.pages.outcome(&(Key::clone(name), query))
    }

    /// A page of older posts, or of Telegram's own search, for a client.
    pub(super) async fn page(
        self: &Arc<Self>,
        name: &ChannelName,
        query: Query,
        context: RequestContext,
    ) -> Result<OtherPage, Error> {
        let key = (Key::from(name.key()), query);
        let work = |priority: Priority| {
            let (fetcher, name, query) = (Arc::clone(self), name.clone(), key.1.clone());
            async move { fetcher.fetch_page(&name, &query, &priority).await }
        };
        let charge = || self.runtime.limiter.charge(context.client_id);
        self.pages.fetch(&key, Class::Waiting, context.deadline, charge, work).await
    }

    /// Fetches a page of older posts or search results from Telegram.
    pub(super) async fn fetch_page(
        &self,
        name: &ChannelName,
        query: &Query,
        priority: &Priority,
    ) -> Result<OtherPage, Error> {
        let mut page = self.runtime.upstream.page(name, query, priority).await?.page;
        if !page.is_whole && matches!(query, Query::Before(_)) {
            // The posts next to the known ones are missing, which would leave a gap.
            return Err(Refusal::Unreachable(NetworkError::Truncated).into());
        }
        self.complete(name, page.channel.numeric_id, &mut page.posts).await?;
        let (title, older) = (page.channel.title.clone(), page.older);
        let posts = self.channels.apply_page(name, query, page).await?;
        self.cache_files(name, &title, &posts);
        Ok(OtherPage { posts, older })
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
        let mut fetched = self.runtime.upstream.post(name, id, priority).await?;
        let number = fetched.post.numeric_channel_id;
        self.complete(name, number, std::slice::from_mut(&mut fetched.post)).await?;
        let title = fetched.title.unwrap_or_else(|| name.to_string());
        Ok(SinglePost { post: self.channels.apply_single(name, fetched.post).await?, title })
    }

    async fn complete(
        &self,
        name: &ChannelName,
        number: Option<i64>,
        posts: &mut [Post],
    ) -> Result<(), Error> {
        if !completion::is_needed(posts) {
            return Ok(());
        }
        let state = self.channels.find(name, name, number).await?.state;
        self.completion.complete(state.as_deref(), posts).await
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
        self.pages.clear();
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
