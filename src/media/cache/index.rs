//! Which files are kept, and which of them goes first. Pure.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::Entry;
use crate::service::FileKey;

/// A file takes whole blocks of the disk; and memory, by which even empty ones are bounded.
const BLOCK: u64 = 4096;

/// The longest that a file counts.
const LONGEST: u64 = 1 << 48;

/// The kept files, in the order of their use.
#[derive(Debug, Default)]
pub(super) struct Index {
    files: HashMap<FileKey, Slot>,
    /// By the number of their last use; the first one goes first.
    order: BTreeMap<u64, FileKey>,
    uses: u64,
    /// The bytes of all.
    size: u64,
}

/// A kept file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) entry: Entry,
    /// When it was last known to be what Telegram has, in seconds of the epoch.
    pub(super) confirmed: i64,
    /// The last use that is written on the disk, in seconds of the epoch.
    pub(super) touched: i64,
    place: u64,
}

impl Slot {
    /// How long ago the file was known to be what Telegram has, at a time in seconds of the epoch.
    pub(super) fn age(&self, now: i64) -> Duration {
        Duration::from_secs(u64::try_from(now - self.confirmed).unwrap_or(0))
    }
}

/// The bytes that a file takes on the disk.
pub(super) fn weight(entry: &Entry) -> u64 {
    // No disk has a file beyond; one with holes may say that it is, and sums have to stay sums.
    entry.length.min(LONGEST).div_ceil(BLOCK).max(1) * BLOCK
}

impl Index {
    pub(super) fn get(&self, key: FileKey) -> Option<&Slot> {
        self.files.get(&key)
    }

    /// The bytes that all files take.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The number of files.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// Puts a file in as the one that was used last; gives back the one that was in its place.
    pub(super) fn insert(&mut self, key: FileKey, entry: Entry, confirmed: i64) -> Option<Entry> {
        let former = self.remove(key);
        self.uses += 1;
        let slot = Slot { entry, confirmed, touched: confirmed, place: self.uses };
        self.order.insert(slot.place, key);
        self.files.insert(key, slot);
        self.size += weight(&entry);
        former
    }

    /// A file is used.
    pub(super) fn touch(&mut self, key: FileKey) -> Option<&mut Slot> {
        let slot = self.files.get_mut(&key)?;
        self.order.remove(&slot.place);
        self.uses += 1;
        slot.place = self.uses;
        self.order.insert(slot.place, key);
        Some(slot)
    }

    /// A file is what Telegram has.
    pub(super) fn confirm(&mut self, key: FileKey, now: i64) {
        if let Some(slot) = self.files.get_mut(&key) {
            slot.confirmed = now;
        }
    }

    pub(super) fn remove(&mut self, key: FileKey) -> Option<Entry> {
        let slot = self.files.remove(&key)?;
        self.order.remove(&slot.place);
        self.size -= weight(&slot.entry);
        Some(slot.entry)
    }

    /// Takes out the files that were not used for longest, until all take so many bytes at most.
    pub(super) fn shrink(&mut self, limit: u64) -> Vec<(FileKey, Entry)> {
        let mut gone = Vec::new();
        while self.size > limit
            && let Some((_, key)) = self.order.first_key_value()
        {
            let key = *key;
            gone.extend(self.remove(key).map(|entry| (key, entry)));
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(length: u64) -> Entry {
        Entry { identity: None, fingerprint: 0, length, modified: 0, media_type: "image/jpeg" }
    }

    fn key(id: u64) -> FileKey {
        FileKey::emoji(id)
    }

    #[test]
    fn the_files_that_were_not_used_for_longest_go_first() {
        let mut index = Index::default();
        for id in 0..4 {
            assert_eq!(index.insert(key(id), entry(BLOCK), 0), None);
        }
        assert_eq!((index.size(), index.len()), (4 * BLOCK, 4));
        assert!(index.touch(key(0)).is_some() && index.touch(key(9)).is_none());
        let gone: Vec<_> = index.shrink(2 * BLOCK).into_iter().map(|(key, _)| key).collect();
        assert_eq!(gone, [key(1), key(2)]);
        assert_eq!(index.size(), 2 * BLOCK);
        assert!(index.shrink(2 * BLOCK).is_empty());
        index.shrink(0);
        assert_eq!((index.size(), index.len()), (0, 0));
    }

    #[test]
    fn files_count_by_whole_blocks_and_a_file_has_one_place() {
        let mut index = Index::default();
        index.insert(key(1), entry(1), 5);
        index.insert(key(2), entry(0), 5);
        assert_eq!(index.size(), 2 * BLOCK);
        assert_eq!(index.insert(key(1), entry(BLOCK + 1), 6), Some(entry(1)));
        assert_eq!((index.size(), index.len()), (3 * BLOCK, 2));
        assert_eq!(index.get(key(1)).unwrap().confirmed, 6);
        index.confirm(key(1), 9);
        assert_eq!(index.get(key(1)).unwrap().confirmed, 9);
        assert_eq!(index.remove(key(1)), Some(entry(BLOCK + 1)));
        assert_eq!(index.remove(key(1)), None);
        assert_eq!(index.size(), BLOCK);
        index.insert(key(3), entry(u64::MAX), 0);
        assert_eq!(index.remove(key(3)), Some(entry(u64::MAX)));
    }
}
