//! Time that only a test moves.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc;
use std::time::Duration;

use tokio::time::{Instant, advance, pause};

/// More than anything here takes, by the clock of the test.
const FOR_EVER: Duration = Duration::from_secs(10 * 60);

/// Time that only a test moves: the runtime's, and with it feedline's and Telegram's.
///
/// A runtime whose time is paused skips to the next timer whenever it is idle, and waiting for a socket is being idle. It
/// does not while a blocking thread is at work: this one's work is to be there.
pub(crate) struct Frozen(#[expect(dead_code, reason = "its end ends the thread")] mpsc::Sender<()>);

impl Frozen {
    pub(crate) fn time() -> Self {
        pause();
        let (sender, receiver) = mpsc::channel::<()>();
        drop(tokio::task::spawn_blocking(move || receiver.recv().is_ok()));
        Self(sender)
    }

    /// Lets time pass until the future is done, and tells how much of it did.
    ///
    /// It passes in steps while threads of their own write the answer: on a busy machine some seconds more than were waited
    /// for. So an upper bound is not a step behind the lower one; it keeps away from the next longer time that it must not
    /// have been.
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

    /// Waits for what comes though time stands still.
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

    /// Lets time pass at once; connections that are too old by then end.
    pub(crate) async fn pass(&self, time: Duration) {
        advance(time).await;
        self.settle().await;
    }

    /// Lets sockets and threads do what they can do without time.
    pub(crate) async fn settle(&self) {
        let moment = || std::thread::sleep(Duration::from_millis(5));
        tokio::task::spawn_blocking(moment).await.unwrap();
    }
}
