//! Simulated time that works with sockets.
//!
//! Tokio's paused clock jumps to the next timer whenever nothing is ready, although bytes may be in transit on the
//! loopback device. Here a jump is ten milliseconds at most, because there is always a timer that close; each jump
//! takes 0.1 ms of real time, in which those bytes arrive. So minutes pass in a second or two, with all settings at
//! their defaults. On a slow machine the test takes longer but gives the same result: the clock stands still while any
//! task is ready or a blocking thread runs.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The longest jump.
const STEP: Duration = Duration::from_millis(10);

/// The real time of a jump.
const REST: Duration = Duration::from_micros(100);

/// Simulated time, until it is dropped.
pub(crate) struct Simulation {
    start: Instant,
    ticker: JoinHandle<()>,
}

impl Simulation {
    /// Pauses the clock of this runtime, which must be single-threaded, and lets it jump.
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

    /// The time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        self.ticker.abort();
    }
}
