//! Why there is no file.

use std::time::Duration;

use crate::bridge;

/// Why there is no file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The use cases refuse: Telegram does not show the post, or it has no such file.
    #[error(transparent)]
    Bridge(#[from] bridge::Error),
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
