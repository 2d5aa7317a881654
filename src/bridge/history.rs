//! Posts beyond a snapshot: older ones, and those that Telegram's own search finds.

use std::sync::Arc;

use super::memory::{Key, Known, OtherPage};
use super::shelf::{self, Deadline};
use super::{Inner, merge};
use crate::model::{ChannelName, FeedOptions, KeptPost, MessageId, Page};
use crate::upstream::{Class, Outage, Priority, Query, Refusal};

/// The most pages of Telegram that one answer waits for.
const MOST_PAGES: usize = 3;

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
    fn refuse(&mut self, refusal: Refusal) {
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
        deadline: Deadline,
    ) -> Gathered {
        let mut gathered = Gathered {
            posts: known.snapshot.posts.clone(),
            reaches_start: known.snapshot.reaches_start,
            is_complete: true,
            refusal: None,
        };
        if let Some(words) = options.query() {
            self.add_found(known, words, &mut gathered, deadline).await;
        } else if options.limit().is_some() || options.before().is_some() {
            self.add_older(known, options, &mut gathered, deadline).await;
        }
        gathered
    }

    /// Walks back until there are enough posts, at most [`MOST_PAGES`] of Telegram's pages far.
    async fn add_older(
        self: &Arc<Self>,
        known: &Known,
        options: &FeedOptions,
        gathered: &mut Gathered,
        deadline: Deadline,
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
        let enough = |posts: &[Arc<KeptPost>]| {
            posts.iter().filter(|kept| kept.post.id < before && is_counted(kept, options)).count()
                >= wanted
        };
        let mut fetches = 0;
        while let Some(at) = cursor.filter(|_| !enough(&gathered.posts)) {
            let key = (known.key(), at);
            let page = match self.older.get(&key) {
                Some(page) => page,
                None if fetches == MOST_PAGES => {
                    gathered.is_complete = false;
                    return;
                }
                None => {
                    fetches += 1;
                    self.fetch_older(&known.snapshot.channel.name, key, deadline).await
                }
            };
            match page.outcome(self.clock.now()) {
                Ok(page) => {
                    gathered.posts.extend(page.posts.iter().cloned());
                    cursor = page.older.filter(|older| *older < at);
                    gathered.reaches_start = cursor.is_none();
                }
                Err(refusal) => return gathered.refuse(refusal),
            }
        }
    }

    /// Telegram's search finds what a snapshot does not hold; it is asked at most once an hour for the same words.
    async fn add_found(
        self: &Arc<Self>,
        known: &Known,
        words: &str,
        gathered: &mut Gathered,
        deadline: Deadline,
    ) {
        let name = &known.snapshot.channel.name;
        let key = (known.key(), words.to_lowercase());
        let work = |priority: Priority| {
            let (inner, name, key) = (Arc::clone(self), name.clone(), key.clone());
            async move {
                let query = Query::Words(key.1);
                let page = inner.upstream.page(&name, &query, &priority).await?.page;
                Ok(inner.besides(&key.0, &page))
            }
        };
        let page = self.searches.fetch(&key, Class::Waiting, deadline, work).await;
        match page.outcome(self.clock.now()) {
            Ok(page) => {
                let is_new = |kept: &&Arc<KeptPost>| {
                    !gathered.posts.iter().any(|known| known.post.members.contains(&kept.post.id))
                };
                let new: Vec<_> = page.posts.iter().filter(is_new).cloned().collect();
                gathered.posts.extend(new);
                gathered.posts.sort_by_key(|kept| std::cmp::Reverse(kept.post.id));
                gathered.reaches_start = page.older.is_none();
            }
            Err(refusal) => gathered.refuse(refusal),
        }
    }

    async fn fetch_older(
        self: &Arc<Self>,
        name: &ChannelName,
        key: (Key, MessageId),
        deadline: Deadline,
    ) -> shelf::Outcome<OtherPage> {
        let work = |priority: Priority| {
            let (inner, name, (key, before)) = (Arc::clone(self), name.clone(), key.clone());
            async move {
                let page =
                    inner.upstream.page(&name, &Query::Before(before), &priority).await?.page;
                if !page.is_whole {
                    // It lacks the posts next to those that are known: behind it there would be a gap.
                    return Err(Refusal::Unreachable(Outage::Cut));
                }
                inner.extend(&key, before, &page);
                Ok(inner.besides(&key, &page))
            }
        };
        self.older.fetch(&key, Class::Waiting, deadline, work).await
    }

    fn besides(&self, channel: &Key, page: &Page) -> OtherPage {
        let posts: Vec<_> =
            page.posts.iter().rev().map(|post| Arc::new(merge::fresh(post))).collect();
        self.shelve(channel, &page.channel.title, &posts);
        OtherPage { posts, older: page.older }
    }

    /// A page that continues the snapshot becomes part of it.
    fn extend(&self, key: &Key, before: MessageId, page: &Page) {
        let _applying = self.applying();
        let Some(known) = self.memory.channels.get(key) else { return };
        let is_next = known.snapshot.posts.last().is_some_and(|last| last.post.id == before);
        if is_next && known.snapshot.posts.len() < merge::MOST_KEPT && page.is_whole {
            let snapshot = merge::older(&known.snapshot, page);
            self.memory
                .channels
                .insert(Key::clone(key), Arc::new(Known { snapshot, ..(*known).clone() }));
        }
    }
}

/// Whether a post counts towards the number that was asked for, as far as can be said without rendering it.
fn is_counted(kept: &KeptPost, options: &FeedOptions) -> bool {
    options.service() || kept.post.service.is_none()
}
