//! Why the archive does not do what it is asked for, and what helps.

use std::path::PathBuf;

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
    #[must_use]
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
    #[must_use]
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Newer { .. } | Self::Foreign { .. })
    }
}
