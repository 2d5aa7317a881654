//! The token bucket of one outbound address. Pure: every moment is given.
//!
//! It holds one token that anybody may spend, which comes back at the rate, and a reserve that only
//! waiting people may spend, which fills from what nobody took. Levels are kept in nanoseconds of the
//! time that a token takes to grow, so that nothing is lost to rounding.

use std::time::Duration;

use tokio::time::Instant;

use crate::net::Class;

/// The tokens of one outbound address.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    /// What one token takes to grow.
    cost: u64,
    /// The token for anybody: at most `cost`.
    steady: u64,
    /// The tokens for waiting people only: at most `reserve_limit`.
    reserve: u64,
    reserve_limit: u64,
    /// The moment up to which growth is counted; while an address cools down, in the future.
    as_of: Instant,
}

/// What paid for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// The one that grows at the rate.
    Steady,
    /// One that was saved up.
    Reserve,
}

impl Bucket {
    /// A full bucket: `cost` is the time between two requests at the rate, `burst` all tokens together.
    pub(super) fn new(cost: Duration, burst: u32, now: Instant) -> Self {
        let cost = nanoseconds(cost).max(1);
        let reserve_limit = cost.saturating_mul(u64::from(burst.saturating_sub(1)));
        Self { cost, steady: cost, reserve: reserve_limit, reserve_limit, as_of: now }
    }

    /// What a request of this class would be paid with now.
    pub(super) fn offer(&mut self, class: Class, now: Instant) -> Option<Token> {
        self.grow(now);
        if self.steady >= self.cost {
            return Some(Token::Steady);
        }
        (class == Class::Waiting && self.reserve >= self.cost).then_some(Token::Reserve)
    }

    /// Takes the token that was offered.
    pub(super) fn spend(&mut self, token: Token) {
        let level = match token {
            Token::Steady => &mut self.steady,
            Token::Reserve => &mut self.reserve,
        };
        *level = level.saturating_sub(self.cost);
    }

    /// When a request of this class can be paid for: never before `now`.
    pub(super) fn ready(&self, class: Class, now: Instant) -> Instant {
        let from = self.as_of.max(now);
        let mut then = self.clone();
        then.grow(from);
        if then.offer(class, from).is_some() {
            return from;
        }
        from + Duration::from_nanos(then.cost - then.steady)
    }

    /// How many requests of this class could go at once.
    pub(super) fn stock(&self, class: Class, now: Instant) -> u64 {
        let mut then = self.clone();
        then.grow(self.as_of.max(now));
        let saved = if class == Class::Waiting { then.reserve / then.cost } else { 0 };
        then.steady / then.cost + saved
    }

    /// How many there are in all.
    pub(super) fn level(&mut self, now: Instant) -> u64 {
        self.grow(now);
        self.steady + self.reserve
    }

    /// Takes everything, and lets nothing grow before `until`: after a cool-down there is no burst.
    pub(super) fn empty(&mut self, until: Instant) {
        self.steady = 0;
        self.reserve = 0;
        self.as_of = until;
    }

    fn grow(&mut self, now: Instant) {
        let grown = nanoseconds(now.saturating_duration_since(self.as_of));
        self.as_of = self.as_of.max(now);
        let steady = self.steady.saturating_add(grown);
        self.steady = steady.min(self.cost);
        self.reserve = self.reserve.saturating_add(steady - self.steady).min(self.reserve_limit);
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Duration = Duration::from_millis(500);

    fn spend(bucket: &mut Bucket, class: Class, now: Instant) -> Option<Token> {
        let token = bucket.offer(class, now)?;
        bucket.spend(token);
        Some(token)
    }

    #[test]
    fn people_spend_the_reserve_and_nobody_else_does() {
        let now = Instant::now();
        let mut bucket = Bucket::new(HALF, 3, now);
        assert_eq!(bucket.stock(Class::Waiting, now), 3);
        assert_eq!(bucket.stock(Class::Media, now), 1);
        assert_eq!(spend(&mut bucket, Class::Background, now), Some(Token::Steady));
        assert_eq!(spend(&mut bucket, Class::Background, now), None);
        assert_eq!(spend(&mut bucket, Class::Media, now), None);
        assert_eq!(spend(&mut bucket, Class::Waiting, now), Some(Token::Reserve));
        assert_eq!(spend(&mut bucket, Class::Waiting, now), Some(Token::Reserve));
        assert_eq!(spend(&mut bucket, Class::Waiting, now), None);
        assert_eq!(bucket.ready(Class::Waiting, now), now + HALF);
    }

    #[test]
    fn the_reserve_fills_from_what_nobody_took() {
        let now = Instant::now();
        let mut bucket = Bucket::new(HALF, 3, now);
        for _ in 0..3 {
            spend(&mut bucket, Class::Waiting, now);
        }
        assert_eq!(bucket.stock(Class::Waiting, now + HALF), 1);
        assert_eq!(bucket.stock(Class::Waiting, now + HALF * 2), 2);
        assert_eq!(bucket.stock(Class::Background, now + HALF * 2), 1);
        assert_eq!(bucket.stock(Class::Waiting, now + HALF * 100), 3);
    }

    #[test]
    fn a_token_is_there_at_the_moment_that_was_promised_and_not_before() {
        let now = Instant::now();
        let mut bucket = Bucket::new(Duration::from_nanos(333_333_333), 1, now);
        spend(&mut bucket, Class::Waiting, now);
        let ready = bucket.ready(Class::Waiting, now);
        assert_eq!(bucket.offer(Class::Waiting, ready - Duration::from_nanos(1)), None);
        assert_eq!(bucket.offer(Class::Waiting, ready), Some(Token::Steady));
    }

    #[test]
    fn an_emptied_bucket_grows_only_after_its_moment() {
        let now = Instant::now();
        let mut bucket = Bucket::new(HALF, 20, now);
        let until = now + Duration::from_secs(60);
        bucket.empty(until);
        assert_eq!(bucket.ready(Class::Waiting, now), until + HALF);
        assert_eq!(bucket.offer(Class::Waiting, until), None);
        assert_eq!(bucket.stock(Class::Waiting, until + HALF), 1);
    }

    #[test]
    fn a_burst_of_none_still_lets_one_go() {
        let now = Instant::now();
        let mut bucket = Bucket::new(HALF, 0, now);
        assert_eq!(spend(&mut bucket, Class::Waiting, now), Some(Token::Steady));
        assert_eq!(spend(&mut bucket, Class::Waiting, now), None);
    }
}
