//! The two gates by themselves.

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use reqwest::dns::Resolve as _;
use url::Url;

use super::address::is_public;
use super::{FileHosts, Guard};

fn hosts() -> FileHosts {
    FileHosts::new(["telesco.pe", "t.me", "http://127.0.0.1:9000", "https://files.lan:8443"])
}

fn allows(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| hosts().allows(&url))
}

#[test]
fn files_are_fetched_from_listed_hosts_and_below_them() {
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
fn hosts_that_only_look_like_listed_ones_are_none() {
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
        // A backslash begins the path, as browsers have it.
        let is_path = address.contains('\\');
        assert_eq!(allows(address), is_path, "{address}");
    }
}

#[test]
fn userinfo_other_ports_and_other_schemes_are_refused() {
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
fn addresses_of_machines_are_refused_in_every_notation_unless_written_out() {
    assert!(allows("http://127.0.0.1:9000/a.jpg"));
    // The same machine and port, in notations that mean the same.
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
fn an_entry_with_a_scheme_is_taken_literally() {
    for (address, expected) in [
        ("https://files.lan:8443/a.jpg", true),
        ("https://files.lan/a.jpg", false),
        ("http://files.lan:8443/a.jpg", false),
        ("https://cdn.files.lan:8443/a.jpg", false),
    ] {
        assert_eq!(allows(address), expected, "{address}");
    }
}

/// Addresses of the public Internet, next to those that are not.
const PUBLIC: &str = "149.154.167.99 1.1.1.1 100.63.255.255 100.128.0.0 172.15.255.255 172.32.0.0 198.17.255.255 \
    198.20.0.0 223.255.255.255 2001:67c:4e8:f004::9 2606:4700::1111 2a00::1";

/// Addresses that lead to this machine, its network, to nobody or to many.
const CLOSED: &str = "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.255 169.254.169.254 \
    172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 \
    198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 \
    ::ffff:127.0.0.1 ::ffff:1.1.1.1 64:ff9b::7f00:1 64:ff9b::101:101 64:ff9b:1::1 100::1 2001::1 \
    2001:0:7f00:1:: 2001:2::1 2001:10::1 2001:db8::1 2002:7f00:1::1 3fff::1 4000::1 5f00::1 fc00::1 \
    fd12:3456::1 fe80::1 fec0::1 ff02::1";

#[test]
fn only_addresses_of_the_public_internet_are_public() {
    for (addresses, expected) in [(PUBLIC, true), (CLOSED, false)] {
        for address in addresses.split_whitespace() {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }
}

/// What the guard makes of what a name leads to, one answer after the other.
async fn resolved(guard: &Guard, name: &str) -> Option<Vec<IpAddr>> {
    let found = guard.resolve(name.parse().unwrap()).await;
    found.ok().map(|addresses| addresses.map(|address| address.ip()).collect())
}

fn guard(vouched: &[&str], answers: &[&[&str]]) -> Guard {
    let parse = |answer: &&[&str]| -> Vec<SocketAddr> {
        answer.iter().map(|text| SocketAddr::new(text.parse().unwrap(), 0)).collect()
    };
    let answers = Mutex::new(answers.iter().rev().map(parse).collect::<Vec<_>>());
    Guard::new(vouched.iter().map(|name| (*name).to_owned()))
        .scripted(move |_| answers.lock().unwrap().pop().unwrap_or_default(), is_public)
}

#[tokio::test]
async fn private_addresses_of_a_name_are_left_out_and_none_is_no_answer() {
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
async fn the_operator_vouches_for_names_that_are_written_out() {
    let guard = guard(&["Files.LAN"], &[&["10.0.0.1"], &["10.0.0.1"]]);
    assert_eq!(resolved(&guard, "files.lan").await, Some(vec!["10.0.0.1".parse().unwrap()]));
    assert_eq!(resolved(&guard, "other.lan").await, None);
}
