//! Putting the words of posts into the search, many at a time.
//!
//! A post is kept at once and noted in `unindexed`. Its words follow when the writer has nothing else to do and enough posts
//! are noted, or when somebody searches: so whoever waits for a feed does not wait for the search, and a post by itself,
//! which would take ten pages of the search's tables, shares them with others.

use rusqlite::{Connection, OptionalExtension as _, Statement, TransactionBehavior};

use super::post;
use super::search;
use super::value::ChannelId;

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

/// Takes a post out of the search.
pub(super) fn forget(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM post_text WHERE rowid = ?1", [id]).map(|_| ())
}

/// Puts the words of some noted posts into the search, and tells whether more are noted.
pub(super) fn advance(connection: &mut Connection) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let noted: Vec<i64> = transaction
        .prepare("SELECT post FROM unindexed ORDER BY post LIMIT ?1")?
        .query_map([BATCH as i64], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut find =
        transaction.prepare("SELECT channel, message, payload FROM post WHERE id = ?1")?;
    let mut insert =
        transaction.prepare("INSERT INTO post_text (rowid, place, words) VALUES (?1, ?2, ?3)")?;
    for id in &noted {
        forget(&transaction, *id)?;
        index(&mut find, &mut insert, *id)?;
    }
    if let Some(last) = noted.last() {
        transaction.execute("DELETE FROM unindexed WHERE post <= ?1", [last])?;
    }
    drop((find, insert));
    transaction.commit()?;
    Ok(noted.len() == BATCH)
}

/// A post that cannot be read has no words.
fn index(find: &mut Statement<'_>, insert: &mut Statement<'_>, id: i64) -> rusqlite::Result<()> {
    let found = find
        .query_row([id], |row| Ok((ChannelId::new(row.get(0)?), post::read(row)?)))
        .optional()?;
    if let Some((channel, Some(held))) = found {
        insert.execute((id, search::place(channel.get()), search::words(&held.kept.post)))?;
    }
    Ok(())
}
