//! Proxy headers: the base of the URLs in a response, and the client's address.
//!
//! Only headers from trusted proxies (`server.trusted_proxies`) count. Most proxies write `X-Forwarded-*` and pass a
//! client's `Forwarded` (RFC 7239) on unchanged, so `X-Forwarded-*` takes precedence. A header may occur several times
//! and holds a list: the nearest proxy wrote the last member, and earlier members may be forged.

use std::borrow::Cow;
use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU16;

use http::HeaderMap;
use http::header::HOST;

use super::Settings;
use crate::links::Base;

/// The most proxies in a chain.
const MAX_HOPS: usize = 16;

thread_local! {
    /// The last parsed base and its source text, which most requests share. Parsing takes longer than the rest of a
    /// warm response.
    static LAST: RefCell<Option<(String, Base)>> = const { RefCell::new(None) };
}

/// The base of the URLs in a response: `server.base_url`, or the URL under which the client reached feedline.
pub(super) fn base(
    headers: &HeaderMap,
    host: Option<&str>,
    peer: SocketAddr,
    settings: &Settings,
) -> Base {
    if let Some(base) = &settings.base_url {
        return base.clone();
    }
    let own_host = headers.get(HOST).and_then(|value| value.to_str().ok()).or(host);
    let forwarded = match is_trusted(peer.ip().to_canonical(), settings) {
        true => Forwarded::parse(headers),
        false => Forwarded::default(),
    };
    let scheme = forwarded.scheme.unwrap_or("http");
    let hosts = [forwarded.host, own_host].into_iter().flatten().filter(|host| is_host(host));
    let prefix = forwarded.prefix.unwrap_or_default();
    let base = hosts
        .into_iter()
        .find_map(|host| parse_base(scheme, &with_port(host, forwarded.port, scheme), prefix));
    base.or_else(|| Base::parse(&format!("http://{}", settings.listen)).ok())
        .unwrap_or_else(Base::local)
}

/// The nearest address that is not a trusted proxy's, or the last one named.
///
/// SECURITY: a client forges the header to appear as another client with each request -> it is read from the right,
/// where the trusted proxy wrote, and only as far as each address is a trusted proxy's.
pub(super) fn client_address(headers: &HeaderMap, peer: SocketAddr, settings: &Settings) -> IpAddr {
    let mut client = peer.ip().to_canonical();
    if !is_trusted(client, settings) {
        return client;
    }
    let mut hops: Vec<&str> = members(headers, "x-forwarded-for").collect();
    if hops.is_empty() {
        hops = members(headers, "forwarded").map(|hop| pair(hop, "for").unwrap_or("")).collect();
    }
    for hop in hops.into_iter().rev().take(MAX_HOPS) {
        match parse_address(hop) {
            Some(address) => client = address,
            // "unknown", or an obfuscated identifier.
            None => break,
        }
        if !is_trusted(client, settings) {
            break;
        }
    }
    client
}

fn is_trusted(address: IpAddr, settings: &Settings) -> bool {
    settings.trusted_proxies.iter().any(|net| net.contains(&address))
}

/// The list members of a header, from left to right.
fn members<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter().map(|value| value.to_str().unwrap_or_default());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// A parameter of a `Forwarded` member (RFC 7239, section 4): `for=192.0.2.43;proto=https`.
fn pair<'a>(member: &'a str, sought: &str) -> Option<&'a str> {
    let mut pairs = member.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(sought))?;
    Some(value.trim().trim_matches('"'))
}

/// The URL of the request as forwarded by the nearest proxy.
#[derive(Default)]
struct Forwarded<'a> {
    scheme: Option<&'static str>,
    host: Option<&'a str>,
    port: Option<NonZeroU16>,
    prefix: Option<&'a str>,
}

impl<'a> Forwarded<'a> {
    fn parse(headers: &'a HeaderMap) -> Self {
        let last = |name| members(headers, name).last();
        let standard = last("forwarded");
        let in_standard = |name| standard.and_then(|member| pair(member, name));
        Self {
            scheme: last("x-forwarded-proto")
                .and_then(scheme)
                .or_else(|| in_standard("proto").and_then(scheme)),
            host: last("x-forwarded-host").or_else(|| in_standard("host")),
            port: last("x-forwarded-port").and_then(port),
            prefix: last("x-forwarded-prefix").filter(|prefix| is_prefix(prefix)),
        }
    }
}

fn parse_base(scheme: &str, host: &str, prefix: &str) -> Option<Base> {
    let is_of = |text: &str| {
        let rest = text.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://"));
        rest.and_then(|rest| rest.strip_prefix(host)) == Some(prefix)
    };
    LAST.with_borrow_mut(|last| match last {
        Some((text, base)) if is_of(text) => Some(base.clone()),
        _ => {
            let text = format!("{scheme}://{host}{prefix}");
            let base = Base::parse(&text).ok()?;
            *last = Some((text, base.clone()));
            Some(base)
        }
    })
}

fn scheme(text: &str) -> Option<&'static str> {
    ["http", "https"].into_iter().find(|scheme| text.eq_ignore_ascii_case(scheme))
}

/// Digits only. `parse` alone would accept a sign.
fn port(text: &str) -> Option<NonZeroU16> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// The host with the forwarded port, unless it has a port. The default port of the other scheme belongs to a hop behind
/// TLS termination, where clients do not connect.
fn with_port<'a>(host: &'a str, port: Option<NonZeroU16>, scheme: &str) -> Cow<'a, str> {
    let other_default = if scheme == "https" { 80 } else { 443 };
    let after_address = host.rsplit_once(']').map_or(host, |(_, after)| after);
    match port {
        Some(port) if !after_address.contains(':') && port.get() != other_default => {
            Cow::Owned(format!("{host}:{port}"))
        }
        _ => Cow::Borrowed(host),
    }
}

/// SECURITY: a forged host injects a path, a user or markup into every URL of a feed -> only characters of hosts are
/// allowed.
fn is_host(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    (1..=255).contains(&text.len()) && text.bytes().all(plain)
}

fn is_prefix(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte);
    text.starts_with('/') && !text.starts_with("//") && text.len() <= 255 && text.bytes().all(plain)
}

/// Parses `192.0.2.43`, `192.0.2.43:47011`, `2001:db8::17`, `[2001:db8::17]`, `[2001:db8::17]:47011`.
fn parse_address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse::<IpAddr>().ok();
    let address = address.or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base(headers: &[(&'static str, &str)], peer: &str, settings: &Settings) -> String {
        let headers = headers.iter().map(|(name, value)| {
            (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap())
        });
        super::base(&headers.collect(), None, peer.parse().unwrap(), settings).as_str().to_owned()
    }

    #[test]
    fn base_url_follows_host_and_trusted_forwarded_headers() {
        let settings = Settings::default();
        let near = "127.0.0.1:999";
        let far = "192.0.2.1:999";
        for (headers, peer, expected) in [
            (&[("host", "feeds.example:8417")][..], far, "http://feeds.example:8417"),
            (&[], far, "http://127.0.0.1:8417"),
            (&[("host", "a b")], far, "http://127.0.0.1:8417"),
            (&[("host", "evil.example/\"><script>")], far, "http://127.0.0.1:8417"),
            (&[("host", "user@evil.example")], far, "http://127.0.0.1:8417"),
            (
                &[
                    ("host", "x"),
                    ("x-forwarded-proto", "https"),
                    ("x-forwarded-host", "feeds.example"),
                ],
                near,
                "https://feeds.example",
            ),
            (
                &[
                    ("host", "x"),
                    ("x-forwarded-proto", "https"),
                    ("x-forwarded-host", "feeds.example"),
                ],
                "[::ffff:127.0.0.1]:9",
                "https://feeds.example",
            ),
            (
                &[
                    ("host", "x"),
                    ("x-forwarded-proto", "https"),
                    ("x-forwarded-host", "feeds.example"),
                ],
                far,
                "http://x",
            ),
            (
                &[("host", "x"), ("x-forwarded-host", "forged.example, feeds.example")],
                near,
                "http://feeds.example",
            ),
            (
                &[
                    ("host", "x"),
                    ("forwarded", "for=1.2.3.4;host=\"feeds.example:444\";proto=https"),
                ],
                near,
                "https://feeds.example:444",
            ),
            (&[("host", "x"), ("x-forwarded-prefix", "/tg/")], near, "http://x/tg"),
            (&[("host", "x"), ("x-forwarded-prefix", "//evil.example")], near, "http://x"),
            (&[("host", "x"), ("x-forwarded-proto", "javascript")], near, "http://x"),
        ] {
            assert_eq!(base(headers, peer, &settings), expected, "{headers:?} from {peer}");
        }
    }

    #[test]
    fn forwarded_port_applies_to_host_without_port() {
        let (near, far) = ("127.0.0.1:999", "192.0.2.1:999");
        let (https, port) = (("x-forwarded-proto", "https"), "x-forwarded-port");
        for (headers, peer, expected) in [
            (&[("host", "a.example"), (port, "8080")][..], near, "http://a.example:8080"),
            (&[("host", "a.example"), https, (port, "8443")], near, "https://a.example:8443"),
            (&[("host", "a.example"), https, (port, " 8443 ")], near, "https://a.example:8443"),
            (&[("host", "a.example"), (port, "8443")], far, "http://a.example"),
            // The scheme's default port is omitted. The other scheme's default port belongs to an inner hop.
            (&[("host", "a.example"), https, (port, "443")], near, "https://a.example"),
            (&[("host", "a.example"), (port, "80")], near, "http://a.example"),
            (&[("host", "a.example"), https, (port, "80")], near, "https://a.example"),
            (&[("host", "a.example"), (port, "443")], near, "http://a.example"),
            // The host's own port takes precedence.
            (&[("host", "a.example:1234"), (port, "8443")], near, "http://a.example:1234"),
            (
                &[("host", "x:1"), ("x-forwarded-host", "a.example:1234"), (port, "8443")],
                near,
                "http://a.example:1234",
            ),
            (
                &[("host", "x:1"), ("x-forwarded-host", "a.example"), (port, "8443")],
                near,
                "http://a.example:8443",
            ),
            (
                &[("host", "x"), ("forwarded", "host=a.example;proto=https"), (port, "8443")],
                near,
                "https://a.example:8443",
            ),
            (&[("host", "[2001:db8::1]"), (port, "8443")], near, "http://[2001:db8::1]:8443"),
            (&[("host", "[2001:db8::1]:99"), (port, "8443")], near, "http://[2001:db8::1]:99"),
            (&[("host", "[::1]"), https, (port, "443")], near, "https://[::1]"),
            // The nearest proxy's list member counts, as with the other headers.
            (&[("host", "a.example"), (port, "1, 8443")], near, "http://a.example:8443"),
            (&[("host", "a.example"), (port, "1"), (port, "8443")], near, "http://a.example:8443"),
            // The listen address has its own port.
            (&[(port, "8443")], near, "http://127.0.0.1:8417"),
            (
                &[("host", "a.example"), (port, "8443"), ("x-forwarded-prefix", "/tg")],
                near,
                "http://a.example:8443/tg",
            ),
        ] {
            let base = base(headers, peer, &Settings::default());
            assert_eq!(base, expected, "{headers:?} from {peer}");
        }
        for garbage in
            ["", "0", "65536", "-1", "+8443", "80x", "http", "8443/x", "8443;", "٨", "8 0"]
        {
            let headers = [("host", "a.example"), (port, garbage)];
            let base = base(&headers, near, &Settings::default());
            assert_eq!(base, "http://a.example", "{garbage:?}");
        }
    }

    #[test]
    fn configured_base_url_overrides_request_headers() {
        let settings = Settings {
            base_url: Some(Base::parse("https://feeds.example/tg").unwrap()),
            ..Settings::default()
        };
        assert_eq!(
            base(&[("host", "other.example")], "127.0.0.1:9", &settings),
            "https://feeds.example/tg"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// A trusted proxy may pass any header value of its client on.
        #[test]
        fn base_url_from_any_header_is_well_formed(
            name in prop::sample::select(&["host", "forwarded", "x-forwarded-host", "x-forwarded-port", "x-forwarded-prefix", "x-forwarded-proto"][..]),
            value in prop_oneof![
                "[ -~]{0,60}",
                "(for|host|proto|HOST)=[\"]?[ -~]{0,30}[\"]?(;|,)(host|proto)=[ -~]{0,20}",
                "[a-z0-9.:\\[\\]/@%_-]{0,40}",
            ],
        ) {
            let headers = [("host", "feeds.example"), (name, value.as_str())];
            let base = base(&headers[usize::from(name == "host")..], "127.0.0.1:999", &Settings::default());
            prop_assert!(base.starts_with("http://") || base.starts_with("https://"), "{}", base);
            prop_assert!(base.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>?#@ ,;".contains(&byte)), "{}", base);
            let again = Base::parse(&base).unwrap();
            prop_assert_eq!(again.as_str(), base.as_str());
        }
    }

    const NEAR: &str = "127.0.0.1:999";

    fn client(headers: &[(&str, &str)], peer: &str, settings: &Settings) -> String {
        let headers = headers.iter().map(|(name, value)| {
            (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap())
        });
        client_address(&headers.collect(), peer.parse().unwrap(), settings).to_string()
    }

    #[test]
    fn client_address_is_peer_or_forwarded_by_trusted_proxy() {
        let settings = Settings::default();
        for (headers, peer, expected) in [
            (&[][..], "192.0.2.1:999", "192.0.2.1"),
            (&[], NEAR, "127.0.0.1"),
            (&[("x-forwarded-for", "203.0.113.5")], "192.0.2.1:999", "192.0.2.1"),
            (&[("x-forwarded-for", "203.0.113.5")], NEAR, "203.0.113.5"),
            (&[("x-forwarded-for", "203.0.113.5")], "[::ffff:127.0.0.1]:9", "203.0.113.5"),
            (&[("x-forwarded-for", "203.0.113.5:4711")], NEAR, "203.0.113.5"),
            (&[("x-forwarded-for", "198.51.100.1, 203.0.113.5")], NEAR, "203.0.113.5"),
            (&[("x-forwarded-for", "198.51.100.1, 203.0.113.5, ::1")], NEAR, "203.0.113.5"),
            (
                &[("x-forwarded-for", "forged"), ("x-forwarded-for", "203.0.113.5")],
                NEAR,
                "203.0.113.5",
            ),
            (&[("x-forwarded-for", "203.0.113.5, unknown")], NEAR, "127.0.0.1"),
            (&[("x-forwarded-for", "")], NEAR, "127.0.0.1"),
            (&[("x-forwarded-for", "127.0.0.1, ::1")], NEAR, "127.0.0.1"),
            (
                &[("forwarded", "for=198.51.100.1, for=203.0.113.5;proto=https")],
                NEAR,
                "203.0.113.5",
            ),
            (&[("forwarded", "proto=https;For=\"[2001:db8::17]:4711\"")], NEAR, "2001:db8::17"),
            (&[("forwarded", "for=\"[2001:db8::17]\"")], NEAR, "2001:db8::17"),
            (&[("forwarded", "for=_hidden")], NEAR, "127.0.0.1"),
            (&[("forwarded", "proto=https")], NEAR, "127.0.0.1"),
            (
                &[("forwarded", "for=198.51.100.1"), ("x-forwarded-for", "203.0.113.5")],
                NEAR,
                "203.0.113.5",
            ),
        ] {
            assert_eq!(client(headers, peer, &settings), expected, "{headers:?} from {peer}");
        }
    }

    #[test]
    fn forwarded_chain_is_followed_through_trusted_proxies_only() {
        let networks = ["127.0.0.0/8", "10.0.0.0/8"].map(|net| net.parse().unwrap());
        let settings = Settings { trusted_proxies: networks.to_vec(), ..Settings::default() };
        let chain = [("x-forwarded-for", "198.51.100.1, 203.0.113.5, 10.0.0.3, 10.0.0.2")];
        assert_eq!(client(&chain, NEAR, &settings), "203.0.113.5");
        let long = format!("198.51.100.1{}", ", 10.0.0.2".repeat(100));
        assert_eq!(client(&[("x-forwarded-for", &long)], NEAR, &settings), "10.0.0.2");
    }
}
