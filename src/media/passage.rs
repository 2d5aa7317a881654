//! Files that pass through without being kept: parts that have not arrived yet, and all when nothing can be kept.

use bytes::Bytes;
use tokio::sync::Mutex;

use super::arrival::{Begun, Origin};
use super::body::Broken;
use super::error::Error;
use crate::net::{Download, FileClient, Span};

/// A file that was found, and is not kept: the first to come takes what is open already, the others ask for themselves.
pub(super) struct Passage {
    pub(super) origin: Origin,
    open: Mutex<Option<(Bytes, Download)>>,
}

impl Passage {
    pub(super) fn new(begun: Begun) -> Self {
        let Begun { origin, start, rest } = begun;
        Self { origin, open: Mutex::new(Some((start, rest))) }
    }

    /// The whole file from its beginning.
    pub(super) async fn whole(
        &self,
        files: &FileClient,
        limit: u64,
    ) -> Result<(Bytes, Download), Error> {
        if let Some(open) = self.open.lock().await.take() {
            return Ok(open);
        }
        let download = files.fetch(&self.origin.url, None, limit).await?;
        if download.length != self.origin.head.length {
            return Err(Error::Unfit);
        }
        Ok((Bytes::new(), download))
    }
}

/// The bytes from `first` to `last` of a file whose length is known.
pub(super) async fn span(
    files: &FileClient,
    origin: &Origin,
    first: u64,
    last: u64,
) -> Result<Download, Broken> {
    let span = Span { first, last: Some(last), validator: origin.validator.clone() };
    let download = files.fetch(&origin.url, Some(&span), last - first + 1).await;
    let is_the_same =
        |download: &Download| download.first == first && download.length == origin.head.length;
    download.ok().filter(is_the_same).ok_or(Broken)
}
