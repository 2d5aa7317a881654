//! Summaries of channels for lists, without a request to Telegram.

use std::sync::Arc;

use super::channels::Channels;
use super::error::read_failed;
use super::{Error, Runtime};
use crate::model::{Channel, ChannelName, Language, StoredPost};

/// The posts that are read to find one that is not a service message.
const GLANCE: usize = 8;

#[derive(Clone, Debug)]
pub struct Summary {
    pub channel: Channel,
    /// The language of feedline's own words about it.
    pub language: Language,
    /// The newest post that is not a service message.
    pub newest: Option<Arc<StoredPost>>,
}

pub(super) async fn read(
    runtime: &Runtime,
    channels: &Channels,
    name: &ChannelName,
) -> Result<Option<Summary>, Error> {
    let name = runtime.memory.resolve(name);
    if let Some(state) = runtime.memory.get(&name.key()) {
        let snapshot = &state.snapshot;
        return Ok(Some(Summary {
            channel: snapshot.channel.clone(),
            language: state.language,
            newest: newest(&snapshot.posts),
        }));
    }
    let held = runtime.archive.load(&name, GLANCE).await.map_err(read_failed)?;
    Ok(held.map(|held| Summary {
        newest: newest(&channels.shown(&held.posts)),
        channel: held.channel,
        language: held.state.language,
    }))
}

fn newest(posts: &[Arc<StoredPost>]) -> Option<Arc<StoredPost>> {
    posts.iter().find(|stored| stored.post.service.is_none()).cloned()
}
