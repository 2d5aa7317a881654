//! A feed that lies ready: found without waiting, or not at all.

use super::freshness::CacheStatus;
use super::render_cache::RenderKeyRef;
use super::{Feed, Service};
use crate::links::Base;
use crate::model::{ChannelName, FeedOptions, Format};

impl Service {
    /// A channel's feed, if its snapshot is alive and the feed was drawn from it.
    pub fn warm(
        &self,
        name: &ChannelName,
        options: &FeedOptions,
        format: Format,
        base: &Base,
    ) -> Option<Feed> {
        let inner = &self.0;
        let channel = name.key();
        let known = inner.memory.channels.get(channel.as_str())?;
        let now = inner.clock.now();
        if !known.is_fresh(now) || known.snapshot.channel.name != *name {
            return None;
        }
        let options = inner.normal_form(options);
        let key = RenderKeyRef { channel: &channel, options: &options, format, base };
        let rendered = inner.renders.get(&key, std::slice::from_ref(&known))?.rendered;
        let freshness = inner.seen(&known, CacheStatus::Hit, None).freshness;
        Some(Feed { channel: known.snapshot.channel.name.clone(), rendered, freshness })
    }
}
