//! Where a file lies, and what a message carries as far as it is known without asking.

use super::Key;
use super::{Class, ClientId, Error, File, Inner, Service};
use crate::model::{ChannelName, Media, MessageId, Post};
use crate::text::Address;

impl Service {
    /// Where a file lies today: at most an hour old, renewed through the post's embed.
    ///
    /// # Errors
    /// [`Error::NoSuchFile`], or [`Error::Refused`] when Telegram does not show the post.
    pub async fn file(
        &self,
        name: &ChannelName,
        file: File,
        client_id: ClientId,
    ) -> Result<Address, Error> {
        let located = self.0.locate(name, file, None, Class::Media, client_id).await?;
        Ok(located.address)
    }

    /// The photo, film, sound or sticker of a message that has a file; `None` when nothing of the kind is known. Asks nobody.
    ///
    /// # Errors
    /// [`Error::NoArchive`]
    pub async fn media_at_hand(
        &self,
        name: &ChannelName,
        id: MessageId,
    ) -> Result<Option<Media>, Error> {
        self.0.media_at_hand(name, id).await
    }
}

impl Inner {
    async fn media_at_hand(
        &self,
        name: &ChannelName,
        id: MessageId,
    ) -> Result<Option<Media>, Error> {
        let name = self.memory.resolve(name, self.clock.now());
        let of = |post: &Post| {
            let media = post.media.iter().find(|media| media.message == id);
            media.filter(|media| media.file.is_some()).cloned()
        };
        if let Some(known) = self.recall(&name).await?
            && let Some(kept) = self.shown_post(&known, id).await?
        {
            return Ok(of(&kept.post));
        }
        let single = self.singles.get(&(Key::from(name.key()), id));
        // A refusal is no post, and says nothing about what the message carries.
        let post = single.as_ref().and_then(|single| single.value.as_ref().ok());
        Ok(post.and_then(|single| of(&single.post.post)))
    }
}
