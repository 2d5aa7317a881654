//! Telegram's pages as of August 2026, quirks included: the values that the templates in `templates/telegram` need.
//!
//! [`List`], [`Embed`] and [`Landing`] are the pages. Templates read channels and messages directly. Pure.

use askama::Template;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike, Utc};
use sha2::{Digest, Sha256};

use super::fault::Fault;
use super::media::{self, File};
use super::message::{
    AlbumItem, Body, Button, Document, Medium, Message, Poll, PollOption, PreviewPicture, Quote,
    Reaction, ServiceMessage, Sticker, Views, Wrapping,
};
use super::world::{Badge, Channel, ChatKind};
use super::{format, text};

/// The number of message ids on a list page. Every item of an album counts.
const IDS: usize = 20;

/// The channel of a page, and what its addresses depend on.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// The address of the fake, where the files are. All other addresses begin with `https://t.me`.
    pub(super) base: &'a str,
    /// See [`super::World`].
    pub(super) generation: u32,
    /// The time of the request.
    pub(super) now: DateTime<Utc>,
    pub(super) channel: &'a Channel,
    /// The search; may be empty.
    pub(super) query: &'a str,
}

impl Context<'_> {
    fn token(&self, file: &File, id: &u32) -> String {
        media::token(file.0, self.channel.number, *id, self.generation)
    }

    /// A picture's address: the token with an extension.
    fn picture(&self, file: &File, id: &u32) -> String {
        format!("{}/file/{}.jpg", self.base, self.token(file, id))
    }

    fn video(&self, file: &File, id: &u32) -> String {
        media::address(self.base, file.0, self.channel.number, *id, self.generation)
    }

    /// The number of a photo, and the two that follow from it.
    fn photo_classes(&self, file: &File, id: &u32) -> String {
        let number = media::photo_number(file.0, self.channel.number, *id);
        let second = 1_200_000_000 + number % 100_000_000;
        format!("{number} {second}_460{:06}", number % 1_000_000)
    }

    fn initials(&self, count: usize) -> String {
        format::initials(&self.channel.title, count)
    }

    /// The photo of the channel, or a drawing of its initials.
    fn channel_picture(&self) -> String {
        if let Some(file) = self.channel.avatar {
            return self.picture(&file, &0);
        }
        let picture = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 160 160\"><text>{}</text></svg>",
            self.initials(2)
        );
        format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(picture))
    }

    /// The picture of a message for link previews, or that of the channel.
    fn post_picture(&self, message: &Option<&Message>) -> String {
        let file = message.and_then(|message| match &message.body {
            Body::Photo(file) => Some(*file),
            Body::Video(video) | Body::Gif(video) | Body::Round(video) => video.poster,
            Body::Album(items) => items.iter().find_map(|item| match item.medium {
                Medium::Photo(file) => Some(file),
                Medium::Video(video) => video.poster,
            }),
            _ => None,
        });
        match (file, message) {
            (Some(file), Some(message)) => self.picture(&file, &message.id),
            _ => self.channel_picture(),
        }
    }

    fn post(&self, id: &u32) -> String {
        format!("https://t.me/{}/{id}", self.channel.name)
    }

    /// `/s/<name>?before=12`, with the search in front if there is one.
    fn list(&self, key: &str, id: &u32) -> String {
        let name = &self.channel.name;
        if self.query.is_empty() {
            return format!("/s/{name}?{key}={id}");
        }
        let query =
            percent_encoding::utf8_percent_encode(self.query, percent_encoding::NON_ALPHANUMERIC);
        format!("/s/{name}?q={query}&{key}={id}")
    }

    /// The description without markup.
    fn about(&self) -> String {
        self.channel.about.as_ref().map(text::plain).unwrap_or_default()
    }

    /// The text of a post, or the description of the channel.
    fn post_description(&self, message: &Option<&Message>) -> String {
        let text = message.and_then(|message| message.text.as_ref()).map(text::plain);
        match text.filter(|text| !text.is_empty()) {
            Some(text) => text.chars().take(1000).collect(),
            None => self.about(),
        }
    }

    fn is_contact(&self) -> bool {
        matches!(self.channel.kind, ChatKind::User | ChatKind::Bot)
    }
}

/// The part of a channel's history on a list page. All limits are exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    Newest,
    Before(u32),
    After(u32),
    /// The messages around this id.
    Around(u32),
}

#[derive(Template)]
#[template(path = "telegram/list.html", config = "templates/telegram/askama.toml")]
pub(super) struct List<'a> {
    context: Context<'a>,
    /// Oldest first.
    messages: Vec<MessageView<'a>>,
    /// The first id on the page, if there are older messages.
    older: Option<u32>,
    newer: Option<u32>,
}

impl<'a> List<'a> {
    pub(super) fn new(context: Context<'a>, range: Range, fault: Option<&Fault>) -> Self {
        let mut list = Self { context, messages: Vec::new(), older: None, newer: None };
        if let Some(Fault::NoPosts) = fault {
            return list;
        }
        let mut all: Vec<&Message> = context.channel.published(context.now).collect();
        if !context.query.is_empty() {
            all.retain(|message| {
                message
                    .text
                    .as_ref()
                    .is_some_and(|it| text::matches(&text::plain(it), context.query))
            });
        }
        let (start, end) = bounds(&all, range);
        if !matches!(fault, Some(Fault::NoMoreLinks)) && start < end {
            list.older = (start > 0).then(|| all[start].id);
            list.newer = (end < all.len()).then(|| all[end - 1].last_id());
        }
        let shown = all[start..end].iter();
        list.messages =
            shown.map(|&message| MessageView { context, message, is_embed: false }).collect();
        list
    }

    /// The numbers in the channel's card, in the order shown.
    fn counters(&self) -> [(u64, &'static str); 5] {
        let (mut photos, mut videos, mut files, mut links) = (0, 0, 0, 0);
        for message in self.context.channel.published(self.context.now) {
            match &message.body {
                Body::Photo(_) => photos += 1,
                Body::Video(_) => videos += 1,
                Body::Album(items) => {
                    for item in items {
                        match item.medium {
                            Medium::Photo(_) => photos += 1,
                            Medium::Video(_) => videos += 1,
                        }
                    }
                }
                Body::Documents(documents) => files += documents.len() as u64,
                _ => {}
            }
            let text = message.text.as_ref().map(text::plain).unwrap_or_default();
            links += u64::from(text.contains("http") || message.preview.is_some());
        }
        [
            (self.context.channel.audience, "subscriber"),
            (photos, "photo"),
            (videos, "video"),
            (files, "file"),
            (links, "link"),
        ]
    }
}

/// The indices in `all` at which a page starts and ends.
fn bounds(all: &[&Message], range: Range) -> (usize, usize) {
    match range {
        Range::Newest => (page_start(all, all.len()), all.len()),
        Range::Before(limit) => {
            let end = all.partition_point(|message| message.id < limit);
            (page_start(all, end), end)
        }
        Range::After(limit) => {
            let start = all.partition_point(|message| message.last_id() <= limit);
            (start, page_end(all, start))
        }
        Range::Around(id) => {
            let at = all.partition_point(|message| message.last_id() < id);
            let end = page_end(all, at.saturating_sub(4));
            (page_start(all, end), end)
        }
    }
}

fn page_start(all: &[&Message], end: usize) -> usize {
    end - fitting(all[..end].iter().rev())
}

fn page_end(all: &[&Message], start: usize) -> usize {
    start + fitting(all[start..].iter())
}

/// The number of these messages that fit on a page: up to [`IDS`] ids, but at least one message.
fn fitting<'a>(messages: impl Iterator<Item = &'a &'a Message>) -> usize {
    let (mut ids, mut count) = (0, 0);
    for message in messages {
        ids += message.ids().len();
        if ids > IDS && count > 0 {
            break;
        }
        count += 1;
    }
    count
}

#[derive(Template)]
#[template(path = "telegram/embed.html", config = "templates/telegram/askama.toml")]
pub(super) struct Embed<'a> {
    content: Result<MessageView<'a>, &'a str>,
}

impl<'a> Embed<'a> {
    pub(super) fn new(context: Context<'a>, message: &'a Message) -> Self {
        Self { content: Ok(MessageView { context, message, is_embed: true }) }
    }

    pub(super) fn error(text: &'a str) -> Self {
        Self { content: Err(text) }
    }
}

#[derive(Template)]
#[template(path = "telegram/message.html", config = "templates/telegram/askama.toml")]
struct MessageView<'a> {
    context: Context<'a>,
    message: &'a Message,
    is_embed: bool,
}

impl MessageView<'_> {
    fn is_album(&self) -> bool {
        matches!(self.message.body, Body::Album(_))
    }

    fn hash(&self) -> String {
        let hash = Sha256::digest(format!("{}.{}", self.context.channel.number, self.message.id));
        hash[..9].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The value of `data-view`: channel, post, time and a signature.
    fn view(&self) -> String {
        let id = self.message.id;
        let post = if self.is_album() { format!("\"{id}g\"") } else { id.to_string() };
        BASE64_URL_SAFE_NO_PAD.encode(format!(
            r#"{{"c":-{},"p":{post},"t":{},"h":"{}"}}"#,
            self.context.channel.number,
            self.context.now.timestamp(),
            self.hash()
        ))
    }

    fn wrapping(&self) -> Wrapping {
        let has_custom_emoji = self.message.text.as_ref().is_some_and(text::has_custom_emoji);
        match self.message.wrapping {
            Wrapping::None if has_custom_emoji && self.is_album() => Wrapping::Twice,
            Wrapping::None if has_custom_emoji => Wrapping::Whole,
            wrapping => wrapping,
        }
    }

    /// The beginning of the quoted message, as HTML.
    fn quote(&self, text: &str) -> String {
        let beginning: String = text.chars().take(256).collect();
        text::title(&beginning)
    }

    fn document_address(&self, document: &Document, all: &[Document]) -> String {
        let query = if all.len() > 1 { "?single" } else { "" };
        format!("{}{query}", self.context.post(&document.id.max(self.message.id)))
    }

    fn layout<'b>(&self, items: &'b [AlbumItem]) -> Layout<'b> {
        Layout::new(items)
    }

    fn option_value(&self, number: &usize) -> String {
        BASE64_STANDARD_NO_PAD.encode(number.to_string())
    }

    /// Of all voters.
    fn percent(&self, poll: &Poll, option: &PollOption) -> u64 {
        (option.votes * 100 + poll.voters / 2) / poll.voters.max(1)
    }

    /// The width of the bar in percent of the longest one.
    fn bar(&self, poll: &Poll, option: &PollOption) -> String {
        let most = poll.options.iter().map(|option| option.votes).max().unwrap_or(0).max(1);
        let width = option.votes * 1_000_000 / most;
        format::trim_decimal(&format!("{}.{:04}", width / 10_000, width % 10_000)).to_owned()
    }
}

/// The layout of an album.
struct Layout<'a> {
    size: (u32, u32),
    /// The items with their CSS positions.
    places: Vec<(&'a AlbumItem, String)>,
}

impl<'a> Layout<'a> {
    /// Rows of two or three, and the rest in the first row.
    fn new(items: &'a [AlbumItem]) -> Self {
        const WIDTH: u32 = 453;
        const HEIGHT: u32 = 212;
        let columns = if items.len() <= 4 { 2 } else { 3 };
        let (first, others) = items.split_at(items.len() % columns);
        let rows = first.chunks(columns).chain(others.chunks(columns));
        let (mut places, mut top) = (Vec::new(), 0);
        for row in rows {
            let count = row.len() as u32;
            let width = (WIDTH - 2 * (count - 1)) / count;
            for (column, item) in (0..).zip(row) {
                let left = column * (width + 2);
                places.push((item, format!("left:{left}px;top:{top}px;width:{width}px;height:{HEIGHT}px;margin-right:2px;margin-bottom:2px;")));
            }
            top += HEIGHT + 2;
        }
        Self { size: (WIDTH, top.saturating_sub(2)), places }
    }
}

#[derive(Template)]
#[template(path = "telegram/landing.html", config = "templates/telegram/askama.toml")]
pub(super) struct Landing<'a> {
    pub(super) card: Card<'a>,
}

pub(super) enum Card<'a> {
    Channel(Context<'a>),
    /// The id, and the message if it exists.
    Post(Context<'a>, u32, Option<&'a Message>),
    /// A name that is not taken; for a throttled client, every name.
    Nobody(&'a str),
    /// UPSTREAM(2026): known from the expected values of another parser only.
    Blocked(&'a str),
    /// An invitation to a private group.
    Invitation,
}

impl Landing<'_> {
    fn is_blocked(&self) -> bool {
        matches!(self.card, Card::Blocked(_))
    }
}

/// Escapes as Telegram does; named in `templates/telegram/askama.toml`.
#[derive(Clone, Copy, Default)]
pub(super) struct Escaper;

impl askama::filters::Escaper for Escaper {
    fn write_escaped_str<W: std::fmt::Write>(&self, mut out: W, text: &str) -> std::fmt::Result {
        out.write_str(&text::escaped(text))
    }
}

#[cfg(test)]
mod tests {
    use super::{AlbumItem, Layout, Medium};
    use crate::demo::media::File;

    #[test]
    fn album_layout_has_place_for_each_item() {
        let item = AlbumItem { id: 1, medium: Medium::Photo(File("fog.jpg")) };
        for (count, height) in [(1, 212), (2, 212), (3, 426), (4, 426), (5, 426), (10, 854)] {
            let items = vec![item; count];
            let layout = Layout::new(&items);
            assert_eq!((layout.places.len(), layout.size), (count, (453, height)));
        }
    }
}
