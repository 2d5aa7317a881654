//! Pages for people.

mod channel;
mod listing;
mod post;
mod preview;
mod weight;
