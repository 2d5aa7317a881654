//! The bytes of a file, as a stream.
//!
//! *Invariant*: a stream holds one piece at a time, and reads nothing before it is asked for; it ends well only when all bytes
//! that were promised are through.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::{self, BoxStream};
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::arrival::{Arrival, Progress, State};
use super::passage;
use super::places::Place;
use crate::net::{Download, FileClient};

/// The largest piece.
pub(super) const PIECE: usize = 64 * 1024;

/// The bytes of a file, or of a part of it, in pieces of at most 64 KiB. Nothing is read before it is asked for.
pub struct Body(BoxStream<'static, Result<Bytes, Broken>>);

/// The file breaks off: what was sent is not whole, and the connection must not look as if it were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file breaks off")]
pub struct Broken;

impl Body {
    /// Nothing.
    pub(super) fn empty() -> Self {
        Self(Box::pin(stream::empty()))
    }

    /// From `first` to before `end` of a kept file.
    pub(super) fn kept(file: Arc<File>, first: u64, end: u64) -> Self {
        Self(Box::pin(stream::try_unfold((file, first), move |(file, at)| async move {
            if at >= end {
                return Ok(None);
            }
            let piece = read(&file, at, end).await?;
            let next = at + length_of(&piece);
            Ok(Some((piece, (file, next))))
        })))
    }

    /// From `first` on, to before `end` or to where it ends, of a file that arrives.
    pub(super) fn arriving(
        arrival: Arc<Arrival>,
        files: FileClient,
        first: u64,
        end: Option<u64>,
    ) -> Self {
        let progress = arrival.progress.clone();
        let reading = Reading { arrival, files, progress, at: first, end, rest: None };
        Self(Box::pin(stream::try_unfold(reading, |mut reading| async move {
            let piece = reading.next().await?;
            Ok(piece.map(|piece| (piece, reading)))
        })))
    }

    /// What was read of a download, and the rest of it; `left`: the bytes that it has to have.
    pub(super) fn passing(
        start: Bytes,
        download: Download,
        left: Option<u64>,
        place: Place,
    ) -> Self {
        let passing = Passing { piece: start, download, left, _place: place };
        Self(Box::pin(stream::try_unfold(passing, |mut passing| async move {
            let piece = passing.next().await?;
            Ok(piece.map(|piece| (piece, passing)))
        })))
    }
}

impl Stream for Body {
    type Item = Result<Bytes, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Body")
    }
}

/// One who reads a file that arrives.
struct Reading {
    arrival: Arc<Arrival>,
    files: FileClient,
    progress: watch::Receiver<Progress>,
    at: u64,
    end: Option<u64>,
    /// The rest, straight from where it comes from, when the disk took no more.
    rest: Option<Passing<()>>,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        if let Some(rest) = &mut self.rest {
            return rest.next().await;
        }
        loop {
            if self.end.is_some_and(|end| self.at >= end) {
                return Ok(None);
            }
            let Progress { came, state } = *self.progress.borrow_and_update();
            if self.at < came {
                let end = self.end.map_or(came, |end| end.min(came));
                let piece = read(&self.arrival.file, self.at, end).await?;
                self.at += length_of(&piece);
                return Ok(Some(piece));
            }
            match state {
                State::Coming => self.progress.changed().await.map_err(|_| Broken)?,
                // What has no announced end ends here.
                State::Whole if self.end.is_none() => return Ok(None),
                State::Whole | State::Broken => return Err(Broken),
                State::Unwritten => return self.pass_over().await,
            }
        }
    }

    /// Goes on without the disk.
    async fn pass_over(&mut self) -> Result<Option<Bytes>, Broken> {
        let origin = &self.arrival.origin;
        let end = self.end.ok_or(Broken)?;
        let download = passage::span(&self.files, origin, self.at, end - 1).await?;
        let left = Some(end - self.at);
        let rest = Passing { piece: Bytes::new(), download, left, _place: () };
        self.rest.insert(rest).next().await
    }
}

/// One who gets a file straight from where it comes from.
struct Passing<P> {
    /// What is there and was not passed on.
    piece: Bytes,
    download: Download,
    left: Option<u64>,
    _place: P,
}

impl<P> Passing<P> {
    async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        while self.piece.is_empty() {
            if self.left == Some(0) {
                return Ok(None);
            }
            match self.download.chunk().await {
                Ok(Some(chunk)) => self.piece = chunk,
                Ok(None) if self.left.is_none() => return Ok(None),
                Ok(None) | Err(_) => return Err(Broken),
            }
        }
        let longest = self.left.map_or(PIECE, |left| usize::try_from(left).unwrap_or(PIECE));
        let piece = self.piece.split_to(self.piece.len().min(PIECE).min(longest));
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(length_of(&piece));
        }
        // More came than was announced: the end is the end.
        if self.left == Some(0) {
            self.piece.clear();
        }
        Ok(Some(piece))
    }
}

/// The next piece of a file, which has at least one byte before `end`.
async fn read(file: &Arc<File>, at: u64, end: u64) -> Result<Bytes, Broken> {
    let length = usize::try_from(end - at).unwrap_or(PIECE).min(PIECE);
    let mut piece = vec![0; length];
    if let Some(read) = read_at_once(file, &mut piece, at) {
        piece.truncate(read);
        return Ok(Bytes::from(piece));
    }
    let file = Arc::clone(file);
    let read = spawn_blocking(move || {
        file.read_exact_at(&mut piece, at)?;
        Ok::<_, io::Error>(Bytes::from(piece))
    });
    read.await.map_err(|_| Broken)?.map_err(|_| Broken)
}

/// Reads what the system has in memory, and never waits for a disk; `None`: nothing of it is there. A file that is asked for
/// often would else change threads for every piece.
#[cfg(target_os = "linux")]
fn read_at_once(file: &File, piece: &mut [u8], at: u64) -> Option<usize> {
    use rustix::io::{ReadWriteFlags, preadv2};
    let read = preadv2(file, &mut [io::IoSliceMut::new(piece)], at, ReadWriteFlags::NOWAIT);
    read.ok().filter(|read| *read > 0)
}

#[cfg(not(target_os = "linux"))]
fn read_at_once(_: &File, _: &mut [u8], _: u64) -> Option<usize> {
    None
}

fn length_of(piece: &Bytes) -> u64 {
    u64::try_from(piece.len()).unwrap_or(u64::MAX)
}
