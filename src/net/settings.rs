//! The part of `[upstream]` about requests to Telegram.

use std::time::Duration;

use bytesize::ByteSize;
use url::Url;

/// Without `Debug`: the URLs of proxies may contain passwords.
#[derive(Clone, PartialEq)]
pub struct Settings {
    /// Requests a second for each outbound address.
    pub rate: f64,
    /// Requests that may start at once after a pause; not for background work.
    pub burst: u32,
    /// Simultaneous requests for each outbound address.
    pub concurrency: usize,
    /// The maximum number of queued requests.
    pub queue: usize,
    /// For one request, from its start to the last byte.
    pub timeout: Duration,
    /// Of a body, decompressed.
    pub max_body: ByteSize,
    /// http, https, socks5 or socks5h, each with its own rate limit. Without any, connections are direct.
    pub proxies: Vec<Url>,
    pub user_agent: String,
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
