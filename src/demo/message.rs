//! Messages of the fake Telegram: plain data. Sample files and tests fill it in; `page` renders it.
//!
//! An album, and documents sent together, are one message with several ids. `Channel::publish` sets the ids and the time;
//! before that, the ids of the parts are offsets from the first one.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::media::File;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Message {
    /// The lowest id.
    pub id: u32,
    #[serde(skip)]
    pub time: DateTime<Utc>,
    pub body: Body,
    /// Text or caption.
    pub text: Option<Text>,
    pub forward: Option<Forward>,
    pub reply: Option<Reply>,
    /// User name of the inline bot.
    pub via: Option<String>,
    /// Signature in a channel, sender in a group.
    pub author: Option<Author>,
    pub edited: bool,
    pub views: Views,
    /// An empty list renders an empty row.
    pub reactions: Option<Vec<Reaction>>,
    /// Rows of buttons.
    pub keyboard: Vec<Vec<Button>>,
    pub preview: Option<Preview>,
    pub wrapping: Wrapping,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Body {
    #[default]
    Text,
    Photo(File),
    Album(Vec<AlbumItem>),
    Video(Video),
    Gif(Video),
    Round(Video),
    Voice {
        file: File,
        seconds: u32,
    },
    /// Telegram's pages do not contain the file.
    Music {
        title: String,
        performer: String,
    },
    /// Telegram's pages do not contain the files.
    Documents(Vec<Document>),
    Sticker(Sticker),
    Location {
        latitude: f64,
        longitude: f64,
        /// Title and address.
        venue: Option<(String, String)>,
    },
    Contact {
        name: String,
        /// With `+`.
        phone: String,
    },
    Invoice {
        title: String,
        description: String,
        /// As shown, with the currency.
        total: String,
        picture: Option<File>,
    },
    Game {
        title: String,
        text: String,
        picture: File,
    },
    Poll(Poll),
    #[serde(rename = "service")]
    ServiceMessage(ServiceMessage),
    /// A message that Telegram's pages cannot show, and the label shown in its place.
    Unsupported(String),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlbumItem {
    pub id: u32,
    pub medium: Medium,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    Photo(File),
    Video(Video),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Video {
    /// `None` if it is too large for the page.
    pub file: Option<File>,
    pub poster: Option<File>,
    pub seconds: u32,
    /// Width and height in pixels.
    pub size: (u32, u32),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    #[serde(default)]
    pub id: u32,
    pub name: String,
    /// As shown, with the unit.
    pub size: String,
    /// Its own caption, if several documents were sent together.
    pub caption: Option<Text>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sticker {
    /// `WebP`.
    Still(File),
    /// Lottie.
    Animated(File),
    /// A video with transparency, and its first frame.
    Video(File, File),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    pub question: String,
    /// The type as shown, such as `Anonymous Quiz`; a closed poll shows `Final Results`.
    pub label: String,
    /// Whether several options can be chosen.
    #[serde(default)]
    pub multiple: bool,
    #[serde(default)]
    pub closed: bool,
    pub voters: u64,
    pub options: Vec<PollOption>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollOption {
    pub text: String,
    pub votes: u64,
    /// `None` if the page does not mark it.
    pub correct: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceMessage {
    Created,
    /// The new title.
    Renamed(String),
    PhotoUpdated(File),
    PhotoRemoved,
    /// The beginning of the pinned message.
    Pinned(String),
    LiveStarted,
    /// The duration as shown.
    LiveFinished(String),
    /// The time as shown.
    LiveScheduled(String),
    /// Without text.
    Silent,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forward {
    pub title: String,
    /// The path under `https://t.me/`, if the original is public.
    pub path: Option<String>,
    /// The signature of the original.
    pub author: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The path under `https://t.me/`.
    pub path: String,
    /// The title of the channel.
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub quote: Quote,
    pub thumb: Option<File>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quote {
    Text(String),
    /// The type of a message without text, such as `Photo`.
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

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Views {
    #[default]
    Hidden,
    /// The element without a number.
    Empty,
    Count(u64),
}

/// A reaction and its count. In sample files a pair: an emoji, the id of a custom emoji or `stars`, and the count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "(String, u64)")]
pub enum Reaction {
    Emoji(String, u64),
    /// By the id of the emoji.
    Custom(u64, u64),
    /// Telegram Stars.
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

/// A link preview.
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
    Small(File),
    Large(File),
    Video(Video),
}

/// The elements with which Telegram marks that its page may be incomplete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrapping {
    /// A text with a custom emoji is wrapped nevertheless.
    #[default]
    None,
    /// Media and text are wrapped, with one notice.
    Whole,
    /// The text is outside.
    MediumOnly,
    /// Media and text are wrapped twice, with two notices.
    Twice,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Text {
    /// As people type it into Telegram: `**bold**`, `__italic__`, `++underline++`, `~~strike~~`, `||spoiler||`,
    /// `` `code` ``, three backticks with a language, `[text](address)`, lines of `> quote` and `>> expandable
    /// quote`, `{5389…|⌚️}` for a custom emoji. Hashtags, mentions, addresses and emoji are detected.
    Written(String),
    /// HTML that is rendered unchanged, for pages that Telegram would never send.
    Html(String),
}

impl Message {
    pub fn text(text: impl Into<Text>) -> Self {
        Self { text: Some(text.into()), views: Views::Count(1), ..Self::default() }
    }

    /// All ids, ascending.
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

    /// The message with this item only, if it is an album.
    pub(super) fn single(&self, id: u32) -> Self {
        let mut message = self.clone();
        if let Body::Album(items) = &mut message.body {
            items.retain(|item| item.id == id);
            message.id = id;
        }
        message
    }

    /// Sets the ids of the message and its parts, from `first` on. Gaps between the parts stay.
    pub(super) fn number_from(&mut self, first: u32) {
        self.id = first;
        let parts: Vec<&mut u32> = match &mut self.body {
            Body::Album(items) => items.iter_mut().map(|item| &mut item.id).collect(),
            Body::Documents(list) => list.iter_mut().map(|document| &mut document.id).collect(),
            _ => return,
        };
        let origin = parts.first().map_or(0, |id| **id);
        for id in parts {
            *id = first + id.saturating_sub(origin);
        }
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
        Self { body, views: Views::Count(1), ..Self::default() }
    }
}
