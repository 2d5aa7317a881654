//! Why a text is none of Telegram's pages.

use super::limits::Limit;
use crate::text::counted;

/// What was given is not a page that can be read.
///
/// The caller knows the circumstances, and makes of it that Telegram throttles (a short answer without structure) or
/// has changed its markup (anything else).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPage {
    #[error("the page exceeds an input limit: {0}")]
    OverLimit(Limit),
    /// It holds no structure that we know.
    #[error("nothing on the page is known to us ({})", counted(.bytes, "byte"))]
    Unrecognised {
        /// Its length.
        bytes: usize,
    },
    /// It holds blocks of messages, and none of them can be read.
    #[error("no message on the page can be read (of {blocks})")]
    NoBlockParsed {
        /// How many.
        blocks: usize,
    },
    /// It holds messages, and nothing is found in any of them.
    #[error("nothing is found in any message on the page (of {blocks})")]
    NothingToShow {
        /// How many.
        blocks: usize,
    },
}

impl From<Limit> for NotAPage {
    fn from(limit: Limit) -> Self {
        Self::OverLimit(limit)
    }
}

impl NotAPage {
    /// Whether it is shorter than any page of Telegram's and holds nothing that we know: what a throttled client gets.
    pub fn is_stub(&self) -> bool {
        matches!(self, Self::Unrecognised { bytes } if *bytes < 500)
    }
}
