//! `/-/search`: the page of the archive search.

use axum::response::Response;

use super::PAGE_TIMEOUT;
use crate::model::{FeedOptions, Source};
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::extract::{Parsed, SearchPage};
use crate::web::page::{self, PAGE_LIFE};
use crate::web::problem::Problem;
use crate::web::{State, accept, respond};

/// The most results on a page, each a few lines long.
const MOST_SHOWN: usize = 50;

pub(in crate::web) async fn show(
    Parsed { client, state, what }: Parsed<SearchPage>,
) -> Result<Response, Problem> {
    let answer = match what {
        SearchPage::Results(source, options) => results(&client, &state, &source, &options).await,
        SearchPage::Form => form(&client, &state).await,
        SearchPage::Refused(text, reason) if client.is_browser => {
            let html = page::search(&client.context(&state), None, Some((&text, &reason)));
            html.map(|html| respond::bad_request(&client, html))
        }
        SearchPage::Refused(_, reason) => Err(reason.into()),
    };
    answer.map_err(|error| client.refuse(error))
}

async fn form(client: &Client, state: &State) -> Result<Response, Error> {
    let html = page::search(&client.context(state), None, None)?;
    respond::page(client, html, CachePolicy::For(PAGE_LIFE), state.service.clock().now()).await
}

async fn results(
    client: &Client,
    state: &State,
    source: &Source,
    options: &FeedOptions,
) -> Result<Response, Error> {
    let policy = CachePolicy::For(PAGE_LIFE);
    if let Some(format) = accept::preferred_feed(&client.headers) {
        let address = client.links.feed_of(source, format, options);
        return respond::redirect(&address, &policy, Some("Accept"));
    }
    // The `limit` of a feed may exceed the maximum of a page.
    let limit = options.limit().map_or(MOST_SHOWN, usize::from);
    let wanted = options.with_limit(limit.min(MOST_SHOWN));
    let listing =
        state.service.feeds().page(source, &wanted, PAGE_TIMEOUT, client.client_id).await?;
    let found = Some((source, options, &listing.selection));
    let html = page::search(&client.context(state), found, None)?;
    respond::page(client, html, policy, state.service.clock().now()).await
}
