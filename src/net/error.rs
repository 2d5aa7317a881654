//! Why a request has no response. Messages contain hosts, never URLs, queries or credentials.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

/// Why a request has no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The host cannot be reached, or closed the connection before it responded.
    #[error("{host} cannot be reached: {cause}")]
    Network {
        /// The host.
        host: String,
        /// The cause.
        cause: Cause,
        /// The connection was made through a proxy.
        proxied: bool,
    },
    /// The response was not complete within the time-out.
    #[error("{host} took longer than {} to respond", humantime::format_duration(*.limit))]
    Timeout {
        /// The host.
        host: String,
        /// The time limit.
        limit: Duration,
    },
    /// The decoded body is too large.
    #[error("the response of {host} is larger than {limit} bytes")]
    TooLarge {
        /// The host.
        host: String,
        /// The limit.
        limit: u64,
    },
    /// The queue of the rate limiter is full or too long.
    #[error("too many requests are waiting")]
    Busy {
        /// The time until the queue is short enough.
        retry_after: Duration,
    },
    /// Every outbound address that may be used is in back-off.
    #[error("Telegram throttles us")]
    Backoff {
        /// The time until one of them can be used again.
        retry_after: Duration,
    },
}

impl Error {
    pub(super) fn busy(wait: Duration) -> Self {
        Self::Busy { retry_after: whole_seconds(wait) }
    }

    pub(super) fn backoff(rest: Duration) -> Self {
        Self::Backoff { retry_after: whole_seconds(rest) }
    }

    /// Whether another host may work.
    pub fn is_network(&self) -> bool {
        matches!(self, Self::Network { .. })
    }

    /// From what the client says before there is an answer.
    pub(super) fn from_reqwest(error: &reqwest::Error, host: &str, proxied: bool) -> Self {
        Self::Network { host: host.to_owned(), cause: Cause::find(error, proxied), proxied }
    }
}

/// As `Retry-After` carries it: rounded up, and never zero.
fn whole_seconds(duration: Duration) -> Duration {
    let rounded = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    Duration::from_secs(rounded.max(1))
}

/// What kept us from a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The name has no address.
    Dns,
    /// Nobody listens there.
    Refused,
    /// No encrypted connection came about.
    Tls,
    /// The connection was not answered in time.
    Unanswered,
    /// The connection was closed before an answer.
    Closed,
    /// The proxy that the operator set makes no connection, or wants another name and password.
    Proxy,
    /// Something else.
    Other,
}

impl Cause {
    /// Through a proxy the connection is one to the proxy: what keeps it from coming about is the proxy's fault.
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
        // Errors of the resolver and of proxies have no public type, and those of SOCKS hide what caused them; their
        // messages begin with these.
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
        // What an I/O error wraps is not among its sources.
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
            Self::Dns => "its name has no address",
            Self::Refused => "the connection is refused",
            Self::Tls => "no encrypted connection comes about",
            Self::Unanswered => "the connection is not answered",
            Self::Closed => "the connection is closed without an answer",
            Self::Proxy => "the proxy of upstream.proxies makes no connection to it",
            Self::Other => "no connection comes about",
        })
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A rate that no clock can keep.
    #[error("the rate is {0} requests a second: give one between 0.001 and 1000")]
    Rate(f64),
    /// A proxy that is none. Its address is not shown, for it may hold a password.
    #[error(
        "proxy {number} of the list is no proxy: give an address such as socks5h://host:1080 or http://host:3128"
    )]
    Proxy {
        /// Its place in the list, from 1.
        number: usize,
    },
    /// A `User-Agent` that cannot be a header.
    #[error("the user agent holds characters that a header cannot carry")]
    UserAgent,
    /// No TLS: usually a container without root certificates.
    #[error("no encrypted connections can be made: are the system's root certificates installed?")]
    Tls(#[source] reqwest::Error),
}
