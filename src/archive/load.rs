//! Reads from the archive.

use rusqlite::Row;

use super::channel::{self, COLUMNS, Stored};
use super::payload::from_text;
use super::post;
use super::range;
use super::schema;
use super::session::{Session, unsigned};
use super::value::{ChannelId, Held, Info, MOST, PostRow, Stretch, Summary};
use crate::model::{Channel, ChannelName, MessageId, StoredPost};

/// The maximum number of visits that are loaded.
const MOST_VISITS: u32 = 200_000;

pub(super) fn by_name(
    session: &Session<'_>,
    name: &ChannelName,
    posts: usize,
) -> rusqlite::Result<Option<Held>> {
    with_posts(session, channel::by_name(session, name)?, posts)
}

/// The channel with this number, else the one with this present name unless its number differs; and whether a channel
/// with another number has or had the name.
pub(super) fn owner(
    session: &Session<'_>,
    name: &ChannelName,
    numeric_id: Option<i64>,
    posts: usize,
) -> rusqlite::Result<(Option<Held>, bool)> {
    let mut owner = match numeric_id {
        Some(number) => channel::by_number(session, number)?,
        None => None,
    };
    if owner.is_none() {
        let differs = |stored: &Stored| {
            stored.channel.numeric_id.zip(numeric_id).is_some_and(|(one, other)| one != other)
        };
        owner = channel::by_name(session, name)?
            .filter(|stored| stored.channel.name == *name && !differs(stored));
    }
    let known = owner.as_ref().and_then(|owner| owner.channel.numeric_id);
    let shares_name = match numeric_id.or(known) {
        Some(number) => channel::has_other_owner(session, name, number)?,
        None => false,
    };
    Ok((with_posts(session, owner, posts)?, shares_name))
}

fn with_posts(
    session: &Session<'_>,
    stored: Option<Stored>,
    posts: usize,
) -> rusqlite::Result<Option<Held>> {
    let Some(Stored { id, channel, has_lost_name, state, ranges }) = stored else {
        return Ok(None);
    };
    let posts = match ranges.first() {
        Some(newest) => post::between(session, id, newest.low, newest.high, posts.min(MOST))?,
        None => Vec::new(),
    };
    Ok(Some(Held { id, channel, has_lost_name, state, posts, ranges }))
}

/// The posts below a message; see `Archive::older`.
pub(super) fn older(
    session: &Session<'_>,
    id: ChannelId,
    before: MessageId,
    limit: usize,
) -> rusqlite::Result<Stretch> {
    let Some(last) = before.get().checked_sub(1).and_then(MessageId::new) else {
        return Ok(Stretch { posts: Vec::new(), next: None, is_covered: true });
    };
    let Some(range) = range::covering(&channel::ranges(session, id)??, last) else {
        return Ok(Stretch { posts: Vec::new(), next: Some(before), is_covered: false });
    };
    let limit = limit.clamp(1, MOST);
    let mut posts = post::between(session, id, range.low, last, limit + 1)?;
    let next = if posts.len() > limit {
        posts.truncate(limit);
        posts.last().map(PostRow::message)
    } else if range.low.get() == 1 {
        None
    } else {
        Some(range.low)
    };
    Ok(Stretch { posts, next, is_covered: true })
}

/// The post that a message belongs to.
pub(super) fn post(
    session: &Session<'_>,
    id: ChannelId,
    message: MessageId,
) -> rusqlite::Result<Option<PostRow>> {
    match post::owning(session, id, message)? {
        Some(row) => post::by_row(session, row),
        None => Ok(None),
    }
}

/// The earlier versions of the post that a message belongs to.
pub(super) fn revisions(
    session: &Session<'_>,
    id: ChannelId,
    message: MessageId,
) -> rusqlite::Result<Vec<StoredPost>> {
    match post::owning(session, id, message)? {
        Some(row) => post::revisions(session, row),
        None => Ok(Vec::new()),
    }
}

/// All channels by name; those without a name last.
pub(super) fn channels(session: &Session<'_>) -> rusqlite::Result<Vec<Summary>> {
    // Message ids ascend with time, so the index alone gives a channel's oldest and newest posts.
    let mut statement = session.prepare(
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
        let (channel, state) = match (channel, read(2).and_then(from_text)) {
            (Ok(channel), Ok(state)) => (channel, state),
            (Err(error), _) | (_, Err(error)) => {
                session.set_aside("channel", row.get(0)?, &error);
                continue;
            }
        };
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

/// The schedule's visits.
pub(super) fn visits(session: &Session<'_>) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = session.prepare("SELECT key, payload FROM visit LIMIT ?1")?;
    // Text that is not UTF-8 must not hide the other visits. The schedule ignores it.
    let text = |row: &Row<'_>, at| {
        Ok::<_, rusqlite::Error>(String::from_utf8_lossy(row.get_ref(at)?.as_bytes()?).into_owned())
    };
    let rows = statement.query_map([MOST_VISITS], |row| Ok((text(row, 0)?, text(row, 1)?)))?;
    rows.collect()
}

/// Statistics of the archive. `Archive::info` adds the sizes of the files.
pub(super) fn info(session: &Session<'_>) -> rusqlite::Result<Info> {
    let pragma = |name| session.pragma_query_value(None, name, |row| row.get(0)).map(unsigned);
    let number = |sql| session.query_row(sql, [], |row| row.get(0)).map(unsigned);
    let date = |sql| {
        let row = session.query_row(sql, [], |row| row.get::<_, Option<i64>>(0))?;
        Ok::<_, rusqlite::Error>(row.and_then(post::published))
    };
    let page_size = pragma("page_size")?;
    Ok(Info {
        version: schema::version(session)?,
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

/// Decodes every row and counts the undecodable ones. Each is reported.
pub(super) fn undecodable_rows(session: &Session<'_>) -> rusqlite::Result<u64> {
    let channels = count(session, &format!("SELECT {COLUMNS} FROM channel"), |row| {
        Ok(Stored::read(session, row)?.is_err())
    })?;
    let posts = count(session, "SELECT id, payload FROM post", |row| {
        Ok(post::read(session, row)?.is_none())
    })?;
    let revisions = count(session, "SELECT id, payload FROM revision", |row| {
        Ok(post::decoded::<StoredPost>(session, "revision", row)?.is_none())
    })?;
    Ok(channels + posts + revisions)
}

/// The number of rows that satisfy a condition.
fn count(
    session: &Session<'_>,
    statement: &str,
    is_of_kind: impl Fn(&Row<'_>) -> rusqlite::Result<bool>,
) -> rusqlite::Result<u64> {
    let mut statement = session.prepare(statement)?;
    let mut rows = statement.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += u64::from(is_of_kind(row)?);
    }
    Ok(count)
}
