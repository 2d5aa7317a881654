//! `/`: what feedline is, and a box that takes any form of a channel's link, or a list of them.
//!
//! One name or link is fetched before anybody subscribes to it: the answer shows the channel, its addresses and three posts,
//! or the reason and what to do.

use axum::response::Response;
use bytes::Bytes;
use http::HeaderValue;
use http::header::RETRY_AFTER;

use super::channel::PATIENCE;
use super::opml;
use crate::model::{ChannelName, Moved, Target};
use crate::service::search;
use crate::web::cache_policy::CachePolicy;
use crate::web::error::{Error, Problem};
use crate::web::extract::{Client, NoParams, Parsed};
use crate::web::page::{self, Found, PAGE_LIFE, Refused, Start};
use crate::web::{State, link_redirect, respond};

/// The box's field.
pub(super) const FIELD: &str = "channel";

pub(in crate::web) async fn show(
    Parsed { client, state, what: NoParams }: Parsed<NoParams>,
) -> Result<Response, Problem> {
    answer(&client, &state).await.map_err(|error| client.refuse(error))
}

/// The box may come as an address too.
pub(in crate::web) async fn back(
    Parsed { client, what: NoParams, .. }: Parsed<NoParams>,
) -> Result<Response, Problem> {
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
    let html = page::start(&client.context(state), &followed(state).await)?;
    let now = state.service.clock().now();
    respond::page(client, html, CachePolicy::For(PAGE_LIFE), now).await
}

/// The start page with what is known of the channels that are followed: nobody is asked for it.
async fn followed(state: &State) -> Start {
    let mut followed = Vec::new();
    for name in state.settings.follow.iter().take(page::MOST_SHOWN) {
        // The page opens without an archive too, which the service has logged: a name is enough for a link.
        let brief = state.service.brief(name).await.unwrap_or(None);
        followed.push((name.clone(), brief));
    }
    Start { followed, refused: None }
}

/// A channel before anybody subscribes to it; what does not come stays in the box, with the reason.
pub(super) async fn preview(
    client: &Client,
    state: &State,
    text: &str,
    target: &Target,
) -> Result<Response, Error> {
    let (links, name) = (&client.links, &target.channel);
    let options = target.options(links.defaults())?;
    if let Err(reason) = search::in_channel(&options) {
        return refuse(client, state, text, reason.into(), None).await;
    }
    if !state.serves(name) {
        return refuse(client, state, text, Error::NotServed, None).await;
    }
    let selection =
        state.service.selection(name, &options, links, PATIENCE, client.client_id).await;
    let (view, selection) = match selection {
        Ok(found) => found,
        Err(error) => return refuse(client, state, text, error.into(), Some(name)).await,
    };
    let now = state.service.clock().now();
    let found = Found { view: &view, selection: &selection, now };
    let html = page::preview(&client.context(state), found, &options)?;
    respond::page(client, html, CachePolicy::Page(view.freshness, Vec::new()), now).await
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
        Some(name) => client.kept(state, name).await,
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
    let start = Start { refused, ..followed(state).await };
    let html = page::start(&client.context(state), &start)?;
    let mut response = respond::unkept_page(client, error.status(), html);
    if let Some(pause) = error.retry_after() {
        let pause = HeaderValue::from(pause.as_secs().max(1));
        response.headers_mut().insert(RETRY_AFTER, pause);
    }
    Ok(response)
}
