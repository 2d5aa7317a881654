//! Parses one address of a list as a subscription, whichever service has created it.

use url::Url;

use super::Reason;
use crate::links::{Base, Links};
use crate::model::link;
use crate::model::{
    BadName, ChannelName, FeedOptions, Format, Moved, Place, Resource, Route, Source, Target,
};

/// The longest accepted address, in bytes.
const MAX_LENGTH: usize = 8192;

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

impl Subscription {
    /// Parses any form of a channel's link, an address of RSSHub, RSS-Bridge or tg.i-c-a.su, or one of feedline under
    /// `base`.
    ///
    /// # Errors
    /// [`Reason`]; `OtherSite` for feeds of other sites.
    pub fn parse(text: &str, base: &Base, defaults: &FeedOptions) -> Result<Self, Reason> {
        let text = text.trim();
        if text.len() > MAX_LENGTH {
            return Err(Reason::OtherSite);
        }
        if let Some(rest) = strip_scheme(text, "rsshub") {
            let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
            let moved = Moved::from_address(path, query, defaults);
            return Ok(moved.ok_or(Reason::OtherSite)??.into());
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
        if let Some(moved) = Moved::from_address(path, query, defaults) {
            return Ok(moved?.into());
        }
        if let Some(path) = base.path_of(&url) {
            return Self::ours(path, query, defaults);
        }
        if url.host_str() == Some(SU) {
            return Self::su(path, query, defaults);
        }
        Err(match reason {
            BadName::OtherSite => Reason::OtherSite,
            BadName::Malformed if !link::is_telegrams(url.host_str().unwrap_or_default()) => {
                Reason::OtherSite
            }
            reason => reason.into(),
        })
    }

    pub fn of(channel: ChannelName, format: Format, options: FeedOptions) -> Self {
        Self { source: Source::channel(channel), options, format, lost: Vec::new() }
    }

    /// The subscription for a Telegram link.
    fn of_target(target: Target, format: Format, defaults: &FeedOptions) -> Self {
        match target.options(defaults) {
            Ok(options) => Self::of(target.channel, format, options),
            Err(_) => {
                let search = target.search.map(|words| format!("q={words}"));
                let options = url::form_urlencoded::parse(target.options.as_bytes());
                let options = options.map(|(name, value)| format!("{name}={value}"));
                let lost = search.into_iter().chain(options).collect();
                Self { lost, ..Self::of(target.channel, format, defaults.clone()) }
            }
        }
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

    /// A feed of ours, or the page of a feed or post, in any spelling.
    fn ours(path: &str, query: &str, defaults: &FeedOptions) -> Result<Self, Reason> {
        let (route, query) = Route::guess(path, query, defaults)?;
        let format = match route.resource {
            Resource::Feed(format) => format,
            Resource::Page | Resource::Post(_) => Format::Rss,
            Resource::Outline(_) | Resource::File(_) => return Err(Reason::Ours),
        };
        let Place::Channels(channels) = route.place else { return Err(Reason::Ours) };
        let source = Source::Channels(channels);
        let options = source.options(&query, defaults).map_err(|_| Reason::Ours)?;
        Ok(Self { source, options: options.with_before(None), format, lost: Vec::new() })
    }

    /// `/rss/<name>`, `/json/<name>`, with an optional page number and `limit`.
    fn su(path: &str, query: &str, defaults: &FeedOptions) -> Result<Self, Reason> {
        let mut segments = path.split('/');
        let format = match segments.next() {
            Some("rss") => Format::Rss,
            Some("json") => Format::Json,
            _ => return Err(Reason::OtherSite),
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
