//! Parses one address of a list as a subscription, whichever service has created it.

use url::Url;

use crate::links::{Base, Links};
use crate::locale::Message;
use crate::model::link;
use crate::model::{
    BadName, BadSet, ChannelName, ChannelSet, FeedOptions, Format, Moved, Source, Target,
};

/// The longest accepted address, in bytes.
const LONGEST: usize = 8192;

/// The service with addresses `/rss/<name>` and `/json/<name>`.
const SU: &str = "tg.i-c-a.su";

/// One or several channels, in a format, with options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    source: Source,
    options: FeedOptions,
    format: Format,
    /// Options of the former address without a counterpart, as in [`Moved::lost`].
    pub lost: Vec<String>,
}

/// The reason why an address is not a subscription to a channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum BadSubscription {
    /// Not a channel.
    Name(#[from] BadName),
    /// Not a set of channels.
    Set(#[from] BadSet),
    /// A feed of another site.
    Other,
    /// An address of feedline with invalid options, or with options that only another server supports.
    Ours,
}

impl BadSubscription {
    pub(super) fn message(&self) -> Message {
        match self {
            Self::Name(reason) => reason.message(),
            Self::Set(reason) => reason.message(),
            Self::Other => Message::new("list-not-telegram"),
            Self::Ours => Message::new("list-ours"),
        }
    }
}

impl Subscription {
    /// Parses any form of a channel's link, an address of RSSHub, RSS-Bridge or tg.i-c-a.su, or one of feedline under
    /// `base`.
    ///
    /// # Errors
    /// [`BadSubscription`].
    pub fn parse(text: &str, base: &Base, defaults: &FeedOptions) -> Result<Self, BadSubscription> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(BadSubscription::Other);
        }
        if let Some(rest) = strip_scheme(text, "rsshub") {
            let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
            let moved = Moved::from_address(path, query, defaults);
            return Ok(moved.ok_or(BadSubscription::Other)??.into());
        }
        // Readers write `feed:` before an address, or instead of its scheme.
        let text = strip_scheme(text, "feed").map_or_else(
            || text.strip_prefix("feed:").unwrap_or(text).to_owned(),
            |rest| format!("https://{rest}"),
        );
        let reason = match Target::parse(&text) {
            Ok(target) => return Ok(Self::of_target(target, Format::Rss, defaults)),
            Err(reason) => reason,
        };
        let Some(url) = address(&text) else { return Err(reason.into()) };
        let path = url.path().trim_matches('/');
        let query = url.query().unwrap_or_default();
        if let Some(inside) = inside(&url, base) {
            return Self::ours(inside, query, defaults);
        }
        if let Some(moved) = Moved::from_address(path, query, defaults) {
            return Ok(moved?.into());
        }
        if url.host_str() == Some(SU) {
            return Self::su(path, query, defaults);
        }
        Err(match reason {
            BadName::OtherSite => BadSubscription::Other,
            BadName::Malformed if !link::is_telegrams(url.host_str().unwrap_or_default()) => {
                BadSubscription::Other
            }
            told => told.into(),
        })
    }

    pub fn of(channel: ChannelName, format: Format, options: FeedOptions) -> Self {
        Self::new(Source::channel(channel), format, options)
    }

    fn new(source: Source, format: Format, options: FeedOptions) -> Self {
        Self { source, options, format, lost: Vec::new() }
    }

    /// The subscription for a Telegram link.
    fn of_target(target: Target, format: Format, defaults: &FeedOptions) -> Self {
        let options = target.options(defaults);
        let lost = target.search.filter(|_| options.is_err()).map(|words| format!("q={words}"));
        let options = options.unwrap_or_else(|_| defaults.clone());
        Self { lost: lost.into_iter().collect(), ..Self::of(target.channel, format, options) }
    }

    /// The channel, if there is exactly one.
    pub fn channel(&self) -> Option<&ChannelName> {
        self.source.single()
    }

    pub fn channels(&self) -> &[ChannelName] {
        self.source.channels()
    }

    /// Whether it is a channel's RSS feed without options.
    pub fn is_plain(&self, defaults: &FeedOptions) -> bool {
        self.channel().is_some() && self.options == *defaults && self.format == Format::Rss
    }

    /// The title if the list and the channel have none.
    pub fn title(&self) -> String {
        self.channel().map_or_else(|| self.source.title(), ToString::to_string)
    }

    pub fn feed(&self, links: &Links) -> String {
        links.feed_of(&self.source, self.format, &self.options)
    }

    pub fn page(&self, links: &Links) -> String {
        links.page(&self.source, &self.options.content_only())
    }

    /// `<name>/rss.xml?…`, `<a>+<b>/feed.json?…`, or the page of either; the name in any spelling.
    fn ours(path: &str, query: &str, defaults: &FeedOptions) -> Result<Self, BadSubscription> {
        let (place, format) = match path.rsplit_once('/') {
            Some((place, file)) if Format::from_file_name(file).is_some() => {
                (place, Format::from_file_name(file).unwrap_or(Format::Rss))
            }
            _ => (path, Format::Rss),
        };
        let place = percent_encoding::percent_decode_str(place).decode_utf8_lossy();
        let source = match Target::parse(&place) {
            Ok(target) => Source::channel(target.channel),
            Err(_) if place.contains('/') => return Err(BadSubscription::Ours),
            Err(_) => Source::Channels(ChannelSet::parse(&place)?),
        };
        let options = source.options(query, defaults);
        let options = options.map_err(|_| BadSubscription::Ours)?;
        Ok(Self::new(source, format, options.with_before(None)))
    }

    /// `/rss/<name>`, `/json/<name>`, with an optional page number and `limit`.
    fn su(path: &str, query: &str, defaults: &FeedOptions) -> Result<Self, BadSubscription> {
        let mut segments = path.split('/');
        let format = match segments.next() {
            Some("rss") => Format::Rss,
            Some("json") => Format::Json,
            _ => return Err(BadSubscription::Other),
        };
        let name = segments.next().unwrap_or_default();
        let moved = Moved::from_rsshub(name, query, defaults)?;
        Ok(Self { format, ..moved.into() })
    }
}

impl From<Moved> for Subscription {
    fn from(moved: Moved) -> Self {
        let format = moved.format.unwrap_or(Format::Rss);
        Self { lost: moved.lost, ..Self::of(moved.channel, format, moved.options) }
    }
}

/// The address of a feed of another site, which stays in the list unchanged.
///
/// SECURITY: a list by somebody else, opened by a reader -> only schemes of feeds are accepted.
pub(super) fn other(text: &str) -> Option<String> {
    const SCHEMES: [&str; 4] = ["http", "https", "feed", "rsshub"];
    let text = text.trim();
    let is_sound = !text.contains(char::is_whitespace)
        && matches!(crate::text::clean(text), std::borrow::Cow::Borrowed(_));
    let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.filter(|_| is_sound) {
        Some(scheme) if SCHEMES.contains(&scheme.as_str()) => Some(text.to_owned()),
        _ => address(text).map(String::from),
    }
}

/// The text after `scheme://`, in any case.
fn strip_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (given, rest) = text.split_once("://")?;
    given.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// A web address, with or without scheme.
fn address(text: &str) -> Option<Url> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let with_scheme = Url::parse(text).ok().filter(is_web);
    let looks_like_one = || {
        let host = text.split_once('/').map(|(host, _)| host).unwrap_or_default();
        host.trim_matches('.').contains('.') && !text.contains("://")
    };
    with_scheme.or_else(|| {
        let text = looks_like_one().then(|| format!("https://{text}"))?;
        Url::parse(&text).ok()
    })
}

/// The path below the base, whatever the scheme.
fn inside<'a>(url: &'a Url, base: &Base) -> Option<&'a str> {
    let base = Url::parse(base.as_str()).ok()?;
    let is_same = url.host() == base.host() && url.port() == base.port();
    let path = url.path().strip_prefix(base.path().trim_end_matches('/'))?;
    is_same.then(|| path.trim_matches('/'))
}
