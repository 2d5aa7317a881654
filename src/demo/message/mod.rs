//! What a message of the fake Telegram says, before it becomes markup: plain data, for the samples to fill in and
//! for the tests to change. Knows nothing of HTML.

mod body;
mod surroundings;

use chrono::{DateTime, Utc};

pub use body::{
    Body, Document, Item, Medium, Music, Photo, Place, Poll, PollKind, PollOption, ServiceMessage,
    Sticker, Video, Voice,
};
pub use surroundings::{
    Author, Button, Forward, Preview, PreviewPicture, Quote, Reaction, Reply, Views, Wrapping,
};

/// The name of a file under `src/demo/media`.
pub type File = &'static str;

/// What Telegram numbers. An album, and documents sent together, are one value with several ids.
#[derive(Clone, Debug)]
pub struct Message {
    /// The id, which for several things sent together is the first of theirs.
    pub id: u32,
    /// When it was published.
    pub time: DateTime<Utc>,
    /// The medium, or what stands in its place.
    pub body: Body,
    /// The text or the caption.
    pub text: Option<Text>,
    /// Where it was first published.
    pub forward: Option<Forward>,
    /// What it answers.
    pub reply: Option<Reply>,
    /// The name of the bot it was sent through.
    pub via: Option<String>,
    /// Who signed it; in a group, who wrote it.
    pub author: Option<Author>,
    /// Whether it bears the word "edited".
    pub edited: bool,
    /// The counter of views.
    pub views: Views,
    /// The row of reactions; an empty list is an empty row.
    pub reactions: Option<Vec<Reaction>>,
    /// Rows of buttons below the message.
    pub keyboard: Vec<Vec<Button>>,
    /// The card of a link.
    pub preview: Option<Preview>,
    /// Whether Telegram wraps what it can show, beside a notice for what it cannot.
    pub wrapping: Wrapping,
}

impl Message {
    /// A message with a body and nothing else. Its id and time are given when it joins a channel.
    #[must_use]
    pub fn new(body: Body) -> Self {
        Self {
            id: 0,
            time: DateTime::UNIX_EPOCH,
            body,
            text: None,
            forward: None,
            reply: None,
            via: None,
            author: None,
            edited: false,
            views: Views::Hidden,
            reactions: None,
            keyboard: Vec::new(),
            preview: None,
            wrapping: Wrapping::None,
        }
    }

    /// A message of text alone.
    #[must_use]
    pub fn text(text: impl Into<Text>) -> Self {
        Self { text: Some(text.into()), views: Views::Count(1), ..Self::new(Body::Text) }
    }

    /// Every id that this message holds, rising.
    #[must_use]
    pub fn ids(&self) -> Vec<u32> {
        match &self.body {
            Body::Album(items) => items.iter().map(|item| item.id).collect(),
            Body::Documents(documents) => {
                documents.iter().map(|document| document.id.max(self.id)).collect()
            }
            _ => vec![self.id],
        }
    }

    /// Gives the message, and what it holds, ids from `first` on; the gaps that its items have are kept.
    pub(super) fn number_from(&mut self, first: u32) {
        self.id = first;
        match &mut self.body {
            Body::Album(items) => renumber(items.iter_mut().map(|item| &mut item.id), first),
            Body::Documents(list) => renumber(list.iter_mut().map(|item| &mut item.id), first),
            _ => {}
        }
    }
}

/// Ids that were offsets (0, 1, 3…) become real ones.
fn renumber<'a>(ids: impl Iterator<Item = &'a mut u32>, first: u32) {
    let mut smallest = None;
    for id in ids {
        let origin = *smallest.get_or_insert(*id);
        *id = first + id.saturating_sub(origin);
    }
}

/// A text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// As people type it into Telegram: `**bold**`, `__italic__`, `++underline++`, `~~strike~~`, `||spoiler||`,
    /// `` `code` ``, three backticks with a language, `[text](address)`, lines of `> quote` and `>> quote that
    /// opens`, `{5389…|⌚️}` for a custom emoji; hashtags, mentions, addresses and emoji are found in it.
    Written(String),
    /// HTML that goes to the page as it is, for tests of what Telegram would never send.
    Html(String),
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
