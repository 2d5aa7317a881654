//! What the operator decides about requests to Telegram.

use std::fmt;
use std::time::Duration;

use bytesize::ByteSize;
use url::Url;

/// `[upstream]`'s part that concerns the wire.
#[derive(Clone, PartialEq)]
pub struct Settings {
    /// Requests a second for each outbound address.
    pub rate: f64,
    /// Requests that may go at once after a pause; only waiting people may spend them.
    pub burst: u32,
    /// Requests under way at once for each outbound address.
    pub concurrency: usize,
    /// Requests that may wait for their turn; more are refused as busy.
    pub queue: usize,
    /// One request, from its start to its last byte.
    pub timeout: Duration,
    /// The largest body that is read, decoded.
    pub max_body: ByteSize,
    /// Outbound proxies (http, https, socks5, socks5h), each with a bucket of its own; none: directly.
    pub proxies: Vec<Url>,
    /// The `User-Agent` that Telegram sees.
    pub user_agent: String,
}

impl fmt::Debug for Settings {
    /// Without the proxies: their addresses may hold passwords.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("rate", &self.rate)
            .field("burst", &self.burst)
            .field("concurrency", &self.concurrency)
            .field("queue", &self.queue)
            .field("timeout", &self.timeout)
            .field("max_body", &self.max_body)
            .field("proxies", &self.proxies.len())
            .field("user_agent", &self.user_agent)
            .finish()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate: 2.0,
            burst: 20,
            concurrency: 8,
            queue: 1000,
            timeout: Duration::from_secs(15),
            max_body: ByteSize::mib(4),
            proxies: Vec::new(),
            user_agent: concat!(
                "Mozilla/5.0 (compatible; feedline/",
                env!("CARGO_PKG_VERSION"),
                ")"
            )
            .to_owned(),
        }
    }
}
