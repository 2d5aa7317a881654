//! Why a file cannot be served.

use std::time::Duration;

use crate::net::FileError;
use crate::service;

/// When a client that was refused for lack of capacity should try again.
const BUSY: Duration = Duration::from_secs(5);

/// Why a file cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The use cases refuse: Telegram does not show the post, or it has no such file.
    #[error(transparent)]
    Service(#[from] service::Error),
    /// Telegram's page names the file, and the CDN does not have it, at its renewed URL either.
    #[error("Telegram no longer has this file")]
    Dead,
    /// The file ends before the requested range.
    #[error("the file ends before the requested range")]
    Unsatisfiable {
        /// The file's length.
        length: u64,
    },
    /// Too many files are downloaded at once.
    #[error("too many files are being downloaded")]
    Busy {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// The CDN cannot be reached, fails, or breaks off.
    #[error("Telegram's CDN does not deliver the file: {0}")]
    Unreachable(Outage),
    /// The response is not the expected file: another type (an error page, an SVG with a script), compressed, or a redirect
    /// to somewhere else.
    #[error("the response of Telegram's CDN is not the expected file")]
    Unfit,
}

/// Why the CDN does not deliver a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Outage {
    /// No connection, or one that ended early.
    #[error("the connection failed")]
    Network,
    /// Too slow.
    #[error("it is too slow")]
    Slow,
    /// A status that means neither a file nor a dead URL.
    #[error("it responds with status {0}")]
    Status(u16),
}

impl Error {
    pub(crate) const BUSY: Self = Self::Busy { retry_after: BUSY };

    /// How long the error is answered without another request to the CDN; `None`: the next request tries again.
    pub(super) fn negative_ttl(&self) -> Option<Duration> {
        match self {
            Self::Dead | Self::Unfit => Some(Duration::from_secs(5 * 60)),
            Self::Unreachable(_) => Some(Duration::from_secs(10)),
            // `service` caches its refusals itself.
            Self::Service(_) | Self::Unsatisfiable { .. } | Self::Busy { .. } => None,
        }
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Gone(_) => Self::Dead,
            FileError::Status(status) => Self::Unreachable(Outage::Status(status)),
            FileError::Network(_) => Self::Unreachable(Outage::Network),
            FileError::Slow => Self::Unreachable(Outage::Slow),
            FileError::Busy => Self::BUSY,
            FileError::ForbiddenHost
            | FileError::NotPublic
            | FileError::Compressed
            | FileError::WrongRange
            | FileError::TooLarge { .. } => Self::Unfit,
        }
    }
}
