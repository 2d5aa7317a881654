//! Indexing is asynchronous: storing a post only notes it in `unindexed`.
//!
//! When the writer is idle, noted posts are indexed in batches, which make few large segments of the search table. When very many
//! posts are noted, they are indexed in small steps between other writes. A search first indexes what is pending, in small
//! steps too. So a request waits for one small step at most.

use rusqlite::{Connection, Statement, TransactionBehavior};

use super::error::Error;
use super::health::Health;
use super::post;
use super::search;
use super::session::Session;

/// Posts of one transaction while nobody waits: fewer are not worth one.
pub(super) const BATCH: usize = 128;

/// Posts of one transaction while somebody may wait.
pub(super) const STEP: usize = 32;

/// So many noted posts are not exceeded by much, however busy the writer is.
pub(super) const MOST: usize = 4096;

/// Steps before one search: posts that are still noted then came meanwhile, or the whole table is made anew.
pub(super) const MOST_STEPS: usize = 2 * MOST / STEP;

/// How many posts are noted; counted no further than to [`MOST`].
pub(super) fn pending(connection: &Connection) -> rusqlite::Result<usize> {
    let count = format!("SELECT count(*) FROM (SELECT 1 FROM unindexed LIMIT {MOST})");
    let pending: i64 = connection.query_row(&count, [], |row| row.get(0))?;
    Ok(usize::try_from(pending).unwrap_or(0))
}

/// Takes a post out of the search table by its row.
pub(super) fn forgetting(connection: &Connection) -> rusqlite::Result<Statement<'_>> {
    connection.prepare("DELETE FROM post_text WHERE rowid = ?1")
}

/// Indexes at most so many noted posts, the newest of them, and tells whether more may be noted.
pub(super) fn advance(
    connection: &mut Connection,
    health: &Health,
    most: usize,
) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let session = Session::new(&transaction, health);
    let mut done = Vec::new();
    {
        // In ascending order: the table writes a segment of its own for each row that is below the last one.
        let mut noted = transaction.prepare(
            "SELECT id, payload, channel FROM (SELECT post FROM unindexed ORDER BY post DESC LIMIT ?1)
             CROSS JOIN post ON id = post ORDER BY id",
        )?;
        let mut forget = forgetting(&transaction)?;
        let mut insert = transaction.prepare(search::INSERT)?;
        let mut rows = noted.query([i64::try_from(most).unwrap_or(i64::MAX)])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            forget.execute([id])?;
            // A post that cannot be read has no words.
            if let Some(held) = post::read(&session, row)? {
                let words = search::Entry::new(&held.kept.post).words;
                insert.execute((id, words, search::place(row.get(2)?)))?;
            }
            done.push(id);
        }
        let mut indexed = transaction.prepare("DELETE FROM unindexed WHERE post = ?1")?;
        for id in &done {
            indexed.execute([id])?;
        }
    }
    transaction.commit()?;
    Ok(done.len() == most)
}

/// Reports that posts are stored and cannot be found yet. The next search or store tries again.
pub(super) fn failed(error: &Error) {
    tracing::error!(
        archive.error = error.code(),
        "the newest posts cannot be put into the search: {error}"
    );
}
