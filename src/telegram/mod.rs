//! Telegram's HTML in, model out.
//!
//! Four ways in, each a pure function of a page's text:
//!
//! - [`preview::parse`]: the list page `t.me/s/<name>`, to a channel and its posts;
//! - [`embed::parse`]: the page of one post, to the post or Telegram's refusal;
//! - [`landing::parse`]: the card `t.me/<name>`, to the kind of thing that a name is;
//! - [`recognise()`]: any of these, or a part of one, saved by a person.
//!
//! A page becomes a tree unless it exceeds an input limit (`limits`), and is walked once. What is strange is a [`Warning`], and the rest stands; only a page of which nothing can be made is an error
//! ([`NotAPage`]). Words of Telegram's reach the model through [`crate::text::Builder`] only, addresses through
//! [`crate::text::Address`], ids through [`crate::model::MessageId`].
//!
//! Pure; knows `text` and `model`, and nothing of how pages are fetched or what becomes of posts.

mod address;
mod app_link;
pub mod embed;
mod error;
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
pub use error::NotAPage;
pub use landing::{Landing, LandingKind};
pub use limits::Limit;
pub use preview::Parsed;
pub use recognise::{Parts, Recognised, recognise};
pub use warning::{Warning, WarningKind};

/// The parser's version, which is kept with each post: to be raised when the same page is read differently, so that posts
/// are rewritten without counting as edited.
pub const PARSER: u32 = 3;

#[cfg(test)]
mod tests;
