//! What is known of a channel at a glance, without asking anybody: for lists of channels.

use std::sync::Arc;

use super::Key;
use super::memory::ChannelState;
use super::persistence::unread;
use super::{Error, Inner, Service};
use crate::feed;
use crate::model::{Channel, ChannelName, FeedOptions, Language, MessageId, StoredPost};

/// The posts that are read to find one that says something.
const GLANCE: usize = 8;

/// The posts that are looked at to find where the page of newer ones begins.
const NEWER: usize = 200;

/// A channel at a glance.
#[derive(Clone, Debug)]
pub struct Brief {
    /// The channel.
    pub channel: Channel,
    /// The language of our own words about it.
    pub language: Language,
    /// Its newest post that is no message about the channel itself.
    pub newest: Option<Arc<StoredPost>>,
}

impl Service {
    /// A channel at a glance, in memory or in the archive; `None` when it is not known.
    ///
    /// # Errors
    /// [`Error::NoArchive`]
    pub async fn brief(&self, name: &ChannelName) -> Result<Option<Brief>, Error> {
        self.0.brief(name).await
    }

    /// What is known of a channel, however old; `None` when it is not known.
    ///
    /// # Errors
    /// [`Error::NoArchive`]
    pub async fn kept(&self, name: &ChannelName) -> Result<Option<Arc<ChannelState>>, Error> {
        let present = self.0.memory.resolve(name, self.0.clock.now());
        self.0.recall(&present).await
    }
}

impl Service {
    /// Where the page of at most so many posts begins that ends in front of the page before a message: the value of its
    /// `before`; `None` when that is the first page.
    ///
    /// # Errors
    /// [`Error::NoArchive`]
    pub async fn newer(
        &self,
        known: &ChannelState,
        options: &FeedOptions,
        before: MessageId,
        posts: usize,
    ) -> Result<Option<MessageId>, Error> {
        let newer = self.0.posts_from(known, before).await?;
        let wants = |kept: &&Arc<StoredPost>| feed::wants(&kept.post, options, known.language);
        let mut wanted = newer.iter().rev().filter(wants);
        let beyond = wanted.nth(posts).map(|kept| kept.post.id);
        // Where so few are wanted that they are not found in so many, the page begins where the look ended.
        let end = newer.first().filter(|_| newer.len() >= NEWER).map(|kept| kept.post.id);
        Ok(beyond.or(end))
    }
}

impl Inner {
    /// The nearest posts from a message on, newest first.
    async fn posts_from(
        &self,
        known: &ChannelState,
        from: MessageId,
    ) -> Result<Vec<Arc<StoredPost>>, Error> {
        let posts = &known.snapshot.posts;
        let is_within = posts.last().is_some_and(|last| last.post.id <= from);
        if !is_within
            && let Some(channel) = known.id
            && let Some(below) = MessageId::new(from.get() - 1)
        {
            let held = self.archive.newer(channel, below, NEWER).await.map_err(unread)?;
            return Ok(self.shown(&held));
        }
        Ok(posts.iter().filter(|kept| kept.post.id >= from).cloned().collect())
    }

    async fn brief(&self, name: &ChannelName) -> Result<Option<Brief>, Error> {
        let name = self.memory.resolve(name, self.clock.now());
        if let Some(known) = self.memory.channels.get(&Key::from(name.key())) {
            let snapshot = &known.snapshot;
            return Ok(Some(Brief {
                channel: snapshot.channel.clone(),
                language: known.language,
                newest: newest(&snapshot.posts),
            }));
        }
        let held = self.archive.load(&name, GLANCE).await.map_err(unread)?;
        Ok(held.map(|held| Brief {
            newest: newest(&self.shown(&held.posts)),
            channel: held.channel,
            language: held.state.language,
        }))
    }
}

fn newest(posts: &[Arc<StoredPost>]) -> Option<Arc<StoredPost>> {
    posts.iter().find(|kept| kept.post.service.is_none()).cloned()
}
