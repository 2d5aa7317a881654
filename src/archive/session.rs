//! A connection that also reports undecodable rows.
//!
//! An undecodable row is set aside: its bytes stay, nothing overwrites it, and only the retention limits delete it.
//! Another version of feedline may have written it, and that version or a backup can still read it.

use std::ops::Deref;

use rusqlite::{CachedStatement, Connection, Params, Row};

use super::error::Undecodable;
use super::health::Health;

pub(super) struct Session<'c> {
    connection: &'c Connection,
    health: &'c Health,
}

impl<'c> Session<'c> {
    pub(super) fn new(connection: &'c Connection, health: &'c Health) -> Self {
        Self { connection, health }
    }

    /// A statement from the connection's cache.
    pub(super) fn prepare(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        self.connection.prepare_cached(sql)
    }

    /// Runs a statement, and returns the number of changed rows.
    pub(super) fn execute(&self, sql: &str, parameters: impl Params) -> rusqlite::Result<usize> {
        self.prepare(sql)?.execute(parameters)
    }

    /// Reads the first row of a query.
    pub(super) fn query_row<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.prepare(sql)?.query_row(parameters, read)
    }

    /// Reports an undecodable row once, in the log and in the health.
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

/// Converts SQLite's signed integer to a count.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
