//! The neutral document: what a feed says, in whatever format.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};

use super::content::{self, Context, Place};
use super::{Entry, Selection, language, link, title};
use crate::links::{self, Links};
use crate::model::options::{LinkTarget, MediaMode};
use crate::model::{
    Channel, ChannelName, Cursor, FeedOptions, Format, Media, MediaKind, Post, Source,
};
use crate::text::{Spoilers, clean};

/// The largest document of a feed without an explicit limit, in bytes, in the format that takes most.
pub const LARGEST: usize = 512 * 1024;

/// The newest posts with text by which the language is detected.
const SAMPLED: usize = 8;

/// What an item takes beside its texts, at most: names of elements and dates.
const FRAME: usize = 1024;

/// What a document takes beside its items, at most.
const HEAD: usize = 16 * 1024;

/// All that decides a feed's bytes beside its posts.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub source: &'a Source,
    /// The channel of a source of one, under the name that it has now.
    pub channel: Option<&'a Channel>,
    pub options: &'a FeedOptions,
    /// The addresses to print.
    pub links: &'a Links,
    /// When what is served last changed.
    pub updated: DateTime<Utc>,
    /// For how long a reader need not ask again.
    pub ttl: Duration,
}

/// A feed, ready to be written in any format. All text is free of characters that XML forbids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// What identifies it for ever: an IRI.
    pub id: String,
    /// The title of the channel or source, followed by the tag and the words of the options.
    pub title: String,
    /// What the channel says about itself, as plain text.
    pub description: Option<String>,
    /// The page of what the feed shows.
    pub home: String,
    /// The channel's picture.
    pub icon: Option<String>,
    /// The language of the posts (RFC 5646), when it is known.
    pub language: Option<&'static str>,
    /// The channel, as the author of unsigned posts; `None` for several channels, whose items name theirs.
    pub author: Option<Author>,
    /// When what is served last changed; whole seconds.
    pub updated: DateTime<Utc>,
    /// For how many minutes a reader need not ask again; at least 1.
    pub minutes: u64,
    /// Where it is served; none when no server does.
    pub addresses: Option<Addresses>,
    /// The items, newest first, no id twice.
    pub items: Vec<Item>,
}

/// The addresses of a feed in each format, in the order of [`Format::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Its own.
    pub own: [String; 3],
    /// Its first page, when this is another.
    pub first: Option<[String; 3]>,
    /// The page of older items.
    pub next: Option<[String; 3]>,
    /// The stylesheet for browsers (RSS and Atom).
    pub style: String,
}

/// A post as an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What identifies it for ever: an address at Telegram.
    pub id: String,
    /// Where it leads.
    pub link: String,
    /// Its title, in every format.
    pub title: String,
    /// The options want no titles: only Atom, which requires one, has it.
    pub is_untitled: bool,
    /// Its content, complete.
    pub html: String,
    /// When it was posted; whole seconds.
    pub published: DateTime<Utc>,
    /// When its content last changed; not before `published`.
    pub updated: DateTime<Utc>,
    /// Who wrote it.
    pub author: Author,
    /// Its hashtags without `#`, in order, each once.
    pub categories: Vec<String>,
    /// The spoken note.
    pub attachment: Option<Attachment>,
    /// The picture that stands for it: an address in `html`.
    pub thumbnail: Option<String>,
    /// The feed of its channel, in a feed of several channels.
    pub source: Option<ItemSource>,
}

/// Where an item of a feed of several channels comes from: its channel's own feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemSource {
    /// What identifies the channel's feed for ever.
    pub id: String,
    /// The channel, with its page at Telegram.
    pub channel: Author,
    /// The feed's address in each format, in the order of [`Format::ALL`].
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

    /// Everything that any format writes of it.
    fn lines(&self) -> impl Iterator<Item = &String> {
        let channel = [&self.id, &self.channel.name].into_iter().chain(&self.channel.url);
        channel.chain(&self.addresses)
    }
}

/// Who wrote something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The name; never empty.
    pub name: String,
    /// Their page.
    pub url: Option<String>,
}

/// A file that readers play or load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its address.
    pub url: String,
    /// Its media type.
    pub media_type: &'static str,
    /// How long it is, in bytes.
    pub length: u64,
    /// How long it plays, in seconds.
    pub seconds: Option<u64>,
}

impl Feed {
    /// Makes the document of the selected posts.
    ///
    /// Without an explicit limit it stays under [`LARGEST`] in every format: posts that do not fit any more are left
    /// to the next page, the oldest first; the newest post is always there.
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

/// Names alone: what channels call themselves changes, and whether one of them is there.
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

/// The address of a format among those of all.
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

/// Readers list feeds by title: the tag and the words tell two feeds of one channel apart.
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
    Some(links.avatar(&channel.name, avatar, mode))
}

/// The tag of the posts' language, when they have one. Our own words may be in another: a channel in a language that we have
/// no words in gets English ones, and its feed must not claim to be English.
fn language_tag(entries: &[Entry]) -> Option<&'static str> {
    let own = entries.first()?.language;
    if entries.iter().any(|entry| entry.language != own) {
        return None;
    }
    // Mostly one text is enough: the others are not written out.
    let texts = entries
        .iter()
        .map(|entry| &entry.post.post.text)
        .filter(|text| !text.is_empty())
        .take(SAMPLED)
        .map(|text| text.plain(Spoilers::Show));
    language::is_of(own, texts).then(|| own.tag())
}

fn categories(post: &Post) -> Vec<String> {
    let tags = post.hashtags(Spoilers::Mask);
    tags.iter().map(|tag| line(tag)).filter(|tag| !tag.is_empty()).collect()
}

/// The voice note. There is none while its length is not known: some readers refuse a feed with an enclosure of length 0.
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

/// How many of the items, from the newest on, stay under the bound; at least one.
fn fitting(items: &[Item]) -> usize {
    let mut size = HEAD;
    let fits = items.iter().take_while(|item| {
        let lines = [&item.id, &item.link, &item.title, &item.author.name];
        let source = item.source.iter().flat_map(ItemSource::lines);
        let lines: usize = lines.into_iter().chain(source).map(|text| escaped(text)).sum();
        let categories: usize = item.categories.iter().map(|text| escaped(text) + 40).sum();
        size += escaped(&item.html) + lines + categories + FRAME;
        size <= LARGEST
    });
    fits.count().max(usize::from(!items.is_empty()))
}

/// Bytes of a text with every character escaped that XML or JSON wants escaped.
fn escaped(text: &str) -> usize {
    text.bytes()
        .map(|byte| match byte {
            b'&' => 5,
            b'<' | b'>' => 4,
            b'"' | b'\'' => 6,
            b'\n' | b'\t' | b'\\' => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests;
