//! What handlers take from a request, parsed at the door.

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

/// The first segment of all addresses that are no channel's.
const OURS: &str = "-";

/// Where the whole archive is searched.
const SEARCH: &str = "-/search";

/// Where the sets of channels are that the settings name.
const COLLECTIONS: &str = "-/collections/";

/// A request that is to be answered: the client, and what its address means.
pub(super) struct Parsed<T> {
    pub(super) client: Client,
    pub(super) state: State,
    pub(super) what: T,
}

/// What can be parsed from an address.
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

/// `/<channel>/<something>`.
pub(super) enum Part {
    /// A feed of any source.
    Feed(Source, Format, Box<FeedOptions>),
    /// A post's page.
    Post(ChannelName, MessageId),
    /// The outline of a drawn sticker.
    Outline(ChannelName, MessageId),
    /// A file, and where it is to come from.
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

/// Where a file is to come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// As the operator wants it.
    AsUsual,
    /// From Telegram, whatever the operator wants: `?media=redirect`, as feeds print it that ask for this.
    Telegram,
}

impl Origin {
    fn parse(query: &str) -> Self {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let is_asked = pairs.any(|(name, value)| name == "media" && value == "redirect");
        if is_asked { Self::Telegram } else { Self::AsUsual }
    }

    /// The same for an address that is printed.
    pub(super) fn mode(self, client: &Client) -> MediaMode {
        match self {
            Self::AsUsual => client.links.defaults().media(),
            Self::Telegram => MediaMode::Redirect,
        }
    }
}

/// `/-/emoji/<number>.webp`: the number, and where the picture is to come from.
pub(super) struct Emoji(pub(super) u64, pub(super) Origin);

impl Address for Emoji {
    fn parse(path: &str, query: &str, _: &State) -> Result<Self, Error> {
        let file = path.rsplit('/').next().unwrap_or_default();
        let number = file.strip_suffix(".webp").filter(|number| is_number(number));
        let number = number.and_then(|number| number.parse().ok()).ok_or(Error::NoSuchPage)?;
        Ok(Self(number, Origin::parse(query)))
    }
}

/// A number has one address: no sign, no zeros in front.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0')
}

/// `/-/search`.
pub(super) enum SearchPage {
    /// Nothing is searched for.
    Form,
    Results(Source, FeedOptions),
    /// The words that cannot be searched for.
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

/// The search of an address, limited to the channels that are served here, with its options; `None` without a `q`.
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

/// The `q` of an address.
fn words(query: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "q").map(|(_, words)| words.into_owned())
}

/// The channels that a path names: `name`, `a+b` with any sign between the names that stands for it, or
/// `-/collections/<name>`.
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

/// Whether a path names one channel as if it were several (`a+A`): it has an address of its own.
pub(super) fn is_alias(path: &str, source: &Source) -> bool {
    source.single().is_some() && is_set(path.trim_matches('/'))
}

/// A named set of the settings.
fn collection(name: &str, state: &State) -> Result<Source, Error> {
    let all = &state.settings.collections;
    let Some(found) = all.iter().find(|collection| *collection.name == *name) else {
        return Err(Error::NoSuchCollection {
            known: all.iter().map(|collection| collection.name.to_string()).collect(),
        });
    };
    of_collection(found, state)
}

/// A named set without the channels that are not served.
pub(super) fn of_collection(found: &Collection, state: &State) -> Result<Source, Error> {
    let served = found.channels.iter().filter(|name| state.serves(name)).cloned().collect();
    let channels = ChannelSet::new(served).map_err(|_| Error::NotServed)?;
    Ok(Source::collection(&found.name, found.title.as_deref(), channels))
}

/// The options of a feed of channels; their `q` is one that can be searched for.
fn options(source: &Source, query: &str, state: &State) -> Result<FeedOptions, Error> {
    let options = source.options(query, &state.service.defaults().options)?;
    search::in_channel(&options)?;
    Ok(options)
}

/// A channel's name as it stands in an address, served here.
fn channel(text: &str, state: &State) -> Result<ChannelName, Error> {
    if text == OURS {
        return Err(Error::NoSuchPage);
    }
    let name = ChannelName::parse(text)?;
    if state.serves(&name) { Ok(name) } else { Err(Error::NotServed) }
}
