//! Files that pass through from Telegram's CDN. Each request goes there with its range, and is read with back-pressure
//! from the client.

use std::hash::{BuildHasher as _, RandomState};
use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::cache::Entry;
use super::error::Error;
use super::limit::Permit;
use super::range::length_of;
use super::sniff::Expected;
use crate::net::{ByteRange, Download, FileClient, Validator};

/// The number of first bytes that determine type and fingerprint.
const START: usize = 16 * 1024;

/// The bytes of a file, or of a range of it. It ends without an error only if all announced bytes arrived.
pub type Body = BoxStream<'static, Result<Bytes, Truncated>>;

/// The file is truncated. The connection must not end as if the file were complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file breaks off")]
pub struct Truncated;

#[derive(Debug)]
pub struct PassThrough {
    pub(super) identity: Option<u64>,
    pub(super) fingerprint: u128,
    /// In bytes; `None` if the CDN does not announce it.
    pub(super) length: Option<u64>,
    pub(super) media_type: &'static str,
    modified: DateTime<Utc>,
    url: Url,
    validator: Option<Validator>,
    /// The response that identified the file, for the first reader from the beginning.
    open: Mutex<Option<Open>>,
}

/// The first bytes of a file, and the rest of the response.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) start: Bytes,
    pub(super) rest: Download,
}

impl PassThrough {
    /// Reads the first bytes of a download, and detects the type.
    ///
    /// The fingerprint covers the length and the first bytes, so it is known before the file is complete, and it does
    /// not depend on the time or source of the download. A file without a length gets a new one each time, because it
    /// must not match a truncated file, or another one with the same beginning.
    pub(super) async fn identify(
        mut rest: Download,
        url: Url,
        expected: Expected,
        identity: Option<u64>,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let mut start = BytesMut::new();
        while start.len() < START {
            match rest.chunk().await? {
                Some(chunk) => start.extend_from_slice(&chunk),
                None => break,
            }
        }
        let length = rest.length;
        let Some(media_type) = expected.media_type(rest.media_type.as_deref(), &start) else {
            tracing::warn!(
                file.host = url.host_str(),
                file.content_type = rest.media_type,
                file.length = length,
                "Telegram gives something else under the name of a file"
            );
            return Err(Error::Unfit);
        };
        // A date in the future is wrong.
        let modified = rest.modified.filter(|modified| *modified <= now).unwrap_or(now);
        Ok(Self {
            identity,
            fingerprint: fingerprint(length, &start, now),
            length,
            media_type,
            modified,
            url,
            validator: rest.validator.clone(),
            open: Mutex::new(Some(Open { start: start.freeze(), rest })),
        })
    }

    /// The metadata for the cache; `None` without a length, because a truncated file cannot be detected.
    pub(super) fn entry(&self) -> Option<Entry> {
        Some(Entry {
            identity: self.identity,
            fingerprint: self.fingerprint,
            length: self.length?,
            modified: self.modified.timestamp(),
            media_type: self.media_type,
        })
    }

    /// The response that identified the file. Returns it once.
    pub(super) fn take_open(&self) -> Option<Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The bytes of the file, or of a range of it.
    pub(super) async fn read(
        &self,
        files: &FileClient,
        range: Option<RangeInclusive<u64>>,
        permit: Permit,
    ) -> Result<Body, Error> {
        let first = range.as_ref().map_or(0, |range| *range.start());
        let open = if first == 0 { self.take_open() } else { None };
        let Open { start, rest } = match open {
            Some(open) => open,
            None => Open { start: Bytes::new(), rest: self.request(files, range.as_ref()).await? },
        };
        let left = range.as_ref().map(length_of).or(self.length);
        let reader = Reader { next: start, rest, left, _permit: permit };
        let body = stream::try_unfold(reader, |mut reader| async move {
            let chunk = reader.next().await?;
            Ok(chunk.map(|chunk| (chunk, reader)))
        });
        Ok(body.boxed())
    }

    async fn request(
        &self,
        files: &FileClient,
        range: Option<&RangeInclusive<u64>>,
    ) -> Result<Download, Error> {
        let range = range.map(|range| ByteRange {
            first: *range.start(),
            last: *range.end(),
            validator: self.validator.clone(),
        });
        let first = range.as_ref().map_or(0, |range| range.first);
        let download = files.fetch(&self.url, range.as_ref()).await?;
        if download.first != first || download.length != self.length {
            return Err(Error::Unfit);
        }
        Ok(download)
    }
}

fn fingerprint(length: Option<u64>, start: &[u8], now: DateTime<Utc>) -> u128 {
    let mut digest = Sha256::new();
    match length {
        Some(length) => digest.update(length.to_string()),
        None => digest.update(RandomState::new().hash_one(now).to_be_bytes()),
    }
    digest.update(b"\0");
    digest.update(start.get(..START).unwrap_or(start));
    let mut fingerprint = [0; 16];
    fingerprint.copy_from_slice(&digest.finalize()[..16]);
    u128::from_be_bytes(fingerprint)
}

/// The remaining bytes for one client.
struct Reader {
    /// Received bytes that are not passed on yet.
    next: Bytes,
    rest: Download,
    /// The number of missing bytes; `None` without a length.
    left: Option<u64>,
    _permit: Permit,
}

impl Reader {
    async fn next(&mut self) -> Result<Option<Bytes>, Truncated> {
        if self.left == Some(0) {
            return Ok(None);
        }
        let mut chunk = std::mem::take(&mut self.next);
        if chunk.is_empty() {
            match self.rest.chunk().await {
                Ok(Some(next)) => chunk = next,
                Ok(None) if self.left.is_none() => return Ok(None),
                Ok(None) | Err(_) => return Err(Truncated),
            }
        }
        if let Some(left) = &mut self.left {
            // Bytes beyond the range are not passed on.
            chunk.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= chunk.len() as u64;
        }
        Ok(Some(chunk))
    }
}
