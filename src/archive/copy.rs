//! Copies of the file, and giving room back.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, Row};

use super::Archive;
use super::channel::{COLUMNS, Stored};
use super::error::Error;
use super::file::{create_new, explain, explain_io, open_reader};
use super::index;
use super::post;
use crate::model::StoredPost;

impl Archive {
    /// Writes a copy, as of one moment, to a file that is not there yet. What goes on meanwhile is not in it.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Exists`] when there is such a file.
    pub async fn backup(&self, to: &Path) -> Result<(), Error> {
        let target = to.to_owned();
        let Some(readers) = &self.readers else {
            return self.writer.run(move |connection| Ok(vacuum_into(connection, &target))).await?;
        };
        // A connection of its own: a copy runs in no transaction.
        let source = readers.path().to_owned();
        let work = move || vacuum_into(&open_reader(&source)?, &target);
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)?
    }

    /// Gives back the room that nothing takes any more: the file is written anew, for which there must be as much room
    /// again. Writes wait meanwhile.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn compact(&self) -> Result<(), Error> {
        let health = self.health.clone();
        self.write(move |connection| {
            while index::advance(connection, &health)? {}
            connection.execute("INSERT INTO post_text (post_text) VALUES ('optimize')", [])?;
            // The new file is as large as the old one: not in memory.
            connection.pragma_update(None, "temp_store", "default")?;
            let outcome = connection.execute_batch("VACUUM");
            connection.pragma_update(None, "temp_store", "memory")?;
            outcome?;
            checkpoint(connection)
        })
        .await
    }

    /// Looks at every page and every index.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with the first fault that is found.
    pub async fn check(&self) -> Result<(), Error> {
        let fault = self
            .read(|connection| {
                connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
            })
            .await?;
        if fault == "ok" {
            return Ok(());
        }
        let path = self.path().unwrap_or(Path::new(":memory:")).to_owned();
        let error = Error::Corrupt { path, detail: fault };
        self.health.met(&error);
        Err(error)
    }
}

impl Archive {
    /// Decodes every row, and tells how many cannot be decoded. They are reported one by one.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn undecodable_rows(&self) -> Result<u64, Error> {
        self.read(|session| {
            let channels = count(session, &format!("SELECT {COLUMNS} FROM channel"), |row| {
                Ok(Stored::read(session, row)?.is_err())
            })?;
            let posts = count(session, "SELECT id, payload FROM post", |row| {
                Ok(post::read(session, row)?.is_none())
            })?;
            let revisions = count(session, "SELECT id, payload FROM revision", |row| {
                Ok(post::decoded::<StoredPost>(session, "revision", row)?.is_none())
            })?;
            Ok(channels + posts + revisions)
        })
        .await
    }
}

/// How many rows are of a kind.
fn count(
    connection: &Connection,
    statement: &str,
    is_of_kind: impl Fn(&Row<'_>) -> rusqlite::Result<bool>,
) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare(statement)?;
    let mut rows = statement.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += u64::from(is_of_kind(row)?);
    }
    Ok(count)
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
