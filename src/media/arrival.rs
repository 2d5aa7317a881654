//! A file that arrives: fetched once, written to the disk, read by as many as want it, each at their own pace.
//!
//! The fetch goes as fast as Telegram's servers give, whatever its readers do: who reads slowly reads from the disk, later.
//! Nobody who leaves ends it.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::cache::{Cache, Entry, Temporary};
use super::error::Error;
use super::form::Form;
use crate::net::{Download, FileClient, FileError, Span, Validator};
use crate::service::FileKey;

/// The first bytes, by which files are told apart.
const START: usize = 16 * 1024;

/// How often a fetch that breaks off is taken up where it broke off.
const MOST_RESUMES: u32 = 2;

/// What is known of a file as soon as its first bytes are there.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) identity: Option<u64>,
    pub(super) fingerprint: u128,
    pub(super) length: Option<u64>,
    pub(super) modified: DateTime<Utc>,
    pub(super) media_type: &'static str,
}

/// A file, and where it is had from.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) head: Head,
    pub(super) url: Url,
    pub(super) validator: Option<Validator>,
}

/// The first bytes of a file, and the rest as it comes.
pub(super) struct Begun {
    pub(super) origin: Origin,
    pub(super) start: Bytes,
    pub(super) rest: Download,
}

/// A file that arrives.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) origin: Arc<Origin>,
    pub(super) file: Arc<std::fs::File>,
    pub(super) progress: watch::Receiver<Progress>,
}

/// How far a file has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    /// The bytes that are on the disk.
    pub(super) came: u64,
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// More will come.
    Coming,
    /// That is all.
    Whole,
    /// No more will come.
    Broken,
    /// The disk takes no more: the rest is to be had from where it comes from.
    Unwritten,
}

/// The entity tag that belongs to a fingerprint.
pub(super) fn etag(fingerprint: u128) -> String {
    format!("\"{fingerprint:032x}\"")
}

/// Reads the first bytes of a download, and tells by them what it is.
///
/// The fingerprint is made of the file's length and its first bytes, so it is there before the file is, and the same whenever
/// and from wherever the same file is fetched again. What comes without a length has another one each time: files that begin
/// alike, and one that is cut short, must not be taken for each other.
pub(super) async fn begin(
    mut download: Download,
    url: Url,
    form: Form,
    identity: Option<u64>,
    now: DateTime<Utc>,
) -> Result<Begun, Error> {
    let mut start = BytesMut::new();
    while start.len() < START {
        match download.chunk().await? {
            Some(chunk) => start.extend_from_slice(&chunk),
            None => break,
        }
    }
    let media_type = form.media_type(download.media_type.as_deref(), &start);
    let Some(media_type) = media_type else {
        tracing::warn!(
            file.host = url.host_str(),
            file.told = download.media_type,
            file.length = download.length,
            "Telegram gives something else under the name of a file"
        );
        return Err(Error::Unfit);
    };
    let mut digest = Sha256::new();
    match download.length {
        Some(length) => digest.update(length.to_string()),
        None => digest.update(RandomState::new().hash_one(now).to_be_bytes()),
    }
    digest.update(b"\0");
    digest.update(start.get(..START).unwrap_or(&start));
    let mut fingerprint = [0; 16];
    fingerprint.copy_from_slice(&digest.finalize()[..16]);
    let head = Head {
        identity,
        fingerprint: u128::from_be_bytes(fingerprint),
        length: download.length,
        // Nobody is told of a date to come.
        modified: whole_second(
            download.modified.filter(|modified| *modified <= now).unwrap_or(now),
        ),
        media_type,
    };
    let origin = Origin { head, url, validator: download.validator.clone() };
    Ok(Begun { origin, start: start.freeze(), rest: download })
}

/// Dates go out in whole seconds, and are written so.
fn whole_second(date: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(date.timestamp(), 0).unwrap_or_default()
}

/// What an arrival needs of the house.
pub(super) struct Ground<'a> {
    pub(super) cache: &'a Cache,
    pub(super) files: &'a FileClient,
    /// A stop has begun: what nobody reads is not wanted any more.
    pub(super) stop: &'a CancellationToken,
}

/// Lets a file arrive to its end, and keeps it when it is whole. Tells of each step.
///
/// # Errors
/// Why it broke off.
pub(super) async fn receive(
    ground: &Ground<'_>,
    key: FileKey,
    (origin, start, mut rest): (Arc<Origin>, Bytes, Download),
    temporary: Temporary,
    progress: &watch::Sender<Progress>,
) -> Result<(), FileError> {
    let mut came = 0;
    let mut next = Some(start);
    let mut resumes = 0;
    let outcome = loop {
        if let Some(chunk) = next.take() {
            let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            if ground.cache.write(&temporary, came, chunk).await.is_err() {
                progress.send_modify(|progress| progress.state = State::Unwritten);
                return Ok(());
            }
            came += length;
            // The last bytes are told when the file is kept: who has read it all finds it there.
            if origin.head.length == Some(came) {
                break Ok(());
            }
            progress.send_modify(|progress| progress.came = came);
        }
        // One receiver is the arrival's own.
        if ground.stop.is_cancelled() && progress.receiver_count() <= 1 {
            break Err(FileError::Slow);
        }
        match rest.chunk().await {
            Ok(Some(chunk)) => next = Some(chunk),
            Ok(None) => break Ok(()),
            Err(error) => match resume(ground, &origin, came, &error, &mut resumes).await {
                Some(download) => rest = download,
                None => break Err(error),
            },
        }
    };
    // A length that nobody announced: whether it is whole nobody can tell, so it is passed on, and not kept.
    let is_whole = outcome.is_ok() && origin.head.length.is_none_or(|length| length == came);
    if is_whole && origin.head.length.is_some() {
        ground.cache.keep(key, entry(&origin.head, came), temporary).await;
    }
    let state = if is_whole { State::Whole } else { State::Broken };
    progress.send_replace(Progress { came, state });
    outcome
}

/// Takes a fetch up where it broke off, if the server gives the rest of the very same file.
async fn resume(
    ground: &Ground<'_>,
    origin: &Origin,
    came: u64,
    error: &FileError,
    resumes: &mut u32,
) -> Option<Download> {
    let length = origin.head.length.filter(|length| came < *length)?;
    if !matches!(error, FileError::Network(_)) || *resumes >= MOST_RESUMES {
        return None;
    }
    *resumes += 1;
    let span = Span { first: came, last: None, validator: origin.validator.clone() };
    let rest = ground.files.fetch(&origin.url, Some(&span), length - came).await.ok()?;
    (rest.first == came && rest.length == Some(length)).then_some(rest)
}

fn entry(head: &Head, length: u64) -> Entry {
    Entry {
        identity: head.identity,
        fingerprint: head.fingerprint,
        length,
        modified: head.modified.timestamp(),
        media_type: head.media_type,
    }
}

impl Head {
    /// Of a kept file.
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            identity: entry.identity,
            fingerprint: entry.fingerprint,
            length: Some(entry.length),
            modified: DateTime::from_timestamp(entry.modified, 0).unwrap_or_default(),
            media_type: entry.media_type,
        }
    }
}
