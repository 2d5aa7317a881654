//! How many requests began in the last hour. Pure: every moment is given.

use std::time::Duration;

use tokio::time::Instant;

const MINUTES: usize = 60;

const MINUTE: Duration = Duration::from_secs(60);

/// A count for each of the last sixty minutes.
#[derive(Debug)]
pub(super) struct Hour {
    counts: [u32; MINUTES],
    /// The minute that is counted now, since `start`.
    minute: u64,
    start: Instant,
}

impl Hour {
    pub(super) fn new(now: Instant) -> Self {
        Self { counts: [0; MINUTES], minute: 0, start: now }
    }

    /// A request begins.
    pub(super) fn count(&mut self, now: Instant) {
        self.turn(now);
        let count = &mut self.counts[place(self.minute)];
        *count = count.saturating_add(1);
    }

    /// Those of the last hour, to the minute.
    pub(super) fn total(&mut self, now: Instant) -> u64 {
        self.turn(now);
        self.counts.iter().copied().map(u64::from).sum()
    }

    /// Forgets the minutes that have passed by.
    fn turn(&mut self, now: Instant) {
        let minute = now.saturating_duration_since(self.start).as_secs() / MINUTE.as_secs();
        let passed = minute.saturating_sub(self.minute).min(MINUTES as u64);
        for step in 1..=passed {
            self.counts[place(self.minute + step)] = 0;
        }
        self.minute = self.minute.max(minute);
    }
}

fn place(minute: u64) -> usize {
    usize::try_from(minute % MINUTES as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_began_more_than_an_hour_ago_is_forgotten() {
        let start = Instant::now();
        let mut hour = Hour::new(start);
        for minute in 0..90 {
            hour.count(start + MINUTE * minute);
            hour.count(start + MINUTE * minute);
        }
        assert_eq!(hour.total(start + MINUTE * 89), 120);
        assert_eq!(hour.total(start + MINUTE * 119), 60);
        assert_eq!(hour.total(start + MINUTE * 1000), 0);
        hour.count(start + MINUTE * 1000);
        assert_eq!(hour.total(start + MINUTE * 1059), 1);
        assert_eq!(hour.total(start + MINUTE * 1060), 0);
    }
}
