//! When a channel was asked for, and when it will be next. Pure.
//!
//! Who asks is not known and not remembered: several readers of several rhythms are one row of moments. Most readers ask
//! at even distances, so a visit is expected where a row of earlier ones at even distances goes on. A row is told from
//! chance by being three long, and by how even it is.

use std::time::Duration;

/// The visits that are remembered of a channel.
const MOST: usize = 20;

/// Visits that are nearer than this are one: what is fetched for the first is good for all.
const ONE: u32 = 2 * 60;

/// The shortest distance of a row: a channel is asked for again when it is asked for so much later.
const SHORTEST: u32 = 10 * 60;

/// The longest distance of a row: a reader that comes once a day, or on some days.
const LONGEST: u32 = 50 * 60 * 60;

/// The most steps back that a row is followed: more make it no surer.
const MOST_STEPS: u32 = 4;

/// Visits whose distances tell how often a channel is asked for.
const FREQUENCY: usize = 8;

/// The moments at which a channel was asked for: seconds since 1970, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Visits(Vec<u32>);

/// The next visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    /// When, in seconds since 1970.
    pub(super) at: u32,
    /// How much earlier or later it may be, in seconds.
    pub(super) spread: u32,
}

/// How far a row may be from even, and still be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evenness {
    /// A reader that a clock starts.
    Strict,
    /// A reader that comes about so often.
    Loose,
}

impl Evenness {
    /// The seconds by which a visit of a row may be early or late.
    fn tolerance(self, distance: u32) -> u32 {
        match self {
            Self::Strict => (distance / 60).clamp(30, 120),
            Self::Loose => (distance / 6).clamp(60, 15 * 60),
        }
    }
}

impl Visits {
    /// Moments that were remembered; those that are out of order are left out.
    pub(super) fn from_moments(moments: impl IntoIterator<Item = u32>) -> Self {
        let mut visits = Self::default();
        for moment in moments {
            visits.add(moment);
        }
        visits
    }

    /// The moments, oldest first.
    pub(super) fn moments(&self) -> &[u32] {
        &self.0
    }

    /// Somebody asks; tells whether it is a visit of its own.
    pub(super) fn add(&mut self, now: u32) -> bool {
        // After the clock went back, what lies ahead never was.
        self.0.retain(|moment| *moment <= now);
        if self.last().is_some_and(|last| now - last < ONE) {
            return false;
        }
        if self.0.len() == MOST {
            self.0.remove(0);
        }
        self.0.push(now);
        true
    }

    /// The last one.
    pub(super) fn last(&self) -> Option<u32> {
        self.0.last().copied()
    }

    /// Whether the channel was asked for twice, far enough apart for the second not to belong to the first.
    pub(super) fn are_repeated(&self) -> bool {
        self.0.first().zip(self.last()).is_some_and(|(first, last)| last - first >= SHORTEST)
    }

    /// The typical distance of the last visits; `None` until there are four.
    pub(super) fn distance(&self) -> Option<Duration> {
        let last = &self.0[self.0.len().saturating_sub(FREQUENCY)..];
        let mut distances = [0; FREQUENCY];
        for (distance, pair) in distances.iter_mut().zip(last.windows(2)) {
            *distance = pair[1] - pair[0];
        }
        let distances = &mut distances[..last.len().saturating_sub(1)];
        distances.sort_unstable();
        let is_enough = distances.len() >= 3;
        // Rather too long than too short: the third quarter's end.
        let distance = distances.get(distances.len() * 3 / 4).filter(|_| is_enough)?;
        Some(Duration::from_secs(u64::from(*distance)))
    }

    /// The first visit to be expected at `from` or later, if a row that is so even goes on until now.
    pub(super) fn next(&self, evenness: Evenness, from: u32, now: u32) -> Option<Expected> {
        let times = &self.0;
        // What was expected about when the last one came has come.
        let from = from.max(self.last()?.saturating_add(ONE));
        // With two or three visits, two are all the row that there can be.
        let shortest_row = if times.len() <= 3 { 1 } else { 2 };
        let mut next: Option<Expected> = None;
        for end in (1..times.len()).rev() {
            for before in (0..end).rev() {
                let distance = times[end] - times[before];
                if distance > LONGEST {
                    break;
                }
                let tolerance = evenness.tolerance(distance);
                let is_over = now > times[end].saturating_add(distance + tolerance);
                if distance < SHORTEST || is_over {
                    continue;
                }
                let row = Row::back_from(times, end, before, evenness);
                if row.steps < shortest_row {
                    continue;
                }
                let expected = row.expect(times[end], from);
                let is_first =
                    |known: Expected| (expected.at, expected.spread) < (known.at, known.spread);
                if next.is_none_or(is_first) {
                    next = Some(expected);
                }
            }
        }
        next
    }
}

/// Visits at even distances.
struct Row {
    /// From its first visit to its last.
    length: u32,
    steps: u32,
    /// By how much a visit was off its place.
    spread: u32,
}

impl Row {
    /// Follows a row from its last two visits back.
    fn back_from(times: &[u32], end: usize, before: usize, evenness: Evenness) -> Self {
        let distance = times[end] - times[before];
        let tolerance = evenness.tolerance(distance);
        // Three visits that happen to be even do not make a reader so.
        let spread = if evenness == Evenness::Strict { 30 } else { tolerance / 2 };
        let mut row = Self { length: distance, steps: 1, spread };
        let mut place = before;
        while row.steps < MOST_STEPS {
            // The place of the next one is known the better, the longer the row is already.
            let even = row.length / row.steps;
            let Some(wanted) = times[place].checked_sub(even) else { break };
            let near = |at: &usize| times[*at].abs_diff(wanted) <= tolerance;
            let Some(found) = (0..place)
                .rev()
                .take_while(|at| times[*at] + tolerance >= wanted)
                .filter(near)
                .min_by_key(|at| times[*at].abs_diff(wanted))
            else {
                break;
            };
            row.spread = row.spread.max(times[found].abs_diff(wanted));
            row.steps += 1;
            row.length = times[end] - times[found];
            place = found;
        }
        row
    }

    /// Where it goes on, at `from` or later.
    fn expect(&self, end: u32, from: u32) -> Expected {
        let even = self.length / self.steps;
        let steps = from.saturating_sub(end).div_ceil(even).max(1);
        Expected { at: end.saturating_add(even.saturating_mul(steps)), spread: self.spread }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some time in 2026.
    const START: u32 = 1_780_000_000;

    const MINUTE: u32 = 60;
    const HOUR: u32 = 60 * MINUTE;

    fn visits(minutes: &[u32]) -> Visits {
        Visits::from_moments(minutes.iter().map(|minute| START + minute * MINUTE))
    }

    /// The minute of the next visit, seen a minute after the last one.
    fn next(minutes: &[u32], evenness: Evenness) -> Option<u32> {
        let visits = visits(minutes);
        let now = visits.last()? + MINUTE;
        let expected = visits.next(evenness, now, now)?;
        Some((expected.at - START) / MINUTE)
    }

    #[test]
    fn a_visit_is_expected_where_a_row_at_even_distances_goes_on() {
        for (minutes, expected) in [
            (&[0][..], None),
            // Twice, at least ten minutes apart.
            (&[0, 9], None),
            (&[0, 10], Some(20)),
            (&[0, 60], Some(120)),
            (&[0, 60, 120, 180], Some(240)),
            // Two readers that come every hour.
            (&[0, 20, 60, 80, 120, 140], Some(180)),
            // The second of them came twice only: that may be chance.
            (&[0, 20, 60, 80, 120], Some(180)),
            // One every hour, one every half.
            (&[5, 10, 35, 65, 70, 95, 125, 130, 155], Some(185)),
            // One every day, after weeks of nothing.
            (&[0, 30_000, 31_440, 32_880], Some(34_320)),
            // Nobody comes at even distances.
            (&[0, 13, 47, 55, 103, 190], None),
        ] {
            assert_eq!(next(minutes, Evenness::Strict), expected, "{minutes:?}");
        }
    }

    #[test]
    fn who_comes_about_every_hour_is_expected_loosely_and_no_other_way() {
        let minutes = [0, 66, 127, 188, 241, 305];
        assert_eq!(next(&minutes, Evenness::Strict), None);
        let visits = visits(&minutes);
        let now = visits.last().unwrap() + MINUTE;
        let expected = visits.next(Evenness::Loose, now, now).unwrap();
        let minute = (expected.at - START) / MINUTE;
        assert!((355..375).contains(&minute), "{minute}");
        assert!((4 * MINUTE..=15 * MINUTE).contains(&expected.spread), "{expected:?}");
    }

    #[test]
    fn a_row_that_nobody_continues_is_over() {
        let visits = visits(&[0, 60, 120, 180]);
        let last = visits.last().unwrap();
        let next = |now| visits.next(Evenness::Strict, now, now).map(|next| next.at - last);
        assert_eq!(next(last + 59 * MINUTE), Some(HOUR));
        assert_eq!(next(last + HOUR + 30), Some(2 * HOUR), "it may be a little late");
        assert_eq!(next(last + HOUR + 3 * MINUTE), None);
    }

    #[test]
    fn visits_that_come_too_soon_are_passed_over() {
        let visits = visits(&[0, 15, 30, 45]);
        let now = visits.last().unwrap() + MINUTE;
        let next = |from| visits.next(Evenness::Strict, from, now).unwrap().at - now;
        assert_eq!(next(now), 14 * MINUTE);
        assert_eq!(next(now + 20 * MINUTE), 29 * MINUTE);
        assert_eq!(next(now + 50 * MINUTE), 59 * MINUTE);
    }

    #[test]
    fn a_visit_that_has_just_come_is_not_expected_any_more() {
        let visits = visits(&[0, 60, 120, 180]);
        let last = visits.last().unwrap();
        let next = visits.next(Evenness::Strict, last, last).unwrap();
        assert_eq!(next.at - last, HOUR);
    }

    #[test]
    fn a_crowd_is_one_visit_and_only_the_last_ones_are_kept() {
        let mut visits = Visits::default();
        assert!(visits.add(START));
        for second in 1..120 {
            assert!(!visits.add(START + second));
        }
        assert!(visits.add(START + 120));
        for minute in 1..1000 {
            visits.add(START + minute * 10 * MINUTE);
        }
        assert_eq!(visits.moments().len(), MOST);
        assert_eq!(visits.distance(), Some(Duration::from_secs(600)));
    }

    #[test]
    fn a_clock_that_goes_back_takes_what_lay_ahead_with_it() {
        let mut visits = visits(&[0, 60, 120]);
        assert!(visits.add(START + 30 * MINUTE));
        assert_eq!(visits.moments(), [START, START + 30 * MINUTE]);
    }
}
