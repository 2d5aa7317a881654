//! The fake Telegram: a t.me on a local port.
//!
//! `feedline demo` uses it to run without a network: sample channels in four languages, with pictures, a video and a sound. The
//! integration tests change its channels and inject [`Fault`]s through [`Control`]. It shares no code with the parser; of
//! feedline it uses channel names and message ids only.
//!
//! ```text
//! server    connections; faults of time              control   the handle: faults, changes, counts
//! response  headers and bytes; faults of bytes       fault     the faults, and the requests they affect
//! answer    request + world → answer                 request   requests as received
//! page      Telegram's pages (templates/telegram)    media     files and their addresses
//! text      message texts as HTML                    world     channels and names
//! format    numbers and sizes                        message   messages
//!                                                    sample    the channels in sample/*.toml
//! ```

mod answer;
mod control;
mod fault;
mod format;
pub mod media;
pub mod message;
mod page;
mod request;
mod response;
mod sample;
mod server;
mod text;
mod world;

pub use control::Control;
pub use fault::{Fault, Latch, Repeat, Target, Truncation};
pub use message::Message;
pub use request::{Request, RequestKind};
pub use server::Telegram;
pub use world::{Channel, ChatKind, OldName, World};
