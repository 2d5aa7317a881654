//! The back-off of an outbound address after Telegram has throttled it. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// The first back-off, if Telegram sends no `Retry-After`.
const FIRST_BACKOFF: Duration = Duration::from_secs(30);
const MAX_BACKOFF: Duration = Duration::from_secs(60 * 60);

/// The longest `Retry-After` that is honoured.
///
/// SECURITY: a `Retry-After` of a year -> a day at most.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug)]
pub(super) struct Backoff {
    until: Option<Instant>,
    step: Duration,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self { until: None, step: FIRST_BACKOFF }
    }

    /// Begins a back-off and returns its end: after `retry_after`, or else after the next step. The step is shortened
    /// by up to a quarter (`random` is 0 to 1), so that several servers do not resume together.
    ///
    /// Requests that were in flight when the back-off began do not double it.
    pub(super) fn begin(
        &mut self,
        retry_after: Option<Duration>,
        random: f64,
        now: Instant,
    ) -> Instant {
        let requested = retry_after
            .filter(|pause| !pause.is_zero())
            .map(|pause| now + pause.min(MAX_RETRY_AFTER));
        let until = match self.until {
            Some(until) if until > now => requested.map_or(until, |requested| requested.max(until)),
            _ => {
                let own = now + self.step.mul_f64(1.0 - random.clamp(0.0, 1.0) / 4.0);
                self.step = (self.step * 2).min(MAX_BACKOFF);
                requested.unwrap_or(own)
            }
        };
        self.until = Some(until);
        until
    }

    pub(super) fn remaining(&self, now: Instant) -> Duration {
        self.until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// A good response resets the next back-off to the first step. A response to a request that was in flight when the
    /// back-off began does not end it.
    pub(super) fn reset(&mut self, now: Instant) {
        if self.remaining(now).is_zero() {
            *self = Self::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn backoff_doubles_up_to_one_hour() {
        let (mut backoff, mut now) = (Backoff::new(), Instant::now());
        for seconds in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
            let until = backoff.begin(None, 0.0, now);
            assert_eq!(until, now + SECOND * seconds);
            assert_eq!(backoff.remaining(now + SECOND), SECOND * (seconds - 1));
            now = until;
        }
    }

    #[test]
    fn jitter_shortens_backoff_by_at_most_a_quarter() {
        let now = Instant::now();
        for (random, milliseconds) in [(0.0, 30_000), (0.5, 26_250), (1.0, 22_500), (7.0, 22_500)] {
            let until = Backoff::new().begin(None, random, now);
            assert_eq!(until - now, Duration::from_millis(milliseconds), "{random}");
        }
    }

    #[test]
    fn retry_after_sets_backoff_up_to_one_day() {
        let now = Instant::now();
        for (requested, seconds) in [(1, 1), (7200, 7200), (10_000_000, 86_400), (0, 30)] {
            let until = Backoff::new().begin(Some(SECOND * requested), 0.0, now);
            assert_eq!(until - now, SECOND * seconds, "{requested}");
        }
    }

    #[test]
    fn in_flight_responses_do_not_escalate_backoff() {
        let (mut backoff, now) = (Backoff::new(), Instant::now());
        let until = backoff.begin(None, 0.0, now);
        for _ in 0..7 {
            assert_eq!(backoff.begin(None, 0.0, now + SECOND), until);
        }
        assert_eq!(backoff.begin(Some(SECOND * 5), 0.0, now), until);
        assert_eq!(backoff.begin(Some(SECOND * 90), 0.0, now), now + SECOND * 90);
        assert_eq!(
            backoff.begin(None, 0.0, now + SECOND * 90) - now,
            SECOND * 150,
            "the step after the first"
        );
    }

    #[test]
    fn success_after_backoff_resets_it() {
        let (mut backoff, now) = (Backoff::new(), Instant::now());
        let until = backoff.begin(None, 0.0, now);
        backoff.reset(now + SECOND);
        assert_eq!(backoff.remaining(now), SECOND * 30, "an old answer shortens nothing");
        backoff.reset(until);
        assert_eq!(backoff.begin(None, 0.0, until) - until, SECOND * 30);
    }
}
