//! The handlers. Each extracts, makes one call and responds.

pub(super) mod file;
pub(super) mod operation;
pub(super) mod opml;
mod preview;
pub(super) mod resource;
pub(super) mod search;
pub(super) mod start;
pub(super) mod status;

use std::time::Duration;

use axum::response::Response;

use super::client::Client;
use super::error::Error;
use super::{link_redirect, page, problem};
use crate::model::FeedOptions;

/// The longest wait for a refresh before a page shows the cached posts.
const PAGE_TIMEOUT: Duration = Duration::from_secs(2);

/// The options of a page, with the limit of posts on pages.
fn within_page(options: &FeedOptions) -> FeedOptions {
    match options.limit() {
        Some(limit) => options.with_limit(usize::from(limit).min(page::MAX_POSTS)),
        None => options.clone(),
    }
}

/// An unknown URL, possibly a channel's link behind feedline's host.
pub(super) async fn not_found(client: Client) -> Response {
    link_redirect::answer(&client, Error::NoSuchPage)
}

/// Everything is read-only, except the URL for imports.
pub(super) async fn method_not_allowed(client: Client) -> Response {
    let takes_form = client.path == opml::IMPORT;
    problem::respond(&client, Err(Error::Method { takes_form }))
}
