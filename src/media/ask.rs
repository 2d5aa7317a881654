//! What of a file is asked for.

use chrono::{DateTime, Utc};

/// What of a file is asked for; by default all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// A part of it.
    pub range: Option<Range>,
    /// The part is wanted only of the same file as before, else the whole (RFC 9110, section 13.1.5).
    pub if_range: Option<IfRange>,
    /// Only what is said of it, and none of its bytes.
    pub is_head: bool,
}

/// One part of a file, as it is asked for before its length is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// From this byte to the end.
    From(u64),
    /// From the first to the last of these bytes; the last is not before the first.
    Between(u64, u64),
    /// So many bytes at the end.
    Last(u64),
}

/// The file of which a part is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfRange {
    /// By its strong entity tag, quotation marks included. A weak one never matches.
    Tag(String),
    /// By its date, to the second.
    Date(DateTime<Utc>),
}

/// A part that a file has: from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its first byte.
    pub first: u64,
    /// Its last byte.
    pub last: u64,
}

/// No byte of the file is in the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsatisfiable;

impl Range {
    /// The header's value (RFC 9110, section 14.2). `None` for what is to be ignored: another unit, several parts, what is
    /// no range.
    ///
    /// SECURITY: many small or overlapping parts that make an answer larger than its file -> one part, or the whole.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let (unit, set) = header.split_once('=')?;
        let (first, last) = set.split_once('-')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        match (first.trim(), last.trim()) {
            ("", last) => Some(Self::Last(number(last)?)),
            (first, "") => Some(Self::From(number(first)?)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::Between(first, last))
            }
        }
    }

    /// What a file of this length has of it.
    ///
    /// # Errors
    /// [`Unsatisfiable`], to be answered with 416 and the length.
    pub fn within(self, length: u64) -> Result<Part, Unsatisfiable> {
        let end = length.checked_sub(1).ok_or(Unsatisfiable)?;
        let part = match self {
            Self::From(first) => Part { first, last: end },
            Self::Between(first, last) => Part { first, last: last.min(end) },
            Self::Last(0) => return Err(Unsatisfiable),
            Self::Last(count) => Part { first: length.saturating_sub(count), last: end },
        };
        if part.first <= end { Ok(part) } else { Err(Unsatisfiable) }
    }
}

impl Part {
    /// Its bytes; at least 1.
    #[must_use]
    pub fn length(self) -> u64 {
        self.last - self.first + 1
    }
}

impl Ask {
    /// The part that is wanted of this very file; `None`: the whole.
    pub(super) fn range_of(&self, etag: &str, modified: DateTime<Utc>) -> Option<Range> {
        let is_the_same = match &self.if_range {
            None => true,
            Some(IfRange::Tag(tag)) => tag == etag,
            Some(IfRange::Date(date)) => date.timestamp() == modified.timestamp(),
        };
        self.range.filter(|_| is_the_same)
    }
}

/// Digits only; what is too large is as large as can be.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_from_its_header_or_ignored() {
        for (header, expected) in [
            ("bytes=0-", Some(Range::From(0))),
            ("bytes=5-9", Some(Range::Between(5, 9))),
            ("bytes=5-5", Some(Range::Between(5, 5))),
            ("bytes=-3", Some(Range::Last(3))),
            ("bytes=-0", Some(Range::Last(0))),
            ("BYTES = 1 - 2 ", Some(Range::Between(1, 2))),
            ("bytes=99999999999999999999999-", Some(Range::From(u64::MAX))),
            ("bytes=9-5", None),
            ("bytes=1-2,4-5", None),
            ("bytes=0-,0-", None),
            ("bytes=+1-2", None),
            ("bytes=1-2x", None),
            ("bytes=-", None),
            ("bytes=--1", None),
            ("bytes", None),
            ("lines=1-2", None),
            ("", None),
        ] {
            assert_eq!(Range::parse(header), expected, "{header:?}");
        }
    }

    #[test]
    fn a_range_is_cut_to_the_file_or_lies_outside() {
        let part = |first, last| Ok(Part { first, last });
        for (range, length, expected) in [
            (Range::From(0), 10, part(0, 9)),
            (Range::From(9), 10, part(9, 9)),
            (Range::From(10), 10, Err(Unsatisfiable)),
            (Range::Between(2, 4), 10, part(2, 4)),
            (Range::Between(2, u64::MAX), 10, part(2, 9)),
            (Range::Between(10, 20), 10, Err(Unsatisfiable)),
            (Range::Last(3), 10, part(7, 9)),
            (Range::Last(30), 10, part(0, 9)),
            (Range::Last(0), 10, Err(Unsatisfiable)),
            (Range::From(0), 0, Err(Unsatisfiable)),
            (Range::Last(5), 0, Err(Unsatisfiable)),
        ] {
            assert_eq!(range.within(length), expected, "{range:?} of {length}");
        }
        assert_eq!(Part { first: 2, last: 4 }.length(), 3);
    }

    #[test]
    fn a_part_of_another_file_is_not_wanted() {
        let date: DateTime<Utc> = "2026-05-10T12:00:00Z".parse().unwrap();
        let later = date + chrono::TimeDelta::seconds(1);
        for (if_range, expected) in [
            (None, true),
            (Some(IfRange::Tag("\"a\"".to_owned())), true),
            (Some(IfRange::Tag("W/\"a\"".to_owned())), false),
            (Some(IfRange::Tag("\"b\"".to_owned())), false),
            (Some(IfRange::Date(date)), true),
            (Some(IfRange::Date(later)), false),
        ] {
            let ask =
                Ask { range: Some(Range::From(5)), if_range: if_range.clone(), ..Ask::default() };
            let found = ask.range_of("\"a\"", date);
            assert_eq!(found, expected.then_some(Range::From(5)), "{if_range:?}");
        }
    }
}
