//! One response, limited in size.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::header::{DATE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName};
use url::Url;

use super::OutboundId;

/// A response with any status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// The target of a redirect, http or https only. It is not followed.
    pub location: Option<Url>,
    /// `Retry-After` (RFC 9110, section 10.2.3).
    pub retry_after: Option<Duration>,
    /// The server's clock.
    pub date: Option<DateTime<Utc>>,
    /// The decompressed body; invalid UTF-8 is U+FFFD.
    pub text: String,
    /// False if bytes are missing, the last chunk is missing or the compression is broken. `text` has what arrived.
    pub whole: bool,
    pub url: Url,
    pub outbound: OutboundId,
    /// From the start of the request to the last byte, without the queue.
    pub elapsed: Duration,
}

/// Reads a body, and whether it is whole; `None` if it exceeds `limit` bytes.
///
/// SECURITY: a decompression bomb -> the limit counts decompressed bytes, and nothing is read past it.
pub(super) async fn read(response: &mut reqwest::Response, limit: u64) -> Option<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let length = u64::try_from(bytes.len() + chunk.len()).unwrap_or(u64::MAX);
                if length > limit {
                    return None;
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(None) => return Some((bytes, true)),
            Err(_) => return Some((bytes, false)),
        }
    }
}

pub(super) fn decode(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

pub(super) fn location(headers: &HeaderMap, url: &Url) -> Option<Url> {
    let text = headers.get(LOCATION)?.to_str().ok()?;
    url.join(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// In seconds, or as a date relative to the server's clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = header_text(headers, RETRY_AFTER)?;
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let until: DateTime<Utc> = httpdate::parse_http_date(value).ok()?.into();
    Some((until - date(headers, DATE)?).to_std().unwrap_or_default())
}

pub(super) fn date(headers: &HeaderMap, name: HeaderName) -> Option<DateTime<Utc>> {
    httpdate::parse_http_date(header_text(headers, name)?).ok().map(DateTime::from)
}

fn header_text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(http::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn retry_after_is_parsed_as_seconds_or_date() {
        let now = "Tue, 01 Sep 2026 10:00:00 GMT";
        for (value, seconds) in [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("0", Some(0)),
            ("99999999999999999999999", Some(u64::from(u32::MAX))),
            ("Tue, 01 Sep 2026 10:01:30 GMT", Some(90)),
            ("Tue, 01 Sep 2026 09:00:00 GMT", Some(0)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            let headers = headers(&[(RETRY_AFTER, value), (DATE, now)]);
            assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs), "{value:?}");
        }
        let dateless = headers(&[(RETRY_AFTER, "Tue, 01 Sep 2026 10:01:30 GMT")]);
        assert_eq!(retry_after(&dateless), None, "a date without the server's clock");
    }

    #[test]
    fn date_header_is_parsed() {
        let expected = "2026-09-01T10:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let found = headers(&[(DATE, "Tue, 01 Sep 2026 10:00:00 GMT")]);
        assert_eq!(date(&found, DATE), Some(expected));
        assert_eq!(date(&headers(&[(DATE, "ten o'clock")]), DATE), None);
        assert_eq!(date(&headers(&[]), DATE), None);
    }

    #[test]
    fn location_is_resolved_against_request_url() {
        let base = Url::parse("https://t.me/s/example?before=3").unwrap();
        for (value, expected) in [
            ("https://t.me/example", Some("https://t.me/example")),
            ("/example", Some("https://t.me/example")),
            ("//telegram.me/example", Some("https://telegram.me/example")),
            ("tg://resolve?domain=example", None),
            ("javascript:alert(1)", None),
        ] {
            let found = location(&headers(&[(LOCATION, value)]), &base);
            assert_eq!(found.as_ref().map(Url::as_str), expected, "{value}");
        }
    }

    #[test]
    fn invalid_utf_8_is_replaced() {
        for (bytes, text) in [
            (&b"\xd0\xaf"[..], "Я"),
            (b"a\xffb", "a\u{fffd}b"),
            (b"cut \xd0", "cut \u{fffd}"),
            (b"", ""),
        ] {
            assert_eq!(decode(bytes.to_vec()), text, "{bytes:?}");
        }
    }
}
