//! The source of all dates.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio::time::Instant;

/// A clock.
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
    leaps: Arc<Notify>,
}

/// The longest sleep until a date: by then the machine's clock may have been set.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

impl Simulated {
    /// Moves this clock and its copies forward at once.
    pub fn leap(&self, by: Duration) {
        let milliseconds = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.leapt_ms.fetch_add(milliseconds, Ordering::SeqCst);
        self.leaps.notify_waiters();
    }

    fn now(&self) -> DateTime<Utc> {
        self.date
            + self.start.elapsed()
            + Duration::from_millis(self.leapt_ms.load(Ordering::SeqCst))
    }
}

impl Clock {
    /// A clock that stands at a date and goes on from now.
    pub fn simulated(date: DateTime<Utc>) -> Self {
        let (start, leapt_ms, leaps) = (Instant::now(), Arc::default(), Arc::default());
        Self::Simulated(Simulated { date, start, leapt_ms, leaps })
    }

    /// The date now.
    #[expect(clippy::disallowed_methods, reason = "the owner of the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Simulated(simulated) => simulated.now(),
        }
    }

    /// Sleeps until a date; it may wake earlier.
    pub(super) async fn sleep_until(&self, date: DateTime<Utc>) {
        let time = || (date - self.now()).to_std().unwrap_or_default().min(LONGEST_SLEEP);
        match self {
            Self::System => tokio::time::sleep(time()).await,
            Self::Simulated(simulated) => {
                let mut leap = std::pin::pin!(simulated.leaps.notified());
                // Before the date is looked at, so that no leap is missed.
                leap.as_mut().enable();
                tokio::select! {
                    () = leap => {}
                    () = tokio::time::sleep(time()) => {}
                }
            }
        }
    }
}
