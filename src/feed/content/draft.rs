//! HTML under way: the only place where content is escaped.

use std::fmt::Write as _;

use super::{Context, Place};
use crate::links;
use crate::locale::Words;
use crate::model::{Media, MessageId, Post};
use crate::text::html::{self, Spoilers};
use crate::text::{Address, RichText, clean};

/// The HTML of a post while it is written.
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

    /// Our own elements.
    pub(super) fn raw(&mut self, html: &'static str) {
        self.html.push_str(html);
    }

    /// An element's start, with a class on pages.
    pub(super) fn open(&mut self, element: &'static str, class: &'static str) {
        if self.is_page() {
            let _ = write!(self.html, "<{element} class=\"{class}\">");
        } else {
            let _ = write!(self.html, "<{element}>");
        }
    }

    /// Characters from outside.
    pub(super) fn text(&mut self, text: &str) {
        html::escape(&clean(text), &mut self.html);
    }

    /// An attribute with its value.
    pub(super) fn attribute(&mut self, name: &'static str, value: &str) {
        let _ = write!(self.html, " {name}=\"");
        self.text(value);
        self.html.push('"');
    }

    /// A link with plain text.
    pub(super) fn link(&mut self, address: &str, text: &str) {
        html::write_link(&clean(address), &clean(text), &mut self.html);
    }

    /// A link if it can be followed where the HTML will stand, else its text.
    pub(super) fn maybe_link(&mut self, address: Option<&Address>, text: &str) {
        let open = |address: &&Address| address.is_web() || (self.is_page() && address.is_app());
        let Some(address) = address.filter(open) else { return self.text(text) };
        let page = self.context.page.map(|page| page.text);
        match page.and_then(|page| Some((page, (page.ours)(address.as_str())?))) {
            Some((page, ours)) => {
                self.link(&ours, text);
                if let Some(there) = page.in_telegram {
                    html::write_there_link(address.as_str(), there, &mut self.html);
                }
            }
            None => self.link(address.as_str(), text),
        }
    }

    /// The address of a file.
    pub(super) fn file(&self, media: &Media) -> String {
        let Context { links, media: mode, .. } = self.context;
        links.media(&self.post.channel, media, *mode)
    }

    /// The address of the still picture of a message's film, or of its file's thumbnail.
    pub(super) fn poster(&self, message: MessageId, picture: &Address) -> String {
        let Context { links, media: mode, .. } = self.context;
        links.poster(&self.post.channel, message, picture, *mode)
    }

    /// The address of the picture of a linked page, of something for sale or of a game.
    pub(super) fn preview(&self, picture: &Address) -> String {
        let Context { links, media: mode, .. } = self.context;
        links.preview(&self.post.channel, self.post.id, picture, *mode)
    }

    /// A message of the channel at Telegram.
    pub(super) fn telegram(&self, message: MessageId) -> String {
        links::telegram_post(&self.post.channel, message)
    }

    /// What the author wrote as the post's text; a page says in which language.
    pub(super) fn words_of_author(&mut self, text: &RichText) {
        let Some(page) = self.context.page.filter(|_| !text.is_empty()) else {
            return self.rich(text);
        };
        self.html.push_str("<div class=\"text\"");
        self.attribute("lang", page.language);
        self.html.push('>');
        self.rich(text);
        self.html.push_str("</div>");
    }

    /// What the author wrote.
    pub(super) fn rich(&mut self, text: &RichText) {
        let (channel, links) = (&self.post.channel, self.context.links);
        let page = links.post(channel, self.post.id);
        let tag = |tag: &str| links.tagged(channel, tag);
        let shows_files = self.context.shows_files();
        let emoji = |id: u64| if shows_files { links.emoji(id, self.context.media) } else { None };
        let context = html::Context {
            tag: &tag,
            emoji: &emoji,
            spoilers: match self.context.place {
                Place::Feed => Spoilers::Link(&page),
                Place::Page => Spoilers::Reveal,
            },
            app_links: self.context.place == Place::Page,
            page: self.context.page.map(|page| page.text),
        };
        text.write_html(&context, &mut self.html);
    }
}
