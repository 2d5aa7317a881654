//! The base of the addresses in an answer.
//!
//! `server.base_url` decides when it is set, and then no header of a request can. Else it is the address under which the
//! client reached us: `Host`, or what a trusted proxy in front says about it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU16;

use http::header::{FORWARDED, HOST};
use http::{HeaderMap, HeaderName};

use super::Settings;
use crate::links::Base;

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

thread_local! {
    /// The base that was parsed last, with what it was parsed from: nearly always the next request's too. Parsing it takes
    /// longer than all the rest of a warm answer.
    static LAST: RefCell<Option<(String, Base)>> = const { RefCell::new(None) };
}

/// The base of the addresses in the answer to a request.
pub(super) fn of_request(
    headers: &HeaderMap,
    host: Option<&str>,
    peer: SocketAddr,
    settings: &Settings,
) -> Base {
    if let Some(base) = &settings.base_url {
        return base.clone();
    }
    let own_host = headers.get(HOST).and_then(|value| value.to_str().ok()).or(host);
    let is_trusted = settings.trusted_proxies.iter().any(|net| net.contains(&canonical(peer.ip())));
    let forwarded = if is_trusted { Forwarded::parse(headers) } else { Forwarded::default() };
    let scheme = forwarded.scheme.unwrap_or("http");
    let candidates = [forwarded.host.as_deref(), own_host];
    let prefix = forwarded.prefix.unwrap_or_default();
    let base = candidates
        .into_iter()
        .flatten()
        .filter(|host| is_host(host))
        .find_map(|host| parse(scheme, &with_port(host, forwarded.port, scheme), &prefix));
    base.or_else(|| Base::parse(&format!("http://{}", settings.listen)).ok())
        .unwrap_or_else(Base::local)
}

fn parse(scheme: &str, host: &str, prefix: &str) -> Option<Base> {
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

/// What a proxy says about the request that it passes on.
#[derive(Default)]
struct Forwarded {
    scheme: Option<&'static str>,
    host: Option<String>,
    port: Option<NonZeroU16>,
    prefix: Option<String>,
}

impl Forwarded {
    /// The older headers, else RFC 7239: many a proxy sets the former and passes a client's `Forwarded` through. Of a list,
    /// the nearest proxy's member counts: the others may be forged.
    fn parse(headers: &HeaderMap) -> Self {
        let text = |name: &HeaderName| {
            headers.get_all(name).into_iter().next_back().and_then(|value| value.to_str().ok())
        };
        let last = |name: &HeaderName| {
            text(name).and_then(|value| value.rsplit(',').next()).map(str::trim)
        };
        let mut forwarded = Self {
            scheme: last(&X_FORWARDED_PROTO).and_then(scheme),
            host: last(&X_FORWARDED_HOST).map(str::to_owned),
            port: last(&X_FORWARDED_PORT).and_then(port),
            prefix: last(&X_FORWARDED_PREFIX).filter(|prefix| is_prefix(prefix)).map(str::to_owned),
        };
        let Some(element) = last(&FORWARDED) else { return forwarded };
        for pair in element.split(';') {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "proto" => forwarded.scheme = forwarded.scheme.or(scheme(value)),
                "host" => forwarded.host = forwarded.host.or_else(|| Some(value.to_owned())),
                _ => {}
            }
        }
        forwarded
    }
}

fn scheme(text: &str) -> Option<&'static str> {
    ["http", "https"].into_iter().find(|scheme| text.eq_ignore_ascii_case(scheme))
}

/// Digits only: `parse` alone would take a sign too.
fn port(text: &str) -> Option<NonZeroU16> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// The host with the port that a proxy names, unless it has one. The other scheme's default port is that of a hop behind the
/// one that ends TLS: nobody reaches us there.
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

/// SECURITY: a forged host that carries a path, a user or markup into every address of a feed -> only what a host can be.
fn is_host(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    (1..=255).contains(&text.len()) && text.bytes().all(plain)
}

fn is_prefix(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte);
    text.starts_with('/') && !text.starts_with("//") && text.len() <= 255 && text.bytes().all(plain)
}

/// An IPv4 address that arrived through an IPv6 socket is an IPv4 address.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base(headers: &[(&'static str, &str)], peer: &str, settings: &Settings) -> String {
        let headers = headers.iter().map(|(name, value)| {
            (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap())
        });
        of_request(&headers.collect(), None, peer.parse().unwrap(), settings).as_str().to_owned()
    }

    #[test]
    fn the_base_is_the_address_under_which_the_client_reached_us() {
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
    fn forwarded_port_applies_to_a_host_without_port() {
        let (near, far) = ("127.0.0.1:999", "192.0.2.1:999");
        let (https, port) = (("x-forwarded-proto", "https"), "x-forwarded-port");
        for (headers, peer, expected) in [
            (&[("host", "a.example"), (port, "8080")][..], near, "http://a.example:8080"),
            (&[("host", "a.example"), https, (port, "8443")], near, "https://a.example:8443"),
            (&[("host", "a.example"), https, (port, " 8443 ")], near, "https://a.example:8443"),
            (&[("host", "a.example"), (port, "8443")], far, "http://a.example"),
            // The default port of the scheme is left out, and that of the other scheme is an inner hop's.
            (&[("host", "a.example"), https, (port, "443")], near, "https://a.example"),
            (&[("host", "a.example"), (port, "80")], near, "http://a.example"),
            (&[("host", "a.example"), https, (port, "80")], near, "https://a.example"),
            (&[("host", "a.example"), (port, "443")], near, "http://a.example"),
            // A host's own port wins.
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
            // Of a list the nearest proxy's member counts, as with the other headers.
            (&[("host", "a.example"), (port, "1, 8443")], near, "http://a.example:8443"),
            (&[("host", "a.example"), (port, "1"), (port, "8443")], near, "http://a.example:8443"),
            // The listen address has its port.
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
    fn a_base_that_is_set_is_the_only_one() {
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

        /// Whatever a proxy that we trust passes on of what its client wrote.
        #[test]
        fn no_header_puts_anything_but_a_base_into_our_addresses(
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
}
