//! A post's content as HTML, for feeds and for feedline's own pages.
//!
//! The parts in order: forward origin, answered post, text, media, files, place, contact, poll, invoice, game, link
//! preview, buttons, notice of unsupported content, counters if requested. Feeds get plain elements that readers keep.
//! Pages get classes, spoilers that open, and `tg:` links.
//!
//! Each file of a post appears exactly once. A file that Telegram's page does not have (music, documents, large videos)
//! is a line with a link to the post.

mod card;
mod draft;
mod media;
mod origin;
mod plain;
mod poll;

use crate::links::Links;
use crate::model::options::{self, MediaMode};
use crate::model::{FeedOptions, Language, Post};
use crate::text::html;

pub(crate) use media::thumbnail;
pub(crate) use plain::plain;

use draft::Draft;

/// The destination of the HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Feed,
    Page,
}

/// The context that only a page needs.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    pub text: html::Page<'a>,
    /// The author's language: BCP 47, empty if unknown.
    pub language: &'a str,
}

/// Everything but the post that decides the HTML.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub place: Place,
    pub links: &'a Links,
    /// The language of feedline's own words.
    pub language: Language,
    pub content: options::Content,
    pub media: MediaMode,
    /// Whether counters are shown.
    pub stats: bool,
    pub page: Option<Page<'a>>,
}

impl<'a> Context<'a> {
    pub fn new(place: Place, links: &'a Links, language: Language, options: &FeedOptions) -> Self {
        Self {
            place,
            links,
            language,
            content: options.content(),
            media: match (options.media(), links.defaults().media()) {
                // Pages follow the operator's setting.
                (MediaMode::Redirect, MediaMode::Proxy) if place == Place::Page => MediaMode::Proxy,
                (mode, _) => mode,
            },
            stats: options.stats(),
            page: None,
        }
    }

    pub(crate) fn on_page(self, page: Page<'a>) -> Self {
        Self { place: Place::Page, page: Some(page), ..self }
    }

    /// Whether media are embedded instead of named.
    pub(super) fn shows_files(&self) -> bool {
        self.content == options::Content::Full && self.media != MediaMode::None
    }
}

/// The post as HTML; never empty.
pub fn write(post: &Post, context: &Context<'_>) -> String {
    let mut draft = Draft::new(post, context);
    origin::forward(&mut draft);
    origin::reply(&mut draft);
    draft.post_text(&post.text);
    media::media(&mut draft);
    media::documents(&mut draft);
    card::location(&mut draft);
    card::contact(&mut draft);
    poll::write(&mut draft);
    card::invoice(&mut draft);
    card::game(&mut draft);
    if context.content == options::Content::Full {
        card::link_preview(&mut draft);
        card::buttons(&mut draft);
    }
    origin::unsupported(&mut draft);
    if context.stats {
        poll::counters(&mut draft);
    }
    if draft.is_empty() {
        origin::empty(&mut draft);
    }
    draft.finish()
}

#[cfg(test)]
mod tests;
