//! Shared helpers: a whole feedline, its channels, and parsers of its responses.

mod app;
mod channel;
mod feed;
mod frozen;
mod html;
mod simulation;

use std::time::Duration;

pub(crate) use app::{Answer, CHANNELS, START, TestApp, client};
pub(crate) use channel::{add_channel, list, name, start};
pub(crate) use feed::{all_pages, etags, ids, next_page, planks};
pub(crate) use frozen::Frozen;
pub(crate) use html::{attributes, browse, page, select, texts};
pub(crate) use simulation::Simulation;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);

/// The file names of the three formats.
pub(crate) const FEEDS: [&str; 3] = ["rss.xml", "atom.xml", "feed.json"];
