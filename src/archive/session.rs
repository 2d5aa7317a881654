//! A connection with the place where rows are reported that cannot be decoded.
//!
//! Such a row is set aside: it keeps its bytes, nothing is written over it, and only the limits of the settings delete it.
//! Another version of feedline may have written it, and a backup or that version can still read it.

use std::ops::Deref;

use rusqlite::Connection;

use super::error::Undecodable;
use super::health::Health;

/// A connection, perhaps within a transaction.
pub(super) struct Session<'c> {
    connection: &'c Connection,
    health: &'c Health,
}

impl<'c> Session<'c> {
    pub(super) fn new(connection: &'c Connection, health: &'c Health) -> Self {
        Self { connection, health }
    }

    /// Reports a row: in the log and the status, once.
    pub(super) fn set_aside(
        &self,
        table: &'static str,
        row: i64,
        error: &dyn std::fmt::Display,
    ) -> Undecodable {
        let undecodable = Undecodable { table, row, detail: error.to_string() };
        if self.health.set_aside(table, row) {
            tracing::error!(
                archive.table = table,
                archive.row = row,
                "a row of the archive cannot be decoded, and stays as it is: {error}"
            );
        }
        undecodable
    }
}

impl Deref for Session<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// SQLite's numbers have a sign, and counts do not.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
