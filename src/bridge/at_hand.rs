//! What a message carries, as far as it is known without asking.

use super::memory::Key;
use super::{Bridge, Inner};
use crate::model::{ChannelName, Media, MessageId, Post};

impl Bridge {
    /// The photo, film, sound or sticker of a message that has a file; `None` when nothing of the kind is known. Asks nobody.
    pub async fn media_at_hand(&self, name: &ChannelName, id: MessageId) -> Option<Media> {
        self.0.media_at_hand(name, id).await
    }
}

impl Inner {
    async fn media_at_hand(&self, name: &ChannelName, id: MessageId) -> Option<Media> {
        let name = self.memory.resolve(name, self.clock.now());
        let of = |post: &Post| {
            let media = post.media.iter().find(|media| media.message == id);
            media.filter(|media| media.file.is_some()).cloned()
        };
        if let Some(known) = self.recall(&name).await
            && let Some(kept) = self.shown_post(&known, id).await
        {
            return of(&kept.post);
        }
        let single = self.singles.get(&(Key::from(name.key()), id))?;
        of(&single.value.as_ref().ok()?.post.post)
    }
}
