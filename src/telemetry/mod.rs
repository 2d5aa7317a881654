//! Logs.

mod settings;

pub use settings::{Format, Settings};
