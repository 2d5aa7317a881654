//! A channel, as its own page describes it.

use serde::{Deserialize, Serialize};

use super::ChannelName;
use crate::text::{Address, RichText};

/// A public channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its name in the case that Telegram shows.
    pub name: ChannelName,
    /// Telegram's own number of it: it survives a change of name. Unknown when no post on the page told it.
    pub numeric_id: Option<i64>,
    /// Another channel has or had the name: the name alone does not tell their posts apart. The archive knows.
    #[serde(skip)]
    pub shares_name: bool,
    /// What it calls itself; one line, never empty (the name, when the page shows no title).
    pub title: String,
    /// What it says about itself.
    pub description: RichText,
    /// Its picture's present address; these die within hours or days.
    pub avatar: Option<Address>,
    /// Telegram vouches for it.
    pub verified: bool,
    /// Telegram warns of fraud.
    pub scam: bool,
    /// Telegram warns of a false identity.
    pub fake: bool,
    /// What Telegram counts, as it writes it (`12.4K`).
    pub counters: Counters,
}

impl Channel {
    /// The number that makes the identities of its posts and feeds different from those of another owner of the name.
    pub fn identity_number(&self) -> Option<i64> {
        self.numeric_id.filter(|_| self.shares_name)
    }
}

/// Telegram's counters, rounded as it shows them; absent ones are zero or unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// People who follow the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribers: Option<String>,
    /// Photos posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photos: Option<String>,
    /// Videos posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub videos: Option<String>,
    /// Files posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<String>,
    /// Links posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<String>,
}
