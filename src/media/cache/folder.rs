//! The folder on the disk. All of it blocks.

use std::collections::HashMap;
use std::fs::{self, File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::INCOMING;
use super::entry::{self, Entry};
use super::temporary::Temporary;
use crate::service::FileKey;

/// A file that was found.
pub(super) struct Found {
    pub(super) key: FileKey,
    pub(super) entry: Entry,
    /// When it was last known to be what Telegram has, in seconds of the epoch.
    pub(super) confirmed: i64,
    /// When it was last used.
    used: DateTime<Utc>,
}

/// All kept files, the one that was not used for longest first. Makes the folder, and deletes what a crash left: files that
/// had not arrived, that are not as long as their names say, or that others replaced. What has no name of ours is let be.
pub(super) fn read(folder: &Path) -> io::Result<Vec<Found>> {
    let incoming = folder.join(INCOMING);
    fs::create_dir_all(&incoming)?;
    for left in fs::read_dir(&incoming)?.flatten() {
        if left.file_name().to_str().is_some_and(|name| name.ends_with(".part")) {
            drop(fs::remove_file(left.path()));
        }
    }
    let mut found: HashMap<FileKey, Found> = HashMap::new();
    for shelf in fs::read_dir(folder)?.flatten() {
        let name = shelf.file_name();
        if name.to_str().is_none_or(|name| name.len() != 2) {
            continue;
        }
        // What cannot be read is not there.
        for file in fs::read_dir(shelf.path()).into_iter().flatten().flatten() {
            let Some(one) = look(&file) else { continue };
            let key = one.key;
            if let Some(other) = found.insert(key, one) {
                let is_newer = found.get(&key).is_some_and(|one| one.confirmed >= other.confirmed);
                let loser = if is_newer { Some(other) } else { found.insert(key, other) };
                if let Some(loser) = loser {
                    drop(fs::remove_file(super::path_of(folder, key, &loser.entry)));
                }
            }
        }
    }
    let mut found: Vec<Found> = found.into_values().collect();
    found.sort_by_key(|found| found.used);
    Ok(found)
}

fn look(file: &fs::DirEntry) -> Option<Found> {
    let (key, entry) = entry::parse(file.file_name().to_str()?)?;
    let metadata = file.metadata().ok().filter(fs::Metadata::is_file)?;
    if metadata.len() != entry.length {
        drop(fs::remove_file(file.path()));
        return None;
    }
    let confirmed = DateTime::<Utc>::from(metadata.modified().ok()?);
    let used = metadata.accessed().map_or(confirmed, DateTime::<Utc>::from);
    Some(Found { key, entry, confirmed: confirmed.timestamp(), used: used.max(confirmed) })
}

/// Opens a file that has to be so long, and writes down that it was used.
pub(super) fn open(path: &Path, length: u64, used: Option<DateTime<Utc>>) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.len() != length {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    if let Some(used) = used {
        // Without it the file is only taken for one that nobody uses.
        drop(file.set_times(FileTimes::new().set_accessed(used.into())));
    }
    Ok(file)
}

/// Writes down that a file is what Telegram has.
pub(super) fn confirm(path: &Path, now: DateTime<Utc>) -> io::Result<()> {
    File::open(path)?.set_times(FileTimes::new().set_accessed(now.into()).set_modified(now.into()))
}

/// Gives a file that has arrived its name.
pub(super) fn keep(
    temporary: Temporary,
    path: &Path,
    entry: &Entry,
    now: DateTime<Utc>,
) -> io::Result<()> {
    if temporary.file.metadata()?.len() != entry.length {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    let times = FileTimes::new().set_accessed(now.into()).set_modified(now.into());
    temporary.file.set_times(times)?;
    if let Some(shelf) = path.parent() {
        fs::create_dir_all(shelf)?;
    }
    temporary.rename(path)
}

/// Deletes files; what cannot be deleted is found again at the next start.
pub(super) fn delete(paths: &[PathBuf]) {
    for path in paths {
        drop(fs::remove_file(path));
    }
}
