//! Drops duplicate forwards: several forwards of the same post, and forwards of a post that the feed has itself.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::Seen;
use crate::model::{MessageId, Post, Target};

/// A message of a channel; the name is in lower case.
type Address = (String, MessageId);

/// Drops forwards of posts that the feed has itself. Of several forwards of the same post, only the first published one
/// stays, because readers have it already.
pub(super) fn drop_forwards(lists: &mut [Vec<Seen<'_>>]) {
    let mut originals: HashSet<Address> = HashSet::new();
    let mut firsts: HashMap<Address, (DateTime<Utc>, usize, usize)> = HashMap::new();
    let mut forwards: Vec<(Address, usize, usize)> = Vec::new();
    for (channel, list) in lists.iter().enumerate() {
        for (number, seen) in list.iter().enumerate().filter(|(_, seen)| seen.is_wanted) {
            let post = &seen.post.post;
            let Some(origin) = origin(post) else {
                originals.extend(addresses(post));
                continue;
            };
            let forward = (post.published, channel, number);
            let first = firsts.entry(origin.clone()).or_insert(forward);
            *first = forward.min(*first);
            forwards.push((origin, channel, number));
        }
    }
    for (origin, channel, number) in forwards {
        let first = firsts.get(&origin);
        let is_first = first.is_some_and(|first| (first.1, first.2) == (channel, number));
        lists[channel][number].is_wanted = is_first && !originals.contains(&origin);
    }
}

/// The forwarded post, if it is a channel's post.
fn origin(post: &Post) -> Option<Address> {
    let address = post.forward.as_ref()?.address.as_ref()?;
    let target = Target::parse(address.as_str()).ok()?;
    Some((target.channel.key(), target.message?))
}

fn addresses(post: &Post) -> impl Iterator<Item = Address> {
    let channel = post.channel.key();
    post.members.iter().map(move |id| (channel.clone(), *id))
}
