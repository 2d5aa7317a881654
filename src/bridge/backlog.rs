//! The history behind a channel's newest posts, fetched while nobody waits: one page at a time.

use std::sync::Arc;

use super::memory::{Key, Known};
use super::{Inner, merge};
use crate::model::ChannelName;
use crate::upstream::{Priority, Query};

impl Inner {
    /// Puts one page of older posts behind those that are known, as long as they are fewer than
    /// `archive.initial_posts`. Tells whether another page is wanted.
    pub(super) async fn deepen(&self, name: &ChannelName, priority: &Priority) -> bool {
        let key = Key::from(name.key());
        let Some(before) = self.memory.channels.get(&key).and_then(|known| self.end(&known)) else {
            return false;
        };
        let fetched = self.upstream.page(name, &Query::Before(before), priority).await;
        // One that is cut lacks the posts next to those that are known: behind it there would be a gap.
        let Some(page) = fetched.ok().map(|fetched| fetched.page).filter(|page| page.is_whole)
        else {
            return false;
        };
        let _applying = self.applying();
        let Some(known) = self.memory.channels.get(&key) else { return false };
        if known.snapshot.posts.last().is_none_or(|last| last.post.id != before) {
            return false;
        }
        let snapshot = merge::older(&known.snapshot, &page);
        let has_grown = snapshot.posts.len() > known.snapshot.posts.len();
        let known = Known { snapshot, ..(*known).clone() };
        let is_more = has_grown && self.end(&known).is_some();
        self.memory.channels.insert(key, Arc::new(known));
        is_more
    }

    /// The oldest post that is known, if older ones are wanted.
    fn end(&self, known: &Known) -> Option<crate::model::MessageId> {
        let wanted = usize::try_from(self.settings.schedule.initial_posts).unwrap_or(usize::MAX);
        let snapshot = &known.snapshot;
        let is_wanted = snapshot.posts.len() < wanted.min(merge::MOST_KEPT);
        let last = snapshot.posts.last().filter(|_| is_wanted && !snapshot.reaches_start);
        last.map(|last| last.post.id)
    }
}
