//! The tables and their migrations.
//!
//! Migrations run forward only: the file is copied before the first step, and a file of a later version is rejected.
//! Only searchable fields have columns. Everything else is in a row's payload, so a new field of the model needs no
//! migration.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::{Error, explain};
use super::search;

/// The `application_id` of feedline's files, in the SQLite header.
pub(super) const APPLICATION: i32 = i32::from_be_bytes(*b"feed");

/// The steps from each version to the next. The first creates the tables.
pub(super) const STEPS: &[Step] = &[first, second, third, fourth];

/// Migrates a file from one version to the next.
pub(super) type Step = fn(&Connection) -> rusqlite::Result<()>;

/// `post.id` contains the date of publication (`post::dated`), so that row order is time order, also in the search
/// table, which has the same row ids. `post.message` is the message of the post's identity. `member` has the other
/// messages of albums, including former ones: a message that was once part of a post leads to it for ever.
/// `channel.name` is NULL if another channel has taken the name.
const TABLES: &str = "
    CREATE TABLE channel (
        id INTEGER PRIMARY KEY,
        numeric_id INTEGER UNIQUE,
        name TEXT UNIQUE,
        posts INTEGER NOT NULL DEFAULT 0,
        payload TEXT NOT NULL,
        state TEXT NOT NULL,
        ranges TEXT NOT NULL
    ) STRICT;
    CREATE TABLE former_name (
        name TEXT PRIMARY KEY,
        channel INTEGER NOT NULL REFERENCES channel
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX former_name_channel ON former_name (channel);
    CREATE TABLE post (
        id INTEGER PRIMARY KEY,
        channel INTEGER NOT NULL REFERENCES channel,
        message INTEGER NOT NULL,
        is_deleted INTEGER NOT NULL,
        words INTEGER NOT NULL,
        payload BLOB NOT NULL,
        UNIQUE (channel, message)
    ) STRICT;
    CREATE TABLE member (
        channel INTEGER NOT NULL,
        message INTEGER NOT NULL,
        post INTEGER NOT NULL REFERENCES post ON DELETE CASCADE,
        PRIMARY KEY (channel, message)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX member_post ON member (post);
    CREATE TABLE revision (
        id INTEGER PRIMARY KEY,
        post INTEGER NOT NULL REFERENCES post ON DELETE CASCADE,
        payload BLOB NOT NULL
    ) STRICT;
    CREATE INDEX revision_post ON revision (post);
    CREATE TABLE visit (
        key TEXT PRIMARY KEY,
        payload TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// `unindexed` has the posts that are not in the search table yet (`index`).
const NOTES: &str = "
    CREATE TABLE unindexed (
        post INTEGER PRIMARY KEY REFERENCES post ON DELETE CASCADE
    ) STRICT;
    ALTER TABLE post DROP COLUMN words;
";

/// Merges sixteen segments of the search table at a time, in small steps. The default of four writes twice as much.
const MERGING: &str = "
    INSERT INTO post_text (post_text, rank) VALUES ('automerge', 16);
    INSERT INTO post_text (post_text, rank) VALUES ('crisismerge', 48);
";

/// All former names of channels. `is_lost`: another channel has taken the name, and the name leads to that channel.
const NAMES: &str = "
    CREATE TABLE earlier_name (
        name TEXT NOT NULL,
        channel INTEGER NOT NULL REFERENCES channel,
        is_lost INTEGER NOT NULL,
        PRIMARY KEY (name, channel)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO earlier_name SELECT name, channel, 0 FROM former_name;
    INSERT OR IGNORE INTO earlier_name SELECT key, id, 1 FROM (
        SELECT id, CASE WHEN json_valid(payload) THEN lower(json_extract(payload, '$.name')) END AS key
        FROM channel WHERE name IS NULL
    ) WHERE key IS NOT NULL;
    DROP TABLE former_name;
    ALTER TABLE earlier_name RENAME TO former_name;
    CREATE INDEX former_name_channel ON former_name (channel);
";

fn first(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)?;
    connection.execute_batch(search::TABLE)
}

fn second(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(NOTES)
}

fn third(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(NAMES)
}

/// Changes the format of the search table: all posts are reindexed after the start, newest first. New rows also have
/// another payload format, which earlier versions cannot read.
fn fourth(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("DROP TABLE post_text")?;
    connection.execute_batch(search::TABLE)?;
    connection.execute_batch(MERGING)?;
    connection.execute_batch("INSERT OR IGNORE INTO unindexed SELECT id FROM post")
}

/// The schema version of a file; 0 if it has no tables.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.prepare_cached("PRAGMA user_version")?.query_row([], |row| row.get(0))
}

pub(super) fn latest(steps: &[Step]) -> u32 {
    u32::try_from(steps.len()).unwrap_or(u32::MAX)
}

/// Checks that the file is new or an archive of a supported version, and returns the version.
pub(super) fn check(connection: &Connection, path: &Path, steps: &[Step]) -> Result<u32, Error> {
    let ask = || {
        let application: i32 =
            connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let tables: u32 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((application, tables, version(connection)?))
    };
    let (application, tables, found) = ask().map_err(|error| explain(&error, path))?;
    let is_new = application == 0 && tables == 0;
    if !is_new && application != APPLICATION {
        return Err(Error::Foreign { path: path.to_owned() });
    }
    let known = latest(steps);
    if found > known {
        return Err(Error::Newer { path: path.to_owned(), found, known });
    }
    Ok(found)
}

/// Migrates to the latest version. Each step is one transaction.
pub(super) fn migrate(
    connection: &mut Connection,
    path: Option<&Path>,
    steps: &[Step],
) -> Result<(), Error> {
    let shown = path.unwrap_or(Path::new(":memory:"));
    let found = check(connection, shown, steps)?;
    if found == latest(steps) {
        return Ok(());
    }
    if let Some(path) = path.filter(|_| found > 0) {
        copy(connection, path, found)?;
    }
    steps_from(connection, steps).map_err(|error| explain(&error, shown))?;
    if found > 0 {
        tracing::info!(from = found, to = latest(steps), "the archive's tables were renewed");
    }
    Ok(())
}

fn steps_from(connection: &mut Connection, steps: &[Step]) -> rusqlite::Result<()> {
    loop {
        // Read again in each transaction, because another feedline may be migrating the same file.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = version(&transaction)?;
        let Some(step) = steps.get(usize::try_from(found).unwrap_or(usize::MAX)) else {
            return Ok(());
        };
        step(&transaction)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", found + 1)?;
        transaction.commit()?;
    }
}

/// Copies the file before the migration, for example to `feedline.db.v1`.
fn copy(connection: &Connection, path: &Path, version: u32) -> Result<(), Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".v{version}"));
    // An earlier attempt may have left a partial copy.
    if let Err(error) = std::fs::remove_file(&name)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(super::error::explain_io(&error, Path::new(&name)));
    }
    super::copy::vacuum_into(connection, Path::new(&name))?;
    tracing::info!(
        "the archive was copied to {} before its tables are renewed",
        Path::new(&name).display()
    );
    Ok(())
}
