//! Single flight: all waiters for a key share one task.
//!
//! A waiter that leaves does not cancel the task for the others. If the last one leaves before the task's request has
//! started, the task is cancelled, or continues as background work if it `stays`. A started request is always finished.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::upstream::{Class, Priority};

pub(super) struct SingleFlight<K, V> {
    shared: Arc<Shared<K, V>>,
    tasks: TaskTracker,
}

struct Shared<K, V> {
    in_flight: Mutex<HashMap<K, InFlight<V>>>,
}

struct InFlight<V> {
    outcome: watch::Receiver<Option<V>>,
    priority: Priority,
    waiters: usize,
    /// Without waiters it continues as background work.
    stays: bool,
    cancel: CancellationToken,
}

impl<K, V> SingleFlight<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(tasks: TaskTracker) -> Self {
        Self { shared: Arc::new(Shared { in_flight: Mutex::new(HashMap::new()) }), tasks }
    }

    /// Joins the task of this key and promotes it to `class`, or starts it. With `stays`, it continues without waiters.
    pub(super) fn join<F, W>(&self, key: K, class: Class, stays: bool, work: F) -> Waiter<K, V>
    where
        F: FnOnce(Priority) -> W,
        W: Future<Output = V> + Send + 'static,
    {
        let mut in_flight = self.shared.lock();
        if let Some(flight) = in_flight.get_mut(&key) {
            flight.priority.promote(class);
            flight.waiters += 1;
            flight.stays |= stays;
            return Waiter { outcome: flight.outcome.clone(), slot: self.slot(key) };
        }
        let priority = Priority::new(class);
        let (sender, outcome) = watch::channel(None);
        let cancel = CancellationToken::new();
        let flight = InFlight {
            outcome: outcome.clone(),
            priority: priority.clone(),
            waiters: 1,
            stays,
            cancel: cancel.clone(),
        };
        in_flight.insert(key.clone(), flight);
        drop(in_flight);
        let work = work(priority);
        let guard =
            KeyGuard { shared: Arc::clone(&self.shared), key: key.clone(), cancel: cancel.clone() };
        self.tasks.spawn(async move {
            // The guard frees the key even after a panic.
            let guard = guard;
            tokio::select! {
                value = work => {
                    drop(guard);
                    sender.send_replace(Some(value));
                }
                () = cancel.cancelled() => {}
            }
        });
        Waiter { outcome, slot: self.slot(key) }
    }

    pub(super) fn has(&self, key: &K) -> bool {
        self.shared.lock().contains_key(key)
    }

    fn slot(&self, key: K) -> Slot<K, V> {
        Slot { shared: Arc::clone(&self.shared), key: Some(key) }
    }
}

impl<K: Eq + Hash, V> Shared<K, V> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, InFlight<V>>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes a waiter. `stays`: the task continues without waiters.
    fn leave(&self, key: &K, stays: bool) {
        let mut in_flight = self.lock();
        let Some(flight) = in_flight.get_mut(key) else { return };
        flight.waiters = flight.waiters.saturating_sub(1);
        flight.stays |= stays;
        if flight.waiters > 0 || !flight.priority.demote() {
            return;
        }
        if !flight.stays {
            flight.cancel.cancel();
            in_flight.remove(key);
        }
    }
}

/// Frees the key when the task has ended.
struct KeyGuard<K: Eq + Hash, V> {
    shared: Arc<Shared<K, V>>,
    key: K,
    cancel: CancellationToken,
}

impl<K: Eq + Hash, V> Drop for KeyGuard<K, V> {
    fn drop(&mut self) {
        // A cancelled task was removed before, and another task may have the key.
        if !self.cancel.is_cancelled() {
            self.shared.lock().remove(&self.key);
        }
    }
}

/// Waits for a task. Dropping it leaves the task.
pub(super) struct Waiter<K: Eq + Hash, V> {
    outcome: watch::Receiver<Option<V>>,
    slot: Slot<K, V>,
}

struct Slot<K: Eq + Hash, V> {
    shared: Arc<Shared<K, V>>,
    key: Option<K>,
}

impl<K: Eq + Hash, V: Clone> Waiter<K, V> {
    /// Waits for the result; `None` if the task panicked.
    pub(super) async fn outcome(&mut self) -> Option<V> {
        let value = self.outcome.wait_for(Option::is_some).await.ok()?;
        value.clone()
    }

    /// The time at which the task's request started.
    pub(super) fn started(&self) -> Option<Instant> {
        let key = self.slot.key.as_ref()?;
        self.slot.shared.lock().get(key).and_then(|flight| flight.priority.started())
    }

    /// Leaves the task, which continues without waiters.
    pub(super) fn detach(mut self) {
        if let Some(key) = self.slot.key.take() {
            self.slot.shared.leave(&key, true);
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
