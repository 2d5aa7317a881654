//! The use cases.

mod settings;

pub use settings::Settings;
