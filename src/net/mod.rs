//! All requests to Telegram.
//!
//! Pages are requested through [`Client::fetch`]. It waits for the rate limiter, sends one request, follows no redirects, stores
//! no cookies, and limits size and time. It does not interpret responses: `upstream` calls [`Client::throttled`] and
//! [`Client::answered`].
//!
//! [`FileClient`] streams files from listed hosts at public addresses (`guard`).
//!
//! *Outbound address*: a direct connection, or one of the operator's proxies. Each has its own rate limit and back-off.

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
pub use file::{ByteRange, Download, FileClient, FileError, Validator};
pub use guard::FileHosts;
pub use priority::{Class, Priority};
pub use rate_limiter::OutboundId;
pub use response::Response;
pub use settings::Settings;
pub use traffic::{OutboundTraffic, Traffic};
