//! A channel before anybody subscribes to it: the channel, its addresses and three posts, or the start page with the reason
//! why it cannot be shown and what to do.

use axum::response::Response;
use http::HeaderValue;
use http::header::RETRY_AFTER;

use super::PAGE_TIMEOUT;
use crate::model::{ChannelName, Source, Target};
use crate::service::{Summary, search};
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::page::{self, Refused, Start};
use crate::web::{State, respond};

/// The field of the start page's box.
pub(super) const FIELD: &str = "channel";

/// The start page with what is known of the channels that are followed: nobody is asked for it.
pub(super) async fn followed(state: &State) -> Vec<(ChannelName, Option<Summary>)> {
    let mut followed = Vec::new();
    for name in state.settings.follow.iter().take(page::MOST_SHOWN) {
        // The page opens without an archive too, which the service has logged: a name is enough for a link.
        let summary = state.service.summary(name).await.unwrap_or(None);
        followed.push((name.clone(), summary));
    }
    followed
}

/// A channel before anybody subscribes to it; what does not come stays in the box, with the reason.
pub(super) async fn show(
    client: &Client,
    state: &State,
    text: &str,
    target: &Target,
) -> Result<Response, Error> {
    let name = &target.channel;
    let options = target.options(client.links.defaults())?;
    if let Err(reason) = search::in_channel(&options) {
        return refuse(client, state, text, reason.into(), None).await;
    }
    if !state.serves(name) {
        return refuse(client, state, text, Error::NotServed, None).await;
    }
    let source = Source::channel(name.clone());
    let listing = state.service.page(&source, &options, PAGE_TIMEOUT, client.client_id).await;
    let listing = match listing {
        Ok(listing) => listing,
        Err(error) => return refuse(client, state, text, error.into(), Some(name)).await,
    };
    let now = state.service.clock().now();
    let html = page::preview(&client.context(state), &listing, &options, now)?;
    let policy = CachePolicy::Page(listing.channels.freshness(), Vec::new());
    respond::page(client, html, policy, now).await
}

/// What leads nowhere stays in the box, with the reason, and with what is kept of the channel.
pub(super) async fn refuse(
    client: &Client,
    state: &State,
    text: &str,
    error: Error,
    name: Option<&ChannelName>,
) -> Result<Response, Error> {
    if !client.is_browser {
        return Err(error);
    }
    let kept = match name {
        Some(name) => client.last_known(state, name).await,
        None => None,
    };
    let words = client.words;
    let detail = words.message(&error.detail());
    let reason = match &error {
        // Its title would only say what the box says.
        Error::Name(_) => detail,
        _ => format!("{}. {detail}", words.message(&error.title())),
    };
    let refused = Some(Refused { text: text.to_owned(), reason, kept });
    let start = Start { followed: followed(state).await, refused };
    let html = page::start(&client.context(state), &start)?;
    let mut response = respond::unkept_page(client, error.status(), html);
    if let Some(pause) = error.retry_after() {
        let pause = HeaderValue::from(pause.as_secs().max(1));
        response.headers_mut().insert(RETRY_AFTER, pause);
    }
    Ok(response)
}
