//! The cool-down of one outbound address: how long it is left alone after it was throttled. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// The first pause when Telegram does not say how long it wants.
const FIRST: Duration = Duration::from_secs(30);

/// The longest pause of our own choice.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// The longest `Retry-After` that is obeyed.
///
/// SECURITY: an answer that asks for a pause of a year -> a day at most.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether, and how long, an outbound address is left alone.
#[derive(Clone, Debug)]
pub(super) struct CoolDown {
    until: Option<Instant>,
    step: Duration,
}

impl CoolDown {
    pub(super) fn new() -> Self {
        Self { until: None, step: FIRST }
    }

    /// Begins a pause and gives its end: the one that was asked for, else the next step, shortened by
    /// up to a quarter (`random` is 0 to 1) so that several of us do not come back together.
    ///
    /// Answers that were under way when the pause began tell nothing new: they do not make it another
    /// step longer, only as long as they ask.
    pub(super) fn begin(
        &mut self,
        retry_after: Option<Duration>,
        random: f64,
        now: Instant,
    ) -> Instant {
        let asked = retry_after
            .filter(|pause| !pause.is_zero())
            .map(|pause| now + pause.min(LONGEST_ASKED_FOR));
        if let Some(until) = self.until.filter(|until| *until > now) {
            let until = asked.map_or(until, |asked| asked.max(until));
            self.until = Some(until);
            return until;
        }
        let own = self.step.mul_f64(1.0 - random.clamp(0.0, 1.0) / 4.0);
        self.step = (self.step * 2).min(LONGEST);
        let until = asked.unwrap_or(now + own);
        self.until = Some(until);
        until
    }

    /// How much of the pause is left.
    pub(super) fn remaining(&self, now: Instant) -> Duration {
        self.until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// A good answer: the next pause is a first one again. One that was under way when the pause began
    /// does not shorten it.
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
    fn pauses_double_up_to_an_hour() {
        let (mut cool_down, mut now) = (CoolDown::new(), Instant::now());
        for seconds in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
            let until = cool_down.begin(None, 0.0, now);
            assert_eq!(until, now + SECOND * seconds);
            assert_eq!(cool_down.remaining(now + SECOND), SECOND * (seconds - 1));
            now = until;
        }
    }

    #[test]
    fn chance_shortens_a_pause_by_a_quarter_at_most() {
        let now = Instant::now();
        for (random, milliseconds) in [(0.0, 30_000), (0.5, 26_250), (1.0, 22_500), (7.0, 22_500)] {
            let until = CoolDown::new().begin(None, random, now);
            assert_eq!(until - now, Duration::from_millis(milliseconds), "{random}");
        }
    }

    #[test]
    fn the_pause_that_was_asked_for_is_kept_within_a_day() {
        let now = Instant::now();
        for (asked, seconds) in [(1, 1), (7200, 7200), (10_000_000, 86_400), (0, 30)] {
            let until = CoolDown::new().begin(Some(SECOND * asked), 0.0, now);
            assert_eq!(until - now, SECOND * seconds, "{asked}");
        }
    }

    #[test]
    fn answers_that_were_under_way_do_not_lengthen_the_pause_by_steps() {
        let (mut cool_down, now) = (CoolDown::new(), Instant::now());
        let until = cool_down.begin(None, 0.0, now);
        for _ in 0..7 {
            assert_eq!(cool_down.begin(None, 0.0, now + SECOND), until);
        }
        assert_eq!(cool_down.begin(Some(SECOND * 5), 0.0, now), until);
        assert_eq!(cool_down.begin(Some(SECOND * 90), 0.0, now), now + SECOND * 90);
        assert_eq!(
            cool_down.begin(None, 0.0, now + SECOND * 90) - now,
            SECOND * 150,
            "the step after the first"
        );
    }

    #[test]
    fn a_good_answer_after_the_pause_starts_afresh() {
        let (mut cool_down, now) = (CoolDown::new(), Instant::now());
        let until = cool_down.begin(None, 0.0, now);
        cool_down.reset(now + SECOND);
        assert_eq!(cool_down.remaining(now), SECOND * 30, "an old answer shortens nothing");
        cool_down.reset(until);
        assert_eq!(cool_down.begin(None, 0.0, until) - until, SECOND * 30);
    }
}
