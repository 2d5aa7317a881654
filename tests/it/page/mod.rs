//! HTML pages.

mod channel;
mod listing;
mod post;
mod preview;
mod weight;
