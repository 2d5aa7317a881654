//! The only user of the network.

mod settings;

pub use settings::Settings;
