//! The rate limit of each client: the number of requests to Telegram that it may cause (new names, searches, older
//! posts, posts by number). Cached and archived content costs nothing.
//!
//! Without the limit, a client that enumerates names would use up the rate for everybody. The burst is generous,
//! because a reader that imports its channels fetches all of them at once, and a cloud reader fetches for many people
//! from one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::upstream::Refusal;

/// The most stored clients, in half a mebibyte.
///
/// SECURITY: requests from so many addresses that memory runs out -> new clients beyond this number share one bucket.
const MAX_CLIENTS: usize = 10_000;

/// The shortest `Retry-After`, after which several tokens are available.
const MIN_RETRY_AFTER: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(Option<IpAddr>);

impl ClientId {
    /// The command line, which has no limit.
    pub const OPERATOR: Self = Self(None);

    /// A client of the server, by its address.
    ///
    /// SECURITY: a client with 2^64 IPv6 addresses and a bucket for each -> one bucket for each /64 network.
    pub fn client(address: IpAddr) -> Self {
        Self(Some(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() >> 64 << 64;
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
            address => address,
        }))
    }
}

pub(super) struct ClientLimiter(Mutex<Buckets>);

impl ClientLimiter {
    /// `burst` tokens for each client; a new one is added every `cost`.
    pub(super) fn new(burst: u32, cost: Duration) -> Self {
        Self(Mutex::new(Buckets::new(burst, cost)))
    }

    /// Takes a token for a request to Telegram.
    pub(super) fn charge(&self, client: ClientId) -> Result<(), Refusal> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.check(client, Instant::now()).map_err(Refusal::over_budget)
    }
}

#[derive(Debug)]
struct Buckets {
    /// The time in which one token is added, and in which an empty bucket fills.
    cost: Duration,
    filling: Duration,
    /// The time at which each client's bucket is full again. A full bucket need not be stored.
    clients: HashMap<IpAddr, Instant>,
    /// The shared bucket of the clients that are not stored.
    others: Option<Instant>,
    swept: Option<Instant>,
}

impl Buckets {
    fn new(burst: u32, cost: Duration) -> Self {
        let filling = cost.saturating_mul(burst.max(1));
        Self { cost, filling, clients: HashMap::new(), others: None, swept: None }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// The time to wait, if there is no token.
    fn check(&mut self, client: ClientId, now: Instant) -> Result<(), Duration> {
        let Some(client) = client.0 else { return Ok(()) };
        if !self.has_place(client) {
            self.sweep(now);
        }
        let full = if self.has_place(client) {
            self.clients.entry(client).or_insert(now)
        } else {
            self.others.get_or_insert(now)
        };
        let next = now.max(*full) + self.cost;
        let missing = (next - now).saturating_sub(self.filling);
        if !missing.is_zero() {
            return Err(missing.max(MIN_RETRY_AFTER.min(self.filling)));
        }
        *full = next;
        Ok(())
    }

    fn has_place(&self, client: IpAddr) -> bool {
        self.clients.len() < MAX_CLIENTS || self.clients.contains_key(&client)
    }

    /// Removes full buckets, at most once every `cost`, because it visits all of them.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_none_or(|swept| now - swept >= self.cost) {
            self.swept = Some(now);
            self.clients.retain(|_, full| *full > now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn client(address: &str) -> ClientId {
        ClientId::client(address.parse().unwrap())
    }

    /// The number of tokens that can be taken at `now`.
    fn drain(limiter: &mut Buckets, client_id: ClientId, now: Instant) -> usize {
        std::iter::from_fn(|| limiter.check(client_id, now).ok()).take(1_000_000).count()
    }

    #[test]
    fn client_gets_burst_then_rate() {
        let (mut limiter, now) = (Buckets::new(200, SECOND * 2), Instant::now());
        let client_id = client("192.0.2.1");
        assert_eq!(drain(&mut limiter, client_id, now), 200);
        assert_eq!(drain(&mut limiter, client_id, now + SECOND), 0);
        assert_eq!(drain(&mut limiter, client_id, now + SECOND * 2), 1);
        assert_eq!(drain(&mut limiter, client_id, now + SECOND * 62), 30);
        assert_eq!(drain(&mut limiter, client_id, now + SECOND * 10_000), 200, "and never more");
    }

    #[test]
    fn tokens_are_available_after_retry_after() {
        let (mut limiter, now) = (Buckets::new(200, SECOND * 2), Instant::now());
        let client_id = client("192.0.2.1");
        drain(&mut limiter, client_id, now);
        let pause = limiter.check(client_id, now).unwrap_err();
        assert_eq!(pause, SECOND * 60);
        assert_eq!(drain(&mut limiter, client_id, now + pause), 30);
        let (mut slow, client_id) = (Buckets::new(1, SECOND * 300), client("192.0.2.2"));
        drain(&mut slow, client_id, now);
        assert_eq!(slow.check(client_id, now + SECOND), Err(SECOND * 299));
        assert!(slow.check(client_id, now + SECOND * 300).is_ok());
    }

    #[test]
    fn clients_are_identified_by_ipv4_address_or_ipv6_prefix() {
        let (mut limiter, now) = (Buckets::new(3, SECOND), Instant::now());
        for (address, left) in [
            ("192.0.2.1", 3),
            ("192.0.2.2", 3),
            // The first client, through an IPv6 socket.
            ("::ffff:192.0.2.1", 0),
            ("2001:db8:1:2::1", 3),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", 0),
            ("2001:db8:1:3::1", 3),
        ] {
            assert_eq!(drain(&mut limiter, client(address), now), left, "{address}");
        }
        assert_eq!(
            drain(&mut limiter, ClientId::OPERATOR, now),
            1_000_000,
            "the operator has none"
        );
    }

    #[test]
    fn flood_of_clients_is_bounded_and_keeps_known_buckets() {
        let (mut limiter, now) = (Buckets::new(3, SECOND), Instant::now());
        let known = client("192.0.2.1");
        limiter.check(known, now).unwrap();
        let stranger =
            |number: u32| ClientId::client(Ipv6Addr::from_bits(u128::from(number) << 64).into());
        let served = (1..=50_000).filter(|number| limiter.check(stranger(*number), now).is_ok());
        assert_eq!(served.count(), MAX_CLIENTS - 1 + 3, "the others share one bucket");
        assert_eq!(limiter.clients.len(), MAX_CLIENTS);
        assert_eq!(drain(&mut limiter, known, now), 2);
        // A client that took one token has a full bucket a second later.
        assert_eq!(drain(&mut limiter, stranger(60_000), now + SECOND), 3);
        assert_eq!(limiter.clients.len(), 2);
    }
}
