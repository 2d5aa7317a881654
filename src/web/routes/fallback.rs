//! Addresses that are none of ours.

use axum::extract::{FromRequestParts, Request, State as Shared};
use axum::response::Response;
use http::request::Parts;

use super::opml;
use crate::web::error::{Error, Problem};
use crate::web::extract::Client;
use crate::web::{State, link_redirect};

/// The client of a request whose address means nothing yet.
pub(in crate::web) struct Stranger(Client);

impl FromRequestParts<State> for Stranger {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Self::Rejection> {
        Ok(Self(Client::from_parts(parts, state)))
    }
}

/// Perhaps a link to a channel that somebody put behind our host.
pub(in crate::web) async fn address(Stranger(client): Stranger) -> Response {
    link_redirect::answer(&client, Error::NoSuchPage)
}

/// Everything here is for reading, but for one address that takes a form, too.
pub(in crate::web) async fn method(Shared(state): Shared<State>, request: Request) -> Problem {
    let (parts, _) = request.into_parts();
    let takes_form = parts.uri.path() == opml::IMPORT;
    Client::from_parts(&parts, &state).refuse(Error::Method { takes_form })
}
