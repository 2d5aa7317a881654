//! Addresses of RSSHub and RSS-Bridge: moved to ours, for good.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;

use crate::model::Moved;
use crate::web::error::{Error, Problem};
use crate::web::extract::Client;
use crate::web::{State, respond};

/// Where RSSHub has channels.
const RSSHUB: &str = "/telegram/channel/";

/// An address of RSSHub's.
pub(in crate::web) struct Former {
    client: Client,
    moved: Moved,
}

impl FromRequestParts<State> for Former {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let client = Client::from_parts(parts, state);
        let rest = client.path.strip_prefix(RSSHUB).unwrap_or_default();
        match Moved::from_rsshub(rest, &client.query, client.links.defaults()) {
            Ok(moved) => Ok(Self { client, moved }),
            Err(reason) => Err(client.refuse(Error::from(reason)).into_response()),
        }
    }
}

pub(in crate::web) async fn show(Former { client, moved }: Former) -> Result<Response, Problem> {
    lead_to(&client, &moved).map_err(|error| client.refuse(error))
}

/// Readers write the new address down; what has no counterpart is told to whoever looks.
pub(super) fn lead_to(client: &Client, moved: &Moved) -> Result<Response, Error> {
    let Moved { channel, options, lost, .. } = moved;
    let address = match moved.format {
        Some(format) => client.links.feed(channel, format, options),
        None => client.links.channel(channel, options),
    };
    tracing::info!(channel.name = %channel, lost = lost.join(" "), "an address of another bridge");
    respond::moved(&address, lost)
}
