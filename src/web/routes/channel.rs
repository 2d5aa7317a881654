//! `/<channel>`: the channel as a page, and the way to its feeds.

use axum::response::Response;

use super::{PAGE_TIMEOUT, merged, within_page};
use crate::model::{ChannelName, FeedOptions};
use crate::service::ChannelState;
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::extract::{List, Parsed};
use crate::web::page::Newer;
use crate::web::problem::Problem;
use crate::web::{State, accept, page, respond};

pub(in crate::web) async fn show(
    Parsed { client, state, what }: Parsed<List>,
) -> Result<Response, Problem> {
    match &what {
        List::Channel(name, options) => match answer(&client, &state, name, options).await {
            Ok(response) => Ok(response),
            Err(error) => Err(client.refuse_channel(&state, name, error).await),
        },
        List::Merged(merged, asked) => {
            let answer = merged::answer(&client, &state, merged, asked).await;
            answer.map_err(|error| client.refuse(error))
        }
    }
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
    let wanted = within_page(options);
    let (view, selection) = state
        .service
        .selection(asked, &wanted, &client.links, PAGE_TIMEOUT, client.client_id)
        .await?;
    let name = &view.known.snapshot.channel.name;
    if name != asked {
        let address = client.links.channel(name, options);
        return respond::redirect(&address, &CachePolicy::For(page::PAGE_LIFE), Some("Accept"));
    }
    let now = state.service.clock().now();
    let newer = newer(state, &view.known, options).await?;
    let context = client.context(state);
    let html = page::channel(&context, &view, &selection, options, newer, now)?;
    respond::page(client, html, CachePolicy::Page(view.freshness, Vec::new()), now).await
}

async fn newer(
    state: &State,
    known: &ChannelState,
    options: &FeedOptions,
) -> Result<Option<Newer>, Error> {
    let Some(before) = options.before() else { return Ok(None) };
    let posts = within_page(options).limit().map_or(page::MOST_POSTS, usize::from);
    Ok(Some(Newer(state.service.newer(known, options, before, posts).await?)))
}
