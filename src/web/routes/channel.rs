//! `/<channel>`: the channel as a page, and the way to its feeds.

use std::time::Duration;

use axum::response::Response;

use crate::web::cache_policy::CachePolicy;
use crate::web::error::{Error, Problem};
use crate::web::extract::{Asked, Channel, Client};
use crate::web::{State, accept, page, respond};

/// How long a person waits for fresher posts than those that are known.
const PATIENCE: Duration = Duration::from_secs(2);

pub(in crate::web) async fn show(
    Asked { client, state, what }: Asked<Channel>,
) -> Result<Response, Problem> {
    answer(&client, &state, &what).await.map_err(|error| client.refuse(error))
}

async fn answer(client: &Client, state: &State, what: &Channel) -> Result<Response, Error> {
    if let Some(format) = accept::preferred_feed(&client.headers) {
        let address = client.links.feed(&what.name, format, &what.options);
        return respond::redirect(&address, &CachePolicy::For(page::PAGE_LIFE), Some("Accept"));
    }
    let (view, selection) = state
        .bridge
        .selection(&what.name, &what.options, &client.links, PATIENCE, client.asker)
        .await?;
    let name = &view.known.snapshot.channel.name;
    if *name != what.name {
        let address = client.links.channel(name, &what.options);
        return respond::redirect(&address, &CachePolicy::For(page::PAGE_LIFE), Some("Accept"));
    }
    let now = state.bridge.clock().now();
    let html = page::channel(
        &client.links,
        &view,
        &selection,
        &what.options,
        now,
        &state.settings.time_zone,
    )?;
    respond::page(client, html, CachePolicy::Snapshot(view.freshness), now).await
}
