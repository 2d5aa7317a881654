//! Pages: HTML and one stylesheet, no script.
//!
//! Each page is a struct that its template in `templates/` fills; what is computed for it is computed here.

mod channel;
mod import;
mod merged;
mod post;
mod search;
mod status;
mod words;

use std::sync::LazyLock;
use std::time::Duration;

use askama::Template;
use sha2::{Digest, Sha256};

use super::error::Error;
use super::{Collection, Settings};
use crate::links::Links;
use crate::model::{ChannelName, ChannelSet, FeedOptions, Format, Language, Merged, MergedOptions};

pub(super) use channel::channel;
pub(super) use import::import;
pub(super) use merged::merged;
pub(super) use post::post;
pub(super) use search::{SearchPage, search};
pub(super) use status::status;
pub(super) use words::Words;

/// How long a page that depends on nothing but its address is kept by others.
pub(super) const PAGE_LIFE: Duration = Duration::from_secs(5 * 60);

/// The stylesheet.
pub(super) const STYLE: &str = include_str!("../../../static/style.css");

/// The icon.
pub(super) const ICON: &[u8] = include_bytes!("../../../static/icon.svg");

/// The stylesheet's name changes with its content, so that it can be kept for ever.
pub(super) static STYLE_NAME: LazyLock<String> = LazyLock::new(|| {
    let hash: String =
        Sha256::digest(STYLE.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("style.{hash}.css")
});

/// What every page's frame shows.
struct Frame {
    words: &'static Words,
    title: String,
    start: String,
    search: String,
    style: String,
    icon: String,
    /// `<link rel="alternate">`, most wanted first.
    feeds: Vec<FeedLink>,
}

impl Frame {
    fn new(words: &'static Words, links: &Links, title: String) -> Self {
        Self {
            words,
            title,
            start: links.start(),
            search: links.finds(""),
            style: links.asset(&STYLE_NAME),
            icon: links.asset("icon.svg"),
            feeds: Vec::new(),
        }
    }
}

/// A feed's address as a page shows it.
struct FeedLink {
    format: &'static str,
    media_type: &'static str,
    title: String,
    address: String,
}

/// The feeds of what a title names, most wanted first.
fn feeds(title: &str, address: impl Fn(Format) -> String) -> Vec<FeedLink> {
    let feed = |format: Format| FeedLink {
        format: format.title(),
        media_type: format.media_type(),
        title: format!("{title} ({})", format.title()),
        address: address(format),
    };
    Format::ALL.map(feed).into()
}

#[derive(Template)]
#[template(path = "start.html")]
struct Start<'a> {
    frame: Frame,
    text: &'a str,
    refusal: Option<&'a str>,
    follow: Vec<Followed>,
    collections: Vec<Followed>,
    import: String,
    opml: String,
    example: String,
}

struct Followed {
    name: String,
    page: String,
    feed: String,
}

/// The start page; `refused` is what was pasted into its box, and why that leads nowhere.
pub(super) fn start(
    words: &'static Words,
    links: &Links,
    settings: &Settings,
    refused: Option<(&str, &str)>,
) -> Result<String, Error> {
    let (text, refusal) = refused.map_or(("", None), |(text, refusal)| (text, Some(refusal)));
    let options = FeedOptions::default();
    let followed = |name: &ChannelName| Followed {
        name: format!("@{name}"),
        page: links.channel(name, &options),
        feed: links.feed(name, Format::Rss, &options),
    };
    let asked = MergedOptions::default();
    let collection = |collection: &Collection| {
        let Collection { name, title, channels } = collection;
        let set = ChannelSet::new(channels.clone()).ok()?;
        let merged = Merged::collection(name, title.as_deref(), set);
        Some(Followed {
            name: merged.title().to_owned(),
            page: links.merged(&merged, &asked),
            feed: links.merged_feed(&merged, Format::Rss, &asked),
        })
    };
    let page = Start {
        frame: Frame::new(words, links, words.start.title.to_owned()),
        text,
        refusal,
        follow: settings.follow.iter().map(followed).collect(),
        collections: settings.collections.iter().filter_map(collection).collect(),
        import: links.import(),
        opml: links.opml(&[]),
        example: format!("{}/<channel>/rss.xml", links.base().as_str()),
    };
    render(&page)
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    frame: Frame,
    status: u16,
    heading: &'a str,
    detail: &'a str,
}

/// The page of an error; `None` when even that fails.
pub(super) fn problem(links: &Links, status: u16, heading: &str, detail: &str) -> Option<String> {
    // What went wrong is told in English: so is the page.
    let words = Words::of(Language::English);
    let frame = Frame::new(words, links, format!("{heading} · feedline"));
    render(&Problem { frame, status, heading, detail }).ok()
}

fn render(page: &impl Template) -> Result<String, Error> {
    page.render().map_err(|error| {
        tracing::error!(%error, "a page was not rendered");
        Error::Internal
    })
}
