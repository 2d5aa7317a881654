//! What is still to be fetched behind a channel's newest posts: gaps that a refresh left open, and the history that a
//! followed channel gets.

use super::persistence::unread;
use super::{Error, Inner};
use crate::archive::Range;
use crate::model::{ChannelName, MessageId};
use crate::upstream::Priority;

impl Inner {
    /// Fetches one page of what is missing, and tells whether more is. Nothing is asked when nothing is.
    ///
    /// # Errors
    /// Why Telegram did not give it, or [`Error::NoArchive`]; it is still missing then.
    pub(super) async fn fetch_missing(
        &self,
        name: &ChannelName,
        priority: &Priority,
    ) -> Result<bool, Error> {
        let Some(before) = self.missing(name).await? else { return Ok(false) };
        let page = self.ask_older(name, before, priority).await?;
        tracing::debug!(channel.name = %name, before = before.get(), posts = page.posts.len(), "fetched history");
        Ok(self.missing(name).await?.is_some_and(|next| next < before))
    }

    /// In front of which message posts are missing: in the newest gap, else behind all, as long as there are fewer posts than
    /// a channel is to have from the beginning.
    async fn missing(&self, name: &ChannelName) -> Result<Option<MessageId>, Error> {
        let Some(known) = self.recall(name).await? else { return Ok(None) };
        let newest = known.covered.first().filter(|range| !Range::reaches_start(range));
        let (Some(newest), Some(id)) = (newest, known.id) else { return Ok(None) };
        if known.covered.len() > 1 {
            return Ok(Some(newest.low));
        }
        let wanted = u64::from(self.settings.schedule.initial_posts);
        let posts = self.archive.count(id).await.map_err(unread)?;
        Ok((posts < wanted).then_some(newest.low))
    }
}
