//! Simulated time that goes well with sockets.
//!
//! Tokio's paused clock leaps to the next timer whenever nothing is ready, although a byte may be on its way through the
//! loopback device. Here it can leap ten milliseconds at most, because there is always a timer as near as that; each leap
//! costs a real tenth of a millisecond, in which what is on its way arrives. So minutes pass in a second or two, with all
//! settings at their defaults, and a slow machine makes the test slower but changes nothing in it: while anything is
//! ready, or computed on another thread, the clock stands still.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The longest leap.
const STEP: Duration = Duration::from_millis(10);

/// The real time that a leap takes.
const REST: Duration = Duration::from_micros(100);

/// Simulated time, until it is dropped.
pub(crate) struct Simulation {
    start: Instant,
    ticker: JoinHandle<()>,
}

impl Simulation {
    /// Stops the clock of this runtime, which must have one thread, and lets it leap.
    pub(crate) fn begin() -> Self {
        tokio::time::pause();
        let ticker = tokio::spawn(async {
            loop {
                tokio::time::sleep(STEP).await;
                std::thread::sleep(REST);
            }
        });
        Self { start: Instant::now(), ticker }
    }

    /// The time since the beginning.
    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        self.ticker.abort();
    }
}
