//! The known channels, in memory and in the archive, and the changes that pages make to them.
//!
//! Changes are stored in the archive before the answer goes out, and pages are applied one at a time, so that the pages
//! of one channel are applied in the order of their fetches.
//!
//! *Invariant*: a failed read is an error for every caller; nothing is merged with, or written over, rows that could
//! not be read. A failed store loses nothing that memory has: it is logged, the answer goes out, and the next store
//! writes everything in memory.

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

/// The posts of one channel that memory has at least, if so many exist.
const FEWEST_HELD: usize = 64;

/// How often a fetch without changes is stored.
const STATE_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// More messages than an album can span: at most ten (as of 2026), with foreign messages between them.
const LARGEST_ALBUM: u32 = 20;

/// The newest posts from which a channel's language is detected.
const LANGUAGE_POSTS: usize = 10;

/// The most posts after an original that are searched for replies to it.
const MOST_ANSWERS: usize = 200;

/// `Retry-After` when a page shows that the name has another owner.
const OWNER_RETRY: Duration = Duration::from_secs(10);

/// The newest page, joined with the older pages that were fetched to close the gap to the known posts.
pub(super) struct Newest {
    pub(super) page: Page,
    /// No gap is left between `page` and the known posts.
    pub(super) is_contiguous: bool,
}

enum Owner {
    Known(Arc<ChannelState>),
    /// The name has another owner since the last fetch.
    Another,
    Unknown,
}

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

    pub(super) fn get(&self, key: &str) -> Option<Arc<ChannelState>> {
        self.memory.get(key)
    }

    /// The numbers of channels and of posts in memory.
    pub(super) fn count_in_memory(&self) -> (u64, u64) {
        self.memory.count()
    }

    /// The present name of the channel with this present or former name. An expired alias does not count.
    pub(super) fn resolve(&self, name: &ChannelName) -> ChannelName {
        let alias = self.memory.alias(&name.key());
        let alias = alias.filter(|alias| alias.is_fresh(self.clock.now()));
        alias.map_or_else(|| name.clone(), |alias| alias.value)
    }

    pub(super) fn is_former_name(&self, key: &str) -> bool {
        self.memory.alias(key).is_some()
    }

    /// Whether the alias of this former name has expired, so that its owner is checked at Telegram.
    pub(super) fn is_stale_alias(&self, key: &str) -> bool {
        self.memory.alias(key).is_some_and(|alias| !alias.is_fresh(self.clock.now()))
    }

    /// The cached refusal of a channel, if it is fresh.
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

    /// The channel with this present name, from memory or the archive.
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

    /// The channel with this number of Telegram's.
    async fn recall_number(&self, number: i64) -> Result<Option<Arc<ChannelState>>, Error> {
        if let Some(state) = self.memory.with_number(number) {
            return Ok(Some(state));
        }
        match self.archive.load_number(number, FEWEST_HELD).await.map_err(read_failed)? {
            // Not inserted into memory: its last name is another channel's key.
            Some(held) if held.has_lost_name => Ok(Some(Arc::new(self.state_from(held)))),
            Some(held) => {
                self.load_into_memory(held.channel.name.key().into(), held).await.map(Some)
            }
            None => Ok(None),
        }
    }

    /// The channel with this number, else the channel with this name unless its number differs.
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

    /// The known channel that a newest page belongs to, by its present name, its number or the requested name.
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

    /// The known channel with this name and number. If another channel has the name now, the known state is marked as
    /// stale, so that the next request refreshes it.
    async fn owner(&self, name: &ChannelName, number: Option<i64>) -> Result<Owner, Error> {
        let Some(state) = self.recall(name).await? else { return Ok(Owner::Unknown) };
        if !has_other_number(&state, number) {
            return Ok(Owner::Known(state));
        }
        let stale = ChannelState { ttl: Duration::ZERO, ..ChannelState::clone(&state) };
        self.memory.insert(Arc::new(stale));
        Ok(Owner::Another)
    }

    /// The known channel of an older page or a search page. A page of another channel with the same name is an error:
    /// its posts must not mix with the known ones.
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
        // A refresh may have inserted a newer state meanwhile.
        Ok(self.memory.get_or_insert(key, Arc::new(self.state_from(held))))
    }

    /// A busy channel can have more posts of the last day than [`FEWEST_HELD`]; this loads all of them.
    async fn with_whole_day(&self, held: Held) -> Result<Held, Error> {
        if held.posts.len() < FEWEST_HELD || within_day(&held.posts) < FEWEST_HELD {
            return Ok(held);
        }
        let more = self.archive.load(&held.channel.name, MOST_HELD).await.map_err(read_failed)?;
        Ok(more.filter(|more| more.id == held.id).unwrap_or(held))
    }

    fn state_from(&self, held: Held) -> ChannelState {
        let Held { id, channel, has_lost_name, state, posts: mut rows, ranges } = held;
        // A full result may be truncated.
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
            // File addresses from an earlier run may have expired.
            listed: Arc::new([]),
            rows: rows.into(),
            covered: ranges.into(),
            id: Some(id),
            stored: Some(state.fetched),
            visited: Arc::default(),
            snapshot,
        }
    }

    /// The posts of these rows that feeds and pages show.
    pub(super) fn shown(&self, rows: &[PostRow]) -> Vec<Arc<StoredPost>> {
        let present = rows.iter().filter(|row| row.deleted.is_none());
        if !self.settings.keeps_deleted {
            return present.map(|row| Arc::clone(&row.kept)).collect();
        }
        let members: HashSet<MessageId> =
            present.flat_map(|row| row.kept.post.members.iter().copied()).collect();
        // A deleted post that is now a member of an album is shown there already.
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

    /// The same row, if feeds and pages show it.
    pub(super) async fn shown_row(
        &self,
        state: &ChannelState,
        id: MessageId,
    ) -> Result<Option<PostRow>, Error> {
        let row = self.row(state, id).await?;
        Ok(row.filter(|row| row.deleted.is_none() || self.settings.keeps_deleted))
    }

    /// The archive's rows from `low` to `high`, both included, deleted ones too; the rows in memory if the channel is
    /// not in the archive.
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
    /// `on_taken_name` runs before the state of a channel that took over another channel's name becomes visible: posts
    /// that were fetched by this name may be the other channel's.
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
        // Another flight, requested under another name, has applied a newer page. A fetch date in the future does not
        // count: the clock went back.
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
            // Keeps the last good posts.
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

    /// The rows in memory that stay adjacent to the page, and the archived rows that the page can change.
    async fn rows_near(
        &self,
        state: &ChannelState,
        newest: &Newest,
    ) -> Result<Vec<PostRow>, Error> {
        let oldest = newest.page.oldest();
        let mut rows = state.rows.to_vec();
        if !newest.is_contiguous {
            // Rows must have no gap: posts below it leave memory.
            rows.retain(|row| oldest.is_some_and(|oldest| row.kept.post.id >= oldest));
        }
        let last = state.rows.last().map(|row| row.kept.post.id);
        // A page can reach further back than memory.
        if let (Some(oldest), Some(last)) = (oldest, last)
            && oldest < last
        {
            // An album's row can have the id of a member that the page no longer shows.
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

    /// A truncated page is fetched again after the shortest TTL.
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

    /// The channel as the page describes it, with the known number if the page has none: only pages with posts have it.
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
        // A channel whose store failed is in memory only.
        if self.memory.get(&name.key()).is_some_and(|state| has_other_number(&state, Some(number)))
        {
            return Ok(true);
        }
        self.archive.has_other_owner(name, number).await.map_err(read_failed)
    }

    /// The configured language, else the one detected from the newest posts. It is detected once for each channel.
    fn language(&self, snapshot: &Snapshot) -> Language {
        if let Some(language) = self.settings.feed.language {
            return language;
        }
        let description = snapshot.channel.description.plain(Spoilers::Show);
        let posts = snapshot.posts.iter().take(LANGUAGE_POSTS);
        let texts = posts.map(|stored| stored.post.text.plain(Spoilers::Show));
        feed::language::detect(texts.chain([description])).unwrap_or_default()
    }

    /// Inserts a refreshed channel into memory, with aliases from its former name and the requested name.
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
        // The name is present again, so an alias from it to another channel is obsolete.
        self.memory.remove_alias(&key);
        if requested != name {
            let requested = Key::from(requested.key());
            self.memory.remove(&requested);
            self.set_alias(requested, name.clone(), now);
        }
    }

    /// Maps a former name to the present one until the alias expires and is checked at Telegram.
    pub(super) fn set_alias(&self, former: Key, name: ChannelName, now: DateTime<Utc>) {
        self.memory.set_alias(former, CacheEntry::new(name, now, self.settings.max_ttl));
    }

    /// Applies a whole page of the posts before a message, and returns those that are shown.
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

    /// Applies a page of Telegram's search, which is no evidence of a deletion, and returns the posts that are shown.
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

    /// Applies a post's own page, which is no evidence of an edit. A new post of a known channel is stored, so that its
    /// identity is fixed from then on.
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
            // Identity and date come from the row, and the file addresses from the page.
            let stored = StoredPost { post: post.clone(), ..StoredPost::clone(&row.kept) };
            return Ok(Arc::new(stored));
        }
        let stored = Arc::new(merge::new_stored(post, state.snapshot.channel.identity_number()));
        let row = PostRow::new(Arc::clone(&stored), upstream::PARSER);
        self.store_more(&state, Merged { put: vec![row], ..Merged::default() }, None).await;
        Ok(stored)
    }

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
            // Only ranges that the archive has stored are covered.
            if let Some(covered) = covered {
                state.covered = covered;
            }
            self.memory.insert(Arc::new(state));
        }
        Ok(())
    }

    /// Applies the spoilers of newly found older posts to the quotations in known replies to them.
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

    /// Stores a refreshed channel. A fetch that changed only counters and file addresses is stored at most hourly.
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
            // The last store failed: everything in memory is stored again, and only its range counts as covered.
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

    /// Stores posts that are not on the newest page, and returns the ranges that the archive covers afterwards; `None`
    /// when the store failed or the channel is not in the archive.
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

    /// Stores a channel's state without its posts. If that fails, the next store writes everything in memory.
    async fn store_state(&self, state: ChannelState) -> ChannelState {
        let Some(id) = state.id else { return state };
        match self.archive.store_state(id, state_of(&state)).await.map_err(store_failed) {
            Ok(()) => state,
            Err(_) => ChannelState { stored: None, ..state },
        }
    }

    /// Sets the channel's `first_seen_id`, which limits how far back its plain feed goes, unless it is set already. It
    /// is stored before the answer goes out. Returns `state` with it.
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

fn has_other_number(state: &ChannelState, number: Option<i64>) -> bool {
    state.snapshot.channel.numeric_id.zip(number).is_some_and(|(known, number)| known != number)
}

/// Truncates rows to the share of one channel in memory. Returns whether nothing was cut.
fn trim(rows: &mut Vec<PostRow>) -> bool {
    let wanted = within_day(rows).clamp(FEWEST_HELD, MOST_HELD);
    let is_all = rows.len() <= wanted;
    rows.truncate(wanted);
    is_all
}

/// The number of posts within a day of the newest one: a plain feed shows all of them.
fn within_day(rows: &[PostRow]) -> usize {
    let Some(newest) = rows.first().map(|row| row.kept.post.published) else { return 0 };
    let since = newest - TimeDelta::hours(feed::WINDOW_HOURS);
    rows.iter().take_while(|row| row.kept.post.published >= since).count()
}

/// The range of messages that memory has completely: the newest range, down to the row where [`trim`] may have cut.
fn covered_by_memory(state: &ChannelState) -> Vec<Range> {
    let Some(mut newest) = state.covered.first().copied() else { return Vec::new() };
    if let Some(last) = state.rows.last().filter(|_| state.rows.len() >= FEWEST_HELD) {
        newest.low = newest.low.max(last.kept.post.id);
    }
    vec![newest]
}

/// The date of the last change of the served content. It never goes back.
fn updated(
    previous: Option<&ChannelState>,
    channel: &Channel,
    merged: &Merged,
    posts: &[Arc<StoredPost>],
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    // Subscribers of this name have the other channel's feed, whose date can be later than any of these posts.
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

/// Compares everything except the date of the fetch and the posts.
fn is_same_state(previous: &ChannelState, state: &ChannelState) -> bool {
    let [former, channel] = [previous, state].map(|state| &state.snapshot.channel);
    let fetched = state.snapshot.fetched;
    State { fetched, ..state_of(previous) } == state_of(state)
        && former.numeric_id == channel.numeric_id
        && merge::channel_content(former) == merge::channel_content(channel)
}

/// Compares ranges without the dates of their fetches.
fn covers_the_same(some: &[Range], others: &[Range]) -> bool {
    let ends = |range: &Range| (range.low, range.high);
    some.iter().map(ends).eq(others.iter().map(ends))
}

/// Whether the page is empty, or truncated without a known post on it.
fn proves_nothing(state: &ChannelState, newest: &Newest) -> bool {
    let page = &newest.page;
    let is_known = |id: &MessageId| state.rows.iter().any(|row| row.kept.post.members.contains(id));
    let reaches = || page.posts.iter().flat_map(|post| &post.members).any(is_known);
    page.posts.is_empty() || !newest.is_contiguous && !page.is_whole && !reaches()
}

/// An id so far below `id` that both cannot belong to one album.
fn below(id: MessageId) -> MessageId {
    MessageId::new(id.get().saturating_sub(LARGEST_ALBUM)).unwrap_or(MessageId::FIRST)
}

/// The range of messages that a page covers completely. It ends before the requested message, else at the page's newest
/// post; it begins at the page's oldest post, or at the first message when no older page exists.
fn covered_by(page: &Page, before: Option<MessageId>, fetched: DateTime<Utc>) -> Option<Range> {
    let high = match before {
        Some(before) => MessageId::new(before.get() - 1)?,
        None => page.newest()?,
    };
    let low = if page.older.is_none() { MessageId::FIRST } else { page.oldest()? };
    (low <= high).then_some(Range { low, high, fetched })
}
