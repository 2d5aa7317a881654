//! Pages: HTML and one stylesheet, no scripts.
//!
//! Each page is a struct with a template in `templates/`, and its values are computed here. feedline's own texts are in
//! the reader's language (`crate::locale`). Every page is bounded: under 100 KB without its images (`item`).

mod builder;
mod context;
mod day;
mod filter;
mod import;
mod item;
mod post;
mod posts;
mod problem;
mod search;
mod start;
mod status;
mod style;

use std::time::Duration;

use askama::Template;

use super::error::Error;
use crate::links::Links;
use crate::locale::Words;
use crate::model::Format;

pub(super) use context::Context;
pub(super) use import::import;
pub(super) use item::{MOST_POSTS, rfc3339};
pub(super) use post::post;
pub(super) use posts::{Newer, posts};
pub(super) use problem::{Kept, Ways, problem};
pub(super) use search::search;
pub(super) use start::{MOST_SHOWN, Refused, Start, preview, start};
pub(super) use status::status;
pub(super) use style::{FEED_STYLE_NAME, ICON, STYLE, STYLE_NAME, feed_style};

/// The TTL of pages that depend on nothing but their URL.
pub(super) const PAGE_LIFE: Duration = Duration::from_secs(5 * 60);

/// The common parts of every page.
struct Frame {
    words: &'static Words,
    title: String,
    start: String,
    search: String,
    status: String,
    style: String,
    icon: String,
    /// `<link rel="alternate">`, in order of preference.
    feeds: Vec<FeedLink>,
    /// Open Graph metadata for link previews.
    meta: Option<Meta>,
}

impl Frame {
    fn new(words: &'static Words, links: &Links, title: String) -> Self {
        Self {
            words,
            title,
            start: links.start(),
            search: links.search_page(),
            status: links.asset("status"),
            style: links.asset(&STYLE_NAME),
            icon: links.asset("icon.svg"),
            feeds: Vec::new(),
            meta: None,
        }
    }
}

/// Open Graph metadata.
struct Meta {
    kind: &'static str,
    title: String,
    /// Plain text with masked spoilers; may be empty.
    description: String,
    page: String,
    picture: Option<String>,
}

/// A link to a feed.
struct FeedLink {
    format: &'static str,
    media_type: &'static str,
    title: String,
    address: String,
    /// A `feed:` URL, which opens the system's feed reader.
    by_reader: String,
}

/// The feeds of a source in all formats, in order of preference.
fn feeds(title: &str, address: impl Fn(Format) -> String) -> Vec<FeedLink> {
    let title = posts::shown(title);
    let feed = |format: Format| {
        let address = address(format);
        FeedLink {
            format: format.title(),
            media_type: format.media_type(),
            title: format!("{title} ({})", format.title()),
            by_reader: format!("feed:{address}"),
            address,
        }
    };
    Format::ALL.map(feed).into()
}

fn render(page: &impl Template) -> Result<String, Error> {
    page.render().map_err(|error| {
        tracing::error!(%error, "a page was not rendered");
        Error::Internal
    })
}
