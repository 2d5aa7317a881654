//! The only user of the network.
//!
//! Everything that is asked of Telegram goes through [`Client::fetch`], which waits for its turn (`rate_limiter`),
//! asks once, follows nothing, keeps no cookie, and reads at most so many bytes in at most so much time.
//! What an answer means is not known here: `upstream` tells, through [`Client::throttled`] and
//! [`Client::answered`], how the outbound address is doing.
//!
//! Files come as streams, by [`FileClient`], from the hosts of a list and public addresses only (`guard`).
//!
//! *Outbound address*: directly, or one of the operator's proxies; each has its own tokens and back-off.

mod client;
mod error;
mod file;
mod guard;
mod priority;
mod rate_limiter;
mod response;
mod settings;
#[cfg(test)]
mod tests;
mod traffic;

pub use client::Client;
pub use error::{BuildError, Cause, Error};
pub use file::{Download, FileClient, FileError, Span, Validator};
pub use guard::FileHosts;
pub use priority::{Class, Priority};
pub use rate_limiter::OutboundId;
pub use response::Response;
pub use settings::Settings;
pub use traffic::{OutboundTraffic, Traffic};
