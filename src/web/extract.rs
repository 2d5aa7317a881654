//! What handlers take from a request, parsed at the door.

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;

use super::client::Client;
use super::error::Error;
use super::segment::Segment;
use super::{Collection, State, link_redirect};
use crate::model::options::MediaMode;
use crate::model::{
    ChannelName, ChannelSet, FeedOptions, Format, Merged, MergedOptions, MessageId,
};
use crate::service::File;
use crate::service::search::{self, BadSearch, SearchOptions};

/// The first segment of all addresses that are no channel's.
const OURS: &str = "-";

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

/// A page of posts.
pub(super) enum List {
    /// `/<channel>?options`.
    Channel(ChannelName, FeedOptions),
    /// `/<a>+<b>?options`, `/-/collections/<name>?options`.
    Merged(Merged, MergedOptions),
}

impl Address for List {
    fn parse(path: &str, query: &str, state: &State) -> Result<Self, Error> {
        let (path, defaults) = (path.trim_matches('/'), &state.service.defaults().options);
        match merged(path, state) {
            Some(merged) => Ok(Self::Merged(merged?, merged_options(query, defaults)?)),
            None => {
                let name = channel(path, state)?;
                Ok(Self::Channel(name, options(query, defaults)?))
            }
        }
    }
}

/// `/<channel>/<something>`.
pub(super) enum Part {
    /// A feed.
    Feed(ChannelName, Format, FeedOptions),
    /// A feed of several channels.
    Merged(Merged, Format, MergedOptions),
    /// A post's page.
    Post(ChannelName, MessageId),
    /// The outline of a drawn sticker.
    Outline(ChannelName, MessageId),
    /// A file, and where it is to come from.
    File(ChannelName, File, Origin),
}

impl Address for Part {
    fn parse(path: &str, query: &str, state: &State) -> Result<Self, Error> {
        let (name, part) = path.trim_start_matches('/').rsplit_once('/').unwrap_or((path, ""));
        let segment = Segment::parse(part);
        let defaults = &state.service.defaults().options;
        match (merged(name, state), segment) {
            (Some(merged), Some(Segment::Feed(format))) => {
                Ok(Self::Merged(merged?, format, merged_options(query, defaults)?))
            }
            (Some(_), _) | (_, None) => Err(Error::NoSuchPage),
            (None, Some(Segment::Feed(format))) => {
                let options = options(query, defaults)?;
                Ok(Self::Feed(channel(name, state)?, format, options))
            }
            (None, Some(Segment::Post(id))) => Ok(Self::Post(channel(name, state)?, id)),
            (None, Some(Segment::Outline(id))) => Ok(Self::Outline(channel(name, state)?, id)),
            (None, Some(Segment::File(file))) => {
                Ok(Self::File(channel(name, state)?, file, Origin::parse(query)))
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

/// `/-/search`: what is looked for, if anything is; or why nothing can be, with the words that were given.
pub(super) struct Finds(pub(super) Result<Option<SearchOptions>, (String, BadSearch)>);

impl Address for Finds {
    fn parse(_: &str, query: &str, state: &State) -> Result<Self, Error> {
        let asked = SearchOptions::parse(query, &state.service.defaults().options);
        let words = || {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs
                .find(|(name, _)| name == "q")
                .map_or_else(String::new, |(_, words)| words.into_owned())
        };
        Ok(Self(asked.map_err(|reason| (words(), reason))))
    }
}

/// `/-/search/<feed>`.
pub(super) struct FindsFeed(pub(super) Result<Option<SearchOptions>, BadSearch>, pub(super) Format);

impl Address for FindsFeed {
    fn parse(path: &str, query: &str, state: &State) -> Result<Self, Error> {
        let part = path.rsplit('/').next().unwrap_or_default();
        let format = Format::from_file_name(part).ok_or(Error::NoSuchPage)?;
        Ok(Self(SearchOptions::parse(query, &state.service.defaults().options), format))
    }
}

/// What is read as one: `a+b` with any sign between the names that stands for it, or `-/collections/<name>`; none when the
/// path has another shape. An invitation to a private chat (`+AbCd`) is none.
pub(super) fn merged(path: &str, state: &State) -> Option<Result<Merged, Error>> {
    if let Some(name) = path.strip_prefix(COLLECTIONS) {
        return Some(collection(name, state));
    }
    let is_several = !path.contains('/')
        && !path.starts_with(['+', '%'])
        && ["+", "%2B", "%2b", "%20"].iter().any(|sign| path.contains(sign));
    is_several.then(|| {
        let text = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
        let channels = ChannelSet::parse(&text)?;
        let is_served = channels.names().iter().all(|name| state.serves(name));
        if is_served { Ok(Merged::of(channels)) } else { Err(Error::NotServed) }
    })
}

/// A named set of the settings.
fn collection(name: &str, state: &State) -> Result<Merged, Error> {
    let all = &state.settings.collections;
    let Some(found) = all.iter().find(|collection| *collection.name == *name) else {
        return Err(Error::NoSuchCollection {
            known: all.iter().map(|collection| collection.name.to_string()).collect(),
        });
    };
    of_collection(found, state)
}

/// A named set without the channels that are not served.
pub(super) fn of_collection(found: &Collection, state: &State) -> Result<Merged, Error> {
    let served = found.channels.iter().filter(|name| state.serves(name)).cloned().collect();
    let channels = ChannelSet::new(served).map_err(|_| Error::NotServed)?;
    Ok(Merged::collection(&found.name, found.title.as_deref(), channels))
}

/// The options of a channel's feed; its `q` is one that can be looked for.
fn options(query: &str, defaults: &FeedOptions) -> Result<FeedOptions, Error> {
    let options = FeedOptions::parse(query, defaults)?;
    search::in_channel(&options)?;
    Ok(options)
}

/// The same for several channels.
fn merged_options(query: &str, defaults: &FeedOptions) -> Result<MergedOptions, Error> {
    let asked = MergedOptions::parse(query, defaults)?;
    search::in_channel(&asked.options)?;
    Ok(asked)
}

/// A channel's name as it stands in an address, served here.
fn channel(text: &str, state: &State) -> Result<ChannelName, Error> {
    if text == OURS {
        return Err(Error::NoSuchPage);
    }
    let name = ChannelName::parse(text)?;
    if state.serves(&name) { Ok(name) } else { Err(Error::NotServed) }
}
