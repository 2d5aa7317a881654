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
use tokio::sync::{Mutex, MutexGuard};

use super::error::{Error, read_failed, store_failed};
use super::freshness::{Bounds, elapsed};
use super::memory::{ChannelState, posts_size};
use super::merge::{self, Merged, Reading};
use super::quotation;
use super::{Key, Runtime, Settings};
use crate::archive::{self, Held, PostRow, Range, State, Stored, Update};
use crate::feed;
use crate::model::{Channel, ChannelName, Language, MessageId, Page, Post, Snapshot, StoredPost};
use crate::text::Spoilers;
use crate::upstream::{self, Query, Refusal};

/// The least posts of one channel in memory, if so many exist.
const MIN_POSTS: usize = 64;

/// The most posts of one channel in memory.
const MAX_POSTS: usize = crate::model::options::MAX_LIMIT as usize;

/// How often a fetch without changes is stored.
const STATE_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// More messages than an album can span: at most ten (as of 2026), with foreign messages between them.
const MAX_ALBUM_SPAN: u32 = 20;

/// Posts of this estimated size fit into a feed whatever their markup is.
const MAX_SURE_SIZE: usize = 128 * 1024;

/// The newest posts from which a channel's language is detected.
const LANGUAGE_POSTS: usize = 10;

/// The most posts after an original that are searched for replies to it.
const MAX_ANSWERS: usize = 200;

/// `Retry-After` when a page shows that the name has another owner.
const OWNER_RETRY: Duration = Duration::from_secs(10);

/// The newest page, joined with the older pages that were fetched to close the gap to the known posts.
pub(super) struct Newest {
    pub(super) page: Page,
    /// No gap is left between `page` and the known posts.
    pub(super) is_contiguous: bool,
    /// The first answer with these posts is a plain feed ([`super::RequestContext::is_plain_feed`]).
    pub(super) is_for_plain_feed: bool,
}

/// The known channel that a page belongs to.
pub(super) struct Found {
    pub(super) state: Option<Arc<ChannelState>>,
    /// Whether a channel with another number has or had the page's name; `None` if that was not looked up.
    shares_name: Option<bool>,
    /// The number of changes before the look-up.
    changes: u64,
}

enum Owner {
    Known(Arc<ChannelState>),
    /// The name has another owner since the last fetch.
    Another,
    Unknown,
}

pub(super) struct Channels {
    runtime: Arc<Runtime>,
    /// Held while a page is applied. The number of changes so far.
    applying: Mutex<u64>,
}

impl Channels {
    pub(super) fn new(runtime: &Arc<Runtime>) -> Self {
        Self { runtime: Arc::clone(runtime), applying: Mutex::new(0) }
    }

    /// Records that Telegram reports the channel as gone.
    pub(super) async fn set_gone(&self, name: &ChannelName) -> Result<(), Error> {
        let _applying = self.begin().await;
        let now = self.runtime.clock.now();
        if let Some(state) = self.recall(name).await?
            && (state.gone_since.is_none() || state.stored.is_none())
        {
            let gone_since = state.gone_since.or(Some(now));
            let state = ChannelState { gone_since, ..ChannelState::clone(&state) };
            self.runtime.memory.insert(Arc::new(self.store_state(state).await));
        }
        Ok(())
    }

    /// The channel with this present name, from memory or the archive.
    pub(super) async fn recall(
        &self,
        name: &ChannelName,
    ) -> Result<Option<Arc<ChannelState>>, Error> {
        let key = Key::from(name.key());
        if let Some(state) = self.runtime.memory.get(&key) {
            return Ok(Some(state));
        }
        match self.runtime.archive.load(name, MIN_POSTS).await.map_err(read_failed)? {
            Some(held) if held.channel.name.key() == *key => {
                self.load_into_memory(held).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The known channel that a page belongs to: the one with the page's number, else the one with its name or the
    /// requested name.
    pub(super) async fn find(
        &self,
        requested: &ChannelName,
        name: &ChannelName,
        number: Option<i64>,
    ) -> Result<Found, Error> {
        let changes = *self.applying.lock().await;
        self.look_up(requested, name, number, changes).await
    }

    async fn look_up(
        &self,
        requested: &ChannelName,
        name: &ChannelName,
        number: Option<i64>,
        changes: u64,
    ) -> Result<Found, Error> {
        let by_number = number.and_then(|number| self.runtime.memory.with_number(number));
        let by_name = || {
            let states = [name, requested]
                .into_iter()
                .filter_map(|name| self.runtime.memory.get(&name.key()));
            states
                .into_iter()
                .find(|state| merge::is_same_channel(&state.snapshot.channel, name, number))
        };
        if let Some(state) = by_number.or_else(by_name) {
            return Ok(Found { state: Some(state), shares_name: None, changes });
        }
        let owner = self.runtime.archive.load_owner(name, number, MIN_POSTS);
        let (held, shares_name) = owner.await.map_err(read_failed)?;
        let state = match held {
            // Not inserted into memory: its last name is another channel's key.
            Some(held) if held.has_lost_name => Some(Arc::new(self.state_from(held))),
            Some(held) => Some(self.load_into_memory(held).await?),
            None => None,
        };
        // A channel whose store failed is in memory only.
        let shares_name = shares_name
            || self
                .runtime
                .memory
                .get(&name.key())
                .is_some_and(|state| has_other_number(&state, number));
        Ok(Found { state, shares_name: Some(shares_name), changes })
    }

    /// The present name of the channel that had this name before.
    pub(super) async fn successor(
        &self,
        former: &ChannelName,
    ) -> Result<Option<ChannelName>, Error> {
        if let Some(name) = self.runtime.memory.alias(&former.key()) {
            return Ok(Some(name));
        }
        let held = self.runtime.archive.load(former, 0).await.map_err(read_failed)?;
        Ok(held.map(|held| held.channel.name).filter(|name| name.key() != former.key()))
    }

    /// The known channel with this name and number. If another channel has the name now, the known state is marked as
    /// stale, so that the next request refreshes it.
    async fn owner(&self, name: &ChannelName, number: Option<i64>) -> Result<Owner, Error> {
        let Some(state) = self.recall(name).await? else { return Ok(Owner::Unknown) };
        if !has_other_number(&state, number) {
            return Ok(Owner::Known(state));
        }
        let stale = ChannelState { ttl: Duration::ZERO, ..ChannelState::clone(&state) };
        self.runtime.memory.insert(Arc::new(stale));
        Ok(Owner::Another)
    }

    async fn load_into_memory(&self, held: Held) -> Result<Arc<ChannelState>, Error> {
        let held = self.with_whole_day(held).await?;
        // A refresh may have inserted a newer state meanwhile.
        Ok(self.runtime.memory.get_or_insert(Arc::new(self.state_from(held))))
    }

    /// A busy channel can have more posts of the last day than [`MIN_POSTS`]; this loads all of them.
    async fn with_whole_day(&self, held: Held) -> Result<Held, Error> {
        if held.posts.len() < MIN_POSTS || within_day(&held.posts) < MIN_POSTS {
            return Ok(held);
        }
        let more =
            self.runtime.archive.load(&held.channel.name, MAX_POSTS).await.map_err(read_failed)?;
        Ok(more.filter(|more| more.id == held.id).unwrap_or(held))
    }

    fn state_from(&self, held: Held) -> ChannelState {
        let Held { id, channel, has_lost_name, state, posts: mut rows, ranges } = held;
        // A full result may be truncated.
        let is_cut = [MIN_POSTS, MAX_POSTS].contains(&rows.len());
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
        self.with_ttl(ChannelState {
            ttl: Duration::ZERO,
            base_ttl: Duration::ZERO,
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
        })
    }

    /// The posts of these rows that feeds and pages show.
    pub(super) fn shown(&self, rows: &[PostRow]) -> Vec<Arc<StoredPost>> {
        let present = rows.iter().filter(|row| row.deleted.is_none());
        if !self.runtime.settings.keeps_deleted {
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
            (None, Some(channel)) => {
                self.runtime.archive.post(channel, id).await.map_err(read_failed)
            }
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
        Ok(row.filter(|row| row.deleted.is_none() || self.runtime.settings.keeps_deleted))
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
                self.runtime.archive.between(id, low, high).await.map_err(read_failed)
            }
            _ => {
                let between =
                    state.rows.iter().filter(|row| (low..=high).contains(&row.kept.post.id));
                Ok(between.cloned().collect())
            }
        }
    }

    /// Begins a change.
    async fn begin(&self) -> MutexGuard<'_, u64> {
        let mut changes = self.applying.lock().await;
        *changes += 1;
        changes
    }

    /// Applies the newest page, requested at `since`, to the channel that was found for it, and stores the result.
    ///
    /// `on_taken_name` runs before the state of a channel that took over another channel's name becomes visible: posts
    /// that were fetched by this name may be the other channel's.
    pub(super) async fn apply_newest(
        &self,
        requested: &ChannelName,
        newest: Newest,
        mut found: Found,
        since: DateTime<Utc>,
        on_taken_name: impl FnOnce(),
    ) -> Result<Arc<ChannelState>, Error> {
        let changes = self.begin().await;
        let now = self.runtime.clock.now();
        if found.changes + 1 != *changes {
            let Channel { name, numeric_id, .. } = &newest.page.channel;
            found = self.look_up(requested, name, *numeric_id, *changes).await?;
        }
        // Another flight, requested under another name, has applied a newer page. A fetch date in the future does not
        // count: the clock went back.
        let overtaking = found
            .state
            .as_ref()
            .filter(|state| since < state.snapshot.fetched && state.snapshot.fetched <= now);
        let state = match overtaking {
            Some(state) => Arc::clone(state),
            None => Arc::new(self.merge_newest(&found, newest, now).await?),
        };
        let former = found.state.filter(|state| !state.has_lost_name).map(|state| state.key());
        if state.snapshot.channel.shares_name && former != Some(state.key()) {
            on_taken_name();
        }
        self.remember(requested, former, &state);
        Ok(state)
    }

    async fn merge_newest(
        &self,
        found: &Found,
        newest: Newest,
        now: DateTime<Utc>,
    ) -> Result<ChannelState, Error> {
        let previous = found.state.as_deref();
        if let Some(state) = previous.filter(|state| proves_nothing(state, &newest)) {
            // Keeps the last good posts.
            let state = self.with_ttl(ChannelState {
                snapshot: Snapshot { fetched: now, ..state.snapshot.clone() },
                is_partial: !newest.page.is_whole,
                gone_since: None,
                ..state.clone()
            });
            return Ok(self.store(previous, state, Merged::default(), None).await);
        }
        let rows = match previous {
            Some(state) => self.rows_near(state, &newest).await?,
            None => Vec::new(),
        };
        let Newest { page, is_contiguous, is_for_plain_feed } = newest;
        let channel = self.describe(found, &page).await?;
        let (is_whole, has_older) = (page.is_whole, page.older.is_some());
        let listed = page.posts.iter().map(|post| post.id).collect();
        let range = covered_by(&page, None, now);
        let reading = self.reading(page, MessageId::LAST, now, channel.identity_number());
        let mut merged = merge::read(&rows, reading);
        let mut rows = std::mem::take(&mut merged.rows);
        let had_all = previous.is_some_and(|state| state.snapshot.reaches_start);
        let is_all = trim(&mut rows) && (!has_older || had_all && is_contiguous);
        let covered = previous.map_or(&[][..], |state| &*state.covered);
        let covered = archive::join(covered, range.as_slice());
        let posts = self.shown(&rows);
        let reaches_start = is_all && covered.first().is_some_and(Range::reaches_start);
        let first_seen_id = match previous {
            Some(state) => state.snapshot.first_seen_id,
            None => self.first_seen(&posts).filter(|_| is_for_plain_feed),
        };
        let snapshot = Snapshot {
            updated: updated(previous, &channel, &merged, &posts, now),
            channel,
            reaches_start,
            first_seen_id,
            fetched: now,
            posts,
        };
        let state = self.with_ttl(ChannelState {
            language: previous.map_or_else(|| self.language(&snapshot), |state| state.language),
            ttl: Duration::ZERO,
            base_ttl: Duration::ZERO,
            is_partial: !is_whole,
            has_lost_name: false,
            gone_since: None,
            listed,
            rows: rows.into(),
            covered: covered.into(),
            id: previous.and_then(|state| state.id),
            stored: None,
            visited: Arc::default(),
            snapshot,
        });
        Ok(self.store(previous, state, merged, range).await)
    }

    /// The `first_seen_id` of a new channel whose first answer is a plain feed, if that feed certainly has all posts.
    /// It is stored with them then, and else once the feed is rendered.
    fn first_seen(&self, posts: &[Arc<StoredPost>]) -> Option<MessageId> {
        let is_within = posts.len() <= usize::from(self.runtime.settings.feed.window)
            && posts_size(posts) <= MAX_SURE_SIZE;
        posts.last().map(|stored| stored.post.id).filter(|_| is_within)
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

    /// The state with its TTL. A truncated page is fetched again after the shortest TTL.
    fn with_ttl(&self, state: ChannelState) -> ChannelState {
        let Settings { min_ttl, max_ttl, .. } = self.runtime.settings;
        let bounds = Bounds { min_ttl, max_ttl };
        let ttl = if state.is_partial { min_ttl } else { bounds.ttl(&state.snapshot) };
        ChannelState { ttl, base_ttl: bounds.base_ttl(&state.snapshot), ..state }
    }

    fn reading(
        &self,
        page: Page,
        high: MessageId,
        now: DateTime<Utc>,
        number: Option<i64>,
    ) -> Reading {
        let min_ttl = self.runtime.settings.min_ttl;
        Reading { page, high, now, min_ttl, parser: upstream::PARSER, number }
    }

    /// The channel as the page describes it, with the known number if the page has none: only pages with posts have it.
    async fn describe(&self, found: &Found, page: &Page) -> Result<Channel, Error> {
        let former = found.state.as_ref().map(|state| &state.snapshot.channel);
        let numeric_id = page.channel.numeric_id.or(former.and_then(|former| former.numeric_id));
        let settled = found
            .state
            .as_ref()
            .filter(|state| !state.has_lost_name)
            .map(|state| &state.snapshot.channel)
            .filter(|former| former.name == page.channel.name && former.numeric_id == numeric_id);
        let shares_name = match (settled, numeric_id, found.shares_name) {
            (Some(former), ..) => former.shares_name,
            (None, None, _) => false,
            (None, Some(_), Some(shares_name)) => shares_name,
            (None, Some(number), None) => {
                let name = &page.channel.name;
                let others = self.runtime.archive.has_other_owner(name, number);
                self.runtime
                    .memory
                    .get(&name.key())
                    .is_some_and(|state| has_other_number(&state, numeric_id))
                    || others.await.map_err(read_failed)?
            }
        };
        Ok(Channel { numeric_id, shares_name, ..page.channel.clone() })
    }

    /// The configured language, else the one detected from the newest posts. It is detected once for each channel.
    fn language(&self, snapshot: &Snapshot) -> Language {
        if let Some(language) = self.runtime.settings.feed.language {
            return language;
        }
        let description = snapshot.channel.description.plain(Spoilers::Show);
        let posts = snapshot.posts.iter().take(LANGUAGE_POSTS);
        let texts = posts.map(|stored| stored.post.text.plain(Spoilers::Show));
        feed::language::detect(texts.chain([description])).unwrap_or_default()
    }

    /// Inserts a refreshed channel into memory, with aliases from its former name and the requested name.
    fn remember(&self, requested: &ChannelName, former: Option<Key>, state: &Arc<ChannelState>) {
        let memory = &self.runtime.memory;
        let name = &state.snapshot.channel.name;
        let key = state.key();
        if let Some(former) = former.filter(|former| *former != key) {
            memory.remove(&former);
            memory.set_alias(former, name.clone());
        }
        memory.insert(Arc::clone(state));
        // The name is present again, so an alias from it to another channel is obsolete.
        memory.remove_alias(&key);
        if requested != name {
            let requested = Key::from(requested.key());
            memory.remove(&requested);
            memory.set_alias(requested, name.clone());
        }
    }

    /// Applies a whole page of the posts before a message, or a page of Telegram's search, which is no evidence of a
    /// deletion. Returns the posts that are shown.
    ///
    /// A page of another channel with the same name is an error: its posts must not mix with the known ones.
    pub(super) async fn apply_page(
        &self,
        name: &ChannelName,
        query: &Query,
        mut page: Page,
    ) -> Result<Vec<Arc<StoredPost>>, Error> {
        let _applying = self.begin().await;
        let now = self.runtime.clock.now();
        let state = match self.owner(name, page.channel.numeric_id).await? {
            Owner::Known(state) => Some(state),
            Owner::Unknown => None,
            Owner::Another => return Err(Refusal::busy(OWNER_RETRY).into()),
        };
        let (mut high, mut range) = (MessageId::LAST, None);
        let mut rows: Vec<PostRow> = Vec::new();
        if let Query::Before(before) = query {
            high = MessageId::new(before.get() - 1).unwrap_or(MessageId::FIRST);
            range = covered_by(&page, Some(*before), now);
            if let (Some(state), Some(oldest)) = (&state, page.oldest()) {
                rows = self.rows_between(state, below(oldest), high).await?;
            }
        } else {
            page.is_whole = false;
            for id in page.posts.iter().flat_map(|post| &post.members) {
                let is_there = rows.iter().any(|row| row.kept.post.members.contains(id));
                if let Some(state) = state.as_ref().filter(|_| !is_there) {
                    rows.extend(self.row(state, *id).await?);
                }
            }
        }
        let number = state.as_ref().and_then(|state| state.snapshot.channel.identity_number());
        let merged = merge::read(&rows, self.reading(page, high, now, number));
        let posts = self.shown(&merged.rows);
        if let Some(state) = state {
            self.add(&state, merged, range).await?;
        }
        Ok(posts)
    }

    /// Applies a post's own page, which is no evidence of an edit. A new post of a known channel is stored, so that its
    /// identity is fixed from then on.
    pub(super) async fn apply_single(
        &self,
        name: &ChannelName,
        post: Post,
    ) -> Result<Arc<StoredPost>, Error> {
        let _applying = self.begin().await;
        let number = post.numeric_channel_id;
        let state = match self.owner(name, number).await? {
            Owner::Known(state) => state,
            Owner::Another => return Ok(Arc::new(merge::new_stored(post, number))),
            Owner::Unknown => return Ok(Arc::new(merge::new_stored(post, None))),
        };
        if let Some(row) = self.row(&state, post.id).await? {
            // Identity and date come from the row, and the file addresses from the page.
            let StoredPost { identity, updated, .. } = &*row.kept;
            return Ok(Arc::new(StoredPost {
                identity: identity.clone(),
                updated: *updated,
                post,
            }));
        }
        let stored = Arc::new(merge::new_stored(post, state.snapshot.channel.identity_number()));
        let row = PostRow::new(Arc::clone(&stored), upstream::PARSER);
        self.add(&state, Merged { put: vec![row], ..Merged::default() }, None).await?;
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
        let range = range.filter(|range| !is_covered(&state.covered, range));
        if merged.put.is_empty() && range.is_none() {
            return Ok(());
        }
        if merged.has_changed {
            state.snapshot.updated = state.snapshot.updated.max(self.runtime.clock.now());
        }
        if state.id.is_some() {
            // If this fails, the posts are fetched again. What memory has is not stored by this.
            let stored = state.stored;
            let covered = range.into_iter().collect();
            state = ChannelState { stored, ..self.write(state, merged, covered).await };
        }
        self.runtime.memory.insert(Arc::new(state));
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
            self.runtime.archive.newer(channel, *oldest, MAX_ANSWERS).await.map_err(read_failed)?;
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
        let stored = previous.and_then(|previous| previous.stored);
        let is_stored = previous.zip(stored).is_some_and(|(previous, stored)| {
            is_same_state(previous, &state)
                && range.is_none_or(|range| is_covered(&previous.covered, &range))
                && elapsed(stored, state.snapshot.fetched) < STATE_INTERVAL
        });
        if merged.put.is_empty() && is_stored {
            return ChannelState { stored, ..state };
        }
        let mut covered: Vec<Range> = range.into_iter().collect();
        if previous.is_some() && stored.is_none() {
            // The last store failed: everything in memory is stored again, and only its range counts as covered.
            merged.put.extend_from_slice(&state.rows);
            covered = covered_by_memory(&state);
        }
        self.write(state, merged, covered).await
    }

    /// Writes an update into the archive. If that fails, the next store writes everything in memory.
    async fn write(
        &self,
        state: ChannelState,
        merged: Merged,
        covered: Vec<Range>,
    ) -> ChannelState {
        let update = Update {
            channel: state.snapshot.channel.clone(),
            state: state_of(&state),
            put: merged.put,
            former: merged.former,
            covered,
        };
        match self.runtime.archive.store(update).await.map_err(store_failed) {
            Ok(Stored { id, covered }) => ChannelState {
                id: Some(id),
                stored: Some(state.snapshot.fetched),
                covered: covered.into(),
                ..state
            },
            Err(_) => ChannelState { stored: None, ..state },
        }
    }

    /// Stores a channel's state without its posts. If that fails, the next store writes everything in memory.
    async fn store_state(&self, state: ChannelState) -> ChannelState {
        let Some(id) = state.id else { return state };
        match self.runtime.archive.store_state(id, state_of(&state)).await.map_err(store_failed) {
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
        let _applying = self.begin().await;
        let channel = &state.snapshot.channel;
        let current = self.recall(&channel.name).await?.filter(|current| {
            merge::is_same_channel(&current.snapshot.channel, &channel.name, channel.numeric_id)
        });
        let first =
            current.as_ref().and_then(|current| current.snapshot.first_seen_id).unwrap_or(oldest);
        if let Some(current) = current.filter(|current| current.snapshot.first_seen_id.is_none()) {
            let current = self.store_state(self.with_first_seen(&current, first)).await;
            self.runtime.memory.insert(Arc::new(current));
        }
        Ok(Arc::new(self.with_first_seen(state, first)))
    }

    fn with_first_seen(&self, state: &ChannelState, first_seen_id: MessageId) -> ChannelState {
        let snapshot = Snapshot { first_seen_id: Some(first_seen_id), ..state.snapshot.clone() };
        self.with_ttl(ChannelState { snapshot, ..state.clone() })
    }
}

fn has_other_number(state: &ChannelState, number: Option<i64>) -> bool {
    state.snapshot.channel.numeric_id.zip(number).is_some_and(|(known, number)| known != number)
}

/// Truncates rows to the share of one channel in memory. Returns whether nothing was cut.
fn trim(rows: &mut Vec<PostRow>) -> bool {
    let wanted = within_day(rows).clamp(MIN_POSTS, MAX_POSTS);
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
    if let Some(last) = state.rows.last().filter(|_| state.rows.len() >= MIN_POSTS) {
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

/// Whether one of the ranges contains all of `range`.
fn is_covered(ranges: &[Range], range: &Range) -> bool {
    ranges.iter().any(|known| known.low <= range.low && range.high <= known.high)
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
    MessageId::new(id.get().saturating_sub(MAX_ALBUM_SPAN)).unwrap_or(MessageId::FIRST)
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
