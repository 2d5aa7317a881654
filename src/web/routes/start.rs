//! `/`: the start page with a form that takes channels' links in any form, or a list of them.

use axum::response::Response;
use bytes::Bytes;

use super::opml;
use super::preview::{FIELD, followed};
use crate::model::Moved;
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::page::{self, PAGE_TTL};
use crate::web::{link_redirect, problem, respond};

const POLICY: CachePolicy = CachePolicy::For(PAGE_TTL);

pub(in crate::web) async fn show(client: Client) -> Response {
    problem::respond(&client, answer(&client).await)
}

/// A GET of the import URL redirects to the form.
pub(in crate::web) async fn back(client: Client) -> Response {
    problem::respond(&client, respond::redirect(&client.links.start(), &POLICY, None))
}

async fn answer(client: &Client) -> Result<Response, Error> {
    if let Some(moved) = Moved::from_address(&client.path, &client.query, client.links.defaults()) {
        return link_redirect::to_moved(client, &moved?);
    }
    if let Some(text) = client.parameter(FIELD) {
        return opml::read(client, Bytes::from(text), Bytes::new(), false).await;
    }
    let html = page::start(&client.context(), &followed(&client.state).await, None)?;
    respond::page(client, html, POLICY).await
}
