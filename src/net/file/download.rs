//! A file as it arrives, within bounds of size and time; and the headers of ranges (RFC 9110, section 14).

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, LAST_MODIFIED};
use http::{HeaderValue, StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};

use super::error::FileError;

#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    /// For a permit, and for the head of a response.
    pub(super) head: Duration,
    /// For the next bytes.
    pub(super) idle: Duration,
    /// For all bytes, beyond the time that they take at the lowest rate.
    pub(super) grace: Duration,
    /// Bytes a second.
    pub(super) min_rate: u64,
}

impl Timeouts {
    pub(super) fn new(head: Duration) -> Self {
        Self { head, idle: head, grace: Duration::from_secs(30), min_rate: 16 * 1024 }
    }
}

/// A file as it arrives, or a span of it. Nothing is read ahead; dropping it ends the request.
#[derive(Debug)]
pub struct Download {
    /// The length of the whole file, if it was announced.
    pub length: Option<u64>,
    /// The first byte that arrives: 0, or that of the requested span.
    pub first: u64,
    /// The `Content-Type`, in lower case, without parameters.
    pub media_type: Option<String>,
    /// `Last-Modified`.
    pub modified: Option<DateTime<Utc>>,
    /// For requests of spans of the same file.
    pub validator: Option<Validator>,
    response: reqwest::Response,
    timeouts: Timeouts,
    /// The most bytes that are read.
    limit: u64,
    received: u64,
    /// The time spent waiting for the server, not for the consumer of the bytes.
    waited: Duration,
    _permit: OwnedSemaphorePermit,
}

/// A strong entity tag of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator(HeaderValue);

impl Validator {
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    fn of(headers: &HeaderMap) -> Option<Self> {
        let tag = headers.get(ETAG).filter(|tag| tag.as_bytes().starts_with(b"\""));
        tag.cloned().map(Self)
    }
}

impl Download {
    pub(super) fn new(
        response: reqwest::Response,
        requested: Option<&Span>,
        limit: u64,
        permit: OwnedSemaphorePermit,
        timeouts: Timeouts,
    ) -> Result<Self, FileError> {
        let announced = response.content_length();
        let (mut length, mut first) = (announced, 0);
        if response.status() == StatusCode::PARTIAL_CONTENT {
            let range = content_range(response.headers()).ok_or(FileError::WrongRange)?;
            let is_requested =
                requested.is_some_and(|span| span.first == range.first && range.last <= span.last);
            if !is_requested || announced.is_some_and(|it| it != range.last - range.first + 1) {
                return Err(FileError::WrongRange);
            }
            (length, first) = (Some(range.length), range.first);
        }
        if announced.is_some_and(|announced| announced > limit) {
            return Err(FileError::TooLarge { length });
        }
        let headers = response.headers();
        Ok(Self {
            length,
            first,
            media_type: media_type(headers),
            modified: modified(headers),
            validator: Validator::of(headers),
            response,
            timeouts,
            limit,
            received: 0,
            waited: Duration::ZERO,
            _permit: permit,
        })
    }

    /// The next bytes; `None` at the end, which is never before the announced one. After an error nothing follows.
    ///
    /// SECURITY: endless bodies, or so slow that they do not end -> a limit of bytes, a longest wait for the next ones, and a
    /// longest wait for all of them, which grows with those received.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, FileError> {
        let earned = Duration::from_secs_f64(self.received as f64 / self.timeouts.min_rate as f64);
        let left = (self.timeouts.grace + earned).saturating_sub(self.waited);
        let began = Instant::now();
        let chunk = timeout(self.timeouts.idle.min(left), self.response.chunk()).await;
        self.waited += began.elapsed();
        let chunk = chunk.map_err(|_| FileError::Slow)?;
        // The connection is there: whatever ends it, it is not a proxy that makes none.
        let chunk = chunk.map_err(|error| FileError::from_reqwest(&error, false))?;
        let Some(chunk) = chunk else { return Ok(None) };
        self.received += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        if self.received > self.limit {
            return Err(FileError::TooLarge { length: self.length });
        }
        Ok(Some(chunk))
    }
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    (!essence.is_empty()).then_some(essence)
}

fn modified(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let text = headers.get(LAST_MODIFIED)?.to_str().ok()?;
    httpdate::parse_http_date(text.trim()).ok().map(DateTime::from)
}

/// The bytes of a file that are requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// If given, only of the file with this tag.
    pub validator: Option<Validator>,
}

impl Span {
    pub(super) fn header(&self) -> HeaderValue {
        // Digits and a hyphen.
        HeaderValue::try_from(format!("bytes={}-{}", self.first, self.last))
            .unwrap_or(HeaderValue::from_static("bytes=0-"))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ContentRange {
    first: u64,
    last: u64,
    length: u64,
}

/// `Content-Range`; `None` if it contradicts itself or does not tell the whole length.
fn content_range(headers: &HeaderMap) -> Option<ContentRange> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, length) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, length) = (first.parse().ok()?, last.parse().ok()?, length.parse().ok()?);
    (first <= last && last < length).then_some(ContentRange { first, last, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_range_is_read_or_refused() {
        let range = |first, last, length| Some(ContentRange { first, last, length });
        for (value, expected) in [
            ("bytes 0-4/10", range(0, 4, 10)),
            ("bytes 9-9/10", range(9, 9, 10)),
            ("bytes 0-10/10", None),
            ("bytes 5-4/10", None),
            ("bytes 0-4/*", None),
            ("bytes */10", None),
            ("0-4/10", None),
            ("bytes 0-4", None),
        ] {
            let headers = [(CONTENT_RANGE, HeaderValue::from_static(value))].into_iter().collect();
            assert_eq!(content_range(&headers), expected, "{value}");
        }
    }
}
