//! The model: what a channel, a post and a page are, whatever they came from and go to.
//!
//! Pure values. Knows `text` and nothing else of ours.

mod message_id;
mod name;

pub use message_id::MessageId;
pub use name::{BadName, ChannelName, Target};
