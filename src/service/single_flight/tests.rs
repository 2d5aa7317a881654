use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::*;

struct Harness {
    flights: SingleFlight<&'static str, usize>,
    begun: Arc<AtomicUsize>,
    done: Arc<AtomicUsize>,
    gate: Arc<Notify>,
}

impl Harness {
    fn new() -> Self {
        Self {
            flights: SingleFlight::new(TaskTracker::new()),
            begun: Arc::default(),
            done: Arc::default(),
            gate: Arc::new(Notify::new()),
        }
    }

    /// Joins a task that waits for the gate. `starts`: its request starts at once.
    fn join(&self, class: Class, stays: bool, starts: bool) -> Waiter<&'static str, usize> {
        let (begun, done, gate) =
            (Arc::clone(&self.begun), Arc::clone(&self.done), Arc::clone(&self.gate));
        self.flights.join("tea", class, stays, |priority| async move {
            let number = begun.fetch_add(1, Ordering::SeqCst) + 1;
            if starts {
                priority.start();
            }
            gate.notified().await;
            done.fetch_add(1, Ordering::SeqCst);
            number
        })
    }

    async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    fn counts(&self) -> (usize, usize) {
        (self.begun.load(Ordering::SeqCst), self.done.load(Ordering::SeqCst))
    }
}

#[tokio::test(start_paused = true)]
async fn thousand_waiters_share_one_task() {
    let harness = Harness::new();
    let mut waiters: Vec<_> =
        (0..1000).map(|_| harness.join(Class::Waiting, false, true)).collect();
    harness.settle().await;
    harness.gate.notify_one();
    for waiter in &mut waiters {
        assert_eq!(waiter.outcome().await, Some(1));
    }
    assert_eq!(harness.counts(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn started_request_is_finished_when_all_left() {
    let harness = Harness::new();
    drop((harness.join(Class::Waiting, false, true), harness.settle().await));
    harness.settle().await;
    harness.gate.notify_one();
    harness.settle().await;
    assert_eq!(harness.counts(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn task_without_started_request_is_cancelled_when_all_left() {
    let harness = Harness::new();
    let (one, other) =
        (harness.join(Class::Waiting, false, false), harness.join(Class::Waiting, false, false));
    harness.settle().await;
    drop(one);
    harness.settle().await;
    drop(other);
    harness.settle().await;
    harness.gate.notify_one();
    harness.settle().await;
    assert_eq!(harness.counts(), (1, 0));
    let mut again = harness.join(Class::Waiting, false, false);
    assert_eq!(
        again.outcome().await,
        Some(2),
        "the gate's permit was still there, and the task is new"
    );
}

#[tokio::test(start_paused = true)]
async fn task_that_stays_goes_on_as_background_work() {
    let harness = Harness::new();
    drop(harness.join(Class::Waiting, true, false));
    harness.settle().await;
    assert_eq!(harness.flights.shared.lock()["tea"].priority.class(), Class::Background);
    let mut person = harness.join(Class::Waiting, false, false);
    assert_eq!(
        harness.flights.shared.lock()["tea"].priority.class(),
        Class::Waiting,
        "a waiter promotes it again"
    );
    harness.gate.notify_one();
    assert_eq!(person.outcome().await, Some(1));
}

#[tokio::test(start_paused = true)]
async fn detached_task_goes_on() {
    let harness = Harness::new();
    let mut waiter = harness.join(Class::Waiting, false, false);
    assert!(tokio::time::timeout(Duration::from_secs(8), waiter.outcome()).await.is_err());
    waiter.detach();
    harness.gate.notify_one();
    harness.settle().await;
    assert_eq!(harness.counts(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn panicked_task_frees_its_key() {
    let flights: SingleFlight<&str, usize> = SingleFlight::new(TaskTracker::new());
    let mut waiter = flights.join("tea", Class::Waiting, false, |_| async { panic!("on purpose") });
    assert_eq!(waiter.outcome().await, None);
    let mut waiter = flights.join("tea", Class::Waiting, false, |_| async { 2 });
    assert_eq!(waiter.outcome().await, Some(2));
}
