//! Spoilers in quotations: text that a post hides stays hidden in quotations of it, although Telegram's page of the
//! reply shows it. Pure.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{MessageId, Post, Reply, StoredPost};
use crate::text::{RichText, Spoilers};

/// The text that a post quotes from another post of its channel, and the message of that post.
pub(super) fn quotation(post: &Post) -> Option<(&RichText, MessageId)> {
    let reply = post.reply.as_ref().filter(|reply| !reply.is_media)?;
    Some((&reply.text, reply.answered_in(&post.channel)?))
}

/// Whether two quotations differ in formatting and spoilers only.
pub(super) fn has_same_words(one: &Reply, other: &Reply) -> bool {
    let words = |reply: &Reply| -> String {
        let text = reply.text.plain(Spoilers::Show);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    one.text == other.text || words(one) == words(other)
}

/// The quotation with the spoilers of its original; `None` if there are none.
pub(super) fn hidden(quotation: &RichText, original: &Post) -> Option<RichText> {
    texts(original).find_map(|text| quotation.hidden_as_in(text))
}

/// Applies the spoilers of these posts to the quotations among them.
pub(super) fn hide_among(posts: &mut [Arc<StoredPost>]) {
    let originals = originals(posts.iter());
    if originals.is_empty() {
        return;
    }
    for post in posts {
        hide_by(&originals, post);
    }
}

/// The posts with spoilers, by each of their messages.
pub(super) fn originals<'a>(
    posts: impl Iterator<Item = &'a Arc<StoredPost>>,
) -> HashMap<MessageId, Arc<StoredPost>> {
    let hiding = posts.filter(|stored| texts(&stored.post).any(RichText::has_spoilers));
    hiding
        .flat_map(|stored| stored.post.members.iter().map(|id| (*id, Arc::clone(stored))))
        .collect()
}

/// Applies an original's spoilers to a post's quotation. Returns whether that changes it.
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
