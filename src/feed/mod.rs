//! Feeds: from the model to bytes.
//!
//! [`select`] selects the posts of a feed, [`Feed::build`] builds the neutral document from them, and the writers for
//! RSS 2.0, Atom 1.0 and JSON Feed 1.1 produce its bytes. All formats have the same items, ids, titles and dates. Equal
//! requests give equal bytes: counters (unless requested), file addresses at Telegram and the clock never change a
//! feed.
//!
//! Pure. Knows `text`, `locale`, `model` and `links`, and nothing of HTTP, caches or the source of posts.

pub mod advertising;
pub mod atom;
pub mod content;
mod document;
mod filter;
pub mod json;
pub mod kind;
pub mod language;
mod link;
pub mod opml;
pub mod rss;
mod selection;
pub mod title;

#[cfg(test)]
pub(crate) mod sample;

pub use document::{
    Addresses, Attachment, Author, Feed, Item, ItemSource, MAX_FEED_BYTES, Request, feed_title,
};
pub use filter::wants;
pub use selection::{Candidates, Entry, MAX_POSTS, Selection, WINDOW_HOURS, select, select_first};

use crate::model::Format;

/// Writes a feed in a format (UTF-8).
pub fn write(feed: &Feed, format: Format) -> Vec<u8> {
    match format {
        Format::Rss => rss::write(feed),
        Format::Atom => atom::write(feed),
        Format::Json => json::write(feed),
    }
}
