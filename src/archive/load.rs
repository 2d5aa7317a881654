//! Reading what is kept.

use rusqlite::Connection;

use super::channel::{self, Stored};
use super::payload::from_text;
use super::post;
use super::range;
use super::value::{ChannelId, Held, HeldPost, Info, Stretch, Summary};
use super::{MOST, schema};
use crate::model::{Channel, ChannelName, KeptPost, MessageId};

/// The most keys of the schedule's memory.
const MOST_VISITS: u32 = 200_000;

/// A channel by its name.
pub(super) fn by_name(
    connection: &Connection,
    name: &ChannelName,
    posts: usize,
) -> rusqlite::Result<Option<Held>> {
    with_posts(connection, channel::by_name(connection, name)?, posts)
}

/// A channel by Telegram's number.
pub(super) fn by_number(
    connection: &Connection,
    numeric_id: i64,
    posts: usize,
) -> rusqlite::Result<Option<Held>> {
    with_posts(connection, channel::by_number(connection, numeric_id)?, posts)
}

fn with_posts(
    connection: &Connection,
    stored: Option<Stored>,
    posts: usize,
) -> rusqlite::Result<Option<Held>> {
    let Some(Stored { id, channel, state, ranges }) = stored else { return Ok(None) };
    let posts = match ranges.first() {
        Some(newest) => post::between(connection, id, newest.low, newest.high, posts.min(MOST))?,
        None => Vec::new(),
    };
    Ok(Some(Held { id, channel, state, posts, ranges }))
}

/// Posts below a message.
pub(super) fn older(
    connection: &Connection,
    id: ChannelId,
    before: MessageId,
    limit: usize,
) -> rusqlite::Result<Stretch> {
    let Some(last) = before.get().checked_sub(1).and_then(MessageId::new) else {
        return Ok(Stretch { posts: Vec::new(), next: None, is_covered: true });
    };
    let Some(range) = range::covering(&channel::ranges(connection, id)?, last) else {
        return Ok(Stretch { posts: Vec::new(), next: Some(before), is_covered: false });
    };
    let limit = limit.clamp(1, MOST);
    let mut posts = post::between(connection, id, range.low, last, limit + 1)?;
    let next = if posts.len() > limit {
        posts.truncate(limit);
        posts.last().map(HeldPost::message)
    } else if range.low.get() == 1 {
        None
    } else {
        Some(range.low)
    };
    Ok(Stretch { posts, next, is_covered: true })
}

/// The post that a message belongs to.
pub(super) fn post(
    connection: &Connection,
    id: ChannelId,
    message: MessageId,
) -> rusqlite::Result<Option<HeldPost>> {
    match post::owning(connection, id, message)? {
        Some(row) => post::by_row(connection, row),
        None => Ok(None),
    }
}

/// The earlier versions of the post that a message belongs to.
pub(super) fn revisions(
    connection: &Connection,
    id: ChannelId,
    message: MessageId,
) -> rusqlite::Result<Vec<KeptPost>> {
    match post::owning(connection, id, message)? {
        Some(row) => post::revisions(connection, row),
        None => Ok(Vec::new()),
    }
}

/// All channels, by name; those without one at the end.
pub(super) fn channels(connection: &Connection) -> rusqlite::Result<Vec<Summary>> {
    // Messages are numbered in order of time: the first and last of a channel are found by its index alone.
    let mut statement = connection.prepare(
        "SELECT id, payload, state, name IS NOT NULL, posts,
            (SELECT id FROM post WHERE channel = channel.id ORDER BY message LIMIT 1),
            (SELECT id FROM post WHERE channel = channel.id ORDER BY message DESC LIMIT 1)
         FROM channel ORDER BY name IS NULL, name",
    )?;
    let mut rows = statement.query([])?;
    let mut summaries = Vec::new();
    while let Some(row) = rows.next()? {
        let read = |at: usize| Ok::<_, rusqlite::Error>(row.get_ref(at)?.as_str()?);
        let channel: rusqlite::Result<Channel> = read(1).and_then(from_text);
        // Told when it is loaded.
        let (Ok(channel), Ok(state)) = (channel, read(2).and_then(from_text)) else { continue };
        let date = |row: Option<i64>| row.and_then(post::published);
        summaries.push(Summary {
            id: ChannelId::new(row.get(0)?),
            name: row.get::<_, bool>(3)?.then_some(channel.name),
            title: channel.title,
            numeric_id: channel.numeric_id,
            posts: unsigned(row.get(4)?),
            oldest: date(row.get(5)?),
            newest: date(row.get(6)?),
            state,
        });
    }
    Ok(summaries)
}

/// The schedule's memory.
pub(super) fn visits(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare("SELECT key, payload FROM visit LIMIT ?1")?;
    let rows = statement.query_map([MOST_VISITS], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// The archive in figures, but for those of the files.
pub(super) fn info(connection: &Connection) -> rusqlite::Result<Info> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0)).map(unsigned);
    let number = |sql| connection.query_row(sql, [], |row| row.get(0)).map(unsigned);
    let date = |sql| {
        let row = connection.query_row(sql, [], |row| row.get::<_, Option<i64>>(0))?;
        Ok::<_, rusqlite::Error>(row.and_then(post::published))
    };
    let page_size = pragma("page_size")?;
    Ok(Info {
        version: schema::version(connection)?,
        size: pragma("page_count")? * page_size,
        free: pragma("freelist_count")? * page_size,
        pending: 0,
        channels: number("SELECT count(*) FROM channel")?,
        posts: number("SELECT ifnull(sum(posts), 0) FROM channel")?,
        revisions: number("SELECT count(*) FROM revision")?,
        oldest: date("SELECT min(id) FROM post")?,
        newest: date("SELECT max(id) FROM post")?,
    })
}

/// SQLite's numbers have a sign, and counts do not.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
