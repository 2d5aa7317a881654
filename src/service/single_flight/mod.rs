//! Single flight: one piece of work, however many wait for it.
//!
//! The work runs in a task of its own, so no client that leaves can cancel it for the others. When the last one leaves
//! before the work's request has begun, the work is dropped, or sinks to background work where it is worth that; work
//! whose request is under way is always finished.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::upstream::{Class, Priority};

/// The flights of one kind of work, by what is fetched.
pub(super) struct SingleFlight<K, V> {
    shared: Arc<Shared<K, V>>,
    tasks: TaskTracker,
}

struct Shared<K, V> {
    flying: Mutex<HashMap<K, InFlight<V>>>,
}

struct InFlight<V> {
    outcome: watch::Receiver<Option<V>>,
    priority: Priority,
    /// Those who wait.
    seats: usize,
    /// Whether it goes on as background work when nobody waits.
    stays: bool,
    cancel: CancellationToken,
}

impl<K, V> SingleFlight<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(tasks: TaskTracker) -> Self {
        Self { shared: Arc::new(Shared { flying: Mutex::new(HashMap::new()) }), tasks }
    }

    /// Joins the flight to `key`, lifting it to `class`, or starts it with the work that `work` makes.
    /// `stays`: whether it is worth finishing when everybody left.
    pub(super) fn join<F, W>(&self, key: K, class: Class, stays: bool, work: F) -> Waiter<K, V>
    where
        F: FnOnce(Priority) -> W,
        W: Future<Output = V> + Send + 'static,
    {
        let mut flying = self.shared.lock();
        if let Some(flight) = flying.get_mut(&key) {
            flight.priority.promote(class);
            flight.seats += 1;
            flight.stays |= stays;
            return Waiter { outcome: flight.outcome.clone(), seat: self.seat(key) };
        }
        let priority = Priority::new(class);
        let (sender, outcome) = watch::channel(None);
        let cancel = CancellationToken::new();
        let flight = InFlight {
            outcome: outcome.clone(),
            priority: priority.clone(),
            seats: 1,
            stays,
            cancel: cancel.clone(),
        };
        flying.insert(key.clone(), flight);
        drop(flying);
        let work = work(priority);
        let guard =
            KeyGuard { shared: Arc::clone(&self.shared), key: key.clone(), cancel: cancel.clone() };
        self.tasks.spawn(async move {
            // Whatever happens to the work, the key is free again.
            let guard = guard;
            tokio::select! {
                value = work => {
                    drop(guard);
                    sender.send_replace(Some(value));
                }
                () = cancel.cancelled() => {}
            }
        });
        Waiter { outcome, seat: self.seat(key) }
    }

    /// Whether there is a flight to `key`: joining it costs nothing.
    pub(super) fn has(&self, key: &K) -> bool {
        self.shared.lock().contains_key(key)
    }

    fn seat(&self, key: K) -> Slot<K, V> {
        Slot { shared: Arc::clone(&self.shared), key: Some(key) }
    }
}

impl<K: Eq + Hash, V> Shared<K, V> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, InFlight<V>>> {
        self.flying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One who waited leaves; `stays`: the work is still wanted.
    fn leave(&self, key: &K, stays: bool) {
        let mut flying = self.lock();
        let Some(flight) = flying.get_mut(key) else { return };
        flight.seats = flight.seats.saturating_sub(1);
        flight.stays |= stays;
        if flight.seats > 0 || !flight.priority.demote() {
            return;
        }
        if !flight.stays {
            flight.cancel.cancel();
            flying.remove(key);
        }
    }
}

/// Frees the key when the work has landed or failed, unless another flight has taken it.
struct KeyGuard<K: Eq + Hash, V> {
    shared: Arc<Shared<K, V>>,
    key: K,
    cancel: CancellationToken,
}

impl<K: Eq + Hash, V> Drop for KeyGuard<K, V> {
    fn drop(&mut self) {
        // A cancelled flight was removed when it was cancelled.
        if !self.cancel.is_cancelled() {
            self.shared.lock().remove(&self.key);
        }
    }
}

/// A seat on a flight.
pub(super) struct Waiter<K: Eq + Hash, V> {
    outcome: watch::Receiver<Option<V>>,
    seat: Slot<K, V>,
}

struct Slot<K: Eq + Hash, V> {
    shared: Arc<Shared<K, V>>,
    key: Option<K>,
}

impl<K: Eq + Hash, V: Clone> Waiter<K, V> {
    /// Waits for the outcome; `None` when the work failed to come to an end (it panicked).
    /// Dropping the future is leaving.
    pub(super) async fn outcome(&mut self) -> Option<V> {
        let value = self.outcome.wait_for(Option::is_some).await.ok()?;
        value.clone()
    }

    /// Since when the work's request is under way.
    pub(super) fn begun(&self) -> Option<Instant> {
        let key = self.seat.key.as_ref()?;
        self.seat.shared.lock().get(key).and_then(|flight| flight.priority.started())
    }

    /// Leaves, but wants the work done.
    pub(super) fn leave_it_going(mut self) {
        if let Some(key) = self.seat.key.take() {
            self.seat.shared.leave(&key, true);
        }
    }
}

impl<K: Eq + Hash, V> Drop for Slot<K, V> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.shared.leave(&key, false);
        }
    }
}

#[cfg(test)]
mod tests;
