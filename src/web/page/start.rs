//! The start page: a form for names and links, the preview of a channel, and the followed channels.

use askama::Template;
use chrono::{DateTime, Utc};

use super::context::Context;
use super::item::{Item, fitting, rfc3339, usual_language};
use super::posts::{Head, shown};
use super::problem::Archived;
use super::{Error, Frame, Meta, feeds, render};
use crate::feed::title;
use crate::links::Links;
use crate::model::{ChannelName, FeedOptions, Format, Source};
use crate::service::{Listing, Summary};

/// The most followed channels on the page.
pub(in crate::web) const MAX_FOLLOWED: usize = 60;

/// The most collections on the page.
const MAX_COLLECTIONS: usize = 60;

/// The number of posts in a preview.
const PREVIEWED: usize = 3;

/// Example channels, used if too few are followed.
const EXAMPLES: [&str; 3] = ["telegram", "durov", "TelegramTips"];

/// A rejected input of the form.
pub(in crate::web) struct Refused {
    pub(in crate::web) text: String,
    pub(in crate::web) reason: String,
    /// The posts of the channel that the input names.
    pub(in crate::web) archived: Option<Archived>,
}

#[derive(Template)]
#[template(path = "start.html")]
struct Page<'a> {
    frame: Frame<'a>,
    form: Form,
    archived: Option<Archived>,
    /// Input and page.
    examples: Vec<(String, String)>,
    follow: Vec<Row>,
    /// The number of further followed channels.
    more: Option<String>,
    /// Title, page and feed.
    collections: Vec<(String, String, String)>,
    opml: String,
    example: String,
}

/// The form for names and links.
#[derive(Default)]
struct Form {
    text: String,
    refusal: Option<String>,
}

/// A followed channel.
struct Row {
    title: String,
    name: String,
    page: String,
    feed: String,
    avatar: Option<String>,
    last: Option<Last>,
}

/// The newest post of a followed channel.
struct Last {
    title: String,
    page: String,
    /// RFC 3339.
    datetime: String,
    day: String,
}

#[derive(Template)]
#[template(path = "preview.html")]
struct Preview<'a> {
    frame: Frame<'a>,
    head: Head,
    form: Form,
    items: Vec<Item>,
}

/// `followed` has the first followed channels, with a summary if the channel is known.
pub(in crate::web) fn start(
    context: &Context<'_>,
    followed: &[(ChannelName, Option<Summary>)],
    refused: Option<Refused>,
) -> Result<String, Error> {
    let (words, links, settings) = (context.words, context.links, context.settings);
    let more = settings.follow.len().saturating_sub(followed.len());
    let collections = settings.collections.values().take(MAX_COLLECTIONS);
    let mut frame = Frame::new(context, words.tr("start-title").to_owned());
    frame.meta = refused.is_none().then(|| Meta {
        kind: "website",
        title: words.tr("start-title").to_owned(),
        description: words.tr("start-lead").to_owned(),
        page: links.start(),
        picture: None,
    });
    let (form, archived) = match refused {
        Some(Refused { text, reason, archived }) => {
            (Form { text, refusal: Some(reason) }, archived)
        }
        None => (Form::default(), None),
    };
    let page = Page {
        frame,
        form,
        archived,
        examples: examples(context),
        follow: followed.iter().map(|(name, summary)| Row::new(context, name, summary)).collect(),
        more: (more > 0).then(|| words.tr_count("start-more", more)),
        collections: collections.map(|source| collection(links, source)).collect(),
        opml: links.opml(&[]),
        example: format!("{}/<channel>/rss.xml", links.base().as_str()),
    };
    render(&page)
}

/// The preview of a channel: header, feeds with the options of the link, and the newest posts.
pub(in crate::web) fn preview(
    context: &Context<'_>,
    listing: &Listing,
    options: &FeedOptions,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    let links = context.links;
    let state = listing.channels.states.first().ok_or(Error::Internal)?;
    let channel = &state.snapshot.channel;
    let entries = &listing.selection.entries;
    let usual = usual_language(entries.iter().map(|entry| &entry.post));
    let mut frame = Frame::new(context, format!("{} · feedline", shown(&channel.title)));
    frame.feeds = feeds(&channel.title, |format| links.feed(&channel.name, format, options));
    let posts = entries.iter().take(PREVIEWED).map(|entry| &entry.post);
    let items = posts.map(|post| Item::new(context, post, options, Some(channel), usual));
    let head = Head::new(context, &state.snapshot, usual, now);
    let page = Preview {
        frame,
        head: Head { page: links.channel(&channel.name, options), ..head },
        form: Form::default(),
        items: fitting(items),
    };
    render(&page)
}

/// Channels in different notations.
fn examples(context: &Context<'_>) -> Vec<(String, String)> {
    let settings = context.settings;
    let others = EXAMPLES.iter().filter_map(|name| ChannelName::parse(name).ok());
    let mut names: Vec<ChannelName> = settings.follow.iter().take(3).cloned().collect();
    names.extend(others);
    names.retain(|name| settings.serves(name));
    let forms: [fn(&ChannelName) -> String; 3] =
        [|name| format!("@{name}"), |name| format!("https://t.me/{name}"), ToString::to_string];
    let example = |(name, form): (&ChannelName, fn(&ChannelName) -> String)| {
        let text = form(name);
        let page = context.links.pasted(&text);
        (text, page)
    };
    names.iter().zip(forms).map(example).collect()
}

impl Row {
    fn new(context: &Context<'_>, name: &ChannelName, summary: &Option<Summary>) -> Self {
        let links = context.links;
        let channel = summary.as_ref().map(|summary| &summary.channel);
        let name = channel.map_or(name, |channel| &channel.name);
        let newest = summary.as_ref().and_then(|summary| summary.newest.as_ref());
        Self {
            title: channel.map_or_else(|| format!("@{name}"), |channel| shown(&channel.title)),
            name: name.to_string(),
            page: context.page(name),
            feed: links.feed(name, Format::Rss, &FeedOptions::default()),
            avatar: channel.and_then(|channel| context.avatar(channel)),
            last: newest.map(|stored| Last {
                title: title::build(&stored.post, context.words.language()),
                page: links.post(&stored.post.channel, stored.post.id),
                datetime: rfc3339(stored.post.published),
                day: context.day(stored.post.published),
            }),
        }
    }
}

fn collection(links: &Links, source: &Source) -> (String, String, String) {
    let options = FeedOptions::default();
    let feed = links.feed_of(source, Format::Rss, &options);
    (source.title(), links.page(source, &options), feed)
}
