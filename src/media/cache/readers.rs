//! Who reads files that are gone from the index.
//!
//! SECURITY: a file that is deleted while somebody reads it slowly takes its room on the disk until they are done; so many
//! slow readers of many files could fill the disk -> what such files take is counted, and nothing is taken in meanwhile.

use std::collections::HashMap;
use std::fs::File;
use std::sync::{Arc, Weak};

use super::Entry;
use super::index::weight;
use crate::service::FileKey;

/// Files with readers, before those that have none any more are forgotten.
const MANY: usize = 256;

/// Open files.
#[derive(Debug, Default)]
pub(super) struct Readers {
    kept: HashMap<(FileKey, u128), Vec<Weak<File>>>,
    /// Those that were deleted: what they take, and who reads them.
    deleted: Vec<(u64, Vec<Weak<File>>)>,
    /// When to forget.
    many: usize,
}

impl Readers {
    /// Somebody reads a file.
    pub(super) fn add(&mut self, key: FileKey, entry: &Entry, file: &Arc<File>) {
        if self.kept.len() > self.many.max(MANY) {
            self.kept.retain(|_, files| is_read(files));
            self.many = self.kept.len() * 2;
        }
        let files = self.kept.entry((key, entry.fingerprint)).or_default();
        files.retain(|file| file.strong_count() > 0);
        files.push(Arc::downgrade(file));
    }

    /// A file is deleted.
    pub(super) fn delete(&mut self, key: FileKey, entry: &Entry) {
        let files = self.kept.remove(&(key, entry.fingerprint)).unwrap_or_default();
        if is_read(&files) {
            self.deleted.push((weight(entry), files));
        }
    }

    /// The bytes that deleted files take still.
    pub(super) fn deleted(&mut self) -> u64 {
        self.deleted.retain(|(_, files)| is_read(files));
        self.deleted.iter().map(|(weight, _)| weight).sum()
    }
}

fn is_read(files: &[Weak<File>]) -> bool {
    files.iter().any(|file| file.strong_count() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(fingerprint: u128) -> Entry {
        Entry { identity: None, fingerprint, length: 4096, modified: 0, media_type: "image/jpeg" }
    }

    #[test]
    fn a_deleted_file_counts_until_nobody_reads_it() {
        let mut readers = Readers::default();
        let open = || Arc::new(tempfile::tempfile().unwrap());
        let (first, second, other) = (open(), open(), open());
        readers.add(FileKey::emoji(1), &entry(1), &first);
        readers.add(FileKey::emoji(1), &entry(1), &second);
        readers.add(FileKey::emoji(1), &entry(2), &other);
        assert_eq!(readers.deleted(), 0);
        readers.delete(FileKey::emoji(1), &entry(1));
        readers.delete(FileKey::emoji(9), &entry(1));
        drop(first);
        assert_eq!(readers.deleted(), 4096);
        drop(second);
        assert_eq!(readers.deleted(), 0, "the other one is kept");
        drop(other);
        readers.delete(FileKey::emoji(1), &entry(2));
        assert_eq!(readers.deleted(), 0);
    }

    #[test]
    fn files_that_nobody_reads_are_forgotten() {
        let mut readers = Readers::default();
        for number in 0..10_000 {
            let file = Arc::new(tempfile::tempfile().unwrap());
            readers.add(FileKey::emoji(number), &entry(1), &file);
        }
        assert!(readers.kept.len() <= 2 * MANY);
    }
}
