//! The model: channels, posts, pages, media, links and feed options, independent of their origin and output.
//!
//! Pure values. Knows only `text` and `locale`.

mod channel;
mod cursor;
mod file;
mod format;
pub mod link;
mod media;
mod message_id;
mod moved;
mod name;
pub mod options;
mod outline;
mod page;
mod post;
mod route;
mod source;
mod stored;

pub use crate::locale::Language;
pub use channel::{Channel, Counters};
pub use cursor::{Cursor, MAX_CHANNELS, Position};
pub use file::File;
pub(crate) use file::has_files;
pub use format::Format;
pub(crate) use link::TELEGRAM_HOSTS;
pub use link::Target;
pub use media::{Document, DocumentKind, Media, MediaKind, Ratio};
pub use message_id::MessageId;
pub use moved::Moved;
pub use name::{BadName, ChannelName};
pub use options::{BadOption, FeedDefaults, FeedOptions};
pub use outline::Outline;
pub use page::Page;
pub use post::{
    Button, Contact, Coordinates, Forward, Game, Invoice, LinkPreview, Location, Person, Poll,
    PollOption, Post, PreviewPicture, Reaction, ReactionKind, Reply, ServiceMessage, Venue,
};
pub use route::{BadRoute, Place, Resource, Route};
pub use source::{BadSet, ChannelSet, Source};
pub use stored::{Identity, Snapshot, StoredPost};
