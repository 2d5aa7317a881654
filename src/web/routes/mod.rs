//! The handlers: extract, one call, answer.

pub(super) mod channel;
pub(super) mod file;
pub(super) mod operation;
pub(super) mod opml;
pub(super) mod part;
mod preview;
pub(super) mod search;
pub(super) mod start;
pub(super) mod status;

use std::time::Duration;

use axum::response::Response;

use super::client::Client;
use super::error::Error;
use super::problem::Problem;
use super::{link_redirect, page};
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

/// An address that is none of ours. Perhaps it is a link to a channel that somebody put behind our host.
pub(super) async fn not_found(client: Client) -> Response {
    link_redirect::answer(&client, Error::NoSuchPage)
}

/// Everything is read-only, except the one address that takes a form.
pub(super) async fn method_not_allowed(client: Client) -> Problem {
    let takes_form = client.path == opml::IMPORT;
    client.refuse(Error::Method { takes_form })
}
