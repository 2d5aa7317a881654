//! The channels that we know: in memory, in the archive, and how a page changes them.
//!
//! A channel that is not in memory is loaded from the archive. What a page changes is stored in the archive before anybody
//! is answered with it. Pages are applied one at a time, so that those of one channel are applied in the order in which they
//! were fetched.
//!
//! *Invariant*: a read that fails is an error to all who depend on it: nothing is merged with, or written over, rows that
//! could not be read. A store that fails loses nothing that memory has: the failure is logged, the answer goes out, and the
//! next store writes everything that is in memory.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::clock::Clock;
use super::error::{Error, read_failed, store_failed};
use super::freshness::{Bounds, elapsed};
use super::memory::{ChannelState, Memory};
use super::merge::{self, MOST_HELD, Merged, Reading};
use super::quotation;
use super::ttl_cache::CacheEntry;
use super::{Key, Runtime, Settings};
use crate::archive::{self, Archive, Held, PostRow, Range, State, Stored, Update};
use crate::feed;
use crate::model::{Channel, ChannelName, Language, MessageId, Page, Post, Snapshot, StoredPost};
use crate::text::Spoilers;
use crate::upstream::{self, Refusal};

/// The least number of posts that memory has of a channel, if it has so many.
const FEWEST_HELD: usize = 64;

/// The interval at which a fetch that changed nothing is stored.
const STATE_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// More messages than an album has (ten, as of 2026), with foreign messages between them.
const LARGEST_ALBUM: u32 = 20;

/// The posts by which a channel's language is detected.
const LANGUAGE_POSTS: usize = 10;

/// The posts behind an original that are searched for answers to it.
const MOST_ANSWERS: usize = 200;

/// `Retry-After` when a name turned out to have another owner.
const OWNER_RETRY: Duration = Duration::from_secs(10);

/// The newest page, joined with the older pages that were fetched to reach the known posts.
pub(super) struct Newest {
    pub(super) page: Page,
    /// `page` reaches the known posts: no gap is between them.
    pub(super) is_contiguous: bool,
}

/// The known channel that a page belongs to.
enum Owner {
    Known(Arc<ChannelState>),
    /// The name belonged to another channel when we last looked.
    Another,
    Unknown,
}

/// See the module's documentation.
pub(super) struct Channels {
    memory: Memory,
    archive: Archive,
    /// Held while a page is applied.
    applying: tokio::sync::Mutex<()>,
    clock: Clock,
    settings: Arc<Settings>,
}

impl Channels {
    pub(super) fn new(archive: Archive, runtime: &Runtime) -> Self {
        let settings = Arc::clone(&runtime.settings);
        Self {
            memory: Memory::new(settings.memory.as_u64()),
            archive,
            applying: tokio::sync::Mutex::new(()),
            clock: runtime.clock.clone(),
            settings,
        }
    }

    /// A channel by its key, if it is in memory.
    pub(super) fn get(&self, key: &str) -> Option<Arc<ChannelState>> {
        self.memory.get(key)
    }

    /// Numbers of channels and posts in memory.
    pub(super) fn count_in_memory(&self) -> (u64, u64) {
        self.memory.count()
    }

    /// The present name of the channel that has or had this name.
    pub(super) fn resolve(&self, name: &ChannelName) -> ChannelName {
        let alias = self.memory.alias(&name.key());
        let alias = alias.filter(|alias| alias.is_fresh(self.clock.now()));
        alias.map_or_else(|| name.clone(), |alias| alias.value)
    }

    /// Whether a channel had this name before.
    pub(super) fn is_former_name(&self, key: &str) -> bool {
        self.memory.alias(key).is_some()
    }

    /// Whether Telegram is to be asked again who has this former name.
    pub(super) fn is_stale_alias(&self, key: &str) -> bool {
        self.memory.alias(key).is_some_and(|alias| !alias.is_fresh(self.clock.now()))
    }

    /// The cached refusal of a channel.
    pub(super) fn refusal(&self, key: &str) -> Option<Refusal> {
        let now = self.clock.now();
        let entry = self.memory.refusal(key).filter(|entry| entry.is_fresh(now))?;
        Some(entry.again(now))
    }

    /// Caches a refusal for its negative TTL.
    pub(super) async fn set_refusal(
        &self,
        name: &ChannelName,
        refusal: &Refusal,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        if refusal.is_gone() {
            self.set_gone(name, now).await?;
        }
        let entry = CacheEntry::new(refusal.clone(), now, refusal.negative_ttl());
        self.memory.set_refusal(name.key().into(), entry);
        Ok(())
    }

    pub(super) fn remove_refusal(&self, key: &str) {
        self.memory.remove_refusal(key);
    }

    async fn set_gone(&self, name: &ChannelName, now: DateTime<Utc>) -> Result<(), Error> {
        let _applying = self.applying.lock().await;
        if let Some(state) = self.recall(name).await?
            && (state.gone_since.is_none() || state.stored.is_none())
        {
            let gone_since = state.gone_since.or(Some(now));
            let state = ChannelState { gone_since, ..ChannelState::clone(&state) };
            self.memory.insert(Arc::new(self.store_state(state).await));
        }
        Ok(())
    }

    /// The channel with this name, from memory or the archive.
    pub(super) async fn recall(
        &self,
        name: &ChannelName,
    ) -> Result<Option<Arc<ChannelState>>, Error> {
        let key = Key::from(name.key());
        if let Some(state) = self.memory.get(&key) {
            return Ok(Some(state));
        }
        match self.archive.load(name, FEWEST_HELD).await.map_err(read_failed)? {
            Some(held) if held.channel.name.key() == name.key() => {
                self.load_into_memory(key, held).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The channel with Telegram's number.
    async fn recall_number(&self, number: i64) -> Result<Option<Arc<ChannelState>>, Error> {
        if let Some(state) = self.memory.with_number(number) {
            return Ok(Some(state));
        }
        match self.archive.load_number(number, FEWEST_HELD).await.map_err(read_failed)? {
            // In memory its last name belongs to another channel.
            Some(held) if held.has_lost_name => Ok(Some(Arc::new(self.state_from(held)))),
            Some(held) => {
                self.load_into_memory(held.channel.name.key().into(), held).await.map(Some)
            }
            None => Ok(None),
        }
    }

    /// The channel with this number, else the channel with this name, unless it has another number.
    pub(super) async fn recall_either(
        &self,
        name: &ChannelName,
        number: Option<i64>,
    ) -> Result<Option<Arc<ChannelState>>, Error> {
        if let Some(number) = number
            && let Some(state) = self.recall_number(number).await?
        {
            return Ok(Some(state));
        }
        let state = self.recall(name).await?;
        Ok(state.filter(|state| !has_other_number(state, number)))
    }

    /// The present name of the channel that had this name before.
    pub(super) async fn successor(
        &self,
        former: &ChannelName,
    ) -> Result<Option<ChannelName>, Error> {
        if let Some(alias) = self.memory.alias(&former.key()) {
            return Ok(Some(alias.value));
        }
        let held = self.archive.load(former, 0).await.map_err(read_failed)?;
        Ok(held.map(|held| held.channel.name).filter(|name| name.key() != former.key()))
    }

    /// The channel that a newest page shows, under whatever name we know it.
    pub(super) async fn predecessor(
        &self,
        requested: &ChannelName,
        page: &Page,
    ) -> Result<Option<Arc<ChannelState>>, Error> {
        let is_its = |state: &Arc<ChannelState>| {
            merge::is_same_channel(&state.snapshot.channel, &page.channel)
        };
        if let Some(state) = self.recall(&page.channel.name).await?.filter(is_its) {
            return Ok(Some(state));
        }
        if let Some(number) = page.channel.numeric_id
            && let Some(state) = self.recall_number(number).await?
        {
            return Ok(Some(state));
        }
        // The page's own name was tried first.
        if *requested == page.channel.name {
            return Ok(None);
        }
        Ok(self.recall(requested).await?.filter(is_its))
    }

    /// The known channel with this name, whose present number is `number`. If another channel has the name now, the known one
    /// is marked as stale, so that the next request refreshes it.
    async fn owner(&self, name: &ChannelName, number: Option<i64>) -> Result<Owner, Error> {
        let Some(state) = self.recall(name).await? else { return Ok(Owner::Unknown) };
        if !has_other_number(&state, number) {
            return Ok(Owner::Known(state));
        }
        let stale = ChannelState { ttl: Duration::ZERO, ..ChannelState::clone(&state) };
        self.memory.insert(Arc::new(stale));
        Ok(Owner::Another)
    }

    /// The known channel of an older page or of a search page. A page of another channel with the same name is an error: its
    /// posts must not mix with the known ones.
    async fn owner_of_page(
        &self,
        name: &ChannelName,
        page: &Page,
    ) -> Result<Option<Arc<ChannelState>>, Error> {
        match self.owner(name, page.channel.numeric_id).await? {
            Owner::Known(state) => Ok(Some(state)),
            Owner::Unknown => Ok(None),
            Owner::Another => Err(Refusal::busy(OWNER_RETRY).into()),
        }
    }

    async fn load_into_memory(&self, key: Key, held: Held) -> Result<Arc<ChannelState>, Error> {
        let held = self.with_whole_day(held).await?;
        // A refresh may have been faster.
        Ok(self.memory.get_or_insert(key, Arc::new(self.state_from(held))))
    }

    /// A busy channel has more posts of the last day than [`FEWEST_HELD`].
    async fn with_whole_day(&self, held: Held) -> Result<Held, Error> {
        if held.posts.len() < FEWEST_HELD || within_day(&held.posts) < FEWEST_HELD {
            return Ok(held);
        }
        let more = self.archive.load(&held.channel.name, MOST_HELD).await.map_err(read_failed)?;
        Ok(more.filter(|more| more.id == held.id).unwrap_or(held))
    }

    fn state_from(&self, held: Held) -> ChannelState {
        let Held { id, channel, has_lost_name, state, posts: mut rows, ranges } = held;
        // A full answer: there may be more.
        let is_cut = [FEWEST_HELD, MOST_HELD].contains(&rows.len());
        let reaches_start =
            trim(&mut rows) && !is_cut && ranges.first().is_some_and(Range::reaches_start);
        let snapshot = Snapshot {
            channel,
            posts: self.shown(&rows),
            reaches_start,
            first_seen_id: state.first_seen_id,
            fetched: state.fetched,
            updated: state.updated,
        };
        ChannelState {
            ttl: self.ttl(state.is_partial, &snapshot),
            base_ttl: self.bounds().base_ttl(&snapshot),
            language: state.language,
            is_partial: state.is_partial,
            has_lost_name,
            gone_since: state.gone_since,
            // File addresses of an earlier run are not trusted.
            listed: Arc::new([]),
            rows: rows.into(),
            covered: ranges.into(),
            id: Some(id),
            stored: Some(state.fetched),
            visited: Arc::default(),
            snapshot,
        }
    }

    /// The posts that feeds and pages show of these rows.
    pub(super) fn shown(&self, rows: &[PostRow]) -> Vec<Arc<StoredPost>> {
        let present = rows.iter().filter(|row| row.deleted.is_none());
        if !self.settings.keeps_deleted {
            return present.map(|row| Arc::clone(&row.kept)).collect();
        }
        let members: HashSet<MessageId> =
            present.flat_map(|row| row.kept.post.members.iter().copied()).collect();
        // A deleted part of an album is shown in the album.
        let is_part = |row: &PostRow| row.kept.post.members.iter().any(|id| members.contains(id));
        let shown = rows.iter().filter(|row| row.deleted.is_none() || !is_part(row));
        shown.map(|row| Arc::clone(&row.kept)).collect()
    }

    /// The row of the post with this message, deleted or not.
    pub(super) async fn row(
        &self,
        state: &ChannelState,
        id: MessageId,
    ) -> Result<Option<PostRow>, Error> {
        let in_memory = state.rows.iter().find(|row| row.kept.post.members.contains(&id));
        match (in_memory, state.id) {
            (Some(row), _) => Ok(Some(row.clone())),
            (None, Some(channel)) => self.archive.post(channel, id).await.map_err(read_failed),
            (None, None) => Ok(None),
        }
    }

    /// The same, if feeds and pages show it.
    pub(super) async fn shown_row(
        &self,
        state: &ChannelState,
        id: MessageId,
    ) -> Result<Option<PostRow>, Error> {
        let row = self.row(state, id).await?;
        Ok(row.filter(|row| row.deleted.is_none() || self.settings.keeps_deleted))
    }

    /// The archive's rows from one message to another, deleted posts too.
    async fn rows_between(
        &self,
        state: &ChannelState,
        low: MessageId,
        high: MessageId,
    ) -> Result<Vec<PostRow>, Error> {
        match state.id {
            Some(id) if low <= high => {
                self.archive.between(id, low, high).await.map_err(read_failed)
            }
            _ => {
                let between =
                    state.rows.iter().filter(|row| (low..=high).contains(&row.kept.post.id));
                Ok(between.cloned().collect())
            }
        }
    }

    /// Applies the newest page, requested at `since`, and stores the result.
    ///
    /// `on_taken_name` runs before anybody sees a channel that got its name from another channel: posts that were fetched by
    /// this name may be the other's.
    pub(super) async fn apply_newest(
        &self,
        requested: &ChannelName,
        newest: &Newest,
        since: DateTime<Utc>,
        on_taken_name: impl FnOnce(),
    ) -> Result<Arc<ChannelState>, Error> {
        let _applying = self.applying.lock().await;
        let now = self.clock.now();
        let previous = self.predecessor(requested, &newest.page).await?;
        // A page that was requested under another name and overtook this one. A fetch in the future is from before the clock
        // went back.
        let overtaking = previous
            .as_ref()
            .filter(|state| since < state.snapshot.fetched && state.snapshot.fetched <= now);
        let state = match overtaking {
            Some(state) => Arc::clone(state),
            None => Arc::new(self.merge_newest(previous.as_deref(), newest, now).await?),
        };
        let former = previous.filter(|state| !state.has_lost_name).map(|state| state.key());
        if state.snapshot.channel.shares_name && former != Some(state.key()) {
            on_taken_name();
        }
        self.remember(requested, former, &state, now);
        Ok(state)
    }

    async fn merge_newest(
        &self,
        previous: Option<&ChannelState>,
        newest: &Newest,
        now: DateTime<Utc>,
    ) -> Result<ChannelState, Error> {
        let page = &newest.page;
        if let Some(state) = previous.filter(|state| proves_nothing(state, newest)) {
            // The last good posts stay.
            let snapshot = Snapshot { fetched: now, ..state.snapshot.clone() };
            let state = ChannelState { snapshot, gone_since: None, ..state.clone() };
            return Ok(self
                .store(previous, self.with_ttl(state, page), Merged::default(), None)
                .await);
        }
        let rows = match previous {
            Some(state) => self.rows_near(state, newest).await?,
            None => Vec::new(),
        };
        let channel = self.describe(previous, page).await?;
        let reading = self.reading(page, MessageId::LAST, now, channel.identity_number());
        let mut merged = merge::read(&rows, &reading);
        let mut rows = std::mem::take(&mut merged.rows);
        let had_all = previous.is_some_and(|state| state.snapshot.reaches_start);
        let is_all = trim(&mut rows) && (page.older.is_none() || had_all && newest.is_contiguous);
        let range = covered_by(page, None, now);
        let covered = previous.map_or(&[][..], |state| &*state.covered);
        let covered = archive::join(covered, range.as_slice());
        let posts = self.shown(&rows);
        let reaches_start = is_all && covered.first().is_some_and(Range::reaches_start);
        let snapshot = Snapshot {
            updated: updated(previous, &channel, &merged, &posts, now),
            channel,
            reaches_start,
            first_seen_id: previous.and_then(|state| state.snapshot.first_seen_id),
            fetched: now,
            posts,
        };
        let state = ChannelState {
            language: previous.map_or_else(|| self.language(&snapshot), |state| state.language),
            ttl: Duration::ZERO,
            base_ttl: self.bounds().base_ttl(&snapshot),
            is_partial: false,
            has_lost_name: false,
            gone_since: None,
            listed: page.posts.iter().map(|post| post.id).collect(),
            rows: rows.into(),
            covered: covered.into(),
            id: previous.and_then(|state| state.id),
            stored: None,
            visited: Arc::default(),
            snapshot,
        };
        Ok(self.store(previous, self.with_ttl(state, page), merged, range).await)
    }

    /// The rows that a page can change, and the rest of the newest range.
    async fn rows_near(
        &self,
        state: &ChannelState,
        newest: &Newest,
    ) -> Result<Vec<PostRow>, Error> {
        let oldest = newest.page.oldest();
        let mut rows = state.rows.to_vec();
        if !newest.is_contiguous {
            // Posts beyond a gap are not among the newest any more.
            rows.retain(|row| oldest.is_some_and(|oldest| row.kept.post.id >= oldest));
        }
        let last = state.rows.last().map(|row| row.kept.post.id);
        // A page can reach further back than memory.
        if let (Some(oldest), Some(last)) = (oldest, last)
            && oldest < last
        {
            // An album can be known by a message that the page does not show any more.
            let behind = self.rows_between(state, below(oldest), last).await?;
            rows.extend(behind.into_iter().filter(|row| row.kept.post.id < last));
        }
        Ok(rows)
    }

    fn with_ttl(&self, mut state: ChannelState, page: &Page) -> ChannelState {
        state.is_partial = !page.is_whole;
        state.ttl = self.ttl(state.is_partial, &state.snapshot);
        state
    }

    /// A truncated page is fetched again as soon as possible.
    fn ttl(&self, is_partial: bool, snapshot: &Snapshot) -> Duration {
        if is_partial { self.settings.min_ttl } else { self.bounds().ttl(snapshot) }
    }

    fn bounds(&self) -> Bounds {
        Bounds { min_ttl: self.settings.min_ttl, max_ttl: self.settings.max_ttl }
    }

    fn reading<'a>(
        &self,
        page: &'a Page,
        high: MessageId,
        now: DateTime<Utc>,
        number: Option<i64>,
    ) -> Reading<'a> {
        let min_ttl = self.settings.min_ttl;
        Reading { page, high, now, min_ttl, parser: upstream::PARSER, number }
    }

    /// The channel as the page describes it. Only pages with posts have its number.
    async fn describe(
        &self,
        previous: Option<&ChannelState>,
        page: &Page,
    ) -> Result<Channel, Error> {
        let former = previous.map(|state| &state.snapshot.channel);
        let numeric_id = page.channel.numeric_id.or(former.and_then(|former| former.numeric_id));
        let settled = previous
            .filter(|state| !state.has_lost_name)
            .map(|state| &state.snapshot.channel)
            .filter(|former| former.name == page.channel.name && former.numeric_id == numeric_id);
        let shares_name = match (settled, numeric_id) {
            (Some(former), _) => former.shares_name,
            (None, Some(number)) => self.shares_name(&page.channel.name, number).await?,
            (None, None) => false,
        };
        Ok(Channel { numeric_id, shares_name, ..page.channel.clone() })
    }

    /// Whether a channel with another number has or had this name.
    async fn shares_name(&self, name: &ChannelName, number: i64) -> Result<bool, Error> {
        // A channel that could not be stored is in memory only.
        if self.memory.get(&name.key()).is_some_and(|state| has_other_number(&state, Some(number)))
        {
            return Ok(true);
        }
        self.archive.has_other_owner(name, number).await.map_err(read_failed)
    }

    /// The language of a channel is detected once, from its newest posts.
    fn language(&self, snapshot: &Snapshot) -> Language {
        if let Some(language) = self.settings.feed.language {
            return language;
        }
        let description = snapshot.channel.description.plain(Spoilers::Show);
        let posts = snapshot.posts.iter().take(LANGUAGE_POSTS);
        let texts = posts.map(|stored| stored.post.text.plain(Spoilers::Show));
        feed::language::detect(texts.chain([description])).unwrap_or_default()
    }

    /// Puts a refreshed channel into memory, and lets its former and requested names lead to it.
    fn remember(
        &self,
        requested: &ChannelName,
        former: Option<Key>,
        state: &Arc<ChannelState>,
        now: DateTime<Utc>,
    ) {
        let name = &state.snapshot.channel.name;
        let key = state.key();
        if let Some(former) = former.filter(|former| *former != key) {
            self.memory.remove(&former);
            self.set_alias(former, name.clone(), now);
        }
        self.memory.insert(Arc::clone(state));
        // A channel that had this name before has another name now.
        self.memory.remove_alias(&key);
        if requested != name {
            let requested = Key::from(requested.key());
            self.memory.remove(&requested);
            self.set_alias(requested, name.clone(), now);
        }
    }

    /// Makes a former name lead to the present one, until Telegram is asked again.
    pub(super) fn set_alias(&self, former: Key, name: ChannelName, now: DateTime<Utc>) {
        self.memory.set_alias(former, CacheEntry::new(name, now, self.settings.max_ttl));
    }

    /// Applies a whole page of the posts in front of a message, and returns those that are shown.
    pub(super) async fn apply_older(
        &self,
        name: &ChannelName,
        before: MessageId,
        page: &Page,
    ) -> Result<Vec<Arc<StoredPost>>, Error> {
        let _applying = self.applying.lock().await;
        let now = self.clock.now();
        let high = MessageId::new(before.get() - 1).unwrap_or(MessageId::FIRST);
        let state = self.owner_of_page(name, page).await?;
        let rows = match (&state, page.oldest()) {
            (Some(state), Some(oldest)) => self.rows_between(state, below(oldest), high).await?,
            _ => Vec::new(),
        };
        let number = state.as_ref().and_then(|state| state.snapshot.channel.identity_number());
        let merged = merge::read(&rows, &self.reading(page, high, now, number));
        let posts = self.shown(&merged.rows);
        if let Some(state) = state {
            self.add(&state, merged, covered_by(page, Some(before), now)).await?;
        }
        Ok(posts)
    }

    /// Applies a page of Telegram's search, which proves nothing about posts that it does not have, and returns those that are
    /// shown.
    pub(super) async fn apply_found(
        &self,
        name: &ChannelName,
        page: &mut Page,
    ) -> Result<Vec<Arc<StoredPost>>, Error> {
        let _applying = self.applying.lock().await;
        page.is_whole = false;
        let state = self.owner_of_page(name, page).await?;
        let mut rows: Vec<PostRow> = Vec::new();
        for id in page.posts.iter().flat_map(|post| &post.members) {
            let is_there = rows.iter().any(|row| row.kept.post.members.contains(id));
            if let Some(state) = state.as_ref().filter(|_| !is_there) {
                rows.extend(self.row(state, *id).await?);
            }
        }
        let number = state.as_ref().and_then(|state| state.snapshot.channel.identity_number());
        let reading = self.reading(page, MessageId::LAST, self.clock.now(), number);
        let merged = merge::read(&rows, &reading);
        let posts = self.shown(&merged.rows);
        if let Some(state) = state {
            self.add(&state, merged, None).await?;
        }
        Ok(posts)
    }

    /// Applies a post's own page, which proves nothing about edits. A new post of a known channel is stored, and has its
    /// identity from then on.
    pub(super) async fn apply_single(
        &self,
        name: &ChannelName,
        post: &Post,
    ) -> Result<Arc<StoredPost>, Error> {
        let _applying = self.applying.lock().await;
        let number = post.numeric_channel_id;
        let state = match self.owner(name, number).await? {
            Owner::Known(state) => state,
            Owner::Another => return Ok(Arc::new(merge::new_stored(post, number))),
            Owner::Unknown => return Ok(Arc::new(merge::new_stored(post, None))),
        };
        if let Some(row) = self.row(&state, post.id).await? {
            // The page has the present file addresses; identity and date are those of the row.
            let stored = StoredPost { post: post.clone(), ..StoredPost::clone(&row.kept) };
            return Ok(Arc::new(stored));
        }
        let stored = Arc::new(merge::new_stored(post, state.snapshot.channel.identity_number()));
        let row = PostRow::new(Arc::clone(&stored), upstream::PARSER);
        self.store_more(&state, Merged { put: vec![row], ..Merged::default() }, None).await;
        Ok(stored)
    }

    /// Adds posts that are not on the newest page.
    async fn add(
        &self,
        state: &Arc<ChannelState>,
        mut merged: Merged,
        range: Option<Range>,
    ) -> Result<(), Error> {
        let mut state = ChannelState::clone(state);
        self.hide_in_answers(&mut state, &mut merged).await?;
        let covered = archive::join(&state.covered, range.as_slice());
        let is_wider = !covers_the_same(&covered, &state.covered);
        if merged.has_changed {
            state.snapshot.updated = state.snapshot.updated.max(self.clock.now());
        }
        let has_changed = is_wider || merged.has_changed;
        let covered = self.store_more(&state, merged, range.filter(|_| is_wider)).await;
        if has_changed {
            // Only what the archive has is covered.
            if let Some(covered) = covered {
                state.covered = covered;
            }
            self.memory.insert(Arc::new(state));
        }
        Ok(())
    }

    /// Hides what older posts hide, which were just found, in the quotations of posts that answer them.
    async fn hide_in_answers(
        &self,
        state: &mut ChannelState,
        merged: &mut Merged,
    ) -> Result<(), Error> {
        let originals = quotation::originals(merged.put.iter().map(|row| &row.kept));
        let (Some(channel), Some(oldest)) = (state.id, originals.keys().min()) else {
            return Ok(());
        };
        let answers =
            self.archive.newer(channel, *oldest, MOST_ANSWERS).await.map_err(read_failed)?;
        let on_page: HashSet<_> = merged.put.iter().map(|row| row.kept.identity.clone()).collect();
        let mut changed = Vec::new();
        for mut answer in answers {
            let is_changed = quotation::hide_by(&originals, &mut answer.kept);
            if is_changed && !on_page.contains(&answer.kept.identity) {
                changed.push(answer);
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        let present = |row: &PostRow| {
            let changed = changed.iter().find(|answer| answer.kept.identity == row.kept.identity);
            changed.unwrap_or(row).clone()
        };
        state.rows = state.rows.iter().map(present).collect();
        state.snapshot.posts = self.shown(&state.rows);
        merged.has_changed = true;
        merged.put.extend(changed);
        Ok(())
    }

    /// Stores a refreshed channel. A fetch that changed counters only is stored at most hourly.
    async fn store(
        &self,
        previous: Option<&ChannelState>,
        state: ChannelState,
        mut merged: Merged,
        range: Option<Range>,
    ) -> ChannelState {
        let now = state.snapshot.fetched;
        let id = previous.and_then(|previous| previous.id);
        let stored = previous.and_then(|previous| previous.stored);
        let is_stored = previous.is_some_and(|previous| {
            stored.is_some()
                && is_same_state(previous, &state)
                && covers_the_same(&previous.covered, &state.covered)
        });
        let is_recent = stored.is_some_and(|stored| elapsed(stored, now) < STATE_INTERVAL);
        if merged.put.is_empty() && is_stored && is_recent {
            return ChannelState { id, stored, ..state };
        }
        let mut covered: Vec<Range> = range.into_iter().collect();
        if previous.is_some() && stored.is_none() {
            // The last store failed: everything in memory is stored again, and no more than that is covered.
            merged.put.extend_from_slice(&state.rows);
            covered = covered_by_memory(&state);
        }
        match self.archive.store(update_of(&state, merged, covered)).await.map_err(store_failed) {
            Ok(Stored { id, covered }) => {
                ChannelState { id: Some(id), stored: Some(now), covered: covered.into(), ..state }
            }
            Err(_) => ChannelState { id, stored: None, ..state },
        }
    }

    /// Stores posts that are not on the newest page, and returns the ranges that the archive covers then; `None` when it
    /// does not take them.
    async fn store_more(
        &self,
        state: &ChannelState,
        merged: Merged,
        covered: Option<Range>,
    ) -> Option<Arc<[Range]>> {
        state.id?;
        if merged.put.is_empty() && covered.is_none() {
            return Some(Arc::clone(&state.covered));
        }
        let update = update_of(state, merged, covered.into_iter().collect());
        let stored = self.archive.store(update).await.map_err(store_failed).ok()?;
        Some(stored.covered.into())
    }

    /// Stores a channel without posts. If that fails, the next store writes everything that is in memory.
    async fn store_state(&self, state: ChannelState) -> ChannelState {
        let Some(id) = state.id else { return state };
        match self.archive.store_state(id, state_of(&state)).await.map_err(store_failed) {
            Ok(()) => state,
            Err(_) => ChannelState { stored: None, ..state },
        }
    }

    /// Fixes how far back a channel's plain feed goes, unless an answer did before, and returns the state with it. It is
    /// stored before anybody is answered.
    pub(super) async fn set_first_seen(
        &self,
        state: &ChannelState,
        oldest: MessageId,
    ) -> Result<Arc<ChannelState>, Error> {
        let _applying = self.applying.lock().await;
        let channel = &state.snapshot.channel;
        let current = self.recall(&channel.name).await?;
        let current =
            current.filter(|current| merge::is_same_channel(&current.snapshot.channel, channel));
        let first =
            current.as_ref().and_then(|current| current.snapshot.first_seen_id).unwrap_or(oldest);
        if let Some(current) = current.filter(|current| current.snapshot.first_seen_id.is_none()) {
            let current = self.store_state(self.with_first_seen(&current, first)).await;
            self.memory.insert(Arc::new(current));
        }
        Ok(Arc::new(self.with_first_seen(state, first)))
    }

    fn with_first_seen(&self, state: &ChannelState, first_seen_id: MessageId) -> ChannelState {
        let snapshot = Snapshot { first_seen_id: Some(first_seen_id), ..state.snapshot.clone() };
        ChannelState {
            ttl: self.ttl(state.is_partial, &snapshot),
            base_ttl: self.bounds().base_ttl(&snapshot),
            snapshot,
            ..state.clone()
        }
    }
}

/// Whether both numbers are known and differ.
fn has_other_number(state: &ChannelState, number: Option<i64>) -> bool {
    state.snapshot.channel.numeric_id.zip(number).is_some_and(|(known, number)| known != number)
}

/// Leaves as many rows as memory has of a channel, and tells whether those are all.
fn trim(rows: &mut Vec<PostRow>) -> bool {
    let wanted = within_day(rows).clamp(FEWEST_HELD, MOST_HELD);
    let is_all = rows.len() <= wanted;
    rows.truncate(wanted);
    is_all
}

/// How many posts are less than a day older than the newest: a plain feed shows all of them.
fn within_day(rows: &[PostRow]) -> usize {
    let Some(newest) = rows.first().map(|row| row.kept.post.published) else { return 0 };
    let since = newest - TimeDelta::hours(feed::WINDOW_HOURS);
    rows.iter().take_while(|row| row.kept.post.published >= since).count()
}

/// The messages of which memory has all posts: the newest range, down to where [`trim`] may have cut.
fn covered_by_memory(state: &ChannelState) -> Vec<Range> {
    let Some(mut newest) = state.covered.first().copied() else { return Vec::new() };
    if let Some(last) = state.rows.last().filter(|_| state.rows.len() >= FEWEST_HELD) {
        newest.low = newest.low.max(last.kept.post.id);
    }
    vec![newest]
}

/// When what is served under the channel's name last changed; it never goes back.
fn updated(
    previous: Option<&ChannelState>,
    channel: &Channel,
    merged: &Merged,
    posts: &[Arc<StoredPost>],
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    // Readers of the name have another channel's feed, whose date can be later than any of these posts.
    let takes_name = channel.shares_name && previous.is_none_or(|state| state.has_lost_name);
    if takes_name {
        return now;
    }
    let Some(state) = previous else {
        return posts.iter().map(|stored| stored.updated).max().unwrap_or(now);
    };
    let former = &state.snapshot;
    let is_renamed = merge::channel_content(&former.channel) != merge::channel_content(channel);
    let has_changed = merged.has_new || merged.has_changed || is_renamed;
    if has_changed { former.updated.max(now) } else { former.updated }
}

fn update_of(state: &ChannelState, merged: Merged, covered: Vec<Range>) -> Update {
    Update {
        channel: state.snapshot.channel.clone(),
        state: state_of(state),
        put: merged.put,
        former: merged.former,
        covered,
    }
}

fn state_of(state: &ChannelState) -> State {
    let snapshot = &state.snapshot;
    State {
        language: state.language,
        first_seen_id: snapshot.first_seen_id,
        fetched: snapshot.fetched,
        updated: snapshot.updated,
        is_partial: state.is_partial,
        gone_since: state.gone_since,
    }
}

/// Whether nothing but the date of the fetch differs, posts apart.
fn is_same_state(previous: &ChannelState, state: &ChannelState) -> bool {
    let [former, channel] = [previous, state].map(|state| &state.snapshot.channel);
    let fetched = state.snapshot.fetched;
    State { fetched, ..state_of(previous) } == state_of(state)
        && former.numeric_id == channel.numeric_id
        && merge::channel_content(former) == merge::channel_content(channel)
}

/// Whether two lists of ranges cover the same messages, whenever they were fetched.
fn covers_the_same(some: &[Range], others: &[Range]) -> bool {
    let ends = |range: &Range| (range.low, range.high);
    some.iter().map(ends).eq(others.iter().map(ends))
}

/// An empty page, or a truncated one that reaches no known post.
fn proves_nothing(state: &ChannelState, newest: &Newest) -> bool {
    let page = &newest.page;
    let is_known = |id: &MessageId| state.rows.iter().any(|row| row.kept.post.members.contains(id));
    let reaches = || page.posts.iter().flat_map(|post| &post.members).any(is_known);
    page.posts.is_empty() || !newest.is_contiguous && !page.is_whole && !reaches()
}

/// A message so far below another that they cannot be parts of one album.
fn below(id: MessageId) -> MessageId {
    MessageId::new(id.get().saturating_sub(LARGEST_ALBUM)).unwrap_or(MessageId::FIRST)
}

/// The messages of which a page has all posts: up to what was requested, else to its newest; down to its oldest, or to the
/// first of all when nothing older exists.
fn covered_by(page: &Page, before: Option<MessageId>, fetched: DateTime<Utc>) -> Option<Range> {
    let high = match before {
        Some(before) => MessageId::new(before.get() - 1)?,
        None => page.newest()?,
    };
    let low = if page.older.is_none() { MessageId::FIRST } else { page.oldest()? };
    (low <= high).then_some(Range { low, high, fetched })
}
