//! References to media files.

use super::error::Error;
use super::sniff::Expected;
use crate::model::ChannelName;
use crate::service::{Class, ClientId, File, KnownFile, Located, Service};
use crate::text::Address;

/// A reference to a media file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaRef {
    File(ChannelName, File),
    /// The image of a custom emoji, by Telegram's ID.
    Emoji(u64),
}

/// The client of a request for a file, and its class.
#[derive(Clone, Copy, Debug)]
pub(super) struct Priority {
    pub(super) client_id: ClientId,
    pub(super) class: Class,
}

impl Priority {
    /// A background request without a waiting client.
    pub(super) const PREFETCH: Self =
        Self { client_id: ClientId::OPERATOR, class: Class::Background };

    pub(super) fn client(client_id: ClientId) -> Self {
        Self { client_id, class: Class::Media }
    }

    /// Whether a dead URL is renewed, which costs a request for the post's page.
    pub(super) fn renews(self) -> bool {
        self.class != Class::Background
    }
}

impl MediaRef {
    pub(super) fn expected(&self) -> Expected {
        match self {
            Self::File(_, file) => Expected::of(*file),
            Self::Emoji(_) => Expected::Image,
        }
    }

    pub(super) fn is_avatar(&self) -> bool {
        matches!(self, Self::File(_, File::Avatar))
    }

    /// The known metadata of the file, without a request to Telegram.
    pub(super) async fn known(&self, service: &Service) -> Result<KnownFile, Error> {
        match self {
            Self::File(channel, file) => Ok(service.files().known(channel, *file).await?),
            Self::Emoji(id) => Ok(service.files().known_emoji(*id)),
        }
    }

    /// The file's current URL, other than `dead`.
    pub(super) async fn locate(
        &self,
        service: &Service,
        dead: Option<&Address>,
        Priority { client_id, class }: Priority,
    ) -> Result<Located, Error> {
        let located = match self {
            Self::File(channel, file) => {
                service.files().locate(channel, *file, dead, class, client_id).await
            }
            Self::Emoji(id) => service.files().locate_emoji(*id, dead, class, client_id).await,
        };
        Ok(located?)
    }
}
