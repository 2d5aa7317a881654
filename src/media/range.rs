//! Byte range requests (RFC 9110, section 14).

use std::ops::RangeInclusive;

use super::error::Error;

/// A single range, parsed before the file's length is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeRequest {
    /// From this offset to the end.
    From(u64),
    /// First and last offset, inclusive; the last is not before the first.
    Between(u64, u64),
    /// This many bytes at the end.
    Last(u64),
}

impl RangeRequest {
    /// Parses a `Range` header. Returns `None` for headers to ignore: other units, several ranges, invalid syntax.
    ///
    /// SECURITY: many small or overlapping ranges make a response larger than its file -> one range, or the whole file.
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

    /// The range within a file of this length.
    ///
    /// # Errors
    /// [`Error::Unsatisfiable`] if no byte of the file is in the range.
    pub fn within(self, length: u64) -> Result<RangeInclusive<u64>, Error> {
        let unsatisfiable = Error::Unsatisfiable { length };
        let Some(end) = length.checked_sub(1) else { return Err(unsatisfiable) };
        let (first, last) = match self {
            Self::From(first) => (first, end),
            Self::Between(first, last) => (first, last.min(end)),
            Self::Last(0) => return Err(unsatisfiable),
            Self::Last(count) => (length.saturating_sub(count), end),
        };
        if first <= end { Ok(first..=last) } else { Err(unsatisfiable) }
    }
}

/// The length of a non-empty range, in bytes.
pub(super) fn length_of(range: &RangeInclusive<u64>) -> u64 {
    range.end() - range.start() + 1
}

/// Parses digits only. A number that overflows is the maximum.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Conformance: 7.12
    #[test]
    fn range_header_is_parsed_or_ignored() {
        for (header, expected) in [
            ("bytes=0-", Some(RangeRequest::From(0))),
            ("bytes=5-9", Some(RangeRequest::Between(5, 9))),
            ("bytes=5-5", Some(RangeRequest::Between(5, 5))),
            ("bytes=-3", Some(RangeRequest::Last(3))),
            ("bytes=-0", Some(RangeRequest::Last(0))),
            ("BYTES = 1 - 2 ", Some(RangeRequest::Between(1, 2))),
            ("bytes=99999999999999999999999-", Some(RangeRequest::From(u64::MAX))),
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
            assert_eq!(RangeRequest::parse(header), expected, "{header:?}");
        }
    }

    #[test]
    fn range_is_clamped_to_file_or_unsatisfiable() {
        for (range, length, expected) in [
            (RangeRequest::From(0), 10, Some(0..=9)),
            (RangeRequest::From(9), 10, Some(9..=9)),
            (RangeRequest::From(10), 10, None),
            (RangeRequest::Between(2, 4), 10, Some(2..=4)),
            (RangeRequest::Between(2, u64::MAX), 10, Some(2..=9)),
            (RangeRequest::Between(10, 20), 10, None),
            (RangeRequest::Last(3), 10, Some(7..=9)),
            (RangeRequest::Last(30), 10, Some(0..=9)),
            (RangeRequest::Last(0), 10, None),
            (RangeRequest::From(0), 0, None),
            (RangeRequest::Last(5), 0, None),
        ] {
            let expected = expected.ok_or(Error::Unsatisfiable { length });
            assert_eq!(range.within(length), expected, "{range:?} of {length}");
        }
    }
}
