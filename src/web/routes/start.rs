//! `/`: what feedline is, and a box that takes any form of a channel's link.

use axum::response::Response;

use crate::model::Target;
use crate::web::cache_policy::CachePolicy;
use crate::web::error::{Error, Problem};
use crate::web::extract::{Asked, Client, Nothing};
use crate::web::page::{self, PAGE_LIFE};
use crate::web::{State, pasted, respond};

/// The box's field.
const FIELD: &str = "channel";

pub(in crate::web) async fn show(
    Asked { client, state, what: Nothing }: Asked<Nothing>,
) -> Result<Response, Problem> {
    answer(&client, &state).await.map_err(|error| client.refuse(error))
}

async fn answer(client: &Client, state: &State) -> Result<Response, Error> {
    let follow = &state.settings.follow;
    let now = state.bridge.clock().now();
    let pasted =
        url::form_urlencoded::parse(client.query.as_bytes()).find(|(name, _)| name == FIELD);
    let Some((_, text)) = pasted else {
        let html = page::start(client.words, &client.links, follow, None)?;
        return respond::page(client, html, CachePolicy::For(PAGE_LIFE), now).await;
    };
    match Target::parse(&text) {
        Ok(target) => pasted::lead_to(client, &target),
        Err(reason) if client.is_browser => {
            let html = page::start(
                client.words,
                &client.links,
                follow,
                Some((&text, &reason.to_string())),
            )?;
            Ok(respond::bad_request(client, html))
        }
        Err(reason) => Err(reason.into()),
    }
}
