//! The one source of dates.

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// Tells what time it is.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A date that moves with tokio's timers, so that tests can move both.
    Simulated {
        /// The date at `start`.
        date: DateTime<Utc>,
        /// The timers' instant of that date.
        start: Instant,
    },
}

impl Clock {
    /// A clock that stands at a date and goes on from now.
    #[must_use]
    pub fn simulated(date: DateTime<Utc>) -> Self {
        Self::Simulated { date, start: Instant::now() }
    }

    /// The date now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the owner of the clock")]
    pub fn now(self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Simulated { date, start } => date + start.elapsed(),
        }
    }
}
