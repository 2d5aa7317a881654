//! One file download, limited in size and time, and the headers of range requests (RFC 9110, section 14).

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, LAST_MODIFIED};
use http::{HeaderValue, StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};

use crate::net::guard::NotPublic;
use crate::net::{Cause, response};

/// Errors of file requests. Their messages contain no URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The host of the URL or of a redirect is not listed, or there are too many redirects.
    #[error("the host is not listed in upstream.media_hosts")]
    ForbiddenHost,
    #[error("the host has no public address")]
    NotPublic,
    /// Status 403, 404 or 410.
    #[error("the URL has expired ({0})")]
    Gone(u16),
    /// Another status than 200 or 206.
    #[error("the response has status {0}")]
    Status(u16),
    #[error("{0}")]
    Network(Cause),
    #[error("the response takes too long")]
    Slow,
    #[error("the file is too large")]
    TooLarge {
        /// Of the whole file, if announced.
        length: Option<u64>,
    },
    #[error("the response is compressed")]
    Compressed,
    #[error("the response has another range than requested")]
    WrongRange,
    #[error("too many file requests are active")]
    Busy,
}

impl FileError {
    pub(super) fn from_reqwest(error: &reqwest::Error, proxied: bool) -> Self {
        let mut source = error.source();
        while let Some(cause) = source {
            if cause.is::<NotPublic>() {
                return Self::NotPublic;
            }
            source = cause.source();
        }
        Self::Network(Cause::find(error, proxied))
    }
}

/// The largest file, equal to Telegram's own limit.
const MAX_SIZE: u64 = 4 * 1024 * 1024 * 1024;

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Of a response, in bytes.
    pub(super) size: u64,
    /// For a permit, and for the response headers.
    pub(super) head: Duration,
    /// For the next bytes.
    pub(super) idle: Duration,
    /// For the whole body, on top of its time at the lowest rate.
    pub(super) grace: Duration,
    /// Bytes a second.
    pub(super) min_rate: u64,
}

impl Limits {
    pub(super) fn new(head: Duration) -> Self {
        Self {
            size: MAX_SIZE,
            head,
            idle: head,
            grace: Duration::from_secs(30),
            min_rate: 16 * 1024,
        }
    }
}

/// A file, or a range of it, as it arrives. Nothing is read ahead. Dropping it ends the request.
#[derive(Debug)]
pub struct Download {
    /// Of the whole file, if announced.
    pub length: Option<u64>,
    /// The offset of the first byte: 0, or that of the requested range.
    pub first: u64,
    /// The `Content-Type`, in lower case, without parameters.
    pub media_type: Option<String>,
    pub modified: Option<DateTime<Utc>>,
    /// For requests of other ranges of the same file.
    pub validator: Option<Validator>,
    response: reqwest::Response,
    limits: Limits,
    received: u64,
    /// The time spent waiting for the server, not for the client.
    waited: Duration,
    _permit: OwnedSemaphorePermit,
}

/// A strong `ETag`.
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
        requested: Option<&ByteRange>,
        permit: OwnedSemaphorePermit,
        limits: Limits,
    ) -> Result<Self, FileError> {
        let announced = response.content_length();
        let (mut length, mut first) = (announced, 0);
        if response.status() == StatusCode::PARTIAL_CONTENT {
            let range = content_range(response.headers()).ok_or(FileError::WrongRange)?;
            let is_requested = requested
                .is_some_and(|wanted| wanted.first == range.first && range.last <= wanted.last);
            if !is_requested || announced.is_some_and(|it| it != range.last - range.first + 1) {
                return Err(FileError::WrongRange);
            }
            (length, first) = (Some(range.length), range.first);
        }
        if announced.is_some_and(|announced| announced > limits.size) {
            return Err(FileError::TooLarge { length });
        }
        let headers = response.headers();
        Ok(Self {
            length,
            first,
            media_type: media_type(headers),
            modified: response::date(headers, LAST_MODIFIED),
            validator: Validator::of(headers),
            response,
            limits,
            received: 0,
            waited: Duration::ZERO,
            _permit: permit,
        })
    }

    /// The next bytes; `None` at the end. A body shorter than announced is an error.
    ///
    /// SECURITY: endless or very slow bodies -> a byte limit, a time-out for the next bytes, and one for the whole
    /// body, which grows with the bytes received.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, FileError> {
        let earned = Duration::from_secs_f64(self.received as f64 / self.limits.min_rate as f64);
        let left = (self.limits.grace + earned).saturating_sub(self.waited);
        let began = Instant::now();
        let chunk = timeout(self.limits.idle.min(left), self.response.chunk()).await;
        self.waited += began.elapsed();
        let chunk = chunk.map_err(|_| FileError::Slow)?;
        // The connection exists, so the proxy is not the cause.
        let chunk = chunk.map_err(|error| FileError::from_reqwest(&error, false))?;
        let Some(chunk) = chunk else { return Ok(None) };
        self.received += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        if self.received > self.limits.size {
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

/// A requested byte range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteRange {
    pub first: u64,
    /// Inclusive.
    pub last: u64,
    /// Of the file with this `ETag` only.
    pub validator: Option<Validator>,
}

impl ByteRange {
    pub(super) fn header(&self) -> HeaderValue {
        // Cannot fail: digits and a hyphen.
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

/// `Content-Range`; `None` if it is inconsistent or lacks the whole length.
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
    fn content_range_is_parsed_or_rejected() {
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
