//! The channels of the fake Telegram, and how names lead to them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::channel::Channel;
use crate::model::ChannelName;

/// What becomes of a name that its channel has given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldName {
    /// Nobody has it: its list page redirects, its landing page is that of a missing name.
    Free,
    /// It still shows the channel, whose posts carry the new name.
    Alias,
    /// Its list page redirects to that of the new name.
    Redirect,
}

/// Everything that the fake Telegram shows.
#[derive(Clone, Debug)]
pub struct World {
    /// By lower-case name.
    channels: BTreeMap<String, Channel>,
    /// Lower-case old names, what became of them, and the present name.
    old_names: BTreeMap<String, (OldName, String)>,
    /// Grows whenever the file addresses expire.
    pub(super) generation: u32,
    /// The least length of a file: shorter ones are filled up behind their ends.
    pub(super) least_file: usize,
    /// The time at which the fake starts.
    pub(super) start: DateTime<Utc>,
}

/// Where a name leads.
pub(super) enum Found<'a> {
    /// To a channel.
    Channel(&'a Channel),
    /// To another name's list page.
    Moved(&'a Channel),
    /// Nowhere.
    Nothing,
}

impl World {
    /// A world without channels, whose clock begins at `start`.
    #[must_use]
    pub fn empty(start: DateTime<Utc>) -> Self {
        Self {
            channels: BTreeMap::new(),
            old_names: BTreeMap::new(),
            generation: 1,
            least_file: 0,
            start,
        }
    }

    /// The same with one more channel; one that had its name is gone.
    #[must_use]
    pub fn with(mut self, channel: Channel) -> Self {
        self.add(channel);
        self
    }

    /// Adds a channel and hands back the one that had its name.
    pub fn add(&mut self, channel: Channel) -> Option<Channel> {
        let key = channel.name.key();
        self.old_names.remove(&key);
        self.channels.insert(key, channel)
    }

    /// Takes a channel away: its name is nobody's.
    pub fn remove(&mut self, name: &str) -> Option<Channel> {
        self.channels.remove(&name.to_ascii_lowercase())
    }

    /// The channel that has this name now.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.get(&name.to_ascii_lowercase())
    }

    /// The same, to be changed; its name is changed with [`World::rename`].
    pub fn channel_mut(&mut self, name: &str) -> Option<&mut Channel> {
        self.channels.get_mut(&name.to_ascii_lowercase())
    }

    /// All channels, by name.
    pub fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.values()
    }

    /// Gives a channel another name. Says whether there was such a channel.
    pub fn rename(&mut self, old: &str, new: ChannelName, fate: OldName) -> bool {
        let old = old.to_ascii_lowercase();
        let Some(mut channel) = self.channels.remove(&old) else { return false };
        self.old_names.insert(old, (fate, new.key()));
        channel.name = new;
        self.add(channel);
        true
    }

    pub(super) fn find(&self, name: &str) -> Found<'_> {
        let key = name.to_ascii_lowercase();
        if let Some(channel) = self.channels.get(&key) {
            return Found::Channel(channel);
        }
        let Some((fate, present)) = self.old_names.get(&key) else { return Found::Nothing };
        match (fate, self.channels.get(present)) {
            (OldName::Alias, Some(channel)) => Found::Channel(channel),
            (OldName::Redirect, Some(channel)) => Found::Moved(channel),
            (OldName::Free, _) | (_, None) => Found::Nothing,
        }
    }
}
