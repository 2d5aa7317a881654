//! Where files may be fetched from: listed hosts at public addresses.
//!
//! File URLs come from pages, which are not trusted. A URL passes two checks: its host is on the operator's list
//! ([`FileHosts`]), before every request and redirect; and DNS resolves the host to addresses of the public Internet
//! ([`Guard`]), before a connection. The connection goes to the addresses that were checked; DNS is not queried again.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use ipnet::{Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// The operator's list of file hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileHosts {
    /// Hosts, with all their subdomains, in lower case.
    names: Vec<String>,
    /// Origins that match exactly, for tests and mirrors.
    origins: Vec<Url>,
}

impl FileHosts {
    /// Takes entries such as `telesco.pe` or `http://127.0.0.1:9000`. An invalid entry matches nothing.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hosts = Self::default();
        for entry in entries {
            if !entry.contains("://") {
                hosts.names.push(entry.to_ascii_lowercase());
            } else if let Ok(url) = Url::parse(entry) {
                hosts.origins.push(url);
            }
        }
        hosts
    }

    /// Whether a file may be fetched from this URL.
    ///
    /// SECURITY: URLs that look like Telegram's (`evilt.me`, `t.me.evil.example`, `t.me@evil.example`, other ports and
    /// schemes), IP addresses in any notation (decimal, octal, hexadecimal, mapped; `Url` normalises them) -> only https, on
    /// the default port, at a listed host or below it; or an origin that the operator listed.
    pub fn allows(&self, url: &Url) -> bool {
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        if self.origins.iter().any(|origin| origin.origin() == url.origin()) {
            return true;
        }
        let Some(Host::Domain(host)) = url.host() else { return false };
        url.scheme() == "https"
            && url.port().is_none()
            && self.names.iter().any(|name| is_at_or_below(host, name))
    }

    /// The hosts of listed origins. They may have private addresses.
    pub(super) fn trusted(&self) -> impl Iterator<Item = String> {
        self.origins.iter().filter_map(|url| url.host_str().map(str::to_owned))
    }
}

fn is_at_or_below(host: &str, name: &str) -> bool {
    host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The client's DNS resolver: it returns public addresses only.
///
/// SECURITY: DNS rebinding, a public address when checked and a private one when used -> the client connects to the addresses
/// that passed the check.
#[derive(Clone)]
pub(super) struct Guard {
    /// Names that may have private addresses: listed origins, and proxies.
    trusted: Arc<HashSet<String>>,
    lookup: Lookup,
    is_public: fn(IpAddr) -> bool,
}

#[derive(Debug, thiserror::Error)]
#[error("the host has no public address")]
pub(super) struct NotPublic;

impl Guard {
    /// Uses the system's resolver.
    pub(super) fn new(trusted: impl IntoIterator<Item = String>) -> Self {
        Self {
            trusted: Arc::new(trusted.into_iter().map(|name| name.to_ascii_lowercase()).collect()),
            lookup: Arc::new(|name| system_lookup(name).boxed()),
            is_public,
        }
    }

    #[cfg(test)]
    pub(super) fn scripted(
        mut self,
        lookup: impl Fn(String) -> Vec<SocketAddr> + Send + Sync + 'static,
        is_public: fn(IpAddr) -> bool,
    ) -> Self {
        self.lookup = Arc::new(move |name| std::future::ready(Ok(lookup(name))).boxed());
        self.is_public = is_public;
        self
    }
}

async fn system_lookup(name: String) -> io::Result<Vec<SocketAddr>> {
    // The client replaces port 0 by that of the URL.
    Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect())
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_ascii_lowercase();
        let is_trusted = self.trusted.contains(&name);
        let (found, is_public) = ((self.lookup)(name), self.is_public);
        Box::pin(async move {
            let mut addresses = found.await?;
            addresses.retain(|address| is_trusted || is_public(address.ip()));
            if addresses.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Guard").field("trusted", &self.trusted).finish_non_exhaustive()
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// The networks of IPv4 that are not public (IANA's registry of special-purpose addresses, RFC 6890).
const CLOSED_4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 0, 8),       // this network
    v4(10, 0, 0, 0, 8),      // private (RFC 1918)
    v4(172, 16, 0, 0, 12),   // private (RFC 1918)
    v4(192, 168, 0, 0, 16),  // private (RFC 1918)
    v4(100, 64, 0, 0, 10),   // carrier-grade NAT (RFC 6598)
    v4(127, 0, 0, 0, 8),     // loopback
    v4(169, 254, 0, 0, 16),  // link-local, with the metadata servers of clouds
    v4(192, 0, 0, 0, 24),    // protocol assignments (RFC 6890)
    v4(192, 0, 2, 0, 24),    // documentation (RFC 5737)
    v4(198, 51, 100, 0, 24), // documentation (RFC 5737)
    v4(203, 0, 113, 0, 24),  // documentation (RFC 5737)
    v4(192, 88, 99, 0, 24),  // 6to4 relays (RFC 7526)
    v4(198, 18, 0, 0, 15),   // benchmarks (RFC 2544)
    v4(224, 0, 0, 0, 4),     // multicast
    v4(240, 0, 0, 0, 4),     // reserved, broadcast
];

/// The only public part of IPv6. The rest is loopback, mapped or translated IPv4 (`::/96`, `::ffff:0:0/96`, `64:ff9b::/96`,
/// `64:ff9b:1::/48`), local (`fc00::/7`, `fe80::/10`, `fec0::/10`), multicast (`ff00::/8`) or reserved.
const OPEN_6: Ipv6Net = v6(0x2000, 0, 3);

/// The networks of [`OPEN_6`] that are not public.
const CLOSED_6: [Ipv6Net; 4] = [
    v6(0x2001, 0, 23),     // protocol assignments, Teredo (RFC 2928)
    v6(0x2001, 0xdb8, 32), // documentation (RFC 3849)
    v6(0x3fff, 0, 20),     // documentation (RFC 9637)
    v6(0x2002, 0, 16),     // 6to4 (RFC 3056)
];

/// Whether an address belongs to the public Internet.
///
/// SECURITY: a listed host that resolves to this machine, its network or its cloud -> no connection. Addresses that contain
/// another one (mapped, translated, tunnelled) are refused whatever they contain.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !CLOSED_4.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            OPEN_6.contains(&address) && !CLOSED_6.iter().any(|network| network.contains(&address))
        }
    }
}
