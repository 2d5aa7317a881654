//! Redirects for unknown URLs that resemble a known one: a channel's link behind feedline's host, a feedline URL in
//! another spelling, or the URL of another bridge.

use axum::response::Response;

use super::cache_policy::CachePolicy;
use super::client::Client;
use super::error::Error;
use super::{page, problem, respond};
use crate::model::{BadName, Moved, Route, Target};

/// Redirects to the intended URL, or responds with the error or the reason why a Telegram link is no channel.
pub(super) fn answer(client: &Client, error: Error) -> Response {
    let defaults = client.links.defaults();
    let redirect = match Moved::from_address(&client.path, &client.query, defaults) {
        Some(moved) => moved.map_err(Error::from).and_then(|moved| to_moved(client, &moved)),
        None if matches!(error, Error::Name(_) | Error::Set(_) | Error::NoSuchPage) => {
            match guess(client) {
                // A redirect to itself would loop.
                Ok(address) if address == client.here() => Err(error),
                Ok(address) => redirect(&address),
                Err(Error::Name(BadName::Empty | BadName::Malformed | BadName::OtherSite)) => {
                    Err(error)
                }
                Err(reason) => Err(reason),
            }
        }
        None => Err(error),
    };
    problem::respond(client, redirect)
}

/// A redirect to the page of a channel or post.
pub(super) fn to_target(client: &Client, target: &Target) -> Result<Response, Error> {
    redirect(&match target.message {
        Some(id) => client.links.post(&target.channel, id),
        None => {
            let options = target.options(client.links.defaults())?;
            client.links.channel(&target.channel, &options)
        }
    })
}

/// A permanent redirect from another bridge's URL, so that readers store the new URL. Options without a counterpart are
/// reported.
pub(super) fn to_moved(client: &Client, moved: &Moved) -> Result<Response, Error> {
    let Moved { channel, options, lost, .. } = moved;
    let address = match moved.format {
        Some(format) => client.links.feed(channel, format, options),
        None => client.links.channel(channel, options),
    };
    tracing::info!(channel.name = %channel, lost = lost.join(" "), "redirected from another bridge's URL");
    respond::moved(&address, lost)
}

fn guess(client: &Client) -> Result<String, Error> {
    let (route, query) = Route::guess(&client.path, &client.query, client.links.defaults())?;
    Ok(client.links.at(&format!("/{route}"), &query))
}

fn redirect(address: &str) -> Result<Response, Error> {
    respond::redirect(address, &CachePolicy::For(page::PAGE_TTL), None)
}
