//! What a page changes about the posts that are held.
//!
//! Pure. The rules of identity, edits and deletions live here and nowhere else.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::freshness::elapsed;
use crate::archive::PostRow;
use crate::model::{Button, Channel, Identity, Media, MessageId, Page, Post, Reply, StoredPost};
use crate::text::Spoilers;

/// The most posts of one channel that are held in memory.
pub(super) const MOST_HELD: usize = crate::model::options::MOST_POSTS as usize;

/// Changes that soon after publication are typing errors and move no date.
const TYPO_TIME: Duration = Duration::from_secs(15 * 60);

/// A page that was read, and all that its meaning depends on.
pub(super) struct Reading<'a> {
    /// The page, or several adjacent ones as one.
    pub(super) page: &'a Page,
    /// The largest id that the page would show if there were a post: what was asked for, less one.
    pub(super) high: MessageId,
    /// When it was read.
    pub(super) now: DateTime<Utc>,
    /// How far apart two pages must lie that prove a deletion.
    pub(super) min_ttl: Duration,
    /// The version of the parser that read it.
    pub(super) parser: u32,
    /// The channel's number, where new posts' identities need it ([`Channel::identity_number`]).
    pub(super) number: Option<i64>,
}

/// What came of a reading.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// All posts, newest first: those that were held and those that are new, deleted ones too.
    pub(super) held: Vec<PostRow>,
    /// Those of them that differ by more than counters and addresses of files from what was held.
    pub(super) put: Vec<PostRow>,
    /// What edited posts said before.
    pub(super) former: Vec<StoredPost>,
    /// There are new posts.
    pub(super) has_new: bool,
    /// What was said before is said differently or not any more, or is said again.
    pub(super) has_changed: bool,
}

/// Reads a page with knowledge of what is held where it looks.
pub(super) fn read(held: &[PostRow], reading: &Reading<'_>) -> Merged {
    let mut merging = Merging::new(held, reading);
    merging.take_page();
    merging.keep_the_rest();
    let mut merged = merging.merged;
    merged.held.sort_by_key(|held| std::cmp::Reverse(held.kept.post.id));
    merged
}

/// A post that was never seen before. `number`: its channel's, where the name alone does not identify it.
pub(super) fn fresh(post: &Post, number: Option<i64>) -> StoredPost {
    let identity = Identity { channel: post.channel.clone(), message: post.id, number };
    StoredPost { identity, updated: post.published, post: post.clone() }
}

/// A known name can pass to another channel: only the numeric id tells. Pages without posts do not carry it.
pub(super) fn is_same_channel(known: &Channel, page: &Channel) -> bool {
    match (known.numeric_id, page.numeric_id) {
        (Some(known), Some(page)) => known == page,
        _ => known.name == page.name,
    }
}

/// A merge under way.
struct Merging<'a> {
    held: &'a [PostRow],
    reading: &'a Reading<'a>,
    /// For each held post whether the page shows it.
    is_shown: Vec<bool>,
    merged: Merged,
}

impl<'a> Merging<'a> {
    fn new(held: &'a [PostRow], reading: &'a Reading<'a>) -> Self {
        let is_shown = vec![false; held.len()];
        Self { held, reading, is_shown, merged: Merged::default() }
    }

    /// Takes the page's posts, each with the identity that it has had since it was first seen.
    fn take_page(&mut self) {
        let owner = self.owners();
        for post in &self.reading.page.posts {
            let holders: Vec<usize> =
                post.members.iter().filter_map(|member| owner.get(member).copied()).collect();
            let Some(&holder) = holders.first() else {
                self.take_new(post);
                continue;
            };
            self.is_shown[holder] = true;
            for other in holders.into_iter().filter(|other| *other != holder) {
                self.absorb(other);
            }
            self.take(post, holder);
        }
    }

    /// Which of the held posts each message belongs to: one that is deleted yields to one that is not.
    fn owners(&self) -> HashMap<MessageId, usize> {
        let mut owner = HashMap::new();
        let is_deleted = |at: &usize| self.held[*at].deleted.is_some();
        let places = 0..self.held.len();
        let (deleted, present): (Vec<usize>, Vec<usize>) = places.partition(is_deleted);
        for at in deleted.into_iter().chain(present) {
            let kept = &self.held[at].kept;
            owner.insert(kept.identity.message, at);
            owner.extend(kept.post.members.iter().map(|member| (*member, at)));
        }
        owner
    }

    fn take_new(&mut self, post: &Post) {
        self.merged.has_new = true;
        self.put(Arc::new(fresh(post, self.reading.number)));
    }

    /// A post that turned out to be a part of an album that is held by itself: it is no item of its own any more.
    fn absorb(&mut self, at: usize) {
        if std::mem::replace(&mut self.is_shown[at], true) {
            return;
        }
        let mut absorbed = self.held[at].clone();
        if absorbed.deleted.is_none() {
            absorbed.deleted = Some(self.reading.now);
            self.merged.has_changed = true;
            self.merged.put.push(absorbed.clone());
        }
        self.merged.held.push(absorbed);
    }

    fn take(&mut self, post: &Post, holder: usize) {
        let held = &self.held[holder];
        let post = &*with_lengths(&held.kept.post, post);
        let post = &*with_hidden_words(&held.kept.post, post);
        let is_as_it_was = held.deleted.is_none()
            && held.absent_since.is_none()
            && held.parser == self.reading.parser;
        if is_as_it_was && held.kept.post == *post {
            self.merged.held.push(held.clone());
            return;
        }
        let kept = &held.kept;
        let mut post = post.clone();
        // A newer parser reads the same page differently: that is no edit.
        let is_edit = held.parser == self.reading.parser && kept.post.essence() != post.essence();
        let is_late = elapsed(post.published, self.reading.now) > TYPO_TIME;
        if !is_edit && held.parser == self.reading.parser {
            hold_labels(&kept.post, &mut post);
            if is_late {
                hold_preview(&kept.post, &mut post);
            }
        }
        let differs = still(&kept.post) != still(&post);
        self.merged.has_changed |= differs || held.deleted.is_some();
        let is_dated = is_edit && is_late;
        if is_dated {
            self.merged.former.push(StoredPost::clone(kept));
        }
        let updated = if is_dated { self.reading.now } else { kept.updated };
        let now = Arc::new(StoredPost { identity: kept.identity.clone(), updated, post });
        if differs || !is_as_it_was {
            self.put(now);
        } else {
            self.merged.held.push(PostRow { kept: now, ..held.clone() });
        }
    }

    fn put(&mut self, kept: Arc<StoredPost>) {
        let held = PostRow { kept, absent_since: None, deleted: None, parser: self.reading.parser };
        self.merged.put.push(held.clone());
        self.merged.held.push(held);
    }

    /// Takes the held posts that the page does not show. One that is absent from two whole pages that cover it, at least
    /// `min_ttl` apart, is deleted; if more than half of what a page covers is missing, nothing is.
    fn keep_the_rest(&mut self) {
        let page = self.reading.page;
        let oldest = page.oldest();
        let covers = |held: &PostRow| {
            let id = held.kept.post.id;
            held.deleted.is_none()
                && oldest.is_some_and(|oldest| (oldest..=self.reading.high).contains(&id))
        };
        let covered = self.held.iter().filter(|held| covers(held)).count();
        let is_missing = |at: usize| {
            let held = &self.held[at];
            let members = &held.kept.post.members;
            let is_unreadable = members.iter().any(|id| page.unreadable.contains(id));
            covers(held) && !self.is_shown[at] && !is_unreadable
        };
        let missing: Vec<bool> = (0..self.held.len()).map(is_missing).collect();
        let count = missing.iter().filter(|missing| **missing).count();
        let proves = page.is_whole && !page.has_nameless_block && count * 2 <= covered;
        for (at, is_missing) in missing.into_iter().enumerate() {
            if self.is_shown[at] {
                continue;
            }
            let held = &self.held[at];
            if is_missing && proves { self.miss(held) } else { self.merged.held.push(held.clone()) }
        }
    }

    /// A whole page does not show a post that it covers.
    fn miss(&mut self, held: &PostRow) {
        let now = self.reading.now;
        let mut missed = held.clone();
        match held.absent_since {
            None => missed.absent_since = Some(now),
            Some(since) if elapsed(since, now) >= self.reading.min_ttl => {
                missed.absent_since = None;
                missed.deleted = Some(now);
                self.merged.has_changed = true;
            }
            Some(_) => {
                self.merged.held.push(missed);
                return;
            }
        }
        self.merged.put.push(missed.clone());
        self.merged.held.push(missed);
    }
}

/// Two adjacent pages as one.
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

/// A link's card that comes or changes long after its post says nothing that the author did: readers would fetch the post
/// again for it, and some mark it as unread. It waits for the next edit; only where its files lie today is taken from it.
fn hold_preview(kept: &Post, post: &mut Post) {
    let late = std::mem::replace(&mut post.link_preview, kept.link_preview.clone());
    let (Some(shown), Some(late)) = (&mut post.link_preview, late) else { return };
    if let (Some(shown), Some(late)) = (&mut shown.picture, late.picture) {
        shown.file = late.file;
    }
    if shown.video.is_some() {
        shown.video = late.video.or(shown.video.take());
    }
}

/// A link button's label that differs by a number only (`Comments (12)`) is a counter, and waits for the next edit too.
fn hold_labels(kept: &Post, post: &mut Post) {
    let words = |label: &str| -> String {
        label.chars().filter(|character| !is_part_of_number(*character)).collect()
    };
    let shown = kept.buttons.iter().flatten();
    for button in post.buttons.iter_mut().flatten().filter(|button| button.address.is_some()) {
        let is_same = |shown: &&Button| {
            shown.address == button.address && words(&shown.text) == words(&button.text)
        };
        if let Some(shown) = shown.clone().find(is_same) {
            button.text.clone_from(&shown.text);
        }
    }
}

/// Of `4.8K`, `1,024` or `12`.
fn is_part_of_number(character: char) -> bool {
    character.is_numeric() || matches!(character, '.' | ',' | ' ' | '\u{a0}' | 'K' | 'M')
}

/// A page's post with the lengths of files that are held of it: no page tells them.
fn with_lengths<'a>(kept: &Post, post: &'a Post) -> Cow<'a, Post> {
    let is_of = |media: &Media, held: &&Media| {
        held.length.is_some() && (held.message, held.kind) == (media.message, media.kind)
    };
    let find = |media: &Media| kept.media.iter().find(|held| is_of(media, held));
    if !post.media.iter().any(|media| find(media).is_some()) {
        return Cow::Borrowed(post);
    }
    let mut post = post.clone();
    for media in &mut post.media {
        media.length = find(media).and_then(|held| held.length).or(media.length);
    }
    Cow::Owned(post)
}

/// A page's post with what is hidden of its quotation: it stays hidden when the original is not known any more.
fn with_hidden_words<'a>(kept: &Post, post: &'a Post) -> Cow<'a, Post> {
    let (Some(held), Some(told)) = (&kept.reply, &post.reply) else { return Cow::Borrowed(post) };
    let words = |reply: &Reply| {
        let text = reply.text.plain(Spoilers::Show);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    if held.text.hides() && !told.text.hides() && words(held) == words(told) {
        let reply = Some(Reply { text: held.text.clone(), ..told.clone() });
        return Cow::Owned(Post { reply, ..post.clone() });
    }
    Cow::Borrowed(post)
}

/// A post without all that changes while nothing is said: counters, and where files lie today.
fn still(post: &Post) -> Post {
    let mut post = post.clone();
    post.views = None;
    post.reactions.clear();
    for row in &mut post.buttons {
        // What a bot counts on them is no news.
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
        // Whether there is a picture is shown; where it lies is not.
        if let Some(picture) = &mut preview.picture {
            picture.file = preview.address.clone();
        }
    }
    for picture in [
        post.invoice.as_mut().map(|invoice| &mut invoice.picture),
        post.game.as_mut().map(|game| &mut game.picture),
    ]
    .into_iter()
    .flatten()
    {
        *picture = None;
    }
    post
}

/// A channel without its counters and the present address of its picture.
pub(super) fn still_channel(
    channel: &Channel,
) -> (&str, &str, &crate::text::RichText, bool, [bool; 3]) {
    let marks = [channel.verified, channel.scam, channel.fake];
    (channel.name.as_str(), &channel.title, &channel.description, channel.avatar.is_some(), marks)
}

#[cfg(test)]
mod tests;
