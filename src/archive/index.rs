//! Indexing is asynchronous: storing a post only queues it in the table `unindexed`.
//!
//! Queued posts are indexed when the writer is idle, and a search first indexes all of them. If the queue is very long,
//! some posts are indexed after each write. Many posts in one transaction make few large segments in the search table,
//! which is cheaper; but as soon as a task waits for the writer, the transaction ends after a small number of posts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{CachedStatement, Connection, TransactionBehavior};

use super::error::Error;
use super::health::Health;
use super::post::{self, Queued};
use super::search;
use super::session::Session;

/// The queue length at which an idle writer starts to index. Fewer posts do not justify a segment.
pub(super) const BATCH: usize = 128;

/// Posts in one transaction: the maximum, and the number after which it ends if a task waits.
const MAX_STEP: usize = 512;
const STEP: usize = 32;

/// The queue length at which each write also indexes posts, so that a busy writer does not fall behind.
pub(super) const MAX_QUEUE: usize = 4096;

/// The maximum number of transactions before a search. Posts that are still queued then arrived meanwhile, or the whole
/// archive is being reindexed.
pub(super) const MAX_STEPS: usize = 2 * MAX_QUEUE / STEP;

/// The maximum total weight of [`Recent`] posts, in bytes.
const MAX_RECENT: usize = 8 * 1024 * 1024;

/// The weight of a post beside its texts, in bytes: posts without text are bounded too.
const POST: usize = 1024;

/// Recently stored posts that are not indexed yet. Indexing them needs no read and no decoding.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(Arc<Mutex<Posts>>);

#[derive(Debug, Default)]
struct Posts {
    /// By row id.
    posts: HashMap<i64, Queued>,
    weight: usize,
    /// The queue length at the last count, and the posts stored since then.
    queued: usize,
    /// SQLite's `data_version`. It changes when another program writes, which may change these rows.
    version: i64,
}

impl Recent {
    /// Adds stored posts. If they exceed the limit, the earlier ones are dropped and read from the database later.
    pub(super) fn add(&self, written: Vec<Queued>) {
        let mut recent = self.lock();
        recent.queued += written.len();
        for mut post in written {
            if let Some(former) = recent.take(post.row) {
                post.is_new |= former.is_new;
            }
            recent.weight += weight(&post);
            if recent.weight > MAX_RECENT {
                recent.posts.clear();
                recent.weight = weight(&post);
            }
            recent.posts.insert(post.row, post);
        }
    }

    /// The queue length, without a read. Posts that were stored twice count twice.
    pub(super) fn queued(&self) -> usize {
        self.lock().queued
    }

    /// Counts the queue, up to [`MAX_QUEUE`].
    pub(super) fn count(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.lock().queued = pending(connection)?;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Posts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn weight(queued: &Queued) -> usize {
    POST + queued.post.post.weight()
}

impl Posts {
    fn forget_if_others_wrote(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let version = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        if self.version != version {
            *self = Self { version, ..Self::default() };
        }
        Ok(())
    }

    fn take(&mut self, row: i64) -> Option<Queued> {
        let queued = self.posts.remove(&row)?;
        self.weight = self.weight.saturating_sub(weight(&queued));
        Some(queued)
    }
}

/// The queue length, counted up to [`MAX_QUEUE`].
pub(super) fn pending(connection: &Connection) -> rusqlite::Result<usize> {
    let mut count =
        connection.prepare_cached("SELECT count(*) FROM (SELECT 1 FROM unindexed LIMIT ?1)")?;
    let most = i64::try_from(MAX_QUEUE).unwrap_or(i64::MAX);
    let pending: i64 = count.query_row([most], |row| row.get(0))?;
    Ok(usize::try_from(pending).unwrap_or(0))
}

/// Prepares the statement that removes a post from the search table by its row id.
pub(super) fn forgetting<'c>(session: &'c Session<'_>) -> rusqlite::Result<CachedStatement<'c>> {
    session.prepare("DELETE FROM post_text WHERE rowid = ?1")
}

/// Indexes the newest queued posts in one transaction, fewer if a task waits. Returns whether more may be queued.
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
        let mut known = recent.lock();
        known.forget_if_others_wrote(&session)?;
        // In ascending order: the search table starts a new segment for each row below the previous one.
        let mut queue = session.prepare(
            "SELECT post FROM (SELECT post FROM unindexed ORDER BY post DESC LIMIT ?1) ORDER BY post",
        )?;
        let mut forget = forgetting(&session)?;
        let mut insert = session.prepare(search::INSERT)?;
        let mut rows = queue.query([i64::try_from(MAX_STEP).unwrap_or(i64::MAX)])?;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            let queued = match known.take(id) {
                Some(queued) => Some(queued),
                None => post::queued(&session, id)?,
            };
            if queued.as_ref().is_none_or(|queued| !queued.is_new) {
                forget.execute([id])?;
            }
            // An undecodable post is not searchable.
            if let Some(Queued { post, channel, .. }) = queued {
                let words = search::index_text(&post.post);
                insert.execute((id, words, search::place(channel.get())))?;
            }
            done.push(id);
            if done.len() >= STEP && somebody_waits() {
                is_all = false;
                break;
            }
        }
        drop(rows);
        // All posts between the first and the last were indexed.
        if let (Some(first), Some(last)) = (done.first(), done.last()) {
            session.execute("DELETE FROM unindexed WHERE post BETWEEN ?1 AND ?2", (first, last))?;
        }
    }
    transaction.commit()?;
    recent.count(connection)?;
    Ok(!is_all || done.len() == MAX_STEP)
}

/// Logs that stored posts cannot be found yet. The next search or write tries again.
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
    use crate::archive::value::ChannelId;

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
            let post = Arc::new(crate::archive::tests::kept(7, &"a word ".repeat(10_000)));
            recent.add(vec![Queued { row, channel: ChannelId::new(1), post, is_new: true }]);
            let posts = recent.lock();
            assert!(posts.posts.contains_key(&row) && posts.weight <= MAX_RECENT);
        }
    }
}
