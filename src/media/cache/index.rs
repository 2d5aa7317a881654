//! The index of cached files, with LRU eviction. Pure.
//!
//! SECURITY: slow readers of many files fill the disk, because an evicted file takes its space until its last reader is
//! done -> the index counts such files, and nothing is stored while they exceed the cache's size.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Weak};

use super::entry::Entry;
use crate::service::FileKey;

/// A file takes whole disk blocks, and memory. Empty files count as one block.
const BLOCK: u64 = 4096;

/// The most bytes that one file counts for. A sparse file may claim more than any disk has, and the sum must not
/// overflow.
const MAX_WEIGHT: u64 = 1 << 48;

#[derive(Debug, Default)]
pub(super) struct Index {
    files: HashMap<FileKey, Slot>,
    /// Keys by the sequence number of their last use; the first is evicted first.
    order: BTreeMap<u64, FileKey>,
    uses: u64,
    size: u64,
    /// Removed files that still have readers: weight and readers.
    deleted: Vec<(u64, Weak<()>)>,
}

#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) entry: Entry,
    /// Last confirmation that the file is current at Telegram, in Unix seconds.
    pub(super) confirmed: i64,
    /// Last use that is recorded on disk, in Unix seconds.
    pub(super) touched: i64,
    /// Each reader holds a clone.
    pub(super) readers: Arc<()>,
    last_use: u64,
}

impl Index {
    pub(super) fn get(&self, key: FileKey) -> Option<&Slot> {
        self.files.get(&key)
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// The disk space of all files, in bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The disk space of removed files that still have readers, in bytes.
    pub(super) fn deleted(&mut self) -> u64 {
        self.deleted.retain(|(_, readers)| readers.strong_count() > 0);
        self.deleted.iter().map(|(weight, _)| weight).sum()
    }

    /// Adds a file as the most recently used. Returns the entry that it replaces.
    pub(super) fn insert(&mut self, key: FileKey, entry: Entry, confirmed: i64) -> Option<Entry> {
        let former = self.remove(key);
        self.uses += 1;
        self.order.insert(self.uses, key);
        self.size += weight(&entry);
        let readers = Arc::default();
        let slot = Slot { entry, confirmed, touched: confirmed, readers, last_use: self.uses };
        self.files.insert(key, slot);
        former
    }

    /// Marks a file as the most recently used.
    pub(super) fn touch(&mut self, key: FileKey) -> Option<&mut Slot> {
        let slot = self.files.get_mut(&key)?;
        self.order.remove(&slot.last_use);
        self.uses += 1;
        slot.last_use = self.uses;
        self.order.insert(self.uses, key);
        Some(slot)
    }

    /// Records that the file is current at Telegram.
    pub(super) fn confirm(&mut self, key: FileKey, now: i64) -> Option<Entry> {
        let slot = self.files.get_mut(&key)?;
        slot.confirmed = now;
        Some(slot.entry)
    }

    pub(super) fn remove(&mut self, key: FileKey) -> Option<Entry> {
        let slot = self.files.remove(&key)?;
        self.order.remove(&slot.last_use);
        let weight = weight(&slot.entry);
        self.size -= weight;
        if Arc::strong_count(&slot.readers) > 1 {
            self.deleted.push((weight, Arc::downgrade(&slot.readers)));
        }
        Some(slot.entry)
    }

    /// Evicts the least recently used files until the rest takes at most `limit` bytes.
    pub(super) fn shrink(&mut self, limit: u64) -> Vec<(FileKey, Entry)> {
        let mut removed = Vec::new();
        while self.size > limit
            && let Some((_, &key)) = self.order.first_key_value()
        {
            removed.extend(self.remove(key).map(|entry| (key, entry)));
        }
        removed
    }
}

fn weight(entry: &Entry) -> u64 {
    entry.length.min(MAX_WEIGHT).div_ceil(BLOCK).max(1) * BLOCK
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
    fn cache_index_evicts_least_recently_used_files() {
        let mut index = Index::default();
        for id in 0..4 {
            assert_eq!(index.insert(key(id), entry(BLOCK), 0), None);
        }
        assert_eq!((index.size(), index.len()), (4 * BLOCK, 4));
        assert!(index.touch(key(0)).is_some() && index.touch(key(9)).is_none());
        let removed: Vec<_> = index.shrink(2 * BLOCK).into_iter().map(|(key, _)| key).collect();
        assert_eq!(removed, [key(1), key(2)]);
        assert_eq!(index.size(), 2 * BLOCK);
        assert!(index.shrink(2 * BLOCK).is_empty());
        index.shrink(0);
        assert_eq!((index.size(), index.len()), (0, 0));
    }

    #[test]
    fn cached_files_count_in_whole_blocks_and_once_per_key() {
        let mut index = Index::default();
        index.insert(key(1), entry(1), 5);
        index.insert(key(2), entry(0), 5);
        assert_eq!(index.size(), 2 * BLOCK);
        assert_eq!(index.insert(key(1), entry(BLOCK + 1), 6), Some(entry(1)));
        assert_eq!((index.size(), index.len()), (3 * BLOCK, 2));
        assert_eq!(index.confirm(key(1), 9), Some(entry(BLOCK + 1)));
        assert_eq!(index.get(key(1)).unwrap().confirmed, 9);
        assert_eq!(index.remove(key(1)), Some(entry(BLOCK + 1)));
        assert_eq!(index.remove(key(1)), None);
        index.insert(key(3), entry(u64::MAX), 0);
        assert_eq!(index.remove(key(3)), Some(entry(u64::MAX)));
        assert_eq!(index.size(), BLOCK);
    }

    #[test]
    fn deleted_file_counts_until_last_reader_is_done() {
        let mut index = Index::default();
        for id in 1..=2 {
            index.insert(key(id), entry(BLOCK), 0);
        }
        let readers = [(); 2].map(|()| Arc::clone(&index.get(key(1)).unwrap().readers));
        assert_eq!(index.deleted(), 0);
        index.shrink(0);
        let [first, second] = readers;
        drop(first);
        assert_eq!(index.deleted(), BLOCK);
        drop(second);
        assert_eq!(index.deleted(), 0);
    }
}
