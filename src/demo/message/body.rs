//! The medium of a message, or what stands in its place.

use super::{File, Text};

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
    ServiceMessage(ServiceMessage),
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
pub enum ServiceMessage {
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
