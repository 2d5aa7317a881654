//! What is still to be fetched behind a channel's newest posts: gaps that a refresh left open, and the history that a
//! followed channel gets.

use super::Inner;
use super::keeping::told;
use super::memory::Known;
use crate::archive::Range;
use crate::model::{ChannelName, MessageId};
use crate::upstream::{Priority, Refusal};

impl Inner {
    /// Fetches one page of what is missing, and tells whether more is. Nothing is asked when nothing is.
    ///
    /// # Errors
    /// Why Telegram did not give it; it is still missing then.
    pub(super) async fn fetch_missing(
        &self,
        name: &ChannelName,
        priority: &Priority,
    ) -> Result<bool, Refusal> {
        let Some(before) = self.missing(name).await else { return Ok(false) };
        let page = self.ask_older(name, before, priority).await?;
        tracing::debug!(channel.name = %name, before = before.get(), posts = page.posts.len(), "fetched history");
        Ok(self.missing(name).await.is_some_and(|next| next < before))
    }

    /// In front of which message posts are missing: in the newest gap, else behind all, as long as there are fewer posts than
    /// a channel is to have from the beginning.
    async fn missing(&self, name: &ChannelName) -> Option<MessageId> {
        let known = self.recall(name).await?;
        let newest = known.covered.first().filter(|range| !Range::reaches_start(range))?;
        if known.covered.len() > 1 {
            return Some(newest.low);
        }
        let wanted = u64::from(self.settings.schedule.initial_posts);
        (self.number_of_posts(&known).await? < wanted).then_some(newest.low)
    }

    async fn number_of_posts(&self, known: &Known) -> Option<u64> {
        told(self.archive.count(known.id?).await, "reading")
    }
}
