//! Selects the posts of a feed.
//!
//! The selection is a k-way merge: each channel's posts keep their own order, and the channel whose next post is the
//! newest comes first. With one channel, that is a loop over its posts. A page ends at one position per channel, where
//! the next page continues ([`Selection::cursor`]), so no post is lost or repeated between pages.

mod duplicate;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::filter;
use crate::model::{
    Channel, ChannelName, Cursor, FeedDefaults, FeedOptions, Language, MessageId, Position,
    Snapshot, Source, StoredPost,
};

/// The maximum number of posts of a feed without an explicit limit.
pub const MAX_POSTS: usize = 300;

/// A feed without an explicit limit has all posts of this period, up to [`MAX_POSTS`].
pub const WINDOW_HOURS: i64 = 24;

/// The known posts of one channel.
#[derive(Clone, Debug)]
pub struct Candidates {
    pub channel: Arc<Channel>,
    /// The language of feedline's own words, which patterns search too.
    pub language: Language,
    /// Newest first, including posts that are newer than the page.
    pub posts: Vec<Arc<StoredPost>>,
    /// The number of further posts, rejected by the options and absent from `posts`: of a long history, only wanted
    /// posts are in memory.
    pub skipped: usize,
    /// The oldest post of the fetched history, wanted or not.
    pub oldest: Option<(MessageId, DateTime<Utc>)>,
    /// There are no older posts.
    pub reaches_start: bool,
    /// There are older posts, but this request does not fetch them.
    pub is_given_up: bool,
    /// The oldest message of the channel's first response ([`FeedOptions::stops_at_first_seen`]).
    pub first_seen_id: Option<MessageId>,
    /// The date of the channel's newest post, wanted or not. The window of [`WINDOW_HOURS`] ends there: if it ended
    /// now, posts would leave the feed every hour although nothing has changed.
    pub newest: Option<DateTime<Utc>>,
}

impl Candidates {
    pub fn of(snapshot: &Snapshot, language: Language) -> Self {
        Self {
            channel: Arc::new(snapshot.channel.clone()),
            language,
            posts: snapshot.posts.clone(),
            skipped: 0,
            oldest: None,
            reaches_start: snapshot.reaches_start,
            is_given_up: false,
            first_seen_id: snapshot.first_seen_id,
            newest: snapshot.posts.first().map(|post| post.post.published),
        }
    }

    /// The oldest known position: a message and its date. All unknown posts are older.
    pub fn end(&self) -> Option<(MessageId, DateTime<Utc>)> {
        let last = self.posts.last().map(|post| (post.post.id, post.post.published));
        match (last, self.oldest) {
            (Some(last), Some(oldest)) => Some((last.0.min(oldest.0), last.1.min(oldest.1))),
            (last, oldest) => last.or(oldest),
        }
    }

    /// The page begins with the post before this message.
    pub fn begin(&self, options: &FeedOptions) -> Option<MessageId> {
        options.before()?.of(&self.channel.name)
    }
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub post: Arc<StoredPost>,
    pub channel: Arc<Channel>,
    /// The language of feedline's own words: that of the channel.
    pub language: Language,
}

/// The posts of a feed or page.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Newest first, without duplicate identities.
    pub entries: Vec<Entry>,
    /// The channels whose older posts are needed to continue, the most urgent one first.
    pub lacking: Vec<usize>,
    /// The number of examined posts.
    pub considered: usize,
    /// The number of wanted posts among them, including those beyond the limit.
    pub matched: usize,
    ends: Ends,
}

/// The end of the page, for each number of entries that are shown.
#[derive(Clone, Debug)]
enum Ends {
    Channels { steps: Vec<Step>, begins: Vec<Begin>, is_single: bool },
    Search { positions: Vec<Position>, next: Option<Position> },
}

/// A post that the walk has passed.
#[derive(Clone, Copy, Debug)]
struct Step {
    channel: usize,
    id: MessageId,
    /// The post is an entry.
    is_entry: bool,
    /// The post is its channel's first one.
    is_last: bool,
}

/// The beginning of the page in a channel; `is_over`: the channel has no older posts.
#[derive(Clone, Debug)]
struct Begin {
    channel: ChannelName,
    id: Option<MessageId>,
    is_over: bool,
}

impl Selection {
    /// The results of a search with their positions; `next` is where older results begin.
    pub fn of_search(
        results: Vec<(Entry, Position)>,
        next: Option<Position>,
        considered: usize,
    ) -> Self {
        let (entries, positions): (Vec<Entry>, Vec<Position>) = results.into_iter().unzip();
        Self {
            lacking: Vec::new(),
            considered,
            matched: entries.len(),
            entries,
            ends: Ends::Search { positions, next },
        }
    }

    /// No post could be selected without older posts, so the next page would be the same.
    pub fn is_stuck(&self) -> bool {
        let is_walked = matches!(&self.ends, Ends::Channels { steps, .. } if !steps.is_empty());
        !is_walked && !self.lacking.is_empty()
    }

    /// The beginning of the page after the first `shown` entries; `None` if there are no older posts.
    pub fn cursor(&self, shown: usize) -> Option<Cursor> {
        let (steps, begins, is_single) = match &self.ends {
            Ends::Search { positions, next } => {
                let is_cut = shown < positions.len();
                let last =
                    if is_cut { positions.get(shown.checked_sub(1)?).copied() } else { *next };
                return last.map(Cursor::Position);
            }
            Ends::Channels { steps, begins, is_single } => (steps, begins, *is_single),
        };
        let ends = self.ends(shown);
        if steps.is_empty() || ends.iter().all(|(_, is_over)| *is_over) {
            return None;
        }
        if is_single {
            return ends.first()?.0.map(Cursor::Message);
        }
        let mut positions = Vec::new();
        for (begin, (end, is_over)) in begins.iter().zip(ends) {
            // No message is older than the first.
            let end = if is_over { Some(MessageId::FIRST) } else { end };
            positions.extend(end.map(|end| (begin.channel.clone(), end)));
        }
        Some(Cursor::of_channels(positions))
    }

    /// The oldest message that the first `shown` entries cover, in a feed of one channel.
    pub fn oldest(&self, shown: usize) -> Option<MessageId> {
        self.ends(shown).first()?.0
    }

    /// For each channel, the last passed post for the first `shown` entries, and whether there are no older posts.
    fn ends(&self, shown: usize) -> Vec<(Option<MessageId>, bool)> {
        let Ends::Channels { steps, begins, .. } = &self.ends else { return Vec::new() };
        let mut ends: Vec<_> = begins.iter().map(|begin| (begin.id, begin.is_over)).collect();
        let (mut passed, is_all) = (0, shown >= self.entries.len());
        for step in steps {
            // Posts after the last entry count only if all entries are shown.
            if passed == shown && !is_all {
                break;
            }
            passed += usize::from(step.is_entry);
            ends[step.channel] = (Some(step.id), step.is_last);
        }
        ends
    }
}

/// Selects the posts of a feed: applies the options, drops duplicate forwards, and stops at the limit or the window.
///
/// Without an explicit limit, that is the larger of the default number and the last [`WINDOW_HOURS`], at most
/// [`MAX_POSTS`]. A channel's plain feed does not go further back than its first response: else a reader would show
/// older posts as new on its second visit ([`FeedOptions::stops_at_first_seen`]).
///
/// With `limit` or `before`, a walk through several channels stops where the known posts of a channel end, because its
/// next post may be newer than those of the others; unless that channel is given up. Without them, the feed has the
/// posts of each channel's own feed.
pub fn select(
    source: &Source,
    candidates: &[Candidates],
    options: &FeedOptions,
    defaults: &FeedDefaults,
) -> Selection {
    let walk = Walk::new(source, candidates, options);
    let max = walk.limit(options, defaults);
    walk.run(max)
}

/// Like [`select`], with at most `max` posts, whatever the options are.
pub fn select_first(
    source: &Source,
    candidates: &[Candidates],
    options: &FeedOptions,
    max: usize,
) -> Selection {
    Walk::new(source, candidates, options).run(max)
}

/// A candidate.
struct Seen<'a> {
    post: &'a Arc<StoredPost>,
    is_wanted: bool,
}

struct Walk<'a> {
    candidates: &'a [Candidates],
    options: &'a FeedOptions,
    lists: Vec<Vec<Seen<'a>>>,
    is_single: bool,
    /// A channel without further known posts holds back older posts of the others.
    is_ordered: bool,
}

impl<'a> Walk<'a> {
    fn new(source: &Source, candidates: &'a [Candidates], options: &'a FeedOptions) -> Self {
        let mut lists: Vec<_> = candidates.iter().map(|one| seen(one, options)).collect();
        let is_single = source.single().is_some();
        if !is_single {
            duplicate::drop_forwards(&mut lists);
        }
        let goes_back = options.before().is_some() || options.limit().is_some();
        let is_ordered = !is_single && goes_back && options.query().is_none();
        Self { candidates, options, lists, is_single, is_ordered }
    }

    /// The maximum number of entries.
    fn limit(&self, options: &FeedOptions, defaults: &FeedDefaults) -> usize {
        if let Some(limit) = options.limit() {
            return usize::from(limit);
        }
        let number = usize::from(defaults.window);
        let newest = self.candidates.iter().filter_map(|one| one.newest).max();
        let Some(newest) = newest.filter(|_| options.before().is_none()) else {
            return number.min(MAX_POSTS);
        };
        let since = newest - TimeDelta::hours(WINDOW_HOURS);
        let is_recent = |seen: &&Seen<'_>| seen.is_wanted && seen.post.post.published >= since;
        let recent = self.lists.iter().flatten().filter(is_recent).count();
        number.max(recent).min(MAX_POSTS)
    }

    fn run(&self, max: usize) -> Selection {
        let matched = self.lists.iter().flatten().filter(|seen| seen.is_wanted).count();
        let examined: usize = self.lists.iter().map(Vec::len).sum();
        let skipped: usize = self.candidates.iter().map(|one| one.skipped).sum();
        let mut heads = vec![0; self.lists.len()];
        let (mut entries, mut steps, mut lacking) = (Vec::new(), Vec::new(), Vec::new());
        let mut is_full = max == 0;
        while !is_full {
            lacking = self.lacking(&heads);
            let Some(channel) = self.newest(&heads) else { break };
            let seen = &self.lists[channel][heads[channel]];
            let published = seen.post.post.published;
            if lacking.first().is_some_and(|first| self.bound(*first) > published) {
                break;
            }
            heads[channel] += 1;
            let id = seen.post.post.id;
            let is_end = heads[channel] == self.lists[channel].len() && self.is_over(channel);
            let is_last = is_end || id == MessageId::FIRST;
            steps.push(Step { channel, id, is_entry: seen.is_wanted, is_last });
            if seen.is_wanted {
                entries.push(self.entry(channel, seen.post));
            }
            // After the last wanted post, the walk passes the others.
            is_full = entries.len() >= max && entries.len() < matched;
        }
        if !is_full {
            steps.extend(self.skipped(&heads));
        }
        if entries.len() >= max {
            lacking.clear();
        }
        let begins = (0..self.candidates.len()).map(|channel| self.begin(channel)).collect();
        Selection {
            entries,
            lacking,
            considered: examined + skipped,
            matched,
            ends: Ends::Channels { steps, begins, is_single: self.is_single },
        }
    }

    fn entry(&self, channel: usize, post: &Arc<StoredPost>) -> Entry {
        let Candidates { channel, language, .. } = &self.candidates[channel];
        Entry { post: Arc::clone(post), channel: Arc::clone(channel), language: *language }
    }

    fn begin(&self, channel: usize) -> Begin {
        let candidates = &self.candidates[channel];
        Begin {
            channel: candidates.channel.name.clone(),
            id: candidates.begin(self.options),
            is_over: self.lists[channel].is_empty() && self.is_over(channel),
        }
    }

    /// After its last post, a channel's page ends with the oldest fetched post.
    fn skipped(&self, heads: &[usize]) -> Vec<Step> {
        let mut steps = Vec::new();
        for (channel, candidates) in self.candidates.iter().enumerate() {
            if let Some((id, _)) = candidates.oldest
                && heads[channel] == self.lists[channel].len()
            {
                let is_last = self.is_over(channel) || id == MessageId::FIRST;
                steps.push(Step { channel, id, is_entry: false, is_last });
            }
        }
        steps
    }

    /// The channel with the newest next post; the first of equals.
    fn newest(&self, heads: &[usize]) -> Option<usize> {
        let next = |channel: &usize| {
            self.lists[*channel].get(heads[*channel]).map(|seen| seen.post.post.published)
        };
        let channels = (0..self.lists.len()).filter(|channel| next(channel).is_some());
        channels.rev().max_by_key(next)
    }

    /// The channels that have unknown posts and no further known ones, ordered by the date that these may have, newest
    /// first.
    fn lacking(&self, heads: &[usize]) -> Vec<usize> {
        if !self.is_ordered {
            return Vec::new();
        }
        let is_lacking = |channel: &usize| {
            heads[*channel] == self.lists[*channel].len()
                && !self.is_over(*channel)
                && !self.candidates[*channel].is_given_up
        };
        let mut lacking: Vec<usize> = (0..self.candidates.len()).filter(is_lacking).collect();
        lacking.sort_by_key(|channel| std::cmp::Reverse(self.bound(*channel)));
        lacking
    }

    /// The upper bound of the dates of the channel's unknown posts.
    fn bound(&self, channel: usize) -> DateTime<Utc> {
        self.candidates[channel].end().map_or(DateTime::<Utc>::MAX_UTC, |(_, date)| date)
    }

    /// The channel has no posts after its list.
    fn is_over(&self, channel: usize) -> bool {
        let Candidates { posts, reaches_start, first_seen_id, .. } = &self.candidates[channel];
        let last = posts.last().map(|post| post.post.id);
        let first_seen_id = first_seen_id.filter(|_| self.options.stops_at_first_seen());
        let is_cut = first_seen_id.zip(last).is_some_and(|(first, last)| last < first);
        *reaches_start && !is_cut
    }
}

/// The posts of a channel from which a page is selected.
///
/// Posts older than the first response become known when a reader fetches the next page. They must not change the first
/// page.
fn seen<'a>(candidates: &'a Candidates, options: &FeedOptions) -> Vec<Seen<'a>> {
    let begin = candidates.begin(options);
    let first_seen_id = candidates.first_seen_id.filter(|_| options.stops_at_first_seen());
    let mut identities = HashSet::new();
    let mut list = Vec::new();
    for post in &candidates.posts {
        let id = post.post.id;
        if first_seen_id.is_some_and(|first_seen_id| id < first_seen_id) {
            break;
        }
        if begin.is_none_or(|begin| id < begin) && identities.insert(&post.identity) {
            let is_wanted = filter::wants(&post.post, options, candidates.language);
            list.push(Seen { post, is_wanted });
        }
    }
    list
}

#[cfg(test)]
mod tests;
