//! The tables, and how a file of an earlier version becomes one of this.
//!
//! Forward only: before the first step of a migration the file is copied, and a file of a later version is refused.
//!
//! What is looked for has columns; everything else of a row is in its payload, as the model writes it. So a new field of
//! the model is no migration.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::{Error, explain};
use super::search;

/// Marks a SQLite file as ours (`feed`, in the field that SQLite has for it).
pub(super) const APPLICATION: i32 = i32::from_be_bytes(*b"feed");

/// From each version of the tables to the next; the first makes them.
pub(super) const STEPS: &[Step] = &[first, second, third, fourth];

/// What makes a file of one version one of the next.
pub(super) type Step = fn(&Connection) -> rusqlite::Result<()>;

/// `post.id` is made from the date of publication (`post::dated`), so that the order of rows is the order of time in the
/// search, whose rows have the same numbers, too. `post.message` is the message of the post's identity; `member` has
/// the other messages of albums, those too that have left them: a message that once was part of a post leads to it for ever.
/// `channel.name` is empty when the name has passed to another channel.
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

/// `unindexed` has the posts whose words are not in the search table yet (`index`).
const NOTES: &str = "
    CREATE TABLE unindexed (
        post INTEGER PRIMARY KEY REFERENCES post ON DELETE CASCADE
    ) STRICT;
    ALTER TABLE post DROP COLUMN words;
";

/// Segments of the search table are merged when there are sixteen of a size, step by step and not all at once: merging four, as
/// is the rule without this, writes twice as much.
const MERGING: &str = "
    INSERT INTO post_text (post_text, rank) VALUES ('automerge', 16);
    INSERT INTO post_text (post_text, rank) VALUES ('crisismerge', 48);
";

/// All names that channels had before. `is_lost`: another channel has taken it, and it leads to that one.
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

/// The form of the search text is another one: all posts are indexed anew, the newest first, after the start. Rows that are
/// written from now on have another form of payload too, which earlier versions cannot read.
fn fourth(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("DROP TABLE post_text")?;
    connection.execute_batch(search::TABLE)?;
    connection.execute_batch(MERGING)?;
    connection.execute_batch("INSERT OR IGNORE INTO unindexed SELECT id FROM post")
}

/// The version of a file's tables; 0: there are none.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// The version that `steps` lead to.
pub(super) fn latest(steps: &[Step]) -> u32 {
    u32::try_from(steps.len()).unwrap_or(u32::MAX)
}

/// Tells whether the file is ours and of a version that is known; gives the version.
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

/// Brings the tables to the latest version. Each step goes in whole or not at all.
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
        // Asked again in each transaction: another feedline may be doing the same.
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

/// Copies the file before it is changed: `feedline.db.v1`.
fn copy(connection: &Connection, path: &Path, version: u32) -> Result<(), Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".v{version}"));
    // What an earlier attempt left may be half a copy.
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
