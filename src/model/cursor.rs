//! The beginning of a feed's page: the value of the option `before`.
//!
//! Message ids are unique in a channel only, so a page of several channels ends at one position per channel. (A date
//! would lose posts of the same second, and late posts.) The results of a search have positions of their own.

use std::fmt;
use std::sync::Arc;

use super::{ChannelName, MessageId};

/// The maximum number of channels in a feed.
pub const MAX_CHANNELS: usize = 50;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cursor {
    /// The page begins with the post before this message of the only channel: `412`.
    Message(MessageId),
    /// The same for several channels, by name; a channel without an entry begins with its newest post:
    /// `telegram.412,tidewater.61`.
    Messages(Arc<[(ChannelName, MessageId)]>),
    /// The page begins after this search result: hexadecimal digits.
    Position(Position),
}

/// The form of a source's cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CursorKind {
    Message,
    Messages,
    Position,
}

/// The position of an archived post, ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub(crate) i64);

impl Cursor {
    /// Parses the value of `before`; `None` if it is invalid.
    pub(super) fn parse(text: &str, kind: CursorKind) -> Option<Self> {
        match kind {
            CursorKind::Message => MessageId::parse(text).map(Self::Message),
            CursorKind::Messages => positions(text).map(Self::of_channels),
            CursorKind::Position => Position::parse(text).map(Self::Position),
        }
    }

    /// These positions; of duplicate names, the first counts.
    pub fn of_channels(mut positions: Vec<(ChannelName, MessageId)>) -> Self {
        positions.sort_by(|(one, _), (other, _)| one.cmp(other));
        positions.dedup_by(|(one, _), (other, _)| one == other);
        Self::Messages(positions.into())
    }

    /// The message before which the page of a channel begins.
    pub fn of(&self, channel: &ChannelName) -> Option<MessageId> {
        match self {
            Self::Message(id) => Some(*id),
            Self::Messages(positions) => {
                let at = positions.binary_search_by(|(name, _)| name.cmp(channel)).ok()?;
                positions.get(at).map(|(_, id)| *id)
            }
            Self::Position(_) => None,
        }
    }

    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Position(position) => Some(*position),
            Self::Message(_) | Self::Messages(_) => None,
        }
    }

    /// Replaces the names of renamed channels.
    pub fn renamed(&self, present: impl Fn(&ChannelName) -> ChannelName) -> Self {
        match self {
            Self::Messages(positions) => {
                Self::of_channels(positions.iter().map(|(name, id)| (present(name), *id)).collect())
            }
            other => other.clone(),
        }
    }
}

fn positions(text: &str) -> Option<Vec<(ChannelName, MessageId)>> {
    let parts: Vec<&str> = text.split(',').take(MAX_CHANNELS + 1).collect();
    if parts.len() > MAX_CHANNELS {
        return None;
    }
    let position = |part: &&str| {
        let (name, id) = part.split_once('.')?;
        Some((ChannelName::parse(name).ok()?, MessageId::parse(id)?))
    };
    parts.iter().map(position).collect()
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(id) => id.fmt(formatter),
            Self::Messages(positions) => {
                for (number, (name, id)) in positions.iter().enumerate() {
                    let comma = if number == 0 { "" } else { "," };
                    write!(formatter, "{comma}{}.{id}", name.key())?;
                }
                Ok(())
            }
            Self::Position(position) => position.fmt(formatter),
        }
    }
}

impl Position {
    /// Parses a position; `None` if it is invalid.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain =
            (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_plain { i64::from_str_radix(text, 16).ok().map(Self) } else { None }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_round_trips() {
        let parse = |text: &str| Cursor::parse(text, CursorKind::Messages);
        let cursor = parse("Tidewater.61,telegram.412,tidewater.7").unwrap();
        assert_eq!(cursor.to_string(), "telegram.412,tidewater.61");
        assert_eq!(parse(&cursor.to_string()), Some(cursor.clone()));
        let of = |name: &str| cursor.of(&ChannelName::parse(name).unwrap()).map(MessageId::get);
        assert_eq!((of("TELEGRAM"), of("tidewater"), of("other")), (Some(412), Some(61), None));
        for bad in ["", "61", "tidewater", "tidewater.0", "tidewater.61,", "x.5", "a b.5", "tea:5"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
        let moved = cursor.renamed(|name| match &*name.key() {
            "telegram" => ChannelName::parse("Wire").unwrap(),
            _ => name.clone(),
        });
        assert_eq!(moved.to_string(), "tidewater.61,wire.412");
        let long: Vec<String> = (0..51).map(|number| format!("name{number}.5")).collect();
        assert_eq!(parse(&long.join(",")), None);
    }

    #[test]
    fn cursor_of_one_channel_is_plain_number() {
        let cursor = Cursor::parse("412", CursorKind::Message).unwrap();
        let name = ChannelName::parse("telegram").unwrap();
        assert_eq!((cursor.to_string().as_str(), cursor.of(&name)), ("412", MessageId::new(412)));
        assert_eq!(Cursor::parse("telegram.412", CursorKind::Message), None);
    }
}
