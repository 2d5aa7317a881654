//! The time zone of pages.
//!
//! The tz database is built in, because small containers do not have it.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZone(Tz);

/// A local time, in minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Local {
    pub(super) date: NaiveDate,
    /// `14:05`.
    pub(super) clock: String,
    /// The abbreviation in use at that time: `CET`, `+0545`.
    pub(super) zone: String,
}

impl TimeZone {
    pub const UTC: Self = Self(Tz::UTC);

    /// The zone of this name (`Europe/Berlin`), ignoring ASCII case.
    pub fn of_name(name: &str) -> Option<Self> {
        TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name)).copied().map(Self)
    }

    pub fn names() -> impl Iterator<Item = &'static str> {
        TZ_VARIANTS.iter().map(|zone| zone.name())
    }

    /// The name in the tz database.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The local time in this zone.
    pub(super) fn local(self, time: DateTime<Utc>) -> Local {
        let local = time.with_timezone(&self.0);
        Local {
            date: local.date_naive(),
            clock: local.format("%H:%M").to_string(),
            zone: local.format("%Z").to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_shown_in_local_time_of_zone() {
        for (zone, time, shown) in [
            ("UTC", "2026-03-07T13:05:59Z", "7 Mar 2026, 13:05 UTC"),
            ("Europe/Berlin", "2026-03-07T13:05:00Z", "7 Mar 2026, 14:05 CET"),
            // The hour that is skipped, and the one that occurs twice.
            ("Europe/Berlin", "2026-03-29T00:59:59Z", "29 Mar 2026, 01:59 CET"),
            ("Europe/Berlin", "2026-03-29T01:00:00Z", "29 Mar 2026, 03:00 CEST"),
            ("Europe/Berlin", "2026-10-25T00:30:00Z", "25 Oct 2026, 02:30 CEST"),
            ("Europe/Berlin", "2026-10-25T01:30:00Z", "25 Oct 2026, 02:30 CET"),
            // Rules apply beyond the database's list of transitions.
            ("Europe/Berlin", "2060-07-01T12:00:00Z", "1 Jul 2060, 14:00 CEST"),
            ("Asia/Kathmandu", "2026-12-31T20:00:00Z", "1 Jan 2027, 01:45 +0545"),
            ("America/New_York", "2026-01-01T03:00:00Z", "31 Dec 2025, 22:00 EST"),
            // Another offset in the past, and no summer time since 2014.
            ("Europe/Moscow", "2013-07-01T12:00:00Z", "1 Jul 2013, 16:00 MSK"),
            ("Europe/Moscow", "2026-07-01T12:00:00Z", "1 Jul 2026, 15:00 MSK"),
        ] {
            let time = time.parse().unwrap();
            let Local { date, clock, zone: name } = TimeZone::of_name(zone).unwrap().local(time);
            let actual = format!("{}, {clock} {name}", date.format("%-d %b %Y"));
            assert_eq!(actual, shown, "{zone}");
        }
    }

    #[test]
    fn time_zone_name_is_case_insensitive() {
        assert_eq!(TimeZone::of_name("europe/kyiv").unwrap().name(), "Europe/Kyiv");
        assert_eq!(TimeZone::of_name("Europe/Kiev").unwrap().name(), "Europe/Kiev");
        assert_eq!(TimeZone::of_name("UTC").unwrap().name(), TimeZone::UTC.name());
        for unknown in ["Europe/Berln", "", "../etc/passwd"] {
            assert_eq!(TimeZone::of_name(unknown), None, "{unknown}");
        }
        assert!(
            TimeZone::names().count() > 500 && TimeZone::names().any(|name| name == "Asia/Tokyo")
        );
    }
}
