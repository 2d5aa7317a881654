//! What stands around the medium and the text of a message.

use super::{File, Video};

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
