//! A channel as its page describes it.

use serde::{Deserialize, Serialize};

use super::ChannelName;
use crate::text::{Address, RichText};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// In the letter case that Telegram shows.
    pub name: ChannelName,
    /// Telegram's number of the channel, which survives a rename. `None` if no post on the page carries it.
    pub numeric_id: Option<i64>,
    /// Another channel has or had this name, so the name alone does not identify posts. Set from the archive.
    #[serde(skip)]
    pub shares_name: bool,
    /// One line, never empty: the name if the page shows no title.
    pub title: String,
    /// The channel's own description.
    pub description: RichText,
    /// The current URL of the picture, which expires within hours or days.
    pub avatar: Option<Address>,
    /// Marked as verified.
    pub verified: bool,
    /// Marked as a scam.
    pub scam: bool,
    /// Marked as an impersonator.
    pub fake: bool,
    /// Counts as Telegram writes them (`12.4K`).
    pub counters: Counters,
}

impl Channel {
    /// The number that is part of post and feed identities when the name has had another owner.
    pub fn identity_number(&self) -> Option<i64> {
        self.numeric_id.filter(|_| self.shares_name)
    }
}

/// Rounded counts. A missing count is zero or unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribers: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photos: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub videos: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<String>,
}
