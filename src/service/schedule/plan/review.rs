//! What is looked at from time to time: what is wanted in all beside what there is, and what nobody asks for any more. Pure.

use chrono::{DateTime, Utc};

use super::{LATE, MOST_CHANNELS, Plan, SHARE};
use crate::service::Key;
use crate::service::schedule::Settings;
use crate::service::schedule::entry::{Demand, History};

/// The most that intervals are stretched by.
const MOST_STRETCH: f64 = 64.0;

/// What is used of it when people take so much that the queue is late: this much is certain.
const SMALLEST_SHARE: f64 = 0.25;

impl Plan {
    /// Looks at everything: what is wanted in all beside what there is, and what nobody asks for any more.
    pub(super) fn review(&mut self, now: DateTime<Utc>) {
        self.reviewed = now;
        let active_for = self.settings.active_for;
        let gone = self.entries.iter().filter(|(_, entry)| {
            !entry.is_followed && entry.begun.is_none() && !entry.is_active(now, active_for)
        });
        let gone: Vec<Key> = gone.map(|(key, _)| Key::clone(key)).collect();
        for key in gone {
            self.forget(&key);
        }
        self.is_late = self.queue.first().is_some_and(|deadline| deadline + LATE < now);
        let share = if self.is_late { self.share * 0.8 } else { self.share + 0.05 };
        self.share = share.clamp(SMALLEST_SHARE, SHARE);
        self.stretch = self.least_stretch(now);
    }

    /// The clock went back: what was planned by it lies too far ahead.
    pub(super) fn go_back(&mut self, now: DateTime<Utc>) {
        (self.paced, self.history_paced) = (now, now);
        let keys: Vec<Key> = self.entries.keys().map(Key::clone).collect();
        for key in keys {
            if let Some(entry) = self.entries.get_mut(&key) {
                entry.rests_until = None;
            }
            self.replan(&key, now);
        }
        self.review(now);
    }

    /// The least stretch with which what is wanted is no more than there is.
    fn least_stretch(&self, now: DateTime<Utc>) -> f64 {
        let Settings { min_ttl, active_for, .. } = self.settings;
        let kept = self.entries.values().filter(|entry| entry.is_kept_fresh(now, active_for));
        let demands: Vec<Demand> = kept.map(|entry| entry.demand(min_ttl)).collect();
        let wanted = |stretch| -> f64 { demands.iter().map(|demand| demand.rate(stretch)).sum() };
        // Cool-downs pass: they are no reason to stretch.
        let budget = self.settings.rate * self.share;
        if wanted(1.0) <= budget {
            return 1.0;
        }
        let (mut low, mut high) = (1.0, MOST_STRETCH);
        for _ in 0..12 {
            // By the geometric middle: a factor is wanted as exactly when it is small as when it is large.
            let middle = f64::sqrt(low * high);
            if wanted(middle) <= budget { high = middle } else { low = middle }
        }
        high
    }

    /// Forgets a quarter of what is not followed: first what was asked for once, then by age.
    pub(super) fn make_room(&mut self) {
        let others =
            self.entries.iter().filter(|(_, entry)| !entry.is_followed && entry.begun.is_none());
        let mut others: Vec<_> = others
            .map(|(key, entry)| (entry.visits.are_repeated(), entry.visits.last(), Key::clone(key)))
            .collect();
        others.sort_unstable();
        others.truncate(MOST_CHANNELS / 4);
        for (_, _, key) in others {
            self.forget(&key);
        }
    }

    pub(super) fn forget(&mut self, key: &Key) {
        self.enqueue(key, None);
        let Some(entry) = self.entries.remove(key) else { return };
        if entry.history == History::Queued {
            self.histories.retain(|queued| queued != key);
        }
        if entry.is_stored && self.forgotten.len() < MOST_CHANNELS {
            self.forgotten.push(Key::clone(key));
        }
    }
}
