//! Several channels that are read as one.

use std::sync::Arc;

use super::cursor::MOST_CHANNELS;
use super::{BadName, ChannelName, FeedOptions, Target};
use crate::locale::Message;

/// The longest part of a name that an error repeats, in characters.
const LONGEST_ECHO: usize = 40;

/// One to [`MOST_CHANNELS`] channels, each once, in the order of their names: the same channels are the same set in
/// whatever order and case they were written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChannelSet(Arc<[ChannelName]>);

impl ChannelSet {
    /// Names or links with `+`, white space or commas between them (percent-decoded).
    ///
    /// # Errors
    /// [`BadSet`] names what is no channel, or says that there are too many or none.
    pub fn parse(text: &str) -> Result<Self, BadSet> {
        let parts = text.split(['+', ' ', ',', '\t', '\n', '\r']).filter(|part| !part.is_empty());
        let mut names = Vec::new();
        for part in parts {
            let target = Target::parse(part).map_err(|reason| BadSet::Name {
                text: crate::text::clean(part).chars().take(LONGEST_ECHO).collect(),
                reason,
            })?;
            names.push(target.channel);
        }
        Self::new(names)
    }

    /// These channels.
    ///
    /// # Errors
    /// [`BadSet`] when there are too many or none.
    pub fn new(mut names: Vec<ChannelName>) -> Result<Self, BadSet> {
        names.sort();
        names.dedup();
        match names.len() {
            0 => Err(BadSet::Empty),
            1..=MOST_CHANNELS => Ok(Self(names.into())),
            number => Err(BadSet::TooMany { number }),
        }
    }

    /// The channels, by name.
    pub fn names(&self) -> &[ChannelName] {
        &self.0
    }

    /// The only channel, when there is one only.
    pub fn only(&self) -> Option<&ChannelName> {
        match &*self.0 {
            [only] => Some(only),
            _ => None,
        }
    }

    /// `a+b+c`, in lower case: the set's key, and how it stands in an address.
    pub fn key(&self) -> String {
        self.0.iter().map(ChannelName::key).collect::<Vec<_>>().join("+")
    }
}

/// What names no set of channels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum BadSet {
    /// There is no name.
    Empty,
    /// More than are read as one.
    TooMany {
        /// How many.
        number: usize,
    },
    /// One of them is no channel.
    Name {
        /// As it was given, cut.
        text: String,
        /// Why not.
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

/// Several channels that are read as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    path: Arc<str>,
    id: String,
    title: String,
    channels: ChannelSet,
}

impl Merged {
    /// Channels that are named in the address. Title and identity are made of the names alone, so that they stay whatever
    /// the channels call themselves, and whether or not one of them is there.
    pub fn of(channels: ChannelSet) -> Self {
        let key = channels.key();
        let id = format!("https://t.me/s/{key}");
        let names: Vec<String> = channels.names().iter().map(ChannelName::key).collect();
        let title = match &names[..] {
            [first, second, third, _, rest @ ..] => {
                format!("{first} + {second} + {third} + {} more", rest.len() + 1)
            }
            all => all.join(" + "),
        };
        Self { path: key.into(), id, title, channels }
    }

    /// A named set: its address and identity stay whatever channels are in it.
    pub fn collection(name: &str, title: Option<&str>, channels: ChannelSet) -> Self {
        Self {
            path: format!("-/collections/{name}").into(),
            id: format!("tag:feedline,2026:collections/{name}"),
            title: title.unwrap_or(name).to_owned(),
            channels,
        }
    }

    /// Where it is, without the base's slash: no channel's name, and so its key too.
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// Whether it has a name of its own.
    pub fn is_collection(&self) -> bool {
        self.path.starts_with("-/")
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The channels.
    pub fn channels(&self) -> &ChannelSet {
        &self.channels
    }

    /// What identifies its feed with these options for ever: an IRI; limit and page are no part.
    pub fn identity(&self, options: &FeedOptions) -> String {
        let query = options.identity().to_query(&FeedOptions::default());
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> ChannelSet {
        ChannelSet::parse(text).unwrap()
    }

    #[test]
    fn the_same_channels_are_the_same_set() {
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
    fn what_is_no_set_says_what_is_wrong() {
        assert_eq!(ChannelSet::parse("+ ,"), Err(BadSet::Empty));
        let bad = ChannelSet::parse("tea+x").unwrap_err();
        assert!(bad.to_string().starts_with("“x” names no channel. This is not the name"), "{bad}");
        let many: Vec<String> = (0..51).map(|number| format!("name{number}")).collect();
        assert_eq!(ChannelSet::parse(&many.join("+")), Err(BadSet::TooMany { number: 51 }));
        assert_eq!(set(&many[1..].join("+")).names().len(), 50);
    }

    #[test]
    fn a_title_is_made_of_names_alone() {
        assert_eq!(Merged::of(set("Tea+sea")).title(), "sea + tea");
        assert_eq!(Merged::of(set("aa+bb+cc+dd+ee")).title(), "aa + bb + cc + 2 more");
        let named = Merged::collection("news", None, set("tea+sea"));
        assert_eq!((named.title(), &**named.path()), ("news", "-/collections/news"));
        let options = FeedOptions::parse("limit=5&tag=x", &FeedOptions::default()).unwrap();
        assert_eq!(named.identity(&options), "tag:feedline,2026:collections/news?tag=x");
        let plain = Merged::of(set("tea+Sea")).identity(&FeedOptions::default());
        assert_eq!(plain, "https://t.me/s/sea+tea");
    }
}
