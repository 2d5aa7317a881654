//! Stores the result of a fetch in one transaction.

use rusqlite::{Connection, TransactionBehavior};

use super::channel;
use super::health::Health;
use super::index::Recent;
use super::post::Writing;
use super::retention;
use super::session::Session;
use super::value::{ChannelId, Settings, State, Stored, Update};

pub(super) fn update(
    connection: &mut Connection,
    update: &Update,
    settings: &Settings,
    health: &Health,
    recent: &Recent,
) -> rusqlite::Result<Stored> {
    // The write depends on rows that are read in the same transaction, because another feedline may be writing too.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let session = Session::new(&transaction, health);
    let id = channel::store(&session, &update.channel, &update.state, &update.covered)?;
    let writing = Writing::new(&session, id);
    let written = writing.put(&update.put)?;
    writing.keep_former(&update.former, settings.revisions)?;
    retention::apply(&session, settings, id, update.put.len(), update.state.fetched)?;
    let covered = channel::ranges(&session, id)??;
    transaction.commit()?;
    recent.add(written);
    Ok(Stored { id, covered })
}

pub(super) fn state(
    connection: &mut Connection,
    id: ChannelId,
    state: &State,
    health: &Health,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    channel::store_state(&Session::new(&transaction, health), id, state)?;
    transaction.commit()
}

pub(super) fn visits(
    connection: &mut Connection,
    visits: &[(String, Option<String>)],
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (key, visit) in visits {
        match visit {
            Some(visit) => transaction.execute(
                "INSERT INTO visit (key, payload) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET payload = excluded.payload",
                (key, visit),
            )?,
            None => transaction.execute("DELETE FROM visit WHERE key = ?1", [key])?,
        };
    }
    transaction.commit()
}
