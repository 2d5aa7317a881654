//! The neutral document: the content of a feed, independent of the format.
//!
//! [`Feed::build`] makes it from a [`Selection`]. The writers of the formats only serialise it, so the formats agree.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};

use super::content::{self, Context, Place};
use super::{Entry, Selection, language, link, title};
use crate::links::{self, Links};
use crate::model::options::{LinkTarget, MediaMode};
use crate::model::{
    Channel, ChannelName, Cursor, FeedOptions, File, Format, Media, MediaKind, Post, Source,
};
use crate::text::{Spoilers, clean};

/// The maximum size of a feed without an explicit limit, in bytes, in the format that needs most.
pub const MAX_FEED_BYTES: usize = 512 * 1024;

/// The number of posts with text, newest first, from which the language is detected.
const LANGUAGE_POSTS: usize = 8;

/// The maximum size of an item without its texts: element names and dates.
const ITEM_OVERHEAD: usize = 1024;

/// The maximum size of a document without its items.
const HEAD_BYTES: usize = 16 * 1024;

/// Everything except its posts that decides a feed's bytes.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub source: &'a Source,
    /// The channel of a feed of one channel, under its current name.
    pub channel: Option<&'a Channel>,
    pub options: &'a FeedOptions,
    pub links: &'a Links,
    /// The time of the last change of the served content.
    pub updated: DateTime<Utc>,
    /// How long readers need not fetch the feed again.
    pub ttl: Duration,
}

/// A feed, ready to be written in any format. Its texts are free of characters that XML forbids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The permanent identity: an IRI.
    pub id: String,
    /// The title of the channel or source, followed by the tag and the search words of the options.
    pub title: String,
    /// The channel's own description, as plain text.
    pub description: Option<String>,
    /// The page that shows the feed's posts.
    pub home: String,
    /// The channel's picture.
    pub icon: Option<String>,
    /// The language of the posts (RFC 5646), if known.
    pub language: Option<&'static str>,
    /// The channel, as the author of unsigned posts; `None` for several channels, whose items name their own.
    pub author: Option<Author>,
    /// The time of the last change of the served content, in whole seconds.
    pub updated: DateTime<Utc>,
    /// How many minutes readers need not fetch the feed again; at least 1.
    pub minutes: u64,
    /// The feed's addresses; `None` without a server.
    pub addresses: Option<Addresses>,
    /// Newest first, without duplicate ids.
    pub items: Vec<Item>,
}

/// The addresses of a feed, each in the order of [`Format::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    pub own: [String; 3],
    /// The first page, if this is another one.
    pub first: Option<[String; 3]>,
    /// The page of older items.
    pub next: Option<[String; 3]>,
    /// The stylesheet for browsers (RSS and Atom).
    pub style: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The permanent identity: a Telegram address.
    pub id: String,
    pub link: String,
    /// The title, also if `is_untitled` is set.
    pub title: String,
    /// The options omit titles. Only Atom, which requires one, has it.
    pub is_untitled: bool,
    /// The complete content.
    pub html: String,
    /// The time of publication, in whole seconds.
    pub published: DateTime<Utc>,
    /// The time of the last change of the content; not before `published`.
    pub updated: DateTime<Utc>,
    pub author: Author,
    /// Hashtags without `#`, in order, without duplicates.
    pub categories: Vec<String>,
    /// The voice note.
    pub attachment: Option<Attachment>,
    /// The main picture: an address in `html`.
    pub thumbnail: Option<String>,
    /// The channel's feed, in a feed of several channels.
    pub source: Option<ItemSource>,
}

/// The channel's own feed of an item in a feed of several channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemSource {
    /// The permanent identity of the channel's feed.
    pub id: String,
    /// The channel, with its page at Telegram.
    pub channel: Author,
    /// The feed's addresses, in the order of [`Format::ALL`].
    pub addresses: [String; 3],
}

impl ItemSource {
    fn new(channel: &Channel, author: Author, links: &Links) -> Self {
        let plain = links.defaults();
        Self {
            id: links::feed_identity(channel, &FeedOptions::default()),
            channel: author,
            addresses: Format::ALL.map(|format| links.feed(&channel.name, format, plain)),
        }
    }

    /// All texts that a format may write.
    fn lines(&self) -> impl Iterator<Item = &String> {
        let channel = [&self.id, &self.channel.name].into_iter().chain(&self.channel.url);
        channel.chain(&self.addresses)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Never empty.
    pub name: String,
    /// The author's page.
    pub url: Option<String>,
}

/// A file that readers play or download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    pub url: String,
    pub media_type: &'static str,
    /// In bytes.
    pub length: u64,
    /// The playing time.
    pub seconds: Option<u64>,
}

impl Feed {
    /// Builds the document of the selected posts.
    ///
    /// Without an explicit limit, it stays under [`MAX_FEED_BYTES`] in every format: older posts that exceed it are left to
    /// the next page. The newest post is always included.
    pub fn build(request: &Request<'_>, selection: &Selection) -> Self {
        let mut items: Vec<Item> =
            selection.entries.iter().map(|entry| item(entry, request)).collect();
        if request.options.limit().is_none() {
            items.truncate(fitting(&items));
        }
        let Request { source, options, links, .. } = *request;
        let (id, title, description) = match request.channel {
            Some(channel) => {
                let id = links::feed_identity(channel, options);
                (id, channel_title(channel), description(channel))
            }
            None => {
                let id = links::source_identity(source, options);
                (id, line(&source.title()), names(source.channels()))
            }
        };
        Self {
            id,
            title: feed_title(title, options),
            description,
            home: home(request),
            icon: request.channel.and_then(|channel| icon(channel, options, links)),
            language: language_tag(&selection.entries[..items.len()]),
            author: request.channel.map(channel_author),
            updated: request.updated.trunc_subsecs(0),
            minutes: (request.ttl.as_secs() / 60).max(1),
            addresses: addresses(request, selection.cursor(items.len())),
            items,
        }
    }
}

/// Names only: titles of channels change, and a channel may be unavailable.
fn names(channels: &[ChannelName]) -> Option<String> {
    let names: Vec<String> = channels.iter().map(|name| format!("@{}", name.key())).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn addresses(request: &Request<'_>, next: Option<Cursor>) -> Option<Addresses> {
    let Request { source, options, links, .. } = *request;
    if !links.base().is_feedline() {
        return None;
    }
    let page = |options: &FeedOptions| {
        Format::ALL.map(|format| match request.channel {
            Some(channel) => links.feed(&channel.name, format, options),
            None => links.feed_of(source, format, options),
        })
    };
    Some(Addresses {
        own: page(options),
        first: options.before().map(|_| page(&options.with_before(None))),
        next: next.map(|next| page(&options.with_before(Some(next)))),
        style: links.feed_style(),
    })
}

/// The address for one format.
pub(super) fn of(addresses: &[String; 3], format: Format) -> &str {
    let [rss, atom, json] = addresses;
    match format {
        Format::Rss => rss,
        Format::Atom => atom,
        Format::Json => json,
    }
}

fn item(entry: &Entry, request: &Request<'_>) -> Item {
    let Request { options, links, .. } = *request;
    let Entry { post: stored, channel, language } = entry;
    let post = &stored.post;
    let context = Context::new(Place::Feed, links, *language, options);
    let title = title::of(post, *language, options.title());
    let published = post.published.trunc_subsecs(0);
    let of_channel = channel_author(channel);
    Item {
        id: links::identity(&stored.identity),
        link: link::target(post, options.link(), links),
        is_untitled: title.is_none(),
        title: title.unwrap_or_else(|| title::build(post, *language)),
        html: content::write(post, &context),
        published,
        updated: stored.updated.trunc_subsecs(0).max(published),
        author: author(post, &of_channel),
        categories: categories(post),
        attachment: attachment(post, &context),
        thumbnail: content::thumbnail(post, &context),
        source: match request.channel {
            Some(_) => None,
            None => Some(ItemSource::new(channel, of_channel, links)),
        },
    }
}

/// One line without characters that XML forbids.
pub(in crate::feed) fn line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn author(post: &Post, channel: &Author) -> Author {
    let sender = post.sender.as_ref().map(|sender| Author {
        name: line(&sender.name),
        url: sender.address.as_ref().map(ToString::to_string),
    });
    let signature =
        post.signature.as_ref().map(|name| Author { name: line(name), url: channel.url.clone() });
    let named = [sender, signature].into_iter().flatten().find(|author| !author.name.is_empty());
    named.unwrap_or_else(|| channel.clone())
}

fn channel_author(channel: &Channel) -> Author {
    Author { name: channel_title(channel), url: Some(links::telegram_channel(&channel.name)) }
}

fn channel_title(channel: &Channel) -> String {
    let title = line(&channel.title);
    if title.is_empty() { channel.name.to_string() } else { title }
}

/// The title with the tag and the search words: readers list feeds by title, so two feeds of one channel must differ.
pub fn feed_title(mut title: String, options: &FeedOptions) -> String {
    if let Some(tag) = options.tag() {
        title.push_str(" #");
        title.push_str(&line(tag));
    }
    if let Some(query) = options.query() {
        title.push_str(" “");
        title.push_str(&line(query));
        title.push('”');
    }
    title
}

fn description(channel: &Channel) -> Option<String> {
    let text = channel.description.plain(Spoilers::Mask);
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

fn home(request: &Request<'_>) -> String {
    let Request { source, options, links, .. } = *request;
    match (request.channel, options.link()) {
        (None, _) => links.page(source, &options.content_only()),
        (Some(channel), LinkTarget::Page) => links.channel(&channel.name, &options.content_only()),
        (Some(channel), LinkTarget::Telegram | LinkTarget::First) => {
            links::telegram_channel(&channel.name)
        }
    }
}

fn icon(channel: &Channel, options: &FeedOptions, links: &Links) -> Option<String> {
    let mode = options.media();
    let avatar = channel.avatar.as_ref().filter(|_| mode != MediaMode::None)?;
    Some(links.file(&channel.name, File::Avatar, avatar.as_str(), mode))
}

/// The language of the posts, if known. feedline's own words may be in another language: a channel in a language
/// without a locale gets English words, but its feed must not be marked as English.
fn language_tag(entries: &[Entry]) -> Option<&'static str> {
    let own = entries.first()?.language;
    if entries.iter().any(|entry| entry.language != own) {
        return None;
    }
    // The texts are a lazy iterator: usually the first one is enough.
    let texts = entries
        .iter()
        .map(|entry| &entry.post.post.text)
        .filter(|text| !text.is_empty())
        .take(LANGUAGE_POSTS)
        .map(|text| text.plain(Spoilers::Show));
    language::is_of(own, texts).then(|| own.tag())
}

fn categories(post: &Post) -> Vec<String> {
    let tags = post.hashtags(Spoilers::Mask);
    tags.iter().map(|tag| line(tag)).filter(|tag| !tag.is_empty()).collect()
}

/// The voice note, if its length is known: some readers refuse a feed with an enclosure of length 0.
fn attachment(post: &Post, context: &Context<'_>) -> Option<Attachment> {
    let is_voice =
        |media: &&Media| media.kind == MediaKind::Voice && media.file.is_some() && !media.too_big;
    let voice = post.media.iter().find(is_voice).filter(|_| context.shows_files())?;
    Some(Attachment {
        url: context.links.media(&post.channel, voice, context.media),
        media_type: voice.kind.media_type(),
        length: voice.length.filter(|length| *length > 0)?,
        seconds: voice.duration.map(|duration| duration.as_secs()),
    })
}

/// The number of items, from the newest on, that fit into [`MAX_FEED_BYTES`]; at least one.
fn fitting(items: &[Item]) -> usize {
    let mut size = HEAD_BYTES;
    let fits = items.iter().take_while(|item| {
        let lines = [&item.id, &item.link, &item.title, &item.author.name];
        let source = item.source.iter().flat_map(ItemSource::lines);
        let lines: usize = lines.into_iter().chain(source).map(|text| escaped(text)).sum();
        let categories: usize = item.categories.iter().map(|text| escaped(text) + 40).sum();
        size += escaped(&item.html) + lines + categories + ITEM_OVERHEAD;
        size <= MAX_FEED_BYTES
    });
    fits.count().max(usize::from(!items.is_empty()))
}

/// The size of a text in bytes, with every character escaped that XML or JSON requires to be escaped.
fn escaped(text: &str) -> usize {
    // The sum for 32 bytes fits into a byte, so that the compiler vectorises it.
    let added = text.as_bytes().chunks(32).map(|chunk| usize::from(added_by_escapes(chunk)));
    text.len() + added.sum::<usize>()
}

fn added_by_escapes(bytes: &[u8]) -> u8 {
    bytes
        .iter()
        .map(|byte| match byte {
            b'&' => 4,
            b'<' | b'>' => 3,
            b'"' | b'\'' => 5,
            b'\n' | b'\t' | b'\\' => 1,
            _ => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests;
