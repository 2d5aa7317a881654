//! Errors of the archive: each says what to do. What SQLite and the system say becomes one of them here.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::types::Type;
use rusqlite::{ErrorCode, ffi};

/// What stands in the archive's way. Each says what to do; those of [`Error::may_pass`] can be over at the next call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A later version has written the file.
    #[error(
        "{} was written by a newer feedline (its tables have version {found}, this one knows {known}): \
         install that version again, or restore the copy that it made beside the file",
        .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its tables.
        found: u32,
        /// The newest version that is known here.
        known: u32,
    },
    /// The file is another program's database.
    #[error(
        "{} is no archive of feedline: archive.url must name another file, or one that is not there yet",
        .path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is no database at all, or its beginning is destroyed.
    #[error(
        "{} is no database: archive.url must name another file; if it was one, stop feedline and put a backup in its place",
        .path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file's content is damaged.
    #[error(
        "{} is damaged ({detail}): stop feedline, move the file away together with those that have -wal and -shm \
         behind its name, and put a backup in its place, or start without one",
        .path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// A row that the answer depends on cannot be decoded.
    #[error(
        "a row in {} cannot be decoded ({detail}), and nothing is written over it: use the version of feedline that wrote \
         it, or put a backup in its place",
        .path.display()
    )]
    Undecodable {
        /// The file.
        path: PathBuf,
        /// The row, and why.
        detail: String,
    },
    /// The file or its folder may not be written.
    #[error(
        "{} cannot be written: give the user that runs feedline the right to write the file and its folder",
        .path.display()
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// There is no room.
    #[error(
        "there is no room left for {}: make some, or set archive.max_size", .path.display()
    )]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Another program holds the file.
    #[error(
        "another program holds {}: end it, or wait until it has done its work", .path.display()
    )]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be reached.
    #[error(
        "{} cannot be opened ({detail}): see whether the user that runs feedline may read it and enter its folder, \
         and that it lies on no network share",
        .path.display()
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        detail: String,
    },
    /// The file is gone, or another one stands in its place.
    #[error(
        "{} was deleted or replaced while feedline was running, and is not used: restart feedline to use what is there now",
        .path.display()
    )]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// A file that is to be made is there already.
    #[error("{} is there already, and nothing is written over it: give another name", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file is to be made in a folder that is not there.
    #[error(
        "{} cannot be made, for its folder is not there: make the folder, or give another name", .path.display()
    )]
    NoFolder {
        /// The file.
        path: PathBuf,
    },
    /// What was to be imported cannot be read.
    #[error("the import cannot be read: {detail}")]
    Unreadable {
        /// Why.
        detail: String,
    },
    /// What was to be exported finds no taker.
    #[error("the export cannot be written: {detail}")]
    Unwritable {
        /// Why.
        detail: String,
    },
    /// SQLite refuses something that it should not: a fault of ours.
    #[error("the database refuses: {detail}; please report this")]
    Refused {
        /// What SQLite says.
        detail: String,
    },
    /// feedline is stopping.
    #[error("the archive is closed")]
    Closed,
}

impl Error {
    /// One word for logs and metrics.
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

    /// Whether it can pass without a restart: feeds go on from memory meanwhile, and the archive is asked again.
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Newer { .. } | Self::Foreign { .. })
    }
}

/// A row that cannot be decoded, where the answer depends on it.
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

/// What SQLite's refusal means.
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
    // The shared memory beside the file could not grow, or be made.
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

/// What the system's refusal means.
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
