//! A span of a file's bytes, in the headers of requests and answers (RFC 9110, section 14).

use http::HeaderValue;
use http::header::{CONTENT_RANGE, HeaderMap};

use super::Validator;

/// The bytes of a file that are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub first: u64,
    /// The last; `None`: to the end.
    pub last: Option<u64>,
    /// Of this very file, else of none.
    pub validator: Option<Validator>,
}

impl Span {
    pub(super) fn header(&self) -> HeaderValue {
        let last = self.last.map(|last| last.to_string()).unwrap_or_default();
        // Digits and a hyphen.
        HeaderValue::try_from(format!("bytes={}-{last}", self.first))
            .unwrap_or(HeaderValue::from_static("bytes=0-"))
    }
}

/// What part of a file came: the first and last byte, and the file's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Came {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) length: u64,
}

/// The header of an answer with a part; `None` when it contradicts itself or does not tell the whole length.
pub(super) fn came(headers: &HeaderMap) -> Option<Came> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (part, length) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = part.split_once('-')?;
    let came =
        Came { first: first.parse().ok()?, last: last.parse().ok()?, length: length.parse().ok()? };
    (came.first <= came.last && came.last < came.length).then_some(came)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_read_or_nothing_is() {
        for (value, expected) in [
            ("bytes 0-4/10", Some(Came { first: 0, last: 4, length: 10 })),
            ("bytes 9-9/10", Some(Came { first: 9, last: 9, length: 10 })),
            ("bytes 0-10/10", None),
            ("bytes 5-4/10", None),
            ("bytes 0-4/*", None),
            ("bytes */10", None),
            ("0-4/10", None),
            ("bytes 0-4", None),
        ] {
            let headers = [(CONTENT_RANGE, HeaderValue::from_static(value))].into_iter().collect();
            assert_eq!(came(&headers), expected, "{value}");
        }
        assert_eq!(Span { first: 5, last: None, validator: None }.header(), "bytes=5-");
        assert_eq!(Span { first: 5, last: Some(9), validator: None }.header(), "bytes=5-9");
    }
}
