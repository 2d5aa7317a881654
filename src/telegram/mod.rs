//! Parses Telegram's web pages into the model.
//!
//! - [`preview::parse`]: the list page `t.me/s/<name>`, a channel with its posts;
//! - [`embed::parse`]: the page of one post, or Telegram's refusal to show it;
//! - [`landing::parse`]: the page `t.me/<name>`, which tells channels, groups, users and bots apart;
//! - [`recognise()`]: a saved page of any of these kinds, or a part of one.
//!
//! A page within the input limits (`limits`) becomes a tree, which is walked once. Unexpected markup is a [`Warning`]. Only
//! a page without any known structure is an error ([`NotAPage`]).

mod address;
mod app_link;
pub mod embed;
mod header;
pub mod landing;
mod limits;
mod message;
pub mod preview;
mod quantity;
mod recognise;
mod selectors;
mod style;
mod tree;
mod warning;

pub use embed::{Answer, Refusal};
pub use landing::{Landing, LandingKind};
pub use limits::Limit;
pub use preview::Parsed;
pub use recognise::{Parts, Recognised, recognise};
pub use warning::{Warning, WarningKind};

use crate::text::counted;

/// Stored with each post. Raise it when the same page is read differently: posts are then updated without counting as edited.
pub const PARSER: u32 = 3;

/// Why a page cannot be read: Telegram throttles (a short answer without structure) or has changed its markup.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPage {
    #[error("the page exceeds an input limit: {0}")]
    OverLimit(#[from] Limit),
    #[error("the page has no known structure ({})", counted(.bytes, "byte"))]
    Unrecognised { bytes: usize },
    #[error("no message on the page can be read (of {blocks})")]
    NoBlockParsed { blocks: usize },
    #[error("no message on the page has known content (of {blocks})")]
    NothingToShow { blocks: usize },
}

impl NotAPage {
    /// Whether the page is shorter than any page of Telegram, without known structure. Throttled clients get such pages.
    pub(crate) fn is_stub(&self) -> bool {
        matches!(self, Self::Unrecognised { bytes } if *bytes < 500)
    }
}

#[cfg(test)]
mod tests;
