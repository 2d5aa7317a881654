//! One address of a list: what it is a subscription to, wherever it was made.

use url::Url;

use crate::links::{Base, Links};
use crate::locale::Message;
use crate::model::link;
use crate::model::{
    BadName, BadSet, ChannelName, ChannelSet, FeedOptions, Format, Merged, MergedOptions, Moved,
    Target,
};

/// The longest address that is looked at, in bytes.
const LONGEST: usize = 8192;

/// The service whose addresses are `/rss/<name>` and `/json/<name>`.
const SU: &str = "tg.i-c-a.su";

/// A channel or several, in a format, with options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    what: What,
    format: Format,
    /// What the former address asked for and has no counterpart here, as [`Moved::lost`].
    pub lost: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Channel(ChannelName, FeedOptions),
    Merged(Merged, MergedOptions),
}

/// Why an address is no subscription to a channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum BadSubscription {
    /// Not a channel.
    Name(#[from] BadName),
    /// Not several channels.
    Set(#[from] BadSet),
    /// A feed of something else.
    Other,
    /// One of our addresses that asks for what a feed cannot be asked for, or that only the other server understands.
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
    /// Any form of a channel's link, an address of RSSHub, RSS-Bridge or tg.i-c-a.su, or one of ours under a base.
    ///
    /// # Errors
    /// [`BadSubscription`] says what it is instead.
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
        // Readers write `feed:` in front of an address, or in the place of its scheme.
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

    /// A channel's feed as it is without anything asked for.
    pub fn of(channel: ChannelName, format: Format, options: FeedOptions) -> Self {
        Self { what: What::Channel(channel, options), format, lost: Vec::new() }
    }

    /// What a link of Telegram's names.
    fn of_target(target: Target, format: Format, defaults: &FeedOptions) -> Self {
        let options = target.options(defaults);
        let lost = target.search.filter(|_| options.is_err()).map(|words| format!("q={words}"));
        let what = What::Channel(target.channel, options.unwrap_or_else(|_| defaults.clone()));
        Self { what, format, lost: lost.into_iter().collect() }
    }

    /// Several channels' feed.
    pub fn of_merged(merged: Merged, format: Format, options: MergedOptions) -> Self {
        Self { what: What::Merged(merged, options), format, lost: Vec::new() }
    }

    /// The channel, when it is one.
    pub fn channel(&self) -> Option<&ChannelName> {
        match &self.what {
            What::Channel(name, _) => Some(name),
            What::Merged(..) => None,
        }
    }

    /// All its channels.
    pub fn channels(&self) -> &[ChannelName] {
        match &self.what {
            What::Channel(name, _) => std::slice::from_ref(name),
            What::Merged(merged, _) => merged.channels().names(),
        }
    }

    /// Whether it is a channel's RSS feed with nothing asked for.
    pub fn is_plain(&self, defaults: &FeedOptions) -> bool {
        let is_bare = matches!(&self.what, What::Channel(_, options) if options == defaults);
        is_bare && self.format == Format::Rss
    }

    /// What it is called when nobody calls it anything.
    pub fn title(&self) -> String {
        match &self.what {
            What::Channel(name, _) => name.to_string(),
            What::Merged(merged, _) => merged.title().to_owned(),
        }
    }

    /// The feed's address here.
    pub fn feed(&self, links: &Links) -> String {
        match &self.what {
            What::Channel(name, options) => links.feed(name, self.format, options),
            What::Merged(merged, options) => links.merged_feed(merged, self.format, options),
        }
    }

    /// The page of it here.
    pub fn page(&self, links: &Links) -> String {
        match &self.what {
            What::Channel(name, options) => links.channel(name, &options.content_only()),
            What::Merged(merged, options) => {
                let options = options.options.content_only();
                links.merged(merged, &MergedOptions { before: None, options })
            }
        }
    }

    /// `<name>/rss.xml?…`, `<a>+<b>/feed.json?…`, or the page of either; the name in any of its spellings.
    fn ours(path: &str, query: &str, defaults: &FeedOptions) -> Result<Self, BadSubscription> {
        let (place, format) = match path.rsplit_once('/') {
            Some((place, file)) if Format::from_file_name(file).is_some() => {
                (place, Format::from_file_name(file).unwrap_or(Format::Rss))
            }
            _ => (path, Format::Rss),
        };
        let place = percent_encoding::percent_decode_str(place).decode_utf8_lossy();
        if let Ok(target) = Target::parse(&place) {
            let options = FeedOptions::parse(query, defaults).map_err(|_| BadSubscription::Ours)?;
            return Ok(Self::of(target.channel, format, options.with_before(None)));
        }
        if place.contains('/') {
            return Err(BadSubscription::Ours);
        }
        let merged = Merged::of(ChannelSet::parse(&place)?);
        let asked = MergedOptions::parse(query, defaults).map_err(|_| BadSubscription::Ours)?;
        Ok(Self::of_merged(merged, format, asked.with_before(None)))
    }

    /// `/rss/<name>`, `/json/<name>`, perhaps with a page's number behind, and `limit`.
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
        let lost = moved.lost;
        Self { what: What::Channel(moved.channel, moved.options), format, lost }
    }
}

/// The address of something else that can stay in a list as it is.
///
/// SECURITY: a list that somebody else wrote, opened by a reader -> schemes under which feeds lie, and no other.
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

/// What follows `scheme://`, in any case.
fn strip_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (given, rest) = text.split_once("://")?;
    given.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// An address on the web, with or without its scheme.
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

/// The path below our base, whatever the scheme.
fn inside<'a>(url: &'a Url, base: &Base) -> Option<&'a str> {
    let base = Url::parse(base.as_str()).ok()?;
    let is_same = url.host() == base.host() && url.port() == base.port();
    let path = url.path().strip_prefix(base.path().trim_end_matches('/'))?;
    is_same.then(|| path.trim_matches('/'))
}
