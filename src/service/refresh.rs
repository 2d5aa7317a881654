//! Asking Telegram for a channel's newest posts.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Key;
use super::freshness::Bounds;
use super::memory::ChannelState;
use super::merge::{self, Merged, Reading};
use super::persistence::trim;
use super::ttl_cache::CacheEntry;
use super::{Error, Inner, Outcome, is_gone, is_outage};
use crate::archive::{self, PostRow, Range};
use crate::feed;
use crate::model::{Channel, ChannelName, Language, MessageId, Page, Snapshot, StoredPost};
use crate::text::Spoilers;
use crate::upstream::{self, Fetched, Priority, Query, Refusal};

/// More messages than an album has (ten, as of 2026), numbers between them that others took included.
const LARGEST_ALBUM: u32 = 20;

/// Posts from which a channel's language is told.
const LANGUAGE_POSTS: usize = 10;

/// The newest page, with as many older ones behind it as were fetched to reach what is known.
struct Newest {
    /// All of them as one page.
    page: Page,
    /// Whether `page` reaches what is known: else there is a gap between them.
    is_contiguous: bool,
}

impl Inner {
    /// Asks, applies the answer to what is known, and remembers a refusal.
    pub(super) async fn refresh(self: Arc<Self>, name: ChannelName, priority: Priority) -> Outcome {
        let asked = self.clock.now();
        // Another flight may have landed between the look and this one's start.
        let key = Key::from(name.key());
        let is_good = |known: &Arc<ChannelState>| {
            known.is_fresh(asked) && !self.schedule.wants(&key, known.snapshot.fetched)
        };
        // Telegram is not asked while what it says could not be merged.
        if let Some(known) = self.recall(&name).await?.filter(is_good) {
            return Ok(known);
        }
        if let Some(kept) = self.memory.refusals.get(&key).filter(|kept| kept.is_fresh(asked)) {
            return Err(kept.again(asked).into());
        }
        match self.fetch_newest(&name, &priority).await {
            Ok(mut newest) => {
                let channel = &newest.page.channel;
                self.complete(&channel.name, channel.numeric_id, &mut newest.page.posts).await?;
                let known = self.apply(&name, &newest, asked).await?;
                self.memory.refusals.remove(&key);
                self.schedule.refreshed(&key, &known, known.covered.len() > 1, asked);
                self.tell_of_followed(&known);
                tracing::info!(
                    channel.name = %known.snapshot.channel.name,
                    channel.posts = known.snapshot.posts.len(),
                    channel.life_s = known.ttl.as_secs(),
                    "refreshed"
                );
                Ok(known)
            }
            Err(Error::Refused(refusal)) => self.refused(&name, refusal).await,
            Err(error) => Err(error),
        }
    }

    /// Whoever fetches files ahead hears of it.
    fn tell_of_followed(&self, known: &Arc<ChannelState>) {
        let mut followed = self.settings.schedule.follow.iter();
        if followed.any(|name| *name == known.snapshot.channel.name) {
            // An error means that nobody listens.
            drop(self.followed_news.send(Arc::clone(known)));
        }
    }

    /// A refusal is remembered; but a name that a channel had before still leads to the channel, unless somebody has it.
    async fn refused(&self, name: &ChannelName, refusal: Refusal) -> Outcome {
        tracing::info!(channel.name = %name, refusal = refusal.code(), "refused");
        let now = self.clock.now();
        let key = Key::from(name.key());
        let is_vacant = is_outage(&refusal) || matches!(refusal, Refusal::NotFound { .. });
        if is_vacant
            && let Some(successor) = self.successor(name).await?
            && let Some(known) = self.recall(&successor).await?
        {
            self.alias(key, successor, now);
            return Ok(known);
        }
        self.schedule.refused(&key, &refusal, now);
        if is_gone(&refusal) {
            self.note_gone(name, now).await?;
        }
        let kept = CacheEntry::new(refusal.clone(), now, refusal.negative_ttl());
        self.memory.refusals.insert(key, kept);
        Err(refusal.into())
    }

    async fn note_gone(&self, name: &ChannelName, now: DateTime<Utc>) -> Result<(), Error> {
        let _applying = self.applying.lock().await;
        let is_news =
            |known: &Arc<ChannelState>| known.gone_since.is_none() || known.stored.is_none();
        if let Some(known) = self.recall(name).await?.filter(is_news) {
            let gone_since = known.gone_since.or(Some(now));
            let known = self.keep_state(ChannelState { gone_since, ..(*known).clone() }).await;
            self.memory.channels.insert(known.key(), Arc::new(known));
        }
        Ok(())
    }

    /// The newest page, and older ones behind it until they reach what is known.
    async fn fetch_newest(&self, name: &ChannelName, priority: &Priority) -> Result<Newest, Error> {
        let mut page = self.upstream.page(name, &Query::Newest, priority).await?.page;
        let known = self.predecessor(name, &page).await?;
        let newest_known = known.and_then(|known| known.covered.first().map(|range| range.high));
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
                    page = merge::behind(page, older);
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
    async fn predecessor(
        &self,
        asked: &ChannelName,
        page: &Page,
    ) -> Result<Option<Arc<ChannelState>>, Error> {
        let is_its = |known: &Arc<ChannelState>| {
            merge::is_same_channel(&known.snapshot.channel, &page.channel)
        };
        if let Some(known) = self.recall(&page.channel.name).await?.filter(is_its) {
            return Ok(Some(known));
        }
        if let Some(number) = page.channel.numeric_id
            && let Some(known) = self.recall_number(number).await?
        {
            return Ok(Some(known));
        }
        // The page's own name was looked for first.
        if *asked == page.channel.name {
            return Ok(None);
        }
        Ok(self.recall(asked).await?.filter(is_its))
    }

    /// Puts a page that was asked for at a date into memory and archive. One at a time, so that pages of a channel are
    /// applied in the order of their fetches: under one name a channel has one refresh under way at most, and a page that
    /// another name's overtook is too late.
    async fn apply(
        &self,
        asked: &ChannelName,
        newest: &Newest,
        since: DateTime<Utc>,
    ) -> Result<Arc<ChannelState>, Error> {
        let _applying = self.applying.lock().await;
        let now = self.clock.now();
        let previous = self.predecessor(asked, &newest.page).await?;
        // What comes from later than now was fetched before the clock went back.
        let overtaking = previous
            .as_ref()
            .filter(|known| since < known.snapshot.fetched && known.snapshot.fetched <= now);
        let known = match overtaking {
            Some(known) => Arc::clone(known),
            None => Arc::new(self.merge(previous.as_deref(), newest, now).await?),
        };
        self.remember(asked, previous.as_deref(), &known, now);
        Ok(known)
    }

    /// What is known after a page, put into the archive.
    async fn merge(
        &self,
        previous: Option<&ChannelState>,
        newest: &Newest,
        now: DateTime<Utc>,
    ) -> Result<ChannelState, Error> {
        let page = &newest.page;
        if let Some(known) = previous.filter(|known| says_nothing(known, newest)) {
            // The last good posts stay.
            let snapshot = Snapshot { fetched: now, ..known.snapshot.clone() };
            let asked =
                self.lived(ChannelState { snapshot, gone_since: None, ..known.clone() }, page);
            return Ok(self.keep(previous, asked, Merged::default(), None).await);
        }
        let held = match previous {
            Some(known) => self.held_where(known, newest).await?,
            None => Vec::new(),
        };
        let channel = self.channel_of(previous, page).await?;
        let reading = self.reading(page, MessageId::LAST, now, channel.identity_number());
        let mut merged = merge::read(&held, &reading);
        let mut held = std::mem::take(&mut merged.held);
        let had_all = previous.is_some_and(|known| known.snapshot.reaches_start);
        let is_all = trim(&mut held) && (page.older.is_none() || had_all && newest.is_contiguous);
        let range = covered_by(page, None, now);
        let covered = previous.map_or(&[][..], |known| &*known.covered);
        let covered = archive::join(covered, range.as_slice());
        let posts = self.shown(&held);
        let reaches_start = is_all && covered.first().is_some_and(Range::reaches_start);
        let snapshot = Snapshot {
            updated: Self::updated(previous, &channel, &merged, &posts, now),
            channel,
            reaches_start,
            floor: previous.and_then(|known| known.snapshot.floor),
            fetched: now,
            posts,
        };
        let known = ChannelState {
            language: previous.map_or_else(|| self.language(&snapshot), |known| known.language),
            ttl: Duration::ZERO,
            base_ttl: self.bounds().base_ttl(&snapshot),
            is_partial: false,
            has_lost_name: false,
            gone_since: None,
            shown: page.posts.iter().map(|post| post.id).collect(),
            held: held.into(),
            covered: covered.into(),
            id: previous.and_then(|known| known.id),
            stored: None,
            snapshot,
        };
        Ok(self.keep(previous, self.lived(known, page), merged, range).await)
    }

    /// The posts that are held where a page looks, and those in front of and behind it in the newest range.
    async fn held_where(
        &self,
        known: &ChannelState,
        newest: &Newest,
    ) -> Result<Vec<PostRow>, Error> {
        let oldest = newest.page.oldest();
        let mut held = known.held.to_vec();
        if !newest.is_contiguous {
            // What lies beyond a gap is not among the newest posts any more.
            held.retain(|held| oldest.is_some_and(|oldest| held.kept.post.id >= oldest));
        }
        let last = known.held.last().map(|held| held.kept.post.id);
        // A page can look further back than memory.
        if let (Some(oldest), Some(last)) = (oldest, last)
            && oldest < last
        {
            // An album can be known by a message that the page does not show any more.
            let behind = self.held_between(known, below(oldest), last).await?;
            held.extend(behind.into_iter().filter(|behind| behind.kept.post.id < last));
        }
        Ok(held)
    }

    /// With the TTL that comes from a page.
    fn lived(&self, mut known: ChannelState, page: &Page) -> ChannelState {
        known.is_partial = !page.is_whole;
        known.ttl = self.ttl(known.is_partial, &known.snapshot);
        known
    }

    /// How long a snapshot lives: one that a cut page gave, as short as possible.
    pub(super) fn ttl(&self, is_partial: bool, snapshot: &Snapshot) -> Duration {
        if is_partial { self.settings.min_ttl } else { self.bounds().ttl(snapshot) }
    }

    /// When what is served under the channel's name last changed; it never goes back.
    fn updated(
        previous: Option<&ChannelState>,
        channel: &Channel,
        merged: &Merged,
        posts: &[Arc<StoredPost>],
        now: DateTime<Utc>,
    ) -> DateTime<Utc> {
        // Readers of the name hold another channel's feed, whose date can be later than any of these posts.
        let takes_name = channel.shares_name && previous.is_none_or(|known| known.has_lost_name);
        if takes_name {
            return now;
        }
        let Some(known) = previous else {
            return posts.iter().map(|kept| kept.updated).max().unwrap_or(now);
        };
        let former = &known.snapshot;
        let is_renamed = merge::still_channel(&former.channel) != merge::still_channel(channel);
        let has_changed = merged.has_new || merged.has_changed || is_renamed;
        if has_changed { former.updated.max(now) } else { former.updated }
    }

    pub(super) fn reading<'a>(
        &self,
        page: &'a Page,
        high: MessageId,
        now: DateTime<Utc>,
        number: Option<i64>,
    ) -> Reading<'a> {
        let min_ttl = self.settings.min_ttl;
        Reading { page, high, now, min_ttl, parser: upstream::PARSER, number }
    }

    /// The channel as the page describes it. Only pages with posts tell its number.
    async fn channel_of(
        &self,
        previous: Option<&ChannelState>,
        page: &Page,
    ) -> Result<Channel, Error> {
        let former = previous.map(|known| &known.snapshot.channel);
        let numeric_id = page.channel.numeric_id.or(former.and_then(|former| former.numeric_id));
        let settled = previous
            .filter(|known| !known.has_lost_name)
            .map(|known| &known.snapshot.channel)
            .filter(|former| former.name == page.channel.name && former.numeric_id == numeric_id);
        let shares_name = match (settled, numeric_id) {
            (Some(former), _) => former.shares_name,
            (None, Some(number)) => self.shares_name(&page.channel.name, number).await?,
            (None, None) => false,
        };
        Ok(Channel { numeric_id, shares_name, ..page.channel.clone() })
    }

    fn remember(
        &self,
        asked: &ChannelName,
        previous: Option<&ChannelState>,
        known: &Arc<ChannelState>,
        now: DateTime<Utc>,
    ) {
        let name = &known.snapshot.channel.name;
        let key: Key = name.key().into();
        let named = previous.filter(|known| !known.has_lost_name);
        let is_new_here = named.is_none_or(|known| known.key() != key);
        if is_new_here && known.snapshot.channel.shares_name {
            // What was fetched by the name was perhaps its former owner's.
            self.singles.clear();
            self.older.clear();
            self.searches.clear();
        }
        let former = named.map(ChannelState::key).filter(|former| *former != key);
        if let Some(former) = former {
            self.memory.channels.invalidate(&former);
            self.alias(former, name.clone(), now);
        }
        if let Some(number) = known.snapshot.channel.numeric_id {
            self.memory.numbers.insert(number, Key::clone(&key));
        }
        self.memory.channels.insert(Key::clone(&key), Arc::clone(known));
        // The name is the channel's own: whoever had it before has another now.
        self.memory.aliases.remove(&key);
        if asked != name {
            let asked: Key = asked.key().into();
            self.memory.channels.invalidate(&asked);
            self.alias(asked, name.clone(), now);
        }
    }

    /// A former name leads to the present one; Telegram is asked again when the longest TTL of a snapshot has passed.
    fn alias(&self, former: Key, name: ChannelName, now: DateTime<Utc>) {
        self.memory.aliases.insert(former, CacheEntry::new(name, now, self.settings.max_ttl));
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds { min_ttl: self.settings.min_ttl, max_ttl: self.settings.max_ttl }
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

/// An empty page, or one cut short that reaches nothing known, proves nothing.
fn says_nothing(known: &ChannelState, newest: &Newest) -> bool {
    let page = &newest.page;
    let is_held =
        |id: &MessageId| known.held.iter().any(|held| held.kept.post.members.contains(id));
    let reaches = || page.posts.iter().flat_map(|post| &post.members).any(is_held);
    page.posts.is_empty() || !newest.is_contiguous && !page.is_whole && !reaches()
}

/// A message so far below another that they cannot be parts of one album.
pub(super) fn below(id: MessageId) -> MessageId {
    MessageId::new(id.get().saturating_sub(LARGEST_ALBUM)).unwrap_or(MessageId::FIRST)
}

/// The messages of which a page shows all: up to what was asked for, else to its newest; down to its oldest, or to the first
/// of all when nothing older exists.
pub(super) fn covered_by(
    page: &Page,
    before: Option<MessageId>,
    fetched: DateTime<Utc>,
) -> Option<Range> {
    let high = match before {
        Some(before) => MessageId::new(before.get() - 1)?,
        None => page.newest()?,
    };
    let low = if page.older.is_none() { MessageId::FIRST } else { page.oldest()? };
    (low <= high).then_some(Range { low, high, fetched })
}
