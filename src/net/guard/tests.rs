use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use reqwest::dns::Resolve as _;
use url::Url;

use super::{FileHosts, Guard, is_public};

fn hosts() -> FileHosts {
    FileHosts::new(["telesco.pe", "t.me", "http://127.0.0.1:9000", "https://files.lan:8443"])
}

fn allows(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| hosts().allows(&url))
}

#[test]
fn listed_hosts_and_their_subdomains_are_allowed() {
    for address in [
        "https://telesco.pe/file/a.jpg",
        "https://cdn4.telesco.pe/file/a.jpg",
        "https://a.b.telesco.pe/",
        "https://CDN4.Telesco.PE/file/a.jpg",
        "https://cdn4.telesco.pe:443/file/a.jpg",
        "https://cdn4。telesco.pe/file/a.jpg",
        "https://t.me/i/userpic/a.jpg",
    ] {
        assert!(allows(address), "{address}");
    }
}

#[test]
fn lookalikes_of_listed_hosts_are_refused() {
    for address in [
        "https://evilt.me/a.jpg",
        "https://eviltelesco.pe/a.jpg",
        "https://t.me.evil.example/a.jpg",
        "https://telesco.pe.evil.example/a.jpg",
        "https://telesco.pe./a.jpg",
        "https://.telesco.pe./a.jpg",
        "https://telesco.pe%2eevil.example/a.jpg",
        "https://telesco.pe\\@evil.example/a.jpg",
        "https://evil.example/telesco.pe",
        "https://evil.example/?telesco.pe",
        "https://evil.example#.telesco.pe",
        "https://telеsco.pe/a.jpg",
        "https://xn--telsco-6of.pe/a.jpg",
    ] {
        // A backslash starts the path, as in browsers.
        let is_path = address.contains('\\');
        assert_eq!(allows(address), is_path, "{address}");
    }
}

#[test]
fn userinfo_and_other_ports_and_schemes_are_refused() {
    for address in [
        "https://telesco.pe@evil.example/a.jpg",
        "https://evil.example@telesco.pe/a.jpg",
        "https://user:secret@cdn4.telesco.pe/a.jpg",
        "https://:secret@cdn4.telesco.pe/a.jpg",
        "http://user@127.0.0.1:9000/a.jpg",
        "https://cdn4.telesco.pe:8443/a.jpg",
        "https://cdn4.telesco.pe:80/a.jpg",
        "http://cdn4.telesco.pe/a.jpg",
        "http://cdn4.telesco.pe:443/a.jpg",
        "ftp://cdn4.telesco.pe/a.jpg",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
    ] {
        assert!(!allows(address), "{address}");
    }
}

#[test]
fn ip_addresses_are_refused_in_any_notation_unless_listed() {
    assert!(allows("http://127.0.0.1:9000/a.jpg"));
    // The same address in other notations.
    assert!(allows("http://2130706433:9000/a.jpg") && allows("http://0x7f.1:9000/a.jpg"));
    for address in [
        "https://127.0.0.1/a.jpg",
        "https://127.0.0.1:9000/a.jpg",
        "http://127.0.0.1:9001/a.jpg",
        "http://127.0.0.2:9000/a.jpg",
        "https://2130706433/a.jpg",
        "https://0x7f000001/a.jpg",
        "https://017700000001/a.jpg",
        "https://0177.0.0.1/a.jpg",
        "https://127.1/a.jpg",
        "https://149.154.167.99/a.jpg",
        "https://[::1]/a.jpg",
        "https://[::ffff:127.0.0.1]/a.jpg",
        "https://[::ffff:7f00:1]:9000/a.jpg",
        "https://[64:ff9b::7f00:1]/a.jpg",
        "https://[2001:67c:4e8:f004::9]/a.jpg",
    ] {
        assert!(!allows(address), "{address}");
    }
}

#[test]
fn host_entry_with_scheme_matches_literally() {
    for (address, expected) in [
        ("https://files.lan:8443/a.jpg", true),
        ("https://files.lan/a.jpg", false),
        ("http://files.lan:8443/a.jpg", false),
        ("https://cdn.files.lan:8443/a.jpg", false),
    ] {
        assert_eq!(allows(address), expected, "{address}");
    }
}

/// Public addresses close to the boundaries.
const PUBLIC: &str = "149.154.167.99 1.1.1.1 100.63.255.255 100.128.0.0 172.15.255.255 172.32.0.0 198.17.255.255 \
    198.20.0.0 223.255.255.255 2001:67c:4e8:f004::9 2606:4700::1111 2a00::1";

/// Addresses of this machine, its network, nobody or many.
const CLOSED: &str = "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.255 169.254.169.254 \
    172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 \
    198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 \
    ::ffff:127.0.0.1 ::ffff:1.1.1.1 64:ff9b::7f00:1 64:ff9b::101:101 64:ff9b:1::1 100::1 2001::1 \
    2001:0:7f00:1:: 2001:2::1 2001:10::1 2001:db8::1 2002:7f00:1::1 3fff::1 4000::1 5f00::1 fc00::1 \
    fd12:3456::1 fe80::1 fec0::1 ff02::1";

#[test]
fn is_public_accepts_only_global_addresses() {
    for (addresses, expected) in [(PUBLIC, true), (CLOSED, false)] {
        for address in addresses.split_whitespace() {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }
}

/// The addresses that the guard lets through.
async fn resolved(guard: &Guard, name: &str) -> Option<Vec<IpAddr>> {
    let found = guard.resolve(name.parse().unwrap()).await;
    found.ok().map(|addresses| addresses.map(|address| address.ip()).collect())
}

fn guard(trusted: &[&str], answers: &[&[&str]]) -> Guard {
    let parse = |answer: &&[&str]| -> Vec<SocketAddr> {
        answer.iter().map(|text| SocketAddr::new(text.parse().unwrap(), 0)).collect()
    };
    let answers = Mutex::new(answers.iter().rev().map(parse).collect::<Vec<_>>());
    Guard::new(trusted.iter().map(|name| (*name).to_owned()))
        .scripted(move |_| answers.lock().unwrap().pop().unwrap_or_default(), is_public)
}

#[tokio::test]
async fn resolver_drops_private_addresses() {
    let guard = guard(
        &[],
        &[
            &["127.0.0.1", "1.1.1.1", "::1", "2606:4700::1111"],
            &["10.0.0.1", "fd00::1", "64:ff9b::101:101"],
            &[],
        ],
    );
    let public: Vec<IpAddr> = vec!["1.1.1.1".parse().unwrap(), "2606:4700::1111".parse().unwrap()];
    assert_eq!(resolved(&guard, "cdn.telesco.pe").await, Some(public));
    assert_eq!(resolved(&guard, "cdn.telesco.pe").await, None);
    assert_eq!(resolved(&guard, "cdn.telesco.pe").await, None);
}

#[tokio::test]
async fn listed_host_name_may_resolve_to_private_address() {
    let guard = guard(&["Files.LAN"], &[&["10.0.0.1"], &["10.0.0.1"]]);
    assert_eq!(resolved(&guard, "files.lan").await, Some(vec!["10.0.0.1".parse().unwrap()]));
    assert_eq!(resolved(&guard, "other.lan").await, None);
}
