//! `/<channel>/<something>`: feeds, posts and files.

use axum::response::Response;
use http::Method;

use super::file;
use crate::model::{ChannelName, FeedOptions, Format, Merged, MergedOptions, MessageId};
use crate::web::cache_policy::CachePolicy;
use crate::web::error::{Error, Problem};
use crate::web::extract::{Asked, Client, Part};
use crate::web::{State, page, respond};

pub(in crate::web) async fn show(
    method: Method,
    Asked { client, state, what }: Asked<Part>,
) -> Result<Response, Problem> {
    let answer = match &what {
        Part::Feed(name, format, options) => feed(&client, &state, name, *format, options).await,
        Part::Merged(merged, format, options) => {
            self::merged(&client, &state, merged, *format, options).await
        }
        Part::Post(name, id) => post(&client, &state, name, *id).await,
        Part::Outline(name, id) => file::outline(&client, &state, name, *id).await,
        Part::File(name, file, from) => {
            file::answer(&client, &state, &method, (name, *file, *from)).await
        }
    };
    answer.map_err(|error| client.refuse(error))
}

async fn feed(
    client: &Client,
    state: &State,
    name: &ChannelName,
    format: Format,
    options: &FeedOptions,
) -> Result<Response, Error> {
    let feed = state.bridge.feed(name, options, format, client.base(), client.asker).await?;
    if feed.channel != *name {
        let address = client.links.feed(&feed.channel, format, options);
        return respond::redirect(&address, &CachePolicy::For(page::PAGE_LIFE), None);
    }
    respond::feed(client, feed, format, state.bridge.clock().now()).await
}

/// Several channels as one feed; a single one has a feed of its own.
async fn merged(
    client: &Client,
    state: &State,
    merged: &Merged,
    format: Format,
    asked: &MergedOptions,
) -> Result<Response, Error> {
    if let Some(only) = super::merged::lone(merged) {
        let address = client.links.feed(only, format, &asked.options);
        return respond::redirect(&address, &CachePolicy::For(page::PAGE_LIFE), None);
    }
    let feed = state.bridge.merged_feed(merged, asked, format, client.base(), client.asker).await?;
    if let Some((merged, asked)) = super::merged::moved(merged, asked, &feed.renamed) {
        let address = client.links.merged_feed(&merged, format, &asked);
        return respond::redirect(&address, &CachePolicy::For(page::PAGE_LIFE), None);
    }
    respond::feed(client, feed, format, state.bridge.clock().now()).await
}

async fn post(
    client: &Client,
    state: &State,
    name: &ChannelName,
    id: MessageId,
) -> Result<Response, Error> {
    let view = state.bridge.post(name, id, client.asker).await?;
    let now = state.bridge.clock().now();
    let html = page::post(client.words, &client.links, &view, &state.settings.time_zone)?;
    respond::page(client, html, CachePolicy::For(page::PAGE_LIFE), now).await
}
