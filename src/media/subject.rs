//! What may be asked for: a file of a channel's, or a custom emoji.

use super::error::Error;
use super::fetch::Wish;
use super::form::Form;
use crate::model::ChannelName;
use crate::service::{File, Held, Located, Service};
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
    pub(super) async fn held(&self, service: &Service) -> Result<Held, Error> {
        match self {
            Self::File(channel, file) => Ok(service.held_file(channel, *file).await?),
            Self::Emoji(id) => Ok(service.held_emoji(*id)),
        }
    }

    /// Where it lies today, and not at an address that is dead.
    pub(super) async fn locate(
        &self,
        service: &Service,
        dead: Option<&Address>,
        Wish { client_id, class }: Wish,
    ) -> Result<Located, Error> {
        let located = match self {
            Self::File(channel, file) => {
                service.locate(channel, *file, dead, class, client_id).await
            }
            Self::Emoji(id) => service.locate_emoji(*id, dead, class, client_id).await,
        };
        Ok(located?)
    }
}
