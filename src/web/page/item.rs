//! A post on a page, posts grouped by day, and the size limits of pages.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use super::context::Context;
use crate::feed::{content, language};
use crate::links;
use crate::model::{Channel, FeedOptions, Post, StoredPost};
use crate::text::{RichText, Spoilers};

/// The most posts of a page.
pub(in crate::web) const MAX_POSTS: usize = 20;

/// The limit of all posts' HTML, in bytes. With everything around them, a page stays under 100 KB.
const MAX_CONTENT: usize = 76 * 1024;

/// The limit of a post's HTML on a page of several, in bytes. Telegram's longest texts take less than half of it.
const MAX_ITEM: usize = 16 * 1024;

/// The same on the post's own page.
pub(super) const MAX_ALONE: usize = 64 * 1024;

/// The most files, button rows and poll options that remain of a truncated post.
const MAX_PARTS: usize = 12;

/// The number of posts for language detection.
const SAMPLED: usize = 8;

pub(super) struct Item {
    pub(super) page: String,
    pub(super) telegram: String,
    /// RFC 3339.
    pub(super) datetime: String,
    /// The day of publication, in the operator's time zone.
    pub(super) date: NaiveDate,
    /// `14:05`.
    pub(super) clock: String,
    /// Day and time.
    pub(super) when: String,
    pub(super) edited: bool,
    pub(super) author: Option<String>,
    /// On a page of several channels: the channel's title and page.
    pub(super) channel: Option<(String, String)>,
    /// HTML.
    pub(super) content: String,
    /// The content is truncated.
    pub(super) is_cut: bool,
}

impl Item {
    /// A post in a list; `usual` is the language of most posts.
    pub(super) fn new(
        context: &Context<'_>,
        stored: &StoredPost,
        options: &FeedOptions,
        channel: Option<&Channel>,
        usual: &'static str,
    ) -> Self {
        let post = &stored.post;
        let (content, is_cut) = content(context, post, options, usual, MAX_ITEM);
        let sender = post.sender.as_ref().map(|sender| sender.name.clone());
        let local = context.settings.time_zone.local(post.published);
        Self {
            page: context.links.post(&post.channel, post.id),
            telegram: links::telegram_post(&post.channel, post.id),
            datetime: rfc3339(post.published),
            date: local.date,
            clock: local.clock,
            when: context.when(post.published),
            edited: post.edited,
            author: post
                .signature
                .clone()
                .or(sender)
                .filter(|name| channel.is_none_or(|channel| channel.title != *name)),
            channel: None,
            content,
            is_cut,
        }
    }

    /// Adds the channel, for a page of several.
    pub(super) fn of_channel(self, title: String, page: String) -> Self {
        Self { channel: Some((title, page)), ..self }
    }
}

/// The posts of a day, in the operator's time zone.
pub(super) struct Day {
    /// `7 March 2026`.
    pub(super) heading: String,
    /// `2026-03-07`.
    pub(super) date: String,
    pub(super) items: Vec<Item>,
}

/// Groups consecutive posts of the same day.
pub(super) fn by_day(context: &Context<'_>, items: Vec<Item>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for item in items {
        let key = item.date.to_string();
        match days.last_mut().filter(|day| day.date == key) {
            Some(day) => day.items.push(item),
            None => {
                let heading = context.words.date(item.date);
                days.push(Day { heading, date: key, items: vec![item] });
            }
        }
    }
    days
}

/// As many posts as fit on a page, at least one.
pub(super) fn fitting(items: impl Iterator<Item = Item>) -> Vec<Item> {
    let mut left = MAX_CONTENT;
    let mut fitting = Vec::new();
    for item in items.take(MAX_POSTS) {
        if item.content.len() > left && !fitting.is_empty() {
            break;
        }
        left = left.saturating_sub(item.content.len());
        fitting.push(item);
    }
    fitting
}

/// A post's HTML within `most` bytes, and whether it is truncated.
pub(super) fn content(
    context: &Context<'_>,
    post: &Post,
    options: &FeedOptions,
    usual: &'static str,
    most: usize,
) -> (String, bool) {
    let written_in = language::tag_among(&post.text.plain(Spoilers::Show), usual);
    let ours = |address: &str| context.ours(address);
    let page = content::Page { text: context.text(&ours), language: written_in };
    // Labels are in the language of the page, not of the channel.
    let own = context.words.language();
    let place = content::Context::new(content::Place::Page, context.links, own, options);
    let place = place.on_page(page);
    let html = content::write(post, &place);
    if html.len() <= most {
        return (html, false);
    }
    // SECURITY: huge posts make pages of unlimited size -> content is truncated to the limit, and links to the whole
    // post.
    for part in [2, 8, 32] {
        let html = content::write(&shortened(post, most / part), &place);
        if html.len() <= most {
            return (html, true);
        }
    }
    let bare = Post {
        text: RichText::from_plain(&crate::feed::title::build(post, own)),
        ..Post::new(post.channel.clone(), post.id, post.published)
    };
    (content::write(&bare, &place), true)
}

/// A truncated post: text and captions within weight limits, and the first of its parts.
fn shortened(post: &Post, most: usize) -> Post {
    let mut short = post.clone();
    let cut = |text: &mut RichText, most| {
        if let Some(cut) = text.shortened(most) {
            *text = cut;
        }
    };
    cut(&mut short.text, most);
    short.media.truncate(MAX_PARTS);
    short.documents.truncate(MAX_PARTS);
    for document in &mut short.documents {
        cut(&mut document.caption, most / MAX_PARTS);
    }
    if let Some(preview) = &mut short.link_preview {
        cut(&mut preview.description, most / MAX_PARTS);
    }
    if let Some(poll) = &mut short.poll {
        poll.options.truncate(MAX_PARTS);
    }
    short.buttons.truncate(MAX_PARTS);
    short.reactions.clear();
    for row in &mut short.buttons {
        row.truncate(MAX_PARTS);
    }
    short
}

/// The language of most posts.
pub(super) fn usual_language<'a>(posts: impl Iterator<Item = &'a Arc<StoredPost>>) -> &'static str {
    let said = posts.map(|stored| stored.post.text.plain(Spoilers::Show));
    language::tag(said.filter(|text| !text.is_empty()).take(SAMPLED))
}

/// RFC 3339, in seconds.
pub(in crate::web) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The URL that opens a post in Telegram's app.
pub(super) fn app(post: &Post) -> String {
    format!("tg://resolve?domain={}&post={}", post.channel, post.id)
}
