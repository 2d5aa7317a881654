//! The handlers: extract, one call, answer.

pub(super) mod channel;
pub(super) mod fallback;
pub(super) mod file;
mod merged;
pub(super) mod operation;
pub(super) mod opml;
pub(super) mod part;
pub(super) mod search;
pub(super) mod start;
pub(super) mod status;
