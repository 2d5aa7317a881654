//! A post as it stands on a page, and how many of them a page holds.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use super::context::Context;
use crate::feed::{content, language};
use crate::links;
use crate::model::{Channel, FeedOptions, Post, StoredPost};
use crate::text::{RichText, Spoilers};

/// The most posts of a page.
pub(in crate::web) const MOST_POSTS: usize = 20;

/// The bytes of HTML that the posts of a page take together: with all around them a page stays under 100 KB.
const ROOM: usize = 76 * 1024;

/// The bytes of HTML that one post takes among others: Telegram's longest texts take less than half of it.
const LONGEST: usize = 16 * 1024;

/// The same on its own page.
pub(super) const LONGEST_ALONE: usize = 64 * 1024;

/// The most files, rows of buttons and answers that are left of a post that is too long.
const MOST_PARTS: usize = 12;

/// The posts by whose text the language of a page is detected.
const SAMPLED: usize = 8;

/// A post as it stands on a page.
pub(super) struct Item {
    pub(super) page: String,
    pub(super) telegram: String,
    /// RFC 3339.
    pub(super) datetime: String,
    /// The day on which it was published, in the operator's zone.
    pub(super) date: NaiveDate,
    /// `14:05`.
    pub(super) clock: String,
    /// The day and the time.
    pub(super) when: String,
    pub(super) edited: bool,
    pub(super) author: Option<String>,
    /// Its channel, on a page of several: title and page.
    pub(super) channel: Option<(String, String)>,
    /// HTML.
    pub(super) content: String,
    /// There is more of it than is shown.
    pub(super) is_cut: bool,
}

impl Item {
    /// A post among others; `usual` is the language in which most of these are written.
    pub(super) fn new(
        context: &Context<'_>,
        stored: &StoredPost,
        options: &FeedOptions,
        channel: Option<&Channel>,
        usual: &'static str,
    ) -> Self {
        let post = &stored.post;
        let (content, is_cut) = content(context, post, options, usual, LONGEST);
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

    /// The same, on a page of several channels.
    pub(super) fn of_channel(self, title: String, page: String) -> Self {
        Self { channel: Some((title, page)), ..self }
    }
}

/// As many of the posts as a page has room for: the first one in any case.
pub(super) fn fitting(items: impl Iterator<Item = Item>) -> Vec<Item> {
    let mut left = ROOM;
    let mut fitting = Vec::new();
    for item in items.take(MOST_POSTS) {
        if item.content.len() > left && !fitting.is_empty() {
            break;
        }
        left = left.saturating_sub(item.content.len());
        fitting.push(item);
    }
    fitting
}

/// A post's HTML, at most about so long, and whether something of it is missing.
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
    // Our own words are those of the page, not those of the channel.
    let own = context.words.language();
    let place = content::Context::new(content::Place::Page, context.links, own, options);
    let place = place.on_page(page);
    let html = content::write(post, &place);
    if html.len() <= most {
        return (html, false);
    }
    // SECURITY: a post made to be huge -> it is cut to what is as long as a page may be, and linked.
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

/// The beginning of a post: its text and captions in so much weight, and some of its parts.
fn shortened(post: &Post, most: usize) -> Post {
    let mut short = post.clone();
    let cut = |text: &mut RichText, most| {
        if let Some(cut) = text.shortened(most) {
            *text = cut;
        }
    };
    cut(&mut short.text, most);
    short.media.truncate(MOST_PARTS);
    short.documents.truncate(MOST_PARTS);
    for document in &mut short.documents {
        cut(&mut document.caption, most / MOST_PARTS);
    }
    if let Some(preview) = &mut short.link_preview {
        cut(&mut preview.description, most / MOST_PARTS);
    }
    if let Some(poll) = &mut short.poll {
        poll.options.truncate(MOST_PARTS);
    }
    short.buttons.truncate(MOST_PARTS);
    short.reactions.clear();
    for row in &mut short.buttons {
        row.truncate(MOST_PARTS);
    }
    short
}

/// The language in which most of the posts are written.
pub(super) fn usual_language<'a>(posts: impl Iterator<Item = &'a Arc<StoredPost>>) -> &'static str {
    let said = posts.map(|stored| stored.post.text.plain(Spoilers::Show));
    language::tag(said.filter(|text| !text.is_empty()).take(SAMPLED))
}

/// RFC 3339, to the second.
pub(super) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Where a post opens in Telegram's app.
pub(super) fn app(post: &Post) -> String {
    format!("tg://resolve?domain={}&post={}", post.channel, post.id)
}
