//! What handlers take from a request, parsed at the door.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use super::error::{Error, Problem};
use super::page::Words;
use super::{State, accept, base, client_address, pasted};
use crate::bridge::{Asker, Coding, File};
use crate::links::{Base, Links};
use crate::model::{ChannelName, FeedOptions, Format, MessageId};

/// The first segment of all addresses that are no channel's.
const OURS: &str = "-";

/// What every answer depends on.
pub(super) struct Client {
    /// The addresses of the answer.
    pub(super) links: Links,
    /// Whose budget it is.
    pub(super) asker: Asker,
    /// The coding to answer in.
    pub(super) coding: Coding,
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
        let base = base::of_request(
            &parts.headers,
            parts.uri.authority().map(AsRef::as_ref),
            peer,
            &state.settings,
        );
        Self {
            links: Links::new(base, state.bridge.defaults().options.clone()),
            asker: Asker::client(client_address::of_request(&parts.headers, peer, &state.settings)),
            coding: accept::coding(&parts.headers),
            words: Words::of(accept::language(&parts.headers)),
            is_browser: accept::wants_html(&parts.headers),
            headers: parts.headers.clone(),
            security_policy: state.security_policy.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
        }
    }

    /// A refusal for this client: a page for browsers, a problem for programs.
    pub(super) fn refuse(&self, error: impl Into<Error>) -> Problem {
        Problem::new(error.into(), self)
    }
}

/// A request that is to be answered: the client, and what its address means.
pub(super) struct Asked<T> {
    pub(super) client: Client,
    pub(super) state: State,
    pub(super) what: T,
}

/// What can be parsed from an address.
pub(super) trait Address: Sized {
    fn parse(path: &str, query: &str, state: &State) -> Result<Self, Error>;
}

impl<T: Address + Send> FromRequestParts<State> for Asked<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let client = Client::from_parts(parts, state);
        match T::parse(parts.uri.path(), &client.query, state) {
            Ok(what) => Ok(Self { client, state: state.clone(), what }),
            Err(error) => Err(pasted::answer(&client, error)),
        }
    }
}

/// `/`, and everything that takes no part of its address.
pub(super) struct Nothing;

impl Address for Nothing {
    fn parse(_: &str, _: &str, _: &State) -> Result<Self, Error> {
        Ok(Self)
    }
}

/// `/<channel>?options`.
pub(super) struct Channel {
    pub(super) name: ChannelName,
    pub(super) options: FeedOptions,
}

impl Address for Channel {
    fn parse(path: &str, query: &str, state: &State) -> Result<Self, Error> {
        let name = channel(path.trim_matches('/'), state)?;
        Ok(Self { name, options: FeedOptions::parse(query, &state.bridge.defaults().options)? })
    }
}

/// `/<channel>/<something>`.
pub(super) enum Part {
    /// A feed.
    Feed(ChannelName, Format, FeedOptions),
    /// A post's page.
    Post(ChannelName, MessageId),
    /// A file.
    File(ChannelName, File),
}

impl Address for Part {
    fn parse(path: &str, query: &str, state: &State) -> Result<Self, Error> {
        let (name, part) = path.trim_start_matches('/').split_once('/').unwrap_or((path, ""));
        if let Some(format) = Format::from_file_name(part) {
            let options = FeedOptions::parse(query, &state.bridge.defaults().options)?;
            return Ok(Self::Feed(channel(name, state)?, format, options));
        }
        if let Some(id) = MessageId::parse(part) {
            return Ok(Self::Post(channel(name, state)?, id));
        }
        match File::parse(part) {
            Some(file) => Ok(Self::File(channel(name, state)?, file)),
            None => Err(Error::NoSuchPage),
        }
    }
}

/// A channel's name as it stands in an address, served here.
fn channel(text: &str, state: &State) -> Result<ChannelName, Error> {
    if text == OURS {
        return Err(Error::NoSuchPage);
    }
    let name = ChannelName::parse(text)?;
    if state.serves(&name) { Ok(name) } else { Err(Error::NotServed) }
}
