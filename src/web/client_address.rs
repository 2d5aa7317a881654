//! Where a client is: the peer, or whom a trusted proxy speaks for.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::FORWARDED;

use super::Settings;

/// The older header, which most proxies write.
const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The most proxies that are followed, one behind the other.
const MOST_HOPS: usize = 16;

/// The nearest address that is not a trusted proxy's, or the last one that is told of.
///
/// SECURITY: a client that writes the header itself, to be another one with each request -> it is read from its right end,
/// where the trusted proxy wrote, and only for as long as each address is a trusted proxy's. Proxies that write
/// `X-Forwarded-For` let a client's `Forwarded` pass: where both are, the former counts.
pub(super) fn of_request(headers: &HeaderMap, peer: SocketAddr, settings: &Settings) -> IpAddr {
    let is_trusted =
        |address: IpAddr| settings.trusted_proxies.iter().any(|net| net.contains(&address));
    let mut client = peer.ip().to_canonical();
    if !is_trusted(client) {
        return client;
    }
    let hops = match list(headers, X_FORWARDED_FOR) {
        hops if hops.is_empty() => {
            list(headers, FORWARDED.as_str()).into_iter().map(forwarded_for).collect()
        }
        hops => hops,
    };
    for hop in hops.into_iter().rev().take(MOST_HOPS) {
        match parse(hop) {
            Some(address) => client = address,
            // "unknown", or a name that hides the address.
            None => break,
        }
        if !is_trusted(client) {
            break;
        }
    }
    client
}

/// The members of a header that may come several times, from left to right.
fn list<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let values = headers.get_all(name).into_iter().map(|value| value.to_str().unwrap_or_default());
    values.flat_map(|value| value.split(',')).map(str::trim).collect()
}

/// RFC 7239, section 4: `for=192.0.2.43;proto=https`. Empty when there is none.
fn forwarded_for(element: &str) -> &str {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut pairs = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    pairs.next().map_or("", |(_, value)| value.trim().trim_matches('"'))
}

/// `192.0.2.43`, `192.0.2.43:47011`, `2001:db8::17`, `[2001:db8::17]`, `[2001:db8::17]:47011`.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse::<IpAddr>().ok();
    let address = address.or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    const NEAR: &str = "127.0.0.1:999";

    fn client(headers: &[(&str, &str)], peer: &str, settings: &Settings) -> String {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()));
        of_request(&headers.collect(), peer.parse().unwrap(), settings).to_string()
    }

    #[test]
    fn a_client_is_the_peer_or_whom_a_trusted_proxy_speaks_for() {
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
    fn a_chain_is_followed_through_trusted_proxies_only_and_not_for_ever() {
        let networks = ["127.0.0.0/8", "10.0.0.0/8"].map(|net| net.parse().unwrap());
        let settings = Settings { trusted_proxies: networks.to_vec(), ..Settings::default() };
        let chain = [("x-forwarded-for", "198.51.100.1, 203.0.113.5, 10.0.0.3, 10.0.0.2")];
        assert_eq!(client(&chain, NEAR, &settings), "203.0.113.5");
        let long = format!("198.51.100.1{}", ", 10.0.0.2".repeat(100));
        assert_eq!(client(&[("x-forwarded-for", &long)], NEAR, &settings), "10.0.0.2");
    }
}
