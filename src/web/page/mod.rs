//! Pages: HTML and one stylesheet, no scripts.
//!
//! Each page is a struct with a template in `templates/`, and its values are computed here. feedline's own texts are in
//! the reader's language (`crate::locale`). Every page is bounded: under 100 KB without its images (`item`).

mod builder;
mod context;
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
pub(super) use item::{MAX_POSTS, rfc3339};
pub(super) use post::post;
pub(super) use posts::{Newer, posts};
pub(super) use problem::{Archived, problem};
pub(super) use search::search;
pub(super) use start::{MAX_FOLLOWED, Refused, preview, start};
pub(super) use status::status;
pub(super) use style::{FEED_STYLE_NAME, ICON, STYLE, STYLE_NAME, feed_style};

/// The TTL of pages that depend on nothing but their URL.
pub(super) const PAGE_TTL: Duration = Duration::from_secs(5 * 60);

/// The common parts of every page.
struct Frame<'a> {
    words: &'static Words,
    links: &'a Links,
    title: String,
    /// `<link rel="alternate">`, in order of preference.
    feeds: Vec<FeedLink>,
    /// Open Graph metadata for link previews.
    meta: Option<Meta>,
}

impl<'a> Frame<'a> {
    fn new(context: &Context<'a>, title: String) -> Self {
        let Context { words, links, .. } = *context;
        Self { words, links, title, feeds: Vec::new(), meta: None }
    }

    fn style(&self) -> String {
        self.links.asset(&STYLE_NAME)
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
    format: Format,
    title: String,
    address: String,
}

/// The feeds of a source in all formats, in order of preference.
fn feeds(title: &str, address: impl Fn(Format) -> String) -> Vec<FeedLink> {
    let title = posts::shown(title);
    let feed = |format: Format| FeedLink {
        format,
        title: format!("{title} ({})", format.title()),
        address: address(format),
    };
    Format::ALL.map(feed).into()
}

fn render(page: &impl Template) -> Result<String, Error> {
    page.render().map_err(|error| {
        tracing::error!(%error, "a page was not rendered");
        Error::Internal
    })
}
