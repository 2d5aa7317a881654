//! A post: one message, or one album of several.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ChannelName, Document, Media, MessageId, Ratio};
use crate::text::{Address, MAX_HASHTAGS, RichText, Spoilers};

/// The content of a post as Telegram's page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// The channel's (or group's) name as the post carries it.
    pub channel: ChannelName,
    /// The id under which Telegram shows the post: an album's first message.
    pub id: MessageId,
    /// Every message of the post, `id` included, ascending.
    pub members: Vec<MessageId>,
    /// Telegram's number of the channel, if the post carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numeric_channel_id: Option<i64>,
    pub published: DateTime<Utc>,
    /// Telegram marks the post as edited; it does not say when.
    pub edited: bool,
    /// The author of a post in a public group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Person>,
    /// The author's signature in a channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Views, as Telegram writes them (`12.3K`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<String>,
    /// The origin of a forwarded post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Forward>,
    /// The message that the post replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// The bot through which it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via_bot: Option<Person>,
    #[serde(default, skip_serializing_if = "RichText::is_empty")]
    pub text: RichText,
    /// Photos, videos, voice notes and stickers, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// Files and music, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Invoice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub game: Option<Game>,
    /// The preview of a linked page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_preview: Option<LinkPreview>,
    /// Buttons under the post, row by row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Set for service messages, such as “pinned a message”; their text is in `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceMessage>,
    /// Telegram's notice that its page cannot show the post or a part of it. Empty for a post of an unknown kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
}

impl Post {
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

    /// The text and the captions.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &RichText> {
        std::iter::once(&self.text).chain(self.documents.iter().map(|document| &document.caption))
    }

    /// The addresses of links in texts and of buttons.
    pub(crate) fn addresses(&self, spoilers: Spoilers) -> impl Iterator<Item = &Address> {
        let buttons = self.buttons.iter().flatten().filter_map(|button| button.address.as_ref());
        self.texts().flat_map(move |text| text.addresses(spoilers)).chain(buttons)
    }

    /// Hashtags of the text and of captions, without `#`, in order, each once; [`MAX_HASHTAGS`] at most.
    pub fn hashtags(&self, spoilers: Spoilers) -> Vec<Box<str>> {
        let mut tags = self.text.hashtags(spoilers);
        for document in &self.documents {
            for tag in document.caption.hashtags(spoilers) {
                let is_duplicate =
                    || tags.iter().any(|other| other.to_lowercase() == tag.to_lowercase());
                if tags.len() < MAX_HASHTAGS && !is_duplicate() {
                    tags.push(tag);
                }
            }
        }
        tags
    }

    /// The weight of all formatted texts, see [`RichText::weight`]. The other fields are no larger than the page they
    /// come from.
    pub fn weight(&self) -> usize {
        self.texts()
            .chain(self.reply.iter().map(|reply| &reply.text))
            .chain(self.invoice.iter().map(|invoice| &invoice.description))
            .chain(self.game.iter().map(|game| &game.description))
            .chain(self.link_preview.iter().map(|preview| &preview.description))
            .map(RichText::weight)
            .sum()
    }

    /// The author's content. Versions with equal keys are no edits: they differ in counters, file addresses or other
    /// parts that the key lacks.
    ///
    /// It has the normalised texts, also those of a poll, an invoice and a game, the identities of the files, the place
    /// and the contact.
    /// Formatting and link previews, which arrive late, are not part of it.
    pub fn content_key(&self) -> String {
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
        if let Some(poll) = &self.poll {
            parts.push(poll.question.clone());
            parts.extend(poll.options.iter().map(|option| option.text.clone()));
        }
        if let Some(invoice) = &self.invoice {
            let total = invoice.total.as_deref().unwrap_or_default();
            parts.push(format!("{} {} {total}", invoice.title, words(&invoice.description)));
        }
        if let Some(game) = &self.game {
            parts.push(format!("{} {}", game.title, words(&game.description)));
        }
        parts.extend(self.location.as_ref().map(Location::content_key));
        parts.extend(
            self.contact.as_ref().map(|contact| format!("{} {}", contact.name, contact.phone)),
        );
        parts.join("\u{1f}")
    }
}

/// A person, bot or chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    /// The name of the channel or person.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The signature of the original post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The first words of the message, or the kind of its media (`Photo`).
    #[serde(default, skip_serializing_if = "RichText::is_empty")]
    pub text: RichText,
    /// `text` is a kind of media, not a quotation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_media: bool,
    /// The URL of the message, which may be in another channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

impl Reply {
    /// The id of the message, if it is in this channel.
    pub fn answered_in(&self, channel: &ChannelName) -> Option<MessageId> {
        let url = self.address.as_ref()?.to_url()?;
        let mut segments = url.path_segments()?;
        let name = ChannelName::parse(segments.next()?).ok()?;
        let id = MessageId::parse(segments.next()?)?;
        (name.key() == channel.key() && segments.next().is_none()).then_some(id)
    }
}

/// A place: coordinates, a venue or a link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Missing if the link is not a map.
    #[serde(flatten)]
    pub coordinates: Option<Coordinates>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<Venue>,
    /// A page about the place, if the link is not a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Address>,
}

impl Location {
    /// Neither coordinates nor venue nor link is known.
    pub fn is_empty(&self) -> bool {
        self.coordinates.is_none() && self.venue.is_none() && self.link.is_none()
    }

    /// The coordinates; without them, the venue; without both, the link.
    fn content_key(&self) -> String {
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
    /// Decimal degrees north as Telegram writes them, from -90 to 90.
    pub latitude: String,
    /// Decimal degrees east, from -180 to 180.
    pub longitude: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Venue {
    pub title: String,
    /// The street.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub name: String,
    /// The phone number as shown.
    pub phone: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    pub question: String,
    /// Telegram's label: `Anonymous Poll`, `Quiz`, `Final Results`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// One answer is correct.
    pub is_quiz: bool,
    /// A voter can choose several answers.
    pub is_multiple: bool,
    /// Voting has ended, so the result is part of the content.
    pub is_closed: bool,
    pub options: Vec<PollOption>,
    /// The number of voters as Telegram writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voters: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollOption {
    pub text: String,
    /// The share in percent. With several answers for each voter, shares add up to more than 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// Set in a quiz that shows the correct answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correct: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    pub title: String,
    #[serde(default, skip_serializing_if = "RichText::is_empty")]
    pub description: RichText,
    /// The price with currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// The picture's current URL at Telegram.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Address>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Game {
    pub title: String,
    #[serde(default, skip_serializing_if = "RichText::is_empty")]
    pub description: RichText,
    /// The picture's current URL at Telegram.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Address>,
}

/// The preview of a linked page. At least one of its parts is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPreview {
    pub address: Address,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "RichText::is_empty")]
    pub description: RichText,
    /// The picture, or the poster of the video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PreviewPicture>,
    /// The video's current URL at Telegram.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<Address>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewPicture {
    /// The current URL at Telegram.
    pub file: Address,
    /// Shown at full width, not as a thumbnail at the side.
    pub large: bool,
    /// Width over height, if the page has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Ratio>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    pub text: String,
    /// Missing for buttons that talk to a bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// A reaction with its count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    pub kind: ReactionKind,
    /// The count as Telegram writes it (`55.2K`).
    pub count: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReactionKind {
    Emoji(String),
    /// The id of a custom emoji; the page has no character for it.
    Custom(u64),
    /// Paid stars.
    Paid,
}

/// The event of a service message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceMessage {
    Created,
    Renamed,
    PhotoUpdated,
    PhotoRemoved,
    Pinned,
    /// A live stream is planned, has begun or has ended.
    LiveStream,
    Other,
}
