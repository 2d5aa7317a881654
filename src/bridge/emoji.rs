//! Where the pictures of Telegram's own emoji lie today.

use std::sync::Arc;

use super::shelf::Deadline;
use super::{Asker, Bridge, COLD_PATIENCE, Error, Inner};
use crate::text::Address;
use crate::upstream::{Class, Priority};

impl Bridge {
    /// Where the still picture of an emoji lies today: asked at most once an hour, unless the address that is known is `dead`.
    ///
    /// # Errors
    /// [`Error::NoSuchFile`], or [`Error::Refused`] when Telegram does not tell.
    pub async fn emoji(
        &self,
        id: u64,
        dead: Option<&Address>,
        asker: Asker,
    ) -> Result<Address, Error> {
        self.0.emoji(id, dead, asker).await
    }
}

impl Inner {
    async fn emoji(
        self: &Arc<Self>,
        id: u64,
        dead: Option<&Address>,
        asker: Asker,
    ) -> Result<Address, Error> {
        let known = self.emojis.get(&id);
        if known.is_some_and(|known| known.value.as_ref().is_ok_and(|kept| kept.as_ref() == dead))
            && dead.is_some()
        {
            self.emojis.forget(&id);
        }
        let work = |priority: Priority| {
            let inner = Arc::clone(self);
            async move { inner.upstream.emoji(id, &priority).await }
        };
        let deadline = Deadline::after(COLD_PATIENCE);
        // Any number may be asked for: it goes to whoever asks.
        let toll = || self.charge(asker);
        let found = self.emojis.fetch(&id, Class::Media, deadline, toll, work).await;
        let address = found.outcome(self.clock.now())?.clone().ok_or(Error::NoSuchFile)?;
        if !self.upstream.keeps_files_at(&address) {
            tracing::warn!(
                emoji.id = id,
                "a picture lies at a host that upstream.media_hosts does not name"
            );
            return Err(Error::NoSuchFile);
        }
        Ok(address)
    }
}
