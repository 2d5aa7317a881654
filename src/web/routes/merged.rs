//! `/<a>+<b>`, `/-/collections/<name>`: several channels as one page.

use axum::response::Response;

use super::channel::PATIENCE;
use crate::model::{ChannelName, Merged, MergedOptions};
use crate::web::cache_policy::CachePolicy;
use crate::web::error::Error;
use crate::web::extract::Client;
use crate::web::{State, accept, page, respond};

pub(super) async fn answer(
    client: &Client,
    state: &State,
    merged: &Merged,
    asked: &MergedOptions,
) -> Result<Response, Error> {
    let brief = CachePolicy::For(page::PAGE_LIFE);
    if let Some(format) = accept::preferred_feed(&client.headers) {
        let address = client.links.merged_feed(merged, format, asked);
        return respond::redirect(&address, &brief, Some("Accept"));
    }
    if let Some(only) = lone(merged) {
        let address = client.links.channel(only, &asked.options);
        return respond::redirect(&address, &brief, Some("Accept"));
    }
    let found = state.bridge.merged_page(merged, asked, PATIENCE, client.asker).await?;
    let now = state.bridge.clock().now();
    let time_zone = &state.settings.time_zone;
    let html = page::merged(client.words, &client.links, merged, &found, asked, time_zone)?;
    let policy = CachePolicy::Merged(found.view.freshness(), found.view.missing);
    respond::page(client, html, policy, now).await
}

/// The channel that was asked for alone, in whatever form; a collection of one channel stays a collection.
pub(super) fn lone(merged: &Merged) -> Option<&ChannelName> {
    merged.channels().only().filter(|only| *only.key() == **merged.path())
}
