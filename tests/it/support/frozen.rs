//! Time that only a test advances.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc;
use std::time::Duration;

use tokio::time::{Instant, advance, pause};

/// Longer than any wait, by the test's clock.
const FOR_EVER: Duration = Duration::from_secs(10 * 60);

/// Time that only a test advances: that of the runtime, and so of feedline and Telegram.
///
/// A runtime with paused time skips to the next timer whenever it is idle, and waiting for a socket counts as idle. It
/// does not skip while a blocking thread runs: that is the only purpose of this one's thread.
pub(crate) struct Frozen(#[expect(dead_code, reason = "its end ends the thread")] mpsc::Sender<()>);

impl Frozen {
    pub(crate) fn time() -> Self {
        pause();
        let (sender, receiver) = mpsc::channel::<()>();
        drop(tokio::task::spawn_blocking(move || receiver.recv().is_ok()));
        Self(sender)
    }

    /// Advances time until the future is done, and returns the elapsed time.
    ///
    /// Time advances in steps while other threads write the response: on a busy machine, some seconds too far. So an
    /// upper bound must not be close to the lower one, only clearly below the next longer timeout.
    pub(crate) async fn until<T>(&self, future: impl Future<Output = T>) -> (T, Duration) {
        let begin = Instant::now();
        let mut future = pin!(future);
        loop {
            assert!(begin.elapsed() < FOR_EVER, "what a test waits for comes");
            tokio::select! {
                biased;
                outcome = &mut future => return (outcome, begin.elapsed()),
                () = self.settle() => advance(Duration::from_millis(250)).await,
            }
        }
    }

    /// Waits for a result that needs no time to pass.
    pub(crate) async fn at_once<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        for _ in 0..1000 {
            tokio::select! {
                biased;
                outcome = &mut future => return outcome,
                () = self.settle() => {}
            }
        }
        panic!("it waits for time to pass");
    }

    /// Advances time in one step; connections over their timeout end.
    pub(crate) async fn pass(&self, time: Duration) {
        advance(time).await;
        self.settle().await;
    }

    /// Lets sockets and threads do everything that needs no time to pass.
    pub(crate) async fn settle(&self) {
        let moment = || std::thread::sleep(Duration::from_millis(5));
        tokio::task::spawn_blocking(moment).await.unwrap();
    }
}
