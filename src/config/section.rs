//! Sections that belong to no module below: plain values.

use crate::web::TimeZone;

/// `[pages]`: how pages for people look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// The zone in which times are shown.
    pub time_zone: TimeZone,
}

impl Default for Pages {
    fn default() -> Self {
        Self { time_zone: TimeZone::UTC }
    }
}
