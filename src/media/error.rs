//! Errors of media files.

use std::time::Duration;

use crate::net::FileError;
use crate::service;

/// The `Retry-After` when a limit is reached.
const BUSY: Duration = Duration::from_secs(5);

/// Why a file cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Telegram does not show the post, or the post has no such file.
    #[error(transparent)]
    Service(#[from] service::Error),
    /// The CDN does not have the file that Telegram's page names, not even at the renewed URL.
    #[error("Telegram no longer has this file")]
    Dead,
    #[error("the file ends before the requested range")]
    Unsatisfiable {
        /// The file's length, in bytes.
        length: u64,
    },
    #[error("too many files are being downloaded")]
    Busy {
        /// The value of `Retry-After`.
        retry_after: Duration,
    },
    /// The CDN cannot be reached, returns an error, or truncates the file.
    #[error("Telegram's CDN does not deliver the file: {0}")]
    Unreachable(FileError),
    /// The response is not the expected file: another type (an error page, an SVG with a script), compressed, or a
    /// redirect to another host.
    #[error("the response of Telegram's CDN is not the expected file")]
    Unfit,
}

impl Error {
    pub(crate) const BUSY: Self = Self::Busy { retry_after: BUSY };

    /// How long the error is cached; `None`: the next request tries again.
    pub(super) fn negative_ttl(&self) -> Option<Duration> {
        match self {
            Self::Dead | Self::Unfit => Some(Duration::from_secs(5 * 60)),
            Self::Unreachable(_) => Some(Duration::from_secs(10)),
            // `service` caches its own refusals.
            Self::Service(_) | Self::Unsatisfiable { .. } | Self::Busy { .. } => None,
        }
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Gone(_) => Self::Dead,
            FileError::Status(_) | FileError::Network(_) | FileError::Slow => {
                Self::Unreachable(error)
            }
            FileError::Busy => Self::BUSY,
            FileError::ForbiddenHost
            | FileError::NotPublic
            | FileError::Compressed
            | FileError::WrongRange
            | FileError::TooLarge { .. } => Self::Unfit,
        }
    }
}
