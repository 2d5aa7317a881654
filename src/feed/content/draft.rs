//! Writes the HTML of a post. Content is escaped only here.

use std::fmt::Write as _;

use super::{Context, Place};
use crate::links;
use crate::locale::Words;
use crate::model::{File, Media, MessageId, Post};
use crate::text::html::{self, SpoilerStyle};
use crate::text::{Address, RichText, clean};

pub(super) struct Draft<'a> {
    pub(super) post: &'a Post,
    pub(super) context: &'a Context<'a>,
    pub(super) words: &'static Words,
    html: String,
}

impl<'a> Draft<'a> {
    pub(super) fn new(post: &'a Post, context: &'a Context<'a>) -> Self {
        Self { post, context, words: Words::of(context.language), html: String::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.html.is_empty()
    }

    pub(super) fn finish(self) -> String {
        self.html
    }

    pub(super) fn is_page(&self) -> bool {
        self.context.place == Place::Page
    }

    /// Appends feedline's own HTML.
    pub(super) fn raw(&mut self, html: &'static str) {
        self.html.push_str(html);
    }

    /// Appends a start tag, with a class on pages.
    pub(super) fn open(&mut self, element: &'static str, class: &'static str) {
        if self.is_page() {
            let _ = write!(self.html, "<{element} class=\"{class}\">");
        } else {
            let _ = write!(self.html, "<{element}>");
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        html::escape(&clean(text), &mut self.html);
    }

    pub(super) fn attribute(&mut self, name: &'static str, value: &str) {
        let _ = write!(self.html, " {name}=\"");
        self.text(value);
        self.html.push('"');
    }

    pub(super) fn link(&mut self, address: &str, text: &str) {
        html::write_link(&clean(address), &clean(text), &mut self.html);
    }

    /// Appends a link if the reader can open the address, else its text.
    pub(super) fn maybe_link(&mut self, address: Option<&Address>, text: &str) {
        match address {
            Some(address) if address.is_web() || self.is_page() && address.is_app() => {
                let page = self.context.page.map(|page| page.text);
                html::write_address(address.as_str(), &clean(text), page, &mut self.html);
            }
            _ => self.text(text),
        }
    }

    /// The address of a file.
    pub(super) fn file(&self, media: &Media) -> String {
        self.context.links.media(&self.post.channel, media, self.context.media)
    }

    /// The address of a video's poster or a file's thumbnail.
    pub(super) fn poster(&self, message: MessageId, picture: &Address) -> String {
        self.address(File::Poster(message), picture)
    }

    /// The address of the picture of a link preview, invoice or game.
    pub(super) fn preview(&self, picture: &Address) -> String {
        self.address(File::Preview(self.post.id), picture)
    }

    fn address(&self, file: File, picture: &Address) -> String {
        let Self { post, context, .. } = self;
        context.links.file(&post.channel, file, picture.as_str(), context.media)
    }

    /// The address of a message of the channel at Telegram.
    pub(super) fn telegram(&self, message: MessageId) -> String {
        links::telegram_post(&self.post.channel, message)
    }

    /// Appends the post's text, on a page with its language.
    pub(super) fn post_text(&mut self, text: &RichText) {
        match self.context.page {
            Some(page) if !text.is_empty() => {
                self.raw("<div class=\"text\"");
                self.attribute("lang", page.language);
                self.raw(">");
                self.rich(text);
                self.raw("</div>");
            }
            _ => self.rich(text),
        }
    }

    pub(super) fn rich(&mut self, text: &RichText) {
        let Self { post, context, .. } = *self;
        let links = context.links;
        let page = links.post(&post.channel, post.id);
        let context = html::Context {
            tag: &|tag| links.tagged(&post.channel, tag),
            emoji: &|id| {
                if context.shows_files() { links.emoji(id, context.media) } else { None }
            },
            spoilers: match context.place {
                Place::Feed => SpoilerStyle::Link(&page),
                Place::Page => SpoilerStyle::Reveal,
            },
            page: context.page.map(|page| page.text),
        };
        text.write_html(&context, &mut self.html);
    }
}
