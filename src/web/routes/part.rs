//! `/<channel>/<something>`: feeds, posts and files.

use axum::response::Response;
use http::Method;

use super::file;
use crate::model::{ChannelName, FeedOptions, Format, Merged, MergedOptions, MessageId};
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::extract::{Parsed, Part};
use crate::web::problem::Problem;
use crate::web::{State, page, respond};

pub(in crate::web) async fn show(
    method: Method,
    Parsed { client, state, what }: Parsed<Part>,
) -> Result<Response, Problem> {
    let answer = match &what {
        Part::Feed(name, format, options) => feed(&client, &state, name, *format, options).await,
        Part::Merged(merged, format, options) => {
            self::merged(&client, &state, merged, *format, options).await
        }
        Part::Post(name, id) => match post(&client, &state, name, *id).await {
            Err(error) => return Err(client.refuse_channel(&state, name, error).await),
            answer => answer,
        },
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
    let feed = state.service.feed(name, options, format, client.base(), client.client_id).await?;
    if feed.channel != *name {
        let address = client.links.feed(&feed.channel, format, options);
        return respond::redirect(&address, &CachePolicy::For(page::PAGE_LIFE), None);
    }
    respond::feed(client, feed, format, state.service.clock().now()).await
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
    let feed =
        state.service.merged_feed(merged, asked, format, client.base(), client.client_id).await?;
    if let Some((merged, asked)) = super::merged::moved(merged, asked, &feed.renamed) {
        let address = client.links.merged_feed(&merged, format, &asked);
        return respond::redirect(&address, &CachePolicy::For(page::PAGE_LIFE), None);
    }
    respond::feed(client, feed, format, state.service.clock().now()).await
}

async fn post(
    client: &Client,
    state: &State,
    name: &ChannelName,
    id: MessageId,
) -> Result<Response, Error> {
    let view = state.service.post(name, id, client.client_id).await?;
    let now = state.service.clock().now();
    let html = page::post(&client.context(state), &view)?;
    respond::page(client, html, CachePolicy::For(page::PAGE_LIFE), now).await
}
