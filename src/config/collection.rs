//! `[collections.<name>]`: named sets of channels.

use std::fmt;

use super::Config;
use super::channel;
use super::error::Why;
use super::value::Given;
use crate::model::ChannelName;

/// The most channels of a collection: as many as one merged feed takes.
pub(super) const MOST_CHANNELS: usize = 50;

/// The longest name, in characters.
const LONGEST_NAME: usize = 64;

/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// The keys of a collection.
pub(super) const KEYS: [&str; 2] = ["title", "channels"];

/// A named set of channels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collection {
    /// What people call it; `None`: by its name.
    pub title: Option<String>,
    /// Its channels, each once.
    pub channels: Vec<ChannelName>,
}

/// A name that can stand in an address and in a variable: 1 to 64 of `a–z 0–9 - _`, the first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CollectionName(Box<str>);

impl CollectionName {
    /// The name as it stands in the file and in addresses.
    ///
    /// # Errors
    /// [`BadCollectionName`] when it is empty, too long or holds other characters.
    pub fn parse(text: &str) -> Result<Self, BadCollectionName> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let well_formed = (1..=LONGEST_NAME).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.bytes().all(|byte| plain(byte) || matches!(byte, b'-' | b'_'));
        if well_formed { Ok(Self(text.into())) } else { Err(BadCollectionName) }
    }

    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CollectionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Not a name of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The name of a collection has 1 to 64 of a–z, 0–9, “-” and “_” and begins with a letter or digit."
)]
pub struct BadCollectionName;

/// What one key of a collection takes; `None` when there is no such key.
pub(super) fn takes(key: &str) -> Option<&'static str> {
    match key {
        "" => Some("`title` and `channels`"),
        "title" => Some("a title of at most 200 characters"),
        "channels" => {
            Some("a list of 1 to 50 channels, such as [\"telegram\", \"https://t.me/durov\"]")
        }
        _ => None,
    }
}

/// Sets one key of a collection; the empty key makes a collection without anything.
pub(super) fn set(config: &mut Config, name: &str, key: &str, given: &Given) -> Result<(), Why> {
    let name = CollectionName::parse(name)?;
    if key.is_empty() && !given.is_empty_table() {
        return Err(Why::Shape);
    }
    let collection = config.collections.entry(name).or_default();
    match key {
        "title" => {
            let title = crate::text::clean(given.text()?).trim().to_owned();
            if title.chars().count() > LONGEST_TITLE {
                return Err(Why::Shape);
            }
            collection.title = Some(title).filter(|title| !title.is_empty());
        }
        "channels" => collection.channels = channel::parse_list(given, MOST_CHANNELS)?,
        _ => {}
    }
    Ok(())
}
