//! What a message of the fake Telegram says, before it becomes markup: plain data, for the samples to fill in and
//! for the tests to change. Knows nothing of HTML.

use chrono::{DateTime, Utc};

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

/// The medium of a message.
#[derive(Clone, Debug)]
pub enum Body {
    /// No medium.
    Text,
    /// One photo.
    Photo(Photo),
    /// Photos and videos sent together.
    Album(Vec<Item>),
    /// A video.
    Video(Video),
    /// A silent film that repeats.
    Gif(Video),
    /// A round video.
    Round(Video),
    /// A voice note.
    Voice(Voice),
    /// A piece of music, of which the page has no file.
    Music(Music),
    /// One or several files, of which the page has none.
    Documents(Vec<Document>),
    /// A sticker.
    Sticker(Sticker),
    /// A place on the map.
    Location(Place),
    /// Somebody's card.
    Contact {
        /// The name.
        name: String,
        /// The number, with its `+`.
        phone: String,
    },
    /// A bill.
    Invoice {
        /// What is sold.
        title: String,
        /// What it is.
        description: String,
        /// The price as shown.
        total: String,
        /// Its picture.
        picture: Option<File>,
    },
    /// A game.
    Game {
        /// Its title.
        title: String,
        /// What it is.
        text: String,
        /// Its picture.
        picture: File,
    },
    /// A poll or a quiz.
    Poll(Poll),
    /// Something that happened to the channel.
    Service(Service),
    /// What Telegram's page cannot show: the label that stands there.
    Unsupported(&'static str),
}

/// A photo.
#[derive(Clone, Copy, Debug)]
pub struct Photo {
    /// The picture.
    pub file: File,
}

/// A member of an album.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Its id; in a draft the distance from the first.
    pub id: u32,
    /// What it is.
    pub medium: Medium,
}

/// What an album can hold.
#[derive(Clone, Copy, Debug)]
pub enum Medium {
    /// A photo.
    Photo(Photo),
    /// A video.
    Video(Video),
}

/// A video, GIF or round video.
#[derive(Clone, Copy, Debug)]
pub struct Video {
    /// The film; `None` when it is too big for the page.
    pub file: Option<File>,
    /// The still picture.
    pub poster: Option<File>,
    /// Its length.
    pub seconds: u32,
    /// Width and height, in pixels.
    pub size: (u32, u32),
}

/// A voice note.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    /// The recording.
    pub file: File,
    /// Its length.
    pub seconds: u32,
}

/// A piece of music.
#[derive(Clone, Debug)]
pub struct Music {
    /// The title.
    pub title: String,
    /// Who plays it.
    pub performer: String,
}

/// A file.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its id; in a draft the distance from the first.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Its size as shown.
    pub size: String,
    /// Its own caption, when several were sent together.
    pub caption: Option<Text>,
}

/// A sticker.
#[derive(Clone, Copy, Debug)]
pub enum Sticker {
    /// A WebP picture.
    Still(File),
    /// A Lottie animation.
    Animated(File),
    /// A film with transparency, and its first picture.
    Film(File, File),
}

/// A place.
#[derive(Clone, Debug)]
pub struct Place {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Title and address, when it is a venue.
    pub venue: Option<(String, String)>,
}

/// A poll.
#[derive(Clone, Debug)]
pub struct Poll {
    /// What is asked.
    pub question: String,
    /// Who sees who answered, and whether there is a right answer.
    pub kind: PollKind,
    /// Whether several answers may be given.
    pub multiple: bool,
    /// Whether it has ended.
    pub closed: bool,
    /// How many have answered.
    pub voters: u64,
    /// The answers.
    pub options: Vec<PollOption>,
}

/// The kinds of polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollKind {
    /// Nobody sees who answered.
    Anonymous,
    /// Everybody sees who answered.
    Public,
    /// With a right answer.
    Quiz,
    /// With a right answer, and everybody sees who answered.
    PublicQuiz,
}

/// An answer of a poll.
#[derive(Clone, Debug)]
pub struct PollOption {
    /// The answer.
    pub text: String,
    /// How many chose it.
    pub votes: u64,
    /// Whether it is right, when that is shown.
    pub correct: Option<bool>,
}

/// What happened to a channel.
#[derive(Clone, Debug)]
pub enum Service {
    /// It was created.
    Created,
    /// It was renamed to this title.
    Renamed(String),
    /// It got a new photo.
    PhotoUpdated(File),
    /// It lost its photo.
    PhotoRemoved,
    /// This was pinned.
    Pinned(String),
    /// A live stream began.
    LiveStarted,
    /// A live stream of this length ended.
    LiveFinished(String),
    /// A live stream was announced for this time.
    LiveScheduled(String),
    /// Something without a text.
    Silent,
}

/// Where a forwarded message comes from.
#[derive(Clone, Debug)]
pub struct Forward {
    /// The name shown.
    pub title: String,
    /// The address under `https://t.me/`, for those who have one.
    pub path: Option<String>,
    /// The signature at its origin.
    pub author: Option<String>,
}

/// What a message answers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The address under `https://t.me/`.
    pub path: String,
    /// The title of the channel.
    pub title: String,
    /// What is quoted.
    pub quote: Quote,
    /// A small picture.
    pub thumb: Option<File>,
}

/// The quoted part of a reply.
#[derive(Clone, Debug)]
pub enum Quote {
    /// The text.
    Text(String),
    /// The kind of a message without text: "Photo", "Video"…
    Kind(String),
}

/// Who wrote a message.
#[derive(Clone, Debug)]
pub struct Author {
    /// The name shown.
    pub name: String,
    /// The user name, for those who have one (shown in groups).
    pub user: Option<String>,
}

/// The counter of views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Views {
    /// No counter.
    Hidden,
    /// A counter without a number.
    Empty,
    /// So many.
    Count(u64),
}

/// One kind of reaction and how often it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// An emoji.
    Emoji(String, u64),
    /// A custom emoji, of which the page has only the number.
    Custom(u64, u64),
    /// Stars.
    Paid(u64),
}

/// A button.
#[derive(Clone, Debug)]
pub enum Button {
    /// Opens an address.
    Link {
        /// What it says.
        label: String,
        /// Where it leads.
        address: String,
    },
    /// Talks to the bot, which only the app can.
    Callback {
        /// What it says.
        label: String,
    },
}

/// The card of a link; every part may be missing.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// Where it leads.
    pub address: String,
    /// The site's name.
    pub site: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The first words.
    pub description: Option<String>,
    /// The picture or film.
    pub picture: PreviewPicture,
}

/// The picture of a link's card.
#[derive(Clone, Copy, Debug, Default)]
pub enum PreviewPicture {
    /// None.
    #[default]
    None,
    /// A small one beside the text.
    Small(File),
    /// A large one.
    Large(File),
    /// A film.
    Film(Video),
}

/// How Telegram marks that its page may not show everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapping {
    /// No wrapping. (A text with a custom emoji is wrapped all the same.)
    None,
    /// Medium and text are wrapped, with a notice beside them.
    Whole,
    /// The medium is wrapped, the text stands outside.
    MediumOnly,
    /// Medium and text are wrapped twice, with two notices.
    Twice,
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
