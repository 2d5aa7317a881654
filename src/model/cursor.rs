//! Where a page of several channels ends.

use std::fmt::Write as _;
use std::sync::Arc;

use super::{BadOption, ChannelName, MessageId};

/// The most channels that are read as one.
pub const MOST_CHANNELS: usize = 50;

/// Where a page of several channels ends: of each, the post before which the next page begins. A channel that is not in it
/// begins with its newest post. Written `telegram.412,tidewater.61`.
///
/// A number of a message would say nothing, for each channel counts its own; a date would lose posts of the same second,
/// and posts that a channel was late with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cursor(Arc<[(ChannelName, MessageId)]>);

impl Cursor {
    /// The value of `before`.
    ///
    /// # Errors
    /// [`BadOption`] when it is none that a page's address carries.
    pub fn parse(text: &str) -> Result<Self, BadOption> {
        let bad = || BadOption::value("before", text);
        let position = |part: &str| {
            let (name, id) = part.split_once('.')?;
            Some((ChannelName::parse(name).ok()?, MessageId::parse(id)?))
        };
        let mut positions = Vec::new();
        for part in text.split(',') {
            if positions.len() == MOST_CHANNELS {
                return Err(bad());
            }
            positions.push(position(part).ok_or_else(bad)?);
        }
        Ok(Self::new(positions))
    }

    /// These positions; of a name that comes twice, the first counts.
    pub fn new(mut positions: Vec<(ChannelName, MessageId)>) -> Self {
        positions.sort_by(|(one, _), (other, _)| one.cmp(other));
        positions.dedup_by(|(one, _), (other, _)| one == other);
        Self(positions.into())
    }

    /// The post of a channel before which the page begins.
    pub fn of(&self, channel: &ChannelName) -> Option<MessageId> {
        let at = self.0.binary_search_by(|(name, _)| name.cmp(channel)).ok()?;
        self.0.get(at).map(|(_, id)| *id)
    }

    /// The same with other names for channels that have been renamed.
    pub fn renamed(&self, now: &dyn Fn(&ChannelName) -> ChannelName) -> Self {
        Self::new(self.0.iter().map(|(name, id)| (now(name), *id)).collect())
    }

    /// The value of `before`.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (name, id) in self.0.iter() {
            let comma = if text.is_empty() { "" } else { "," };
            let _ = write!(text, "{comma}{}.{id}", name.key());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let cursor = Cursor::parse("Tidewater.61,telegram.412,tidewater.7").unwrap();
        assert_eq!(cursor.to_text(), "telegram.412,tidewater.61");
        assert_eq!(Cursor::parse(&cursor.to_text()), Ok(cursor.clone()));
        let of = |name: &str| cursor.of(&ChannelName::parse(name).unwrap()).map(MessageId::get);
        assert_eq!((of("TELEGRAM"), of("tidewater"), of("other")), (Some(412), Some(61), None));
        for bad in ["", "61", "tidewater", "tidewater.0", "tidewater.61,", "x.5", "a b.5", "tea:5"]
        {
            let error = Cursor::parse(bad).unwrap_err().to_string();
            assert!(error.contains("“before”"), "{bad}: {error}");
        }
        let moved = cursor.renamed(&|name| match &*name.key() {
            "telegram" => ChannelName::parse("Wire").unwrap(),
            _ => name.clone(),
        });
        assert_eq!(moved.to_text(), "tidewater.61,wire.412");
        let long: Vec<String> = (0..51).map(|number| format!("name{number}.5")).collect();
        assert!(Cursor::parse(&long.join(",")).is_err());
    }
}
