//! Copies of the file, and giving room back.

use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rusqlite::Connection;

use super::error::{Error, explain, explain_io};

/// Writes the file anew, without the pages that nothing takes.
pub(super) fn compact(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("INSERT INTO post_text (post_text) VALUES ('optimize')", [])?;
    // The new file is as large as the old one: not in memory.
    connection.pragma_update(None, "temp_store", "default")?;
    let outcome = connection.execute_batch("VACUUM");
    connection.pragma_update(None, "temp_store", "memory")?;
    outcome?;
    checkpoint(connection)
}

/// The first fault that is found in pages and indexes.
pub(super) fn check(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let fault: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(Some(fault).filter(|fault| fault != "ok"))
}

/// Puts what waits in the `-wal` file into the file itself.
pub(super) fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    // Answers with a row that says whether a reader was in the way: then the next one does it.
    connection.query_row("PRAGMA wal_checkpoint(truncate)", [], |_| Ok(()))
}

/// Writes a copy to a file, and onto the disk.
pub(super) fn vacuum_into(connection: &Connection, to: &Path) -> Result<(), Error> {
    let told = |error: std::io::Error| explain_io(&error, to);
    // SQLite takes an empty file, which has its rights from the beginning.
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
        // Half a copy is none.
        let _ = fs::remove_file(to);
    }
    outcome
}

/// Makes a file that is not there yet, for a copy or an export: empty, to be written.
///
/// SECURITY: other users of the machine who want to know what is read here -> the file is its owner's alone.
///
/// # Errors
/// [`Error::Exists`] and [`Error::NoFolder`] among others: what stands in the way.
pub fn create_new(path: &Path) -> Result<fs::File, Error> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Error::Exists { path: path.to_owned() },
        io::ErrorKind::NotFound if !has_folder(path) => Error::NoFolder { path: path.to_owned() },
        _ => explain_io(&error, path),
    })
}

/// Whether the folder of a file is there; that of a mere name is where the program runs.
fn has_folder(path: &Path) -> bool {
    path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir())
}
