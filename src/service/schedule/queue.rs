//! A queue of channels by deadline, and the time at which the first one has to start. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::service::Key;

/// The seconds of a slot, by which deadlines are counted.
const SLOT: i64 = 15;

/// The most slots that are considered: later deadlines are not urgent.
const MAX_SLOTS: usize = 80;

#[derive(Debug, Default)]
pub(super) struct Queue {
    order: BTreeSet<(DateTime<Utc>, Key)>,
    /// The number of deadlines in each slot.
    slots: BTreeMap<i64, u32>,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn insert(&mut self, deadline: DateTime<Utc>, key: &Key) {
        if self.order.insert((deadline, Key::clone(key))) {
            *self.slots.entry(slot(deadline)).or_default() += 1;
        }
    }

    pub(super) fn remove(&mut self, deadline: DateTime<Utc>, key: &Key) {
        if self.order.remove(&(deadline, Key::clone(key))) {
            self.uncount(deadline);
        }
    }

    pub(super) fn first(&self) -> Option<DateTime<Utc>> {
        self.order.first().map(|(deadline, _)| *deadline)
    }

    pub(super) fn pop_first(&mut self) -> Option<(DateTime<Utc>, Key)> {
        let first = self.order.pop_first()?;
        self.uncount(first.0);
        Some(first)
    }

    /// The latest start of the first channel with which all later ones meet their deadlines, if one starts every
    /// `cost`. It is at most a slot too early.
    pub(super) fn latest_start(&self, cost: Duration) -> Option<DateTime<Utc>> {
        let mut latest = self.first()?.timestamp_millis();
        let cost = i64::try_from(cost.as_millis()).unwrap_or(i64::MAX);
        let mut before = -1;
        for (slot, count) in self.slots.iter().take(MAX_SLOTS) {
            before += i64::from(*count);
            // A single deadline in the first slot does not have to start before the others.
            if before > 0 {
                latest = latest.min(slot * SLOT * 1000 - cost.saturating_mul(before));
            }
        }
        DateTime::from_timestamp_millis(latest)
    }

    fn uncount(&mut self, deadline: DateTime<Utc>) {
        let slot = slot(deadline);
        if let Some(count) = self.slots.get_mut(&slot) {
            *count -= 1;
            if *count == 0 {
                self.slots.remove(&slot);
            }
        }
    }
}

fn slot(deadline: DateTime<Utc>) -> i64 {
    deadline.timestamp().div_euclid(SLOT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn second(seconds: u64) -> DateTime<Utc> {
        "2026-05-10T12:00:00Z".parse::<DateTime<Utc>>().unwrap()
            + SECOND * u32::try_from(seconds).unwrap()
    }

    fn queue(deadlines: impl IntoIterator<Item = u64>) -> Queue {
        let mut queue = Queue::default();
        for (deadline, number) in deadlines.into_iter().zip(0..) {
            queue.insert(second(deadline), &format!("channel{number}").into());
        }
        queue
    }

    #[test]
    fn single_channel_starts_at_its_deadline_and_a_crowd_early() {
        for (deadlines, latest) in [
            (vec![1000], 1000),
            (vec![1000, 2000], 1000),
            // Both are in the slot that begins at 990, and one has to start before the other.
            (vec![1000, 1001], 989),
            // 600 channels for readers that poll on the hour.
            ((0..600).map(|_| 3600).collect(), 3600 - 599),
            // An earlier one has to start before the crowd, which starts early; a much earlier one does not interfere.
            ((0..600).map(|_| 3600).chain([3500]).collect(), 3600 - 600),
            ((0..600).map(|_| 3600).chain([2000]).collect(), 2000),
        ] {
            assert_eq!(
                queue(deadlines.clone()).latest_start(SECOND),
                Some(second(latest)),
                "{:?}",
                &deadlines[..1]
            );
        }
        assert_eq!(queue([]).latest_start(SECOND), None);
    }

    #[test]
    fn removed_deadlines_are_not_counted() {
        let mut queue = queue((0..100).map(|_| 3600));
        for number in 1..100 {
            queue.remove(second(3600), &format!("channel{number}").into());
            queue.remove(second(3600), &format!("channel{number}").into());
        }
        assert_eq!((queue.len(), queue.latest_start(SECOND)), (1, Some(second(3600))));
        assert_eq!(queue.pop_first().map(|(_, key)| key), Some("channel0".into()));
        assert_eq!((queue.len(), queue.first(), queue.slots.len()), (0, None, 0));
    }
}
