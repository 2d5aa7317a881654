//! Asking Telegram for a channel's newest posts.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::freshness::Bounds;
use super::memory::{Kept, Key, Known};
use super::merge::{self, Newest};
use super::{Inner, Outcome, is_gone, is_outage};
use crate::feed;
use crate::model::{ChannelName, Language, MessageId, Page, Snapshot};
use crate::text::Spoilers;
use crate::upstream::{Fetched, Priority, Query, Refusal};

/// Posts from which a channel's language is told.
const LANGUAGE_POSTS: usize = 10;

impl Inner {
    /// Asks, applies the answer to what is known, and remembers a refusal.
    pub(super) async fn refresh(self: Arc<Self>, name: ChannelName, priority: Priority) -> Outcome {
        let asked = self.clock.now();
        // Another flight may have landed between the look and this one's start.
        let key = Key::from(name.key());
        let is_good = |known: &Arc<Known>| {
            known.is_alive(asked) && !self.schedule.wants(&key, known.snapshot.fetched)
        };
        if let Some(known) = self.memory.channels.get(&key).filter(is_good) {
            return Ok(known);
        }
        if let Some(kept) = self.memory.refusals.get(&key).filter(|kept| kept.is_alive(asked)) {
            return Err(kept.again(asked));
        }
        match self.fetch_newest(&name, &priority).await {
            Ok(newest) => {
                let known = self.apply(&name, &newest, asked);
                self.memory.refusals.invalidate(&key);
                self.schedule.refreshed(&key, &known, !newest.is_contiguous, asked);
                tracing::info!(
                    channel.name = %known.snapshot.channel.name,
                    channel.posts = known.snapshot.posts.len(),
                    channel.life_s = known.life.as_secs(),
                    "refreshed"
                );
                Ok(known)
            }
            Err(refusal) => self.refused(&name, refusal),
        }
    }

    /// A refusal is remembered; but a name that a channel had before still leads to the channel, unless somebody has it.
    fn refused(&self, name: &ChannelName, refusal: Refusal) -> Outcome {
        tracing::info!(channel.name = %name, refusal = refusal.code(), "refused");
        let now = self.clock.now();
        let key = Key::from(name.key());
        let is_vacant = is_outage(&refusal) || matches!(refusal, Refusal::NotFound { .. });
        if let Some(alias) = self.memory.aliases.get(&key).filter(|_| is_vacant)
            && let Some(known) = self.memory.channels.get(&Key::from(alias.value.key()))
        {
            self.alias(key, alias.value, now);
            return Ok(known);
        }
        self.schedule.refused(&key, &refusal, now);
        if is_gone(&refusal) {
            self.note_gone(&key, now);
        }
        let kept = Kept::new(refusal.clone(), now, refusal.kept());
        self.memory.refusals.insert(key, kept);
        Err(refusal)
    }

    fn note_gone(&self, key: &Key, now: DateTime<Utc>) {
        let _applying = self.applying();
        let known = self.memory.channels.get(key).filter(|known| known.gone_since.is_none());
        if let Some(known) = known {
            let known = Known { gone_since: Some(now), ..(*known).clone() };
            self.memory.channels.insert(Key::clone(key), Arc::new(known));
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
        let newest_known = known.and_then(|known| newest(&known.snapshot));
        let is_gap = |page: &Page| {
            let pair = newest_known.zip(page.oldest());
            pair.is_some_and(|(known, oldest)| known.get() + 1 < oldest.get())
                && page.older.is_some()
        };
        let mut fetched = 0;
        while is_gap(&page) && fetched < self.settings.backfill_pages {
            let Some(before) = page.older else { break };
            fetched += 1;
            match self.upstream.page(name, &Query::Before(before), priority).await {
                // One that is cut lacks the posts next to those that came: behind it there would be a gap.
                Ok(Fetched { page: older, .. })
                    if older.is_whole
                        && older.oldest().is_some()
                        && older.oldest() < page.oldest() =>
                {
                    page = behind(page, older);
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

    /// Puts a page that was asked for at a date into memory. One at a time, so that pages of a channel are applied in the
    /// order of their fetches: under one name a channel has one refresh under way at most, and a page that another name's
    /// overtook is too late.
    fn apply(&self, asked: &ChannelName, newest: &Newest, since: DateTime<Utc>) -> Arc<Known> {
        let _applying = self.applying();
        let now = self.clock.now();
        let previous = self.predecessor(asked, &newest.page);
        let overtaking = previous.as_ref().filter(|known| known.snapshot.fetched > since);
        let known = match overtaking {
            Some(known) => Arc::clone(known),
            None => Arc::new(self.merge(previous.as_deref(), newest, now)),
        };
        self.remember(asked, &known, now);
        known
    }

    /// What is known after a page.
    fn merge(&self, previous: Option<&Known>, newest: &Newest, now: DateTime<Utc>) -> Known {
        let parts = previous.map(|known| (&known.snapshot, &known.absent));
        let (snapshot, absent) = merge::newest(parts, newest, now, self.settings.min_age);
        let language = match &previous {
            Some(known) => known.language,
            None => self.language(&snapshot),
        };
        let bounds = self.bounds();
        let is_partial = !newest.page.is_whole;
        let life = if is_partial { self.settings.min_age } else { bounds.life(&snapshot) };
        let rhythm = bounds.rhythm(&snapshot);
        let shown = newest.page.posts.iter().map(|post| post.id).collect();
        let gone_since = None;
        Known { snapshot, life, rhythm, language, is_partial, gone_since, shown, absent }
    }

    fn remember(&self, asked: &ChannelName, known: &Arc<Known>, now: DateTime<Utc>) {
        let name = &known.snapshot.channel.name;
        let key: Key = name.key().into();
        if let Some(number) = known.snapshot.channel.numeric_id {
            let former = self.memory.numbers.get(&number).filter(|former| *former != key);
            let is_its = |former: &Key| {
                let holder = self.memory.channels.get(former);
                holder.is_some_and(|holder| holder.snapshot.channel.numeric_id == Some(number))
            };
            if let Some(former) = former.filter(is_its) {
                self.memory.channels.invalidate(&former);
                self.alias(former, name.clone(), now);
            }
            self.memory.numbers.insert(number, Key::clone(&key));
        }
        self.memory.channels.insert(Key::clone(&key), Arc::clone(known));
        // The name is the channel's own: whoever had it before has another now.
        self.memory.aliases.invalidate(&key);
        if asked != name {
            let asked: Key = asked.key().into();
            self.memory.channels.invalidate(&asked);
            self.alias(asked, name.clone(), now);
        }
    }

    /// A former name leads to the present one; Telegram is asked again when the longest life of a snapshot has passed.
    fn alias(&self, former: Key, name: ChannelName, now: DateTime<Utc>) {
        self.memory.aliases.insert(former, Kept::new(name, now, self.settings.max_age));
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

/// The newest message of a snapshot.
fn newest(snapshot: &Snapshot) -> Option<MessageId> {
    snapshot.posts.first().and_then(|kept| kept.post.members.iter().max().copied())
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
