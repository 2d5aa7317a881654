//! The fake Telegram: a t.me of our own, on a port of this machine.
//!
//! It serves two masters. `feedline demo` lets a person try everything without a network: sample channels in four
//! languages, drawn pictures, a film, a hummed tune. The integration tests talk to it over a real socket and make it
//! misbehave: see [`Fault`] and [`Control`].
//!
//! ```text
//! server   accepts connections, misbehaves as told         control  the handle: faults, changes, counts
//! reply    an answer on its way to the socket              fault    what can go wrong, and for whom
//! route    a request and a world in, an answer out         count    what was asked for, and when
//! markup   the pages, exactly as Telegram writes them      sample   the channels themselves
//! world    the channels, and how names lead to them        media, file   the files and their addresses
//! channel, message   plain data
//! ```
//!
//! Of ours it knows the names of channels and the numbers of messages, nothing else.

mod channel;
mod control;
mod count;
mod fault;
mod file;
mod markup;
pub mod media;
pub mod message;
mod reply;
mod route;
mod sample;
mod server;
mod world;

pub use channel::{Channel, Kind, Mark};
pub use control::{Control, Sight};
pub use count::Seen;
pub use fault::{Cut, Fault, Gate, Target, Times};
pub use message::Message;
pub use route::Asked;
pub use server::Telegram;
pub use world::{OldName, World};
