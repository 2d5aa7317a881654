//! What one fetch of a channel's list gives.

use serde::Serialize;

use super::{Channel, MessageId, Post};

/// A list page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The channel, as this page describes it.
    pub channel: Channel,
    /// The posts, oldest first, as the page has them.
    pub posts: Vec<Post>,
    /// Ask `before` this for older posts; none when the channel's first post is on this page (or the page is empty).
    pub older: Option<MessageId>,
    /// Ask `after` this for newer posts; none on a newest page.
    pub newer: Option<MessageId>,
    /// The page has its end: a page cut short proves nothing about what is missing on it.
    pub is_whole: bool,
    /// The page says that there are no posts (here, or for these words).
    pub says_empty: bool,
    /// Blocks that carry a message, those that did not parse included.
    pub blocks: usize,
    /// Ids of blocks that are there but did not parse: present, as far as deletion is concerned.
    pub unreadable: Vec<MessageId>,
    /// A block without a readable id was seen: nothing may be concluded from what is missing.
    pub has_nameless_block: bool,
}

impl Page {
    /// The smallest message id of any post on the page.
    pub fn oldest(&self) -> Option<MessageId> {
        self.posts
            .iter()
            .flat_map(|post| post.members.iter().copied())
            .chain(self.unreadable.iter().copied())
            .min()
    }

    /// The largest message id of any post on the page.
    pub fn newest(&self) -> Option<MessageId> {
        self.posts
            .iter()
            .flat_map(|post| post.members.iter().copied())
            .chain(self.unreadable.iter().copied())
            .max()
    }
}
