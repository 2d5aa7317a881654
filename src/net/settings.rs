//! The part of `[upstream]` about requests to Telegram.

use std::time::Duration;

use bytesize::ByteSize;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::setting::{self, KIB, MASK, MIB, MINUTE, SECOND, size, time, whole};

/// The default `User-Agent`.
const USER_AGENT: &str =
    concat!("Mozilla/5.0 (compatible; feedline/", env!("CARGO_PKG_VERSION"), ")");

/// Without `Debug`: the URLs of proxies may contain passwords.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Requests a second for each outbound address.
    #[serde(rename = "upstream.rate", deserialize_with = "rate")]
    pub rate: f64,
    /// Requests that may start at once after a pause; not for background work.
    #[serde(rename = "upstream.burst", deserialize_with = "whole::<_, _, 1, 1000>")]
    pub burst: u32,
    /// Simultaneous requests for each outbound address.
    #[serde(rename = "upstream.concurrency", deserialize_with = "whole::<_, _, 1, 256>")]
    pub concurrency: usize,
    /// The maximum number of queued requests. Not configurable.
    #[serde(skip)]
    pub queue: usize,
    /// For one request, from its start to the last byte.
    #[serde(rename = "upstream.timeout", deserialize_with = "time::<_, SECOND, MINUTE>")]
    pub timeout: Duration,
    /// Of a body, decompressed.
    #[serde(
        rename = "upstream.max_body",
        deserialize_with = "size::<_, { 64 * KIB }, { 64 * MIB }>"
    )]
    pub max_body: ByteSize,
    /// http, https, socks5 or socks5h, each with its own rate limit. Without any, connections are direct.
    #[serde(rename = "upstream.proxies", deserialize_with = "proxies")]
    pub proxies: Vec<Url>,
    #[serde(rename = "upstream.user_agent", deserialize_with = "user_agent")]
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
            user_agent: USER_AGENT.to_owned(),
        }
    }
}

fn rate<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let rate = f64::deserialize(from)?;
    if (0.01..=100.0).contains(&rate) { Ok(rate) } else { Err(D::Error::custom("")) }
}

fn proxies<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Url>, D::Error> {
    setting::list(from, 0..=64, |text| {
        if text.contains(MASK) {
            return Err("The password is masked: write the real one.");
        }
        let url = Url::parse(text).ok().filter(setting::is_bare);
        url.filter(|url| matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h")).ok_or("")
    })
}

/// Printable ASCII, at most 512 bytes; the empty string is the default.
fn user_agent<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let agent = setting::optional(from, |text| {
        let is_printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if is_printable && text.len() <= 512 { Ok(text.to_owned()) } else { Err("") }
    })?;
    Ok(agent.unwrap_or_else(|| USER_AGENT.to_owned()))
}
