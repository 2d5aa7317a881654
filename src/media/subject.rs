//! What may be asked for: a file of a channel's, or a custom emoji.

use super::error::Error;
use super::fetch::Wish;
use super::form::Form;
use crate::bridge::{Bridge, File, Held, Located};
use crate::model::ChannelName;
use crate::text::Address;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A file of a channel's.
    File(ChannelName, File),
    /// The picture of a custom emoji.
    Emoji(u64),
}

impl Subject {
    pub(super) fn form(&self) -> Form {
        match self {
            Self::File(_, file) => Form::of(*file),
            Self::Emoji(_) => Form::Picture,
        }
    }

    /// What is known of it without asking.
    pub(super) async fn held(&self, bridge: &Bridge) -> Result<Held, Error> {
        match self {
            Self::File(channel, file) => Ok(bridge.held_file(channel, *file).await?),
            Self::Emoji(id) => Ok(bridge.held_emoji(*id)),
        }
    }

    /// Where it lies today, and not at an address that is dead.
    pub(super) async fn locate(
        &self,
        bridge: &Bridge,
        dead: Option<&Address>,
        Wish { asker, class }: Wish,
    ) -> Result<Located, Error> {
        let located = match self {
            Self::File(channel, file) => bridge.locate(channel, *file, dead, class, asker).await,
            Self::Emoji(id) => bridge.locate_emoji(*id, dead, class, asker).await,
        };
        Ok(located?)
    }
}
