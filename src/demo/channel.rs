//! A name at the fake Telegram and what stands behind it. Plain data.

use chrono::{DateTime, Utc};

use super::message::{Body, File, Message};
use crate::model::ChannelName;

/// Whatever a public name can lead to.
#[derive(Clone, Debug)]
pub struct Channel {
    /// The name, in its canonical case.
    pub name: ChannelName,
    /// The numeric id, which survives every change of name.
    pub number: u64,
    /// The title.
    pub title: String,
    /// The description, written like a message's text.
    pub about: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// A mark beside the title.
    pub mark: Option<Mark>,
    /// The photo; letters stand for a missing one.
    pub avatar: Option<File>,
    /// Subscribers, members or monthly users.
    pub audience: u64,
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// What there is to see, in a sentence; empty when it is not worth a visit.
    pub shows: &'static str,
}

/// What a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A channel with a public page.
    Channel,
    /// A channel whose owner, or Telegram, has switched the public page off.
    Hidden,
    /// A channel that Telegram does not show here, and what it says where a post would be.
    Blocked {
        /// The reason.
        reason: &'static str,
    },
    /// A public group, and how many are there just now.
    Group {
        /// Members at their screens.
        online: u64,
    },
    /// A person.
    User,
    /// A program.
    Bot,
}

/// Marks beside a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Telegram knows that it is the real one.
    Verified,
    /// People complained of fraud.
    Scam,
    /// It pretends to be somebody else.
    Fake,
}

impl Channel {
    /// A channel without messages, photo or description.
    #[must_use]
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
            shows: "",
        }
    }

    /// The messages published at `now`: later ones are still to come.
    pub fn published(&self, now: DateTime<Utc>) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter().filter(move |message| message.time <= now)
    }

    /// The message that holds this id.
    #[must_use]
    pub fn message(&self, id: u32) -> Option<&Message> {
        self.messages.iter().find(|message| message.ids().contains(&id))
    }

    /// The same, to be changed.
    pub fn message_mut(&mut self, id: u32) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.ids().contains(&id))
    }

    /// Adds a message with the next free id and hands the id back.
    pub fn publish(&mut self, mut message: Message, time: DateTime<Utc>) -> u32 {
        let last = self.messages.iter().flat_map(Message::ids).max().unwrap_or(0);
        message.number_from(last + 1);
        message.time = time;
        let id = message.id;
        self.messages.push(message);
        id
    }

    /// Takes the message that holds this id away; of an album, the one member.
    /// Says whether there was one.
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
