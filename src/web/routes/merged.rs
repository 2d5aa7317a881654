//! `/<a>+<b>`, `/-/collections/<name>`: several channels as one page.

use axum::response::Response;

use super::{PAGE_TIMEOUT, within_page};
use crate::model::{ChannelName, ChannelSet, Merged, MergedOptions};
use crate::service::Renamed;
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
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
    let mut wanted = asked.clone();
    wanted.options = within_page(&asked.options);
    let found = state.service.merged_page(merged, &wanted, PAGE_TIMEOUT, client.client_id).await?;
    if let Some((merged, asked)) = moved(merged, asked, &found.view.renamed) {
        let address = client.links.merged(&merged, &asked);
        return respond::redirect(&address, &brief, Some("Accept"));
    }
    let now = state.service.clock().now();
    let html = page::merged(&client.context(state), merged, &found, asked)?;
    let policy = CachePolicy::Page(found.view.freshness(), found.view.missing);
    respond::page(client, html, policy, now).await
}

/// Where channels are read together under the names that they have now. A collection stays where it is.
pub(super) fn moved(
    merged: &Merged,
    asked: &MergedOptions,
    renamed: &Renamed,
) -> Option<(Merged, MergedOptions)> {
    if renamed.is_empty() || *merged.channels().key() != **merged.path() {
        return None;
    }
    let now = |name: &ChannelName| {
        let found = renamed.iter().find(|(former, _)| former == name);
        found.map_or(name, |(_, present)| present).clone()
    };
    let names = merged.channels().names().iter().map(now).collect();
    let before = asked.before.as_ref().map(|cursor| cursor.renamed(&now));
    Some((Merged::of(ChannelSet::new(names).ok()?), asked.with_before(before)))
}

/// The channel that was asked for alone, in whatever form; a collection of one channel stays a collection.
pub(super) fn lone(merged: &Merged) -> Option<&ChannelName> {
    merged.channels().only().filter(|only| *only.key() == **merged.path())
}
