//! Between memory and the archive: what is not in memory is looked for there, and what was learnt goes there before
//! anybody is answered with it.
//!
//! A read that fails is an error ([`unread`]): what could not be read is not unknown, and nothing is merged or written
//! without it. A store that fails loses nothing that memory holds: the failure is logged, the answer goes out, and the next
//! time all that is in memory is put again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Key;
use super::freshness::elapsed;
use super::memory::ChannelState;
use super::merge::{MOST_HELD, Merged};
use super::{Error, Inner};
use crate::archive::{self, Held, PostRow, Range, State, Stored, Update};
use crate::feed;
use crate::model::{Channel, ChannelName, MessageId, Snapshot, StoredPost};

/// The posts that are held in memory at least.
const FEWEST_HELD: usize = 64;

/// How seldom it is written when Telegram was last asked, while nothing else is to be written.
const STATE_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Whose a name is that Telegram has just shown.
pub(super) enum Owner {
    /// The channel that is known by it.
    ChannelState(Arc<ChannelState>),
    /// Another one than is known by it.
    Another,
    /// Nobody is known by it.
    Unknown,
}

impl Inner {
    /// What is known of the channel that has this name now.
    pub(super) async fn recall(
        &self,
        name: &ChannelName,
    ) -> Result<Option<Arc<ChannelState>>, Error> {
        let key = Key::from(name.key());
        if let Some(known) = self.memory.channels.get(&key) {
            return Ok(Some(known));
        }
        let held = self.archive.load(name, FEWEST_HELD).await.map_err(unread)?;
        match held.filter(|held| held.channel.name.key() == name.key()) {
            Some(held) => self.revive(key, held).await.map(Some),
            None => Ok(None),
        }
    }

    /// What is known of the channel with Telegram's number.
    pub(super) async fn recall_number(
        &self,
        number: i64,
    ) -> Result<Option<Arc<ChannelState>>, Error> {
        if let Some(key) = self.memory.numbers.get(&number)
            && let Some(known) = self.memory.channels.get(&key)
            && known.snapshot.channel.numeric_id == Some(number)
        {
            return Ok(Some(known));
        }
        match self.archive.load_number(number, FEWEST_HELD).await.map_err(unread)? {
            // Under its last name memory has another channel.
            Some(held) if held.has_lost_name => Ok(Some(Arc::new(self.known_of(held)))),
            Some(held) => self.revive(held.channel.name.key().into(), held).await.map(Some),
            None => Ok(None),
        }
    }

    /// What is known of the channel that has a name. Telegram shows that the one with this number has it now; if that is
    /// another, nothing of the known one is meant, and the next visit looks anew.
    pub(super) async fn recall_owner(
        &self,
        name: &ChannelName,
        number: Option<i64>,
    ) -> Result<Owner, Error> {
        let Some(known) = self.recall(name).await? else { return Ok(Owner::Unknown) };
        let is_another = known.snapshot.channel.numeric_id.zip(number).is_some_and(|(a, b)| a != b);
        if !is_another {
            return Ok(Owner::ChannelState(known));
        }
        let known = ChannelState { ttl: Duration::ZERO, ..ChannelState::clone(&known) };
        self.memory.channels.insert(known.key(), Arc::new(known));
        Ok(Owner::Another)
    }

    /// Whether another channel than that with this number has or had a name.
    pub(super) async fn shares_name(&self, name: &ChannelName, number: i64) -> Result<bool, Error> {
        // One that could not be stored is in memory alone.
        let in_memory = self.memory.channels.get(&Key::from(name.key()));
        let other = in_memory.and_then(|known| known.snapshot.channel.numeric_id);
        if other.is_some_and(|other| other != number) {
            return Ok(true);
        }
        self.archive.has_other_owner(name, number).await.map_err(unread)
    }

    /// The name of the channel that had this one before.
    pub(super) async fn successor(
        &self,
        former: &ChannelName,
    ) -> Result<Option<ChannelName>, Error> {
        if let Some(alias) = self.memory.aliases.get(&Key::from(former.key())) {
            return Ok(Some(alias.value));
        }
        let held = self.archive.load(former, 0).await.map_err(unread)?;
        Ok(held.map(|held| held.channel.name).filter(|name| name.key() != former.key()))
    }

    /// A channel that posts much fills a day with more than the fewest.
    async fn with_whole_day(&self, held: Held) -> Result<Held, Error> {
        if held.posts.len() < FEWEST_HELD || within_day(&held.posts) < FEWEST_HELD {
            return Ok(held);
        }
        let more = self.archive.load(&held.channel.name, MOST_HELD).await.map_err(unread)?;
        Ok(more.filter(|more| more.id == held.id).unwrap_or(held))
    }

    /// Puts what the archive holds into memory, unless a refresh was faster.
    async fn revive(&self, key: Key, held: Held) -> Result<Arc<ChannelState>, Error> {
        let known = Arc::new(self.known_of(self.with_whole_day(held).await?));
        if let Some(number) = known.snapshot.channel.numeric_id {
            self.memory.numbers.insert(number, Key::clone(&key));
        }
        Ok(self.memory.channels.entry(key).or_insert(known).into_value())
    }

    fn known_of(&self, held: Held) -> ChannelState {
        let Held { id, channel, has_lost_name, state, mut posts, ranges } = held;
        // As many as were asked for: there may be more.
        let is_cut = [FEWEST_HELD, MOST_HELD].contains(&posts.len());
        let reaches_start =
            trim(&mut posts) && !is_cut && ranges.first().is_some_and(Range::reaches_start);
        let snapshot = Snapshot {
            channel,
            posts: self.shown(&posts),
            reaches_start,
            floor: state.floor,
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
            // Files' addresses of an earlier run are not trusted.
            shown: Arc::new([]),
            held: posts.into(),
            covered: ranges.into(),
            id: Some(id),
            stored: Some(state.fetched),
            snapshot,
        }
    }

    /// The posts that are shown of those that are held.
    pub(super) fn shown(&self, held: &[PostRow]) -> Vec<Arc<StoredPost>> {
        let present = |held: &&PostRow| held.deleted.is_none();
        if !self.settings.keeps_deleted {
            return held.iter().filter(present).map(|held| Arc::clone(&held.kept)).collect();
        }
        let members = held.iter().filter(present).flat_map(|held| &held.kept.post.members);
        let members: HashSet<MessageId> = members.copied().collect();
        // A part that an album took in is there already.
        let is_apart =
            |held: &PostRow| !held.kept.post.members.iter().any(|id| members.contains(id));
        let shown = held.iter().filter(|held| held.deleted.is_none() || is_apart(held));
        shown.map(|held| Arc::clone(&held.kept)).collect()
    }

    /// What the archive holds from one message to another, deleted posts too.
    pub(super) async fn held_between(
        &self,
        known: &ChannelState,
        low: MessageId,
        high: MessageId,
    ) -> Result<Vec<PostRow>, Error> {
        let is_between = |held: &&PostRow| (low..=high).contains(&held.kept.post.id);
        let Some(id) = known.id.filter(|_| low <= high) else {
            return Ok(known.held.iter().filter(is_between).cloned().collect());
        };
        self.archive.between(id, low, high).await.map_err(unread)
    }

    /// Puts what was learnt into the archive before anybody is answered with it. Nothing is written while only counters
    /// change; when Telegram was last asked is written at most hourly then.
    pub(super) async fn keep(
        &self,
        previous: Option<&ChannelState>,
        known: ChannelState,
        mut merged: Merged,
        range: Option<Range>,
    ) -> ChannelState {
        let now = known.snapshot.fetched;
        let stored = previous.and_then(|previous| previous.stored);
        let is_known = previous.is_some_and(|previous| {
            stored.is_some()
                && is_same_state(previous, &known)
                && covers_the_same(&previous.covered, &known.covered)
        });
        let is_recent = stored.is_some_and(|stored| elapsed(stored, now) < STATE_INTERVAL);
        if merged.put.is_empty() && is_known && is_recent {
            return ChannelState { id: previous.and_then(|previous| previous.id), stored, ..known };
        }
        // After a failure all that is in memory goes again, and no more counts as covered than that.
        let is_again = previous.is_some() && stored.is_none();
        let mut covered: Vec<Range> = range.into_iter().collect();
        if is_again {
            merged.put.extend_from_slice(&known.held);
            covered = covered_by_memory(&known);
        }
        match self.archive.store(update_of(&known, merged, covered)).await.map_err(unstored) {
            Ok(Stored { id, covered }) => {
                ChannelState { id: Some(id), stored: Some(now), covered: covered.into(), ..known }
            }
            Err(_) => ChannelState {
                id: previous.and_then(|previous| previous.id),
                stored: None,
                ..known
            },
        }
    }

    /// Puts posts that are no part of the newest page: older ones, or found ones. Gives what the archive covers then; nothing
    /// when it does not take them.
    pub(super) async fn keep_besides(
        &self,
        known: &ChannelState,
        merged: Merged,
        covered: Option<Range>,
    ) -> Option<Arc<[Range]>> {
        known.id?;
        if merged.put.is_empty() && covered.is_none() {
            return Some(Arc::clone(&known.covered));
        }
        let update = update_of(known, merged, covered.into_iter().collect());
        let stored = self.archive.store(update).await.map_err(unstored).ok()?;
        Some(stored.covered.into())
    }

    /// A post by any of its messages, deleted or not.
    pub(super) async fn held_post(
        &self,
        known: &ChannelState,
        id: MessageId,
    ) -> Result<Option<PostRow>, Error> {
        let in_memory = known.held.iter().find(|held| held.kept.post.members.contains(&id));
        match (in_memory, known.id) {
            (Some(held), _) => Ok(Some(held.clone())),
            (None, Some(channel)) => self.archive.post(channel, id).await.map_err(unread),
            (None, None) => Ok(None),
        }
    }

    /// Writes what changed about a channel as a whole. When that fails, all that is in memory goes with the next store.
    pub(super) async fn keep_state(&self, known: ChannelState) -> ChannelState {
        let Some(id) = known.id else { return known };
        match self.archive.store_state(id, state_of(&known)).await.map_err(unstored) {
            Ok(()) => known,
            Err(_) => ChannelState { stored: None, ..known },
        }
    }
}

/// Leaves as many posts as memory holds, and tells whether that is all of them.
pub(super) fn trim(held: &mut Vec<PostRow>) -> bool {
    let wanted = within_day(held).clamp(FEWEST_HELD, MOST_HELD);
    let is_all = held.len() <= wanted;
    held.truncate(wanted);
    is_all
}

/// How many of the newest posts a feed shows because they are less than a day older than the newest: all of them are held,
/// [`MOST_HELD`] at most.
fn within_day(held: &[PostRow]) -> usize {
    let Some(newest) = held.first().map(|held| held.kept.post.published) else { return 0 };
    let since = newest - TimeDelta::hours(feed::WINDOW_HOURS);
    held.iter().take_while(|held| held.kept.post.published >= since).count()
}

/// What memory holds all posts of: the newest range, down to where [`trim`] may have cut.
fn covered_by_memory(known: &ChannelState) -> Vec<Range> {
    let newest = known.covered.first().copied();
    let cut = known.held.last().filter(|_| known.held.len() >= FEWEST_HELD);
    let low = |range: Range| cut.map_or(range.low, |last| range.low.max(last.kept.post.id));
    newest.map(|range| Range { low: low(range), ..range }).into_iter().collect()
}

fn update_of(known: &ChannelState, merged: Merged, covered: Vec<Range>) -> Update {
    Update {
        channel: known.snapshot.channel.clone(),
        state: state_of(known),
        put: merged.put,
        former: merged.former,
        covered,
    }
}

fn state_of(known: &ChannelState) -> State {
    let snapshot = &known.snapshot;
    State {
        language: known.language,
        floor: snapshot.floor,
        fetched: snapshot.fetched,
        updated: snapshot.updated,
        is_partial: known.is_partial,
        gone_since: known.gone_since,
    }
}

/// Whether there is nothing to write about a channel as a whole but when it was fetched.
fn is_same_state(previous: &ChannelState, known: &ChannelState) -> bool {
    let at =
        |known: &ChannelState| State { fetched: DateTime::<Utc>::UNIX_EPOCH, ..state_of(known) };
    at(previous) == at(known) && is_same(&previous.snapshot.channel, &known.snapshot.channel)
}

/// Whether two lists of ranges cover the same messages; when they were fetched is another matter.
pub(super) fn covers_the_same(some: &[Range], others: &[Range]) -> bool {
    let ends = |ranges: &[Range]| ranges.iter().map(|range| (range.low, range.high)).collect();
    let (some, others): (Vec<_>, Vec<_>) = (ends(some), ends(others));
    some == others
}

fn is_same(previous: &Channel, channel: &Channel) -> bool {
    previous.numeric_id == channel.numeric_id
        && super::merge::still_channel(previous) == super::merge::still_channel(channel)
}

/// A read failed. Whoever depends on it fails too: what could not be read is not unknown.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
pub(super) fn unread(error: archive::Error) -> Error {
    tracing::error!(archive.error = error.code(), "the archive cannot be read: {error}");
    Error::NoArchive
}

/// A store failed. Memory holds what was to be stored, and it goes again with the next one.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
pub(super) fn unstored(error: archive::Error) -> Error {
    tracing::error!(archive.error = error.code(), "nothing can be stored in the archive: {error}");
    Error::NoArchive
}
