//! The database file: how it is opened, and with which settings.
//!
//! - **WAL.** Readers never wait for the writer. `synchronous=NORMAL`: a commit is handed to the system without waiting for
//!   the disk. It survives every end of the program, `kill -9` included; a power cut can take the last commits that the
//!   system had not written out (on Linux about half a minute), and never damages the file. That is the right bargain here:
//!   those posts are still on Telegram's page and are fetched again, and an SD card is spared a flush for each of them.
//! - **Two programs on one file** are harmless: each write is a transaction that reads what it decides upon, and waits its
//!   turn ([`PATIENCE`]). So `feedline archive backup` and `feedline fetch --archive` work while the service runs. Two
//!   services on one file know of each other's posts once they load the channel again, and lose none.
//! - **No mapping into memory**: what is mapped counts as resident, and a disk's fault would be a signal and no error.
//! - **Damage** is told when it is met. Looking for it at the start would read the whole file.

use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::{Error, explain, explain_io};
use super::schema::{self, STEPS};

/// How long a write waits for another program's.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Pages that the writer keeps, in KiB.
const WRITER_CACHE: i32 = 4 * 1024;

/// Compiled statements that a connection keeps: all that are used often.
const STATEMENTS: usize = 64;

/// Pages that each reader keeps, in KiB.
const READER_CACHE: i32 = 1024;

/// Bytes of a page, in a new file. A post that comes by itself writes a handful of pages, twice: small ones spare the disks of
/// small machines, and cost reads little (docs/performance.md).
const PAGE: u32 = 1024;

/// Pages of the `-wal` file after which they are put into the file itself: 4 MiB.
const CHECKPOINT: u32 = 4 * 1024 * 1024 / PAGE;

/// Pages after which the writer does so itself, which waits for the disk: it writes faster than they are put there.
const LATE_CHECKPOINT: u32 = 4 * CHECKPOINT;

/// What a `-wal` file that grew during a long read is cut to, in bytes.
const JOURNAL: u32 = 8 * 1024 * 1024;

/// The `-wal` file of the writer's connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Wal(Arc<WalState>);

#[derive(Debug, Default)]
struct WalState {
    pages: AtomicU32,
    is_checkpointing: AtomicBool,
}

impl Wal {
    /// Counts pages. Without this, SQLite itself makes a checkpoint within the write that is one too many, which then waits
    /// for the disk.
    fn watch(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let state = Arc::clone(&self.0);
        connection.wal_hook(Some(move |wal: &mut rusqlite::hooks::Wal, pages: i32| {
            state.pages.store(pages.unsigned_abs(), Ordering::Relaxed);
            if pages.unsigned_abs() >= LATE_CHECKPOINT
                && let Err(error) = wal.checkpoint()
            {
                report_checkpoint(&error);
            }
            Ok(())
        }))
    }

    /// Puts what waits into the file when that is much, on a thread and a connection of its own: the writer goes on.
    pub(super) fn checkpoint_if_full(&self, path: &Path) {
        let is_full = self.0.pages.load(Ordering::Relaxed) >= CHECKPOINT;
        if !is_full || self.0.is_checkpointing.swap(true, Ordering::Relaxed) {
            return;
        }
        let (state, path) = (Arc::clone(&self.0), path.to_owned());
        let work = move || {
            if let Err(error) = checkpoint(&path) {
                report_checkpoint(&error);
            }
            // The next write counts anew.
            state.pages.store(0, Ordering::Relaxed);
            state.is_checkpointing.store(false, Ordering::Relaxed);
        };
        if let Err(error) = thread::Builder::new().name("checkpoint".to_owned()).spawn(work) {
            self.0.is_checkpointing.store(false, Ordering::Relaxed);
            report_checkpoint(&error);
        }
    }
}

fn checkpoint(path: &Path) -> rusqlite::Result<()> {
    reading(path)?.query_row("PRAGMA wal_checkpoint(passive)", [], |_| Ok(()))
}

fn report_checkpoint(error: &dyn std::fmt::Display) {
    tracing::warn!(%error, "the archive's -wal file cannot be written back yet");
}

/// Opens the file for writing; it is created with its folder, and migrated.
pub(super) fn open_writer(path: Option<&Path>, wal: &Wal) -> Result<Connection, Error> {
    let Some(path) = path else {
        let told = |error: rusqlite::Error| explain(&error, Path::new(":memory:"));
        let mut connection = Connection::open_in_memory().map_err(told)?;
        schema::migrate(&mut connection, None, STEPS)?;
        return Ok(connection);
    };
    create(path)?;
    let told = |error: rusqlite::Error| explain(&error, path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(told)?;
    // SQLite falls back to reading when it may not write.
    if connection.is_readonly("main").map_err(told)? {
        return Err(Error::ReadOnly { path: path.to_owned() });
    }
    connection.busy_timeout(PATIENCE).map_err(told)?;
    // Before anything is changed: what is not ours stays as it is.
    schema::check(&connection, path, STEPS)?;
    prepare(&connection, WRITER_CACHE).map_err(told)?;
    wal.watch(&mut connection).map_err(told)?;
    schema::migrate(&mut connection, Some(path), STEPS)?;
    Ok(connection)
}

/// Opens the file for reading; it must be there.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Error> {
    let told = |error: rusqlite::Error| explain(&error, path);
    let connection = reading(path).map_err(told)?;
    connection.busy_timeout(PATIENCE).map_err(told)?;
    let found = match schema::check(&connection, path, STEPS) {
        Err(Error::Io { .. } | Error::ReadOnly { .. }) if is_at_rest(path) => {
            return open_at_rest(path);
        }
        other => other?,
    };
    if found < schema::latest(STEPS) {
        // It could not be migrated.
        return Err(Error::ReadOnly { path: path.to_owned() });
    }
    cache(&connection, READER_CACHE).map_err(told)?;
    Ok(connection)
}

fn reading(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

/// Whether no program has it open for writing: nothing waits in a `-wal` file.
fn is_at_rest(path: &Path) -> bool {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    !Path::new(&wal).exists()
}

/// A file in a folder that nobody may write to can only be read as one that does not change.
fn open_at_rest(path: &Path) -> Result<Connection, Error> {
    let connection = unchanging(path)?;
    let found = schema::check(&connection, path, STEPS)?;
    if found < schema::latest(STEPS) {
        return Err(Error::ReadOnly { path: path.to_owned() });
    }
    Ok(connection)
}

fn unchanging(path: &Path) -> Result<Connection, Error> {
    let mut address = url::Url::from_file_path(path)
        .map_err(|()| Error::Io { path: path.to_owned(), detail: "no absolute path".to_owned() })?;
    address.set_query(Some("immutable=1"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(address.as_str(), flags).map_err(|error| explain(&error, path))
}

/// Looks whether a file that is there is an archive that can be opened and written, and changes nothing. Tells whether
/// the next start renews its tables.
///
/// # Errors
/// [`Error`], whatever stands in the way.
pub fn look(path: &Path) -> Result<bool, Error> {
    // Asks for the right to write, and writes nothing.
    let opened = fs::OpenOptions::new().write(true).open(path);
    opened.map_err(|error| explain_io(&error, path))?;
    let connection = match is_at_rest(path) {
        // The other way would make, for a moment, the files that go with it.
        true => unchanging(path)?,
        false => reading(path).map_err(|error| explain(&error, path))?,
    };
    let found = schema::check(&connection, path, STEPS)?;
    Ok((1..schema::latest(STEPS)).contains(&found))
}

/// SECURITY: other users of the machine who want to know what is read here -> folder and file are their owner's alone.
fn create(path: &Path) -> Result<(), Error> {
    let told = |error: io::Error| explain_io(&error, path);
    if fs::exists(path).map_err(told)? {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(told)?;
    }
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(told)?;
    Ok(())
}

fn prepare(connection: &Connection, size: i32) -> rusqlite::Result<()> {
    // These two are of effect in a new file alone. What is dropped can be cut from it (`retention`).
    connection.pragma_update(None, "page_size", PAGE)?;
    connection.pragma_update(None, "auto_vacuum", "incremental")?;
    // Answers with the mode that holds: where the file system has no shared memory it stays another, which works too.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update_and_check(None, "journal_size_limit", JOURNAL, |_| Ok(()))?;
    cache(connection, size)
}

fn cache(connection: &Connection, size: i32) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "cache_size", -size)?;
    // A container without /tmp has no place for temporary files.
    connection.pragma_update(None, "temp_store", "memory")
}
