//! `/-/search`: the page of the archive search.

use axum::response::Response;
use http::StatusCode;

use super::PAGE_TIMEOUT;
use crate::model::{FeedOptions, Source};
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::extract::{Parsed, SearchPage};
use crate::web::page::PAGE_TTL;
use crate::web::{accept, page, problem, respond};

/// The most results on a page, each a few lines long.
const MAX_RESULTS: usize = 50;

pub(in crate::web) async fn show(Parsed { client, what }: Parsed<SearchPage>) -> Response {
    let result = match what {
        SearchPage::Results(source, options) => results(&client, &source, &options).await,
        SearchPage::Form => form(&client).await,
        SearchPage::Refused(text, reason) if client.is_browser => {
            let html = page::search(&client.context(), None, Some((&text, &reason)));
            html.map(|html| respond::uncached_page(&client, StatusCode::BAD_REQUEST, html))
        }
        SearchPage::Refused(_, reason) => Err(reason.into()),
    };
    problem::respond(&client, result)
}

async fn form(client: &Client) -> Result<Response, Error> {
    let html = page::search(&client.context(), None, None)?;
    respond::page(client, html, CachePolicy::For(PAGE_TTL)).await
}

async fn results(
    client: &Client,
    source: &Source,
    options: &FeedOptions,
) -> Result<Response, Error> {
    let policy = CachePolicy::For(PAGE_TTL);
    if let Some(format) = accept::preferred_feed(&client.headers) {
        let address = client.links.feed_of(source, format, options);
        return respond::redirect(&address, &policy, Some("Accept"));
    }
    // The `limit` of a feed may exceed the maximum of a page.
    let limit = options.limit().map_or(MAX_RESULTS, usize::from);
    let wanted = options.with_limit(limit.min(MAX_RESULTS));
    let feeds = client.state.service.feeds();
    let listing = feeds.page(source, &wanted, PAGE_TIMEOUT, client.client_id).await?;
    let found = Some((source, options, &listing.selection));
    let html = page::search(&client.context(), found, None)?;
    respond::page(client, html, policy).await
}
