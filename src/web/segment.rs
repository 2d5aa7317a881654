//! The last path segment below a channel.

use crate::model::{Format, MessageId};
use crate::service::File;

/// The suffix of an outline, after the message ID.
const OUTLINE: &str = "-outline.svg";

pub(super) enum Segment {
    /// `rss.xml`, `atom.xml`, `feed.json`.
    Feed(Format),
    /// `12`.
    Post(MessageId),
    /// `12-outline.svg`: the outline of an animated sticker.
    Outline(MessageId),
    /// `12.jpg`, `12-poster.jpg`, `12-preview.jpg`, `avatar.jpg`.
    File(File),
}

impl Segment {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(format) = Format::from_file_name(text) {
            return Some(Self::Feed(format));
        }
        if let Some(id) = MessageId::parse(text) {
            return Some(Self::Post(id));
        }
        match text.strip_suffix(OUTLINE).and_then(MessageId::parse) {
            Some(id) => Some(Self::Outline(id)),
            None => File::parse(text).map(Self::File),
        }
    }
}
