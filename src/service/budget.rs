//! What each client may ask Telegram for: names that nobody here has asked for, words to search, older posts, posts by
//! number. What is known, or on its way already, costs nothing. Pure: every moment is given.
//!
//! Without it one client that walks through names takes the turns of everybody else. It is generous, for a reader that
//! imports its channels asks for all of them at once, and a cloud reader asks for many people from one address.
//!
//! A budget is a bucket of tokens, kept as the moment at which it will be whole again; a client whose moment has passed
//! need not be kept. `governor` would do this too, with a dozen crates and a map of its own that grows until it is swept;
//! it is these few lines.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use tokio::time::Instant;

/// The clients that are kept at once: half a mebibyte of them.
///
/// SECURITY: a flood from so many addresses that memory runs out -> beyond this number, new ones share one budget. Clients
/// that stop asking are whole again soon, and are forgotten.
const MOST_CLIENTS: usize = 10_000;

/// The shortest time after which to come again: by then there is something to spend, not a single token.
const COME_AGAIN: Duration = Duration::from_secs(60);

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(Option<IpAddr>);

impl ClientId {
    /// Who runs this feedline, at its command line: without a budget.
    pub const OPERATOR: Self = Self(None);

    /// A client of the server, by its address.
    ///
    /// SECURITY: of IPv6, everybody has 2^64 addresses of their own -> the network of that size is the client.
    #[must_use]
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

/// The budgets of all clients.
#[derive(Debug)]
pub(super) struct Budgets {
    /// What a token takes to grow.
    cost: Duration,
    /// What a whole budget takes to grow.
    whole: Duration,
    /// When each client's budget will be whole.
    clients: HashMap<IpAddr, Instant>,
    /// The same, of all for whom there is no place.
    crowd: Option<Instant>,
    swept: Option<Instant>,
}

impl Budgets {
    /// `burst` tokens each, of which one grows back in `cost`.
    pub(super) fn new(burst: u32, cost: Duration) -> Self {
        let whole = cost.saturating_mul(burst.max(1));
        Self { cost, whole, clients: HashMap::new(), crowd: None, swept: None }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// When there is none: the time after which to come again.
    pub(super) fn spend(&mut self, client_id: ClientId, now: Instant) -> Result<(), Duration> {
        let Some(client) = client_id.0 else { return Ok(()) };
        if self.clients.len() >= MOST_CLIENTS && !self.clients.contains_key(&client) {
            self.sweep(now);
        }
        let has_place = self.clients.len() < MOST_CLIENTS || self.clients.contains_key(&client);
        let known = if has_place { self.clients.get(&client).copied() } else { self.crowd };
        let whole_again = known.map_or(now, |moment| moment.max(now)) + self.cost;
        let missing = (whole_again - now).saturating_sub(self.whole);
        if !missing.is_zero() {
            return Err(missing.max(COME_AGAIN.min(self.whole)));
        }
        if has_place {
            self.clients.insert(client, whole_again);
        } else {
            self.crowd = Some(whole_again);
        }
        Ok(())
    }

    /// Forgets those whose budget is whole; not more often than a token grows, for it looks at all of them.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_some_and(|swept| now - swept < self.cost) {
            return;
        }
        self.swept = Some(now);
        self.clients.retain(|_, whole_again| *whole_again > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn client(address: &str) -> ClientId {
        ClientId::client(address.parse().unwrap())
    }

    /// How many tokens can be taken at a moment.
    fn drain(budgets: &mut Budgets, client_id: ClientId, now: Instant) -> usize {
        std::iter::from_fn(|| budgets.spend(client_id, now).ok()).take(1_000_000).count()
    }

    #[test]
    fn a_client_spends_its_burst_and_then_what_grows() {
        let (mut budgets, now) = (Budgets::new(200, SECOND * 2), Instant::now());
        let client_id = client("192.0.2.1");
        assert_eq!(drain(&mut budgets, client_id, now), 200);
        assert_eq!(drain(&mut budgets, client_id, now + SECOND), 0);
        assert_eq!(drain(&mut budgets, client_id, now + SECOND * 2), 1);
        assert_eq!(drain(&mut budgets, client_id, now + SECOND * 62), 30);
        assert_eq!(drain(&mut budgets, client_id, now + SECOND * 10_000), 200, "and never more");
    }

    #[test]
    fn whoever_comes_again_when_told_has_something_to_spend() {
        let (mut budgets, now) = (Budgets::new(200, SECOND * 2), Instant::now());
        let client_id = client("192.0.2.1");
        drain(&mut budgets, client_id, now);
        let pause = budgets.spend(client_id, now).unwrap_err();
        assert_eq!(pause, SECOND * 60);
        assert_eq!(drain(&mut budgets, client_id, now + pause), 30);
        let (mut slow, client_id) = (Budgets::new(1, SECOND * 300), client("192.0.2.2"));
        drain(&mut slow, client_id, now);
        assert_eq!(slow.spend(client_id, now + SECOND), Err(SECOND * 299));
        assert!(slow.spend(client_id, now + SECOND * 300).is_ok());
    }

    #[test]
    fn clients_are_told_apart_by_their_network() {
        let (mut budgets, now) = (Budgets::new(3, SECOND), Instant::now());
        for (address, left) in [
            ("192.0.2.1", 3),
            ("192.0.2.2", 3),
            // The first one, through an IPv6 socket.
            ("::ffff:192.0.2.1", 0),
            ("2001:db8:1:2::1", 3),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", 0),
            ("2001:db8:1:3::1", 3),
        ] {
            assert_eq!(drain(&mut budgets, client(address), now), left, "{address}");
        }
        assert_eq!(
            drain(&mut budgets, ClientId::OPERATOR, now),
            1_000_000,
            "the operator has none"
        );
    }

    #[test]
    fn a_flood_of_clients_takes_no_more_memory_and_those_who_are_known_keep_their_budget() {
        let (mut budgets, now) = (Budgets::new(3, SECOND), Instant::now());
        let known = client("192.0.2.1");
        budgets.spend(known, now).unwrap();
        let stranger =
            |number: u32| ClientId::client(Ipv6Addr::from_bits(u128::from(number) << 64).into());
        let served = (1..=50_000).filter(|number| budgets.spend(stranger(*number), now).is_ok());
        assert_eq!(served.count(), MOST_CLIENTS - 1 + 3, "the others share one budget");
        assert_eq!(budgets.clients.len(), MOST_CLIENTS);
        assert_eq!(drain(&mut budgets, known, now), 2);
        // Those who asked for one thing are whole again a second later.
        assert_eq!(drain(&mut budgets, stranger(60_000), now + SECOND), 3);
        assert_eq!(budgets.clients.len(), 2);
    }
}
