//! Merges a page with the known rows of its messages, by the rules of identity, edits and deletions. Pure.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::freshness::elapsed;
use super::quotation::has_same_words;
use crate::archive::PostRow;
use crate::model::{
    Button, Channel, ChannelName, Identity, Media, MessageId, Page, Post, StoredPost,
};

/// Changes this soon after publication count as corrected typing errors, and do not change the updated date.
const TYPO_TIME: Duration = Duration::from_secs(15 * 60);

/// A page with the context of its fetch.
pub(super) struct Reading {
    /// A page, or several adjacent ones joined.
    pub(super) page: Page,
    /// The largest id that the page can show: the requested `before`, less one.
    pub(super) high: MessageId,
    /// The time of the fetch.
    pub(super) now: DateTime<Utc>,
    /// The least time between two pages that prove a deletion.
    pub(super) min_ttl: Duration,
    /// The version of the parser.
    pub(super) parser: u32,
    /// The channel's number, if the identities of new posts need it ([`Channel::identity_number`]).
    pub(super) number: Option<i64>,
}

#[derive(Debug, Default)]
pub(super) struct Merged {
    /// All rows, newest first: known, new and deleted ones.
    pub(super) rows: Vec<PostRow>,
    /// The rows to store: they differ from the known ones by more than counters and file addresses.
    pub(super) put: Vec<PostRow>,
    /// The versions before an edit.
    pub(super) former: Vec<StoredPost>,
    pub(super) has_new: bool,
    /// A known post was edited, deleted or restored.
    pub(super) has_changed: bool,
}

/// Merges a page with the known rows of the messages that it covers.
pub(super) fn read(rows: &[PostRow], mut reading: Reading) -> Merged {
    let (oldest, posts) = (reading.page.oldest(), std::mem::take(&mut reading.page.posts));
    let is_shown = vec![false; rows.len()];
    let mut merging = Merging { rows, reading, is_shown, merged: Merged::default() };
    merging.take_posts(posts);
    merging.add_missing(oldest);
    let mut merged = merging.merged;
    merged.rows.sort_by_key(|row| std::cmp::Reverse(row.kept.post.id));
    merged
}

/// A new post with its identity. `number`: its channel's number, if the name alone does not identify it.
pub(super) fn new_stored(post: Post, number: Option<i64>) -> StoredPost {
    let identity = Identity { channel: post.channel.clone(), message: post.id, number };
    StoredPost { identity, updated: post.published, post }
}

/// Whether a page with this name and number is of a known channel. A name can pass to another channel, and only the
/// number shows that. Pages without posts do not have it.
pub(super) fn is_same_channel(known: &Channel, name: &ChannelName, number: Option<i64>) -> bool {
    match (known.numeric_id, number) {
        (Some(known), Some(page)) => known == page,
        _ => known.name == *name,
    }
}

struct Merging<'a> {
    rows: &'a [PostRow],
    /// Without the page's posts.
    reading: Reading,
    /// Whether the page shows the row, by index of `rows`.
    is_shown: Vec<bool>,
    merged: Merged,
}

impl Merging<'_> {
    /// Merges the page's posts. Each known post keeps the identity of its first fetch.
    fn take_posts(&mut self, posts: Vec<Post>) {
        let owner = self.owners();
        for post in posts {
            let holders: Vec<usize> =
                post.members.iter().filter_map(|member| owner.get(member).copied()).collect();
            let Some(&holder) = holders.first() else {
                self.merged.has_new = true;
                self.put(Arc::new(new_stored(post, self.reading.number)));
                continue;
            };
            self.is_shown[holder] = true;
            for other in holders.into_iter().filter(|other| *other != holder) {
                self.absorb(other);
            }
            self.take(post, holder);
        }
    }

    /// The index of each message's row; of two rows, the one that is not deleted.
    fn owners(&self) -> HashMap<MessageId, usize> {
        let mut owner = HashMap::new();
        let is_deleted = |at: &usize| self.rows[*at].deleted.is_some();
        let places = 0..self.rows.len();
        let (deleted, present): (Vec<usize>, Vec<usize>) = places.partition(is_deleted);
        for at in deleted.into_iter().chain(present) {
            let stored = &self.rows[at].kept;
            owner.insert(stored.identity.message, at);
            owner.extend(stored.post.members.iter().map(|member| (*member, at)));
        }
        owner
    }

    /// Marks a known post that became part of an album as deleted: it is not an item of its own any more.
    fn absorb(&mut self, at: usize) {
        if std::mem::replace(&mut self.is_shown[at], true) {
            return;
        }
        let mut absorbed = self.rows[at].clone();
        if absorbed.deleted.is_none() {
            absorbed.deleted = Some(self.reading.now);
            self.merged.has_changed = true;
            self.merged.put.push(absorbed.clone());
        }
        self.merged.rows.push(absorbed);
    }

    /// Merges a known post that the page shows.
    fn take(&mut self, mut post: Post, holder: usize) {
        let row = &self.rows[holder];
        let stored = &row.kept;
        keep_lengths(&stored.post, &mut post);
        keep_hidden_words(&stored.post, &mut post);
        let is_same_parser = row.parser == self.reading.parser;
        let is_as_it_was = row.deleted.is_none() && row.absent_since.is_none() && is_same_parser;
        if is_as_it_was && stored.post == post {
            self.merged.rows.push(row.clone());
            return;
        }
        let is_late = elapsed(post.published, self.reading.now) > TYPO_TIME;
        let mut differs = without_counters(&stored.post) != without_counters(&post);
        // A newer parser may read the same page differently, which is not an edit.
        let is_edit = differs && is_same_parser && stored.post.content_key() != post.content_key();
        if is_same_parser && !is_edit {
            keep_labels(&stored.post, &mut post);
            if is_late {
                keep_preview(&stored.post, &mut post);
            }
            differs = differs && without_counters(&stored.post) != without_counters(&post);
        }
        self.merged.has_changed |= differs || row.deleted.is_some();
        let is_dated = is_edit && is_late;
        if is_dated {
            self.merged.former.push(StoredPost::clone(stored));
        }
        let updated = if is_dated { self.reading.now } else { stored.updated };
        let now = Arc::new(StoredPost { identity: stored.identity.clone(), updated, post });
        if differs || !is_as_it_was {
            self.put(now);
        } else {
            self.merged.rows.push(PostRow { kept: now, ..row.clone() });
        }
    }

    fn put(&mut self, stored: Arc<StoredPost>) {
        let row = PostRow {
            kept: stored,
            absent_since: None,
            deleted: None,
            parser: self.reading.parser,
        };
        self.merged.put.push(row.clone());
        self.merged.rows.push(row);
    }

    /// Adds the known posts that the page does not show. A post that is missing from two whole pages that cover it, at
    /// least `min_ttl` apart, is deleted. A page on which more than half of the covered posts are missing proves
    /// nothing.
    fn add_missing(&mut self, oldest: Option<MessageId>) {
        let page = &self.reading.page;
        let covers = |row: &PostRow| {
            let id = row.kept.post.id;
            row.deleted.is_none()
                && oldest.is_some_and(|oldest| (oldest..=self.reading.high).contains(&id))
        };
        let covered = self.rows.iter().filter(|row| covers(row)).count();
        let is_missing = |at: usize| {
            let row = &self.rows[at];
            let members = &row.kept.post.members;
            let is_unreadable = members.iter().any(|id| page.unreadable.contains(id));
            covers(row) && !self.is_shown[at] && !is_unreadable
        };
        let missing: Vec<bool> = (0..self.rows.len()).map(is_missing).collect();
        let count = missing.iter().filter(|missing| **missing).count();
        let proves = page.is_whole && !page.has_nameless_block && count * 2 <= covered;
        for (at, is_missing) in missing.into_iter().enumerate() {
            if self.is_shown[at] {
                continue;
            }
            let row = &self.rows[at];
            if is_missing && proves { self.miss(row) } else { self.merged.rows.push(row.clone()) }
        }
    }

    /// Records that a whole page does not show a post that it covers.
    fn miss(&mut self, row: &PostRow) {
        let now = self.reading.now;
        let mut missed = row.clone();
        match row.absent_since {
            None => missed.absent_since = Some(now),
            Some(since) if elapsed(since, now) >= self.reading.min_ttl => {
                missed.absent_since = None;
                missed.deleted = Some(now);
                self.merged.has_changed = true;
            }
            Some(_) => {
                self.merged.rows.push(missed);
                return;
            }
        }
        self.merged.put.push(missed.clone());
        self.merged.rows.push(missed);
    }
}

/// Joins two adjacent pages.
pub(super) fn behind(newer: Page, older: Page) -> Page {
    let mut posts = older.posts;
    posts.extend(newer.posts);
    let mut unreadable = older.unreadable;
    unreadable.extend(newer.unreadable);
    Page {
        posts,
        unreadable,
        older: older.older,
        is_whole: older.is_whole && newer.is_whole,
        blocks: older.blocks + newer.blocks,
        has_nameless_block: older.has_nameless_block || newer.has_nameless_block,
        channel: newer.channel,
        newer: newer.newer,
        says_empty: newer.says_empty,
    }
}

/// Keeps the known link preview until the next edit, with new file addresses. A preview that appears or changes long
/// after its post is not the author's work, and would mark the post as unread in some readers.
fn keep_preview(stored: &Post, post: &mut Post) {
    let late = std::mem::replace(&mut post.link_preview, stored.link_preview.clone());
    let (Some(shown), Some(late)) = (&mut post.link_preview, late) else { return };
    if let (Some(shown), Some(late)) = (&mut shown.picture, late.picture) {
        shown.file = late.file;
    }
    if shown.video.is_some() {
        shown.video = late.video.or(shown.video.take());
    }
}

/// Keeps the known label of a link button until the next edit if only a number differs: `Comments (12)` is a counter.
fn keep_labels(stored: &Post, post: &mut Post) {
    let words = |label: &str| -> String {
        label.chars().filter(|character| !is_part_of_number(*character)).collect()
    };
    let shown = stored.buttons.iter().flatten();
    for button in post.buttons.iter_mut().flatten().filter(|button| button.address.is_some()) {
        let is_same = |shown: &&Button| {
            shown.address == button.address && words(&shown.text) == words(&button.text)
        };
        if let Some(shown) = shown.clone().find(is_same) {
            button.text.clone_from(&shown.text);
        }
    }
}

/// As in `4.8K`, `1,024` or `12`.
fn is_part_of_number(character: char) -> bool {
    character.is_numeric() || matches!(character, '.' | ',' | ' ' | '\u{a0}' | 'K' | 'M')
}

/// Keeps known file lengths, which no page has.
fn keep_lengths(stored: &Post, post: &mut Post) {
    for media in &mut post.media {
        let is_same = |stored: &&Media| {
            stored.length.is_some() && (stored.message, stored.kind) == (media.message, media.kind)
        };
        if let Some(stored) = stored.media.iter().find(is_same) {
            media.length = stored.length;
        }
    }
}

/// Keeps the spoilers of a quotation when its original is not known any more.
fn keep_hidden_words(stored: &Post, post: &mut Post) {
    let (Some(stored), Some(reply)) = (&stored.reply, &mut post.reply) else { return };
    if stored.text.has_spoilers() && !reply.text.has_spoilers() && has_same_words(stored, reply) {
        reply.text = stored.text.clone();
    }
}

/// A post without counters and file addresses: the content that a feed shows.
fn without_counters(post: &Post) -> Post {
    let mut post = post.clone();
    post.views = None;
    post.reactions.clear();
    for row in &mut post.buttons {
        // A bot's buttons may have counters.
        row.retain(|button| button.address.is_some());
    }
    post.buttons.retain(|row| !row.is_empty());
    if let Some(poll) = &mut post.poll {
        poll.voters = None;
        if !poll.is_closed {
            poll.options.iter_mut().for_each(|option| option.percent = None);
        }
    }
    for media in &mut post.media {
        media.file = None;
        media.poster = None;
    }
    for document in &mut post.documents {
        document.thumbnail = None;
    }
    if let Some(preview) = &mut post.link_preview {
        preview.video = None;
        // Only the presence of a picture counts.
        if let Some(picture) = &mut preview.picture {
            picture.file = preview.address.clone();
        }
    }
    if let Some(invoice) = &mut post.invoice {
        invoice.picture = None;
    }
    if let Some(game) = &mut post.game {
        game.picture = None;
    }
    post
}

/// A channel's content, without counters and the address of its avatar.
pub(super) fn channel_content(
    channel: &Channel,
) -> (&str, &str, &crate::text::RichText, bool, [bool; 3]) {
    let marks = [channel.verified, channel.scam, channel.fake];
    (channel.name.as_str(), &channel.title, &channel.description, channel.avatar.is_some(), marks)
}

#[cfg(test)]
mod tests;
