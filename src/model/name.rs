//! Channel names.
//!
//! The name is the key of a channel everywhere, so it is parsed only here.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::locale::Message;

/// A public name: 2 to 32 characters of `A–Z a–z 0–9 _`, the first a letter.
///
/// Telegram compares names case-insensitively, and so do `Eq`, `Ord` and `Hash`. The letter case is stored for display.
#[derive(Clone)]
pub struct ChannelName(Box<str>);

impl ChannelName {
    /// Parses a bare name.
    ///
    /// # Errors
    /// [`BadName`] if the text is empty, too short, too long, or has other characters.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text.is_empty() {
            return Err(BadName::Empty);
        }
        let well_formed = (2..=32).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if well_formed { Ok(Self(text.into())) } else { Err(BadName::Malformed) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in lower case, the key of the channel.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl PartialEq for ChannelName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ChannelName {}

impl Hash for ChannelName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(0xff);
    }
}

impl PartialOrd for ChannelName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ChannelName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let lower = |byte: u8| byte.to_ascii_lowercase();
        self.0.bytes().map(lower).cmp(other.0.bytes().map(lower))
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for ChannelName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "@{}", self.0)
    }
}

impl Serialize for ChannelName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ChannelName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&name).map_err(serde::de::Error::custom)
    }
}

/// The reason why a text is not a public channel's name. The message gives advice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum BadName {
    /// The text is empty.
    Empty,
    /// Not the form of a name.
    Malformed,
    /// A link to a private channel or chat, by its message `feature-…`.
    Private(&'static str),
    /// A Telegram link to something other than a channel, by its message `feature-…`.
    NotAChannel(&'static str),
    /// The numeric id that apps use for a channel or person.
    Numeric,
    /// A URL of another site.
    OtherSite,
}

impl BadName {
    pub fn message(&self) -> Message {
        let feature = |what: &str| Message::new(format!("feature-{what}"));
        match self {
            Self::Empty => Message::new("name-empty"),
            Self::Malformed => Message::new("name-malformed"),
            Self::Private(what) => Message::new("name-private").with("what", feature(what)),
            Self::NotAChannel(what) => {
                Message::new("name-not-a-channel").with("what", feature(what))
            }
            Self::Numeric => Message::new("name-numeric"),
            Self::OtherSite => Message::new("name-other-site"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channel_names_compare_case_insensitively() {
        let (one, other) =
            (ChannelName::parse("Durov").unwrap(), ChannelName::parse("durov").unwrap());
        assert_eq!(one, other);
        assert_eq!(one.cmp(&other), std::cmp::Ordering::Equal);
        assert_eq!(std::collections::HashSet::from([one.clone(), other]).len(), 1);
        assert_eq!(one.as_str(), "Durov");
        assert_eq!(one.key(), "durov");
    }
}
