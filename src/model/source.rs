//! The source of a feed's posts: one or several channels, or a search.
//!
//! A source is the part of an address before its options. Everything that depends on the source alone is built here:
//! its cache key, the path of its page, its title.

use std::sync::Arc;

use super::cursor::{CursorKind, MAX_CHANNELS};
use super::options::{BadOption, FeedOptions, quoted};
use super::{BadName, ChannelName, Target};
use crate::locale::Message;

/// One to [`MAX_CHANNELS`] channels, sorted by name, without duplicates: sets of the same channels are equal, in
/// whatever order and letter case they were given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChannelSet(Arc<[ChannelName]>);

impl ChannelSet {
    /// Parses names or links, separated by `+`, white space or commas (percent-decoded).
    ///
    /// # Errors
    /// [`BadSet`] if one is not a channel, or if there are none or too many.
    pub fn parse(text: &str) -> Result<Self, BadSet> {
        let parts = text.split(['+', ' ', ',', '\t', '\n', '\r']).filter(|part| !part.is_empty());
        let mut names = Vec::new();
        for part in parts {
            let target = Target::parse(part)
                .map_err(|reason| BadSet::Name { text: quoted(part), reason })?;
            names.push(target.channel);
        }
        Self::new(names)
    }

    /// # Errors
    /// [`BadSet`] if there are none or too many.
    pub fn new(mut names: Vec<ChannelName>) -> Result<Self, BadSet> {
        names.sort();
        names.dedup();
        match names.len() {
            0 => Err(BadSet::Empty),
            1..=MAX_CHANNELS => Ok(Self(names.into())),
            number => Err(BadSet::TooMany { number }),
        }
    }

    /// Sorted by name.
    pub fn names(&self) -> &[ChannelName] {
        &self.0
    }

    /// The channel, if there is exactly one.
    pub fn only(&self) -> Option<&ChannelName> {
        match &*self.0 {
            [only] => Some(only),
            _ => None,
        }
    }

    /// `a+b+c`, in lower case: the set's key, and its form in an address.
    pub fn key(&self) -> String {
        self.0.iter().map(ChannelName::key).collect::<Vec<_>>().join("+")
    }
}

impl From<ChannelName> for ChannelSet {
    fn from(name: ChannelName) -> Self {
        Self([name].into())
    }
}

/// The reason why a text is not a set of channels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum BadSet {
    Empty,
    TooMany {
        number: usize,
    },
    /// One of the names is not a channel.
    Name {
        /// As given, truncated.
        text: String,
        reason: BadName,
    },
}

impl BadSet {
    pub fn message(&self) -> Message {
        match self {
            Self::Empty => Message::new("set-empty"),
            Self::TooMany { number } => Message::new("set-too-many").with("number", *number),
            Self::Name { text, reason } => Message::new("set-name")
                .with("text", text.as_str())
                .with("reason", reason.message()),
        }
    }
}

/// The source of a feed's posts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The channels in the address.
    Channels(ChannelSet),
    /// A named set of channels. Address and identity do not change with its channels.
    Collection { name: Arc<str>, title: Arc<str>, channels: ChannelSet },
    /// Archived posts that match a query.
    Search {
        /// In normal form.
        query: Arc<str>,
        /// Only these channels; `None`: all.
        within: Option<Arc<[ChannelName]>>,
        /// Excluded channels.
        without: Arc<[ChannelName]>,
    },
}

impl Source {
    pub fn channel(name: ChannelName) -> Self {
        Self::Channels(name.into())
    }

    pub fn collection(name: &str, title: Option<&str>, channels: ChannelSet) -> Self {
        Self::Collection { name: name.into(), title: title.unwrap_or(name).into(), channels }
    }

    /// The same collection with other channels; other sources become these channels.
    pub fn with_channels(&self, channels: ChannelSet) -> Self {
        match self {
            Self::Collection { name, title, .. } => {
                Self::Collection { name: name.clone(), title: title.clone(), channels }
            }
            _ => Self::Channels(channels),
        }
    }

    /// All channels, sorted by name; empty for a search.
    pub fn channels(&self) -> &[ChannelName] {
        match self {
            Self::Channels(channels) | Self::Collection { channels, .. } => channels.names(),
            Self::Search { .. } => &[],
        }
    }

    /// The channel, if the source is a channel's own feed. A collection of one channel is not.
    pub fn single(&self) -> Option<&ChannelName> {
        match self {
            Self::Channels(channels) => channels.only(),
            Self::Collection { .. } | Self::Search { .. } => None,
        }
    }

    /// Parses the query of the source's address, without `?`, like [`FeedOptions::parse`].
    ///
    /// # Errors
    /// [`BadOption`].
    pub fn options(&self, query: &str, defaults: &FeedOptions) -> Result<FeedOptions, BadOption> {
        let kind = match self {
            Self::Search { .. } => CursorKind::Position,
            _ if self.single().is_some() => CursorKind::Message,
            Self::Channels(_) | Self::Collection { .. } => CursorKind::Messages,
        };
        FeedOptions::parse_with(query, defaults, kind)
    }

    /// The path of the source's page, below the base.
    pub fn path(&self) -> String {
        match self {
            Self::Channels(channels) => match channels.only() {
                Some(name) => name.to_string(),
                None => channels.key(),
            },
            Self::Collection { name, .. } => format!("-/collections/{name}"),
            Self::Search { .. } => "-/search".to_owned(),
        }
    }

    /// The cache key of the source's feeds. A collection has the same key when its channels change.
    pub fn key(&self) -> String {
        match self {
            Self::Channels(channels) => channels.key(),
            Self::Collection { channels, .. } => format!("{} {}", self.path(), channels.key()),
            Self::Search { query, .. } => format!("{} {query}", self.path()),
        }
    }

    /// The title, built only from the address: it does not depend on the channels' own titles and availability.
    pub fn title(&self) -> String {
        match self {
            Self::Channels(channels) => {
                let names: Vec<String> = channels.names().iter().map(ChannelName::key).collect();
                match &names[..] {
                    [only] => only.clone(),
                    [first, second, third, _, rest @ ..] => {
                        format!("{first} + {second} + {third} + {} more", rest.len() + 1)
                    }
                    all => all.join(" + "),
                }
            }
            Self::Collection { title, .. } => title.to_string(),
            Self::Search { query, .. } => format!("“{query}”"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> ChannelSet {
        ChannelSet::parse(text).unwrap()
    }

    #[test]
    fn channel_set_key_ignores_order_case_and_duplicates() {
        for text in
            ["tea+fog+Sea", "fog sea tea", "TEA,sea,fog", "sea+sea+fog+SEA+tea", "+fog++tea+sea+"]
        {
            assert_eq!(set(text).key(), "fog+sea+tea", "{text}");
        }
        assert_eq!(set("@tea+https://t.me/s/sea+T.me/Fog/7").key(), "fog+sea+tea");
        assert_eq!(set("Tea+tea").only().map(ChannelName::key).as_deref(), Some("tea"));
        assert_eq!(set("tea+sea").only(), None);
    }

    #[test]
    fn invalid_channel_set_reports_reason() {
        assert_eq!(ChannelSet::parse("+ ,"), Err(BadSet::Empty));
        let bad = ChannelSet::parse("tea+x").unwrap_err();
        assert!(bad.to_string().starts_with("“x” names no channel. This is not the name"), "{bad}");
        let many: Vec<String> = (0..51).map(|number| format!("name{number}")).collect();
        assert_eq!(ChannelSet::parse(&many.join("+")), Err(BadSet::TooMany { number: 51 }));
        assert_eq!(set(&many[1..].join("+")).names().len(), 50);
    }

    #[test]
    fn merged_feed_title_consists_of_channel_names() {
        assert_eq!(Source::Channels(set("Tea+sea")).title(), "sea + tea");
        assert_eq!(Source::Channels(set("aa+bb+cc+dd+ee")).title(), "aa + bb + cc + 2 more");
        let named = Source::collection("news", None, set("tea+sea"));
        assert_eq!((&*named.title(), &*named.path()), ("news", "-/collections/news"));
    }

    #[test]
    fn collection_of_one_channel_is_not_single_channel() {
        let tea = Source::Channels(set("Tea+tea"));
        assert_eq!(tea.single().map(ChannelName::as_str), Some("Tea"));
        assert_eq!((&*tea.path(), &*tea.key()), ("Tea", "tea"));
        assert_eq!(Source::Channels(set("tea+sea")).single(), None);
        assert_eq!(Source::collection("news", None, set("tea")).single(), None);
    }
}
