//! Asking Telegram for a channel's newest posts.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::freshness::Bounds;
use super::memory::{Kept, Key, Known};
use super::merge::{self, Newest};
use super::{Inner, Outcome};
use crate::feed;
use crate::model::{ChannelName, Language, Page, Snapshot};
use crate::net::Priority;
use crate::text::Spoilers;
use crate::upstream::{Query, Refusal};

/// Posts from which a channel's language is told.
const LANGUAGE_POSTS: usize = 10;

impl Inner {
    /// Asks, applies the answer to what is known, and remembers a refusal.
    pub(super) async fn refresh(self: Arc<Self>, name: ChannelName, priority: Priority) -> Outcome {
        let outcome = self.fetch_newest(&name, &priority).await;
        let now = self.clock.now();
        match outcome {
            Ok(newest) => {
                let known = self.apply(&name, &newest, now);
                self.memory.refusals.invalidate(&Key::from(name.key()));
                tracing::info!(
                    channel.name = %known.snapshot.channel.name,
                    channel.posts = known.snapshot.posts.len(),
                    channel.life_s = known.life.as_secs(),
                    "refreshed"
                );
                Ok(known)
            }
            Err(refusal) => {
                tracing::info!(channel.name = %name, refusal = refusal.code(), "refused");
                let kept = Kept::new(refusal.clone(), now, refusal.kept());
                self.memory.refusals.insert(name.key().into(), kept);
                Err(refusal)
            }
        }
    }

    /// The newest page, and older ones behind it until they reach what is known.
    async fn fetch_newest(
        &self,
        name: &ChannelName,
        priority: &Priority,
    ) -> Result<Newest, Refusal> {
        let mut page = self.upstream.page(name, &Query::Newest, priority).await?.page;
        let known = self.predecessor(name, &page);
        let newest_known =
            known.and_then(|known| known.snapshot.posts.first().map(|kept| kept.post.id));
        let is_gap = |page: &Page| {
            let oldest = page.oldest();
            newest_known.is_some_and(|known| oldest.is_some_and(|oldest| known < oldest))
                && page.older.is_some()
        };
        let mut fetched = 0;
        while is_gap(&page) && fetched < self.settings.backfill_pages {
            let Some(before) = page.older else { break };
            fetched += 1;
            match self.upstream.page(name, &Query::Before(before), priority).await {
                Ok(older)
                    if older.page.oldest() < page.oldest() && older.page.oldest().is_some() =>
                {
                    page = behind(page, older.page);
                }
                // What came is worth having; the gap stays one.
                Ok(_) | Err(_) => break,
            }
        }
        let is_contiguous = !is_gap(&page);
        if !is_contiguous {
            tracing::warn!(channel.name = %name, pages = fetched, "a gap stays open: posts between were not fetched");
        }
        Ok(Newest { page, is_contiguous })
    }

    /// What is known of the channel that the page shows, under whatever name.
    fn predecessor(&self, asked: &ChannelName, page: &Page) -> Option<Arc<Known>> {
        let number = page.channel.numeric_id;
        let by_number = number.and_then(|number| self.memory.numbers.get(&number));
        let keys =
            [Some(Key::from(page.channel.name.key())), by_number, Some(Key::from(asked.key()))];
        let mut known = keys.into_iter().flatten().filter_map(|key| self.memory.channels.get(&key));
        known.find(|known| match (known.snapshot.channel.numeric_id, number) {
            (Some(known), Some(number)) => known == number,
            _ => known.snapshot.channel.name == page.channel.name,
        })
    }

    /// Puts a page into memory. One at a time, so that pages of a channel are applied in the order of their fetches:
    /// a channel has one refresh under way at most.
    fn apply(&self, asked: &ChannelName, newest: &Newest, now: DateTime<Utc>) -> Arc<Known> {
        let _applying = self.applying();
        let previous = self.predecessor(asked, &newest.page);
        let parts = previous.as_ref().map(|known| (&known.snapshot, &known.absent));
        let (snapshot, absent) = merge::newest(parts, newest, now, self.settings.min_age);
        let language = match &previous {
            Some(known) => known.language,
            None => self.language(&snapshot),
        };
        let bounds = self.bounds();
        let is_partial = !newest.page.is_whole;
        let life = if is_partial { self.settings.min_age } else { bounds.life(&snapshot) };
        let rhythm = bounds.rhythm(&snapshot);
        let shown_from = newest.page.oldest();
        let known =
            Arc::new(Known { snapshot, life, rhythm, language, is_partial, shown_from, absent });
        self.remember(asked, &known, now);
        known
    }

    fn remember(&self, asked: &ChannelName, known: &Arc<Known>, now: DateTime<Utc>) {
        let name = &known.snapshot.channel.name;
        let key: Key = name.key().into();
        if let Some(number) = known.snapshot.channel.numeric_id {
            let former = self.memory.numbers.get(&number).filter(|former| *former != key);
            if let Some(former) = former {
                self.memory.channels.invalidate(&former);
            }
            self.memory.numbers.insert(number, Key::clone(&key));
        }
        self.memory.channels.insert(key, Arc::clone(known));
        let asked_key: Key = asked.key().into();
        if asked == name {
            // The name is the channel's own: whoever had it before has another now.
            self.memory.aliases.invalidate(&asked_key);
        } else {
            self.memory.channels.invalidate(&asked_key);
            self.memory
                .aliases
                .insert(asked_key, Kept::new(name.clone(), now, self.settings.max_age));
        }
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds { min_age: self.settings.min_age, max_age: self.settings.max_age }
    }

    /// The language of a channel is told once, from its newest posts.
    fn language(&self, snapshot: &Snapshot) -> Language {
        if let Some(language) = self.settings.feed.language {
            return language;
        }
        let description = snapshot.channel.description.plain(Spoilers::Show);
        let posts = snapshot
            .posts
            .iter()
            .take(LANGUAGE_POSTS)
            .map(|kept| kept.post.text.plain(Spoilers::Show));
        let texts: Vec<String> = posts.chain([description]).collect();
        feed::language::detect(texts.iter().map(String::as_str)).unwrap_or_default()
    }
}

/// Two adjacent pages as one.
fn behind(newer: Page, older: Page) -> Page {
    let mut posts = older.posts;
    posts.extend(newer.posts);
    let mut unreadable = older.unreadable;
    unreadable.extend(newer.unreadable);
    Page {
        posts,
        unreadable,
        older: older.older,
        is_whole: older.is_whole && newer.is_whole,
        blocks: older.blocks + newer.blocks,
        has_nameless_block: older.has_nameless_block || newer.has_nameless_block,
        channel: newer.channel,
        newer: newer.newer,
        says_empty: newer.says_empty,
    }
}
