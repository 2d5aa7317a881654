//! The client of a request, as far as responses depend on it.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::request::Parts;

use super::page::Context;
use super::{State, accept, forwarded};
use crate::links::{Base, Links};
use crate::locale::Words;
use crate::service::{ClientId, ContentEncoding};

/// The properties of a request that responses depend on, and the state of the server.
pub(super) struct Client {
    pub(super) state: State,
    /// Builds the URLs in the response.
    pub(super) links: Links,
    /// The identity for rate limits.
    pub(super) client_id: ClientId,
    /// The content encoding of the response.
    pub(super) coding: ContentEncoding,
    /// The messages of pages, in the client's preferred language.
    pub(super) words: &'static Words,
    pub(super) is_browser: bool,
    pub(super) headers: HeaderMap,
    /// Path and query as requested.
    pub(super) path: String,
    pub(super) query: String,
}

impl Client {
    pub(super) fn from_parts(parts: &Parts, state: &State) -> Self {
        let (headers, settings) = (&parts.headers, &state.settings);
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(settings.listen, |info| info.0);
        let host = parts.uri.authority().map(AsRef::as_ref);
        let base = forwarded::base(headers, host, peer, settings);
        Self {
            state: state.clone(),
            links: Links::new(base, state.service.defaults().options.clone()),
            client_id: ClientId::client(forwarded::client_address(headers, peer, settings)),
            coding: accept::coding(headers),
            words: Words::of(accept::language(headers)),
            is_browser: accept::wants_html(headers),
            headers: headers.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
        }
    }

    pub(super) fn base(&self) -> &Base {
        self.links.base()
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.state.service.clock().now()
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context { words: self.words, links: &self.links, settings: &self.state.settings }
    }

    /// The value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The requested URL, under the response's base.
    pub(super) fn here(&self) -> String {
        self.links.at(&self.path, &self.query)
    }
}

impl FromRequestParts<State> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        Ok(Self::from_parts(parts, state))
    }
}
