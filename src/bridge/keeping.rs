//! Between memory and the archive: what is not in memory is looked for there, and what was learnt goes there before
//! anybody is answered with it.
//!
//! An archive that fails loses nothing that memory holds: the failure is told, the answer goes out, and the next time all
//! that is in memory is put again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Inner;
use super::freshness::elapsed;
use super::memory::{Key, Known};
use super::merge::{MOST_HELD, Merged};
use crate::archive::{self, Held, HeldPost, Range, State, Update};
use crate::feed;
use crate::model::{Channel, ChannelName, KeptPost, MessageId, Snapshot};

/// The posts that are held in memory at least.
const FEWEST_HELD: usize = 64;

/// How seldom it is written when Telegram was last asked, while nothing else is to be written.
const STATE_INTERVAL: Duration = Duration::from_secs(60 * 60);

impl Inner {
    /// What is known of the channel that has this name now.
    pub(super) async fn recall(&self, name: &ChannelName) -> Option<Arc<Known>> {
        let key = Key::from(name.key());
        if let Some(known) = self.memory.channels.get(&key) {
            return Some(known);
        }
        let held = told(self.archive.load(name, FEWEST_HELD).await, "loading")??;
        let is_its_own = held.channel.name.key() == name.key();
        if is_its_own { Some(self.revive(key, held).await) } else { None }
    }

    /// What is known of the channel with Telegram's number.
    pub(super) async fn recall_number(&self, number: i64) -> Option<Arc<Known>> {
        if let Some(key) = self.memory.numbers.get(&number)
            && let Some(known) = self.memory.channels.get(&key)
            && known.snapshot.channel.numeric_id == Some(number)
        {
            return Some(known);
        }
        let held = told(self.archive.load_number(number, FEWEST_HELD).await, "loading")??;
        Some(self.revive(held.channel.name.key().into(), held).await)
    }

    /// The name of the channel that had this one before.
    pub(super) async fn successor(&self, former: &ChannelName) -> Option<ChannelName> {
        if let Some(alias) = self.memory.aliases.get(&Key::from(former.key())) {
            return Some(alias.value);
        }
        let held = told(self.archive.load(former, 0).await, "loading")??;
        Some(held.channel.name).filter(|name| name.key() != former.key())
    }

    /// A channel that posts much fills a day with more than the fewest.
    async fn with_whole_day(&self, held: Held) -> Held {
        if held.posts.len() < FEWEST_HELD || within_day(&held.posts) < FEWEST_HELD {
            return held;
        }
        let more = self.archive.load(&held.channel.name, MOST_HELD).await;
        told(more, "loading").flatten().unwrap_or(held)
    }

    /// Puts what the archive holds into memory, unless a refresh was faster.
    async fn revive(&self, key: Key, held: Held) -> Arc<Known> {
        let known = Arc::new(self.known_of(self.with_whole_day(held).await));
        if let Some(number) = known.snapshot.channel.numeric_id {
            self.memory.numbers.insert(number, Key::clone(&key));
        }
        self.memory.channels.entry(key).or_insert(known).into_value()
    }

    fn known_of(&self, held: Held) -> Known {
        let Held { id, channel, state, mut posts, ranges } = held;
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
        Known {
            life: self.life(state.is_partial, &snapshot),
            rhythm: self.bounds().rhythm(&snapshot),
            language: state.language,
            is_partial: state.is_partial,
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
    pub(super) fn shown(&self, held: &[HeldPost]) -> Vec<Arc<KeptPost>> {
        let present = |held: &&HeldPost| held.deleted.is_none();
        if !self.settings.keeps_deleted {
            return held.iter().filter(present).map(|held| Arc::clone(&held.kept)).collect();
        }
        let members = held.iter().filter(present).flat_map(|held| &held.kept.post.members);
        let members: HashSet<MessageId> = members.copied().collect();
        // A part that an album took in is there already.
        let is_apart =
            |held: &HeldPost| !held.kept.post.members.iter().any(|id| members.contains(id));
        let shown = held.iter().filter(|held| held.deleted.is_none() || is_apart(held));
        shown.map(|held| Arc::clone(&held.kept)).collect()
    }

    /// What the archive holds from one message to another, deleted posts too; nothing when it fails.
    pub(super) async fn held_between(
        &self,
        known: &Known,
        low: MessageId,
        high: MessageId,
    ) -> Vec<HeldPost> {
        let is_between = |held: &&HeldPost| (low..=high).contains(&held.kept.post.id);
        let Some(id) = known.id.filter(|_| low <= high) else {
            return known.held.iter().filter(is_between).cloned().collect();
        };
        told(self.archive.between(id, low, high).await, "reading").unwrap_or_default()
    }

    /// Puts what was learnt into the archive before anybody is answered with it. Nothing is written while only counters
    /// change; when Telegram was last asked is written at most hourly then.
    pub(super) async fn keep(
        &self,
        previous: Option<&Known>,
        known: Known,
        merged: Merged,
    ) -> Known {
        let now = known.snapshot.fetched;
        let stored = previous.and_then(|previous| previous.stored);
        let is_known = previous.is_some_and(|previous| {
            stored.is_some()
                && is_same_state(previous, &known)
                && covers_the_same(&previous.covered, &known.covered)
        });
        let is_recent = stored.is_some_and(|stored| elapsed(stored, now) < STATE_INTERVAL);
        if merged.put.is_empty() && is_known && is_recent {
            return Known { id: previous.and_then(|previous| previous.id), stored, ..known };
        }
        // After a failure all that is in memory goes again.
        let put =
            if previous.is_some() && stored.is_none() { known.held.to_vec() } else { merged.put };
        let update = update_of(&known, Merged { put, ..merged }, known.covered.to_vec());
        match told(self.archive.store(update).await, "storing") {
            Some(id) => Known { id: Some(id), stored: Some(now), ..known },
            None => Known { id: previous.and_then(|previous| previous.id), stored: None, ..known },
        }
    }

    /// Puts posts that are no part of the newest page: older ones, or found ones.
    pub(super) async fn keep_besides(&self, known: &Known, merged: Merged, covered: Option<Range>) {
        if known.id.is_none() || merged.put.is_empty() && covered.is_none() {
            return;
        }
        let update = update_of(known, merged, covered.into_iter().collect());
        told(self.archive.store(update).await, "storing");
    }

    /// A post by any of its messages, deleted or not.
    pub(super) async fn held_post(&self, known: &Known, id: MessageId) -> Option<HeldPost> {
        let in_memory = known.held.iter().find(|held| held.kept.post.members.contains(&id));
        match (in_memory, known.id) {
            (Some(held), _) => Some(held.clone()),
            (None, Some(channel)) => told(self.archive.post(channel, id).await, "reading")?,
            (None, None) => None,
        }
    }

    /// Writes what changed about a channel as a whole. After a failure all of it is written with the next refresh.
    pub(super) async fn keep_state(&self, known: Known) -> Known {
        let Some(id) = known.id else { return known };
        match told(self.archive.store_state(id, state_of(&known)).await, "storing") {
            Some(()) => known,
            None => Known { stored: None, ..known },
        }
    }
}

/// Leaves as many posts as memory holds, and tells whether that is all of them.
pub(super) fn trim(held: &mut Vec<HeldPost>) -> bool {
    let wanted = within_day(held).clamp(FEWEST_HELD, MOST_HELD);
    let is_all = held.len() <= wanted;
    held.truncate(wanted);
    is_all
}

/// How many of the newest posts a feed shows because they are less than a day older than the newest: all of them are held,
/// [`MOST_HELD`] at most.
fn within_day(held: &[HeldPost]) -> usize {
    let Some(newest) = held.first().map(|held| held.kept.post.published) else { return 0 };
    let since = newest - TimeDelta::hours(feed::WINDOW_HOURS);
    held.iter().take_while(|held| held.kept.post.published >= since).count()
}

fn update_of(known: &Known, merged: Merged, covered: Vec<Range>) -> Update {
    Update {
        channel: known.snapshot.channel.clone(),
        state: state_of(known),
        put: merged.put,
        former: merged.former,
        covered,
    }
}

fn state_of(known: &Known) -> State {
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
fn is_same_state(previous: &Known, known: &Known) -> bool {
    let at = |known: &Known| State { fetched: DateTime::<Utc>::UNIX_EPOCH, ..state_of(known) };
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

/// What the archive says, or nothing, once it is told that it failed.
pub(super) fn told<T>(answer: Result<T, archive::Error>, what: &'static str) -> Option<T> {
    answer
        .inspect_err(|error| {
            tracing::error!(archive.error = error.code(), "{what} failed: {error}");
        })
        .ok()
}
