//! Which addresses belong to the public Internet. Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What of IPv4 is not public, as address and length of prefix (IANA's registry of special-purpose addresses, RFC 6890).
const CLOSED_4: [(Ipv4Addr, u32); 16] = [
    // This host, and this network.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private (RFC 1918).
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Shared by the customers of a carrier (RFC 6598).
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local; clouds tell their secrets there.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // Protocol assignments (RFC 6890).
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation (RFC 5737).
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Relays of 6to4 (RFC 7526).
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // Measuring (RFC 2544).
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Multicast.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved, and broadcast.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    (Ipv4Addr::new(255, 255, 255, 255), 32),
];

/// The only part of IPv6 that is public: all else is loopback, mapped or translated IPv4 (`::/96`, `::ffff:0:0/96`,
/// `64:ff9b::/96`, `64:ff9b:1::/48`), local (`fc00::/7`, `fe80::/10`, `fec0::/10`), multicast (`ff00::/8`) or reserved.
const OPEN_6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What of [`OPEN_6`] is not public.
const CLOSED_6: [(Ipv6Addr, u32); 4] = [
    // Protocol assignments: Teredo (2001::/32), which carries an IPv4 address, measuring, identifiers (RFC 2928).
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation (RFC 3849, RFC 9637).
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4, which carries an IPv4 address (RFC 3056).
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

/// Whether an address is of the public Internet.
///
/// SECURITY: a name of a listed host that leads to this machine, its network or its cloud -> no connection. Addresses that
/// carry another one (mapped, translated, tunnelled) are refused whatever they carry.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !CLOSED_4.iter().any(|(network, prefix)| {
            address.to_bits() >> (32 - prefix) == network.to_bits() >> (32 - prefix)
        }),
        IpAddr::V6(address) => {
            let is_in = |(network, prefix): &(Ipv6Addr, u32)| {
                address.to_bits() >> (128 - prefix) == network.to_bits() >> (128 - prefix)
            };
            is_in(&OPEN_6) && !CLOSED_6.iter().any(is_in)
        }
    }
}
