//! How long files are, as far as they have been here.
//!
//! Whoever fetches files tells (the media proxy, which stands above); whoever writes feeds asks: an enclosure wants its
//! length.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::{File, FileKey};
use crate::model::{Channel, Media};

/// The lengths that are remembered: those of files which were not asked for longest are forgotten.
const MOST: usize = 50_000;

/// The lengths of files. Cheap to clone, and shared by its clones.
#[derive(Clone)]
pub struct Lengths(Arc<Cache<FileKey, u64>>);

impl Lengths {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Cache::new(MOST)))
    }

    /// A file is so long.
    pub fn learn(&self, key: FileKey, length: u64) {
        self.0.insert(key, length);
    }

    /// The length of a message's file in bytes, if it has been here.
    #[must_use]
    pub fn of(&self, channel: &Channel, media: &Media) -> Option<u64> {
        let file = File::Media(media.message, media.kind.extension());
        self.0.get(&FileKey::new(channel.numeric_id, &channel.name, file))
    }
}
