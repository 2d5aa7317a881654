//! The cache's folder on disk. All functions block.

use std::collections::HashMap;
use std::fs::{self, File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tempfile::{NamedTempFile, TempPath};

use super::entry::{self, Entry};
use crate::service::FileKey;

/// The subfolder of incomplete files.
const INCOMING: &str = "incoming";

const SUFFIX: &str = ".part";

/// A cached file found by the scan.
pub(super) struct ScannedFile {
    pub(super) key: FileKey,
    pub(super) entry: Entry,
    /// Last confirmation, in Unix seconds.
    pub(super) confirmed: i64,
    used: DateTime<Utc>,
}

/// Lists all cached files, the least recently used first. Creates the folder, and deletes the remains of a crash:
/// incomplete files, files whose length differs from the one in their name, and replaced files. Foreign files are left
/// alone.
pub(super) fn scan(folder: &Path) -> io::Result<Vec<ScannedFile>> {
    let incoming = folder.join(INCOMING);
    fs::create_dir_all(&incoming)?;
    for left in fs::read_dir(&incoming)?.flatten() {
        if left.file_name().to_str().is_some_and(|name| name.ends_with(SUFFIX)) {
            delete(&left.path());
        }
    }
    let mut found: HashMap<FileKey, ScannedFile> = HashMap::new();
    for shard in fs::read_dir(folder)?.flatten() {
        if shard.file_name().to_str().is_none_or(|name| name.len() != 2) {
            continue;
        }
        // If a subfolder is unreadable, only its files are missing.
        for file in fs::read_dir(shard.path()).into_iter().flatten().flatten() {
            let Some(mut one) = inspect(&file) else { continue };
            if let Some(mut other) = found.remove(&one.key) {
                if other.confirmed > one.confirmed {
                    std::mem::swap(&mut one, &mut other);
                }
                delete(&path_of(folder, other.key, &other.entry));
            }
            found.insert(one.key, one);
        }
    }
    let mut found: Vec<ScannedFile> = found.into_values().collect();
    found.sort_by_key(|found| found.used);
    Ok(found)
}

fn inspect(file: &fs::DirEntry) -> Option<ScannedFile> {
    let (key, entry) = entry::parse(file.file_name().to_str()?)?;
    let metadata = file.metadata().ok().filter(fs::Metadata::is_file)?;
    if metadata.len() != entry.length {
        delete(&file.path());
        return None;
    }
    let confirmed = DateTime::<Utc>::from(metadata.modified().ok()?);
    let used = metadata.accessed().map_or(confirmed, DateTime::<Utc>::from);
    Some(ScannedFile { key, entry, confirmed: confirmed.timestamp(), used: used.max(confirmed) })
}

pub(super) fn path_of(folder: &Path, key: FileKey, entry: &Entry) -> PathBuf {
    let name = entry::name(key, entry);
    folder.join(&name[..2]).join(name)
}

/// Checks that a file exists with this length, and records its last use as access time.
pub(super) fn check(path: &Path, length: u64, used: Option<DateTime<Utc>>) -> io::Result<()> {
    if fs::metadata(path)?.len() != length {
        return Err(io::ErrorKind::InvalidData.into());
    }
    if let Some(used) = used {
        File::open(path)?.set_times(FileTimes::new().set_accessed(used.into()))?;
    }
    Ok(())
}

/// Records that a file is current at Telegram, as modification time.
pub(super) fn confirm(path: &Path, now: DateTime<Utc>) -> io::Result<()> {
    File::open(path)?.set_times(FileTimes::new().set_accessed(now.into()).set_modified(now.into()))
}

/// Creates an incomplete file, which is deleted on drop.
pub(super) fn create(folder: &Path) -> io::Result<NamedTempFile> {
    let incoming = folder.join(INCOMING);
    fs::create_dir_all(&incoming)?;
    tempfile::Builder::new().suffix(SUFFIX).tempfile_in(incoming)
}

/// Moves a complete file to its final path.
pub(super) fn persist(
    file: &File,
    from: TempPath,
    path: &Path,
    length: u64,
    now: DateTime<Utc>,
) -> io::Result<()> {
    if file.metadata()?.len() != length {
        return Err(io::ErrorKind::InvalidData.into());
    }
    file.set_times(FileTimes::new().set_accessed(now.into()).set_modified(now.into()))?;
    if let Some(shard) = path.parent() {
        fs::create_dir_all(shard)?;
    }
    Ok(from.persist(path)?)
}

/// Deletes a file. If that fails, the next startup scan finds the file again.
pub(super) fn delete(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!("cannot delete {}: {error}", path.display());
    }
}
