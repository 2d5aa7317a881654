//! The database file: how it is opened, and its SQLite settings.
//!
//! Readers never wait for the writer (WAL). Two programs can use one file, because each write is one transaction that
//! reads whatever it depends on, and waits for its turn up to [`PATIENCE`]: `feedline archive backup` works while the
//! service runs, and so does `feedline fetch --archive`. Two services on one file lose no posts, but see each other's
//! only when they load the channel again. Damage is reported when it is found, because a check at startup would read
//! the whole file.

use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::{Error, explain, explain_io};
use super::schema::{self, STEPS};

/// How long a write waits for another program's write lock.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Page cache of the writer, in KiB.
const WRITER_CACHE: i32 = 4 * 1024;

/// Compiled statements that each connection caches: enough for all frequent ones.
const STATEMENTS: usize = 64;

/// Page cache of each reader, in KiB.
const READER_CACHE: i32 = 1024;

/// Page size of a new file, in bytes. A single new post writes a handful of pages, each twice (WAL and file). Small
/// pages spare the disks of small machines and make reads only slightly slower (docs/performance.md).
const PAGE: u32 = 1024;

/// Pages in the `-wal` file that trigger a background checkpoint: 4 MiB.
const CHECKPOINT: u32 = 4 * 1024 * 1024 / PAGE;

/// Pages at which the writer runs the checkpoint itself and waits for the disk, because it writes faster than the
/// background checkpoint.
const LATE_CHECKPOINT: u32 = 4 * CHECKPOINT;

/// Size to which a `-wal` file is truncated after it grew during a long read, in bytes.
const JOURNAL: u32 = 8 * 1024 * 1024;

/// The size of the `-wal` file, as seen by the writer's connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Wal(Arc<WalState>);

#[derive(Debug, Default)]
struct WalState {
    pages: AtomicU32,
    is_checkpointing: AtomicBool,
}

impl Wal {
    /// Counts the pages in the `-wal` file. The hook replaces SQLite's automatic checkpoint, which would run inside a
    /// write and make it wait for the disk.
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

    /// Starts a checkpoint on its own thread and connection if the `-wal` file is large. The writer does not wait.
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
            // The next write sets the actual count.
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

/// Opens the file for writing. Creates the file and its folder if they are missing, and migrates the schema.
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
    // SQLite falls back to read-only if the file is not writable.
    if connection.is_readonly("main").map_err(told)? {
        return Err(Error::ReadOnly { path: path.to_owned() });
    }
    connection.busy_timeout(PATIENCE).map_err(told)?;
    // Before anything is changed: a file of another program must stay untouched.
    schema::check(&connection, path, STEPS)?;
    prepare(&connection, WRITER_CACHE).map_err(told)?;
    wal.watch(&mut connection).map_err(told)?;
    schema::migrate(&mut connection, Some(path), STEPS)?;
    Ok(connection)
}

/// Opens an existing file for reading.
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
        // The writer could not migrate the file.
        return Err(Error::ReadOnly { path: path.to_owned() });
    }
    cache(&connection, READER_CACHE).map_err(told)?;
    Ok(connection)
}

fn reading(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

/// Whether no program has the file open for writing: there is no `-wal` file.
fn is_at_rest(path: &Path) -> bool {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    !Path::new(&wal).exists()
}

/// Opens a file in a read-only folder. SQLite can read it only as immutable.
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

/// Checks that an existing file is a writable archive, and changes nothing. Returns whether the next start migrates it.
///
/// # Errors
/// [`Error`] if the file cannot be opened or written, or is not an archive of this version or an earlier one.
pub fn look(path: &Path) -> Result<bool, Error> {
    // Checks the write permission without writing.
    let opened = fs::OpenOptions::new().write(true).open(path);
    opened.map_err(|error| explain_io(&error, path))?;
    let connection = match is_at_rest(path) {
        // A normal connection would create `-wal` and `-shm` files for a moment.
        true => unchanging(path)?,
        false => reading(path).map_err(|error| explain(&error, path))?,
    };
    let found = schema::check(&connection, path, STEPS)?;
    Ok((1..schema::latest(STEPS)).contains(&found))
}

/// SECURITY: other users of the machine read the archive -> only the owner can access the file.
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
    // These two take effect only in a new file. `incremental` lets `retention` truncate the file.
    connection.pragma_update(None, "page_size", PAGE)?;
    connection.pragma_update(None, "auto_vacuum", "incremental")?;
    // Returns the mode in effect. Without shared memory on the file system, SQLite keeps another mode, which also
    // works.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    // A commit does not wait for the disk. It survives every end of the process, `kill -9` included. A power cut can
    // lose the last commits (on Linux about half a minute), but never damages the file: the lost posts are still on
    // Telegram's page and are fetched again. In return, an SD card is spared a flush for each post.
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update_and_check(None, "journal_size_limit", JOURNAL, |_| Ok(()))?;
    cache(connection, size)
}

fn cache(connection: &Connection, size: i32) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // SQLite would compile a cached statement again whenever its parameters change (SQLITE_ENABLE_STAT4).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // No memory mapping: mapped pages count as resident memory, and a disk error would be a signal instead of an error.
    connection.pragma_update(None, "cache_size", -size)?;
    // A container without /tmp has no room for temporary files.
    connection.pragma_update(None, "temp_store", "memory")
}
