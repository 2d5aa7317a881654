//! One answer, read within bounds.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::{DATE, LOCATION, RETRY_AFTER};
use url::Url;

use super::OutboundId;

/// An answer of whatever status, its body decoded and bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Where a redirect leads; only addresses with http or https. Nothing follows it by itself.
    pub location: Option<Url>,
    /// How long the server asks us to stay away (RFC 9110 section 10.2.3).
    pub retry_after: Option<Duration>,
    /// What the server's clock says, to the second.
    pub date: Option<DateTime<Utc>>,
    /// The body, unpacked; what is no UTF-8 is U+FFFD.
    pub text: String,
    /// Whether all that was announced came: not so with fewer bytes than announced, a chunked body
    /// without its end, or broken compression. What came before is in `text`.
    pub whole: bool,
    /// The address that was asked.
    pub url: Url,
    /// The outbound address that it was asked through.
    pub outbound: OutboundId,
    /// From the start of the request to the last byte, without the time in the queue.
    pub elapsed: Duration,
}

/// What was read of a body.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    pub(super) whole: bool,
}

/// The body is larger than what is read.
pub(super) struct TooLarge;

/// Reads a body up to `limit` bytes.
///
/// SECURITY: a small compressed body that unpacks to gigabytes -> the limit counts unpacked bytes, and
/// nothing is read past it.
pub(super) async fn read(response: &mut reqwest::Response, limit: u64) -> Result<Body, TooLarge> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let length = u64::try_from(bytes.len() + chunk.len()).unwrap_or(u64::MAX);
                if length > limit {
                    return Err(TooLarge);
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(None) => return Ok(Body { bytes, whole: true }),
            Err(_) => return Ok(Body { bytes, whole: false }),
        }
    }
}

/// The text of a body. All that Telegram's hosts say is UTF-8: what is not is somebody else's, a proxy's page of errors, and
/// its structure shows that.
pub(super) fn decode(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Where a redirect leads, relative to the address that was asked.
pub(super) fn location(headers: &HeaderMap, url: &Url) -> Option<Url> {
    let text = headers.get(LOCATION)?.to_str().ok()?;
    url.join(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// Seconds, or a date, which is read against the server's own clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let value = text(RETRY_AFTER)?;
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = httpdate::parse_http_date(text(DATE)?).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

/// What the server's clock says.
pub(super) fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let text = headers.get(DATE)?.to_str().ok()?;
    httpdate::parse_http_date(text.trim()).ok().map(DateTime::from)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(http::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_pause_is_read_in_seconds_and_as_a_date() {
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
    fn the_servers_clock_is_read() {
        let expected = "2026-09-01T10:00:00Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(date(&headers(&[(DATE, "Tue, 01 Sep 2026 10:00:00 GMT")])), Some(expected));
        assert_eq!(date(&headers(&[(DATE, "ten o'clock")])), None);
        assert_eq!(date(&headers(&[])), None);
    }

    #[test]
    fn a_redirect_is_read_relative_to_what_was_asked() {
        let asked = Url::parse("https://t.me/s/example?before=3").unwrap();
        for (value, expected) in [
            ("https://t.me/example", Some("https://t.me/example")),
            ("/example", Some("https://t.me/example")),
            ("//telegram.me/example", Some("https://telegram.me/example")),
            ("tg://resolve?domain=example", None),
            ("javascript:alert(1)", None),
        ] {
            let found = location(&headers(&[(LOCATION, value)]), &asked);
            assert_eq!(found.as_ref().map(Url::as_str), expected, "{value}");
        }
    }

    #[test]
    fn what_is_no_utf_8_is_marked_and_the_rest_is_kept() {
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
