//! The errors of the use cases.

use std::time::Duration;

use crate::archive;
use crate::upstream::Refusal;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Telegram refuses, and there are no archived posts.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The channel has not existed for a week: readers should mark the feed as broken.
    #[error("{0}")]
    Gone(Refusal),
    /// The archive cannot be read, and memory does not have the content.
    #[error("the archive cannot be read; see the log for the reason and what to do")]
    NoArchive,
    /// The post has no such file, or Telegram's page does not show it.
    #[error("no such file")]
    NoSuchFile,
    /// A bug in feedline.
    #[error("internal error: task panicked")]
    Internal,
}

impl Error {
    /// A word for logs and for `Cache-Status`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) | Self::Gone(refusal) => refusal.code(),
            Self::NoArchive => "no_archive",
            Self::NoSuchFile => "no_such_file",
            Self::Internal => "internal",
        }
    }

    pub(super) fn negative_ttl(&self) -> Duration {
        match self {
            Self::Refused(refusal) | Self::Gone(refusal) => refusal.negative_ttl(),
            Self::NoArchive | Self::NoSuchFile | Self::Internal => Duration::ZERO,
        }
    }
}

/// Logs a failed read. Everything that depends on it fails too: unreadable is not unknown.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
pub(super) fn read_failed(error: archive::Error) -> Error {
    tracing::error!(archive.error = error.code(), "the archive cannot be read: {error}");
    Error::NoArchive
}

/// Logs a failed store. Memory still has the content, and the next store includes it.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
pub(super) fn store_failed(error: archive::Error) -> Error {
    tracing::error!(archive.error = error.code(), "nothing can be stored in the archive: {error}");
    Error::NoArchive
}
