//! What the operator decides about logs.

use super::Level;

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// `[log]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// How a line is written.
    pub format: Format,
    /// What is written.
    pub level: Level,
}
