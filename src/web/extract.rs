//! Extractors: parse path and query before a handler runs.

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;

use super::client::Client;
use super::error::Error;
use super::{State, link_redirect};
use crate::model::options::MediaMode;
use crate::model::{
    BadOption, ChannelName, ChannelSet, FeedOptions, File, Format, MessageId, Place, Resource,
    Route, Source,
};
use crate::service::search::{self, BadQuery, Query};

/// A parsed request: the client, and the meaning of the URL.
pub(super) struct Parsed<T> {
    pub(super) client: Client,
    pub(super) what: T,
}

/// A type that is parsed from path and query.
pub(super) trait Address: Sized {
    fn parse(client: &Client) -> Result<Self, Error>;
}

impl<T: Address + Send> FromRequestParts<State> for Parsed<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let client = Client::from_parts(parts, state);
        match T::parse(&client) {
            Ok(what) => Ok(Self { client, what }),
            Err(error) => Err(link_redirect::answer(&client, error)),
        }
    }
}

/// A page, feed or file of a source: the resources with a [`Route`].
pub(super) enum Requested {
    Page(Source, Box<FeedOptions>),
    Feed(Source, Format, Box<FeedOptions>),
    Post(ChannelName, MessageId),
    /// The outline of an animated sticker.
    Outline(ChannelName, MessageId),
    File(ChannelName, File, Origin),
}

impl Address for Requested {
    fn parse(client: &Client) -> Result<Self, Error> {
        let Route { place, resource } = Route::parse(&client.path)?;
        let (source, options) = match place {
            Place::Search => search_source(client)?.ok_or(BadQuery::Empty)?,
            place => {
                let source = source(place, &client.state)?;
                let options = match resource {
                    Resource::Page | Resource::Feed(_) => options(&source, client)?,
                    _ => FeedOptions::default(),
                };
                (source, options)
            }
        };
        let single = || source.single().cloned().ok_or(Error::NoSuchPage);
        Ok(match resource {
            Resource::Page => Self::Page(source, options.into()),
            Resource::Feed(format) => Self::Feed(source, format, options.into()),
            Resource::Post(id) => Self::Post(single()?, id),
            Resource::Outline(id) => Self::Outline(single()?, id),
            Resource::File(file) => Self::File(single()?, file, Origin::parse(client)),
        })
    }
}

/// The source at a place. All its channels are served here.
pub(super) fn source(place: Place, state: &State) -> Result<Source, Error> {
    match place {
        Place::Channels(channels) => {
            let is_served = channels.names().iter().all(|name| state.settings.serves(name));
            if is_served { Ok(Source::Channels(channels)) } else { Err(Error::NotServed) }
        }
        Place::Collection(name) => {
            let all = &state.settings.collections;
            match all.get(&*name) {
                Some(found) => collection(found, state),
                None => Err(Error::NoSuchCollection { names: all.keys().cloned().collect() }),
            }
        }
        Place::Search => Err(Error::NoSuchPage),
    }
}

/// A collection without the channels that are not served.
pub(super) fn collection(found: &Source, state: &State) -> Result<Source, Error> {
    let served = found.channels().iter().filter(|name| state.settings.serves(name));
    let channels = ChannelSet::new(served.cloned().collect()).map_err(|_| Error::NotServed)?;
    Ok(found.with_channels(channels))
}

/// The options of a feed of channels, with a valid `q`.
fn options(source: &Source, client: &Client) -> Result<FeedOptions, Error> {
    let options = source.options(&client.query, client.links.defaults())?;
    search::in_channel(&options)?;
    Ok(options)
}

/// The requested origin of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The operator's default.
    Default,
    /// Telegram, whatever the operator's default: `?media=redirect`, as in feeds with that option.
    Telegram,
}

impl Origin {
    fn parse(client: &Client) -> Self {
        let mut pairs = url::form_urlencoded::parse(client.query.as_bytes());
        let is_redirect = pairs.any(|(name, value)| name == "media" && value == "redirect");
        if is_redirect { Self::Telegram } else { Self::Default }
    }

    /// The same as the media mode of a link.
    pub(super) fn mode(self, client: &Client) -> MediaMode {
        match self {
            Self::Default => client.links.defaults().media(),
            Self::Telegram => MediaMode::Redirect,
        }
    }
}

/// `/-/emoji/<number>.webp`: Telegram's ID of the emoji, and the origin of the image.
pub(super) struct Emoji(pub(super) u64, pub(super) Origin);

impl Address for Emoji {
    fn parse(client: &Client) -> Result<Self, Error> {
        let file = client.path.rsplit('/').next().unwrap_or_default();
        let number = file.strip_suffix(".webp").filter(|number| is_number(number));
        let number = number.and_then(|number| number.parse().ok()).ok_or(Error::NoSuchPage)?;
        Ok(Self(number, Origin::parse(client)))
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
    fn parse(client: &Client) -> Result<Self, Error> {
        match search_source(client) {
            Ok(Some((source, options))) => Ok(Self::Results(source, options)),
            Ok(None) => Ok(Self::Form),
            Err(Error::Query(reason)) => {
                Ok(Self::Refused(client.parameter("q").unwrap_or_default(), reason))
            }
            Err(error) => Err(error),
        }
    }
}

/// The search and options of a URL, limited to served channels; `None` without `q`.
fn search_source(client: &Client) -> Result<Option<(Source, FeedOptions)>, Error> {
    let parsed = client.parameter("q").map(|words| Query::parse(&words));
    let text = parsed.iter().flatten().next().map_or("", Query::text);
    let settings = &client.state.settings;
    let source = Source::Search {
        query: text.into(),
        within: (!settings.allow.is_empty()).then(|| settings.allow.as_slice().into()),
        without: settings.deny.as_slice().into(),
    };
    let options = source.options(&client.query, client.links.defaults());
    let options = options.map_err(|reason| match reason {
        BadOption::Value { option: "before", .. } => Error::Query(BadQuery::Page),
        reason => Error::Option(reason),
    })?;
    match parsed {
        Some(parsed) => parsed.map(|_| Some((source, options))).map_err(Error::Query),
        None => Ok(None),
    }
}
