//! Why a file does not come. Messages name no addresses.

use std::error::Error as _;

use crate::net::Cause;
use crate::net::guard::NotPublic;

/// Why a file does not come, or not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Its address, or a redirect, leads to a host that the list does not name, or in a circle.
    #[error("the address leads to a host that upstream.media_hosts does not name")]
    Elsewhere,
    /// Its host has no address on the public Internet.
    #[error("the host's name leads to no public address")]
    NotPublic,
    /// The address is dead, by this status: 403, 404 or 410.
    #[error("the address is dead ({0})")]
    Gone(u16),
    /// An answer that is no file, by this status.
    #[error("the answer has status {0}")]
    Status(u16),
    /// No connection, or one that ended early.
    #[error("{0}")]
    Network(Cause),
    /// Too long until the first or the next bytes, or for all of them.
    #[error("it takes too long")]
    Slow,
    /// More bytes than are read; its length, if it was announced.
    #[error("the file is too large")]
    TooLarge {
        /// The length of the whole file.
        length: Option<u64>,
    },
    /// Compressed, though it was not to be.
    #[error("the answer is compressed")]
    Packed,
    /// The part that came is not the one that was asked for.
    #[error("another part came than was asked for")]
    OtherPart,
    /// As many files as may be are fetched.
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
