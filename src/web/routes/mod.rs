//! The handlers: extract, one call, answer.

pub(super) mod channel;
pub(super) mod fallback;
pub(super) mod file;
mod merged;
pub(super) mod operation;
pub(super) mod opml;
pub(super) mod part;
mod preview;
pub(super) mod search;
pub(super) mod start;
pub(super) mod status;

use std::time::Duration;

use super::page;
use crate::model::FeedOptions;

/// How long a person waits for fresher posts than those that are cached.
const PAGE_TIMEOUT: Duration = Duration::from_secs(2);

/// The options of a feed for a page, which holds no more posts than it has room for.
fn within_page(options: &FeedOptions) -> FeedOptions {
    match options.limit() {
        Some(limit) => options.with_limit(usize::from(limit).min(page::MOST_POSTS)),
        None => options.clone(),
    }
}
