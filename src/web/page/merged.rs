//! The page of several channels that are read as one.

use askama::Template;

use super::channel::filter;
use super::post::Item;
use super::words::Words;
use super::{Error, Frame, feeds, render};
use crate::bridge::{Known, MergedPage, Missing};
use crate::links::Links;
use crate::model::{ChannelName, FeedOptions, KeptPost, Merged, MergedOptions};
use crate::web::TimeZone;

#[derive(Template)]
#[template(path = "merged.html")]
struct Page {
    frame: Frame,
    title: String,
    page: String,
    channels: Vec<Member>,
    opml: String,
    filter: Option<String>,
    missing: Vec<Absent>,
    posts: Vec<Item>,
    newest: Option<String>,
    older: Option<String>,
}

/// A channel that is here.
struct Member {
    title: String,
    page: String,
}

/// A channel that is not.
struct Absent {
    name: String,
    page: String,
    why: &'static str,
}

/// The posts of several channels, each with its channel's name.
pub(in crate::web) fn merged(
    words: &'static Words,
    links: &Links,
    merged: &Merged,
    found: &MergedPage,
    asked: &MergedOptions,
    time_zone: &TimeZone,
) -> Result<String, Error> {
    let mut frame = Frame::new(words, links, format!("{} · feedline", merged.title()));
    let first = asked.with_before(None);
    frame.feeds = feeds(merged.title(), |format| links.merged_feed(merged, format, &first));
    let names: Vec<ChannelName> = merged.channels().names().to_vec();
    let item = |(known, kept): &(std::sync::Arc<Known>, std::sync::Arc<KeptPost>)| {
        let channel = &known.snapshot.channel;
        let item = Item::new(links, kept, known.language, &asked.options, Some(channel), time_zone);
        let page = links.channel(&channel.name, &FeedOptions::default());
        item.of_channel(channel.title.clone(), page)
    };
    let page = Page {
        title: merged.title().to_owned(),
        page: links.merged(merged, &MergedOptions::default()),
        channels: found.view.known.iter().map(|known| Member::new(links, known)).collect(),
        opml: links.opml(&names),
        filter: filter(&words.channel, &asked.options),
        missing: found.view.missing.iter().map(|one| Absent::new(words, links, one)).collect(),
        posts: found.entries.iter().map(item).collect(),
        newest: asked.before.as_ref().map(|_| links.merged(merged, &first)),
        older: found.next.as_ref().map(|next| links.merged(merged, next)),
        frame,
    };
    render(&page)
}

impl Member {
    fn new(links: &Links, known: &Known) -> Self {
        let channel = &known.snapshot.channel;
        let page = links.channel(&channel.name, &FeedOptions::default());
        Self { title: channel.title.clone(), page }
    }
}

impl Absent {
    fn new(words: &Words, links: &Links, missing: &Missing) -> Self {
        Self {
            name: missing.channel.to_string(),
            page: links.channel(&missing.channel, &FeedOptions::default()),
            why: (words.merged.why)(missing.why),
        }
    }
}
