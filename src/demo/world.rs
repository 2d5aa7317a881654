//! The chats of the fake Telegram and their names: plain data, changed through [`super::Control`].
//!
//! A channel that is renamed keeps its numeric id. Its old name becomes free, an alias or a redirect.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::media::File;
use super::message::{Body, Message, Text};
use crate::model::ChannelName;

/// A channel, group, user or bot.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    pub name: ChannelName,
    /// The numeric id.
    pub number: u64,
    pub title: String,
    /// The description, in the syntax of a message's text.
    pub about: Option<Text>,
    #[serde(default)]
    pub kind: ChatKind,
    pub badge: Option<Badge>,
    /// Without it, pages show the initials of the title.
    pub avatar: Option<File>,
    /// Subscribers, members or monthly users.
    #[serde(default = "one")]
    pub audience: u64,
    /// Oldest first.
    #[serde(skip)]
    pub messages: Vec<Message>,
    /// One sentence for the list that `feedline demo` prints; empty: not listed.
    #[serde(default)]
    pub shows: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ChatKind {
    #[default]
    Channel,
    /// A channel without a list page.
    Hidden,
    /// Not shown in some countries; embeds give the reason.
    Blocked {
        reason: Cow<'static, str>,
    },
    Group {
        /// Members online.
        online: u64,
    },
    User,
    Bot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Badge {
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
            about: None,
            kind: ChatKind::Channel,
            badge: None,
            avatar: None,
            audience: 1,
            messages: Vec::new(),
            shows: String::new(),
        }
    }

    pub(super) fn is_group(&self) -> bool {
        matches!(self.kind, ChatKind::Group { .. })
    }

    /// The messages published until `now`.
    pub(super) fn published(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |message| message.time <= now)
    }

    pub fn message(&self, id: u32) -> Option<&Message> {
        self.messages.iter().find(|message| message.ids().contains(&id))
    }

    pub fn message_mut(&mut self, id: u32) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.ids().contains(&id))
    }

    /// Adds a message with the next free id. Returns the id.
    pub fn publish(&mut self, mut message: Message, time: DateTime<Utc>) -> u32 {
        let last = self.messages.iter().flat_map(Message::ids).max().unwrap_or(0);
        message.number_from(last + 1);
        message.time = time;
        let id = message.id;
        self.messages.push(message);
        id
    }

    /// Deletes a message, or one item of an album. Returns whether it existed.
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

/// The state of a name that its channel has given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldName {
    /// The name is not taken.
    Free,
    /// The name still shows the channel; the posts carry the new name.
    Alias,
    /// The list page redirects to the one of the new name.
    Redirect,
}

/// All chats of the fake Telegram.
#[derive(Clone, Debug)]
pub struct World {
    /// By lower-case name.
    channels: BTreeMap<String, Channel>,
    /// By lower-case old name: its state, and the new name.
    old_names: BTreeMap<String, (OldName, String)>,
    /// Part of every file address. Raising it expires all addresses.
    pub(super) generation: u32,
    /// Shorter files are padded to this number of bytes.
    pub(super) min_file: usize,
    /// The clock's start.
    pub(super) start: DateTime<Utc>,
}

pub(super) enum Resolved<'a> {
    Channel(&'a Channel),
    /// The name redirects to this channel.
    Redirect(&'a Channel),
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

    pub fn with(mut self, channel: Channel) -> Self {
        self.add(channel);
        self
    }

    /// Adds a channel. Returns the one of the same name that it replaces.
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

    /// The name must not be changed here: use [`World::rename`].
    pub(super) fn channel_mut(&mut self, name: &str) -> Option<&mut Channel> {
        self.channels.get_mut(&name.to_ascii_lowercase())
    }

    /// By name.
    pub(super) fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.values()
    }

    /// Returns whether the channel exists.
    pub(super) fn rename(&mut self, old: &str, new: ChannelName, state: OldName) -> bool {
        let old = old.to_ascii_lowercase();
        let Some(mut channel) = self.channels.remove(&old) else { return false };
        self.old_names.insert(old, (state, new.key()));
        channel.name = new;
        self.add(channel);
        true
    }

    pub(super) fn resolve(&self, name: &str) -> Resolved<'_> {
        let key = name.to_ascii_lowercase();
        if let Some(channel) = self.channels.get(&key) {
            return Resolved::Channel(channel);
        }
        let Some((state, new)) = self.old_names.get(&key) else { return Resolved::Nothing };
        match (state, self.channels.get(new)) {
            (OldName::Alias, Some(channel)) => Resolved::Channel(channel),
            (OldName::Redirect, Some(channel)) => Resolved::Redirect(channel),
            (OldName::Free, _) | (_, None) => Resolved::Nothing,
        }
    }
}
