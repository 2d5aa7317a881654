//! What goes when the archive is to stay small: the oldest posts first, a bounded number with each store.
//!
//! A post that is dropped takes its revisions, members and search text along, and counts as not covered from then on: who
//! asks for it again is answered by Telegram. Rows that cannot be decoded are no exception: the limits are the operator's.

use rusqlite::OptionalExtension as _;

use super::channel;
use super::index;
use super::post;
use super::range;
use super::session::{Session, unsigned};
use super::value::{ChannelId, Settings};
use crate::model::MessageId;
use chrono::{DateTime, Utc};

/// The most posts that go with one store for each reason, unless more came in.
const BATCH: usize = 64;

/// The part of `max_size` that is filled, in eighths: a store comes in before others go, and the search table takes more
/// room while its parts are merged.
const FILLED: u64 = 7;

/// The most bytes that are cut from the file with one store.
const CUT: u64 = 2 * 1024 * 1024;

/// A row to be dropped.
struct Old {
    id: i64,
    channel: ChannelId,
    message: MessageId,
}

/// Drops what the settings do not keep, after a store into a channel.
pub(super) fn apply(
    session: &Session<'_>,
    settings: &Settings,
    id: ChannelId,
    stored: usize,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let most = BATCH.max(stored * 2);
    if settings.keep_posts > 0 {
        drop_all(session, &surplus(session, id, settings.keep_posts, most)?)?;
    }
    if let Some(limit) = settings
        .keep_for
        .and_then(|keep_for| now.checked_sub_signed(chrono::TimeDelta::from_std(keep_for).ok()?))
    {
        drop_all(session, &oldest(session, post::first_of(limit), most)?)?;
    }
    if let Some(max_size) = settings.max_size {
        hold(session, max_size.as_u64(), most)?;
    }
    Ok(())
}

/// Drops posts when they take too much, and cuts from the file what nothing takes any more.
fn hold(session: &Session<'_>, max_size: u64, most: usize) -> rusqlite::Result<()> {
    let ask = |name| session.pragma_query_value(None, name, |row| row.get(0)).map(unsigned);
    let page_size = ask("page_size")?;
    if (ask("page_count")?.saturating_sub(ask("freelist_count")?)) * page_size
        > max_size / 8 * FILLED
    {
        drop_all(session, &oldest(session, i64::MAX, most)?)?;
    }
    if ask("page_count")? * page_size > max_size {
        let mut cut =
            session.prepare(&format!("PRAGMA incremental_vacuum({})", CUT / page_size))?;
        let mut steps = cut.query([])?;
        while steps.next()?.is_some() {}
    }
    Ok(())
}

/// The posts that a channel has too many.
fn surplus(
    session: &Session<'_>,
    id: ChannelId,
    keep: u32,
    most: usize,
) -> rusqlite::Result<Vec<Old>> {
    let posts: u64 = session
        .query_row("SELECT posts FROM channel WHERE id = ?1", [id.get()], |row| row.get(0))
        .optional()?
        .map_or(0, unsigned);
    let surplus = usize::try_from(posts.saturating_sub(keep.into())).unwrap_or(usize::MAX);
    select(
        session,
        "SELECT id, channel, message FROM post WHERE channel = ?1 ORDER BY message LIMIT ?2",
        id.get(),
        surplus.min(most),
    )
}

/// The oldest posts of all, below a row.
fn oldest(session: &Session<'_>, below: i64, most: usize) -> rusqlite::Result<Vec<Old>> {
    select(
        session,
        "SELECT id, channel, message FROM post WHERE id < ?1 ORDER BY id LIMIT ?2",
        below,
        most,
    )
}

fn select(
    session: &Session<'_>,
    statement: &str,
    value: i64,
    most: usize,
) -> rusqlite::Result<Vec<Old>> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let mut statement = session.prepare(statement)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = statement.query_map((value, most), |row| {
        let message = MessageId::new(row.get(2)?).unwrap_or(MessageId::LAST);
        Ok(Old { id: row.get(0)?, channel: ChannelId::new(row.get(1)?), message })
    })?;
    rows.collect()
}

fn drop_all(session: &Session<'_>, posts: &[Old]) -> rusqlite::Result<()> {
    let mut forget = index::forgetting(session)?;
    let mut last_member = session.prepare("SELECT max(message) FROM member WHERE post = ?1")?;
    for old in posts {
        let last: Option<u32> = last_member.query_row([old.id], |row| row.get(0))?;
        let high = last.and_then(MessageId::new).map_or(old.message, |last| last.max(old.message));
        // The limits hold for a channel too whose row cannot be decoded; the row stays as it is.
        if let Ok(mut ranges) = channel::ranges(session, old.channel)? {
            range::drop_through(&mut ranges, old.message, high);
            channel::store_ranges(session, old.channel, &ranges)?;
        }
        forget.execute([old.id])?;
        session.execute("DELETE FROM post WHERE id = ?1", [old.id])?;
        post::count(session, old.channel, -1)?;
    }
    Ok(())
}
