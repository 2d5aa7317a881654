//! A feed of posts of several channels: merged channels, collections, what a search found.

use chrono::{DateTime, SubsecRound, Utc};
use std::time::Duration;

use super::{
    Addresses, Author, Feed, Item, Source, channel_author, feed_title, fitting, item, language_tag,
};
use crate::links::{self, Links};
use crate::model::{Channel, FeedOptions, Format, Language, StoredPost};

/// A post with the channel that it is of.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The post.
    pub kept: &'a StoredPost,
    /// Its channel.
    pub channel: &'a Channel,
    /// The language of our own words in it: its channel's.
    pub language: Language,
}

/// All that decides the bytes of a feed of several channels.
#[derive(Clone, Copy)]
pub struct Several<'a> {
    /// What identifies the feed for ever: an IRI.
    pub id: &'a str,
    /// What people call it, before what is asked of it (a tag, words).
    pub title: &'a str,
    /// What it is, in a sentence.
    pub description: Option<&'a str>,
    /// The page of what the feed shows.
    pub home: &'a str,
    /// The posts, newest first, no identity twice.
    pub entries: &'a [Entry<'a>],
    /// When what is served last changed.
    pub updated: DateTime<Utc>,
    /// For how long a reader need not ask again.
    pub ttl: Duration,
    /// How the items look, and whether there is an explicit limit.
    pub options: &'a FeedOptions,
    /// The addresses to print.
    pub links: &'a Links,
    /// The feed's own address in each format, in the order of [`Format::ALL`].
    pub addresses: [&'a str; 3],
    /// The address of its first page in each format, when this is another.
    pub first: Option<[&'a str; 3]>,
    /// The address of the page behind so many of the entries, in each format; none when nothing is older.
    pub next: &'a dyn Fn(usize) -> Option<[String; 3]>,
}

impl Feed {
    /// Makes the document of several channels' posts: each item names its channel, and links to its own post.
    ///
    /// Without an explicit limit it stays under [`super::LARGEST`] in every format, as [`Feed::build`] does.
    pub fn of_several(several: &Several<'_>) -> Self {
        let mut items: Vec<Item> =
            several.entries.iter().map(|entry| of_entry(entry, several)).collect();
        if several.options.limit().is_none() {
            items.truncate(fitting(&items));
        }
        Self {
            id: several.id.to_owned(),
            title: feed_title(super::line(several.title), several.options),
            description: several.description.map(super::line),
            home: several.home.to_owned(),
            icon: None,
            language: language(&several.entries[..items.len()]),
            author: None,
            updated: several.updated.trunc_subsecs(0),
            minutes: (several.ttl.as_secs() / 60).max(1),
            addresses: Some(Addresses {
                own: several.addresses.map(str::to_owned),
                first: several.first.map(|addresses| addresses.map(str::to_owned)),
                next: (several.next)(items.len()),
                style: several.links.feed_style(),
            }),
            items,
        }
    }
}

fn of_entry(entry: &Entry<'_>, several: &Several<'_>) -> Item {
    let channel = channel_author(entry.channel);
    let item = item(entry.kept, several.options, several.links, entry.language, &channel);
    Item { source: Some(source(entry.channel, channel, several.links)), ..item }
}

fn source(channel: &Channel, author: Author, links: &Links) -> Source {
    let plain = links.defaults();
    Source {
        id: links::feed_identity(channel, &FeedOptions::default()),
        channel: author,
        addresses: Format::ALL.map(|format| links.feed(&channel.name, format, plain)),
    }
}

/// The language of all posts, when they have one.
fn language(entries: &[Entry<'_>]) -> Option<&'static str> {
    let own = entries.first()?.language;
    let is_one = entries.iter().all(|entry| entry.language == own);
    let posts = entries.iter().map(|entry| &entry.kept.post);
    if is_one { language_tag(own, posts) } else { None }
}

#[cfg(test)]
mod tests;
