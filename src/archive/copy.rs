//! Copies of the database file, compaction and checkpoints.

use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rusqlite::Connection;

use super::error::{Error, explain, explain_io};

/// Rewrites the file without its free pages.
pub(super) fn compact(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("INSERT INTO post_text (post_text) VALUES ('optimize')", [])?;
    // `VACUUM` builds a temporary file of the same size, which must not be in memory.
    connection.pragma_update(None, "temp_store", "default")?;
    let outcome = connection.execute_batch("VACUUM");
    connection.pragma_update(None, "temp_store", "memory")?;
    outcome?;
    checkpoint(connection)
}

/// The first fault in pages and indexes.
pub(super) fn check(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let fault: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(Some(fault).filter(|fault| fault != "ok"))
}

/// Moves the content of the `-wal` file into the main file.
pub(super) fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    // The row says whether a reader blocked the checkpoint. The next checkpoint then does the rest.
    connection.query_row("PRAGMA wal_checkpoint(truncate)", [], |_| Ok(()))
}

/// Writes a copy to a new file, and syncs it to disk.
pub(super) fn vacuum_into(connection: &Connection, to: &Path) -> Result<(), Error> {
    let told = |error: std::io::Error| explain_io(&error, to);
    // `VACUUM INTO` accepts an empty file. Creating it here sets its permissions before it has content.
    let file = create_new(to)?;
    let target = to.to_str().ok_or_else(|| Error::Io {
        path: to.to_owned(),
        detail: "its name is not UTF-8".to_owned(),
    })?;
    let outcome = connection
        .execute("VACUUM INTO ?1", [target])
        .map_err(|error| explain(&error, to))
        .and_then(|_| file.sync_all().map_err(told));
    if outcome.is_err() {
        // A partial copy is useless.
        let _ = fs::remove_file(to);
    }
    outcome
}

/// Creates an empty file for a copy or an export.
///
/// SECURITY: other users of the machine read the archive -> only the owner can read and write the file.
///
/// # Errors
/// [`Error::Exists`] if the file exists, [`Error::NoFolder`] if its folder does not, or another I/O error.
pub fn create_new(path: &Path) -> Result<fs::File, Error> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Error::Exists { path: path.to_owned() },
        io::ErrorKind::NotFound if !has_folder(path) => Error::NoFolder { path: path.to_owned() },
        _ => explain_io(&error, path),
    })
}

/// Whether the folder of a file exists. A bare file name is in the working directory, which exists.
fn has_folder(path: &Path) -> bool {
    path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir())
}
