//! The reasons why entries of a list are not used.

use crate::locale::Message;
use crate::model::{BadName, BadRoute, BadSet};

/// The reason why a file, or an entry of a list, is not used as a channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum Reason {
    /// Not a channel.
    Name(#[from] BadName),
    /// Not a set of channels.
    Set(#[from] BadSet),
    /// A feed of another site.
    OtherSite,
    /// An address of feedline with invalid options, or with options that only another server supports.
    Ours,
    /// The list already has it in the same folder.
    Twice,
    /// An outline without an address and without inner outlines.
    NoAddress,
    /// A feed of another site with a scheme that readers do not accept.
    LeftOut,
    /// The operator's settings exclude it.
    NotServed,
    /// A link in a comment.
    Comment,
    /// A heading of the next lines.
    Heading,
    /// The XML is malformed or truncated.
    Broken,
    /// The file declares entities.
    Entities,
    /// XML without any outline.
    NoOutlines,
    /// A ZIP archive.
    Zip,
    /// A gzip file that cannot be unpacked.
    Gzip,
    Binary,
}

impl Reason {
    pub fn message(&self) -> Message {
        match self {
            Self::Name(reason) => reason.message(),
            Self::Set(reason) => reason.message(),
            Self::OtherSite => Message::new("list-not-telegram"),
            Self::Ours => Message::new("list-ours"),
            Self::Twice => Message::new("list-twice"),
            Self::NoAddress => Message::new("list-no-address"),
            Self::LeftOut => Message::new("list-left-out"),
            Self::NotServed => Message::new("error-not-served").detail(),
            Self::Comment => Message::new("list-comment"),
            Self::Heading => Message::new("list-heading"),
            Self::Broken => Message::new("list-broken"),
            Self::Entities => Message::new("list-entities"),
            Self::NoOutlines => Message::new("list-no-outlines"),
            Self::Zip => Message::new("list-zip"),
            Self::Gzip => Message::new("list-gzip"),
            Self::Binary => Message::new("list-binary"),
        }
    }
}

impl From<BadRoute> for Reason {
    fn from(reason: BadRoute) -> Self {
        match reason {
            BadRoute::Name(reason) => Self::Name(reason),
            BadRoute::Set(reason) => Self::Set(reason),
            BadRoute::Unknown | BadRoute::Option(_) => Self::Ours,
        }
    }
}
