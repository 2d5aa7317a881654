//! Posts beyond a snapshot: older posts from the archive and from Telegram, and posts that match a search.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::channels::Channels;
use super::error::{Error, read_failed};
use super::memory::ChannelState;
use super::post_fetcher::{OtherPage, PostFetcher};
use super::quotation::hide_among;
use super::{COLD_TIMEOUT, RequestContext, Runtime};
use crate::archive::{Range, search};
use crate::feed::{self, Candidates};
use crate::model::{ChannelName, FeedOptions, Language, MessageId, StoredPost};
use crate::upstream::{Priority, Query, Refusal};

/// The posts after which no further upstream page is fetched. Otherwise a filter without matches would fetch a
/// channel's whole history, three pages for each request. The archive is read to its end.
const MAX_BEFORE_UPSTREAM: usize = 1000;

/// The posts of one archive read.
const STRETCH: usize = 200;

/// Beyond this number of posts a read is a long read, and needs a permit.
const LONG_READ: usize = 4000;

/// The most concurrent long reads: each one keeps a processor busy.
const MAX_LONG_READS: usize = 2;

/// How long one answer may read the archive: 100,000 posts take two to three seconds (docs/performance.md).
const MAX_READ_TIME: Duration = Duration::from_secs(10);

/// The posts of one channel from which a feed is selected.
pub(super) struct SourceBuffer {
    pub(super) candidates: Candidates,
    /// A later request would not get more posts.
    pub(super) is_complete: bool,
    /// Why there are fewer posts than requested.
    pub(super) error: Option<Error>,
}

impl SourceBuffer {
    pub(super) fn of(state: &ChannelState) -> Self {
        let candidates = Candidates::of(&state.snapshot, state.language);
        Self { candidates, is_complete: true, error: None }
    }

    /// Without posts, for a search.
    pub(super) fn empty(state: &ChannelState) -> Self {
        let mut buffer = Self::of(state);
        buffer.candidates.posts.clear();
        buffer.candidates.reaches_start = false;
        buffer
    }

    /// Inserts posts that the buffer does not have, in order.
    fn join(&mut self, posts: &[Arc<StoredPost>]) {
        let all = &mut self.candidates.posts;
        let is_there = |post: &&Arc<StoredPost>| {
            all.iter().any(|known| known.post.members.contains(&post.post.id))
        };
        let new: Vec<_> = posts.iter().filter(|post| !is_there(post)).cloned().collect();
        all.extend(new);
        all.sort_by_key(|post| std::cmp::Reverse(post.post.id));
    }

    /// Replaces the candidates by those found further back, unless nothing was found.
    pub(super) fn extend(&mut self, found: Self) {
        let oldest = |candidates: &Candidates| candidates.end().map(|(id, _)| id);
        let is_further = found.candidates.reaches_start
            || match (oldest(&found.candidates), oldest(&self.candidates)) {
                (Some(found), Some(known)) => found < known,
                (found, _) => found.is_some(),
            };
        self.is_complete = found.is_complete;
        if is_further || !found.candidates.posts.is_empty() {
            self.candidates = found.candidates;
        }
        // Without this, each round would request the same posts again.
        self.candidates.is_given_up = !is_further;
    }

    pub(super) fn fail(&mut self, error: Error) {
        self.is_complete = false;
        self.error = Some(error);
    }
}

/// The progress of a read into the history, and its limits.
struct LookBack {
    filter: Filter,
    /// The number of matching posts that is enough, unless a post since `since` may be missing.
    wanted: usize,
    /// All posts from this date on are wanted, up to the maximum of a feed.
    since: Option<DateTime<Utc>>,
    /// The read stops at this message.
    first_seen_id: Option<MessageId>,
    /// The upstream pages that may still be fetched.
    pages: usize,
    found: usize,
    looked_at: usize,
    last: Option<DateTime<Utc>>,
}

/// Posts that are missing in the archive and were not fetched.
struct Gap {
    /// A later request would not fetch them either.
    is_final: bool,
    error: Option<Error>,
}

#[derive(Clone)]
struct Filter {
    options: FeedOptions,
    before: Option<MessageId>,
    language: Language,
}

impl Filter {
    fn wants(&self, stored: &StoredPost) -> bool {
        self.before.is_none_or(|before| stored.post.id < before)
            && feed::wants(&stored.post, &self.options, self.language)
    }

    /// Filters posts. Patterns run over all of them, so this must not block a thread that serves connections.
    async fn apply(&self, posts: Vec<Arc<StoredPost>>) -> Result<Vec<Arc<StoredPost>>, Error> {
        let filter = self.clone();
        let filtering = tokio::task::spawn_blocking(move || {
            posts.into_iter().filter(|stored| filter.wants(stored)).collect()
        });
        filtering.await.map_err(|_| Error::Internal)
    }
}

impl LookBack {
    fn is_over(&self, at: MessageId) -> bool {
        let is_behind = |since| self.last.is_some_and(|last| last < since);
        let is_full = self.found >= self.wanted
            && (self.since.is_none_or(is_behind) || self.found >= feed::MAX_POSTS);
        let is_long = !self.filter.options.narrows() && self.looked_at >= MAX_BEFORE_UPSTREAM;
        is_full || is_long || self.first_seen_id.is_some_and(|first_seen_id| at <= first_seen_id)
    }

    fn may_ask_upstream(&self) -> bool {
        self.found < self.wanted
            && self.looked_at < MAX_BEFORE_UPSTREAM
            && !self.filter.options.stops_at_first_seen()
    }

    /// The message before which the archive's posts continue beyond a gap, for a filtered feed: it has at least the
    /// matches of the archive.
    fn beyond_gap(&self, state: &ChannelState, at: MessageId) -> Option<MessageId> {
        let mut tops = state.covered.iter().map(|range| range.high.next());
        tops.find(|top| *top < at).filter(|_| self.since.is_some() && self.filter.options.narrows())
    }

    /// Appends older posts. A filter's rejected posts are not kept in memory: there may be many of them.
    async fn take(
        &mut self,
        posts: Vec<Arc<StoredPost>>,
        buffer: &mut SourceBuffer,
    ) -> Result<(), Error> {
        let Some(last) = posts.last().map(|stored| (stored.post.id, stored.post.published)) else {
            return Ok(());
        };
        let number = posts.len();
        self.looked_at += number;
        self.last = Some(last.1);
        if !self.filter.options.narrows() {
            self.found += posts.iter().filter(|stored| self.filter.wants(stored)).count();
            buffer.candidates.posts.extend(posts);
            return Ok(());
        }
        let wanted = self.filter.apply(posts).await?;
        self.found += wanted.len();
        buffer.candidates.skipped += number - wanted.len();
        buffer.candidates.oldest = Some(last);
        buffer.candidates.posts.extend(wanted);
        Ok(())
    }
}

pub(super) struct History {
    runtime: Arc<Runtime>,
    channels: Arc<Channels>,
    posts: Arc<PostFetcher>,
    long_reads: Semaphore,
}

impl History {
    pub(super) fn new(
        runtime: &Arc<Runtime>,
        channels: &Arc<Channels>,
        posts: &Arc<PostFetcher>,
    ) -> Self {
        Self {
            runtime: Arc::clone(runtime),
            channels: Arc::clone(channels),
            posts: Arc::clone(posts),
            long_reads: Semaphore::new(MAX_LONG_READS),
        }
    }

    /// Gathers the posts from which a feed selects: the snapshot's, and as many older ones as needed.
    pub(super) async fn gather(
        &self,
        state: &ChannelState,
        options: &FeedOptions,
        context: RequestContext,
    ) -> SourceBuffer {
        let mut buffer = SourceBuffer::of(state);
        match options.query() {
            Some(words) => self.add_found(state, words, options, &mut buffer, context).await,
            None => self.add_older(state, options, &mut buffer, context).await,
        }
        hide_among(&mut buffer.candidates.posts);
        buffer
    }

    /// How far a feed goes back. A plain feed shows the archived posts within its window, and none below the first
    /// answer's oldest. Other feeds go back until they are full, and fetch from Telegram where the archive ends.
    fn look_back(
        &self,
        state: &ChannelState,
        options: &FeedOptions,
        buffer: &SourceBuffer,
        context: RequestContext,
    ) -> LookBack {
        let before = buffer.candidates.begin(options);
        let filter = Filter { options: options.clone(), before, language: state.language };
        let snapshot = &state.snapshot;
        let newest = snapshot.posts.first().map(|stored| stored.post.published);
        let is_first = options.limit().is_none() && options.before().is_none();
        LookBack {
            wanted: usize::from(options.limit().unwrap_or(self.runtime.settings.feed.window)),
            since: newest
                .filter(|_| is_first)
                .map(|newest| newest - TimeDelta::hours(feed::WINDOW_HOURS)),
            first_seen_id: snapshot.first_seen_id.filter(|_| options.stops_at_first_seen()),
            pages: context.pages,
            found: buffer.candidates.posts.iter().filter(|stored| filter.wants(stored)).count(),
            looked_at: buffer.candidates.posts.len(),
            last: buffer.candidates.posts.last().map(|stored| stored.post.published),
            filter,
        }
    }

    /// Reads older posts from the archive, and from at most [`RequestContext::pages`] upstream pages.
    async fn add_older(
        &self,
        state: &ChannelState,
        options: &FeedOptions,
        buffer: &mut SourceBuffer,
        context: RequestContext,
    ) {
        let last = buffer.candidates.posts.last().map(|stored| stored.post.id);
        let begin = buffer.candidates.begin(options);
        let begin = begin.filter(|begin| last.is_some_and(|last| *begin < last));
        // A page that begins below the snapshot does not use the snapshot's posts.
        let mut cursor = begin.or(last).filter(|_| !buffer.candidates.reaches_start);
        if begin.is_some() {
            buffer.candidates.posts.clear();
        }
        let mut look_back = self.look_back(state, options, buffer, context);
        let mut read_until = Instant::now() + MAX_READ_TIME;
        let mut permit = None;
        while let Some(at) = cursor.filter(|at| !look_back.is_over(*at)) {
            if permit.is_none() && look_back.looked_at > LONG_READ {
                let begun = Instant::now();
                permit =
                    context.deadline.wait(self.long_reads.acquire()).await.and_then(Result::ok);
                if permit.is_none() {
                    return buffer.fail(Refusal::busy(COLD_TIMEOUT).into());
                }
                read_until += begun.elapsed();
            }
            // The next page of the feed continues here.
            if Instant::now() >= read_until || context.deadline.is_over() {
                return;
            }
            // It fetches nothing, and is cached until the next fetch, so the ranges in memory suffice.
            if options.stops_at_first_seen() && !is_covered_before(state, at) {
                return;
            }
            let page = match self.archived_before(state, at).await {
                Err(error) => return buffer.fail(error),
                Ok(Some(page)) => Ok(page),
                Ok(None) => {
                    let begun = Instant::now();
                    let page = self.upstream_before(state, at, &mut look_back, context).await;
                    read_until += begun.elapsed();
                    page
                }
            };
            cursor = match page {
                Ok(page) => {
                    if let Err(error) = look_back.take(page.posts, buffer).await {
                        return buffer.fail(error);
                    }
                    page.older.filter(|older| *older < at)
                }
                Err(gap) => {
                    buffer.is_complete &= gap.is_final;
                    buffer.error = buffer.error.take().or(gap.error);
                    let Some(beyond) = look_back.beyond_gap(state, at) else { return };
                    Some(beyond)
                }
            };
            buffer.candidates.reaches_start = cursor.is_none();
        }
    }

    /// The archived posts before a message, as far as the archive has all of them; `None` when it does not cover the
    /// message before it.
    pub(super) async fn archived_before(
        &self,
        state: &ChannelState,
        before: MessageId,
    ) -> Result<Option<OtherPage>, Error> {
        let Some(id) = state.id else { return Ok(None) };
        let stretch = self.runtime.archive.older(id, before, STRETCH).await.map_err(read_failed)?;
        if !stretch.is_covered {
            return Ok(None);
        }
        Ok(Some(OtherPage { posts: self.channels.shown(&stretch.posts), older: stretch.next }))
    }

    /// Telegram's page before a message, if the feed may fetch it.
    async fn upstream_before(
        &self,
        state: &ChannelState,
        at: MessageId,
        look_back: &mut LookBack,
        context: RequestContext,
    ) -> Result<OtherPage, Gap> {
        if !look_back.may_ask_upstream() {
            return Err(Gap { is_final: true, error: None });
        }
        let page = match self.posts.cached_page(&state.key(), Query::Before(at)) {
            Some(page) => page,
            None if look_back.pages == 0 => return Err(Gap { is_final: false, error: None }),
            None => {
                look_back.pages -= 1;
                let name = &state.snapshot.channel.name;
                self.posts.page(name, Query::Before(at), context).await
            }
        };
        page.map_err(|error| {
            look_back.pages = 0;
            Gap { is_final: false, error: Some(error) }
        })
    }

    /// Adds the results of the archive's search and of Telegram's own search, which is cached for an hour for each
    /// query. If the archive cannot be read, the snapshot is searched instead.
    async fn add_found(
        &self,
        state: &ChannelState,
        words: &str,
        options: &FeedOptions,
        buffer: &mut SourceBuffer,
        context: RequestContext,
    ) {
        let telegram = Query::Words(words.to_lowercase());
        let page = self.posts.page(&state.snapshot.channel.name, telegram, context).await;
        // `search::in_channel` has rejected invalid queries before.
        let query = search::Query::parse_in_channel(words).ok();
        // Telegram may interpret operators differently.
        let is_plain = query.as_ref().is_none_or(search::Query::is_plain);
        let found = match query.as_ref().filter(|query| query.has_words()) {
            Some(query) => self.search_archive(state, query, options, context).await.map(Some),
            None => Ok(None),
        };
        let is_searched = matches!(found, Ok(Some(_)));
        match found {
            Ok(Some(found)) => *buffer = found,
            Err(error) => buffer.fail(error),
            Ok(None) => {
                buffer.candidates.reaches_start =
                    page.as_ref().is_ok_and(|page| page.older.is_none());
            }
        }
        match page {
            Ok(page) if is_plain => buffer.join(&page.posts),
            Ok(_) => {}
            Err(error) => buffer.fail(error),
        }
        if !is_searched {
            buffer.candidates.posts.retain(|stored| {
                query.as_ref().is_some_and(|query| search::matches(query, &stored.post))
            });
        }
    }

    /// The archive's results, as many as the options take.
    async fn search_archive(
        &self,
        state: &ChannelState,
        query: &search::Query,
        options: &FeedOptions,
        context: RequestContext,
    ) -> Result<SourceBuffer, Error> {
        let mut buffer = SourceBuffer::empty(state);
        buffer.candidates.reaches_start = state.snapshot.reaches_start;
        let mut look_back = self.look_back(state, options, &buffer, context);
        let read_until = Instant::now() + MAX_READ_TIME;
        let mut next = None;
        loop {
            let results = self.runtime.archive.search(search::SearchQuery {
                query: query.clone(),
                within: Some(vec![state.snapshot.channel.name.clone()]),
                without: Vec::new(),
                before: next,
                below: buffer.candidates.begin(options),
                limit: search::MOST_RESULTS,
                with_deleted: self.runtime.settings.keeps_deleted,
            });
            let results = results.await.map_err(read_failed)?;
            next = results.next;
            buffer.candidates.reaches_start = next.is_none();
            let posts = results.hits.into_iter().map(|hit| hit.held.kept).collect();
            look_back.take(posts, &mut buffer).await?;
            let is_full = look_back.found >= look_back.wanted;
            if next.is_none() || is_full || Instant::now() >= read_until {
                return Ok(buffer);
            }
        }
    }

    /// Fetches one page of missing posts: those of the newest gap, else those of the channel's initial history. Returns
    /// whether more are missing.
    pub(super) async fn fetch_missing(
        &self,
        name: &ChannelName,
        priority: &Priority,
    ) -> Result<bool, Error> {
        let Some(before) = self.missing_before(name).await? else { return Ok(false) };
        let page = self.posts.fetch_page(name, &Query::Before(before), priority).await?;
        tracing::debug!(channel.name = %name, before = before.get(), posts = page.posts.len(), "fetched history");
        Ok(self.missing_before(name).await?.is_some_and(|next| next < before))
    }

    async fn missing_before(&self, name: &ChannelName) -> Result<Option<MessageId>, Error> {
        let Some(state) = self.channels.recall(name).await? else { return Ok(None) };
        let newest = state.covered.first().filter(|range| !Range::reaches_start(range));
        let (Some(newest), Some(id)) = (newest, state.id) else { return Ok(None) };
        if state.covered.len() > 1 {
            return Ok(Some(newest.low));
        }
        let wanted = u64::from(self.runtime.settings.schedule.initial_posts);
        let posts = self.runtime.archive.count(id).await.map_err(read_failed)?;
        Ok((posts < wanted).then_some(newest.low))
    }
}

/// Whether the archive has all posts next to and before a message, as far as memory knows.
fn is_covered_before(state: &ChannelState, message: MessageId) -> bool {
    let is_covering = |range: &Range| range.low < message && message <= range.high.next();
    message == MessageId::FIRST || state.covered.iter().any(is_covering)
}
