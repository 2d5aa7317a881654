//! A post's content as HTML, for feeds and for our own pages.
//!
//! In this order: where it was forwarded from, what it answers, text, media, files, place, contact, poll, what is for
//! sale, game, link preview, buttons, notice of what Telegram's page cannot show, counters if asked for. Feeds get
//! plain elements that readers keep; pages get classes, spoilers that open, and `tg:` links beside.
//!
//! Each file of a post is named exactly once. What has no file at Telegram's page (music, documents, too big films)
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

pub use media::thumbnail;
pub use plain::plain;

use draft::Draft;

/// Where the HTML will stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In an item of a feed.
    Feed,
    /// On a page of ours, with our stylesheet.
    Page,
}

/// What a page does beside showing the content.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Where its links lead, and the words of its boxes.
    pub text: html::Page<'a>,
    /// The language in which the author writes: BCP 47, empty when it is not known.
    pub language: &'a str,
}

/// All that decides a post's HTML beside the post.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Where it will stand.
    pub place: Place,
    /// The addresses to print.
    pub links: &'a Links,
    /// The language of our own words.
    pub language: Language,
    /// How much is given.
    pub content: options::Content,
    /// Where files are.
    pub media: MediaMode,
    /// Whether counters are shown.
    pub stats: bool,
    /// What our own page does beside; none in a feed.
    pub page: Option<Page<'a>>,
}

impl<'a> Context<'a> {
    /// What a feed's options ask for.
    pub fn new(place: Place, links: &'a Links, language: Language, options: &FeedOptions) -> Self {
        Self {
            place,
            links,
            language,
            content: options.content(),
            media: match place {
                Place::Feed => options.media(),
                // No address of a page leads elsewhere than the operator decides for all pages.
                Place::Page => match (options.media(), links.defaults().media()) {
                    (MediaMode::Redirect, MediaMode::Proxy) => MediaMode::Proxy,
                    (asked, _) => asked,
                },
            },
            stats: options.stats(),
            page: None,
        }
    }

    /// The same for a page of ours.
    pub fn on_page(self, page: Page<'a>) -> Self {
        Self { place: Place::Page, page: Some(page), ..self }
    }

    /// Whether pictures, films and sounds are in the content, not only their names.
    pub fn shows_files(&self) -> bool {
        self.content == options::Content::Full && self.media != MediaMode::None
    }
}

/// The post as HTML; never empty.
pub fn write(post: &Post, context: &Context<'_>) -> String {
    let mut draft = Draft::new(post, context);
    origin::forward(&mut draft);
    origin::reply(&mut draft);
    draft.words_of_author(&post.text);
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
        origin::nothing(&mut draft);
    }
    draft.finish()
}

#[cfg(test)]
mod tests;
