//! The token bucket of one outbound address. Pure.
//!
//! It holds one token for any class, which refills at the rate, and a reserve for [`Class::Waiting`] only, which
//! refills from unused tokens. Levels are in nanoseconds of refill time, so that rounding loses nothing.

use std::time::Duration;

use tokio::time::Instant;

use crate::net::Class;

#[derive(Clone, Debug)]
pub(super) struct Bucket {
    /// The time in which one token refills.
    cost: u64,
    /// The level of the token for any class: at most `cost`.
    steady: u64,
    reserve: u64,
    reserve_limit: u64,
    /// The time at which the levels were true. During a back-off, it is in the future.
    as_of: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Steady,
    Reserve,
}

impl Bucket {
    /// A full bucket. `burst` is the number of all tokens.
    pub(super) fn new(cost: Duration, burst: u32, now: Instant) -> Self {
        let cost = nanoseconds(cost).max(1);
        let reserve = cost.saturating_mul(u64::from(burst.saturating_sub(1)));
        Self { cost, steady: cost, reserve, reserve_limit: reserve, as_of: now }
    }

    pub(super) fn take(&mut self, class: Class, now: Instant) -> Option<Token> {
        *self = self.at(now);
        let token = self.offer(class)?;
        match token {
            Token::Steady => self.steady -= self.cost,
            Token::Reserve => self.reserve -= self.cost,
        }
        Some(token)
    }

    /// The earliest time, not before `from`, at which a token for this class is available.
    pub(super) fn ready(&self, class: Class, from: Instant) -> Instant {
        let then = self.at(from);
        match then.offer(class) {
            Some(_) => then.as_of,
            None => then.as_of + Duration::from_nanos(then.cost - then.steady),
        }
    }

    /// The number of requests of this class that could start at once.
    pub(super) fn stock(&self, class: Class, now: Instant) -> u64 {
        let then = self.at(now);
        let reserve = if class == Class::Waiting { then.reserve / then.cost } else { 0 };
        then.steady / then.cost + reserve
    }

    pub(super) fn level(&self, now: Instant) -> u64 {
        let then = self.at(now);
        then.steady + then.reserve
    }

    /// Removes all tokens and starts the refill at `until`: no burst follows a back-off.
    pub(super) fn empty(&mut self, until: Instant) {
        (self.steady, self.reserve, self.as_of) = (0, 0, until);
    }

    fn offer(&self, class: Class) -> Option<Token> {
        if self.steady >= self.cost {
            return Some(Token::Steady);
        }
        (class == Class::Waiting && self.reserve >= self.cost).then_some(Token::Reserve)
    }

    fn at(&self, now: Instant) -> Self {
        let grown = nanoseconds(now.saturating_duration_since(self.as_of));
        let steady = self.steady.saturating_add(grown);
        let surplus = steady.saturating_sub(self.cost);
        Self {
            steady: steady - surplus,
            reserve: self.reserve.saturating_add(surplus).min(self.reserve_limit),
            as_of: self.as_of.max(now),
            ..*self
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Duration = Duration::from_millis(500);

    #[test]
    fn reserve_tokens_are_for_waiting_class_only() {
        let now = Instant::now();
        let mut bucket = Bucket::new(HALF, 3, now);
        assert_eq!(bucket.stock(Class::Waiting, now), 3);
        assert_eq!(bucket.stock(Class::Media, now), 1);
        assert_eq!(bucket.take(Class::Background, now), Some(Token::Steady));
        assert_eq!(bucket.take(Class::Background, now), None);
        assert_eq!(bucket.take(Class::Media, now), None);
        assert_eq!(bucket.take(Class::Waiting, now), Some(Token::Reserve));
        assert_eq!(bucket.take(Class::Waiting, now), Some(Token::Reserve));
        assert_eq!(bucket.take(Class::Waiting, now), None);
        assert_eq!(bucket.ready(Class::Waiting, now), now + HALF);
    }

    #[test]
    fn reserve_refills_from_unused_tokens() {
        let now = Instant::now();
        let mut bucket = Bucket::new(HALF, 3, now);
        for _ in 0..3 {
            bucket.take(Class::Waiting, now);
        }
        assert_eq!(bucket.stock(Class::Waiting, now + HALF), 1);
        assert_eq!(bucket.stock(Class::Waiting, now + HALF * 2), 2);
        assert_eq!(bucket.stock(Class::Background, now + HALF * 2), 1);
        assert_eq!(bucket.stock(Class::Waiting, now + HALF * 100), 3);
    }

    #[test]
    fn token_is_available_exactly_at_ready_time() {
        let now = Instant::now();
        let mut bucket = Bucket::new(Duration::from_nanos(333_333_333), 1, now);
        bucket.take(Class::Waiting, now);
        let ready = bucket.ready(Class::Waiting, now);
        assert_eq!(bucket.take(Class::Waiting, ready - Duration::from_nanos(1)), None);
        assert_eq!(bucket.take(Class::Waiting, ready), Some(Token::Steady));
    }

    #[test]
    fn emptied_bucket_refills_only_after_deadline() {
        let now = Instant::now();
        let mut bucket = Bucket::new(HALF, 20, now);
        let until = now + Duration::from_secs(60);
        bucket.empty(until);
        assert_eq!(bucket.ready(Class::Waiting, now), until + HALF);
        assert_eq!(bucket.take(Class::Waiting, until), None);
        assert_eq!(bucket.stock(Class::Waiting, until + HALF), 1);
    }

    #[test]
    fn bucket_without_burst_still_has_one_token() {
        let now = Instant::now();
        let mut bucket = Bucket::new(HALF, 0, now);
        assert_eq!(bucket.take(Class::Waiting, now), Some(Token::Steady));
        assert_eq!(bucket.take(Class::Waiting, now), None);
    }
}
