//! Copies of the file, and giving room back.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::Archive;
use super::error::Error;
use super::file::{create_new, explain, explain_io, open_reader};
use super::index;

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
        self.write(|connection| {
            while index::advance(connection)? {}
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
