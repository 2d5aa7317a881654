//! Rows of posts with their members and revisions.

use std::sync::Arc;

use rusqlite::{CachedStatement, OptionalExtension as _, Params, Row};
use serde::de::DeserializeOwned;

use super::payload::{decode, encode};
use super::session::Session;
use super::value::{ChannelId, PostRow};
use crate::model::{MessageId, StoredPost};

/// The number of low bits of a row id, below the date.
const SPREAD: u32 = 24;

/// The latest date in a row id, in Unix seconds (the year 19391).
const LATEST: i64 = (1 << 39) - 1;

/// A stored post that is not indexed yet.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) row: i64,
    pub(super) channel: ChannelId,
    pub(super) post: Arc<StoredPost>,
    /// The row was inserted, so the search table has no entry for it.
    pub(super) is_new: bool,
}

/// Writes posts of one channel.
pub(super) struct Writing<'c> {
    session: &'c Session<'c>,
    channel: ChannelId,
}

impl<'c> Writing<'c> {
    pub(super) fn new(session: &'c Session<'c>, channel: ChannelId) -> Self {
        Self { session, channel }
    }

    /// Inserts or updates posts, and queues them for the index. Skips posts whose place is taken by an undecodable row.
    pub(super) fn put(&self, posts: &[PostRow]) -> rusqlite::Result<Vec<Queued>> {
        let mut statements = Statements::prepare(self.session)?;
        let (mut added, mut written) = (0, Vec::with_capacity(posts.len()));
        let is_new = !self.has_rows(posts)?;
        for held in posts {
            if !is_new && self.is_set_aside(&mut statements.owners, held)? {
                continue;
            }
            let present = match is_new {
                true => None,
                false => own(self.session, self.channel, held.message())?,
            };
            let id = if let Some(id) = present {
                self.rewrite(id, held)?;
                id
            } else {
                added += 1;
                self.insert(&mut statements.insert, held)?
            };
            statements.queue.execute([id])?;
            self.claim(id, held)?;
            written.push(Queued {
                row: id,
                channel: self.channel,
                post: Arc::clone(&held.kept),
                is_new: present.is_none(),
            });
        }
        count(self.session, self.channel, added)?;
        Ok(written)
    }

    /// Whether rows have messages in the range of these posts. A page of new posts needs no look-up of each.
    fn has_rows(&self, posts: &[PostRow]) -> rusqlite::Result<bool> {
        let messages = || {
            posts
                .iter()
                .flat_map(|row| row.kept.post.members.iter().copied().chain([row.message()]))
        };
        let (Some(low), Some(high)) = (messages().min(), messages().max()) else {
            return Ok(false);
        };
        let mut rows = self.session.prepare(
            "SELECT 1 FROM post WHERE channel = ?1 AND message BETWEEN ?2 AND ?3
             UNION ALL
             SELECT 1 FROM member WHERE channel = ?1 AND message BETWEEN ?2 AND ?3",
        )?;
        rows.exists((self.channel.get(), low.get(), high.get()))
    }

    /// Whether one of a post's messages belongs to an undecodable row.
    fn is_set_aside(
        &self,
        owners: &mut CachedStatement<'_>,
        held: &PostRow,
    ) -> rusqlite::Result<bool> {
        let members = &held.kept.post.members;
        let own = Some(held.message()).filter(|message| !members.contains(message));
        for message in members.iter().copied().chain(own) {
            let mut rows = owners.query((self.channel.get(), message.get()))?;
            while let Some(row) = rows.next()? {
                if read(self.session, row)?.is_none() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Stores the versions before an edit, and keeps at most `most` revisions of each post.
    pub(super) fn keep_former(&self, former: &[StoredPost], most: u32) -> rusqlite::Result<()> {
        if most == 0 {
            return Ok(());
        }
        for kept in former {
            let Some(id) = own(self.session, self.channel, kept.identity.message)? else {
                continue;
            };
            self.session.execute(
                "INSERT INTO revision (post, payload) VALUES (?1, ?2)",
                (id, encode(kept)?),
            )?;
            self.session.execute(
                "DELETE FROM revision WHERE post = ?1 AND id NOT IN
                 (SELECT id FROM revision WHERE post = ?1 ORDER BY id DESC LIMIT ?2)",
                (id, most),
            )?;
        }
        Ok(())
    }

    fn rewrite(&self, id: i64, held: &PostRow) -> rusqlite::Result<()> {
        self.session
            .execute(
                "UPDATE post SET is_deleted = ?2, payload = ?3 WHERE id = ?1",
                (id, held.deleted.is_some(), encode(held)?),
            )
            .map(|_| ())
    }

    fn insert(&self, insert: &mut CachedStatement<'_>, held: &PostRow) -> rusqlite::Result<i64> {
        let mut id = dated(held, self.channel);
        let (message, is_deleted) = (held.message().get(), held.deleted.is_some());
        let payload = encode(held)?;
        // The next free id.
        while insert.execute((id, self.channel.get(), message, is_deleted, &payload))? == 0 {
            id = id.checked_add(1).unwrap_or(0);
        }
        Ok(id)
    }

    /// Records that the messages of an album lead to its post. They do so for ever, because a page may show any part of
    /// it.
    fn claim(&self, id: i64, held: &PostRow) -> rusqlite::Result<()> {
        // A post that was merged into an album or deleted claims no messages.
        if held.deleted.is_some() {
            return Ok(());
        }
        for member in held.kept.post.members.iter().filter(|member| **member != held.message()) {
            self.session.execute(
                "INSERT INTO member (channel, message, post) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET post = excluded.post WHERE post <> excluded.post",
                (self.channel.get(), member.get(), id),
            )?;
        }
        Ok(())
    }
}

/// Statements that run for every post, prepared once for a page.
struct Statements<'c> {
    /// Inserts nothing if the row id is taken.
    insert: CachedStatement<'c>,
    /// Queues the post for the index (`index`).
    queue: CachedStatement<'c>,
    /// The rows that a message belongs or belonged to.
    owners: CachedStatement<'c>,
}

impl<'c> Statements<'c> {
    fn prepare(session: &'c Session<'c>) -> rusqlite::Result<Self> {
        Ok(Self {
            queue: session.prepare("INSERT OR IGNORE INTO unindexed (post) VALUES (?1)")?,
            owners: session.prepare(
                "SELECT id, payload FROM post WHERE id IN (
                    SELECT id FROM post WHERE channel = ?1 AND message = ?2
                    UNION ALL
                    SELECT post FROM member WHERE channel = ?1 AND message = ?2
                 )",
            )?,
            insert: session.prepare(
                "INSERT INTO post (id, channel, message, is_deleted, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING",
            )?,
        })
    }
}

/// Adds to a channel's number of posts.
pub(super) fn count(session: &Session<'_>, channel: ChannelId, more: i64) -> rusqlite::Result<()> {
    if more == 0 {
        return Ok(());
    }
    session
        .execute("UPDATE channel SET posts = posts + ?2 WHERE id = ?1", (channel.get(), more))
        .map(|_| ())
}

/// The row id of the post that a message belongs to.
pub(super) fn owning(
    session: &Session<'_>,
    channel: ChannelId,
    message: MessageId,
) -> rusqlite::Result<Option<i64>> {
    // The ranks: a post of this message, an album that has it as a member, a deleted post. So a post that was merged
    // into an album leads to the album.
    session
        .query_row(
            "SELECT id FROM (
                SELECT id, is_deleted AS rank FROM post WHERE channel = ?1 AND message = ?2
                UNION ALL
                SELECT post, 0.5 FROM member WHERE channel = ?1 AND message = ?2
             ) ORDER BY rank LIMIT 1",
            (channel.get(), message.get()),
            |row| row.get(0),
        )
        .optional()
}

pub(super) fn by_row(session: &Session<'_>, id: i64) -> rusqlite::Result<Option<PostRow>> {
    let held = session
        .query_row("SELECT id, payload FROM post WHERE id = ?1", [id], |row| read(session, row))
        .optional()?;
    Ok(held.flatten())
}

/// A post that is indexed from its row; `None` if the row is missing or undecodable.
pub(super) fn queued(session: &Session<'_>, id: i64) -> rusqlite::Result<Option<Queued>> {
    let read = |row: &Row<'_>| {
        let channel = ChannelId::new(row.get(2)?);
        let held = read(session, row)?;
        Ok(held.map(|held| Queued { row: id, channel, post: held.kept, is_new: false }))
    };
    let queued = session
        .query_row("SELECT id, payload, channel FROM post WHERE id = ?1", [id], read)
        .optional()?;
    Ok(queued.flatten())
}

/// The posts from `low` to `high` inclusive, newest first.
pub(super) fn between(
    session: &Session<'_>,
    channel: ChannelId,
    low: MessageId,
    high: MessageId,
    limit: usize,
) -> rusqlite::Result<Vec<PostRow>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    list(
        session,
        "SELECT id, payload FROM post
         WHERE channel = ?1 AND message BETWEEN ?2 AND ?3 ORDER BY message DESC LIMIT ?4",
        (channel.get(), low.get(), high.get(), limit),
    )
}

/// The posts of rows with the columns `id, payload`, in row order.
fn list(
    session: &Session<'_>,
    rows: &str,
    parameters: impl Params,
) -> rusqlite::Result<Vec<PostRow>> {
    let mut statement = session.prepare(rows)?;
    let rows = statement.query_map(parameters, |row| read(session, row))?;
    rows.filter_map(Result::transpose).collect()
}

/// The earlier versions of a post, oldest first.
pub(super) fn revisions(session: &Session<'_>, id: i64) -> rusqlite::Result<Vec<StoredPost>> {
    let mut statement =
        session.prepare("SELECT id, payload FROM revision WHERE post = ?1 ORDER BY id")?;
    let rows = statement.query_map([id], |row| decoded(session, "revision", row))?;
    rows.filter_map(Result::transpose).collect()
}

/// Reads a post from the columns `id, payload`. An undecodable row is reported and skipped, so that one bad row does
/// not fail a whole feed.
pub(in crate::archive) fn read(
    session: &Session<'_>,
    row: &Row<'_>,
) -> rusqlite::Result<Option<PostRow>> {
    decoded(session, "post", row)
}

/// Reads a value from the columns `id, payload`.
pub(super) fn decoded<T: DeserializeOwned>(
    session: &Session<'_>,
    table: &'static str,
    row: &Row<'_>,
) -> rusqlite::Result<Option<T>> {
    let value = decode(row.get_ref(1)?.as_blob()?);
    if let Err(error) = &value {
        session.set_aside(table, row.get(0)?, error);
    }
    Ok(value.ok())
}

/// The date of publication in a row id, to the second.
pub(super) fn published(id: i64) -> Option<chrono::DateTime<chrono::Utc>> {
    chrono::DateTime::from_timestamp(id >> SPREAD, 0)
}

/// The nearest posts above a message, newest first.
pub(super) fn above(
    session: &Session<'_>,
    channel: ChannelId,
    after: MessageId,
    limit: usize,
) -> rusqlite::Result<Vec<PostRow>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut posts = list(
        session,
        "SELECT id, payload FROM post
         WHERE channel = ?1 AND message > ?2 ORDER BY message LIMIT ?3",
        (channel.get(), after.get(), limit),
    )?;
    posts.reverse();
    Ok(posts)
}

/// The lowest row id of posts with this date of publication.
pub(super) fn first_of(published: chrono::DateTime<chrono::Utc>) -> i64 {
    published.timestamp().clamp(0, LATEST) << SPREAD
}

fn own(
    session: &Session<'_>,
    channel: ChannelId,
    message: MessageId,
) -> rusqlite::Result<Option<i64>> {
    session
        .query_row(
            "SELECT id FROM post WHERE channel = ?1 AND message = ?2",
            (channel.get(), message.get()),
            |row| row.get(0),
        )
        .optional()
}

/// The preferred row id: the date, then bits that separate posts of the same second. So row order is time order, also
/// for posts that are stored later.
fn dated(held: &PostRow, channel: ChannelId) -> i64 {
    let place = [channel.get().to_le_bytes(), i64::from(held.message().get()).to_le_bytes()];
    let spread = fingerprint(place.as_flattened()) & ((1 << SPREAD) - 1);
    first_of(held.kept.post.published) | spread
}

/// FNV-1a. The hash is part of stored row ids, so it must not change between versions.
fn fingerprint(bytes: &[u8]) -> i64 {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.cast_signed()
}
