//! Spoilers in quotations: what a post hides stays hidden where another post quotes it, although Telegram's page of the
//! answer shows it. Pure.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{MessageId, Post, StoredPost};
use crate::text::RichText;

/// The text that a post quotes from another post of its channel, and that post.
pub(super) fn quotation(post: &Post) -> Option<(&RichText, MessageId)> {
    let reply = post.reply.as_ref().filter(|reply| !reply.is_media)?;
    Some((&reply.text, reply.answered_in(&post.channel)?))
}

/// The quotation with the words hidden that its original hides, if there are any.
pub(super) fn hidden(quotation: &RichText, original: &Post) -> Option<RichText> {
    texts(original).find_map(|text| quotation.hidden_as_in(text))
}

/// Hides in quotations among these posts what originals among them hide.
pub(super) fn hide_among(posts: &mut [Arc<StoredPost>]) {
    let originals = originals(posts.iter());
    if originals.is_empty() {
        return;
    }
    for post in posts {
        hide_by(&originals, post);
    }
}

/// The posts that hide something, by each of their messages.
pub(super) fn originals<'a>(
    posts: impl Iterator<Item = &'a Arc<StoredPost>>,
) -> HashMap<MessageId, Arc<StoredPost>> {
    let hiding = posts.filter(|stored| texts(&stored.post).any(RichText::has_spoilers));
    hiding
        .flat_map(|stored| stored.post.members.iter().map(|id| (*id, Arc::clone(stored))))
        .collect()
}

/// Hides in a post's quotation what its original hides, and tells whether that changes it.
pub(super) fn hide_by(
    originals: &HashMap<MessageId, Arc<StoredPost>>,
    answer: &mut Arc<StoredPost>,
) -> bool {
    let Some((quotation, answered)) = quotation(&answer.post) else { return false };
    let Some(original) = originals.get(&answered) else { return false };
    let Some(text) = hidden(quotation, &original.post).filter(|text| text != quotation) else {
        return false;
    };
    if let Some(reply) = &mut Arc::make_mut(answer).post.reply {
        reply.text = text;
    }
    true
}

fn texts(post: &Post) -> impl Iterator<Item = &RichText> {
    std::iter::once(&post.text).chain(post.documents.iter().map(|document| &document.caption))
}
