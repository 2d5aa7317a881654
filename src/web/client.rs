//! The client of a request: what its answer depends on.

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

/// What every answer depends on.
pub(super) struct Client {
    /// The addresses of the answer.
    pub(super) links: Links,
    /// Whose budget it is.
    pub(super) client_id: ClientId,
    /// The coding to answer in.
    pub(super) coding: ContentEncoding,
    /// The words of pages in the language that it prefers.
    pub(super) words: &'static Words,
    /// Whether the client is a browser.
    pub(super) is_browser: bool,
    pub(super) headers: HeaderMap,
    /// What a page for this client may load.
    pub(super) security_policy: HeaderValue,
    /// Path and query as they were asked for.
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

    /// What a page for this client is made with.
    pub(super) fn context<'a>(&'a self, state: &'a State) -> Context<'a> {
        Context { words: self.words, links: &self.links, settings: &state.settings }
    }

    /// A refusal because of a channel: a person also sees what is kept of it.
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

    /// The channel as it was last fetched, however long ago.
    pub(super) async fn last_known(&self, state: &State, name: &ChannelName) -> Option<Kept> {
        // Without it the error page is shorter; the service has logged the reason.
        let channel = state.service.last_known(name).await.unwrap_or(None)?;
        Kept::of(&channel.snapshot)
    }

    /// A refusal for this client: a page for browsers, a problem for programs.
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

    /// A request that failed for now can be repeated; one with a bad option can be made without options.
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

    /// The address that was requested, under our base.
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

/// An address under a base.
pub(super) fn with_query(base: &Base, path: &str, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{path}{mark}{query}", base.as_str())
}
