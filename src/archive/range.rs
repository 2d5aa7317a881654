//! Covered ranges: joined when they overlap or touch, shortened when posts are deleted.
//!
//! Pure. A channel's ranges are disjoint, do not touch, and are sorted newest first.

use super::value::Range;
use crate::model::MessageId;

/// The maximum number of ranges of a channel. The lowest are dropped, and their messages are fetched again if
/// requested.
const MOST: usize = 500;

/// The union of two lists. Overlapping or touching ranges become one, with the latest time of fetching.
pub fn join(known: &[Range], more: &[Range]) -> Vec<Range> {
    let mut all: Vec<Range> =
        known.iter().chain(more).filter(|range| range.low <= range.high).copied().collect();
    all.sort_unstable_by_key(|range| std::cmp::Reverse((range.high, range.low)));
    let mut joined: Vec<Range> = Vec::with_capacity(all.len());
    for range in all {
        match joined.last_mut() {
            Some(above) if range.high.next() >= above.low => {
                above.low = above.low.min(range.low);
                above.fetched = above.fetched.max(range.fetched);
            }
            _ => joined.push(range),
        }
    }
    joined.truncate(MOST);
    joined
}

/// Removes the messages from `low` to `high`, the oldest of a range, with everything below them in that range.
pub(super) fn drop_through(ranges: &mut Vec<Range>, low: MessageId, high: MessageId) {
    let is_hit = |range: &Range| range.low <= high && range.high >= low;
    ranges.retain(|range| !is_hit(range) || range.high > high);
    for range in ranges.iter_mut().filter(|range| is_hit(range)) {
        range.low = high.next();
    }
}

pub(super) fn covering(ranges: &[Range], message: MessageId) -> Option<Range> {
    ranges.iter().find(|range| (range.low..=range.high).contains(&message)).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn id(id: u32) -> MessageId {
        MessageId::new(id).unwrap()
    }

    fn range(low: u32, high: u32, minute: i64) -> Range {
        let fetched = DateTime::from_timestamp(minute * 60, 0).unwrap();
        Range { low: id(low), high: id(high), fetched }
    }

    #[test]
    fn overlapping_or_adjacent_ranges_are_joined() {
        let last = MessageId::MAX;
        for (known, more, joined) in [
            (vec![], vec![range(5, 9, 1)], vec![range(5, 9, 1)]),
            (vec![range(5, 9, 1)], vec![range(8, 12, 2)], vec![range(5, 12, 2)]),
            (vec![range(5, 9, 1)], vec![range(10, 12, 2)], vec![range(5, 12, 2)]),
            (vec![range(5, 9, 2)], vec![range(11, 12, 1)], vec![range(11, 12, 1), range(5, 9, 2)]),
            (vec![range(20, 30, 3), range(5, 9, 1)], vec![range(8, 22, 2)], vec![range(5, 30, 3)]),
            (vec![range(1, last, 1)], vec![range(7, 7, 2)], vec![range(1, last, 2)]),
            (vec![range(5, 9, 1)], vec![range(9, 5, 2)], vec![range(5, 9, 1)]),
        ] {
            assert_eq!(join(&known, &more), joined, "{known:?} and {more:?}");
        }
    }

    #[test]
    fn number_of_ranges_is_bounded_dropping_lowest() {
        let many: Vec<Range> = (1..=600).map(|at| range(at * 10, at * 10, 0)).collect();
        let joined = join(&many, &[]);
        assert_eq!(joined.len(), MOST);
        assert_eq!(joined[0], range(6000, 6000, 0));
    }

    #[test]
    fn dropping_oldest_posts_cuts_only_their_range() {
        let known = vec![range(50, 60, 1), range(20, 30, 1), range(5, 9, 1)];
        for (low, high, left) in [
            (20, 20, vec![range(50, 60, 1), range(21, 30, 1), range(5, 9, 1)]),
            (24, 26, vec![range(50, 60, 1), range(27, 30, 1), range(5, 9, 1)]),
            (28, 31, vec![range(50, 60, 1), range(5, 9, 1)]),
            (60, 60, vec![range(20, 30, 1), range(5, 9, 1)]),
            (10, 12, known.clone()),
        ] {
            let mut ranges = known.clone();
            drop_through(&mut ranges, id(low), id(high));
            assert_eq!(ranges, left, "{low} to {high}");
        }
        let mut all = vec![range(1, MessageId::MAX, 1)];
        drop_through(&mut all, id(MessageId::MAX), id(MessageId::MAX));
        assert_eq!(all, []);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn joined_ranges_cover_exactly_their_parts(
            parts in prop::collection::vec((1..60_u32, 0..8_u32), 0..12), cut in 0..12_usize,
        ) {
            let parts: Vec<Range> =
                parts.into_iter().map(|(low, more)| range(low, low + more, 0)).collect();
            let (known, more) = parts.split_at(cut.min(parts.len()));
            let joined = join(&join(known, &[]), more);
            let covers = |ranges: &[Range]| -> BTreeSet<u32> {
                ranges.iter().flat_map(|range| range.low.get()..=range.high.get()).collect()
            };
            prop_assert_eq!(covers(&joined), covers(&parts));
            for pair in joined.windows(2) {
                prop_assert!(pair[1].high.next() < pair[0].low, "{:?}", joined);
            }
        }
    }
}
