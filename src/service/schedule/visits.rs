//! The visits of a channel, and the prediction of the next one. Pure.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most visits of a channel.
const MAX_VISITS: usize = 20;

/// Visits closer than this, in seconds, are one visit: one refresh serves them all.
const SAME_VISIT: u32 = 2 * 60;

/// The seconds between the first and the last visit that make a channel worth refreshing.
const REPEATED: u32 = 10 * 60;

/// The last intervals, whose median predicts the next visit.
const INTERVALS: usize = 8;

/// The longest JSON of stored visits, in bytes.
const MAX_JSON: usize = 4096;

/// Seconds since 1970, oldest first. The archive stores them as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Visits {
    #[serde(rename = "v")]
    times: Vec<u32>,
}

impl Visits {
    /// `None` for JSON that this version cannot read.
    pub(super) fn from_json(json: &str) -> Option<Self> {
        if json.len() > MAX_JSON {
            return None;
        }
        serde_json::from_str(json).ok()
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns whether this is a separate visit.
    pub(super) fn add(&mut self, now: DateTime<Utc>) -> bool {
        let now = seconds(now);
        // Later visits were recorded before the clock went back.
        self.times.retain(|time| *time <= now);
        if self.times.last().is_some_and(|last| now - last < SAME_VISIT) {
            return false;
        }
        if self.times.len() == MAX_VISITS {
            self.times.remove(0);
        }
        self.times.push(now);
        true
    }

    /// Merges stored visits with those since the start. Visits in the future are dropped.
    pub(super) fn add_stored(&mut self, stored: Self, now: DateTime<Utc>) {
        self.times.extend(stored.times);
        self.times.retain(|time| *time <= seconds(now));
        self.times.sort_unstable();
        self.times.dedup_by(|next, before| *next - *before < SAME_VISIT);
        let surplus = self.times.len().saturating_sub(MAX_VISITS);
        self.times.drain(..surplus);
    }

    pub(super) fn last(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp((*self.times.iter().max()?).into(), 0)
    }

    pub(super) fn are_repeated(&self) -> bool {
        let ends = self.times.first().zip(self.times.last());
        ends.is_some_and(|(first, last)| last - first >= REPEATED)
    }

    /// The median of the last intervals.
    pub(super) fn interval(&self) -> Option<Duration> {
        let times = &self.times[self.times.len().saturating_sub(INTERVALS + 1)..];
        let mut intervals: Vec<u32> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        intervals.sort_unstable();
        let median = intervals.get(intervals.len() / 2)?;
        Some(Duration::from_secs((*median).into()))
    }

    /// The first expected visit from `from` on, at a visit per interval.
    pub(super) fn next(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (last, interval) = (self.last()?, self.interval()?);
        let next = last + interval;
        let late = u32::try_from((from - next).num_seconds().max(0)).ok()?;
        let intervals = late.div_ceil(u32::try_from(interval.as_secs()).ok()?.max(1));
        Some(next + interval * intervals)
    }
}

/// Seconds since 1970, until 2106.
fn seconds(date: DateTime<Utc>) -> u32 {
    u32::try_from(date.timestamp().max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crowd_is_one_visit_and_only_the_last_visits_are_stored() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let mut visits = Visits::default();
        assert!(visits.add(at(1000)));
        assert!((1001..1120).all(|second| !visits.add(at(second))));
        assert!(visits.add(at(1120)));
        for visit in 1..1000 {
            visits.add(at(1120 + visit * 600));
        }
        let interval = Some(Duration::from_secs(600));
        assert_eq!((visits.times.len(), visits.interval()), (MAX_VISITS, interval));
        assert!(visits.add(at(1120 + 999 * 600 - 300)), "the clock went back");
        assert_eq!(visits.times.len(), MAX_VISITS);
        let stored = visits.clone();
        visits.add_stored(stored.clone(), at(1 << 30));
        assert_eq!(visits, stored);
        visits.add_stored(stored, at(1000));
        assert_eq!(visits, Visits::default(), "they are in the future");
    }

    #[test]
    fn json_of_other_versions() {
        let visits = Visits { times: vec![1, 700] };
        assert_eq!(Visits::from_json(&visits.to_json()), Some(visits.clone()));
        // Version 0.1 stored another number beside the visits.
        assert_eq!(Visits::from_json("{\"v\":[1,700],\"t\":192}"), Some(visits));
        for json in ["", "[]", "{\"v\":[-1]}", "{\"t\":0}", &"[".repeat(9999)] {
            assert_eq!(Visits::from_json(json), None, "{json}");
        }
    }
}
