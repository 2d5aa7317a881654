//! Feeds: model in, bytes out.
//!
//! [`select`] decides which posts a feed holds, [`Feed::build`] makes the neutral document from them, and a writer
//! each for RSS 2.0, Atom 1.0 and JSON Feed 1.1 gives its bytes. The document holds everything that a reader can
//! notice, so the formats carry the same items, ids, titles and dates; equal requests give equal bytes.
//!
//! [`Feed::of_several`] makes one of posts of several channels, with each post's channel as its source.
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

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use document::{
    Addresses, Attachment, Author, Entry, Feed, Item, LARGEST, Several, Source, feed_title,
};
pub use filter::wants;
pub use selection::{
    MOST_POSTS, Part, Passed, Selection, SeveralSelection, WINDOW_HOURS, select, select_several,
};

use crate::links::Links;
use crate::model::{FeedDefaults, FeedOptions, Format, Language, Snapshot, StoredPost};

/// All that decides a feed's bytes.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The channel as of its last refresh.
    pub snapshot: &'a Snapshot,
    /// The posts to select from, newest first: those of the snapshot, or what a search or an older page gave.
    pub posts: &'a [Arc<StoredPost>],
    /// What was looked at beside `posts`.
    pub passed: Passed,
    /// Nothing older than what was looked at exists.
    pub reaches_start: bool,
    /// What the feed is asked to be.
    pub options: &'a FeedOptions,
    /// What it is when not asked; only the window is looked at.
    pub defaults: &'a FeedDefaults,
    /// Where the window of 24 hours ends: the newest post's date. (From the clock, posts would leave a feed hour by hour
    /// without anything having been said.) For nothing else.
    pub now: DateTime<Utc>,
    /// The addresses to print.
    pub links: &'a Links,
    /// The language of our own words.
    pub language: Language,
    /// The TTL that the posts' rhythm gives a snapshot: readers need not ask again before.
    pub ttl: Duration,
}

/// A feed's bytes in a format (UTF-8).
pub fn write(feed: &Feed, format: Format) -> Vec<u8> {
    match format {
        Format::Rss => rss::write(feed),
        Format::Atom => atom::write(feed),
        Format::Json => json::write(feed),
    }
}
