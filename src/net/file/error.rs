//! Why a file cannot be downloaded. Messages contain no URLs.

use std::error::Error as _;

use crate::net::Cause;
use crate::net::guard::NotPublic;

/// Why a file cannot be downloaded, or not completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Its URL, or a redirect, leads to a host that is not on the list, or in a circle.
    #[error("the host is not in upstream.media_hosts")]
    ForbiddenHost,
    /// Its host has no address on the public Internet.
    #[error("the host has no public address")]
    NotPublic,
    /// The URL is dead, by this status: 403, 404 or 410.
    #[error("the URL is dead ({0})")]
    Gone(u16),
    /// A status that means no file.
    #[error("the response has status {0}")]
    Status(u16),
    /// No connection, or one that ended early.
    #[error("{0}")]
    Network(Cause),
    /// Too long until the first or the next bytes, or for all of them.
    #[error("it is too slow")]
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
    #[error("the response has another range than the requested one")]
    WrongRange,
    /// Too many requests are in progress.
    #[error("too many requests to Telegram's CDN")]
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
