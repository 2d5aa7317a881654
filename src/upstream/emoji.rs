//! Where the picture of an emoji of Telegram's own lies today.

use super::query::emoji_path;
use super::{Face, Oddity, Outage, Refusal, Stop};
use crate::net::{Priority, Response};
use crate::telegram::emoji;
use crate::text::Address;

impl Face {
    /// One attempt, through whichever outbound address can first.
    pub(super) async fn emoji(
        &self,
        id: u64,
        priority: &Priority,
    ) -> Result<Option<Address>, Stop> {
        let Response { status, text, whole, retry_after, outbound, .. } =
            self.hosts.fetch(&emoji_path(id), None, priority).await?;
        match status {
            200 if !whole => Err(Refusal::Unreachable(Outage::Cut).into()),
            200 => {
                let address = emoji::parse(&text)
                    .map_err(|error| Refusal::MarkupChanged(Oddity::Page(error)))?;
                self.hosts.client.answered(outbound);
                Ok(address)
            }
            400 | 404 | 410 => Ok(None),
            429 | 403 => Err(self.doubt(retry_after, outbound, priority).await),
            500..=599 => Err(Refusal::Unreachable(Outage::Status(status)).into()),
            _ => Err(Refusal::MarkupChanged(Oddity::Status(status)).into()),
        }
    }
}
