//! The preview of a channel: header, feeds and a few posts. If it cannot be shown, the response is the start page with
//! the reason and advice.

use axum::response::Response;

use super::PAGE_TIMEOUT;
use crate::model::{ChannelName, Source, Target};
use crate::service::{Summary, search};
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::page::{self, Refused};
use crate::web::{State, problem, respond};

/// The field of the form on the start page.
pub(super) const FIELD: &str = "channel";

/// The followed channels with their summaries from memory or the archive. Nothing is fetched.
pub(super) async fn followed(state: &State) -> Vec<(ChannelName, Option<Summary>)> {
    let mut followed = Vec::new();
    for name in state.settings.follow.iter().take(page::MAX_FOLLOWED) {
        // After an archive error, which the service logs, the page still shows the channel's name.
        let summary = state.service.summary(name).await.unwrap_or(None);
        followed.push((name.clone(), summary));
    }
    followed
}

/// The preview of a channel, or the form with the reason why there is none.
pub(super) async fn show(client: &Client, text: &str, target: &Target) -> Result<Response, Error> {
    let options = match target.options(client.links.defaults()) {
        Ok(options) => options,
        Err(reason) => return refuse(client, text, reason.into(), None).await,
    };
    if let Err(reason) = search::in_channel(&options) {
        return refuse(client, text, reason.into(), None).await;
    }
    if !client.state.settings.serves(&target.channel) {
        return refuse(client, text, Error::NotServed, None).await;
    }
    let source = Source::channel(target.channel.clone());
    let feeds = client.state.service.feeds();
    let listing = match feeds.page(&source, &options, PAGE_TIMEOUT, client.client_id).await {
        Ok(listing) => listing,
        Err(error) => return refuse(client, text, error.into(), Some(&target.channel)).await,
    };
    let html = page::preview(&client.context(), &listing, &options, client.now())?;
    let policy = CachePolicy::Page(listing.channels.freshness(), Vec::new());
    respond::page(client, html, policy).await
}

/// The form with the rejected input, the reason, and the archived posts of the channel.
pub(super) async fn refuse(
    client: &Client,
    text: &str,
    error: Error,
    name: Option<&ChannelName>,
) -> Result<Response, Error> {
    if !client.is_browser {
        return Err(error);
    }
    let archived = match name {
        Some(name) => problem::archived(client, name).await,
        None => None,
    };
    let detail = client.words.message(&error.detail());
    let reason = match &error {
        // The title would only repeat the input.
        Error::Name(_) => detail,
        _ => format!("{}. {detail}", client.words.message(&error.title())),
    };
    let refused = Refused { text: text.to_owned(), reason, archived };
    let html = page::start(&client.context(), &followed(&client.state).await, Some(refused))?;
    let mut response = respond::uncached_page(client, error.status(), html);
    problem::write_retry_after(&error, response.headers_mut());
    Ok(response)
}
