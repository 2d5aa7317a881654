//! References to media files, and requests for them.

use super::error::Error;
use super::sniff::Expected;
use crate::model::{ChannelName, File};
use crate::service::{Class, ClientId, KnownFile, Located, Service};
use crate::text::Address;

/// A reference to a media file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaRef {
    File(ChannelName, File),
    /// The image of a custom emoji, by Telegram's ID.
    Emoji(u64),
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
        class: Class,
        client_id: ClientId,
    ) -> Result<Located, Error> {
        let files = service.files();
        let located = match self {
            Self::File(channel, file) => files.locate(channel, *file, dead, class, client_id).await,
            Self::Emoji(id) => files.locate_emoji(*id, dead, class, client_id).await,
        };
        Ok(located?)
    }
}

/// A request for a file, by a client or in the background.
#[derive(Clone, Debug)]
pub(super) struct FileRequest {
    pub(super) media: MediaRef,
    pub(super) known: KnownFile,
    pub(super) client_id: ClientId,
    pub(super) class: Class,
}

impl FileRequest {
    /// Whether a dead URL is renewed, which costs a request for the post's page.
    pub(super) fn renews(&self) -> bool {
        self.class != Class::Background
    }

    /// The file's current URL, other than `dead`. If the URL carries no identity, the file gets the known one, so that
    /// the next lookup is a cache hit.
    pub(super) async fn locate(
        &self,
        service: &Service,
        dead: Option<&Address>,
    ) -> Result<Located, Error> {
        let located = self.media.locate(service, dead, self.class, self.client_id).await?;
        Ok(Located { identity: located.identity.or(self.known.identity), ..located })
    }
}
