//! Extractors: parse path and query before a handler runs.

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;

use super::client::Client;
use super::error::Error;
use super::segment::Segment;
use super::{Collection, State, link_redirect};
use crate::model::options::MediaMode;
use crate::model::{BadOption, ChannelName, ChannelSet, FeedOptions, Format, MessageId, Source};
use crate::service::File;
use crate::service::search::{self, BadQuery, Query};

/// The reserved first path segment, which is no channel name.
const OURS: &str = "-";

/// The path of the archive search.
const SEARCH: &str = "-/search";

/// The path of configured collections.
const COLLECTIONS: &str = "-/collections/";

/// A parsed request: the client, and the meaning of the URL.
pub(super) struct Parsed<T> {
    pub(super) client: Client,
    pub(super) state: State,
    pub(super) what: T,
}

/// A type that is parsed from path and query.
pub(super) trait Address: Sized {
    fn parse(path: &str, query: &str, state: &State) -> Result<Self, Error>;
}

impl<T: Address + Send> FromRequestParts<State> for Parsed<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let client = Client::from_parts(parts, state);
        match T::parse(parts.uri.path(), &client.query, state) {
            Ok(what) => Ok(Self { client, state: state.clone(), what }),
            Err(error) => Err(link_redirect::answer(&client, error)),
        }
    }
}

/// The page of one or several channels: `/<channel>?options`, `/<a>+<b>?options`, `/-/collections/<name>?options`.
pub(super) struct SourcePage(pub(super) Source, pub(super) FeedOptions);

impl Address for SourcePage {
    fn parse(path: &str, query: &str, state: &State) -> Result<Self, Error> {
        let source = channels(path.trim_matches('/'), state)?;
        let options = options(&source, query, state)?;
        Ok(Self(source, options))
    }
}

/// A resource below a source: `/<channel>/<segment>`.
pub(super) enum Part {
    Feed(Source, Format, Box<FeedOptions>),
    Post(ChannelName, MessageId),
    /// The outline of an animated sticker.
    Outline(ChannelName, MessageId),
    File(ChannelName, File, Origin),
}

impl Address for Part {
    fn parse(path: &str, query: &str, state: &State) -> Result<Self, Error> {
        let (place, part) = path.trim_start_matches('/').rsplit_once('/').unwrap_or((path, ""));
        match Segment::parse(part).ok_or(Error::NoSuchPage)? {
            Segment::Feed(format) if place == SEARCH => {
                let (source, options) = search_source(query, state)?.ok_or(BadQuery::Empty)?;
                Ok(Self::Feed(source, format, Box::new(options)))
            }
            Segment::Feed(format) => {
                let source = channels(place, state)?;
                let options = options(&source, query, state)?;
                Ok(Self::Feed(source, format, Box::new(options)))
            }
            _ if place.contains('/') || is_set(place) => Err(Error::NoSuchPage),
            Segment::Post(id) => Ok(Self::Post(channel(place, state)?, id)),
            Segment::Outline(id) => Ok(Self::Outline(channel(place, state)?, id)),
            Segment::File(file) => {
                Ok(Self::File(channel(place, state)?, file, Origin::parse(query)))
            }
        }
    }
}

/// The requested origin of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The operator's default.
    AsUsual,
    /// Telegram, whatever the operator's default: `?media=redirect`, as in feeds with that option.
    Telegram,
}

impl Origin {
    fn parse(query: &str) -> Self {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let is_asked = pairs.any(|(name, value)| name == "media" && value == "redirect");
        if is_asked { Self::Telegram } else { Self::AsUsual }
    }

    /// The same as the media mode of a link.
    pub(super) fn mode(self, client: &Client) -> MediaMode {
        match self {
            Self::AsUsual => client.links.defaults().media(),
            Self::Telegram => MediaMode::Redirect,
        }
    }
}

/// `/-/emoji/<number>.webp`: Telegram's ID of the emoji, and the origin of the image.
pub(super) struct Emoji(pub(super) u64, pub(super) Origin);

impl Address for Emoji {
    fn parse(path: &str, query: &str, _: &State) -> Result<Self, Error> {
        let file = path.rsplit('/').next().unwrap_or_default();
        let number = file.strip_suffix(".webp").filter(|number| is_number(number));
        let number = number.and_then(|number| number.parse().ok()).ok_or(Error::NoSuchPage)?;
        Ok(Self(number, Origin::parse(query)))
    }
}

/// Each number has one URL: digits only, no leading zeros.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0')
}

/// `/-/search`.
pub(super) enum SearchPage {
    /// No query.
    Form,
    Results(Source, FeedOptions),
    /// An invalid query, with the reason.
    Refused(String, BadQuery),
}

impl Address for SearchPage {
    fn parse(_: &str, query: &str, state: &State) -> Result<Self, Error> {
        match search_source(query, state) {
            Ok(Some((source, options))) => Ok(Self::Results(source, options)),
            Ok(None) => Ok(Self::Form),
            Err(Error::Query(reason)) => {
                Ok(Self::Refused(words(query).unwrap_or_default(), reason))
            }
            Err(error) => Err(error),
        }
    }
}

/// The search and options of a URL, limited to served channels; `None` without `q`.
fn search_source(query: &str, state: &State) -> Result<Option<(Source, FeedOptions)>, Error> {
    let parsed = words(query).map(|words| Query::parse(&words));
    let text = parsed.iter().flatten().next().map_or("", Query::text);
    let allow = &state.settings.allow;
    let source = Source::Search {
        query: text.into(),
        within: (!allow.is_empty()).then(|| allow.as_slice().into()),
        without: state.settings.deny.as_slice().into(),
    };
    let defaults = &state.service.defaults().options;
    let options = source.options(query, defaults).map_err(|reason| match reason {
        BadOption::Value { option: "before", .. } => Error::Query(BadQuery::Page),
        reason => Error::Option(reason),
    })?;
    match parsed {
        Some(parsed) => parsed.map(|_| Some((source, options))).map_err(Error::Query),
        None => Ok(None),
    }
}

/// The `q` parameter.
fn words(query: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "q").map(|(_, words)| words.into_owned())
}

/// The source of a path: `name`, `a+b` (also `a%2Bb` and `a%20b`), or `-/collections/<name>`.
pub(super) fn channels(path: &str, state: &State) -> Result<Source, Error> {
    if let Some(name) = path.strip_prefix(COLLECTIONS) {
        return collection(name, state);
    }
    if !is_set(path) {
        return channel(path, state).map(Source::channel);
    }
    let text = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let channels = ChannelSet::parse(&text)?;
    let is_served = channels.names().iter().all(|name| state.serves(name));
    if is_served { Ok(Source::Channels(channels)) } else { Err(Error::NotServed) }
}

/// Whether a path has the shape of several names. An invitation to a private chat (`+AbCd`) has not.
fn is_set(path: &str) -> bool {
    !path.contains('/')
        && !path.starts_with(['+', '%'])
        && ["+", "%2B", "%2b", "%20"].iter().any(|sign| path.contains(sign))
}

/// Whether a path repeats one channel as a set (`a+A`). That channel's own URL is canonical.
pub(super) fn is_alias(path: &str, source: &Source) -> bool {
    source.single().is_some() && is_set(path.trim_matches('/'))
}

/// A configured collection by name.
fn collection(name: &str, state: &State) -> Result<Source, Error> {
    let all = &state.settings.collections;
    let Some(found) = all.iter().find(|collection| *collection.name == *name) else {
        return Err(Error::NoSuchCollection {
            known: all.iter().map(|collection| collection.name.to_string()).collect(),
        });
    };
    of_collection(found, state)
}

/// A collection without the channels that are not served.
pub(super) fn of_collection(found: &Collection, state: &State) -> Result<Source, Error> {
    let served = found.channels.iter().filter(|name| state.serves(name)).cloned().collect();
    let channels = ChannelSet::new(served).map_err(|_| Error::NotServed)?;
    Ok(Source::collection(&found.name, found.title.as_deref(), channels))
}

/// The options of a feed of channels, with a valid `q`.
fn options(source: &Source, query: &str, state: &State) -> Result<FeedOptions, Error> {
    let options = source.options(query, &state.service.defaults().options)?;
    search::in_channel(&options)?;
    Ok(options)
}

/// A channel name from a path. The channel is served here.
fn channel(text: &str, state: &State) -> Result<ChannelName, Error> {
    if text == OURS {
        return Err(Error::NoSuchPage);
    }
    let name = ChannelName::parse(text)?;
    if state.serves(&name) { Ok(name) } else { Err(Error::NotServed) }
}
