//! Asks Telegram.

mod settings;

pub use settings::Settings;
