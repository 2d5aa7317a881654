//! Deletes the oldest posts when the archive exceeds its limits, a limited number with each store.
//!
//! A deleted post takes its revisions, members and index entry along, and is no longer covered: if it is requested
//! again, feedline fetches it from Telegram. Undecodable rows are deleted too, because the operator sets the limits.

use rusqlite::OptionalExtension as _;

use super::channel;
use super::index;
use super::post;
use super::range;
use super::session::{Session, unsigned};
use super::value::{ChannelId, Settings};
use crate::model::MessageId;
use chrono::{DateTime, Utc};

/// The number of posts that each limit may delete with one store; twice the number of stored posts if that is more.
const BATCH: usize = 64;

/// The share of `max_size` for content, in eighths. The rest is for posts that arrive before others are deleted, and
/// for merges of the search table.
const FILLED: u64 = 7;

/// The maximum number of bytes by which one store shortens the file.
const CUT: u64 = 2 * 1024 * 1024;

/// A row to delete.
struct Old {
    id: i64,
    channel: ChannelId,
    message: MessageId,
}

/// Applies the limits after a store into a channel.
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

/// Applies `max_size`: deletes posts, and shortens the file by its free pages.
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

/// The oldest posts of a channel beyond its limit.
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

/// The oldest posts of all channels, with row ids below `below`.
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
        // The limits also apply to a channel with an undecodable row. That row stays unchanged.
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
