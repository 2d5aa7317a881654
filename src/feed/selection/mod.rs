//! Which posts make a feed.

mod several;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::TimeDelta;

use super::{Request, filter};
use crate::model::{KeptPost, MessageId};

pub use several::{Part, SeveralSelection, select_several};

/// The most posts of a feed without an explicit limit.
pub const MOST_POSTS: usize = 300;

/// A feed without an explicit limit holds all posts of so many hours, however many they are.
pub const WINDOW_HOURS: i64 = 24;

/// The posts of one feed document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The posts, newest first.
    pub posts: Vec<Arc<KeptPost>>,
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
/// Such a feed goes no further back than the snapshot's floor, else a reader would show a channel's older posts as
/// new on its second visit; a page (`before`) and a search (`q`) were asked to go back, and have no floor.
#[must_use]
pub fn select(request: &Request<'_>) -> Selection {
    let options = request.options;
    let mut seen = HashSet::new();
    let considered: Vec<&Arc<KeptPost>> = request
        .posts
        .iter()
        .filter(|kept| options.before().is_none_or(|before| kept.post.id < before))
        .filter(|kept| seen.insert(&kept.identity))
        .collect();
    let wanted: Vec<&Arc<KeptPost>> = considered
        .iter()
        .copied()
        .filter(|kept| filter::wants(&kept.post, options, request.language))
        .collect();
    let floor = floor(request);
    let above = above(&wanted, floor).len();
    let most = match options.limit() {
        Some(limit) => usize::from(limit),
        None => window(request, &wanted),
    };
    let posts: Vec<Arc<KeptPost>> =
        wanted.iter().take(most.min(above)).map(|kept| Arc::clone(kept)).collect();
    let next = if most < above {
        posts.last().map(|kept| kept.post.id)
    } else {
        older(request, &considered, floor)
    };
    Selection { next, considered: considered.len(), matched: wanted.len(), posts }
}

/// The oldest post that a feed goes back to when it is not asked to go back.
fn floor(request: &Request<'_>) -> Option<MessageId> {
    let options = request.options;
    let is_asked =
        options.limit().is_some() || options.before().is_some() || options.query().is_some();
    request.snapshot.floor.filter(|_| !is_asked)
}

/// The posts that are not below the floor.
fn above<'a, 'b>(
    posts: &'a [&'b Arc<KeptPost>],
    floor: Option<MessageId>,
) -> &'a [&'b Arc<KeptPost>] {
    let is_above = |kept: &&Arc<KeptPost>| floor.is_none_or(|floor| kept.post.id >= floor);
    &posts[..posts.iter().take_while(|kept| is_above(kept)).count()]
}

/// How many of the wanted posts a feed without an explicit limit holds, if they are all above the floor.
fn window(request: &Request<'_>, wanted: &[&Arc<KeptPost>]) -> usize {
    let since = request.now - TimeDelta::hours(WINDOW_HOURS);
    let recent = wanted.iter().take_while(|kept| kept.post.published >= since).count();
    let is_page = request.options.before().is_some();
    let number = usize::from(request.defaults.window);
    let most = if is_page { number } else { number.max(recent) };
    most.min(MOST_POSTS)
}

/// Where posts older than all that were looked at begin.
///
/// Whoever reads the next page makes posts below the floor known. They must not change the first page's bytes, so what
/// lies below the floor is not looked at.
fn older(
    request: &Request<'_>,
    considered: &[&Arc<KeptPost>],
    floor: Option<MessageId>,
) -> Option<MessageId> {
    let above = above(considered, floor);
    let is_more = above.len() < considered.len() || !request.reaches_start;
    let oldest = above.last().or(considered.last())?.post.id;
    (is_more && oldest.get() > 1).then_some(oldest)
}

#[cfg(test)]
mod tests;
