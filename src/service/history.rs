//! Posts beyond a snapshot: older ones, and those that are searched for.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::Key;
use super::complete::hide_among;
use super::memory::{ChannelState, OtherPage};
use super::merge::Merged;
use super::persistence::{Owner, covers_the_same, unread};
use super::refresh::{below, covered_by};
use super::ttl_cache;
use super::{COLD_TIMEOUT, Error, Inner, RequestContext, merge};
use crate::archive::{self, PostRow, Range, search};
use crate::feed::{self, Passed};
use crate::model::{ChannelName, FeedOptions, Language, MessageId, Page, StoredPost};
use crate::upstream::{Class, NetworkError, Priority, Query, Refusal};

/// The most upstream pages that one answer waits for.
pub(super) const MOST_PAGES: usize = 3;

/// Behind so many posts, no upstream page is fetched: a filter that matches nothing would fetch a channel's whole history,
/// three pages a context. The archive is read as far back as it reaches.
const MOST_BEFORE_UPSTREAM: usize = 1000;

/// The posts that are read from the archive at once.
const STRETCH: usize = 200;

/// More posts than this are a long read, which waits for its turn.
const LONG_READ: usize = 4000;

/// Long reads at the same time: each keeps a processor busy.
pub(super) const MOST_LONG_READS: usize = 2;

/// How long one answer reads the archive: 100,000 posts take two to three seconds (docs/performance.md).
const LONGEST_READ: Duration = Duration::from_secs(10);

/// When to come again after a name turned out to have another owner.
const COME_AGAIN: Duration = Duration::from_secs(10);

/// Posts to select from, and whether something is missing among them.
pub(super) struct Gathered {
    /// Newest first.
    pub(super) posts: Vec<Arc<StoredPost>>,
    /// What was looked at beside `posts`.
    pub(super) passed: Passed,
    /// Nothing older than what was looked at exists.
    pub(super) reaches_start: bool,
    /// There is nothing more to come on a later visit.
    pub(super) is_complete: bool,
    /// Why fewer posts were gathered than were asked for.
    pub(super) error: Option<Error>,
}

impl Gathered {
    /// What a snapshot holds.
    pub(super) fn of(known: &ChannelState) -> Self {
        Self {
            posts: known.snapshot.posts.clone(),
            passed: Passed::default(),
            reaches_start: known.snapshot.reaches_start,
            is_complete: true,
            error: None,
        }
    }

    /// Adds posts that are not there yet, each at its place.
    fn join(&mut self, posts: &[Arc<StoredPost>]) {
        let is_there = |kept: &&Arc<StoredPost>| {
            self.posts.iter().any(|known| known.post.members.contains(&kept.post.id))
        };
        let new: Vec<_> = posts.iter().filter(|kept| !is_there(kept)).cloned().collect();
        self.posts.extend(new);
        self.posts.sort_by_key(|kept| std::cmp::Reverse(kept.post.id));
    }

    pub(super) fn fail(&mut self, error: Error) {
        self.is_complete = false;
        self.error = Some(error);
    }

    /// The error's code.
    pub(super) fn detail(&self) -> Option<&'static str> {
        self.error.as_ref().map(Error::code)
    }

    /// The oldest post that was looked at.
    pub(super) fn oldest(&self) -> Option<MessageId> {
        let last = self.posts.last().map(|kept| kept.post.id);
        last.into_iter().chain(self.passed.oldest.map(|(id, _)| id)).min()
    }
}

/// What a walk back looks for, and how far it is.
struct Walk {
    filter: Filter,
    /// So many posts are enough,
    wanted: usize,
    /// if none of this date or newer is missing.
    since: Option<DateTime<Utc>>,
    /// It goes no further than this.
    floor: Option<MessageId>,
    /// The upstream pages that it may still fetch.
    pages: usize,
    found: usize,
    looked_at: usize,
    last: Option<DateTime<Utc>>,
}

/// Posts that are neither in the archive nor fetched.
struct Gap {
    /// A later context does not fetch them either.
    is_final: bool,
    error: Option<Error>,
}

/// Which posts are wanted; cheap to clone.
#[derive(Clone)]
struct Filter {
    options: FeedOptions,
    language: Language,
}

impl Filter {
    fn wants(&self, kept: &StoredPost) -> bool {
        self.options.before().is_none_or(|before| kept.post.id < before)
            && feed::wants(&kept.post, &self.options, self.language)
    }

    /// The wanted ones of some posts. Patterns are looked for in all of them: not on a thread that serves connections.
    async fn sift(&self, posts: Vec<Arc<StoredPost>>) -> Result<Vec<Arc<StoredPost>>, Error> {
        let filter = self.clone();
        let sifting = move || posts.into_iter().filter(|kept| filter.wants(kept)).collect();
        tokio::task::spawn_blocking(sifting).await.map_err(|_| Error::Internal)
    }
}

impl Walk {
    fn is_over(&self, at: MessageId) -> bool {
        let is_behind = |since| self.last.is_some_and(|last| last < since);
        let is_full = self.found >= self.wanted
            && (self.since.is_none_or(is_behind) || self.found >= feed::MOST_POSTS);
        let is_long = !self.filter.options.narrows() && self.looked_at >= MOST_BEFORE_UPSTREAM;
        is_full || is_long || self.floor.is_some_and(|floor| at <= floor)
    }

    fn asks_upstream(&self) -> bool {
        self.found < self.wanted && self.looked_at < MOST_BEFORE_UPSTREAM
    }

    /// Where the posts of the archive go on behind a gap, for a filtered feed: it is never emptier than the archive.
    fn beyond_gap(&self, known: &ChannelState, at: MessageId) -> Option<MessageId> {
        let mut tops = known.covered.iter().map(|range| range.high.next());
        tops.find(|top| *top < at).filter(|_| self.since.is_some() && self.filter.options.narrows())
    }

    /// Takes posts behind those that were gathered before. Of those that are left out by a filter none is held: they may
    /// be many.
    async fn take(
        &mut self,
        posts: Vec<Arc<StoredPost>>,
        gathered: &mut Gathered,
    ) -> Result<(), Error> {
        let Some(last) = posts.last().map(|kept| (kept.post.id, kept.post.published)) else {
            return Ok(());
        };
        let number = posts.len();
        self.looked_at += number;
        self.last = Some(last.1);
        if !self.filter.options.narrows() {
            self.found += posts.iter().filter(|kept| self.filter.wants(kept)).count();
            gathered.posts.extend(posts);
            return Ok(());
        }
        let wanted = self.filter.sift(posts).await?;
        self.found += wanted.len();
        gathered.passed.number += number - wanted.len();
        gathered.passed.oldest = Some(last);
        gathered.posts.extend(wanted);
        Ok(())
    }
}

impl Inner {
    /// The posts from which a feed with these options selects: the snapshot's, and as many older ones as it takes.
    pub(super) async fn gather(
        self: &Arc<Self>,
        known: &ChannelState,
        options: &FeedOptions,
        context: RequestContext,
    ) -> Gathered {
        let mut gathered = Gathered::of(known);
        match options.query() {
            Some(words) => self.add_found(known, words, options, &mut gathered, context).await,
            None => self.add_older(known, options, &mut gathered, context).await,
        }
        hide_among(&mut gathered.posts);
        gathered
    }

    /// A channel's plain feed shows what the archive holds, as far as its window reaches and never below its floor. All
    /// others go back until they are full, too, upstream where the archive ends.
    fn walk(
        &self,
        known: &ChannelState,
        options: &FeedOptions,
        gathered: &Gathered,
        context: RequestContext,
    ) -> Walk {
        let filter = Filter { options: options.clone(), language: known.language };
        let snapshot = &known.snapshot;
        let newest = snapshot.posts.first().map(|kept| kept.post.published);
        let is_first = options.limit().is_none() && options.before().is_none();
        Walk {
            wanted: usize::from(options.limit().unwrap_or(self.settings.feed.window)),
            since: newest
                .filter(|_| is_first)
                .map(|newest| newest - TimeDelta::hours(feed::WINDOW_HOURS)),
            floor: snapshot.floor.filter(|_| options.has_floor()),
            pages: context.pages,
            found: gathered.posts.iter().filter(|kept| filter.wants(kept)).count(),
            looked_at: gathered.posts.len(),
            last: gathered.posts.last().map(|kept| kept.post.published),
            filter,
        }
    }

    /// Walks back until there are enough posts: through the archive, and at most [`MOST_PAGES`] upstream pages far.
    async fn add_older(
        self: &Arc<Self>,
        known: &ChannelState,
        options: &FeedOptions,
        gathered: &mut Gathered,
        context: RequestContext,
    ) {
        let last = gathered.posts.last().map(|kept| kept.post.id);
        let begin = options.before().filter(|before| last.is_some_and(|last| *before < last));
        // Posts that are asked for by number are walked to from there, not from the snapshot's end.
        let mut cursor = begin.or(last).filter(|_| !gathered.reaches_start);
        if begin.is_some() {
            gathered.posts.clear();
        }
        let mut walk = self.walk(known, options, gathered, context);
        let mut read_until = Instant::now() + LONGEST_READ;
        let mut turn = None;
        while let Some(at) = cursor.filter(|at| !walk.is_over(*at)) {
            if turn.is_none() && walk.looked_at > LONG_READ {
                let asked = Instant::now();
                turn = context.deadline.wait(self.long_reads.acquire()).await.and_then(Result::ok);
                if turn.is_none() {
                    return gathered.fail(Refusal::busy(COLD_TIMEOUT).into());
                }
                read_until += asked.elapsed();
            }
            // What is behind this is on the next page.
            if Instant::now() >= read_until || context.deadline.is_over() {
                return;
            }
            let page = match self.stretch(known, at).await {
                Err(error) => return gathered.fail(error),
                Ok(Some(stretch)) => Ok(stretch),
                Ok(None) => {
                    let asked = Instant::now();
                    let page = self.older_page(known, at, &mut walk, context).await;
                    read_until += asked.elapsed();
                    page
                }
            };
            cursor = match page {
                Ok(page) => {
                    if let Err(error) = walk.take(page.posts, gathered).await {
                        return gathered.fail(error);
                    }
                    page.older.filter(|older| *older < at)
                }
                Err(gap) => {
                    gathered.is_complete &= gap.is_final;
                    gathered.error = gathered.error.take().or(gap.error);
                    let Some(beyond) = walk.beyond_gap(known, at) else { return };
                    Some(beyond)
                }
            };
            gathered.reaches_start = cursor.is_none();
        }
    }

    /// A page that the archive does not hold: upstream's, if the walk may ask.
    async fn older_page(
        self: &Arc<Self>,
        known: &ChannelState,
        at: MessageId,
        walk: &mut Walk,
        context: RequestContext,
    ) -> Result<OtherPage, Gap> {
        if !walk.asks_upstream() || walk.filter.options.has_floor() {
            return Err(Gap { is_final: true, error: None });
        }
        let key = (known.key(), at);
        let page = match self.older.get(&key) {
            Some(page) => page,
            None if walk.pages == 0 => return Err(Gap { is_final: false, error: None }),
            None => {
                walk.pages -= 1;
                self.fetch_older(&known.snapshot.channel.name, key, context).await
            }
        };
        let page = page.outcome(self.clock.now()).cloned();
        page.map_err(|error| {
            walk.pages = 0;
            Gap { is_final: false, error: Some(error) }
        })
    }

    /// The posts in front of a message, as far as the archive holds all of them; nothing when it holds none there.
    pub(super) async fn stretch(
        &self,
        known: &ChannelState,
        before: MessageId,
    ) -> Result<Option<OtherPage>, Error> {
        let Some(id) = known.id else { return Ok(None) };
        let stretch = self.archive.older(id, before, STRETCH).await.map_err(unread)?;
        Ok(stretch
            .is_covered
            .then(|| OtherPage { posts: self.shown(&stretch.posts), older: stretch.next }))
    }

    /// What the archive finds of the channel, and what Telegram's own search does, which is asked at most once an hour for
    /// the same words and whose finds are kept. Instead of an archive that cannot be asked, the snapshot is looked through.
    async fn add_found(
        self: &Arc<Self>,
        known: &ChannelState,
        words: &str,
        options: &FeedOptions,
        gathered: &mut Gathered,
        context: RequestContext,
    ) {
        let page = self.ask_found(known, words, context).await;
        let page = page.outcome(self.clock.now());
        // Who asks for what no search takes was told so at the door (`search::in_channel`).
        let query = search::Query::parse_in_channel(words).ok();
        // What Telegram makes of signs that mean something here is not known.
        let is_plain = query.as_ref().is_none_or(search::Query::is_plain);
        let finds = match query.as_ref().filter(|query| query.has_words()) {
            Some(query) => self.finds_in(known, query, options, context).await.map(Some),
            None => Ok(None),
        };
        let is_answered = matches!(finds, Ok(Some(_)));
        match finds {
            Ok(Some(finds)) => *gathered = finds,
            Err(error) => gathered.fail(error),
            Ok(None) => {
                gathered.reaches_start = page.as_ref().is_ok_and(|page| page.older.is_none())
            }
        }
        match page {
            Ok(page) if is_plain => gathered.join(&page.posts),
            Ok(_) => {}
            Err(error) => gathered.fail(error),
        }
        if !is_answered {
            let is_found = |kept: &Arc<StoredPost>| {
                query.as_ref().is_some_and(|query| search::matches(query, &kept.post))
            };
            gathered.posts.retain(is_found);
        }
    }

    /// As many of the archive's finds as it takes for the options to be met.
    async fn finds_in(
        &self,
        known: &ChannelState,
        query: &search::Query,
        options: &FeedOptions,
        context: RequestContext,
    ) -> Result<Gathered, Error> {
        let mut gathered = Gathered { posts: Vec::new(), ..Gathered::of(known) };
        let mut walk = self.walk(known, options, &gathered, context);
        let read_until = Instant::now() + LONGEST_READ;
        let (name, below) = (&known.snapshot.channel.name, options.before());
        let mut next = None;
        loop {
            let finds = self.found_in(name, query, below, next).await?;
            next = finds.next;
            gathered.reaches_start = next.is_none();
            let posts = finds.hits.into_iter().map(|hit| hit.held.kept).collect();
            walk.take(posts, &mut gathered).await?;
            if next.is_none() || walk.found >= walk.wanted || Instant::now() >= read_until {
                return Ok(gathered);
            }
        }
    }

    async fn ask_found(
        self: &Arc<Self>,
        known: &ChannelState,
        words: &str,
        context: RequestContext,
    ) -> ttl_cache::Outcome<OtherPage> {
        let key = (known.key(), words.to_lowercase());
        let work = |priority: Priority| {
            let (inner, key) = (Arc::clone(self), key.clone());
            let name = known.snapshot.channel.name.clone();
            async move {
                let query = Query::Words(key.1);
                let mut page = inner.upstream.page(&name, &query, &priority).await?.page;
                let number = page.channel.numeric_id;
                inner.complete(&name, number, &mut page.posts).await?;
                inner.learn_found(&name, page).await
            }
        };
        self.searches
            .fetch(&key, Class::Waiting, context.deadline, || self.charge(context.client_id), work)
            .await
    }

    async fn fetch_older(
        self: &Arc<Self>,
        name: &ChannelName,
        key: (Key, MessageId),
        context: RequestContext,
    ) -> ttl_cache::Outcome<OtherPage> {
        let work = |priority: Priority| {
            let (inner, name, before) = (Arc::clone(self), name.clone(), key.1);
            async move { inner.ask_older(&name, before, &priority).await }
        };
        self.older
            .fetch(&key, Class::Waiting, context.deadline, || self.charge(context.client_id), work)
            .await
    }

    /// Asks Telegram for the posts in front of a message, and learns from what comes.
    pub(super) async fn ask_older(
        &self,
        name: &ChannelName,
        before: MessageId,
        priority: &Priority,
    ) -> Result<OtherPage, Error> {
        let mut page = self.upstream.page(name, &Query::Before(before), priority).await?.page;
        if !page.is_whole {
            // It lacks the posts next to those that are known: behind it there would be a gap.
            return Err(Refusal::Unreachable(NetworkError::Truncated).into());
        }
        self.complete(name, page.channel.numeric_id, &mut page.posts).await?;
        self.learn_older(name, before, &page).await
    }

    /// A whole page of older posts goes into the archive: with the identities that are known, edits and deletions noticed.
    async fn learn_older(
        &self,
        name: &ChannelName,
        before: MessageId,
        page: &Page,
    ) -> Result<OtherPage, Error> {
        let _applying = self.applying.lock().await;
        let now = self.clock.now();
        let high = MessageId::new(before.get() - 1).unwrap_or(MessageId::FIRST);
        let known = self.recall_for(name, page).await?;
        let held = match (&known, page.oldest()) {
            (Some(known), Some(oldest)) => self.held_between(known, below(oldest), high).await?,
            _ => Vec::new(),
        };
        let number = known.as_ref().and_then(|known| known.snapshot.channel.identity_number());
        let merged = merge::read(&held, &self.reading(page, high, now, number));
        let posts = self.shown(&merged.held);
        if let Some(known) = known {
            let covered = covered_by(page, Some(before), now);
            self.learn(&known, merged, covered).await?;
        }
        self.shelve(&Key::from(name.key()), &page.channel.title, &posts);
        Ok(OtherPage { posts, older: page.older })
    }

    /// What is known of the channel whose page this is. Of one that took the name from the known one nothing is shown or
    /// learned beside the other's posts: the next visit finds it.
    async fn recall_for(
        &self,
        name: &ChannelName,
        page: &Page,
    ) -> Result<Option<Arc<ChannelState>>, Error> {
        match self.recall_owner(name, page.channel.numeric_id).await? {
            Owner::ChannelState(known) => Ok(Some(known)),
            Owner::Unknown => Ok(None),
            Owner::Another => Err(Refusal::busy(COME_AGAIN).into()),
        }
    }

    /// What Telegram's own search found goes into the archive; it tells nothing about what it did not find.
    async fn learn_found(&self, name: &ChannelName, mut page: Page) -> Result<OtherPage, Error> {
        let _applying = self.applying.lock().await;
        page.is_whole = false;
        let known = self.recall_for(name, &page).await?;
        let mut held: Vec<PostRow> = Vec::new();
        for id in page.posts.iter().flat_map(|post| &post.members) {
            let is_there = held.iter().any(|held| held.kept.post.members.contains(id));
            if let Some(known) = known.as_ref().filter(|_| !is_there) {
                held.extend(self.held_post(known, *id).await?);
            }
        }
        let number = known.as_ref().and_then(|known| known.snapshot.channel.identity_number());
        let reading = self.reading(&page, MessageId::LAST, self.clock.now(), number);
        let merged = merge::read(&held, &reading);
        let posts = self.shown(&merged.held);
        if let Some(known) = known {
            self.learn(&known, merged, None).await?;
        }
        self.shelve(&Key::from(name.key()), &page.channel.title, &posts);
        Ok(OtherPage { posts, older: page.older })
    }

    /// Keeps what was learnt besides the newest page.
    async fn learn(
        &self,
        known: &Arc<ChannelState>,
        mut merged: Merged,
        range: Option<Range>,
    ) -> Result<(), Error> {
        let mut known = ChannelState::clone(known);
        self.hide_in_answers(&mut known, &mut merged).await?;
        let covered = archive::join(&known.covered, range.as_slice());
        let is_wider = !covers_the_same(&covered, &known.covered);
        if merged.has_changed {
            known.snapshot.updated = known.snapshot.updated.max(self.clock.now());
        }
        let is_news = is_wider || merged.has_changed;
        let covered = self.keep_besides(&known, merged, range.filter(|_| is_wider)).await;
        if is_news {
            // Only what the archive holds is covered.
            if let Some(covered) = covered {
                known.covered = covered;
            }
            self.memory.channels.insert(known.key(), Arc::new(known));
        }
        Ok(())
    }
}
