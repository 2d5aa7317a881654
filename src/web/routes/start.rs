//! `/`: what feedline is, and a box that takes any form of a channel's link, or a list of them.

use axum::response::Response;
use bytes::Bytes;

use super::{moved, opml};
use crate::model::{BadName, Moved};
use crate::web::cache_policy::CachePolicy;
use crate::web::error::{Error, Problem};
use crate::web::extract::{Asked, Client, Nothing};
use crate::web::page::{self, PAGE_LIFE};
use crate::web::{State, respond};

/// The box's field.
pub(super) const FIELD: &str = "channel";

pub(in crate::web) async fn show(
    Asked { client, state, what: Nothing }: Asked<Nothing>,
) -> Result<Response, Problem> {
    answer(&client, &state).await.map_err(|error| client.refuse(error))
}

/// The box may come as an address too.
pub(in crate::web) async fn back(
    Asked { client, what: Nothing, .. }: Asked<Nothing>,
) -> Result<Response, Problem> {
    let policy = CachePolicy::For(PAGE_LIFE);
    respond::redirect(&client.links.start(), &policy, None).map_err(|error| client.refuse(error))
}

async fn answer(client: &Client, state: &State) -> Result<Response, Error> {
    if let Some(moved) = Moved::from_rss_bridge(&client.query, client.links.defaults()) {
        return moved::lead_to(client, &moved?);
    }
    let pasted =
        url::form_urlencoded::parse(client.query.as_bytes()).find(|(name, _)| name == FIELD);
    if let Some((_, text)) = pasted {
        let text = Bytes::from(text.into_owned());
        return opml::read(client, state, text, Bytes::new(), false).await;
    }
    let html = page::start(client.words, &client.links, &state.settings, None)?;
    let now = state.bridge.clock().now();
    respond::page(client, html, CachePolicy::For(PAGE_LIFE), now).await
}

/// What is no channel stays in the box, with the reason.
pub(super) fn refuse(
    client: &Client,
    state: &State,
    text: &str,
    reason: BadName,
) -> Result<Response, Error> {
    if !client.is_browser {
        return Err(reason.into());
    }
    let refused = Some((text, &*reason.to_string()));
    let html = page::start(client.words, &client.links, &state.settings, refused)?;
    Ok(respond::bad_request(client, html))
}
