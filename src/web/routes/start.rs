//! `/`: what feedline is, and a box that takes any form of a channel's link.

use axum::response::Response;

use crate::model::{FeedOptions, Target};
use crate::web::cache_policy::CachePolicy;
use crate::web::error::Problem;
use crate::web::extract::{Asked, Nothing};
use crate::web::page::{self, PAGE_LIFE};
use crate::web::respond;

/// The box's field.
const FIELD: &str = "channel";

pub(in crate::web) async fn show(
    Asked { client, state, what: Nothing }: Asked<Nothing>,
) -> Result<Response, Problem> {
    let pasted =
        url::form_urlencoded::parse(client.query.as_bytes()).find(|(name, _)| name == FIELD);
    let refusal = match pasted.as_ref().map(|(_, text)| Target::parse(text)) {
        None => None,
        Some(Ok(target)) => {
            let address = match target.message {
                Some(id) => client.links.post(&target.channel, id),
                None => client.links.channel(&target.channel, &FeedOptions::default()),
            };
            return respond::redirect(&address, &CachePolicy::For(PAGE_LIFE), None)
                .map_err(|error| client.refuse(error));
        }
        Some(Err(refusal)) => Some(refusal.to_string()),
    };
    let text = pasted.map(|(_, text)| text.into_owned()).unwrap_or_default();
    let now = state.bridge.clock().now();
    let html = page::start(&client.links, &state.settings.follow, &text, refusal.as_deref());
    let policy = CachePolicy::For(PAGE_LIFE);
    let answer = match html {
        Ok(html) => respond::page(&client, html, now, policy, "", now).await,
        Err(error) => Err(error),
    };
    let mut answer = answer.map_err(|error| client.refuse(error))?;
    if refusal.is_some() {
        *answer.status_mut() = http::StatusCode::BAD_REQUEST;
    }
    Ok(answer)
}
