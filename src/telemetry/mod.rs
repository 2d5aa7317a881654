//! Logs: one line for each event, on standard error.
//!
//! Text for people, in colour on a terminal; JSON for programs, one object a line. A failure is logged once, where it is
//! handled, with a message that can be read alone. Fields are named after what they describe (`channel.name`,
//! `upstream.status`, `duration_ms`). Keys, passwords and query strings are never logged.

mod level;

use std::io::{self, IsTerminal as _};

use serde::Deserialize;
use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

pub use level::{BadLevel, Level};

/// `[log]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Settings {
    #[serde(rename = "log.format")]
    pub format: Format,
    #[serde(rename = "log.level")]
    pub level: Level,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Writes events to standard error from now on.
///
/// # Errors
/// If this process has a log already.
pub fn start(settings: &Settings) -> Result<(), Error> {
    let subscriber = subscriber(settings, io::stderr().is_terminal(), io::stderr);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| Error::Started)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the log was started before")]
    Started,
}

/// The text format is coloured on a terminal, unless `NO_COLOR` is set.
fn subscriber<W>(settings: &Settings, is_terminal: bool, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    let layer = match settings.format {
        Format::Text if is_terminal => layer.boxed(),
        Format::Text => layer.with_ansi(false).boxed(),
        Format::Json => layer.with_ansi(false).json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(settings.level.targets()))
}

#[cfg(test)]
mod tests;
