//! Which posts of several channels make one feed.
//!
//! The channels' posts are walked through newest first, each channel's in its own order; a page ends somewhere in each
//! channel, and the next one goes on from there ([`SeveralSelection::cursor`]). So nothing is lost between two pages, and
//! nothing comes twice.

mod duplicate;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{MOST_POSTS, Passed, WINDOW_HOURS};
use crate::feed::filter;
use crate::model::{
    ChannelName, Cursor, FeedDefaults, Language, MergedOptions, MessageId, StoredPost,
};

/// What is known of one of the channels.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The channel.
    pub channel: &'a ChannelName,
    /// Its posts, newest first; those before which the page begins too.
    pub posts: &'a [Arc<StoredPost>],
    /// What was looked at beside `posts`.
    pub passed: Passed,
    /// Nothing older than what was looked at exists.
    pub reaches_start: bool,
    /// Nothing older can be had for this answer.
    pub is_given_up: bool,
    /// The oldest message of the channel's first answer: a feed that is not asked to go back goes no further.
    pub floor: Option<MessageId>,
    /// The language of our own words, in which patterns look too.
    pub language: Language,
}

/// The posts of one feed document.
#[derive(Clone, Debug, Default)]
pub struct SeveralSelection {
    /// The posts, newest first, each with the number of its part.
    pub entries: Vec<(usize, Arc<StoredPost>)>,
    /// The parts of which older posts must be known before the walk can go on; the one that it waits for first.
    pub lacking: Vec<usize>,
    /// How many posts were looked at, those that are not wanted included.
    pub considered: usize,
    steps: Vec<Step>,
    parts: Vec<Ending>,
}

/// A post that was walked past.
#[derive(Clone, Copy, Debug)]
struct Step {
    part: usize,
    id: MessageId,
    /// It became an entry.
    is_entry: bool,
    /// It is its channel's first post.
    is_last: bool,
}

/// Where a part's page began, and whether there is nothing before that.
#[derive(Clone, Debug)]
struct Ending {
    channel: ChannelName,
    begin: Option<MessageId>,
    is_over: bool,
}

/// The message before which there is nothing.
fn first_message() -> Option<MessageId> {
    MessageId::new(1)
}

impl SeveralSelection {
    /// Nothing was walked past, for something has to be known first: the page would lead to itself.
    pub fn is_stuck(&self) -> bool {
        self.steps.is_empty() && !self.lacking.is_empty()
    }

    /// Where the page behind the first `entries` of the entries begins; none when nothing is older.
    pub fn cursor(&self, entries: usize) -> Option<Cursor> {
        let mut ends: Vec<(Option<MessageId>, bool)> =
            self.parts.iter().map(|part| (part.begin, part.is_over)).collect();
        let (mut shown, is_all) = (0, entries >= self.entries.len());
        for step in &self.steps {
            // What follows the last entry was walked past only when no entry was cut off.
            if shown == entries && !is_all {
                break;
            }
            shown += usize::from(step.is_entry);
            ends[step.part] = (Some(step.id), step.is_last);
        }
        if ends.iter().all(|(_, is_over)| *is_over) {
            return None;
        }
        let position = |(part, (end, is_over)): (&Ending, (Option<MessageId>, bool))| {
            let end = if is_over { first_message() } else { end };
            end.map(|end| (part.channel.clone(), end))
        };
        Some(Cursor::new(self.parts.iter().zip(ends).filter_map(position).collect()))
    }
}

/// Selects the posts of a feed of several channels: what the options want, the same forward once, then as many as the limit
/// or the window holds, as [`super::select`] does for one channel.
///
/// Where the options ask to go back (`limit`, `before`), the walk ends where a channel's known posts end, unless it is given
/// up: behind them, newer posts than the next ones may come to light. A feed that is not asked to go back shows what each
/// channel's own feed shows, a filtered one too.
pub fn select_several(
    parts: &[Part<'_>],
    asked: &MergedOptions,
    defaults: &FeedDefaults,
) -> SeveralSelection {
    let options = &asked.options;
    let lists: Vec<Vec<&Arc<StoredPost>>> =
        parts.iter().map(|part| considered(part, asked)).collect();
    let mut wanted: Vec<Vec<bool>> = Vec::new();
    for (part, list) in parts.iter().zip(&lists) {
        let wants = |kept: &&Arc<StoredPost>| filter::wants(&kept.post, options, part.language);
        wanted.push(list.iter().map(wants).collect());
    }
    duplicate::drop(&lists, &mut wanted);
    let walk = Walk {
        parts,
        lists: &lists,
        has_floor: asked.has_floor(),
        is_ordered: goes_back(asked) && options.query().is_none(),
    };
    walk.run(asked, &wanted, most(&lists, &wanted, asked, defaults))
}

/// The posts of a part from which a page is made.
fn considered<'a>(part: &Part<'a>, asked: &MergedOptions) -> Vec<&'a Arc<StoredPost>> {
    let begin = asked.before.as_ref().and_then(|cursor| cursor.of(part.channel));
    let floor = part.floor.filter(|_| asked.has_floor());
    let mut seen = HashSet::new();
    let posts = part.posts.iter();
    posts
        .filter(|kept| begin.is_none_or(|begin| kept.post.id < begin))
        .take_while(|kept| floor.is_none_or(|floor| kept.post.id >= floor))
        .filter(|kept| seen.insert(&kept.identity))
        .collect()
}

fn goes_back(asked: &MergedOptions) -> bool {
    asked.before.is_some() || asked.options.limit().is_some()
}

/// How many entries a document holds.
fn most(
    lists: &[Vec<&Arc<StoredPost>>],
    wanted: &[Vec<bool>],
    asked: &MergedOptions,
    defaults: &FeedDefaults,
) -> usize {
    if let Some(limit) = asked.options.limit() {
        return usize::from(limit);
    }
    let number = usize::from(defaults.window);
    let newest = lists.iter().filter_map(|list| list.first()).map(|kept| kept.post.published).max();
    let Some(newest) = newest.filter(|_| asked.before.is_none()) else { return number };
    let since = newest - TimeDelta::hours(WINDOW_HOURS);
    let is_recent = |(kept, is_wanted): &(&&Arc<StoredPost>, &bool)| {
        **is_wanted && kept.post.published >= since
    };
    let recent = lists
        .iter()
        .zip(wanted)
        .map(|(list, wanted)| list.iter().zip(wanted).filter(is_recent).count());
    number.max(recent.sum()).min(MOST_POSTS)
}

struct Walk<'a, 'b> {
    parts: &'a [Part<'b>],
    lists: &'a [Vec<&'b Arc<StoredPost>>],
    has_floor: bool,
    /// A part whose known posts are over keeps older ones of others back.
    is_ordered: bool,
}

impl Walk<'_, '_> {
    fn run(&self, asked: &MergedOptions, wanted: &[Vec<bool>], most: usize) -> SeveralSelection {
        let mut heads = vec![0; self.lists.len()];
        let (mut entries, mut steps, mut lacking) = (Vec::new(), Vec::new(), Vec::new());
        while entries.len() < most {
            lacking = self.lacking(&heads);
            let Some(part) = self.newest(&heads) else { break };
            let kept = self.lists[part][heads[part]];
            let is_behind = |lacking: &usize| self.bound(*lacking) > kept.post.published;
            if lacking.first().is_some_and(is_behind) {
                break;
            }
            let is_entry = wanted[part][heads[part]];
            heads[part] += 1;
            let is_last = heads[part] == self.lists[part].len() && self.is_over(part);
            steps.push(Step { part, id: kept.post.id, is_entry, is_last });
            if is_entry {
                entries.push((part, Arc::clone(kept)));
            }
        }
        let passed: usize = self.parts.iter().map(|part| part.passed.number).sum();
        let considered = steps.len() + passed;
        if entries.len() >= most {
            lacking.clear();
        } else {
            steps.extend(self.passed(&heads));
        }
        let ending = |(number, part): (usize, &Part<'_>)| Ending {
            channel: part.channel.clone(),
            begin: asked.before.as_ref().and_then(|cursor| cursor.of(part.channel)),
            is_over: self.lists[number].is_empty() && self.is_over(number),
        };
        let parts = self.parts.iter().enumerate().map(ending).collect();
        SeveralSelection { entries, lacking, considered, steps, parts }
    }

    /// Behind a part's last post, the walk goes past all that was looked at and left out before.
    fn passed(&self, heads: &[usize]) -> impl Iterator<Item = Step> {
        let ended = (0..self.parts.len()).filter(|part| heads[*part] == self.lists[*part].len());
        ended.filter_map(|part| {
            let (id, _) = self.parts[part].passed.oldest?;
            Some(Step { part, id, is_entry: false, is_last: self.is_over(part) })
        })
    }

    /// The part whose next post is the newest; of equals the first.
    fn newest(&self, heads: &[usize]) -> Option<usize> {
        let next =
            |part: &usize| self.lists[*part].get(heads[*part]).map(|kept| kept.post.published);
        let parts = (0..self.lists.len()).filter(|part| next(part).is_some());
        parts.rev().max_by_key(next)
    }

    /// The parts whose known posts are over and that have more, the one that may have the newest first.
    fn lacking(&self, heads: &[usize]) -> Vec<usize> {
        if !self.is_ordered {
            return Vec::new();
        }
        let is_lacking = |part: &usize| {
            heads[*part] == self.lists[*part].len()
                && !self.is_over(*part)
                && !self.parts[*part].is_given_up
        };
        let mut lacking: Vec<usize> = (0..self.parts.len()).filter(is_lacking).collect();
        lacking.sort_by_key(|part| std::cmp::Reverse(self.bound(*part)));
        lacking
    }

    /// No post of the part that is not known yet is newer than this.
    fn bound(&self, part: usize) -> DateTime<Utc> {
        let Part { posts, passed, .. } = self.parts[part];
        let last = posts.last().map(|kept| kept.post.published);
        let passed = passed.oldest.map(|(_, published)| published);
        last.into_iter().chain(passed).min().unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The last of a part's considered posts is the channel's first one.
    fn is_over(&self, part: usize) -> bool {
        let Part { posts, reaches_start, floor, .. } = self.parts[part];
        let last = posts.last().map(|kept| kept.post.id);
        let is_cut = |floor: MessageId| last.is_some_and(|last| last < floor);
        reaches_start && !(self.has_floor && floor.is_some_and(is_cut))
    }
}

#[cfg(test)]
mod tests;
