//! JSON Feed 1.1. Empty members are omitted.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::document::{self, Feed, of};
use super::rss::written;
use crate::model::Format;

/// The value of `version`, which is the first member.
const VERSION: &str = "https://jsonfeed.org/version/1.1";

pub fn write(feed: &Feed) -> Vec<u8> {
    let addresses = feed.addresses.as_ref();
    let next = addresses.and_then(|addresses| addresses.next.as_ref());
    written(serde_json::to_vec(&Document {
        version: VERSION,
        title: &feed.title,
        home_page_url: &feed.home,
        feed_url: addresses.map(|addresses| of(&addresses.own, Format::Json)),
        description: feed.description.as_deref(),
        next_url: next.map(|addresses| of(addresses, Format::Json)),
        icon: feed.icon.as_deref(),
        authors: feed.author.iter().map(author).collect(),
        language: feed.language,
        items: feed.items.iter().map(item).collect(),
    }))
}

#[derive(Serialize)]
struct Document<'a> {
    version: &'a str,
    title: &'a str,
    home_page_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    content_html: &'a str,
    /// The main picture. It is also in `content_html`; this member tells readers which picture is the main one.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<[Attachment<'a>; 1]>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a str,
    mime_type: &'a str,
    size_in_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_in_seconds: Option<u64>,
}

fn item(item: &document::Item) -> Item<'_> {
    Item {
        id: &item.id,
        url: &item.link,
        title: (!item.is_untitled).then_some(&*item.title),
        content_html: &item.html,
        image: item.thumbnail.as_deref(),
        date_published: time(item.published),
        date_modified: time(item.updated),
        authors: authors(item),
        tags: &item.categories,
        attachments: item.attachment.as_ref().map(|attachment| {
            [Attachment {
                url: &attachment.url,
                mime_type: attachment.media_type,
                size_in_bytes: attachment.length,
                duration_in_seconds: attachment.seconds,
            }]
        }),
    }
}

/// The author, and after a signature the channel: JSON Feed has no other member for an item's source.
fn authors(item: &document::Item) -> Vec<Author<'_>> {
    let channel = item.source.as_ref().map(|source| &source.channel);
    let channel = channel.filter(|channel| **channel != item.author);
    std::iter::once(&item.author).chain(channel).map(author).collect()
}

fn author(author: &document::Author) -> Author<'_> {
    Author { name: &author.name, url: author.url.as_deref() }
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
