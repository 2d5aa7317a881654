//! The client of a request, as far as responses depend on it.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::error::Error;
use super::page::{Context, Kept, Ways};
use super::problem::{self, Problem};
use super::{State, accept, forwarded};
use crate::links::{Base, Links};
use crate::locale::Words;
use crate::model::ChannelName;
use crate::service::{ClientId, ContentEncoding};

/// The properties of a request that responses depend on.
pub(super) struct Client {
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
    /// The content security policy of pages.
    pub(super) security_policy: HeaderValue,
    /// Path and query as requested.
    pub(super) path: String,
    pub(super) query: String,
}

impl Client {
    pub(super) fn base(&self) -> &Base {
        self.links.base()
    }

    pub(super) fn from_parts(parts: &Parts, state: &State) -> Self {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(state.settings.listen, |info| info.0);
        let base = forwarded::base(
            &parts.headers,
            parts.uri.authority().map(AsRef::as_ref),
            peer,
            &state.settings,
        );
        Self {
            links: Links::new(base, state.service.defaults().options.clone()),
            client_id: ClientId::client(forwarded::client_address(
                &parts.headers,
                peer,
                &state.settings,
            )),
            coding: accept::coding(&parts.headers),
            words: Words::of(accept::language(&parts.headers)),
            is_browser: accept::wants_html(&parts.headers),
            headers: parts.headers.clone(),
            security_policy: state.security_policy.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
        }
    }

    pub(super) fn context<'a>(&'a self, state: &'a State) -> Context<'a> {
        Context { words: self.words, links: &self.links, settings: &state.settings }
    }

    /// An error of a channel. For browsers, the page also lists the stored posts.
    pub(super) async fn refuse_channel(
        &self,
        state: &State,
        name: &ChannelName,
        error: Error,
    ) -> Problem {
        let kept = match &error {
            Error::Service(_) if self.is_browser => self.last_known(state, name).await,
            _ => None,
        };
        self.problem(error, kept)
    }

    /// The last known state of the channel, whatever its age.
    pub(super) async fn last_known(&self, state: &State, name: &ChannelName) -> Option<Kept> {
        // On an archive error, which the service logs, the error page omits the posts.
        let channel = state.service.last_known(name).await.unwrap_or(None)?;
        Kept::of(&channel.snapshot)
    }

    /// An error response: a page for browsers, a problem document for programs.
    pub(super) fn refuse(&self, error: impl Into<Error>) -> Problem {
        self.problem(error.into(), None)
    }

    fn problem(&self, error: Error, kept: Option<Kept>) -> Problem {
        let page = self.is_browser.then(|| problem::Page {
            words: self.words,
            links: self.links.clone(),
            security_policy: self.security_policy.clone(),
            ways: self.ways(&error),
            kept,
        });
        Problem::new(error, page)
    }

    /// Links of an error page: retry after a temporary failure, or the channel without its invalid options.
    fn ways(&self, error: &Error) -> Ways {
        let is_passing =
            error.status() == StatusCode::TOO_MANY_REQUESTS || error.status().is_server_error();
        let is_wrong = matches!(error, Error::Option(_) | Error::Query(_));
        let name = self.path.trim_matches('/').split('/').next().unwrap_or_default();
        let name = ChannelName::parse(name).ok().filter(|_| is_wrong);
        Ways {
            here: is_passing.then(|| self.here()),
            channel: name.map(|name| self.links.channel(&name, self.links.defaults())),
        }
    }

    /// The requested URL, under the response's base.
    pub(super) fn here(&self) -> String {
        with_query(self.base(), &self.path, &self.query)
    }
}

impl FromRequestParts<State> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        Ok(Self::from_parts(parts, state))
    }
}

/// A URL under a base.
pub(super) fn with_query(base: &Base, path: &str, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{path}{mark}{query}", base.as_str())
}
