//! A post: one message, or one album of several.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ChannelName, Document, Media, MessageId, Ratio};
use crate::text::{Address, MOST_HASHTAGS, RichText, Spoilers};

/// All that Telegram's page tells of a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// The channel's (or group's) name as the post carries it.
    pub channel: ChannelName,
    /// The id under which Telegram shows the post: an album's first message.
    pub id: MessageId,
    /// Every message of the post, `id` included, ascending.
    pub members: Vec<MessageId>,
    /// Telegram's number of the channel, when the post tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numeric_channel_id: Option<i64>,
    /// When it was posted.
    pub published: DateTime<Utc>,
    /// Telegram says that it was edited; it does not say when.
    pub edited: bool,
    /// Who wrote it, of a public group's post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Person>,
    /// Who signed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Views, as Telegram writes them (`12.3K`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<String>,
    /// Where it was forwarded from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Forward>,
    /// What it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// The bot through which it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via_bot: Option<Person>,
    /// Its words.
    #[serde(default, skip_serializing_if = "RichText::is_empty")]
    pub text: RichText,
    /// Photos, films, sounds and stickers, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// Files and music, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
    /// A place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// A person's card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// A poll or quiz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// Something for sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Invoice>,
    /// A game.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub game: Option<Game>,
    /// The card of a linked page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_preview: Option<LinkPreview>,
    /// Buttons under the post, row by row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
    /// Reactions, as Telegram orders them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// What happened, of a message that tells about the channel itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceMessage>,
    /// Telegram's notice that its page cannot show the post (or a part of it), in its words; empty for a post of a kind that
    /// we do not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
}

impl Post {
    /// A post with an id and a time and nothing else.
    pub fn new(channel: ChannelName, id: MessageId, published: DateTime<Utc>) -> Self {
        Self {
            channel,
            id,
            members: vec![id],
            numeric_channel_id: None,
            published,
            edited: false,
            sender: None,
            signature: None,
            views: None,
            forward: None,
            reply: None,
            via_bot: None,
            text: RichText::default(),
            media: Vec::new(),
            documents: Vec::new(),
            location: None,
            contact: None,
            poll: None,
            invoice: None,
            game: None,
            link_preview: None,
            buttons: Vec::new(),
            reactions: Vec::new(),
            service: None,
            unsupported: None,
        }
    }

    /// Hashtags of the text and of captions, without `#`, in order, each once; [`MOST_HASHTAGS`] at most.
    pub fn hashtags(&self, spoilers: Spoilers) -> Vec<Box<str>> {
        let mut tags = self.text.hashtags(spoilers);
        for document in &self.documents {
            for tag in document.caption.hashtags(spoilers) {
                let is_known =
                    || tags.iter().any(|known| known.to_lowercase() == tag.to_lowercase());
                if tags.len() < MOST_HASHTAGS && !is_known() {
                    tags.push(tag);
                }
            }
        }
        tags
    }

    /// What its formatted texts weigh, see [`RichText::weight`]. Everything else of a post comes from its page as it
    /// stands there, and is no larger.
    pub fn weight(&self) -> usize {
        let captions = self.documents.iter().map(|document| &document.caption);
        std::iter::once(&self.text)
            .chain(captions)
            .chain(self.reply.iter().map(|reply| &reply.text))
            .chain(self.invoice.iter().map(|invoice| &invoice.description))
            .chain(self.game.iter().map(|game| &game.description))
            .chain(self.link_preview.iter().map(|preview| &preview.description))
            .map(RichText::weight)
            .sum()
    }

    /// What its author said: two versions with equal essences differ in counters, file addresses or previews only.
    ///
    /// Covers the normalised text, the identities of the files, and the poll's question (DESIGN: an edit is a change
    /// of content). A link preview arrives late and is not part of it.
    pub fn essence(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let words = |text: &RichText| {
            text.plain(Spoilers::Show).split_whitespace().collect::<Vec<_>>().join(" ")
        };
        parts.push(words(&self.text));
        for media in &self.media {
            let photo = media.photo_id.map(|id| id.to_string()).unwrap_or_default();
            parts.push(format!("{:?} {} {photo}", media.kind, media.message));
        }
        for document in &self.documents {
            let extra = document.extra.as_deref().unwrap_or_default();
            parts.push(format!("{} {extra} {}", document.title, words(&document.caption)));
        }
        parts.extend(self.poll.as_ref().map(|poll| poll.question.clone()));
        parts.extend(self.location.as_ref().map(Location::essence));
        parts.extend(
            self.contact.as_ref().map(|contact| format!("{} {}", contact.name, contact.phone)),
        );
        parts.join("\u{1f}")
    }
}

/// A person, bot or chat that is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name shown.
    pub name: String,
    /// Their public page, if they have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// Where a post was forwarded from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    /// The channel's or person's name.
    pub name: String,
    /// The original post (of a channel) or the person's page; none when they hide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Who signed the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
}

/// What a post answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The first words of it, or what kind of media it is (`Photo`).
    #[serde(default, skip_serializing_if = "RichText::is_empty")]
    pub text: RichText,
    /// Whether `text` names media and is no quotation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_media: bool,
    /// The message answered, perhaps in another channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

impl Reply {
    /// The message answered, if it is one of this channel.
    pub fn answered_in(&self, channel: &ChannelName) -> Option<MessageId> {
        let url = self.address.as_ref()?.to_url()?;
        let mut segments = url.path_segments()?;
        let name = ChannelName::parse(segments.next()?).ok()?;
        let id = MessageId::parse(segments.next()?)?;
        (name.key() == channel.key() && segments.next().is_none()).then_some(id)
    }
}

/// A place. That of a post has coordinates, a venue or a link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Where it is, when the page tells.
    #[serde(flatten)]
    pub coordinates: Option<Coordinates>,
    /// The venue, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<Venue>,
    /// The page about it, when its link is not a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Address>,
}

impl Location {
    /// Whether it says nothing of where it is.
    pub fn is_empty(&self) -> bool {
        self.coordinates.is_none() && self.venue.is_none() && self.link.is_none()
    }

    /// The coordinates; without them, the venue.
    fn essence(&self) -> String {
        match (&self.coordinates, &self.venue) {
            (Some(place), _) => format!("{} {}", place.latitude, place.longitude),
            (None, Some(venue)) => {
                format!("{} {}", venue.title, venue.address.as_deref().unwrap_or_default())
            }
            (None, None) => self.link.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

/// A point on the map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coordinates {
    /// Degrees north, decimal, as Telegram writes it; checked to be a number from -90 to 90.
    pub latitude: String,
    /// Degrees east, decimal, checked to be a number from -180 to 180.
    pub longitude: String,
}

/// A named place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Venue {
    /// Its name.
    pub title: String,
    /// Its street.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A person's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The name.
    pub name: String,
    /// The number as shown.
    pub phone: String,
}

/// A poll or quiz.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// The question.
    pub question: String,
    /// What Telegram calls it (`Anonymous Poll`, `Quiz`, `Final Results`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// It has right and wrong answers.
    pub is_quiz: bool,
    /// Several answers may be chosen.
    pub is_multiple: bool,
    /// It is over: the result is part of the content.
    pub is_closed: bool,
    /// The answers, in order.
    pub options: Vec<PollOption>,
    /// How many voted, as Telegram writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voters: Option<String>,
}

/// An answer of a poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollOption {
    /// The answer.
    pub text: String,
    /// Its share in percent; those of a poll with several answers add up to more than 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// Whether it is the right one, of a quiz that tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correct: Option<bool>,
}

/// Something for sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// What it is.
    pub title: String,
    /// What is said about it.
    #[serde(default, skip_serializing_if = "RichText::is_empty")]
    pub description: RichText,
    /// The price with its currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// The picture's present address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Address>,
}

/// A game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Game {
    /// Its name.
    pub title: String,
    /// What is said about it.
    #[serde(default, skip_serializing_if = "RichText::is_empty")]
    pub description: RichText,
    /// The picture's present address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Address>,
}

/// The card of a linked page. At least one of its parts is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPreview {
    /// The page.
    pub address: Address,
    /// The site's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_name: Option<String>,
    /// The page's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The page's description.
    #[serde(default, skip_serializing_if = "RichText::is_empty")]
    pub description: RichText,
    /// The picture, or the film's still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PreviewPicture>,
    /// The film's present address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<Address>,
}

/// The picture of a link preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewPicture {
    /// Its present address.
    pub file: Address,
    /// Whether it is shown across, not as a small one at the side.
    pub large: bool,
    /// Width over height, when the page tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Ratio>,
}

/// A button under a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What it says.
    pub text: String,
    /// Where it leads; none for buttons that talk to a bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// How many people reacted in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The way.
    pub kind: ReactionKind,
    /// How many, as Telegram writes it (`55.2K`).
    pub count: String,
}

/// The ways to react.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReactionKind {
    /// An emoji character.
    Emoji(String),
    /// One of Telegram's own emoji, by its number: the page has no character for it.
    Custom(u64),
    /// Paid stars.
    Paid,
}

/// What a service message tells; its words are the post's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceMessage {
    /// The channel began.
    Created,
    /// The channel has a new title.
    Renamed,
    /// The channel has a new picture.
    PhotoUpdated,
    /// The channel has no picture any more.
    PhotoRemoved,
    /// A message was pinned.
    Pinned,
    /// A live stream is planned, began or ended.
    LiveStream,
    /// Anything else.
    Other,
}
