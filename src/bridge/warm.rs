//! A feed that lies ready: found without waiting, or not at all.

use super::freshness::Source;
use super::memory::Key;
use super::render::RenderKey;
use super::{Bridge, Feed};
use crate::links::Base;
use crate::model::{ChannelName, FeedOptions, Format};

impl Bridge {
    /// A channel's feed, if its snapshot is alive and the feed was drawn from it.
    #[must_use]
    pub fn warm(
        &self,
        name: &ChannelName,
        options: &FeedOptions,
        format: Format,
        base: &Base,
    ) -> Option<Feed> {
        let inner = &self.0;
        let known = inner.memory.channels.get(&Key::from(name.key()))?;
        let now = inner.clock.now();
        if !known.is_alive(now) || known.snapshot.channel.name != *name {
            return None;
        }
        let key = RenderKey {
            channel: known.key(),
            options: inner.normal_form(options),
            format,
            base: base.clone(),
        };
        let rendered = inner.memory.rendered.get(&key)?;
        if rendered.fetched != known.snapshot.fetched {
            return None;
        }
        let freshness = inner.seen(&known, Source::Memory, None).freshness;
        Some(Feed { channel: known.snapshot.channel.name.clone(), rendered, freshness })
    }
}
