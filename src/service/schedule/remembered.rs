//! What the schedule remembers over a restart, as JSON: small, and opaque to whoever keeps it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::entry::{Entry, seconds};
use super::visits::Visits;

/// The most bytes of it that are read back.
const MOST_BYTES: usize = 4096;

/// What is remembered of one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remembered {
    /// When it was asked for, in seconds since 1970.
    #[serde(rename = "v")]
    visits: Vec<u32>,
    /// How surely visits come when they are expected, of 255.
    #[serde(rename = "t")]
    trust: u8,
}

impl Remembered {
    pub(super) fn of(entry: &Entry) -> Self {
        Self { visits: entry.visits.moments().to_vec(), trust: entry.trust }
    }

    /// `None` for what this version does not read.
    pub(super) fn from_json(json: &str) -> Option<Self> {
        if json.len() > MOST_BYTES {
            return None;
        }
        serde_json::from_str(json).ok()
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// When it was asked for last.
    pub(super) fn last(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp((*self.visits.iter().max()?).into(), 0)
    }

    /// Visits since the start are put behind those from before it; what lies ahead of now is not believed.
    pub(super) fn put_into(&self, entry: &mut Entry, now: DateTime<Utc>) {
        let now = seconds(now);
        let before = self.visits.iter().copied().filter(|moment| *moment <= now);
        let since = entry.visits.moments().to_vec();
        let mut all: Vec<u32> = before.chain(since).collect();
        all.sort_unstable();
        entry.visits = Visits::from_moments(all);
        entry.trust = self.trust;
    }
}
