//! A parsed page of a channel's post list.

use serde::Serialize;

use super::{Channel, MessageId, Post};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    pub channel: Channel,
    /// Oldest first, as on the page.
    pub posts: Vec<Post>,
    /// The `before` of the next older page. `None` if the channel's first post is on this page, or the page is empty.
    pub older: Option<MessageId>,
    /// The `after` of the next newer page. `None` on the newest page.
    pub newer: Option<MessageId>,
    /// The page is complete. Posts missing on a truncated page are not proven to be deleted.
    pub is_whole: bool,
    /// The page has Telegram's notice that there are no posts, or no results.
    pub says_empty: bool,
    /// The number of message blocks, including those that could not be parsed.
    pub blocks: usize,
    /// Ids of messages that could not be parsed. They are not deleted.
    pub unreadable: Vec<MessageId>,
    /// A block had no readable id, so no missing post is proven to be deleted.
    pub has_nameless_block: bool,
}

impl Page {
    /// The smallest message id on the page.
    pub fn oldest(&self) -> Option<MessageId> {
        self.posts
            .iter()
            .flat_map(|post| post.members.iter().copied())
            .chain(self.unreadable.iter().copied())
            .min()
    }

    /// The largest message id on the page.
    pub fn newest(&self) -> Option<MessageId> {
        self.posts
            .iter()
            .flat_map(|post| post.members.iter().copied())
            .chain(self.unreadable.iter().copied())
            .max()
    }
}
