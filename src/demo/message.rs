//! What a message of the fake Telegram holds: plain data. The sample files are read into it, tests build and change it,
//! and `page` writes it as HTML.
//!
//! Albums, and documents sent together, are one message with several ids. A message gets its ids and its time when it
//! joins a channel; until then the ids of its parts are distances from the first.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

use super::media::{self, File};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Message {
    /// The first id, if there are several.
    pub id: u32,
    #[serde(skip)]
    pub time: DateTime<Utc>,
    pub body: Body,
    /// The text or the caption.
    pub text: Option<Text>,
    pub forward: Option<Forward>,
    pub reply: Option<Reply>,
    /// The bot that it was sent through.
    pub via: Option<String>,
    /// The signature; in a group, the member who wrote it.
    pub author: Option<Author>,
    pub edited: bool,
    pub views: Views,
    /// An empty list is an empty row.
    pub reactions: Option<Vec<Reaction>>,
    /// Rows of buttons below the message.
    pub keyboard: Vec<Vec<Button>>,
    pub preview: Option<Preview>,
    pub wrapping: Wrapping,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Body {
    #[default]
    Text,
    Photo(Photo),
    Album(Vec<Item>),
    Video(Video),
    Gif(Video),
    Round(Video),
    Voice(Voice),
    /// Telegram's pages have no file of it.
    Music(Music),
    /// Telegram's pages have no files of them.
    Documents(Vec<Document>),
    Sticker(Sticker),
    Location(Place),
    Contact {
        name: String,
        /// With its `+`.
        phone: String,
    },
    Invoice {
        title: String,
        description: String,
        /// The price as shown.
        total: String,
        #[serde(default, deserialize_with = "optional_file")]
        picture: Option<File>,
    },
    Game {
        title: String,
        text: String,
        #[serde(deserialize_with = "file")]
        picture: File,
    },
    Poll(Poll),
    #[serde(rename = "service")]
    ServiceMessage(ServiceMessage),
    /// A message that Telegram's pages cannot show, with the label that they show instead.
    Unsupported(String),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub struct Photo {
    #[serde(deserialize_with = "file")]
    pub file: File,
}

/// A member of an album.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub id: u32,
    pub medium: Medium,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    Photo(Photo),
    Video(Video),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Video {
    /// `None` when it is too big for the page.
    #[serde(default, deserialize_with = "optional_file")]
    pub file: Option<File>,
    #[serde(default, deserialize_with = "optional_file")]
    pub poster: Option<File>,
    pub seconds: u32,
    /// Width and height in pixels.
    pub size: (u32, u32),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voice {
    #[serde(deserialize_with = "file")]
    pub file: File,
    pub seconds: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Music {
    pub title: String,
    pub performer: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    #[serde(default)]
    pub id: u32,
    pub name: String,
    /// As shown, with its unit.
    pub size: String,
    /// Its own caption, if several were sent together.
    pub caption: Option<Text>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sticker {
    /// A `WebP` picture.
    Still(#[serde(deserialize_with = "file")] File),
    /// A Lottie animation.
    Animated(#[serde(deserialize_with = "file")] File),
    /// A video with transparency, and its first picture.
    Video(#[serde(deserialize_with = "file")] File, #[serde(deserialize_with = "file")] File),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub latitude: f64,
    pub longitude: f64,
    /// Title and address.
    pub venue: Option<(String, String)>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    pub question: String,
    pub kind: PollKind,
    /// Whether a voter may choose several options.
    #[serde(default)]
    pub multiple: bool,
    #[serde(default)]
    pub closed: bool,
    pub voters: u64,
    pub options: Vec<PollOption>,
}

/// Whether there is a correct option, and whether everybody sees who chose what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PollKind {
    Anonymous,
    Public,
    Quiz,
    PublicQuiz,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollOption {
    pub text: String,
    pub votes: u64,
    /// `None` when the page does not say it.
    pub correct: Option<bool>,
}

/// An event in a channel.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceMessage {
    Created,
    /// The new title.
    Renamed(String),
    PhotoUpdated(#[serde(deserialize_with = "file")] File),
    PhotoRemoved,
    /// The beginning of the pinned message.
    Pinned(String),
    LiveStarted,
    /// The duration as shown.
    LiveFinished(String),
    /// The time as shown.
    LiveScheduled(String),
    /// An event without a text.
    Silent,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forward {
    pub title: String,
    /// The path of the address under `https://t.me/`, if the origin has one.
    pub path: Option<String>,
    /// The signature at the origin.
    pub author: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The path of the address under `https://t.me/`.
    pub path: String,
    /// The title of the channel.
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub quote: Quote,
    #[serde(default, deserialize_with = "optional_file")]
    pub thumb: Option<File>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quote {
    Text(String),
    /// The kind of a message without text, such as `Photo`.
    Kind(String),
}

impl Default for Quote {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    pub name: String,
    /// The user name, shown in groups.
    pub user: Option<String>,
}

/// The counter of views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Views {
    #[default]
    Hidden,
    /// A counter without a number.
    Empty,
    Count(u64),
}

/// A reaction, and how many gave it. In a sample file it is a pair: an emoji, the id of a custom emoji or `stars`, and the
/// number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "(String, u64)")]
pub enum Reaction {
    Emoji(String, u64),
    /// The page has only the id of the emoji.
    Custom(u64, u64),
    /// Telegram's stars.
    Paid(u64),
}

impl From<(String, u64)> for Reaction {
    fn from((name, count): (String, u64)) -> Self {
        match name.parse() {
            Ok(emoji) => Self::Custom(emoji, count),
            Err(_) if name == "stars" => Self::Paid(count),
            Err(_) => Self::Emoji(name, count),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Button {
    Link {
        label: String,
        address: String,
    },
    /// Works in the app only.
    Callback {
        label: String,
    },
}

/// The card of a link.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Preview {
    pub address: String,
    pub site: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub picture: PreviewPicture,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewPicture {
    #[default]
    None,
    Small(#[serde(deserialize_with = "file")] File),
    Large(#[serde(deserialize_with = "file")] File),
    Video(Video),
}

/// How Telegram marks that its page may not show everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrapping {
    /// A text with a custom emoji is wrapped all the same.
    #[default]
    None,
    /// Medium and text are wrapped, with a notice beside them.
    Whole,
    /// The medium is wrapped, the text stands outside.
    MediumOnly,
    /// Medium and text are wrapped twice, with two notices.
    Twice,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Text {
    /// As people type it into Telegram: `**bold**`, `__italic__`, `++underline++`, `~~strike~~`, `||spoiler||`,
    /// `` `code` ``, three backticks with a language, `[text](address)`, lines of `> quote` and `>> expandable
    /// quote`, `{5389…|⌚️}` for a custom emoji. Hashtags, mentions, addresses and emoji are found in it.
    Written(String),
    /// HTML that goes to the page as it is, for tests of pages that Telegram would never send.
    Html(String),
}

impl Message {
    pub fn new(body: Body) -> Self {
        Self { body, ..Self::default() }
    }

    pub fn text(text: impl Into<Text>) -> Self {
        Self { text: Some(text.into()), views: Views::Count(1), ..Self::default() }
    }

    /// Every id that this message holds, rising.
    pub fn ids(&self) -> Vec<u32> {
        match &self.body {
            Body::Album(items) => items.iter().map(|item| item.id).collect(),
            Body::Documents(documents) => {
                documents.iter().map(|document| document.id.max(self.id)).collect()
            }
            _ => vec![self.id],
        }
    }

    pub(super) fn last_id(&self) -> u32 {
        self.ids().last().copied().unwrap_or(self.id)
    }

    /// The message with only this one member, if it is an album.
    pub(super) fn member(&self, id: u32) -> Self {
        let mut message = self.clone();
        if let Body::Album(items) = &mut message.body {
            items.retain(|item| item.id == id);
            message.id = id;
        }
        message
    }

    /// Gives the message and its parts ids from `first` on. Gaps between the parts stay.
    pub(super) fn number_from(&mut self, first: u32) {
        self.id = first;
        match &mut self.body {
            Body::Album(items) => renumber(items.iter_mut().map(|item| &mut item.id), first),
            Body::Documents(list) => renumber(list.iter_mut().map(|item| &mut item.id), first),
            _ => {}
        }
    }
}

fn renumber<'a>(ids: impl Iterator<Item = &'a mut u32>, first: u32) {
    let mut smallest = None;
    for id in ids {
        let origin = *smallest.get_or_insert(*id);
        *id = first + id.saturating_sub(origin);
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Written(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Written(text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<Body> for Message {
    fn from(body: Body) -> Self {
        Self { views: Views::Count(1), ..Self::new(body) }
    }
}

/// The name of a file that exists.
pub(super) fn file<'de, D: Deserializer<'de>>(input: D) -> Result<File, D::Error> {
    let name = String::deserialize(input)?;
    let found = media::find(&name).map(|medium| medium.name);
    found.ok_or_else(|| serde::de::Error::custom(format!("no file `{name}` in src/demo/media")))
}

pub(super) fn optional_file<'de, D: Deserializer<'de>>(input: D) -> Result<Option<File>, D::Error> {
    file(input).map(Some)
}
