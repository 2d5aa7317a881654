//! Putting the words of posts into the search, many at a time.
//!
//! A post is kept at once and noted in `unindexed`. Its words follow when the writer has nothing else to do and enough posts
//! are noted, or when somebody searches: so whoever waits for a feed does not wait for the search, and a post by itself,
//! which would take ten pages of the search's tables, shares them with others.

use rusqlite::{Connection, Statement, TransactionBehavior};

use super::error::Error;
use super::health::Health;
use super::post;
use super::search;
use super::session::Session;

/// Posts of one transaction: so many noted ones are worth it, and whoever else writes does not wait for it long.
const BATCH: usize = 128;

/// So many noted posts are not exceeded by much, however busy the writer is.
const MOST: usize = 1024;

/// Transactions of one search: what is still noted then came meanwhile.
pub(super) const ROUNDS: usize = 2 * MOST / BATCH;

/// Whether noted posts should go into the search now.
pub(super) fn is_due(connection: &Connection, is_idle: bool) -> rusqlite::Result<bool> {
    let noted = connection
        .prepare("SELECT count(*) FROM unindexed")?
        .query_row([], |row| row.get(0))
        .map(super::load::unsigned)?;
    let enough = if is_idle { BATCH } else { MOST };
    Ok(noted >= enough as u64)
}

/// Whether posts are noted at all.
pub(super) fn is_behind(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare("SELECT 1 FROM unindexed")?.exists([])
}

/// What notes a post by its row: its words are new, or others than before.
pub(super) fn noting(connection: &Connection) -> rusqlite::Result<Statement<'_>> {
    connection.prepare("INSERT OR IGNORE INTO unindexed (post) VALUES (?1)")
}

/// What takes a post out of the search by its row.
pub(super) fn forgetting(connection: &Connection) -> rusqlite::Result<Statement<'_>> {
    connection.prepare("DELETE FROM post_text WHERE rowid = ?1")
}

/// Puts the words of some noted posts into the search, and tells whether more may be noted.
pub(super) fn advance(connection: &mut Connection, health: &Health) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let session = Session::new(&transaction, health);
    let (mut last, mut done) = (None, 0);
    {
        let mut noted = transaction.prepare(
            "SELECT id, payload, channel FROM unindexed CROSS JOIN post ON id = unindexed.post
             ORDER BY unindexed.post LIMIT ?1",
        )?;
        let mut forget = forgetting(&transaction)?;
        let mut insert = transaction
            .prepare("INSERT INTO post_text (rowid, place, words) VALUES (?1, ?2, ?3)")?;
        let mut rows = noted.query([BATCH as i64])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            forget.execute([id])?;
            // A post that cannot be read has no words.
            if let Some(held) = post::read(&session, row)? {
                insert.execute((id, search::place(row.get(2)?), search::words(&held.kept.post)))?;
            }
            (last, done) = (Some(id), done + 1);
        }
    }
    if let Some(last) = last {
        transaction.execute("DELETE FROM unindexed WHERE post <= ?1", [last])?;
    }
    transaction.commit()?;
    Ok(done == BATCH)
}

/// Tells that posts are kept and cannot be found yet. The next search or store tries again.
pub(super) fn failed(error: &Error) {
    tracing::error!(
        archive.error = error.code(),
        "the newest posts cannot be put into the search: {error}"
    );
}
