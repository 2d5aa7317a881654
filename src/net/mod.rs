//! The only user of the network.
//!
//! Everything that is asked of Telegram goes through [`Client::fetch`], which waits for its turn (see `pacer`),
//! asks once, follows nothing, keeps no cookie, and reads at most so many bytes in at most so much time.
//! What an answer means is not known here: `upstream` tells, through [`Client::throttled`] and
//! [`Client::answered`], how the outbound address is doing.
//!
//! Files come as streams, by [`FileClient`], from the hosts of a list and public addresses only (`guard`).
//!
//! *Outbound address*: directly, or one of the operator's proxies; each has its own tokens and cool-down.

mod client;
mod error;
mod file;
mod guard;
mod pacer;
mod priority;
mod response;
mod settings;
#[cfg(test)]
mod tests;
mod traffic;

pub use client::Client;
pub use error::{BuildError, Cause, Error};
pub use file::{Download, FileClient, FileError, Span, Validator};
pub use guard::FileHosts;
pub use pacer::OutboundId;
pub use priority::{Class, Priority};
pub use response::Response;
pub use settings::Settings;
pub use traffic::{OutboundTraffic, Traffic};
