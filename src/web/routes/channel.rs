//! `/<channel>`, `/<a>+<b>`, `/-/collections/<name>`: the page of posts, or a redirect to the preferred feed.

use axum::response::Response;

use super::{PAGE_TIMEOUT, within_page};
use crate::model::{FeedOptions, Source};
use crate::service::Listing;
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::extract::{Parsed, SourcePage, is_alias};
use crate::web::page::Newer;
use crate::web::problem::Problem;
use crate::web::{State, accept, page, respond};

pub(in crate::web) async fn show(
    Parsed { client, state, what: SourcePage(source, options) }: Parsed<SourcePage>,
) -> Result<Response, Problem> {
    let error = match answer(&client, &state, &source, &options).await {
        Ok(response) => return Ok(response),
        Err(error) => error,
    };
    Err(match source.single() {
        Some(name) => client.refuse_channel(&state, name, error).await,
        None => client.refuse(error),
    })
}

async fn answer(
    client: &Client,
    state: &State,
    source: &Source,
    options: &FeedOptions,
) -> Result<Response, Error> {
    let redirect = |address: &str| {
        respond::redirect(address, &CachePolicy::For(page::PAGE_LIFE), Some("Accept"))
    };
    if let Some(format) = accept::preferred_feed(&client.headers) {
        return redirect(&client.links.feed_of(source, format, options));
    }
    if is_alias(&client.path, source) {
        return redirect(&client.links.page(source, options));
    }
    let wanted = within_page(options);
    let listing =
        state.service.feeds().page(source, &wanted, PAGE_TIMEOUT, client.client_id).await?;
    if let Some((source, options)) = listing.channels.moved(source, options) {
        return redirect(&client.links.page(&source, &options));
    }
    let now = state.service.clock().now();
    let newer = newer(state, source, &listing, options).await?;
    let html = page::posts(&client.context(state), source, &listing, options, newer, now)?;
    let policy = CachePolicy::Page(listing.channels.freshness(), listing.channels.missing);
    respond::page(client, html, policy, now).await
}

/// The start of the page with newer posts; `None` for several channels.
async fn newer(
    state: &State,
    source: &Source,
    listing: &Listing,
    options: &FeedOptions,
) -> Result<Option<Newer>, Error> {
    let channel = source.single().zip(listing.channels.states.first());
    let Some((name, channel)) = channel else { return Ok(None) };
    let Some(before) = options.before().and_then(|before| before.of(name)) else { return Ok(None) };
    let posts = within_page(options).limit().map_or(page::MOST_POSTS, usize::from);
    Ok(Some(Newer(state.service.feeds().newer(channel, options, before, posts).await?)))
}
