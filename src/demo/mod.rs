//! The fake Telegram: a t.me of our own, on a local port.
//!
//! `feedline demo` shows it without a network: sample channels in four languages, with drawn pictures, a video and a hummed
//! tune. The integration tests use it over a real socket, change what it shows with [`Control`] and inject [`Fault`]s. It
//! shares no code with the parser; of feedline it knows the names of channels and the ids of messages only.
//!
//! ```text
//! server    connections; the faults of time             control   the handle: faults, changes, counts
//! reply     headers and bytes; the faults of bytes      fault     the faults, and the requests they affect
//! route     a request and a world in, an answer out     sample    the channels in sample/*.toml
//! page      Telegram's pages (templates/telegram)       media     the files in media/, and their addresses
//! text      messages' markup as HTML                    world     channels and names: plain data
//! format    numbers and measures in pages               message   messages: plain data
//! ```

mod control;
mod fault;
mod format;
pub mod media;
pub mod message;
mod page;
mod reply;
mod route;
mod sample;
mod server;
mod text;
mod world;

pub use control::{Control, Seen, Sight};
pub use fault::{Cut, Fault, Gate, Target, Times};
pub use message::Message;
pub use route::Asked;
pub use server::Telegram;
pub use world::{Channel, Kind, Mark, OldName, World};
