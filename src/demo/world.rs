//! The channels of the fake Telegram, and what names lead to: plain data, changed by [`super::Control`].
//!
//! A channel keeps its numeric id when its name changes. A name that was given up is free, an alias, or a redirect.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::media::File;
use super::message::{Body, Message, optional_file};
use crate::model::ChannelName;

/// A channel, group, person or bot.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    pub name: ChannelName,
    pub number: u64,
    pub title: String,
    /// The description, written like a message's text.
    #[serde(default)]
    pub about: String,
    #[serde(default)]
    pub kind: Kind,
    pub mark: Option<Mark>,
    /// Without one, the page shows the title's first letters.
    #[serde(default, deserialize_with = "optional_file")]
    pub avatar: Option<File>,
    /// Subscribers, members or monthly users.
    #[serde(default = "one")]
    pub audience: u64,
    /// Oldest first.
    #[serde(skip)]
    pub messages: Vec<Message>,
    /// One sentence for `feedline demo`; empty when it does not list the channel.
    #[serde(default)]
    pub shows: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// With a list page.
    #[default]
    Channel,
    /// Without a list page.
    Hidden,
    /// Not shown in some countries; embeds give the reason.
    Blocked {
        reason: Cow<'static, str>,
    },
    Group {
        /// Members who are online.
        online: u64,
    },
    User,
    Bot,
}

/// The mark beside a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    Verified,
    Scam,
    Fake,
}

fn one() -> u64 {
    1
}

impl Channel {
    /// A channel without messages, photo and description.
    pub fn new(name: ChannelName, number: u64, title: &str) -> Self {
        Self {
            name,
            number,
            title: title.to_owned(),
            about: String::new(),
            kind: Kind::Channel,
            mark: None,
            avatar: None,
            audience: 1,
            messages: Vec::new(),
            shows: String::new(),
        }
    }

    pub(super) fn is_group(&self) -> bool {
        matches!(self.kind, Kind::Group { .. })
    }

    /// The messages published at `now`.
    pub(super) fn published(
        &self,
        now: DateTime<Utc>,
    ) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter().filter(move |message| message.time <= now)
    }

    pub fn message(&self, id: u32) -> Option<&Message> {
        self.messages.iter().find(|message| message.ids().contains(&id))
    }

    pub fn message_mut(&mut self, id: u32) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.ids().contains(&id))
    }

    /// Adds a message with the next free id and returns the id.
    pub fn publish(&mut self, mut message: Message, time: DateTime<Utc>) -> u32 {
        let last = self.messages.iter().flat_map(Message::ids).max().unwrap_or(0);
        message.number_from(last + 1);
        message.time = time;
        let id = message.id;
        self.messages.push(message);
        id
    }

    /// Deletes the message with this id, or the one member of an album. Returns whether it existed.
    pub fn delete(&mut self, id: u32) -> bool {
        let Some(at) = self.messages.iter().position(|message| message.ids().contains(&id)) else {
            return false;
        };
        let message = &mut self.messages[at];
        if let Body::Album(items) = &mut message.body {
            items.retain(|item| item.id != id);
            if let Some(first) = items.first() {
                message.id = first.id;
                return true;
            }
        }
        self.messages.remove(at);
        true
    }
}

/// What becomes of a name that its channel has given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldName {
    /// Nobody has it.
    Free,
    /// It still shows the channel, whose posts carry the new name.
    Alias,
    /// Its list page redirects to the list page of the new name.
    Redirect,
}

/// Everything that the fake Telegram shows.
#[derive(Clone, Debug)]
pub struct World {
    /// By lower-case name.
    channels: BTreeMap<String, Channel>,
    /// By lower-case old name: what became of it, and the present name.
    old_names: BTreeMap<String, (OldName, String)>,
    /// Part of all file addresses; a new one lets the old addresses expire.
    pub(super) generation: u32,
    /// Shorter files are filled up to this length.
    pub(super) min_file: usize,
    /// The time at which the clock starts.
    pub(super) start: DateTime<Utc>,
}

pub(super) enum Found<'a> {
    Channel(&'a Channel),
    /// The name redirects to the channel's present name.
    Moved(&'a Channel),
    Nothing,
}

impl World {
    pub fn empty(start: DateTime<Utc>) -> Self {
        Self {
            channels: BTreeMap::new(),
            old_names: BTreeMap::new(),
            generation: 1,
            min_file: 0,
            start,
        }
    }

    /// Adds a channel; it replaces a channel of the same name.
    pub fn with(mut self, channel: Channel) -> Self {
        self.add(channel);
        self
    }

    /// Adds a channel and returns the one that it replaces.
    pub(super) fn add(&mut self, channel: Channel) -> Option<Channel> {
        let key = channel.name.key();
        self.old_names.remove(&key);
        self.channels.insert(key, channel)
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Channel> {
        self.channels.remove(&name.to_ascii_lowercase())
    }

    pub(super) fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.get(&name.to_ascii_lowercase())
    }

    /// To change its name, use [`World::rename`].
    pub(super) fn channel_mut(&mut self, name: &str) -> Option<&mut Channel> {
        self.channels.get_mut(&name.to_ascii_lowercase())
    }

    /// By name.
    pub(super) fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.values()
    }

    /// Gives a channel another name. Returns whether the channel exists.
    pub(super) fn rename(&mut self, old: &str, new: ChannelName, fate: OldName) -> bool {
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
