//! The clock of all use cases, which tests can simulate.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio::time::Instant;

#[derive(Clone, Debug)]
pub enum Clock {
    System,
    Simulated(Simulated),
}

/// A date that advances with tokio's timers, and by leaps.
#[derive(Clone, Debug)]
pub struct Simulated {
    date: DateTime<Utc>,
    start: Instant,
    leapt_ms: Arc<AtomicU64>,
    leaps: Arc<Notify>,
}

/// The longest sleep: the machine's clock may be set meanwhile.
const MAX_SLEEP: Duration = Duration::from_secs(60);

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
    /// A clock that starts at a date and advances from now on.
    pub fn simulated(date: DateTime<Utc>) -> Self {
        let (start, leapt_ms, leaps) = (Instant::now(), Arc::default(), Arc::default());
        Self::Simulated(Simulated { date, start, leapt_ms, leaps })
    }

    #[expect(clippy::disallowed_methods, reason = "the owner of the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Simulated(simulated) => simulated.now(),
        }
    }

    /// Sleeps until a date. It may return earlier.
    pub(super) async fn sleep_until(&self, date: DateTime<Utc>) {
        let time = || (date - self.now()).to_std().unwrap_or_default().min(MAX_SLEEP);
        match self {
            Self::System => tokio::time::sleep(time()).await,
            Self::Simulated(simulated) => {
                let mut leap = std::pin::pin!(simulated.leaps.notified());
                // Enabled before the date is read, so that no leap is missed.
                leap.as_mut().enable();
                tokio::select! {
                    () = leap => {}
                    () = tokio::time::sleep(time()) => {}
                }
            }
        }
    }
}
