//! What a page changes about what is known.
//!
//! Pure. The rules of identity, edits and deletions live here and nowhere else.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::freshness::elapsed;
use crate::model::{Channel, Identity, KeptPost, MessageId, Page, Post, Snapshot};

/// The most posts that are kept of one channel without an archive.
pub(super) const MOST_KEPT: usize = crate::model::options::MOST_POSTS as usize;

/// Changes that soon after publication are typing errors and move no date.
const TYPO_TIME: Duration = Duration::from_secs(15 * 60);

/// Posts that a whole page did not show, with the time when that was first seen.
pub(super) type Absent = HashMap<MessageId, DateTime<Utc>>;

/// The newest page, with as many older ones behind it as were fetched to reach what is known.
pub(super) struct Newest {
    /// All of them as one page.
    pub(super) page: Page,
    /// Whether `page` reaches what is known: else there is a gap between them.
    pub(super) is_contiguous: bool,
}

/// The snapshot after a newest page.
pub(super) fn newest(
    previous: Option<(&Snapshot, &Absent)>,
    newest: &Newest,
    now: DateTime<Utc>,
    min_age: Duration,
) -> (Snapshot, Absent) {
    let page = &newest.page;
    let previous = previous.filter(|(known, _)| is_same_channel(&known.channel, &page.channel));
    let Some((known, absent)) = previous else { return (first(page, now), Absent::new()) };
    let mut merging = Merging::new(known, page, now);
    if page.posts.is_empty() || !newest.is_contiguous && merging.matched() == 0 && !page.is_whole {
        // An empty page keeps the last good posts; a cut page that reaches nothing known proves nothing.
        return (Snapshot { fetched: now, ..known.clone() }, absent.clone());
    }
    let absent = merging.keep_the_rest(absent, newest.is_contiguous, min_age);
    let reaches_start = page.older.is_none() || newest.is_contiguous && known.reaches_start;
    (merging.finish(reaches_start), absent)
}

/// The snapshot with an older page behind its last post.
pub(super) fn older(known: &Snapshot, page: &Page) -> Snapshot {
    let oldest = known.posts.last().map(|kept| kept.post.id);
    let mut snapshot = known.clone();
    let behind =
        page.posts.iter().rev().filter(|post| oldest.is_none_or(|oldest| post.id < oldest));
    snapshot.posts.extend(behind.map(|post| Arc::new(fresh(post))));
    snapshot.reaches_start = page.older.is_none() && snapshot.posts.len() <= MOST_KEPT;
    snapshot.posts.truncate(MOST_KEPT);
    snapshot
}

/// A post that was never seen before.
pub(super) fn fresh(post: &Post) -> KeptPost {
    let identity = Identity { channel: post.channel.clone(), message: post.id };
    KeptPost { identity, updated: post.published, post: post.clone() }
}

/// A known name can pass to another channel: only the numeric id tells. Pages without posts do not carry it.
fn is_same_channel(known: &Channel, page: &Channel) -> bool {
    match (known.numeric_id, page.numeric_id) {
        (Some(known), Some(page)) => known == page,
        _ => known.name == page.name,
    }
}

fn first(page: &Page, now: DateTime<Utc>) -> Snapshot {
    let mut posts: Vec<Arc<KeptPost>> =
        page.posts.iter().map(|post| Arc::new(fresh(post))).collect();
    posts.sort_by_key(|kept| std::cmp::Reverse(kept.post.id));
    Snapshot {
        channel: page.channel.clone(),
        reaches_start: page.older.is_none(),
        floor: page.oldest(),
        updated: posts.iter().map(|kept| kept.updated).max().unwrap_or(now),
        fetched: now,
        posts,
    }
}

/// A merge under way.
struct Merging<'a> {
    known: &'a Snapshot,
    page: &'a Page,
    now: DateTime<Utc>,
    posts: Vec<Arc<KeptPost>>,
    /// For each known post whether the page shows it.
    is_shown: Vec<bool>,
    has_changed: bool,
}

impl<'a> Merging<'a> {
    /// Takes the page's posts, each with the identity that it has had since it was first seen.
    fn new(known: &'a Snapshot, page: &'a Page, now: DateTime<Utc>) -> Self {
        let mut owner: HashMap<MessageId, usize> = HashMap::new();
        for (at, kept) in known.posts.iter().enumerate() {
            owner.insert(kept.identity.message, at);
            owner.extend(kept.post.members.iter().map(|member| (*member, at)));
        }
        let mut merging = Self {
            known,
            page,
            now,
            posts: Vec::with_capacity(known.posts.len() + page.posts.len()),
            is_shown: vec![false; known.posts.len()],
            has_changed: still_channel(&known.channel) != still_channel(&page.channel),
        };
        for post in &page.posts {
            let holders: Vec<usize> =
                post.members.iter().filter_map(|member| owner.get(member).copied()).collect();
            for holder in &holders {
                merging.is_shown[*holder] = true;
            }
            merging.take(post, holders.first().copied());
        }
        merging
    }

    fn take(&mut self, post: &Post, holder: Option<usize>) {
        let Some(kept) = holder.map(|at| &self.known.posts[at]) else {
            self.has_changed = true;
            self.posts.push(Arc::new(fresh(post)));
            return;
        };
        if kept.post == *post {
            self.posts.push(Arc::clone(kept));
            return;
        }
        let mut post = post.clone();
        let is_edit = kept.post.essence() != post.essence();
        let is_late = elapsed(post.published, self.now) > TYPO_TIME;
        if is_late && !is_edit {
            hold_preview(&kept.post, &mut post);
        }
        self.has_changed |= still(&kept.post) != still(&post);
        let updated = if is_edit && is_late { self.now } else { kept.updated };
        self.posts.push(Arc::new(KeptPost { identity: kept.identity.clone(), updated, post }));
    }

    /// How many known posts the page shows.
    fn matched(&self) -> usize {
        self.is_shown.iter().filter(|shown| **shown).count()
    }

    /// Takes the known posts that the page does not show, but for those that are gone: absent from two whole pages that
    /// cover them, at least `min_age` apart. If more than half of what a page covers is gone, nothing is.
    fn keep_the_rest(&mut self, absent: &Absent, is_contiguous: bool, min_age: Duration) -> Absent {
        let oldest = self.page.oldest();
        let covers = |kept: &KeptPost| oldest.is_some_and(|oldest| kept.post.id >= oldest);
        let covered = self.known.posts.iter().filter(|kept| covers(kept)).count();
        let is_missing = |at: usize, kept: &KeptPost| {
            let unreadable = kept.post.members.iter().any(|id| self.page.unreadable.contains(id));
            covers(kept) && !self.is_shown[at] && !unreadable
        };
        let missing: Vec<bool> =
            self.known.posts.iter().enumerate().map(|(at, kept)| is_missing(at, kept)).collect();
        let count = missing.iter().filter(|missing| **missing).count();
        let proves = self.page.is_whole && !self.page.has_nameless_block && count * 2 <= covered;
        let mut still_absent = Absent::new();
        for (at, kept) in self.known.posts.iter().enumerate() {
            if self.is_shown[at] || !is_contiguous && !covers(kept) {
                continue;
            }
            if missing[at] {
                let since = absent.get(&kept.post.id).copied();
                let is_gone =
                    proves && since.is_some_and(|since| elapsed(since, self.now) >= min_age);
                if is_gone {
                    self.has_changed = true;
                    continue;
                }
                if let Some(since) = since.or(proves.then_some(self.now)) {
                    still_absent.insert(kept.post.id, since);
                }
            }
            self.posts.push(Arc::clone(kept));
        }
        still_absent
    }

    fn finish(mut self, reaches_start: bool) -> Snapshot {
        self.posts.sort_by_key(|kept| std::cmp::Reverse(kept.post.id));
        let reaches_start = reaches_start && self.posts.len() <= MOST_KEPT;
        self.posts.truncate(MOST_KEPT);
        let channel = Channel {
            numeric_id: self.page.channel.numeric_id.or(self.known.channel.numeric_id),
            ..self.page.channel.clone()
        };
        Snapshot {
            channel,
            posts: self.posts,
            reaches_start,
            floor: self.known.floor.or(self.page.oldest()),
            fetched: self.now,
            updated: if self.has_changed {
                self.known.updated.max(self.now)
            } else {
                self.known.updated
            },
        }
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

/// A post without all that changes while nothing is said: counters, and where files lie today.
fn still(post: &Post) -> Post {
    let mut post = post.clone();
    post.views = None;
    post.reactions.clear();
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
fn still_channel(channel: &Channel) -> (&str, &str, &crate::text::RichText, bool, [bool; 3]) {
    let marks = [channel.verified, channel.scam, channel.fake];
    (channel.name.as_str(), &channel.title, &channel.description, channel.avatar.is_some(), marks)
}

#[cfg(test)]
mod tests;
