//! Builds every public address that feedline prints, and the permanent identities of posts and feeds.
//!
//! Addresses have a [`Base`]: a public feedline or, without a server, Telegram. Identities do not depend on the base.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::model::options::MediaMode;
use crate::model::{
    Channel, ChannelName, FeedOptions, File, Format, Identity, Media, MessageId, Source, Target,
};

/// For feeds that request files from Telegram although feedline serves them by default.
const FROM_TELEGRAM: &str = "?media=redirect";

/// The base of all addresses: a public feedline, or Telegram. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Base(Site);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Site {
    /// Scheme, host, port and path prefix, without a slash at the end.
    Feedline(Arc<str>),
    Telegram,
}

impl Base {
    /// Parses an absolute http or https URL without user, query and fragment. Its path becomes the prefix.
    pub fn parse(text: &str) -> Result<Self, BadBase> {
        let url = Url::parse(text.trim()).map_err(|_| BadBase)?;
        let is_valid = matches!(url.scheme(), "http" | "https")
            && url.host().is_some_and(|host| is_plain(&host))
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if is_valid { Ok(Self::of(url.as_str().trim_end_matches('/'))) } else { Err(BadBase) }
    }

    /// The default.
    pub fn local() -> Self {
        Self::of("http://127.0.0.1:8417")
    }

    /// For use without a server. Channels, posts, tags, searches and files have addresses at Telegram. Feeds and other
    /// pages have none and must not be linked.
    pub fn telegram() -> Self {
        Self(Site::Telegram)
    }

    fn of(address: &str) -> Self {
        Self(Site::Feedline(address.into()))
    }

    pub fn is_feedline(&self) -> bool {
        matches!(self.0, Site::Feedline(_))
    }

    /// Without a slash at the end.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Site::Feedline(address) => address,
            Site::Telegram => "https://t.me",
        }
    }

    /// The path of an address below the base, whatever its scheme.
    pub fn path_of<'a>(&self, url: &'a Url) -> Option<&'a str> {
        let base = Url::parse(self.as_str()).ok()?;
        let is_same = url.host() == base.host() && url.port() == base.port();
        let path = url.path().strip_prefix(base.path().trim_end_matches('/'))?;
        is_same.then_some(path)
    }

    /// Empty, or `/prefix`.
    pub fn prefix(&self) -> &str {
        let base = self.as_str();
        let after_scheme = base.find("://").map_or(0, |at| at + 3);
        base[after_scheme..].find('/').map_or("", |at| &base[after_scheme + at..])
    }
}

/// Whether a host is an IP address, or a name that needs no escaping anywhere.
fn is_plain(host: &url::Host<&str>) -> bool {
    let url::Host::Domain(name) = host else { return true };
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "takes an address such as https://feeds.example.org or https://example.org/feeds, without user, query and fragment"
)]
pub struct BadBase;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    base: Base,
    defaults: FeedOptions,
}

impl Links {
    /// Addresses under a base. Options equal to the defaults are omitted.
    pub fn new(base: Base, defaults: FeedOptions) -> Self {
        Self { base, defaults }
    }

    pub fn base(&self) -> &Base {
        &self.base
    }

    pub fn defaults(&self) -> &FeedOptions {
        &self.defaults
    }

    pub fn start(&self) -> String {
        format!("{}/", self.base.as_str())
    }

    /// A static file, such as the stylesheet.
    pub fn asset(&self, name: &str) -> String {
        format!("{}/-/{name}", self.base.as_str())
    }

    /// The stylesheet of feeds opened in a browser. Its name is part of every feed's bytes, so it must not change.
    pub fn feed_style(&self) -> String {
        self.asset("feed.css")
    }

    /// The start page with `text` in its input field.
    pub fn pasted(&self, text: &str) -> String {
        format!("{}/?channel={}", self.base.as_str(), encode(text))
    }

    /// A channel's page with options. At Telegram, only a tag or a search is an option.
    pub fn channel(&self, channel: &ChannelName, options: &FeedOptions) -> String {
        if self.base.is_feedline() {
            let address = format!("{}/{channel}", self.base.as_str());
            return with_query(address, &options.to_query(&self.defaults));
        }
        match (options.tag(), options.query()) {
            (Some(tag), _) => self.tag(channel, tag),
            (None, Some(words)) => self.search(channel, words),
            (None, None) => telegram_channel(channel),
        }
    }

    /// A channel's posts with a hashtag, given without `#`.
    pub fn tag(&self, channel: &ChannelName, tag: &str) -> String {
        match &self.base.0 {
            Site::Feedline(base) => format!("{base}/{channel}?tag={}", encode(tag)),
            Site::Telegram => self.search(channel, &format!("#{tag}")),
        }
    }

    /// The link of a tag in a text: posts with the hashtag, or a search for a cashtag (`$TON`).
    pub fn tagged(&self, channel: &ChannelName, tag: &str) -> String {
        match tag.strip_prefix('#') {
            Some(name) => self.tag(channel, name),
            None => self.search(channel, tag),
        }
    }

    pub fn search(&self, channel: &ChannelName, words: &str) -> String {
        match &self.base.0 {
            Site::Feedline(base) => format!("{base}/{channel}?q={}", encode(words)),
            Site::Telegram => format!("https://t.me/s/{channel}?q={}", encode(words)),
        }
    }

    /// The page of searches in the whole archive.
    pub fn search_page(&self) -> String {
        self.asset("search")
    }

    pub fn post(&self, channel: &ChannelName, message: MessageId) -> String {
        format!("{}/{channel}/{message}", self.base.as_str())
    }

    /// feedline's page for a Telegram address of a channel or post. `None` for channels that are not served, for
    /// actions of the app (a comment, the start of a bot), and for bots, which have no posts.
    pub fn of_telegram(
        &self,
        address: &str,
        serves: &dyn Fn(&ChannelName) -> bool,
    ) -> Option<String> {
        let url = Url::parse(address).ok()?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.query().is_none_or(|query| matches!(query, "" | "single"))
            && url.fragment().is_none();
        let segments =
            url.path_segments()?.filter(|segment| !segment.is_empty() && *segment != "s");
        if !is_plain || segments.count() > 2 {
            return None;
        }
        let target = Target::parse(address).ok()?;
        let is_bot = target.channel.key().ends_with("bot");
        if is_bot || !serves(&target.channel) {
            return None;
        }
        Some(match target.message {
            Some(id) => self.post(&target.channel, id),
            None => self.channel(&target.channel, &FeedOptions::default()),
        })
    }

    pub fn feed(&self, channel: &ChannelName, format: Format, options: &FeedOptions) -> String {
        let address = format!("{}/{channel}/{}", self.base.as_str(), format.file_name());
        with_query(address, &options.to_query(&self.defaults))
    }

    /// A path of ours with a query.
    pub fn at(&self, path: &str, query: &str) -> String {
        with_query(format!("{}{path}", self.base.as_str()), query)
    }

    pub fn page(&self, source: &Source, options: &FeedOptions) -> String {
        if let Some(name) = source.single() {
            return self.channel(name, options);
        }
        let address = format!("{}/{}", self.base.as_str(), source.path());
        with_query(address, &source_query(source, options.to_query(&self.defaults)))
    }

    pub fn feed_of(&self, source: &Source, format: Format, options: &FeedOptions) -> String {
        let address = format!("{}/{}/{}", self.base.as_str(), source.path(), format.file_name());
        with_query(address, &source_query(source, options.to_query(&self.defaults)))
    }

    /// The OPML file of these channels; of all followed channels if empty.
    pub fn opml(&self, channels: &[ChannelName]) -> String {
        let mut address = format!("{}/-/opml", self.base.as_str());
        for (number, name) in channels.iter().enumerate() {
            let _ = write!(address, "{}{name}", if number == 0 { "?channels=" } else { "+" });
        }
        address
    }

    /// The page for uploads of channel lists.
    pub fn import(&self) -> String {
        self.asset("import")
    }

    /// A file of a message. Without a server, the post if Telegram's page does not have the file.
    pub fn media(&self, channel: &ChannelName, media: &Media, mode: MediaMode) -> String {
        let there = match &media.file {
            Some(file) => Cow::Borrowed(file.as_str()),
            None => Cow::Owned(telegram_post(channel, media.message)),
        };
        self.file(channel, File::Media(media.message, media.kind.extension()), &there, mode)
    }

    /// A file of a channel. `there` is its current address at Telegram, which expires within hours or days.
    pub fn file(&self, channel: &ChannelName, file: File, there: &str, mode: MediaMode) -> String {
        match &self.base.0 {
            Site::Feedline(base) => format!("{base}/{channel}/{file}{}", self.mode_query(mode)),
            Site::Telegram => there.to_owned(),
        }
    }

    /// The outline of an animated sticker. Telegram has no address for it.
    pub fn outline(&self, channel: &ChannelName, message: MessageId) -> Option<String> {
        let Site::Feedline(base) = &self.base.0 else { return None };
        Some(format!("{base}/{channel}/{message}-outline.svg"))
    }

    /// The picture of a custom emoji. Telegram has no permanent address for it.
    pub fn emoji(&self, id: u64, mode: MediaMode) -> Option<String> {
        let Site::Feedline(base) = &self.base.0 else { return None };
        Some(format!("{base}/-/emoji/{id}.webp{}", self.mode_query(mode)))
    }

    /// The operator decides how the address of a file behaves. A feed can request redirects only if feedline serves
    /// files.
    fn mode_query(&self, mode: MediaMode) -> &'static str {
        let differs = mode == MediaMode::Redirect && self.defaults.media() == MediaMode::Proxy;
        if differs { FROM_TELEGRAM } else { "" }
    }
}

fn with_query(mut address: String, query: &str) -> String {
    if !query.is_empty() {
        let _ = write!(address, "?{query}");
    }
    address
}

/// A post at Telegram. Part of its permanent identity.
pub fn telegram_post(channel: &ChannelName, message: MessageId) -> String {
    format!("https://t.me/{channel}/{message}")
}

/// The permanent identity of a post in feeds. With the channel's number, it is unique even if another channel takes the
/// name.
pub fn identity(identity: &Identity) -> String {
    let post = telegram_post(&identity.channel, identity.message);
    match identity.number {
        Some(number) => format!("{post}?channel={number}"),
        None => post,
    }
}

pub fn telegram_channel(channel: &ChannelName) -> String {
    format!("https://t.me/{channel}")
}

/// The permanent identity of a channel's feed. It does not depend on the base, `limit` and `before`.
pub fn feed_identity(channel: &Channel, options: &FeedOptions) -> String {
    let mut parts = Vec::new();
    if let Some(number) = channel.identity_number() {
        parts.push(format!("channel={number}"));
    }
    let query = options.identity().to_query(&FeedOptions::default());
    if !query.is_empty() {
        parts.push(query);
    }
    with_query(format!("https://t.me/s/{}", channel.name), &parts.join("&"))
}

/// The permanent identity of the feed of several channels or of a search.
pub fn source_identity(source: &Source, options: &FeedOptions) -> String {
    let id = match source {
        Source::Channels(channels) => format!("https://t.me/s/{}", channels.key()),
        Source::Collection { name, .. } => format!("tag:feedline,2026:collections/{name}"),
        Source::Search { .. } => "tag:feedline,2026:search".to_owned(),
    };
    let query = options.identity().to_query(&FeedOptions::default());
    with_query(id, &source_query(source, query))
}

/// The query of a source's address: the search, then the options.
fn source_query(source: &Source, options: String) -> String {
    let Source::Search { query, .. } = source else { return options };
    let and = if options.is_empty() { "" } else { "&" };
    format!("q={}{and}{options}", encode(query))
}

/// Percent-encodes a value of a query.
pub fn encode(text: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_url_is_parsed_with_optional_prefix() {
        for (text, base, prefix) in [
            ("https://feeds.example", "https://feeds.example", ""),
            ("https://feeds.example/", "https://feeds.example", ""),
            ("http://127.0.0.1:8417/tg/", "http://127.0.0.1:8417/tg", "/tg"),
            ("HTTP://[::1]:80/a/b", "http://[::1]/a/b", "/a/b"),
        ] {
            let parsed = Base::parse(text).unwrap();
            assert_eq!((parsed.as_str(), parsed.prefix()), (base, prefix), "{text}");
        }
        for text in [
            "",
            "feeds.example",
            "ftp://x",
            "https://u@x",
            "https://x/?q",
            "https://x/#f",
            "file:///x",
        ] {
            assert_eq!(Base::parse(text), Err(BadBase), "{text}");
        }
    }

    #[test]
    fn hashtag_links_to_tag_filter_and_cashtag_to_search() {
        let links =
            Links::new(Base::parse("https://feeds.example").unwrap(), FeedOptions::default());
        let tea = ChannelName::parse("TeaRoad").unwrap();
        assert_eq!(links.tagged(&tea, "#oolong"), "https://feeds.example/TeaRoad?tag=oolong");
        assert_eq!(links.tagged(&tea, "$TEA"), "https://feeds.example/TeaRoad?q=%24TEA");
    }

    #[test]
    fn source_identity_is_its_url_without_limit_and_page() {
        let set = crate::model::ChannelSet::parse("tea+Sea").unwrap();
        let options = FeedOptions::parse("limit=5&tag=x", &FeedOptions::default()).unwrap();
        let named = Source::collection("news", None, set.clone());
        let identity = source_identity(&named, &options);
        assert_eq!(identity, "tag:feedline,2026:collections/news?tag=x");
        let plain = source_identity(&Source::Channels(set), &FeedOptions::default());
        assert_eq!(plain, "https://t.me/s/sea+tea");
    }

    #[test]
    fn search_query_precedes_options_in_url() {
        let links =
            Links::new(Base::parse("https://feeds.example").unwrap(), FeedOptions::default());
        let source =
            Source::Search { query: "чай -tea".into(), within: None, without: [].into() };
        let options = source.options("limit=5&before=6a1b", links.defaults()).unwrap();
        let query = "q=%D1%87%D0%B0%D0%B9%20%2Dtea";
        assert_eq!(
            links.page(&source, &options),
            format!("https://feeds.example/-/search?{query}&limit=5&before=6a1b")
        );
        assert_eq!(source_identity(&source, &options), format!("tag:feedline,2026:search?{query}"));
    }

    #[test]
    fn telegram_channel_and_post_links_map_to_own_pages() {
        let links =
            Links::new(Base::parse("https://feeds.example/tg").unwrap(), FeedOptions::default());
        let serves = |name: &ChannelName| name.key() != "secret";
        for (address, page) in [
            ("https://t.me/tearoad", Some("tearoad")),
            ("http://telegram.me/TeaRoad/", Some("TeaRoad")),
            ("https://t.me/s/tearoad", Some("tearoad")),
            ("https://tearoad.t.me/", Some("tearoad")),
            ("https://t.me/tearoad/12?single", Some("tearoad/12")),
            ("https://t.me/tearoad/12?comment=3", None),
            ("https://t.me/tearoad/12/13", None),
            ("https://t.me/tearoad?boost", None),
            ("https://t.me/TeaBot?start=1", None),
            ("https://t.me/TeaBot", None),
            ("https://t.me/+AbCd", None),
            ("https://t.me/joinchat/AbCd", None),
            ("https://t.me/secret/1", None),
            ("https://tea.example/tearoad", None),
            ("https://t.me/", None),
            ("tg://resolve?domain=tearoad", None),
            ("mailto:a@t.me", None),
        ] {
            let expected = page.map(|page| format!("https://feeds.example/tg/{page}"));
            assert_eq!(links.of_telegram(address, &serves), expected, "{address}");
        }
    }

    #[test]
    fn feed_urls_contain_only_non_default_options() {
        let defaults = FeedOptions::default();
        let links = Links::new(Base::parse("https://feeds.example/tg").unwrap(), defaults.clone());
        let tea = ChannelName::parse("TeaRoad").unwrap();
        let options = FeedOptions::parse("limit=5&title=text", &defaults).unwrap();
        assert_eq!(
            links.feed(&tea, Format::Rss, &defaults),
            "https://feeds.example/tg/TeaRoad/rss.xml"
        );
        assert_eq!(
            links.feed(&tea, Format::Json, &options),
            "https://feeds.example/tg/TeaRoad/feed.json?limit=5"
        );
        assert_eq!(links.tag(&tea, "茶"), "https://feeds.example/tg/TeaRoad?tag=%E8%8C%B6");
    }

    #[test]
    fn ids_contain_channel_number_if_name_is_shared() {
        let mut channel = Channel {
            name: ChannelName::parse("TeaRoad").unwrap(),
            numeric_id: Some(777),
            shares_name: false,
            title: "Tea".to_owned(),
            description: crate::text::RichText::default(),
            avatar: None,
            verified: false,
            scam: false,
            fake: false,
            counters: crate::model::Counters::default(),
        };
        let feed = |channel: &Channel, query: &str| {
            feed_identity(channel, &FeedOptions::parse(query, &FeedOptions::default()).unwrap())
        };
        for (query, identity) in [
            ("limit=5&title=text", "https://t.me/s/TeaRoad"),
            ("before=5&tag=茶", "https://t.me/s/TeaRoad?tag=%E8%8C%B6"),
            ("media=redirect", "https://t.me/s/TeaRoad"),
            ("media=none", "https://t.me/s/TeaRoad?media=none"),
        ] {
            assert_eq!(feed(&channel, query), identity, "{query}");
        }
        channel.shares_name = true;
        assert_eq!(feed(&channel, ""), "https://t.me/s/TeaRoad?channel=777");
        assert_eq!(feed(&channel, "tag=x"), "https://t.me/s/TeaRoad?channel=777&tag=x");
        channel.numeric_id = None;
        assert_eq!(feed(&channel, ""), "https://t.me/s/TeaRoad");
        let message = MessageId::new(12).unwrap();
        let of = |number| identity(&Identity { channel: channel.name.clone(), message, number });
        assert_eq!(of(None), "https://t.me/TeaRoad/12");
        assert_eq!(of(Some(777)), "https://t.me/TeaRoad/12?channel=777");
    }

    #[test]
    fn media_url_has_media_option_only_if_redirect_is_not_default() {
        let base = || Base::parse("https://feeds.example").unwrap();
        let redirecting = FeedOptions::default().with_media(MediaMode::Redirect);
        let tea = ChannelName::parse("TeaRoad").unwrap();
        for (defaults, mode, query) in [
            (FeedOptions::default(), MediaMode::Proxy, ""),
            (FeedOptions::default(), MediaMode::Redirect, "?media=redirect"),
            (redirecting.clone(), MediaMode::Redirect, ""),
            // The operator decides how addresses of files behave.
            (redirecting.clone(), MediaMode::Proxy, ""),
            (FeedOptions::default().with_media(MediaMode::None), MediaMode::Redirect, ""),
        ] {
            let links = Links::new(base(), defaults);
            let there = "https://cdn1.telesco.pe/file/a.jpg";
            assert_eq!(
                links.file(&tea, File::Avatar, there, mode),
                format!("https://feeds.example/TeaRoad/avatar.jpg{query}")
            );
            assert_eq!(
                links.emoji(5, mode),
                Some(format!("https://feeds.example/-/emoji/5.webp{query}"))
            );
        }
    }

    #[test]
    fn links_without_base_url_point_to_telegram() {
        let redirecting = FeedOptions::default().with_media(MediaMode::Redirect);
        let tea = ChannelName::parse("TeaRoad").unwrap();
        let id = MessageId::new(7).unwrap();
        let there = "https://cdn1.telesco.pe/file/a.jpg?token=b";
        for defaults in [FeedOptions::default(), redirecting] {
            let links = Links::new(Base::telegram(), defaults.clone());
            let options = |query| FeedOptions::parse(query, &defaults).unwrap();
            for (address, expected) in [
                (links.channel(&tea, &options("limit=5")), "https://t.me/TeaRoad"),
                (
                    links.channel(&tea, &options("tag=чай")),
                    "https://t.me/s/TeaRoad?q=%23%D1%87%D0%B0%D0%B9",
                ),
                (
                    links.channel(&tea, &options("q=green tea")),
                    "https://t.me/s/TeaRoad?q=green%20tea",
                ),
                (links.tagged(&tea, "#oolong"), "https://t.me/s/TeaRoad?q=%23oolong"),
                (links.tagged(&tea, "$TEA"), "https://t.me/s/TeaRoad?q=%24TEA"),
                (links.post(&tea, id), "https://t.me/TeaRoad/7"),
            ] {
                assert_eq!(address, expected);
            }
            for mode in [MediaMode::Proxy, MediaMode::Redirect] {
                for file in [File::Avatar, File::Poster(id), File::Preview(id)] {
                    assert_eq!(links.file(&tea, file, there, mode), there);
                }
                assert_eq!(links.emoji(5, mode), None);
            }
            assert_eq!(links.outline(&tea, id), None);
        }
    }
}
