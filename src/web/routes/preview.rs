//! The preview of a channel: header, feeds and a few posts. If it cannot be shown, the response is the start page with
//! the reason and advice.

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

/// The field of the form on the start page.
pub(super) const FIELD: &str = "channel";

/// The followed channels with their summaries from memory or the archive. Nothing is fetched.
pub(super) async fn followed(state: &State) -> Vec<(ChannelName, Option<Summary>)> {
    let mut followed = Vec::new();
    for name in state.settings.follow.iter().take(page::MOST_SHOWN) {
        // After an archive error, which the service logs, the page still shows the channel's name.
        let summary = state.service.summary(name).await.unwrap_or(None);
        followed.push((name.clone(), summary));
    }
    followed
}

/// The preview of a channel, or the form with the reason why there is none.
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
    let listing =
        state.service.feeds().page(&source, &options, PAGE_TIMEOUT, client.client_id).await;
    let listing = match listing {
        Ok(listing) => listing,
        Err(error) => return refuse(client, state, text, error.into(), Some(name)).await,
    };
    let now = state.service.clock().now();
    let html = page::preview(&client.context(state), &listing, &options, now)?;
    let policy = CachePolicy::Page(listing.channels.freshness(), Vec::new());
    respond::page(client, html, policy, now).await
}

/// The form with the rejected input, the reason, and the stored posts of the channel.
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
        // The title would only repeat the input.
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
