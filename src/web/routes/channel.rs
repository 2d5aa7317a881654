//! `/<channel>`: the channel as a page, and the way to its feeds.

use std::time::Duration;

use axum::response::Response;

use super::merged;
use crate::model::{ChannelName, FeedOptions};
use crate::web::cache_policy::CachePolicy;
use crate::web::error::{Error, Problem};
use crate::web::extract::{Asked, Client, List};
use crate::web::{State, accept, page, respond};

/// How long a person waits for fresher posts than those that are known.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

pub(in crate::web) async fn show(
    Asked { client, state, what }: Asked<List>,
) -> Result<Response, Problem> {
    let answer = match &what {
        List::Channel(name, options) => answer(&client, &state, name, options).await,
        List::Merged(merged, asked) => merged::answer(&client, &state, merged, asked).await,
    };
    answer.map_err(|error| client.refuse(error))
}

async fn answer(
    client: &Client,
    state: &State,
    asked: &ChannelName,
    options: &FeedOptions,
) -> Result<Response, Error> {
    if let Some(format) = accept::preferred_feed(&client.headers) {
        let address = client.links.feed(asked, format, options);
        return respond::redirect(&address, &CachePolicy::For(page::PAGE_LIFE), Some("Accept"));
    }
    let (view, selection) =
        state.bridge.selection(asked, options, &client.links, PATIENCE, client.asker).await?;
    let name = &view.known.snapshot.channel.name;
    if name != asked {
        let address = client.links.channel(name, options);
        return respond::redirect(&address, &CachePolicy::For(page::PAGE_LIFE), Some("Accept"));
    }
    let now = state.bridge.clock().now();
    let html = page::channel(
        client.words,
        &client.links,
        &view,
        &selection,
        options,
        now,
        &state.settings.time_zone,
    )?;
    respond::page(client, html, CachePolicy::Snapshot(view.freshness), now).await
}
