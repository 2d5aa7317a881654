//! Logs: one line for each event, on standard error, so that standard output stays a program's own.
//!
//! Text is for people and coloured on a terminal only; JSON is for programs, one object a line. What is logged is
//! decided where it happens: a failure once, where it is handled; a message that can be read alone; fields named by what
//! they describe (`channel.name`, `upstream.status`, `duration_ms`). Keys, passwords and the queries of addresses are
//! never fields.
//!
//! *Invariant:* knows nothing else of ours.

mod level;
mod settings;

use std::io::{self, IsTerminal as _};

use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

pub use level::{BadLevel, Level};
pub use settings::{Format, Settings};

/// Writes events to standard error from now on. Once for a process.
///
/// # Errors
/// [`Error`] when something in this process writes events already.
pub fn start(settings: &Settings) -> Result<(), Error> {
    let subscriber = subscriber(settings, io::stderr().is_terminal(), io::stderr);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| Error::Started)
}

/// Why no log could be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Twice in one process.
    #[error("the log was started before")]
    Started,
}

/// What writes events as the settings say. On a terminal there is colour, unless `NO_COLOR` is set.
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
