//! The one source of dates.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// Tells what time it is.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that tests move.
    Simulated(Simulated),
}

/// A date that moves with tokio's timers, and by leaps.
#[derive(Clone, Debug)]
pub struct Simulated {
    date: DateTime<Utc>,
    start: Instant,
    leapt_ms: Arc<AtomicU64>,
}

impl Simulated {
    /// Moves this clock and its copies forward at once.
    pub fn leap(&self, by: Duration) {
        let milliseconds = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.leapt_ms.fetch_add(milliseconds, Ordering::SeqCst);
    }

    fn now(&self) -> DateTime<Utc> {
        self.date
            + self.start.elapsed()
            + Duration::from_millis(self.leapt_ms.load(Ordering::SeqCst))
    }
}

impl Clock {
    /// A clock that stands at a date and goes on from now.
    #[must_use]
    pub fn simulated(date: DateTime<Utc>) -> Self {
        Self::Simulated(Simulated { date, start: Instant::now(), leapt_ms: Arc::default() })
    }

    /// The date now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the owner of the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Simulated(simulated) => simulated.now(),
        }
    }
}
