//! A file as it comes, within bounds of size and time.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{CONTENT_TYPE, ETAG, HeaderMap, LAST_MODIFIED};
use http::{HeaderValue, StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};

use super::{FileError, Patience, Span, span};

/// A file as it comes, or a span of it. Nothing is read before it is asked for; dropping it ends the request.
#[derive(Debug)]
pub struct Download {
    /// The length of the whole file, if it was announced.
    pub length: Option<u64>,
    /// The first byte that comes: 0, or that of the span that was asked for.
    pub first: u64,
    /// What the server says that it is: `image/jpeg`, in lower case, without parameters.
    pub media_type: Option<String>,
    /// When the server says that it was last changed.
    pub modified: Option<DateTime<Utc>>,
    /// By what the server will know the same file again.
    pub validator: Option<Validator>,
    answer: reqwest::Response,
    patience: Patience,
    /// The bytes that are read at most.
    limit: u64,
    came: u64,
    /// The time that was spent waiting for the server, not for whoever takes the bytes.
    waited: Duration,
    _place: OwnedSemaphorePermit,
}

/// A strong entity tag of a file at its server.
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
        answer: reqwest::Response,
        asked: Option<&Span>,
        limit: u64,
        place: OwnedSemaphorePermit,
        patience: Patience,
    ) -> Result<Self, FileError> {
        let announced = answer.content_length();
        let (mut length, mut first) = (announced, 0);
        if answer.status() == StatusCode::PARTIAL_CONTENT {
            let came = span::came(answer.headers()).ok_or(FileError::OtherPart)?;
            let is_asked = asked.is_some_and(|asked| {
                asked.first == came.first && asked.last.is_none_or(|last| came.last <= last)
            });
            if !is_asked || announced.is_some_and(|length| length != came.last - came.first + 1) {
                return Err(FileError::OtherPart);
            }
            (length, first) = (Some(came.length), came.first);
        }
        if announced.is_some_and(|announced| announced > limit) {
            return Err(FileError::TooLarge { length });
        }
        let headers = answer.headers();
        Ok(Self {
            length,
            first,
            media_type: media_type(headers),
            modified: modified(headers),
            validator: Validator::of(headers),
            answer,
            patience,
            limit,
            came: 0,
            waited: Duration::ZERO,
            _place: place,
        })
    }

    /// The next bytes; `None` at the end, which is never before what was announced.
    ///
    /// SECURITY: bodies without end, or so slow that they have none -> a limit of bytes, a longest wait for the next ones,
    /// and a longest wait for all of them that grows with what came.
    ///
    /// # Errors
    /// [`FileError::Network`], [`FileError::Slow`], [`FileError::TooLarge`]; nothing comes after one.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, FileError> {
        let earned = Duration::from_secs_f64(self.came as f64 / self.patience.least_rate as f64);
        let left = (self.patience.grace + earned).saturating_sub(self.waited);
        let began = Instant::now();
        let chunk = timeout(self.patience.idle.min(left), self.answer.chunk()).await;
        self.waited += began.elapsed();
        let chunk = chunk.map_err(|_| FileError::Slow)?;
        // The connection is there: whatever ends it, it is not a proxy that makes none.
        let chunk = chunk.map_err(|error| FileError::from_reqwest(&error, false))?;
        let Some(chunk) = chunk else { return Ok(None) };
        self.came += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        if self.came > self.limit {
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
