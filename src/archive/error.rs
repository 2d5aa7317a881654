//! Errors of the archive, each with advice for the operator. SQLite and I/O errors are mapped to them here.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::types::Type;
use rusqlite::{ErrorCode, ffi};

/// An archive error. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A later version of feedline wrote the file.
    #[error(
        "{} was written by a newer feedline (its tables have version {found}, this one knows {known}): \
         install that version again, or restore the copy that it made beside the file",
        .path.display()
    )]
    Newer {
        path: PathBuf,
        /// The schema version of the file.
        found: u32,
        /// The latest schema version that this feedline supports.
        known: u32,
    },
    /// The file is a database of another program.
    #[error(
        "{} is no archive of feedline: archive.url must name another file, or one that is not there yet",
        .path.display()
    )]
    Foreign {
        /// The database file.
        path: PathBuf,
    },
    /// The file is not a database, or its header is destroyed.
    #[error(
        "{} is no database: archive.url must name another file; if it was one, stop feedline and put a backup in its place",
        .path.display()
    )]
    NotADatabase {
        /// The database file.
        path: PathBuf,
    },
    #[error(
        "{} is damaged ({detail}): stop feedline, move the file away together with those that have -wal and -shm \
         behind its name, and put a backup in its place, or start without one",
        .path.display()
    )]
    Corrupt {
        path: PathBuf,
        /// SQLite's message.
        detail: String,
    },
    /// A row that the result depends on cannot be decoded.
    #[error(
        "a row in {} cannot be decoded ({detail}), and nothing is written over it: use the version of feedline that wrote \
         it, or put a backup in its place",
        .path.display()
    )]
    Undecodable {
        path: PathBuf,
        /// The table, the row and the reason.
        detail: String,
    },
    /// The file or its folder is not writable.
    #[error(
        "{} cannot be written: give the user that runs feedline the right to write the file and its folder",
        .path.display()
    )]
    ReadOnly {
        /// The database file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error(
        "there is no room left for {}: make some, or set archive.max_size", .path.display()
    )]
    Full {
        /// The database file.
        path: PathBuf,
    },
    /// Another program holds a lock on the file.
    #[error(
        "another program holds {}: end it, or wait until it has done its work", .path.display()
    )]
    Locked {
        /// The database file.
        path: PathBuf,
    },
    /// The file cannot be opened, read or written.
    #[error(
        "{} cannot be opened ({detail}): see whether the user that runs feedline may read it and enter its folder, \
         and that it lies on no network share",
        .path.display()
    )]
    Io {
        path: PathBuf,
        /// The message of SQLite or the operating system.
        detail: String,
    },
    /// The file was deleted or replaced while feedline was running.
    #[error(
        "{} was deleted or replaced while feedline was running, and is not used: restart feedline to use what is there now",
        .path.display()
    )]
    Replaced {
        /// The database file.
        path: PathBuf,
    },
    /// The target of a copy or an export exists already.
    #[error("{} is there already, and nothing is written over it: give another name", .path.display())]
    Exists {
        /// The new file.
        path: PathBuf,
    },
    /// The folder of a new file does not exist.
    #[error(
        "{} cannot be made, for its folder is not there: make the folder, or give another name", .path.display()
    )]
    NoFolder {
        /// The new file.
        path: PathBuf,
    },
    /// The import cannot be read.
    #[error("the import cannot be read: {detail}")]
    Unreadable {
        /// The reason.
        detail: String,
    },
    /// The export cannot be written.
    #[error("the export cannot be written: {detail}")]
    Unwritable {
        /// The reason.
        detail: String,
    },
    /// SQLite rejects a statement that it should accept: a bug in feedline.
    #[error("the database refuses: {detail}; please report this")]
    Refused {
        /// SQLite's message.
        detail: String,
    },
    /// feedline is shutting down.
    #[error("the archive is closed")]
    Closed,
}

impl Error {
    /// A short name for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Newer { .. } => "newer",
            Self::Foreign { .. } => "foreign",
            Self::NotADatabase { .. } => "not_a_database",
            Self::Corrupt { .. } => "corrupt",
            Self::Undecodable { .. } => "undecodable",
            Self::ReadOnly { .. } => "read_only",
            Self::Full { .. } => "full",
            Self::Locked { .. } => "locked",
            Self::Io { .. } => "io",
            Self::Replaced { .. } => "replaced",
            Self::Exists { .. } => "exists",
            Self::NoFolder { .. } => "no_folder",
            Self::Unreadable { .. } => "unreadable",
            Self::Unwritable { .. } => "unwritable",
            Self::Refused { .. } => "refused",
            Self::Closed => "closed",
        }
    }

    /// Whether the error can pass without a restart. Feeds are served from memory meanwhile, and each call tries again.
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Newer { .. } | Self::Foreign { .. })
    }
}

/// A row that cannot be decoded and that the result depends on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row} of {table}: {detail}")]
pub(super) struct Undecodable {
    pub(super) table: &'static str,
    pub(super) row: i64,
    pub(super) detail: String,
}

impl From<Undecodable> for rusqlite::Error {
    fn from(row: Undecodable) -> Self {
        Self::FromSqlConversionFailure(0, Type::Blob, Box::new(row))
    }
}

/// Maps a SQLite error.
pub(super) fn explain(error: &rusqlite::Error, path: &Path) -> Error {
    let path = || PathBuf::from(path);
    let detail = error.to_string();
    let failure = match error {
        rusqlite::Error::SqliteFailure(failure, _) => failure,
        rusqlite::Error::FromSqlConversionFailure(_, _, why) if why.is::<Undecodable>() => {
            return Error::Undecodable { path: path(), detail: why.to_string() };
        }
        _ => return Error::Refused { detail },
    };
    // The `-shm` file could not be created or grown.
    let is_full = failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE;
    match failure.code {
        ErrorCode::DiskFull => Error::Full { path: path() },
        _ if is_full => Error::Full { path: path() },
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Error::ReadOnly { path: path() },
        ErrorCode::DatabaseCorrupt => Error::Corrupt { path: path(), detail },
        ErrorCode::NotADatabase => Error::NotADatabase { path: path() },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Locked { path: path() },
        ErrorCode::CannotOpen
        | ErrorCode::SystemIoFailure
        | ErrorCode::FileLockingProtocolFailed => Error::Io { path: path(), detail },
        _ => Error::Refused { detail },
    }
}

/// Maps an I/O error.
pub(super) fn explain_io(error: &io::Error, path: &Path) -> Error {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Error::ReadOnly { path }
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::Full { path },
        _ => Error::Io { path, detail: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_and_io_codes_map_to_archive_errors() {
        for (code, error) in [
            (ffi::SQLITE_FULL, "full"),
            (ffi::SQLITE_IOERR_SHMSIZE, "full"),
            (ffi::SQLITE_READONLY, "read_only"),
            (ffi::SQLITE_READONLY_DBMOVED, "read_only"),
            (ffi::SQLITE_READONLY_DIRECTORY, "read_only"),
            (ffi::SQLITE_PERM, "read_only"),
            (ffi::SQLITE_CORRUPT, "corrupt"),
            (ffi::SQLITE_CORRUPT_INDEX, "corrupt"),
            (ffi::SQLITE_NOTADB, "not_a_database"),
            (ffi::SQLITE_BUSY, "locked"),
            (ffi::SQLITE_BUSY_SNAPSHOT, "locked"),
            (ffi::SQLITE_LOCKED, "locked"),
            (ffi::SQLITE_CANTOPEN, "io"),
            (ffi::SQLITE_IOERR, "io"),
            (ffi::SQLITE_IOERR_READ, "io"),
            (ffi::SQLITE_PROTOCOL, "io"),
            (ffi::SQLITE_CONSTRAINT, "refused"),
        ] {
            let failure = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            let explained = explain(&failure, Path::new("/data/feedline.db"));
            assert_eq!(explained.code(), error, "{failure}");
            let told = explained.to_string();
            assert!(told.contains("/data/feedline.db") || error == "refused", "{told}");
        }
        for (kind, error) in [
            (io::ErrorKind::PermissionDenied, "read_only"),
            (io::ErrorKind::ReadOnlyFilesystem, "read_only"),
            (io::ErrorKind::StorageFull, "full"),
            (io::ErrorKind::NotADirectory, "io"),
        ] {
            assert_eq!(explain_io(&kind.into(), Path::new("x")).code(), error, "{kind}");
        }
    }
}
