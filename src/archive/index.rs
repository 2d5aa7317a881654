//! Indexing is asynchronous: storing a post only notes it in `unindexed`.
//!
//! Noted posts are indexed when the writer is idle, and a search first indexes what is pending. When very many are noted, some
//! are indexed after each write. Many posts in one transaction make few large segments of the search table, which is cheaper;
//! but as soon as somebody waits for the writer, a transaction ends with a small number of posts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{CachedStatement, Connection, TransactionBehavior};

use super::error::Error;
use super::health::Health;
use super::post;
use super::search;
use super::session::Session;
use crate::model::StoredPost;

/// So many noted posts are indexed while nobody searches: fewer are not worth a segment.
pub(super) const BATCH: usize = 128;

/// Posts of one transaction, while nobody waits and while somebody does.
const MOST_AT_ONCE: usize = 512;
const STEP: usize = 32;

/// So many noted posts are not exceeded by much, however busy the writer is.
pub(super) const MOST: usize = 4096;

/// Steps before one search: posts that are still noted then came meanwhile, or the whole table is made anew.
pub(super) const MOST_STEPS: usize = 2 * MOST / STEP;

/// The most that the texts of [`Recent`] posts weigh.
const MOST_RECENT: usize = 8 * 1024 * 1024;

/// Posts that were stored lately and are not indexed yet, by their rows: they need not be read and decoded again.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(Arc<Mutex<Posts>>);

#[derive(Debug, Default)]
struct Posts {
    posts: HashMap<i64, Arc<StoredPost>>,
    weight: usize,
    /// What SQLite's `data_version` was: it changes when another program writes, perhaps one of these rows.
    version: i64,
}

impl Recent {
    /// Takes in posts that were stored; when there are too many, the others are read again.
    pub(super) fn add(&self, written: Vec<(i64, Arc<StoredPost>)>) {
        let mut recent = self.lock();
        for (row, kept) in written {
            recent.weight += kept.post.weight();
            if recent.weight > MOST_RECENT {
                recent.posts.clear();
                recent.weight = kept.post.weight();
            }
            if let Some(former) = recent.posts.insert(row, kept) {
                recent.weight = recent.weight.saturating_sub(former.post.weight());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Posts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Posts {
    fn forget_if_others_wrote(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let version = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        if self.version != version {
            *self = Self { version, ..Self::default() };
        }
        Ok(())
    }

    fn take(&mut self, row: i64) -> Option<Arc<StoredPost>> {
        let kept = self.posts.remove(&row)?;
        self.weight = self.weight.saturating_sub(kept.post.weight());
        Some(kept)
    }
}

/// How many posts are noted; counted no further than to [`MOST`].
pub(super) fn pending(connection: &Connection) -> rusqlite::Result<usize> {
    let mut count =
        connection.prepare_cached("SELECT count(*) FROM (SELECT 1 FROM unindexed LIMIT ?1)")?;
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let pending: i64 = count.query_row([most], |row| row.get(0))?;
    Ok(usize::try_from(pending).unwrap_or(0))
}

/// Takes a post out of the search table by its row.
pub(super) fn forgetting<'c>(session: &'c Session<'_>) -> rusqlite::Result<CachedStatement<'c>> {
    session.prepare("DELETE FROM post_text WHERE rowid = ?1")
}

/// Indexes noted posts, the newest of them, in one transaction; fewer when somebody waits. Tells whether more may be noted.
pub(super) fn advance(
    connection: &mut Connection,
    health: &Health,
    recent: &Recent,
    somebody_waits: impl Fn() -> bool,
) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut done = Vec::new();
    let mut is_all = true;
    {
        let session = Session::new(&transaction, health);
        let mut recent = recent.lock();
        recent.forget_if_others_wrote(&session)?;
        // In ascending order: the table writes a segment of its own for each row that is below the last one.
        let mut noted = session.prepare(
            "SELECT id, payload, channel FROM (SELECT post FROM unindexed ORDER BY post DESC LIMIT ?1)
             CROSS JOIN post ON id = post ORDER BY id",
        )?;
        let mut forget = forgetting(&session)?;
        let mut insert = session.prepare(search::INSERT)?;
        let mut rows = noted.query([i64::try_from(MOST_AT_ONCE).unwrap_or(i64::MAX)])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            forget.execute([id])?;
            let kept = match recent.take(id) {
                Some(kept) => Some(kept),
                None => post::read(&session, row)?.map(|held| held.kept),
            };
            // A post that cannot be read has no words.
            if let Some(kept) = kept {
                let words = search::index_text(&kept.post);
                insert.execute((id, words, search::place(row.get(2)?)))?;
            }
            done.push(id);
            if done.len() >= STEP && somebody_waits() {
                is_all = false;
                break;
            }
        }
        drop(rows);
        let mut indexed = session.prepare("DELETE FROM unindexed WHERE post = ?1")?;
        for id in &done {
            indexed.execute([id])?;
        }
    }
    transaction.commit()?;
    Ok(!is_all || done.len() == MOST_AT_ONCE)
}

/// Reports that posts are stored and cannot be found yet. The next search or store tries again.
pub(super) fn failed(error: &Error) {
    tracing::error!(
        archive.error = error.code(),
        "the newest posts cannot be put into the search: {error}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::file::open_reader;
    use crate::archive::tests::{Place, page};

    #[tokio::test]
    async fn transaction_ends_early_when_somebody_waits() {
        let place = Place::disk();
        let archive = place.open();
        archive.store(page("tea", Some(77), 1, 50)).await.unwrap();
        let mut connection = open_reader(&place.settings().path.unwrap()).unwrap();
        let (health, recent) = (Health::default(), Recent::default());
        assert_eq!(advance(&mut connection, &health, &recent, || true), Ok(true));
        assert_eq!(pending(&connection), Ok(50 - STEP));
        assert_eq!(advance(&mut connection, &health, &recent, || false), Ok(false));
        assert_eq!(pending(&connection), Ok(0));
    }

    #[test]
    fn recent_posts_are_bounded() {
        let recent = Recent::default();
        for row in 0..200 {
            let text = "a word ".repeat(10_000);
            recent.add(vec![(row, Arc::new(crate::archive::tests::kept(7, &text)))]);
            let posts = recent.lock();
            assert!(posts.posts.contains_key(&row) && posts.weight <= MOST_RECENT);
        }
    }
}
