//! Posts beyond a snapshot: older ones, and those that are searched for.

use std::sync::Arc;

use chrono::TimeDelta;

use super::keeping::{covers_the_same, told};
use super::memory::{Key, Known, OtherPage};
use super::merge::{MOST_HELD, Merged};
use super::refresh::{below, covered_by};
use super::search::ChannelQuery;
use super::shelf;
use super::{Inner, Visit, merge};
use crate::archive::{self, HeldPost, Range};
use crate::feed;
use crate::model::{ChannelName, FeedOptions, KeptPost, MessageId, Page};
use crate::upstream::{Class, Outage, Priority, Query, Refusal};

/// The most pages of Telegram that one answer waits for.
const MOST_PAGES: usize = 3;

/// The posts that are read from the archive at once.
const STRETCH: usize = 100;

/// The most posts that one answer looks at while it walks back.
const MOST_WALKED: usize = 1000;

/// Posts to select from, and whether something is missing among them.
pub(super) struct Gathered {
    /// Newest first.
    pub(super) posts: Vec<Arc<KeptPost>>,
    /// Nothing older than the last of `posts` exists.
    pub(super) reaches_start: bool,
    /// There is nothing more to come on a later visit.
    pub(super) is_complete: bool,
    /// Why fewer posts were gathered than were asked for.
    pub(super) refusal: Option<Refusal>,
}

impl Gathered {
    /// What a snapshot holds.
    pub(super) fn of(known: &Known) -> Self {
        Self {
            posts: known.snapshot.posts.clone(),
            reaches_start: known.snapshot.reaches_start,
            is_complete: true,
            refusal: None,
        }
    }

    /// Adds posts that are not there yet, each at its place.
    fn join(&mut self, posts: &[Arc<KeptPost>]) {
        let is_there = |kept: &&Arc<KeptPost>| {
            self.posts.iter().any(|known| known.post.members.contains(&kept.post.id))
        };
        let new: Vec<_> = posts.iter().filter(|kept| !is_there(kept)).cloned().collect();
        self.posts.extend(new);
        self.posts.sort_by_key(|kept| std::cmp::Reverse(kept.post.id));
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.is_complete = false;
        self.refusal = Some(refusal);
    }
}

impl Inner {
    /// The posts from which a feed with these options selects: the snapshot's, and as many older ones as it takes.
    pub(super) async fn gather(
        self: &Arc<Self>,
        known: &Known,
        options: &FeedOptions,
        visit: Visit,
    ) -> Gathered {
        let mut gathered = Gathered::of(known);
        if let Some(words) = options.query() {
            self.add_found(known, words, options.before(), &mut gathered, visit).await;
        } else if options.limit().is_some() || options.before().is_some() {
            self.add_older(known, options, &mut gathered, visit).await;
        } else {
            self.add_kept(known, options, &mut gathered).await;
        }
        gathered
    }

    /// A feed that is not asked to go back shows what the archive holds, as far as its window reaches and never below its
    /// floor: memory holds no more than most of them take.
    async fn add_kept(&self, known: &Known, options: &FeedOptions, gathered: &mut Gathered) {
        let window = usize::from(self.settings.feed.window);
        let Some(newest) = gathered.posts.first().map(|kept| kept.post.published) else { return };
        let day = newest - TimeDelta::hours(feed::WINDOW_HOURS);
        while !gathered.reaches_start && gathered.posts.len() < MOST_HELD {
            let Some(last) = gathered.posts.last().map(|kept| &kept.post) else { return };
            let wants = |kept: &&Arc<KeptPost>| feed::wants(&kept.post, options, known.language);
            let wanted = gathered.posts.iter().filter(wants);
            let is_full = last.published < day && wanted.count() >= window;
            if is_full || known.snapshot.floor.is_some_and(|floor| last.id <= floor) {
                return;
            }
            let Some(stretch) = self.stretch(known, last.id).await else { return };
            gathered.reaches_start = stretch.older.is_none();
            gathered.posts.extend(stretch.posts.iter().cloned());
            if stretch.posts.is_empty() {
                return;
            }
        }
    }

    /// Walks back until there are enough posts, at most [`MOST_PAGES`] of Telegram's pages far.
    async fn add_older(
        self: &Arc<Self>,
        known: &Known,
        options: &FeedOptions,
        gathered: &mut Gathered,
        visit: Visit,
    ) {
        let wanted = usize::from(options.limit().unwrap_or(self.settings.feed.window));
        let last = gathered.posts.last().map(|kept| kept.post.id);
        let before = options.before().unwrap_or(MessageId::LAST);
        let is_beyond = last.is_some_and(|last| before < last);
        // Posts that are asked for by number are walked to from there, not from the snapshot's end.
        let mut cursor = if is_beyond { Some(before) } else { last };
        if gathered.reaches_start {
            cursor = None;
        }
        if is_beyond {
            gathered.posts.clear();
        }
        let wants = |kept: &&Arc<KeptPost>| {
            kept.post.id < before && feed::wants(&kept.post, options, known.language)
        };
        let mut found = gathered.posts.iter().filter(wants).count();
        let mut fetches = 0;
        while let Some(at) = cursor.filter(|_| found < wanted && gathered.posts.len() < MOST_WALKED)
        {
            let page = match self.stretch(known, at).await {
                Some(stretch) => Ok(stretch),
                None => {
                    let key = (known.key(), at);
                    let page = match self.older.get(&key) {
                        Some(page) => page,
                        None if fetches == MOST_PAGES => {
                            gathered.is_complete = false;
                            return;
                        }
                        None => {
                            fetches += 1;
                            self.fetch_older(&known.snapshot.channel.name, key, visit).await
                        }
                    };
                    page.outcome(self.clock.now()).cloned()
                }
            };
            match page {
                Ok(page) => {
                    found += page.posts.iter().filter(wants).count();
                    gathered.posts.extend(page.posts.iter().cloned());
                    cursor = page.older.filter(|older| *older < at);
                    gathered.reaches_start = cursor.is_none();
                }
                Err(refusal) => return gathered.refuse(refusal),
            }
        }
    }

    /// The posts in front of a message, as far as the archive holds all of them; nothing when it holds none there.
    pub(super) async fn stretch(&self, known: &Known, before: MessageId) -> Option<OtherPage> {
        let id = known.id?;
        let stretch = told(self.archive.older(id, before, STRETCH).await, "reading")?;
        stretch
            .is_covered
            .then(|| OtherPage { posts: self.shown(&stretch.posts), older: stretch.next })
    }

    /// What the archive finds of the channel, and what Telegram's own search does, which is asked at most once an hour for
    /// the same words and whose finds are kept. Instead of an archive that cannot be asked, the snapshot is looked through.
    async fn add_found(
        self: &Arc<Self>,
        known: &Known,
        words: &str,
        before: Option<MessageId>,
        gathered: &mut Gathered,
        visit: Visit,
    ) {
        let name = &known.snapshot.channel.name;
        let page = self.ask_found(known, words, visit).await;
        let page = page.outcome(self.clock.now());
        // Who asks for what no search takes was told so at the door (`search::in_channel`).
        let sought = ChannelQuery::parse(words).ok();
        let query = sought.as_ref().and_then(ChannelQuery::words);
        // What Telegram makes of signs that mean something here is not known.
        let is_plain = query.is_none_or(archive::search::Query::is_plain);
        let finds = match query {
            Some(query) => self.found_in(name, query, before).await,
            None => None,
        };
        let is_answered = finds.is_some();
        if let Some(finds) = finds {
            gathered.posts = finds.hits.into_iter().map(|hit| hit.held.kept).collect();
            gathered.reaches_start = finds.next.is_none();
        } else {
            gathered.reaches_start = page.as_ref().is_ok_and(|page| page.older.is_none());
        }
        match page {
            Ok(page) if is_plain => gathered.join(&page.posts),
            Ok(_) => {}
            Err(refusal) => gathered.refuse(refusal),
        }
        if !is_answered {
            let is_found = |kept: &Arc<KeptPost>| {
                sought.as_ref().is_some_and(|sought| sought.meets(&kept.post))
            };
            gathered.posts.retain(is_found);
        }
    }

    async fn ask_found(
        self: &Arc<Self>,
        known: &Known,
        words: &str,
        visit: Visit,
    ) -> shelf::Outcome<OtherPage> {
        let key = (known.key(), words.to_lowercase());
        let work = |priority: Priority| {
            let (inner, key) = (Arc::clone(self), key.clone());
            let name = known.snapshot.channel.name.clone();
            async move {
                let query = Query::Words(key.1);
                let page = inner.upstream.page(&name, &query, &priority).await?.page;
                Ok(inner.learn_found(&name, page).await)
            }
        };
        self.searches
            .fetch(&key, Class::Waiting, visit.deadline, || self.charge(visit.asker), work)
            .await
    }

    async fn fetch_older(
        self: &Arc<Self>,
        name: &ChannelName,
        key: (Key, MessageId),
        visit: Visit,
    ) -> shelf::Outcome<OtherPage> {
        let work = |priority: Priority| {
            let (inner, name, before) = (Arc::clone(self), name.clone(), key.1);
            async move { inner.ask_older(&name, before, &priority).await }
        };
        self.older
            .fetch(&key, Class::Waiting, visit.deadline, || self.charge(visit.asker), work)
            .await
    }

    /// Asks Telegram for the posts in front of a message, and learns from what comes.
    pub(super) async fn ask_older(
        &self,
        name: &ChannelName,
        before: MessageId,
        priority: &Priority,
    ) -> Result<OtherPage, Refusal> {
        let page = self.upstream.page(name, &Query::Before(before), priority).await?.page;
        if !page.is_whole {
            // It lacks the posts next to those that are known: behind it there would be a gap.
            return Err(Refusal::Unreachable(Outage::Cut));
        }
        Ok(self.learn_older(name, before, &page).await)
    }

    /// A whole page of older posts goes into the archive: with the identities that are known, edits and deletions noticed.
    async fn learn_older(&self, name: &ChannelName, before: MessageId, page: &Page) -> OtherPage {
        let _applying = self.applying.lock().await;
        let now = self.clock.now();
        let high = MessageId::new(before.get() - 1).unwrap_or(MessageId::FIRST);
        let known = self.recall(name).await;
        let held = match (&known, page.oldest()) {
            (Some(known), Some(oldest)) => self.held_between(known, below(oldest), high).await,
            _ => Vec::new(),
        };
        let merged = merge::read(&held, &self.reading(page, high, now));
        let posts = self.shown(&merged.held);
        if let Some(known) = known {
            let covered = covered_by(page, Some(before), now);
            self.learn(&known, merged, covered).await;
        }
        self.shelve(&Key::from(name.key()), &page.channel.title, &posts);
        OtherPage { posts, older: page.older }
    }

    /// What Telegram's own search found goes into the archive; it tells nothing about what it did not find.
    async fn learn_found(&self, name: &ChannelName, mut page: Page) -> OtherPage {
        let _applying = self.applying.lock().await;
        page.is_whole = false;
        let known = self.recall(name).await;
        let mut held: Vec<HeldPost> = Vec::new();
        for id in page.posts.iter().flat_map(|post| &post.members) {
            let is_there = held.iter().any(|held| held.kept.post.members.contains(id));
            if let Some(known) = known.as_ref().filter(|_| !is_there) {
                held.extend(self.held_post(known, *id).await);
            }
        }
        let merged = merge::read(&held, &self.reading(&page, MessageId::LAST, self.clock.now()));
        let posts = self.shown(&merged.held);
        if let Some(known) = known {
            self.learn(&known, merged, None).await;
        }
        self.shelve(&Key::from(name.key()), &page.channel.title, &posts);
        OtherPage { posts, older: page.older }
    }

    /// Keeps what was learnt besides the newest page.
    async fn learn(&self, known: &Arc<Known>, merged: Merged, range: Option<Range>) {
        let mut known = Known::clone(known);
        let covered = archive::join(&known.covered, range.as_slice());
        let is_wider = !covers_the_same(&covered, &known.covered);
        if merged.has_changed {
            known.snapshot.updated = known.snapshot.updated.max(self.clock.now());
        }
        let is_news = is_wider || merged.has_changed;
        self.keep_besides(&known, merged, range.filter(|_| is_wider)).await;
        if is_news {
            known.covered = covered.into();
            self.memory.channels.insert(known.key(), Arc::new(known));
        }
    }
}
