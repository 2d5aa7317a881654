//! Summaries of channels for lists, without a request to Telegram.

use std::sync::Arc;

use super::Error;
use super::channels::Channels;
use super::error::read_failed;
use crate::archive::Archive;
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
    archive: &Archive,
    channels: &Channels,
    name: &ChannelName,
) -> Result<Option<Summary>, Error> {
    let name = channels.resolve(name);
    if let Some(state) = channels.get(&name.key()) {
        let snapshot = &state.snapshot;
        return Ok(Some(Summary {
            channel: snapshot.channel.clone(),
            language: state.language,
            newest: newest(&snapshot.posts),
        }));
    }
    let held = archive.load(&name, GLANCE).await.map_err(read_failed)?;
    Ok(held.map(|held| Summary {
        newest: newest(&channels.shown(&held.posts)),
        channel: held.channel,
        language: held.state.language,
    }))
}

fn newest(posts: &[Arc<StoredPost>]) -> Option<Arc<StoredPost>> {
    posts.iter().find(|stored| stored.post.service.is_none()).cloned()
}
