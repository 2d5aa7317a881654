//! The same forward once: a post that several channels pass on, or that is among the channels' own.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::{MessageId, Post, StoredPost, Target};

/// A message of a channel, by its name in lower case.
type Place = (String, MessageId);

/// Takes back the want for every forward of a post that is there as its channel's own, and for every forward of one post but
/// the first that was published: whoever reads the feed has seen that one.
pub(super) fn drop(lists: &[Vec<&Arc<StoredPost>>], wanted: &mut [Vec<bool>]) {
    let mut originals: HashSet<Place> = HashSet::new();
    let mut firsts: HashMap<Place, (DateTime<Utc>, usize, usize)> = HashMap::new();
    let mut forwards: Vec<(Place, usize, usize)> = Vec::new();
    for (part, list) in lists.iter().enumerate() {
        for (number, kept) in list.iter().enumerate().filter(|(number, _)| wanted[part][*number]) {
            let Some(place) = origin(&kept.post) else {
                originals.extend(places(&kept.post));
                continue;
            };
            let first = (kept.post.published, part, number);
            let known = firsts.entry(place.clone()).or_insert(first);
            *known = first.min(*known);
            forwards.push((place, part, number));
        }
    }
    for (place, part, number) in forwards {
        let is_first = firsts.get(&place).is_some_and(|first| (first.1, first.2) == (part, number));
        wanted[part][number] = is_first && !originals.contains(&place);
    }
}

/// The post that was forwarded, when it is a channel's.
fn origin(post: &Post) -> Option<Place> {
    let address = post.forward.as_ref()?.address.as_ref()?;
    let target = Target::parse(address.as_str()).ok()?;
    Some((target.channel.key(), target.message?))
}

fn places(post: &Post) -> impl Iterator<Item = Place> {
    let channel = post.channel.key();
    post.members.iter().map(move |id| (channel.clone(), *id))
}
