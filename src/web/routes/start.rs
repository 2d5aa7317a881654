//! `/`: the start page with a form that takes channels' links in any form, or a list of them.

use axum::extract::State as Shared;
use axum::response::Response;
use bytes::Bytes;

use super::opml;
use super::preview::{FIELD, followed};
use crate::model::Moved;
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::page::{self, PAGE_LIFE, Start};
use crate::web::problem::Problem;
use crate::web::{State, link_redirect, respond};

pub(in crate::web) async fn show(
    client: Client,
    Shared(state): Shared<State>,
) -> Result<Response, Problem> {
    answer(&client, &state).await.map_err(|error| client.refuse(error))
}

/// A GET of the import URL redirects to the form.
pub(in crate::web) async fn back(client: Client) -> Result<Response, Problem> {
    let policy = CachePolicy::For(PAGE_LIFE);
    respond::redirect(&client.links.start(), &policy, None).map_err(|error| client.refuse(error))
}

async fn answer(client: &Client, state: &State) -> Result<Response, Error> {
    if let Some(moved) = Moved::from_address(&client.path, &client.query, client.links.defaults()) {
        return link_redirect::lead_on(client, &moved?);
    }
    let text = url::form_urlencoded::parse(client.query.as_bytes()).find(|(name, _)| name == FIELD);
    if let Some((_, text)) = text {
        let text = Bytes::from(text.into_owned());
        return opml::read(client, state, text, Bytes::new(), false).await;
    }
    let html = page::start(
        &client.context(state),
        &Start { followed: followed(state).await, refused: None },
    )?;
    let now = state.service.clock().now();
    respond::page(client, html, CachePolicy::For(PAGE_LIFE), now).await
}
