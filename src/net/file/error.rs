//! Why a file does not arrive. Messages name no addresses.

use std::error::Error as _;

use crate::net::Cause;
use crate::net::guard::NotPublic;

/// Why a file does not arrive, or not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Its URL, or a redirect, leads to a host that is not on the list, or in a circle.
    #[error("the address leads to a host that upstream.media_hosts does not name")]
    ForbiddenHost,
    /// Its host has no address on the public Internet.
    #[error("the host's name leads to no public address")]
    NotPublic,
    /// The URL is dead, by this status: 403, 404 or 410.
    #[error("the address is dead ({0})")]
    Gone(u16),
    /// A status that means no file.
    #[error("the response has status {0}")]
    Status(u16),
    /// No connection, or one that ended early.
    #[error("{0}")]
    Network(Cause),
    /// Too long until the first or the next bytes, or for all of them.
    #[error("it takes too long")]
    Slow,
    /// More bytes than the limit.
    #[error("the file is too large")]
    TooLarge {
        /// The length of the whole file, if it is announced.
        length: Option<u64>,
    },
    /// Compressed, although that was not accepted.
    #[error("the response is compressed")]
    Compressed,
    /// The range is not the requested one.
    #[error("another range arrived than was requested")]
    WrongRange,
    /// Too many requests are under way.
    #[error("too many files are fetched at once")]
    Busy,
}

impl FileError {
    pub(super) fn from_reqwest(error: &reqwest::Error, proxied: bool) -> Self {
        let mut source = error.source();
        while let Some(cause) = source {
            if cause.is::<NotPublic>() {
                return Self::NotPublic;
            }
            source = cause.source();
        }
        Self::Network(Cause::find(error, proxied))
    }
}
