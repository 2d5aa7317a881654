//! A connection with the place where rows are reported that cannot be decoded.
//!
//! Such a row is set aside: it keeps its bytes, nothing is written over it, and only the limits of the settings delete it.
//! Another version of feedline may have written it, and a backup or that version can still read it.

use std::ops::Deref;

use rusqlite::{CachedStatement, Connection, Params, Row};

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

    /// A statement, compiled once for each connection.
    pub(super) fn prepare(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        self.connection.prepare_cached(sql)
    }

    /// Runs a statement, and tells how many rows it changed.
    pub(super) fn execute(&self, sql: &str, parameters: impl Params) -> rusqlite::Result<usize> {
        self.prepare(sql)?.execute(parameters)
    }

    /// Reads the first row that a statement gives.
    pub(super) fn query_row<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.prepare(sql)?.query_row(parameters, read)
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
