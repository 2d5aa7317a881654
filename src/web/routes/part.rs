//! `/<channel>/<segment>`: feeds of any source, posts and files.

use axum::response::Response;
use http::Method;

use super::file;
use crate::model::{ChannelName, FeedOptions, Format, MessageId, Source};
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::extract::{Parsed, Part, is_alias};
use crate::web::problem::Problem;
use crate::web::{State, page, respond};

pub(in crate::web) async fn show(
    method: Method,
    Parsed { client, state, what }: Parsed<Part>,
) -> Result<Response, Problem> {
    let answer = match &what {
        Part::Feed(source, format, options) => {
            feed(&client, &state, source, *format, options).await
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
    source: &Source,
    format: Format,
    options: &FeedOptions,
) -> Result<Response, Error> {
    let redirect =
        |address: &str| respond::redirect(address, &CachePolicy::For(page::PAGE_LIFE), None);
    let place = client.path.rsplit_once('/').map_or("", |(place, _)| place);
    if is_alias(place, source) {
        return redirect(&client.links.feed_of(source, format, options));
    }
    let feed = state
        .service
        .feeds()
        .feed(source, options, format, client.base(), client.client_id)
        .await?;
    if let Some((source, options)) = &feed.moved {
        return redirect(&client.links.feed_of(source, format, options));
    }
    respond::feed(client, &feed, format, state.service.clock().now()).await
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
