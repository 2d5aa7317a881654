//! Addresses that are none of ours.

use axum::extract::{FromRequestParts, Request, State as Shared};
use axum::response::Response;
use http::request::Parts;

use crate::model::FeedOptions;
use crate::web::cache_policy::CachePolicy;
use crate::web::error::{Error, Problem};
use crate::web::extract::{self, Client};
use crate::web::{State, page, respond};

/// The client of a request whose address means nothing yet.
pub(in crate::web) struct Stranger(Client);

impl FromRequestParts<State> for Stranger {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Self::Rejection> {
        Ok(Self(Client::from_parts(parts, state)))
    }
}

/// A link to a channel that somebody put behind our host leads to the channel.
pub(in crate::web) async fn pasted(Stranger(client): Stranger) -> Result<Response, Problem> {
    match extract::pasted(&client.path, &client.query) {
        Ok(target) => {
            let address = match target.message {
                Some(id) => client.links.post(&target.channel, id),
                None => client.links.channel(&target.channel, &FeedOptions::default()),
            };
            let redirect = respond::redirect(&address, &CachePolicy::For(page::PAGE_LIFE), None);
            redirect.map_err(|error| client.refuse(error))
        }
        Err(_) => Err(client.refuse(Error::NoSuchPage)),
    }
}

/// Everything here is for reading.
pub(in crate::web) async fn method(Shared(state): Shared<State>, request: Request) -> Problem {
    let (parts, _) = request.into_parts();
    Client::from_parts(&parts, &state).refuse(Error::Method)
}
