//! Which posts make a feed.

mod several;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Request, filter};
use crate::model::{MessageId, StoredPost};

pub use several::{Part, SeveralSelection, select_several};

/// The most posts of a feed without an explicit limit.
pub const MOST_POSTS: usize = 300;

/// A feed without an explicit limit holds all posts of so many hours, however many they are.
pub const WINDOW_HOURS: i64 = 24;

/// Posts that were looked at and left out before the selection, because the options do not want them: of a long history
/// only what is wanted is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// How many.
    pub number: usize,
    /// The oldest post that was looked at, wanted or not.
    pub oldest: Option<(MessageId, DateTime<Utc>)>,
}

/// The posts of one feed document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The posts, newest first.
    pub posts: Vec<Arc<StoredPost>>,
    /// The oldest post that it accounts for: the last of `posts` when there are more, else the oldest that was looked at.
    pub end: Option<MessageId>,
    /// Ask `before` this for older posts; none when the channel's first post is known to be reached, or nothing older
    /// was there to look at.
    pub next: Option<MessageId>,
    /// How many posts were looked at.
    pub considered: usize,
    /// How many of them are wanted, those beyond the limit included.
    pub matched: usize,
}

/// Selects the posts of a feed: what the options want, then as many as the limit or the window holds.
///
/// Without an explicit limit that is the larger of the default number and the last 24 hours, at most [`MOST_POSTS`].
/// A channel's plain feed goes no further back than the snapshot's floor, else a reader would show a channel's older posts as
/// new on its second visit ([`crate::model::FeedOptions::has_floor`]).
pub fn select(request: &Request<'_>) -> Selection {
    let options = request.options;
    let mut seen = HashSet::new();
    let considered: Vec<&Arc<StoredPost>> = request
        .posts
        .iter()
        .filter(|kept| options.before().is_none_or(|before| kept.post.id < before))
        .filter(|kept| seen.insert(&kept.identity))
        .collect();
    let wanted: Vec<&Arc<StoredPost>> = considered
        .iter()
        .copied()
        .filter(|kept| filter::wants(&kept.post, options, request.language))
        .collect();
    let floor = request.snapshot.floor.filter(|_| options.has_floor());
    let above = above(&wanted, floor).len();
    let most = match options.limit() {
        Some(limit) => usize::from(limit),
        None => window(request, &wanted),
    };
    let posts: Vec<Arc<StoredPost>> =
        wanted.iter().take(most.min(above)).map(|kept| Arc::clone(kept)).collect();
    let is_full = most < above;
    let end = if is_full {
        posts.last().map(|kept| kept.post.id)
    } else {
        oldest(request, &considered, floor)
    };
    let is_more = is_full || is_more(request, &considered, floor);
    Selection {
        end,
        next: end.filter(|end| is_more && end.get() > 1),
        considered: considered.len() + request.passed.number,
        matched: wanted.len(),
        posts,
    }
}

/// The posts that are not below the floor.
fn above<'a, 'b>(
    posts: &'a [&'b Arc<StoredPost>],
    floor: Option<MessageId>,
) -> &'a [&'b Arc<StoredPost>] {
    let is_above = |kept: &&Arc<StoredPost>| floor.is_none_or(|floor| kept.post.id >= floor);
    &posts[..posts.iter().take_while(|kept| is_above(kept)).count()]
}

/// How many of the wanted posts a feed without an explicit limit holds, if they are all above the floor.
fn window(request: &Request<'_>, wanted: &[&Arc<StoredPost>]) -> usize {
    let since = request.now - TimeDelta::hours(WINDOW_HOURS);
    let recent = wanted.iter().take_while(|kept| kept.post.published >= since).count();
    let is_page = request.options.before().is_some();
    let number = usize::from(request.defaults.window);
    let most = if is_page { number } else { number.max(recent) };
    most.min(MOST_POSTS)
}

/// The oldest post that was looked at.
///
/// Whoever reads the next page makes posts below the floor known. They must not change the first page's bytes, so what
/// lies below the floor is not looked at.
fn oldest(
    request: &Request<'_>,
    considered: &[&Arc<StoredPost>],
    floor: Option<MessageId>,
) -> Option<MessageId> {
    let listed = above(considered, floor).last().or(considered.last()).map(|kept| kept.post.id);
    let passed = request.passed.oldest.map(|(id, _)| id);
    listed.into_iter().chain(passed).min()
}

/// Whether there are posts older than all that were looked at.
fn is_more(
    request: &Request<'_>,
    considered: &[&Arc<StoredPost>],
    floor: Option<MessageId>,
) -> bool {
    above(considered, floor).len() < considered.len() || !request.reaches_start
}

#[cfg(test)]
mod tests;
