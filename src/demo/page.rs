//! Telegram's pages, as they were in August 2026, quirks included: what the templates in `templates/telegram` need.
//!
//! [`List`], [`Embed`] and [`Landing`] are the pages; [`Embed`] and [`List`] contain [`MessageView`]s. A template takes
//! what it shows from the channel and the message themselves. Pure: values in, a page out.

use askama::Template;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike, Utc};
use sha2::{Digest, Sha256};

use super::media;
use super::message::{
    Body, Button, Document, Item, Medium, Message, Poll, PollKind, PollOption, PreviewPicture,
    Quote, Reaction, ServiceMessage, Sticker, Video, Views, Wrapping,
};
use super::world::{Channel, Kind, Mark};
use super::{format, text};

/// The number of message ids on a list page. An album counts with all its members.
const IDS: usize = 20;

/// The channel of a page, and what its addresses depend on.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// The address of the fake itself, under which the files are. All other addresses are those of `https://t.me`.
    pub(super) base: &'a str,
    /// See [`super::World`].
    pub(super) generation: u32,
    /// The time of the request.
    pub(super) now: DateTime<Utc>,
    pub(super) channel: &'a Channel,
    /// The search; empty if there is none.
    pub(super) query: &'a str,
}

impl Context<'_> {
    fn token(&self, file: &str, id: u32) -> String {
        media::token(file, self.channel.number, id, self.generation)
    }

    /// A picture's address: the token is the name, with an extension.
    fn picture(&self, file: &str, id: &u32) -> String {
        format!("{}/file/{}.jpg", self.base, self.token(file, *id))
    }

    /// A poster's address: the same without an extension.
    fn poster(&self, file: &str, id: &u32) -> String {
        format!("{}/file/{}", self.base, self.token(file, *id))
    }

    fn video(&self, file: &str, id: &u32) -> String {
        media::address(self.base, file, self.channel.number, *id, self.generation)
    }

    /// The number of a photo, and the two that follow from it.
    fn photo_classes(&self, file: &str, id: &u32) -> String {
        let number = media::photo_number(file, self.channel.number, *id);
        let second = 1_200_000_000 + number % 100_000_000;
        format!("{number} {second}_460{:06}", number % 1_000_000)
    }

    fn letters(&self, count: usize) -> String {
        format::initials(&self.channel.title, count)
    }

    /// The photo of the channel, or a drawing of its letters.
    fn channel_picture(&self) -> String {
        if let Some(file) = self.channel.avatar {
            return self.picture(file, &0);
        }
        let letters = self.letters(2);
        let picture = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 160 160\"><text>{letters}</text></svg>"
        );
        format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(picture))
    }

    /// The picture of a message for previews elsewhere, or that of the channel.
    fn post_picture(&self, message: &Option<&Message>) -> String {
        let of_message = message.and_then(|message| match &message.body {
            Body::Photo(photo) => Some((photo.file, message.id)),
            Body::Video(video) | Body::Gif(video) | Body::Round(video) => {
                video.poster.map(|file| (file, message.id))
            }
            Body::Album(items) => items.iter().find_map(|item| match item.medium {
                Medium::Photo(photo) => Some((photo.file, message.id)),
                Medium::Video(video) => video.poster.map(|file| (file, message.id)),
            }),
            _ => None,
        });
        match of_message {
            Some((file, id)) => self.picture(file, &id),
            None => self.channel_picture(),
        }
    }

    fn address(&self) -> String {
        format!("https://t.me/{}", self.channel.name)
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
        text::plain(&self.channel.about.as_str().into())
    }

    fn about_html(&self) -> String {
        text::html(&self.channel.about.as_str().into(), "")
    }

    /// The tail of the address from which Telegram's apps are downloaded.
    fn download(&self) -> String {
        format!("{:018x}", self.channel.number)
    }

    /// The colour of the channel's name in messages.
    fn color(&self) -> u64 {
        self.channel.number % 14
    }

    /// The colour behind the letters in the place of a photo.
    fn background(&self) -> u64 {
        self.channel.number % 7 + 1
    }

    fn is_contact(&self) -> bool {
        matches!(self.channel.kind, Kind::User | Kind::Bot)
    }
}

/// The part of a channel's history that a list page shows. All limits are exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    Newest,
    Before(u32),
    After(u32),
    /// The messages around this id.
    Around(u32),
}

/// What a fault leaves out of a list page.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Omit {
    /// The links to older and newer posts.
    pub(super) more_links: bool,
    pub(super) posts: bool,
}

#[derive(Template)]
#[template(path = "telegram/list.html", config = "templates/telegram/askama.toml")]
pub(super) struct List<'a> {
    at: Context<'a>,
    /// Oldest first.
    messages: Vec<MessageView<'a>>,
    /// The id on the page before which there are more messages.
    older: Option<u32>,
    newer: Option<u32>,
}

impl<'a> List<'a> {
    pub(super) fn new(at: Context<'a>, range: Range, omit: Omit) -> Self {
        if omit.posts {
            return Self { at, messages: Vec::new(), older: None, newer: None };
        }
        let mut all: Vec<&Message> = at.channel.published(at.now).collect();
        if !at.query.is_empty() {
            all.retain(|message| {
                message.text.as_ref().is_some_and(|it| text::matches(&text::plain(it), at.query))
            });
        }
        let (from, to) = bounds(&all, range);
        let (shown, links) = (&all[from..to], !omit.more_links);
        let first = shown.first().filter(|_| links && from > 0);
        let last = shown.last().filter(|_| links && to < all.len());
        Self {
            at,
            older: first.map(|message| message.id),
            newer: last.map(|message| message.last_id()),
            messages: shown.iter().map(|&message| MessageView::new(at, message, false)).collect(),
        }
    }

    /// The numbers in the channel's card, in the order in which they are shown.
    fn counters(&self) -> [(u64, &'static str); 5] {
        let (mut photos, mut videos, mut files, mut links) = (0, 0, 0, 0);
        for message in self.at.channel.published(self.at.now) {
            match &message.body {
                Body::Photo(_) => photos += 1,
                Body::Video(_) => videos += 1,
                Body::Album(items) => {
                    let is_photo = |item: &&Item| matches!(item.medium, Medium::Photo(_));
                    let count = items.iter().filter(is_photo).count() as u64;
                    photos += count;
                    videos += items.len() as u64 - count;
                }
                Body::Documents(documents) => files += documents.len() as u64,
                _ => {}
            }
            let text = message.text.as_ref().map(text::plain).unwrap_or_default();
            links += u64::from(text.contains("http") || message.preview.is_some());
        }
        [
            (self.at.channel.audience, "subscriber"),
            (photos, "photo"),
            (videos, "video"),
            (files, "file"),
            (links, "link"),
        ]
    }
}

/// The places in `all` at which a page begins and ends.
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

/// How many of these messages fit on a page: as many as have [`IDS`] ids, but at least one.
fn fitting<'a>(messages: impl Iterator<Item = &'a &'a Message>) -> usize {
    let mut ids = 0;
    let mut count = 0;
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
    pub(super) fn new(at: Context<'a>, message: &'a Message) -> Self {
        Self { content: Ok(MessageView::new(at, message, true)) }
    }

    pub(super) fn error(text: &'a str) -> Self {
        Self { content: Err(text) }
    }
}

#[derive(Template)]
#[template(path = "telegram/message.html", config = "templates/telegram/askama.toml")]
struct MessageView<'a> {
    at: Context<'a>,
    message: &'a Message,
    /// Whether it stands alone.
    embed: bool,
}

impl<'a> MessageView<'a> {
    fn new(at: Context<'a>, message: &'a Message, embed: bool) -> Self {
        Self { at, message, embed }
    }

    /// The classes that follow from the body, each after a space.
    fn classes(&self) -> &'static str {
        match &self.message.body {
            Body::ServiceMessage(_) if self.at.channel.is_group() => "",
            Body::ServiceMessage(ServiceMessage::PhotoUpdated(_)) => {
                " service_message service_message_photo"
            }
            Body::ServiceMessage(_) => " service_message",
            Body::Sticker(_) => " sticker_media no_bubble",
            Body::Round(_) => " roundvideo_media no_bubble",
            _ => "",
        }
    }

    fn is_album(&self) -> bool {
        matches!(self.message.body, Body::Album(_))
    }

    /// The id after the message.
    fn next_id(&self) -> u32 {
        self.message.last_id().saturating_add(1)
    }

    fn hash(&self) -> String {
        let hash = Sha256::digest(format!("{}.{}", self.at.channel.number, self.message.id));
        hash[..9].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The value of `data-view`: channel, post, time and a signature.
    fn view(&self) -> String {
        let id = self.message.id;
        let post = if self.is_album() { format!("\"{id}g\"") } else { id.to_string() };
        BASE64_URL_SAFE_NO_PAD.encode(format!(
            r#"{{"c":-{},"p":{post},"t":{},"h":"{}"}}"#,
            self.at.channel.number,
            self.at.now.timestamp(),
            self.hash()
        ))
    }

    fn wrapping(&self) -> Wrapping {
        match self.message.wrapping {
            Wrapping::None if self.message.text.as_ref().is_some_and(text::has_custom_emoji) => {
                if self.is_album() {
                    Wrapping::Twice
                } else {
                    Wrapping::Whole
                }
            }
            wrapping => wrapping,
        }
    }

    fn machine_time(&self) -> String {
        self.message.time.format("%Y-%m-%dT%H:%M:%S+00:00").to_string()
    }

    /// `19:33`; if it stands alone `Jun 9 at 19:33`, with the year if it is another one.
    fn time(&self) -> String {
        let time = self.message.time;
        let pattern = if !self.embed {
            "%H:%M"
        } else if time.year() == self.at.now.year() {
            "%b %-d at %H:%M"
        } else {
            "%b %-d, %Y at %H:%M"
        };
        time.format(pattern).to_string()
    }

    /// The beginning of the message that a reply answers, as HTML.
    fn quote(&self, text: &str) -> String {
        let beginning: String = text.chars().take(256).collect();
        text::title(&beginning)
    }

    fn video_style(&self, video: &Video) -> String {
        format!("width:{}px;padding-top:{}", video.size.0, format::padding(&video.size))
    }

    fn document_address(&self, document: &Document, all: &[Document]) -> String {
        let query = if all.len() > 1 { "?single" } else { "" };
        format!("{}{query}", self.at.post(&document.id.max(self.message.id)))
    }

    fn layer<'b>(&self, items: &'b [Item]) -> Layer<'b> {
        Layer::new(items)
    }

    fn poll_type(&self, poll: &Poll) -> &'static str {
        match poll.kind {
            _ if poll.closed => "Final Results",
            PollKind::Anonymous => "Anonymous Poll",
            PollKind::Public => "Poll",
            PollKind::Quiz => "Anonymous Quiz",
            PollKind::PublicQuiz => "Quiz",
        }
    }

    fn option_value(&self, number: &usize) -> String {
        BASE64_STANDARD_NO_PAD.encode(number.to_string())
    }

    /// Of all voters.
    fn percent(&self, poll: &Poll, option: &PollOption) -> u64 {
        (option.votes * 100 + poll.voters / 2) / poll.voters.max(1)
    }

    /// The width of the bar in percent: of the option with the most votes.
    fn bar(&self, poll: &Poll, option: &PollOption) -> String {
        let most = poll.options.iter().map(|option| option.votes).max().unwrap_or(0).max(1);
        let width = option.votes * 1_000_000 / most;
        format::trim_decimal(&format!("{}.{:04}", width / 10_000, width % 10_000)).to_owned()
    }
}

/// The box of an album, in which each member has a place.
struct Layer<'a> {
    size: (u32, u32),
    /// The members and the styles that place them.
    places: Vec<(&'a Item, String)>,
}

impl<'a> Layer<'a> {
    /// Rows of two or three, and the rest in the first row.
    fn new(items: &'a [Item]) -> Self {
        const WIDTH: u32 = 453;
        const HEIGHT: u32 = 212;
        let columns = if items.len() <= 4 { 2 } else { 3 };
        let (first, others) = items.split_at(items.len() % columns);
        let rows =
            std::iter::once(first).filter(|row| !row.is_empty()).chain(others.chunks(columns));
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
    card: Card<'a>,
}

enum Card<'a> {
    Channel(Context<'a>),
    /// The id, and the message if it exists.
    Post(Context<'a>, u32, Option<&'a Message>),
    Nobody(&'a str),
    Blocked(&'a str),
    Invitation,
}

impl<'a> Landing<'a> {
    pub(super) fn channel(at: Context<'a>) -> Self {
        Self { card: Card::Channel(at) }
    }

    pub(super) fn post(at: Context<'a>, id: u32, message: Option<&'a Message>) -> Self {
        Self { card: Card::Post(at, id, message) }
    }

    /// The page of a name that nobody has; for a client that requests too much, the page of every name.
    pub(super) fn nobody(name: &'a str) -> Self {
        Self { card: Card::Nobody(name) }
    }

    /// UPSTREAM(2026): known from the expected values of another parser only.
    pub(super) fn blocked(name: &'a str) -> Self {
        Self { card: Card::Blocked(name) }
    }

    /// The page of an invitation to a private group.
    pub(super) fn invitation() -> Self {
        Self { card: Card::Invitation }
    }

    fn is_blocked(&self) -> bool {
        matches!(self.card, Card::Blocked(_))
    }

    fn title(&self) -> String {
        match self.card {
            Card::Channel(at) if at.is_contact() => {
                format!("Telegram: Contact @{}", at.channel.name)
            }
            Card::Channel(at) | Card::Post(at, ..) => {
                format!("Telegram: View @{}", at.channel.name)
            }
            Card::Nobody(name) => format!("Telegram: Contact @{name}"),
            Card::Blocked(name) => format!("Telegram: View @{name}"),
            Card::Invitation => "Telegram: Join Group Chat".to_owned(),
        }
    }

    /// For previews elsewhere. A post without text has the description of the channel.
    fn description(&self) -> String {
        match self.card {
            Card::Post(at, _, message) => {
                let text = message.and_then(|message| message.text.as_ref()).map(text::plain);
                match text.filter(|text| !text.is_empty()) {
                    Some(text) => text.chars().take(1000).collect(),
                    None => at.about(),
                }
            }
            Card::Channel(at) if !at.channel.about.is_empty() => at.about(),
            Card::Channel(at) if at.is_contact() => {
                format!("You can contact @{} right away.", at.channel.name)
            }
            Card::Channel(at) => {
                format!("You can view and join @{} right away.", at.channel.name)
            }
            Card::Nobody(_) | Card::Blocked(_) | Card::Invitation => String::new(),
        }
    }

    fn post_query(&self, id: &u32) -> String {
        format!("&post={id}")
    }
}

/// Escapes texts and attributes as Telegram does; named in `templates/telegram/askama.toml`.
#[derive(Clone, Copy, Default)]
pub(super) struct Escaper;

impl askama::filters::Escaper for Escaper {
    fn write_escaped_str<W: std::fmt::Write>(&self, mut out: W, text: &str) -> std::fmt::Result {
        out.write_str(&text::escaped(text))
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, Layer, Medium};
    use crate::demo::message::Photo;

    #[test]
    fn an_album_of_any_size_has_a_place_for_each_member() {
        let item = Item { id: 1, medium: Medium::Photo(Photo { file: "fog.jpg" }) };
        for (count, height) in [(1, 212), (2, 212), (3, 426), (4, 426), (5, 426), (10, 854)] {
            let items = vec![item; count];
            let layer = Layer::new(&items);
            assert_eq!((layer.places.len(), layer.size), (count, (453, height)));
        }
    }
}
