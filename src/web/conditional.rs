//! Conditional requests (RFC 9110, section 13).

use chrono::{DateTime, Utc};
use http::header::{
    IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};
use http::{HeaderMap, HeaderName};

/// How far a client's date may be in the future, in seconds: its clock may be fast, or in the wrong time zone. Later
/// dates are ignored.
const CLOCK_DIFFERENCE: i64 = 24 * 60 * 60;

/// Parses a date in any of the three formats of HTTP.
pub(super) fn parse_date(text: &str) -> Option<DateTime<Utc>> {
    httpdate::parse_http_date(text).ok().map(DateTime::from)
}

/// Whether the precondition fails. `If-Match` takes precedence over `If-Unmodified-Since`, which needs a last-modified
/// date.
pub(super) fn precondition_fails(
    headers: &HeaderMap,
    etag: &str,
    last_modified: Option<DateTime<Utc>>,
) -> bool {
    if headers.contains_key(IF_MATCH) {
        let comparison = match headers.contains_key(RANGE) {
            true => Comparison::Bytes,
            false => Comparison::Strong,
        };
        return !names(headers, &IF_MATCH, etag, comparison);
    }
    let since = headers.get(IF_UNMODIFIED_SINCE).and_then(|value| value.to_str().ok());
    let since = since.and_then(parse_date);
    since
        .zip(last_modified)
        .is_some_and(|(since, modified)| modified.timestamp() > since.timestamp())
}

/// Whether the client's copy is current. `If-None-Match` takes precedence over `If-Modified-Since`, which needs a
/// last-modified date.
pub(super) fn is_not_modified(
    headers: &HeaderMap,
    etag: &str,
    last_modified: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        return names(headers, &IF_NONE_MATCH, etag, Comparison::Weak);
    }
    let since = headers.get(IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    let (Some(since), Some(last_modified)) = (since.and_then(parse_date), last_modified) else {
        return false;
    };
    let since = since.timestamp();
    since <= now.timestamp() + CLOCK_DIFFERENCE && last_modified.timestamp() <= since
}

/// Whether a range may be served (section 13.1.5): `If-Range` is missing, or has the strong tag or the date of the
/// file.
pub(super) fn if_range_matches(
    headers: &HeaderMap,
    etag: &str,
    last_modified: Option<DateTime<Utc>>,
) -> bool {
    let Some(value) = headers.get(IF_RANGE) else { return true };
    let text = value.to_str().unwrap_or_default().trim();
    match parse_date(text) {
        Some(date) => last_modified.is_some_and(|it| it.timestamp() == date.timestamp()),
        None => text == etag,
    }
}

/// How tags are compared (section 8.8.3.2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Weak,
    Strong,
    /// Strong, for a range that continues the client's copy. A copy that a proxy compressed has different bytes.
    Bytes,
}

/// Whether one of the header's lists contains the tag. The header may occur several times.
fn names(headers: &HeaderMap, header: &HeaderName, etag: &str, comparison: Comparison) -> bool {
    let lists = headers.get_all(header).into_iter().filter_map(|list| list.to_str().ok());
    lists.into_iter().any(|list| matches(list, etag, comparison))
}

/// Whether a list contains the tag; `*` matches all. An invalid list matches nothing.
fn matches(list: &str, etag: &str, comparison: Comparison) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let opaque = etag.strip_prefix("W/").unwrap_or(etag);
    let mut rest = list.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let tag = rest.strip_prefix("W/").unwrap_or(rest);
        let Some(end) = tag.strip_prefix('"').and_then(|inner| inner.find('"')) else {
            return false;
        };
        let (member, after) = tag.split_at(end + 2);
        let is_strong = tag.len() == rest.len() && opaque.len() == etag.len();
        let is_same = member == opaque
            || comparison != Comparison::Bytes && is_compressed_by_proxy(member, opaque);
        if is_same && (is_strong || comparison == Comparison::Weak) {
            return true;
        }
        rest = after.trim_start_matches([' ', '\t', ',']);
    }
    false
}

/// Whether a client's tag is the response's tag with a suffix from a proxy that compressed it, as Apache, Caddy and
/// lighttpd do. The client may now request an encoding that feedline applies itself; the content is the same.
fn is_compressed_by_proxy(member: &str, ours: &str) -> bool {
    const CODINGS: [(&str, &str); 4] =
        [("-gzip\"", "-gz\""), ("-br\"", "-brotli\""), ("-zstd\"", "\""), ("-deflate\"", "\"")];
    CODINGS.iter().any(|(theirs, own)| {
        let Some(stem) = member.strip_suffix(theirs) else { return false };
        ours.strip_prefix(stem).is_some_and(|rest| rest == "\"" || rest == *own)
    })
}

/// Formats a date as IMF-fixdate (section 5.6.7). Dates before 1970 or after 9999 are clamped.
pub(super) fn http_date(date: DateTime<Utc>) -> String {
    const LAST: i64 = 253_402_300_799;
    let date = DateTime::from_timestamp(date.timestamp().clamp(0, LAST), 0).unwrap_or_default();
    httpdate::fmt_http_date(date.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "\"abc-gz\"";

    fn answer(headers: &[(HeaderName, &str)]) -> bool {
        let headers =
            headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        let date = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let last_modified = Some(date("2026-05-10T12:00:00.7Z"));
        is_not_modified(&headers, TAG, last_modified, date("2026-06-01T00:00:00Z"))
    }

    /// Conformance: 7.2
    #[test]
    fn if_none_match_compares_etag_lists_weakly() {
        for (value, expected) in [
            ("\"abc-gz\"", true),
            ("W/\"abc-gz\"", true),
            ("\"x\", \"abc-gz\"", true),
            ("\"a,b\" , W/\"abc-gz\"", true),
            (",, \"abc-gz\"", true),
            ("*", true),
            (" * ", true),
            ("\"abc\"", false),
            ("abc-gz", false),
            ("\"abc-gz", false),
            ("", false),
            ("garbage \"abc-gz\"", false),
            ("\"*\"", false),
        ] {
            assert_eq!(answer(&[(IF_NONE_MATCH, value)]), expected, "{value}");
        }
    }

    #[test]
    fn etag_with_encoding_suffix_of_proxy_matches() {
        for (list, ours, expected) in [
            ("\"abc-gzip\"", "\"abc\"", true),
            ("\"abc-br\"", "\"abc\"", true),
            ("\"abc-zstd\"", "\"abc\"", true),
            ("\"abc-deflate\"", "\"abc\"", true),
            ("W/\"abc-gzip\"", "\"abc\"", true),
            ("W/\"abc-br\"", "\"abc\"", true),
            ("\"x\", \"y-gzip\", \"abc-gzip\"", "\"abc\"", true),
            ("\"abc-gzip\", \"x\"", "W/\"abc\"", true),
            ("\"abc-gzip\"", "\"abc-gz\"", true),
            ("\"abc-br\"", "\"abc-brotli\"", true),
            ("\"abc-gz-gzip\"", "\"abc-gz\"", true),
            ("\"abc-gzip\"", "\"abc-brotli\"", false),
            ("\"abc-br\"", "\"abc-gz\"", false),
            ("\"abcd-gzip\"", "\"abc\"", false),
            ("\"ab-gzip\"", "\"abc\"", false),
            ("\"-gzip\"", "\"abc\"", false),
            ("\"abc-gz\"", "\"abc\"", false),
            ("\"abc-brotli\"", "\"abc\"", false),
            ("\"abc-GZIP\"", "\"abc\"", false),
            ("\"abc-\"", "\"abc\"", false),
            ("abc-gzip", "\"abc\"", false),
        ] {
            assert_eq!(matches(list, ours, Comparison::Weak), expected, "{list} against {ours}");
        }
    }

    #[test]
    fn precondition_fails_for_part_of_another_file() {
        let date = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let modified = Some(date("2026-05-10T12:00:00.7Z"));
        for (headers, etag, modified, expected) in [
            (vec![], TAG, modified, false),
            (vec![(IF_MATCH, TAG)], TAG, modified, false),
            (vec![(IF_MATCH, "*")], TAG, modified, false),
            (vec![(IF_MATCH, "\"x\", \"abc-gz\"")], TAG, modified, false),
            (vec![(IF_MATCH, "\"x\"")], TAG, modified, true),
            (vec![(IF_MATCH, "W/\"abc-gz\"")], TAG, modified, true),
            (vec![(IF_MATCH, TAG)], "W/\"abc-gz\"", modified, true),
            (vec![(IF_MATCH, "")], TAG, modified, true),
            (vec![(IF_MATCH, "\"abc-gzip\"")], TAG, modified, false),
            (vec![(IF_MATCH, "W/\"abc-gzip\"")], TAG, modified, true),
            (vec![(IF_MATCH, "\"abc-gzip\""), (RANGE, "bytes=5-")], TAG, modified, true),
            (vec![(IF_MATCH, TAG), (RANGE, "bytes=5-")], TAG, modified, false),
            (vec![(IF_UNMODIFIED_SINCE, "Sun, 10 May 2026 12:00:00 GMT")], TAG, modified, false),
            (vec![(IF_UNMODIFIED_SINCE, "Sun, 10 May 2026 11:59:59 GMT")], TAG, modified, true),
            (vec![(IF_UNMODIFIED_SINCE, "Sun, 10 May 2026 11:59:59 GMT")], TAG, None, false),
            (vec![(IF_UNMODIFIED_SINCE, "yesterday")], TAG, modified, false),
            (
                vec![(IF_MATCH, TAG), (IF_UNMODIFIED_SINCE, "Sun, 10 May 2026 11:59:59 GMT")],
                TAG,
                modified,
                false,
            ),
        ] {
            let map = headers
                .iter()
                .map(|(name, value)| (name.clone(), value.parse().unwrap()))
                .collect();
            assert_eq!(precondition_fails(&map, etag, modified), expected, "{headers:?}");
        }
    }

    #[test]
    fn if_range_matches_same_file_only() {
        let modified = Some("2026-05-10T12:00:00.7Z".parse::<DateTime<Utc>>().unwrap());
        for (value, modified, expected) in [
            (TAG, modified, true),
            (" \"abc-gz\" ", modified, true),
            ("W/\"abc-gz\"", modified, false),
            ("\"x\"", modified, false),
            ("nonsense", modified, false),
            ("Sun, 10 May 2026 12:00:00 GMT", modified, true),
            ("Sun, 10 May 2026 12:00:01 GMT", modified, false),
            ("Sun, 10 May 2026 12:00:00 GMT", None, false),
        ] {
            let headers = [(IF_RANGE, value.parse().unwrap())].into_iter().collect();
            assert_eq!(if_range_matches(&headers, TAG, modified), expected, "{value}");
        }
        assert!(if_range_matches(&HeaderMap::new(), TAG, modified));
    }

    /// Conformance: 7.2
    #[test]
    fn if_modified_since_is_ignored_beside_if_none_match() {
        for (value, expected) in [
            ("Sun, 10 May 2026 12:00:00 GMT", true),
            ("Sun, 10 May 2026 11:59:59 GMT", false),
            ("Sunday, 10-May-26 12:00:00 GMT", true),
            ("Sun May 10 12:00:01 2026", true),
            ("Sun, 10 May 2099 12:00:00 GMT", false),
            ("yesterday", false),
            ("", false),
        ] {
            assert_eq!(answer(&[(IF_MODIFIED_SINCE, value)]), expected, "{value}");
        }
        let both =
            [(IF_NONE_MATCH, "\"other\""), (IF_MODIFIED_SINCE, "Sun, 10 May 2026 12:00:00 GMT")];
        assert!(!answer(&both), "If-Modified-Since must be ignored beside If-None-Match");
    }

    #[test]
    fn http_date_is_formatted_and_clamped() {
        let date = "2026-05-03T08:09:07Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(http_date(date), "Sun, 03 May 2026 08:09:07 GMT");
        assert_eq!(http_date(DateTime::<Utc>::MAX_UTC), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(http_date(DateTime::<Utc>::MIN_UTC), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
