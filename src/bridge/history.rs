//! Posts beyond a snapshot: older ones, and those that Telegram's own search finds.

use std::sync::Arc;

use super::memory::{BESIDES_LIFE, Kept, KeptPage, Key, Known, OtherPage};
use super::{Inner, merge};
use crate::model::{ChannelName, FeedOptions, KeptPost, MessageId, Page};
use crate::upstream::{Class, Oddity, Priority, Query, Refusal};

/// The most pages of Telegram that one answer waits for.
const MOST_PAGES: usize = 3;

/// Posts to select from, and whether something is missing among them.
pub(super) struct Gathered {
    /// Newest first.
    pub(super) posts: Vec<Arc<KeptPost>>,
    /// Nothing older than the last of `posts` exists.
    pub(super) reaches_start: bool,
    /// Why fewer posts were gathered than were asked for.
    pub(super) refusal: Option<Refusal>,
}

impl Inner {
    /// The posts from which a feed with these options selects: the snapshot's, and as many older ones as it takes.
    pub(super) async fn gather(self: &Arc<Self>, known: &Known, options: &FeedOptions) -> Gathered {
        let mut gathered = Gathered {
            posts: known.snapshot.posts.clone(),
            reaches_start: known.snapshot.reaches_start,
            refusal: None,
        };
        if let Some(words) = options.query() {
            self.add_found(known, words, &mut gathered).await;
        } else if options.limit().is_some() || options.before().is_some() {
            self.add_older(known, options, &mut gathered).await;
        }
        gathered
    }

    /// Walks back until there are enough posts, at most [`MOST_PAGES`] of Telegram's pages far.
    async fn add_older(
        self: &Arc<Self>,
        known: &Known,
        options: &FeedOptions,
        gathered: &mut Gathered,
    ) {
        let name = &known.snapshot.channel.name;
        let wanted = usize::from(options.limit().unwrap_or(self.settings.feed.window));
        let last = gathered.posts.last().map(|kept| kept.post.id);
        let before = options.before().unwrap_or(MessageId::LAST);
        // Posts that are asked for by number are walked to from there, not from the snapshot's end.
        let mut cursor = if last.is_none_or(|last| before < last) { Some(before) } else { last };
        if gathered.reaches_start {
            cursor = None;
        }
        if last.is_some_and(|last| before < last) {
            gathered.posts.clear();
        }
        let enough = |posts: &[Arc<KeptPost>]| {
            posts.iter().filter(|kept| kept.post.id < before && is_counted(kept, options)).count()
                >= wanted
        };
        let mut fetches = 0;
        while let Some(at) = cursor.filter(|_| !enough(&gathered.posts)) {
            let kept = self
                .memory
                .older
                .get(&(known.key(), at))
                .filter(|page| page.is_alive(self.clock.now()));
            let page = match kept {
                Some(page) => Ok(page),
                None if fetches == MOST_PAGES => break,
                None => {
                    fetches += 1;
                    self.fetch_older(name, at).await
                }
            };
            match page {
                Ok(page) => {
                    gathered.posts.extend(page.value.posts.iter().cloned());
                    cursor = page.value.older.filter(|older| *older < at);
                    gathered.reaches_start = cursor.is_none();
                }
                Err(refusal) => {
                    gathered.refusal = Some(refusal);
                    break;
                }
            }
        }
    }

    /// Telegram's search finds what a snapshot does not hold; it is asked at most once an hour for the same words.
    async fn add_found(self: &Arc<Self>, known: &Known, words: &str, gathered: &mut Gathered) {
        let key = (known.key(), words.to_lowercase());
        let kept = self.memory.searches.get(&key).filter(|page| page.is_alive(self.clock.now()));
        let found = match kept {
            Some(page) => Ok(page),
            None => self.fetch_found(&known.snapshot.channel.name, key).await,
        };
        match found {
            Ok(page) => {
                let is_new = |kept: &&Arc<KeptPost>| {
                    !gathered.posts.iter().any(|known| known.post.members.contains(&kept.post.id))
                };
                let new: Vec<_> = page.value.posts.iter().filter(is_new).cloned().collect();
                gathered.posts.extend(new);
                gathered.posts.sort_by_key(|kept| std::cmp::Reverse(kept.post.id));
                gathered.reaches_start = page.value.older.is_none();
            }
            Err(refusal) => gathered.refusal = Some(refusal),
        }
    }

    async fn fetch_older(
        self: &Arc<Self>,
        name: &ChannelName,
        before: MessageId,
    ) -> Result<KeptPage, Refusal> {
        let key: Key = name.key().into();
        let work = |priority: Priority| {
            let (inner, name, key) = (Arc::clone(self), name.clone(), Key::clone(&key));
            async move {
                let page =
                    inner.upstream.page(&name, &Query::Before(before), &priority).await?.page;
                inner.extend(&key, before, &page);
                let kept =
                    Arc::new(Kept::new(other(&page), inner.clock.now(), inner.settings.max_age));
                inner.memory.older.insert((key, before), Arc::clone(&kept));
                Ok(kept)
            }
        };
        let mut ticket =
            self.older_flights.join((Key::clone(&key), before), Class::Waiting, false, work);
        ticket.landed().await.unwrap_or(Err(Refusal::MarkupChanged(Oddity::Unread)))
    }

    async fn fetch_found(
        self: &Arc<Self>,
        name: &ChannelName,
        key: (Key, String),
    ) -> Result<KeptPage, Refusal> {
        let work = |priority: Priority| {
            let (inner, name, key) = (Arc::clone(self), name.clone(), key.clone());
            async move {
                let query = Query::Words(key.1.clone());
                let page = inner.upstream.page(&name, &query, &priority).await?.page;
                let kept = Arc::new(Kept::new(other(&page), inner.clock.now(), BESIDES_LIFE));
                inner.memory.searches.insert(key, Arc::clone(&kept));
                Ok(kept)
            }
        };
        let mut ticket = self.search_flights.join(key.clone(), Class::Waiting, false, work);
        ticket.landed().await.unwrap_or(Err(Refusal::MarkupChanged(Oddity::Unread)))
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

fn other(page: &Page) -> OtherPage {
    let posts = page.posts.iter().rev().map(|post| Arc::new(merge::fresh(post))).collect();
    OtherPage { posts, older: page.older }
}
