//! Why there is no file.

use std::time::Duration;

use crate::net::FileError;
use crate::service;

/// When it is worth asking again for a file for which there was no place.
const BUSY: Duration = Duration::from_secs(5);

/// Why there is no file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The use cases refuse: Telegram does not show the post, or it has no such file.
    #[error(transparent)]
    Service(#[from] service::Error),
    /// Telegram's page names the file, and Telegram's servers do not have it, by its renewed address either.
    #[error("Telegram does not give this file any more")]
    Dead,
    /// No byte of the file is in the part that was asked for.
    #[error("the file has no such part")]
    Unsatisfiable {
        /// The file's length.
        length: u64,
    },
    /// Too many files are fetched at once.
    #[error("too many files are fetched at once")]
    Busy {
        /// When it is worth asking again.
        retry_after: Duration,
    },
    /// Telegram's servers cannot be reached, fail, or break off.
    #[error("Telegram's servers do not give the file: {0}")]
    Unreachable(Outage),
    /// What came is not what was to come: another type (a page that says something, a drawing that could hold a script),
    /// compressed though it was not to be, a redirect to somewhere else.
    #[error("what Telegram's servers gave is not this file")]
    Unfit,
}

/// What kept a file away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Outage {
    /// No connection, or one that ended.
    #[error("the connection fails")]
    Network,
    /// Too slow.
    #[error("it takes too long")]
    Slow,
    /// They say so (5xx, 429, or any status that means no file).
    #[error("they answer with status {0}")]
    Status(u16),
}

impl Error {
    pub(super) const BUSY: Self = Self::Busy { retry_after: BUSY };

    /// How long the same is answered without asking again; `None`: whoever comes next asks.
    pub(super) fn kept(&self) -> Option<Duration> {
        match self {
            Self::Dead | Self::Unfit => Some(Duration::from_secs(5 * 60)),
            Self::Unreachable(_) => Some(Duration::from_secs(10)),
            // The service remembers its refusals itself.
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
            FileError::Elsewhere
            | FileError::NotPublic
            | FileError::Packed
            | FileError::OtherPart
            | FileError::TooLarge { .. } => Self::Unfit,
        }
    }
}
