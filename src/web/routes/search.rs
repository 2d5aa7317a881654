//! `/-/search`: search in all that is kept, as a page and as feeds.

use axum::response::Response;

use crate::model::FeedOptions;
use crate::service::search::{BadQuery, BadSearch, Scope};
use crate::web::cache_policy::CachePolicy;
use crate::web::error::Error;
use crate::web::extract::{Finds, FindsFeed, Parsed};
use crate::web::page::{self, PAGE_LIFE};
use crate::web::problem::Problem;
use crate::web::{State, accept, respond};

/// The most finds of a page: each is a few lines.
const MOST_SHOWN: usize = 50;

pub(in crate::web) async fn show(
    Parsed { client, state, what: Finds(asked) }: Parsed<Finds>,
) -> Result<Response, Problem> {
    let now = state.service.clock().now();
    let page = client.context(&state);
    let answer = async {
        match asked {
            Ok(None) => {
                let html = page::search(&page, None, None)?;
                respond::page(&client, html, CachePolicy::For(PAGE_LIFE), now).await
            }
            Ok(Some(asked)) => {
                if let Some(format) = accept::preferred_feed(&client.headers) {
                    let query = asked.to_query(client.links.defaults());
                    let address = client.links.finds_feed(format, &query);
                    return respond::redirect(
                        &address,
                        &CachePolicy::For(PAGE_LIFE),
                        Some("Accept"),
                    );
                }
                let mut wanted = asked.clone();
                wanted.options = page_of(&asked.options);
                let finds = state.service.search(&wanted, &scope(&state)).await?;
                let html = page::search(&page, Some((&asked, &finds)), None)?;
                respond::page(&client, html, CachePolicy::For(PAGE_LIFE), now).await
            }
            Err((text, BadSearch::Query(reason))) if client.is_browser => {
                let html = page::search(&page, None, Some((&text, &reason)))?;
                Ok(respond::bad_request(&client, html))
            }
            Err((_, reason)) => Err(reason.into()),
        }
    };
    answer.await.map_err(|error: Error| client.refuse(error))
}

pub(in crate::web) async fn feed(
    Parsed { client, state, what: FindsFeed(asked, format) }: Parsed<FindsFeed>,
) -> Result<Response, Problem> {
    let answer = async {
        let asked = asked?.ok_or(Error::Query(BadQuery::Empty))?;
        let scope = scope(&state);
        let rendered = state.service.search_feed(&asked, &scope, format, client.base()).await?;
        respond::feed(&client, rendered, format, state.service.clock().now()).await
    };
    answer.await.map_err(|error: Error| client.refuse(error))
}

/// The options of a page: a limit is that of the feed.
fn page_of(options: &FeedOptions) -> FeedOptions {
    match options.limit() {
        Some(limit) => options.with_limit(usize::from(limit).min(MOST_SHOWN)),
        None => options.with_limit(MOST_SHOWN),
    }
}

/// Where people may look: where they may read.
fn scope(state: &State) -> Scope {
    let allow = &state.settings.allow;
    Scope {
        within: (!allow.is_empty()).then(|| allow.clone()),
        without: state.settings.deny.clone(),
    }
}
