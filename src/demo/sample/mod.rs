//! The sample channels: a small world to read in, in which every kind of message and of name occurs.

use super::world::World;
use chrono::{DateTime, Utc};

impl World {
    /// All samples, as they stand at `now`.
    #[must_use]
    pub fn sample(now: DateTime<Utc>) -> Self {
        Self::empty(now)
    }
}
