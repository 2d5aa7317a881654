//! A post's page, and a post on any page.

use askama::Template;

use super::words::Words;
use super::{Error, Frame, feeds, render};
use crate::bridge::PostView;
use crate::feed::{content, title};
use crate::links::{self, Links};
use crate::model::{Channel, FeedOptions, KeptPost, Language};
use crate::web::TimeZone;

#[derive(Template)]
#[template(path = "post.html")]
struct Page {
    frame: Frame,
    channel_title: String,
    channel: String,
    more_of: String,
    item: Item,
    newer: Option<Neighbour>,
    older: Vec<Neighbour>,
}

/// A post as it stands on a page.
pub(super) struct Item {
    pub(super) page: String,
    pub(super) telegram: String,
    pub(super) app: String,
    /// RFC 3339.
    pub(super) datetime: String,
    pub(super) time: String,
    pub(super) edited: bool,
    /// What language the content is in, as far as we know: BCP 47, or empty.
    pub(super) language: &'static str,
    pub(super) author: Option<String>,
    /// Its channel, on a page of several: title and page.
    pub(super) channel: Option<(String, String)>,
    /// HTML.
    pub(super) content: String,
}

struct Neighbour {
    page: String,
    title: String,
}

/// A post's page.
pub(in crate::web) fn post(
    words: &'static Words,
    links: &Links,
    view: &PostView,
    time_zone: &TimeZone,
) -> Result<String, Error> {
    let kept = &view.kept;
    let name = &kept.post.channel;
    let known = view.known.as_ref();
    let language = known.map(|known| known.language).unwrap_or_default();
    let mut frame = Frame::new(
        words,
        links,
        format!("{} · {}", title::build(&kept.post, language), view.title),
    );
    // Only a group's posts have senders, and a group has no list of posts to make a page or feeds of.
    let is_group = kept.post.sender.is_some();
    if !is_group {
        frame.feeds =
            feeds(&view.title, |format| links.feed(name, format, &FeedOptions::default()));
    }
    let neighbour = |kept: &KeptPost| Neighbour {
        page: links.post(&kept.post.channel, kept.post.id),
        title: title::build(&kept.post, language),
    };
    let page = Page {
        frame,
        channel_title: view.title.clone(),
        channel: if is_group {
            links::telegram_channel(name)
        } else {
            links.channel(name, &FeedOptions::default())
        },
        more_of: (words.post.more_of)(name.as_str()),
        item: Item::new(
            links,
            kept,
            language,
            &FeedOptions::default().with_media(links.defaults().media()),
            known.map(|known| &known.snapshot.channel),
            time_zone,
        ),
        newer: view.newer.as_deref().map(neighbour),
        older: view.older.iter().map(|kept| neighbour(kept)).collect(),
    };
    render(&page)
}

impl Item {
    pub(super) fn new(
        links: &Links,
        kept: &KeptPost,
        language: Language,
        options: &FeedOptions,
        channel: Option<&Channel>,
        time_zone: &TimeZone,
    ) -> Self {
        let post = &kept.post;
        let sender = post.sender.as_ref().map(|sender| sender.name.clone());
        Self {
            page: links.post(&post.channel, post.id),
            telegram: links::telegram_post(&post.channel, post.id),
            app: format!("tg://resolve?domain={}&post={}", post.channel, post.id),
            datetime: post.published.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            time: time_zone.format(post.published),
            edited: post.edited,
            language: tag(language),
            author: post
                .signature
                .clone()
                .or(sender)
                .filter(|name| channel.is_none_or(|channel| channel.title != *name)),
            channel: None,
            content: content::write(
                post,
                &content::Context::new(content::Place::Page, links, language, options),
            ),
        }
    }
}

impl Item {
    /// The same, on a page of several channels.
    pub(super) fn of_channel(self, title: String, page: String) -> Self {
        Self { channel: Some((title, page)), ..self }
    }
}

/// English is also what stands in for every language in which we have no words: of it nothing is known.
fn tag(language: Language) -> &'static str {
    match language {
        Language::Russian => "ru",
        Language::English => "",
    }
}
