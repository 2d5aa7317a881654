//! Errors of requests. Messages contain hosts, never URLs or credentials.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No connection, or one that was closed before the response.
    #[error("{host} cannot be reached: {cause}")]
    Network { host: String, cause: Cause, proxied: bool },
    #[error("{host} did not respond within {}", humantime::format_duration(*.limit))]
    Timeout { host: String, limit: Duration },
    /// The decompressed body exceeds the limit.
    #[error("the response of {host} is larger than {limit} bytes")]
    TooLarge {
        host: String,
        /// In bytes.
        limit: u64,
    },
    /// The queue is full or too long.
    #[error("too many requests are queued")]
    Busy { retry_after: Duration },
    /// All outbound addresses are backing off.
    #[error("Telegram throttles feedline")]
    Backoff { retry_after: Duration },
}

impl Error {
    pub(super) fn busy(wait: Duration) -> Self {
        Self::Busy { retry_after: whole_seconds(wait) }
    }

    pub(super) fn backoff(rest: Duration) -> Self {
        Self::Backoff { retry_after: whole_seconds(rest) }
    }

    /// Whether another host may succeed.
    pub fn is_network(&self) -> bool {
        matches!(self, Self::Network { .. })
    }

    pub(super) fn from_reqwest(error: &reqwest::Error, host: &str, proxied: bool) -> Self {
        Self::Network { host: host.to_owned(), cause: Cause::find(error, proxied), proxied }
    }
}

/// For `Retry-After`: rounded up, at least one second.
fn whole_seconds(duration: Duration) -> Duration {
    let rounded = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    Duration::from_secs(rounded.max(1))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Dns,
    Refused,
    Tls,
    Unanswered,
    Closed,
    /// The configured proxy cannot connect, or refuses the credentials.
    Proxy,
    Other,
}

impl Cause {
    /// With a proxy, a connection error is one of the proxy.
    pub(super) fn find(error: &reqwest::Error, proxied: bool) -> Self {
        let mut source = error.source();
        let mut found = None;
        while let Some(cause) = source {
            found = found.or_else(|| Self::of(cause, proxied));
            source = cause.source();
        }
        match found {
            Some(Self::Refused | Self::Unanswered) if proxied => Self::Proxy,
            Some(cause) => cause,
            None if proxied && error.is_connect() => Self::Proxy,
            None if error.is_timeout() => Self::Unanswered,
            None if error.is_connect() => Self::Other,
            None => Self::Closed,
        }
    }

    fn of(cause: &(dyn std::error::Error + 'static), proxied: bool) -> Option<Self> {
        if cause.is::<rustls::Error>() {
            return Some(Self::Tls);
        }
        // Errors of the resolver and of proxies have no public type. Only their messages tell them apart.
        let message = cause.to_string();
        if message.starts_with("error resolving for socks proxy") {
            return Some(Self::Dns);
        }
        if message.starts_with("dns error") {
            return Some(if proxied { Self::Proxy } else { Self::Dns });
        }
        if ["tunnel error", "error connecting to socks proxy"]
            .iter()
            .any(|start| message.starts_with(start))
        {
            return Some(Self::Proxy);
        }
        let error = cause.downcast_ref::<io::Error>()?;
        // `source()` skips the error that an I/O error wraps.
        if let Some(found) = error.get_ref().and_then(|inner| Self::of(inner, proxied)) {
            return Some(found);
        }
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Some(Self::Refused),
            io::ErrorKind::TimedOut => Some(Self::Unanswered),
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => Some(Self::Closed),
            _ => None,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Dns => "its name does not resolve",
            Self::Refused => "the connection is refused",
            Self::Tls => "the TLS handshake failed",
            Self::Unanswered => "the connection timed out",
            Self::Closed => "the connection was closed without a response",
            Self::Proxy => "the proxy of upstream.proxies cannot connect to it",
            Self::Other => "the connection failed",
        })
    }
}

#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("the rate is {0} requests a second: give one between 0.001 and 1000")]
    Rate(f64),
    /// Without the URL, which may contain a password.
    #[error(
        "proxy {number} is invalid: give a URL such as socks5h://host:1080 or http://host:3128"
    )]
    Proxy {
        /// From 1.
        number: usize,
    },
    #[error("the user agent contains characters that are invalid in a header")]
    UserAgent,
    /// Usually a container without root certificates.
    #[error("TLS is not available: are the system's root certificates installed?")]
    Tls(#[source] reqwest::Error),
}
