//! Feeds: model in, bytes out.
//!
//! [`select`] decides which posts a feed holds, [`Feed::build`] makes the neutral document from them, and a writer
//! each for RSS 2.0, Atom 1.0 and JSON Feed 1.1 gives its bytes. The document holds everything that a reader can
//! notice, so the formats carry the same items, ids, titles and dates; equal requests give equal bytes.
//!
//! A feed of one channel is about that channel; in a feed of several channels or of a search, each item names its own.
//!
//! A feed is still: counters, file addresses at Telegram and the clock are not in it (DESIGN, "Stillness").
//!
//! Pure. Knows `text`, `model` and `links`; must not know where posts come from, how long they are kept, or HTTP.

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
    Addresses, Attachment, Author, Feed, Item, ItemSource, LARGEST, Request, feed_title,
};
pub use filter::wants;
pub use selection::{Candidates, Entry, MOST_POSTS, Selection, WINDOW_HOURS, select, select_first};

use crate::model::Format;

/// A feed's bytes in a format (UTF-8).
pub fn write(feed: &Feed, format: Format) -> Vec<u8> {
    match format {
        Format::Rss => rss::write(feed),
        Format::Atom => atom::write(feed),
        Format::Json => json::write(feed),
    }
}
