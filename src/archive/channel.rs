//! Rows of channels: which row a channel has, and how names move between channels.
//!
//! Telegram's number identifies a channel; a name is only its current address. A known number under a new name is a
//! rename: the old name still leads to the channel. A new number under a known name is a different channel: the old row
//! keeps its posts and loses the name, which is recorded so that posts of the two channels get different identities.

use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, ToSql};

use super::error::Undecodable;
use super::payload::{from_text, to_text};
use super::range;
use super::session::{Session, unsigned};
use super::value::{ChannelId, Range, State};
use crate::model::{Channel, ChannelName};

pub(super) const COLUMNS: &str = "id, payload, state, ranges, name IS NULL";

pub(super) struct Stored {
    pub(super) id: ChannelId,
    pub(super) channel: Channel,
    pub(super) has_lost_name: bool,
    pub(super) state: State,
    pub(super) ranges: Vec<Range>,
}

impl Stored {
    /// Reads a row of [`COLUMNS`]. An undecodable row is reported, and is not the same as a missing row.
    pub(super) fn read(
        session: &Session<'_>,
        row: &Row<'_>,
    ) -> rusqlite::Result<Result<Self, Undecodable>> {
        let id: i64 = row.get(0)?;
        let read = || {
            Ok::<_, rusqlite::Error>(Self {
                id: ChannelId::new(id),
                channel: from_text(row.get_ref(1)?.as_str()?)?,
                has_lost_name: row.get(4)?,
                state: from_text(row.get_ref(2)?.as_str()?)?,
                ranges: from_text(row.get_ref(3)?.as_str()?)?,
            })
        };
        let mut stored = match read() {
            Ok(stored) => stored,
            Err(error) => return Ok(Err(session.set_aside("channel", id, &error))),
        };
        let channel = &mut stored.channel;
        if let Some(number) = channel.numeric_id {
            channel.shares_name = has_other_owner(session, &channel.name, number)?;
        }
        Ok(Ok(stored))
    }
}

/// The channel with this name, or else the one that had it before.
pub(super) fn by_name(
    session: &Session<'_>,
    name: &ChannelName,
) -> rusqlite::Result<Option<Stored>> {
    match row_of(session, name)? {
        Some(row) => find(session, "id = ?1", &row),
        None => Ok(None),
    }
}

/// The row id of the channel with this name, or else of the one that had it before.
pub(super) fn row_of(session: &Session<'_>, name: &ChannelName) -> rusqlite::Result<Option<i64>> {
    let row = |condition| {
        let statement = format!("SELECT id FROM channel WHERE {condition}");
        session.query_row(&statement, [name.key()], |row| row.get(0)).optional()
    };
    let present = row("name = ?1")?;
    if present.is_some() {
        return Ok(present);
    }
    // A channel whose current name was taken by another channel is not served under its former names either.
    row(
        "id = (SELECT channel FROM former_name WHERE name = ?1 AND NOT is_lost) AND name IS NOT NULL",
    )
}

pub(super) fn by_number(
    session: &Session<'_>,
    numeric_id: i64,
) -> rusqlite::Result<Option<Stored>> {
    find(session, "numeric_id = ?1", &numeric_id)
}

/// Whether a channel with a different number has or had this name.
pub(super) fn has_other_owner(
    session: &Session<'_>,
    name: &ChannelName,
    number: i64,
) -> rusqlite::Result<bool> {
    session
        .prepare(
            "SELECT 1 FROM channel WHERE name = ?1 AND numeric_id <> ?2
             UNION ALL
             SELECT 1 FROM former_name JOIN channel ON channel.id = former_name.channel
             WHERE former_name.name = ?1 AND channel.numeric_id <> ?2",
        )?
        .exists((name.key(), number))
}

pub(super) fn posts(session: &Session<'_>, id: ChannelId) -> rusqlite::Result<u64> {
    let posts =
        session.query_row("SELECT posts FROM channel WHERE id = ?1", [id.get()], |row| {
            row.get::<_, i64>(0)
        })?;
    Ok(unsigned(posts))
}

/// The covered ranges of a channel; empty if the channel is not archived.
pub(super) fn ranges(
    session: &Session<'_>,
    id: ChannelId,
) -> rusqlite::Result<Result<Vec<Range>, Undecodable>> {
    let text: Option<String> = session
        .query_row("SELECT ranges FROM channel WHERE id = ?1", [id.get()], |row| row.get(0))
        .optional()?;
    let Some(text) = text else { return Ok(Ok(Vec::new())) };
    Ok(from_text(&text).map_err(|error| session.set_aside("channel", id.get(), &error)))
}

pub(super) fn store_ranges(
    session: &Session<'_>,
    id: ChannelId,
    ranges: &[Range],
) -> rusqlite::Result<()> {
    let text = to_text(&ranges)?;
    session.execute("UPDATE channel SET ranges = ?2 WHERE id = ?1", (id.get(), text)).map(|_| ())
}

pub(super) fn store_state(
    session: &Session<'_>,
    id: ChannelId,
    state: &State,
) -> rusqlite::Result<()> {
    let text = to_text(state)?;
    find(session, "id = ?1", &id.get())?;
    session.execute("UPDATE channel SET state = ?2 WHERE id = ?1", (id.get(), text)).map(|_| ())
}

/// Writes a channel into its row, and returns the row's id.
pub(super) fn store(
    session: &Session<'_>,
    channel: &Channel,
    state: &State,
    covered: &[Range],
) -> rusqlite::Result<ChannelId> {
    let key = channel.name.key();
    let owner = owner(session, channel, &key)?;
    release(session, &key, owner.as_ref().map(|owner| owner.id))?;
    let Some(owner) = owner else {
        return insert(session, channel, Some(key), state, covered);
    };
    let known = find(session, "id = ?1", &owner.id)?.map_or_else(Vec::new, |known| known.ranges);
    let is_moved = owner.name.as_ref() != Some(&key);
    if let Some(old) = owner.name.filter(|_| is_moved) {
        session.execute(
            "INSERT OR REPLACE INTO former_name (name, channel, is_lost) VALUES (?1, ?2, 0)",
            (old, owner.id),
        )?;
    }
    let id = ChannelId::new(owner.id);
    let ranges = range::join(&known, covered);
    let numeric_id = channel.numeric_id.or(owner.numeric_id);
    let payload = to_text(&Channel { numeric_id, ..channel.clone() })?;
    // SQLite rewrites the index of a column even if the value does not change.
    if is_moved || numeric_id != owner.numeric_id {
        session.execute(
            "UPDATE channel SET numeric_id = ?2, name = ?3 WHERE id = ?1",
            (owner.id, numeric_id, key),
        )?;
    }
    session.execute(
        "UPDATE channel SET payload = ?2, state = ?3, ranges = ?4 WHERE id = ?1",
        (owner.id, payload, to_text(state)?, to_text(&ranges)?),
    )?;
    Ok(id)
}

/// Writes a channel that lost its name to another channel and is known only by Telegram's number.
pub(super) fn store_nameless(
    session: &Session<'_>,
    channel: &Channel,
    state: &State,
    covered: &[Range],
) -> rusqlite::Result<ChannelId> {
    let Some(known) = find(session, "numeric_id = ?1", &channel.numeric_id)? else {
        let id = insert(session, channel, None, state, covered)?;
        add_former_name(session, id, &channel.name, true)?;
        return Ok(id);
    };
    store_ranges(session, known.id, &range::join(&known.ranges, covered))?;
    Ok(known.id)
}

/// The former names of a channel: those that still lead to it, or, with `is_lost`, those taken by other channels.
pub(super) fn former_names(
    session: &Session<'_>,
    id: ChannelId,
    is_lost: bool,
) -> rusqlite::Result<Vec<ChannelName>> {
    let mut names = session.prepare(
        "SELECT name FROM former_name WHERE channel = ?1 AND is_lost = ?2 ORDER BY name",
    )?;
    let names = names.query_map((id.get(), is_lost), |row| {
        let name: String = row.get(0)?;
        ChannelName::parse(&name).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
        })
    })?;
    names.collect()
}

/// Adds a former name. A name that another channel has or had stays with that channel.
pub(super) fn add_former_name(
    session: &Session<'_>,
    id: ChannelId,
    name: &ChannelName,
    is_lost: bool,
) -> rusqlite::Result<()> {
    session
        .execute(
            "INSERT OR IGNORE INTO former_name (name, channel, is_lost)
             SELECT ?1, ?2, ?3 OR EXISTS (SELECT 1 FROM channel WHERE name = ?1)
                 OR EXISTS (SELECT 1 FROM former_name WHERE name = ?1 AND NOT is_lost)
             WHERE NOT EXISTS (SELECT 1 FROM channel WHERE name = ?1 AND id = ?2)",
            (name.key(), id.get(), is_lost),
        )
        .map(|_| ())
}

/// The existing row of a channel.
struct Owner {
    id: i64,
    numeric_id: Option<i64>,
    name: Option<String>,
}

fn owner(session: &Session<'_>, channel: &Channel, key: &str) -> rusqlite::Result<Option<Owner>> {
    let read =
        |row: &Row<'_>| Ok(Owner { id: row.get(0)?, numeric_id: row.get(1)?, name: row.get(2)? });
    let by_number = match channel.numeric_id {
        None => None,
        Some(number) => session
            .query_row(
                "SELECT id, numeric_id, name FROM channel WHERE numeric_id = ?1",
                [number],
                read,
            )
            .optional()?,
    };
    if by_number.is_some() {
        return Ok(by_number);
    }
    session
        .query_row(
            "SELECT id, numeric_id, name FROM channel WHERE name = ?1
             AND (numeric_id IS NULL OR ?2 IS NULL OR numeric_id = ?2)",
            (key, channel.numeric_id),
            read,
        )
        .optional()
}

/// Takes a name from every channel except its present owner, and records it as lost.
fn release(session: &Session<'_>, key: &str, owner: Option<i64>) -> rusqlite::Result<()> {
    session.execute(
        "INSERT OR REPLACE INTO former_name (name, channel, is_lost)
         SELECT name, id, 1 FROM channel WHERE name = ?1 AND id IS NOT ?2",
        (key, owner),
    )?;
    session
        .execute("UPDATE channel SET name = NULL WHERE name = ?1 AND id IS NOT ?2", (key, owner))?;
    session.execute(
        "UPDATE former_name SET is_lost = 1 WHERE name = ?1 AND channel IS NOT ?2 AND NOT is_lost",
        (key, owner),
    )?;
    session
        .execute("DELETE FROM former_name WHERE name = ?1 AND channel = ?2", (key, owner))
        .map(|_| ())
}

fn insert(
    session: &Session<'_>,
    channel: &Channel,
    name: Option<String>,
    state: &State,
    covered: &[Range],
) -> rusqlite::Result<ChannelId> {
    let ranges = range::join(&[], covered);
    session.execute(
        "INSERT INTO channel (numeric_id, name, payload, state, ranges)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        (channel.numeric_id, name, to_text(channel)?, to_text(state)?, to_text(&ranges)?),
    )?;
    Ok(ChannelId::new(session.last_insert_rowid()))
}

fn find(
    session: &Session<'_>,
    condition: &str,
    value: &dyn ToSql,
) -> rusqlite::Result<Option<Stored>> {
    let statement = format!("SELECT {COLUMNS} FROM channel WHERE {condition}");
    let read = |row: &Row<'_>| Stored::read(session, row);
    let stored = session.query_row(&statement, [value], read).optional()?;
    Ok(stored.transpose()?)
}
