//! The page of several channels that are read as one.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;

use super::builder::{Builder, Made};
use super::channel::{Paging, reason, shown};
use super::context::{Context, plain_page};
use super::day::{Day, by_day};
use super::filter::{filter, titled};
use super::item::{Item, fitting, usual_language};
use super::{Error, Frame, Meta, feeds, render};
use crate::feed::{feed_title, title};
use crate::model::{ChannelName, Format, Merged, MergedOptions, StoredPost};
use crate::service::{ChannelState, MergedPage, Missing};

/// The matching posts that the form names.
const EXAMPLES: usize = 3;

/// The channels that the heading names.
const NAMED: usize = 3;

#[derive(Template)]
#[template(path = "merged.html")]
struct Page {
    frame: Frame,
    title: String,
    page: String,
    channels: Vec<Member>,
    opml: String,
    builder: Builder,
    filter: Option<String>,
    missing: Vec<Absent>,
    days: Vec<Day>,
    paging: Paging,
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
    context: &Context<'_>,
    merged: &Merged,
    found: &MergedPage,
    asked: &MergedOptions,
) -> Result<String, Error> {
    let (words, links) = (context.words, context.links);
    let name = name(context, merged, &found.view.known);
    let title = titled(words, &name, &asked.options, asked.before.is_some());
    let mut frame = Frame::new(words, links, format!("{title} · feedline"));
    let first = asked.with_before(None);
    let of_feeds = feed_title(merged.title().to_owned(), &asked.options);
    frame.feeds = feeds(&of_feeds, |format| links.merged_feed(merged, format, &first));
    frame.meta = Some(Meta {
        kind: "website",
        title,
        description: names(merged),
        page: links.merged(merged, asked),
        picture: None,
    });
    let usual = usual_languages(&found.entries);
    let item = |(known, kept): &(Arc<ChannelState>, Arc<StoredPost>)| {
        let channel = &known.snapshot.channel;
        let usual = usual.get(&channel.name).copied().unwrap_or("");
        let item = Item::new(context, kept, &asked.options, Some(channel), usual);
        item.of_channel(shown(&channel.title), plain_page(links, &channel.name))
    };
    let items = fitting(found.entries.iter().map(item));
    let next = found.next(items.len());
    let page = Page {
        title: name,
        page: links.merged(merged, &MergedOptions::default()),
        channels: found.view.known.iter().map(|known| Member::new(context, known)).collect(),
        opml: links.opml(merged.channels().names()),
        builder: builder(context, merged, found, &first),
        filter: filter(words, &asked.options),
        missing: found.view.missing.iter().map(|one| Absent::new(context, one)).collect(),
        days: by_day(context, items),
        paging: Paging {
            newest: asked.before.as_ref().map(|_| links.merged(merged, &first)),
            newer: None,
            older: next.map(|next| links.merged(merged, &asked.with_before(next.before))),
        },
        frame,
    };
    render(&page)
}

/// What a person calls it: its own title, or those of the channels, as far as they are known.
fn name(context: &Context<'_>, merged: &Merged, known: &[Arc<ChannelState>]) -> String {
    if merged.is_collection() {
        return merged.title().to_owned();
    }
    let channels = || known.iter().map(|known| &known.snapshot.channel);
    let is_known = |name: &&ChannelName| channels().any(|one| one.name.key() == name.key());
    let names = merged.channels().names();
    let unknown = names.iter().filter(|name| !is_known(name)).map(|name| format!("@{name}"));
    let mut titles: Vec<String> =
        channels().map(|one| shown(&one.title)).chain(unknown).take(NAMED).collect();
    let more = names.len().saturating_sub(NAMED);
    if more > 0 {
        titles.push(context.words.tr_count("merged-more", more));
    }
    titles.join(" + ")
}

fn names(merged: &Merged) -> String {
    let names = merged.channels().names().iter().map(|name| format!("@{name}"));
    names.collect::<Vec<_>>().join(", ")
}

/// The language in which most posts of each channel are written.
fn usual_languages(
    entries: &[(Arc<ChannelState>, Arc<StoredPost>)],
) -> HashMap<ChannelName, &'static str> {
    let mut posts: HashMap<ChannelName, Vec<&Arc<StoredPost>>> = HashMap::new();
    for (known, kept) in entries {
        posts.entry(known.snapshot.channel.name.clone()).or_default().push(kept);
    }
    posts.into_iter().map(|(name, posts)| (name, usual_language(posts.into_iter()))).collect()
}

fn builder(
    context: &Context<'_>,
    merged: &Merged,
    found: &MergedPage,
    asked: &MergedOptions,
) -> Builder {
    let links = context.links;
    let example = |(_, kept): &(Arc<ChannelState>, Arc<StoredPost>)| {
        let title = title::build(&kept.post, context.words.language());
        (title, links.post(&kept.post.channel, kept.post.id))
    };
    Builder::new(
        context.words,
        Made {
            action: links.merged(merged, &MergedOptions::default()),
            address: links.merged_feed(merged, Format::Rss, asked),
            options: &asked.options,
            defaults: links.defaults(),
            matched: found.entries.len(),
            considered: found.considered(),
            examples: found.entries.iter().take(EXAMPLES).map(example).collect(),
        },
    )
}

impl Member {
    fn new(context: &Context<'_>, known: &ChannelState) -> Self {
        let channel = &known.snapshot.channel;
        Self { title: shown(&channel.title), page: plain_page(context.links, &channel.name) }
    }
}

impl Absent {
    fn new(context: &Context<'_>, missing: &Missing) -> Self {
        Self {
            name: missing.channel.to_string(),
            page: plain_page(context.links, &missing.channel),
            why: reason(context.words, missing.why),
        }
    }
}
