//! Parses the paths of feedline's own addresses. `links` prints them.

use std::fmt;

use percent_encoding::percent_decode_str;

use super::link::Line;
use super::{
    BadName, BadOption, BadSet, ChannelName, ChannelSet, FeedOptions, File, Format, MessageId,
    Target,
};

/// The reserved first path segment, which is no channel name.
const OWN: &str = "-";

/// The path of the archive search.
const SEARCH: &str = "-/search";

/// The path of configured collections.
const COLLECTIONS: &str = "-/collections/";

/// The suffix of an outline, after the message ID.
const OUTLINE: &str = "-outline.svg";

/// The meaning of a path: `durov`, `durov/rss.xml`, `durov/12`, `a+b/feed.json`, `-/collections/news`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub place: Place,
    pub resource: Resource,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Channels(ChannelSet),
    /// The name of a configured collection.
    Collection(String),
    Search,
}

/// The resource below a place. Only a single channel has posts, outlines and files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The page of posts: no further segment.
    Page,
    /// `rss.xml`, `atom.xml`, `feed.json`.
    Feed(Format),
    /// `12`.
    Post(MessageId),
    /// `12-outline.svg`: the outline of an animated sticker.
    Outline(MessageId),
    /// `12.jpg`, `12-poster.jpg`, `12-preview.jpg`, `avatar.jpg`.
    File(File),
}

/// The reason why a path or link has no meaning here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRoute {
    #[error("no such page")]
    Unknown,
    #[error(transparent)]
    Name(#[from] BadName),
    #[error(transparent)]
    Set(#[from] BadSet),
    #[error(transparent)]
    Option(#[from] BadOption),
}

impl Route {
    /// Parses a path below the base, percent-encoded. Each resource of a channel has one path.
    ///
    /// # Errors
    /// [`BadRoute`]; [`Route::guess`] may still find a meaning.
    pub fn parse(path: &str) -> Result<Self, BadRoute> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let route = Self::read(path)?;
        match &route.place {
            Place::Channels(channels) if channels.only().is_some() && is_set(path) => {
                Err(BadRoute::Unknown)
            }
            _ => Ok(route),
        }
    }

    /// Parses the path and query of an address that resembles one of ours: with further slashes, in another spelling
    /// (`@durov/rss.xml`, `s/durov`, `durov,telegram`, `a+A`), or a Telegram link (`https://t.me/durov`). Returns the
    /// route and its query.
    ///
    /// # Errors
    /// [`BadRoute`], which names what the path is instead.
    pub fn guess(
        path: &str,
        query: &str,
        defaults: &FeedOptions,
    ) -> Result<(Self, String), BadRoute> {
        let path = path.trim_matches('/');
        let reason = match Self::read(path) {
            Ok(route) => return Ok((route, query.to_owned())),
            Err(reason) => reason,
        };
        match Self::guess_link(path, query, defaults) {
            Err(BadRoute::Name(BadName::Empty | BadName::Malformed | BadName::OtherSite)) => {
                Err(reason)
            }
            result => result,
        }
    }

    fn guess_link(
        path: &str,
        query: &str,
        defaults: &FeedOptions,
    ) -> Result<(Self, String), BadRoute> {
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        // Copied links often end with punctuation.
        let plain = decoded.trim_end_matches(|one: char| !one.is_alphanumeric());
        let (link, resource) = match split(plain) {
            None | Some((_, Resource::Post(_))) => (&*decoded, Resource::Page),
            Some(parts) => parts,
        };
        let text = match resource {
            Resource::Page if !query.is_empty() => format!("{link}?{query}"),
            _ => link.to_owned(),
        };
        // Without a link, words count as names only in a single segment: `/tidewater/..` is no channel.
        let is_text = Line::parse(link).has_link()
            || !link.contains(|one: char| one == '/' || one.is_control()) && !link.starts_with('-');
        let targets = if is_text { Target::find_all(&text)? } else { vec![Target::parse(&text)?] };
        if let ([target], Resource::Page) = (&targets[..], resource) {
            if let Some(id) = target.message {
                let route = Self::new(target.channel.clone().into(), Resource::Post(id))?;
                return Ok((route, String::new()));
            }
            if !link.starts_with('@') {
                let query = target.options(defaults)?.to_query(defaults);
                return Ok((Self::new(target.channel.clone().into(), resource)?, query));
            }
        }
        if matches!(&targets[..], [Target { message: Some(_), .. }]) {
            return Err(BadRoute::Unknown);
        }
        let names = targets.into_iter().map(|target| target.channel).collect();
        Ok((Self::new(ChannelSet::new(names)?, resource)?, query.to_owned()))
    }

    fn new(channels: ChannelSet, resource: Resource) -> Result<Self, BadRoute> {
        Self { place: Place::Channels(channels), resource }.checked()
    }

    fn read(path: &str) -> Result<Self, BadRoute> {
        if let Some(collection) = path.strip_prefix(COLLECTIONS) {
            let (name, resource) = match collection.split_once('/') {
                Some((name, last)) => (name, Resource::parse(last).ok_or(BadRoute::Unknown)?),
                None => (collection, Resource::Page),
            };
            return Self { place: Place::Collection(name.to_owned()), resource }.checked();
        }
        let (place, resource) = split(path).unwrap_or((path, Resource::Page));
        let place = match place {
            SEARCH => Place::Search,
            OWN => return Err(BadRoute::Unknown),
            _ if place.contains('/') => return Err(BadRoute::Unknown),
            _ if is_set(place) => {
                let text = percent_decode_str(place).decode_utf8_lossy();
                Place::Channels(ChannelSet::parse(&text)?)
            }
            _ => Place::Channels(ChannelName::parse(place)?.into()),
        };
        Self { place, resource }.checked()
    }

    fn checked(self) -> Result<Self, BadRoute> {
        match (&self.place, self.resource) {
            (_, Resource::Page | Resource::Feed(_)) => Ok(self),
            (Place::Channels(channels), _) if channels.only().is_some() => Ok(self),
            _ => Err(BadRoute::Unknown),
        }
    }
}

/// The path before its resource, and the resource.
fn split(path: &str) -> Option<(&str, Resource)> {
    let (place, last) = path.rsplit_once('/')?;
    Some((place, Resource::parse(last)?))
}

/// Whether a path names several channels: `a+b`, also `a%2Bb` and `a%20b`. An invitation to a private chat (`+AbCd`)
/// does not.
fn is_set(path: &str) -> bool {
    !path.starts_with(['+', '%'])
        && ["+", "%2B", "%2b", "%20"].iter().any(|sign| path.contains(sign))
}

impl Resource {
    fn parse(segment: &str) -> Option<Self> {
        if let Some(format) = Format::from_file_name(segment) {
            return Some(Self::Feed(format));
        }
        if let Some(id) = MessageId::parse(segment) {
            return Some(Self::Post(id));
        }
        match segment.strip_suffix(OUTLINE).and_then(MessageId::parse) {
            Some(id) => Some(Self::Outline(id)),
            None => File::parse(segment).map(Self::File),
        }
    }
}

/// The path, without a slash at the beginning.
impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(formatter)?;
        match self.resource {
            Resource::Page => Ok(()),
            Resource::Feed(format) => write!(formatter, "/{}", format.file_name()),
            Resource::Post(id) => write!(formatter, "/{id}"),
            Resource::Outline(id) => write!(formatter, "/{id}{OUTLINE}"),
            Resource::File(file) => write!(formatter, "/{file}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channels(channels) => match channels.only() {
                Some(name) => name.fmt(formatter),
                None => formatter.write_str(&channels.key()),
            },
            Self::Collection(name) => write!(formatter, "{COLLECTIONS}{name}"),
            Self::Search => formatter.write_str(SEARCH),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(path: &str, query: &str) -> Result<String, BadRoute> {
        let (route, query) = Route::guess(path, query, &FeedOptions::default())?;
        let mark = if query.is_empty() { "" } else { "?" };
        Ok(format!("/{route}{mark}{query}"))
    }

    #[test]
    fn route_is_parsed_and_printed() {
        for path in [
            "durov",
            "Durov/rss.xml",
            "durov/12",
            "durov/12.jpg",
            "durov/12-poster.jpg",
            "durov/12-outline.svg",
            "durov/avatar.jpg",
            "durov+telegram",
            "durov+telegram/feed.json",
            "-/search",
            "-/search/atom.xml",
            "-/collections/news",
            "-/collections/5",
            "-/collections/news/rss.xml",
        ] {
            let route = Route::parse(&format!("/{path}")).unwrap();
            assert_eq!(route.to_string(), path);
        }
        let set = Route::parse("/Telegram%2Bdurov/rss.xml").unwrap();
        assert_eq!(set.to_string(), "durov+telegram/rss.xml");
        for path in [
            "/-",
            "/-/status",
            "/durov/",
            "//durov",
            "/durov/rss.xml/x",
            "/durov/x.exe",
            "/durov+Durov",
            "/durov+telegram/5",
            "/-/search/5",
            "/-/collections/news/5.jpg",
        ] {
            assert_eq!(Route::parse(path), Err(BadRoute::Unknown), "{path}");
        }
        assert_eq!(Route::parse("/@durov"), Err(BadRoute::Name(BadName::Malformed)));
        assert_eq!(Route::parse("/"), Err(BadRoute::Name(BadName::Empty)));
        assert!(matches!(Route::parse("/durov+x/rss.xml"), Err(BadRoute::Set(_))));
    }

    #[test]
    fn telegram_link_in_path_names_its_channel() {
        for (path, query, there) in [
            ("/https://t.me/durov", "", "/durov"),
            ("/https:/t.me/durov", "", "/durov"),
            ("/https://t.me/durov/12", "single", "/durov/12"),
            ("/https://t.me/group/7/12", "", "/group/12"),
            ("/t.me/s/durov", "before=5", "/durov"),
            ("/t.me/s/durov", "q=%23jam", "/durov?tag=jam"),
            ("/t.me/s/durov", "q=word&before=5&limit=3", "/durov?q=word&limit=3"),
            ("/https://t.me/s/durov", "single&comment=5&start=x&t=3", "/durov"),
            ("/t.me/durov", "", "/durov"),
            ("/durov.t.me", "", "/durov"),
            ("/@durov", "", "/durov"),
            ("/%40durov", "", "/durov"),
            ("/@durov/", "", "/durov"),
            ("/@durov/7", "", "/durov/7"),
            ("/s/durov", "", "/durov"),
            ("/S/durov", "q=%23jam", "/durov?tag=jam"),
            ("/s/durov/7", "", "/durov/7"),
            ("/tg://resolve", "domain=durov&post=3", "/durov/3"),
            ("/tg:/resolve", "domain=durov", "/durov"),
            ("/tg:resolve", "domain=durov", "/durov"),
            ("/www.tg-me.com/us/Durov/com.durov/19", "", "/durov/19"),
            ("/https%3A%2F%2Ft.me%2Fdurov", "", "/durov"),
            ("/https%3A%2F%2Ft.me%2Fs%2Fdurov%3Fq%3D%2523jam", "", "/durov?tag=jam"),
            ("/web.telegram.org/a/", "tgaddr=tg%3A%2F%2Fresolve%3Fdomain%3Ddurov", "/durov"),
            ("/(https://t.me/durov),", "", "/durov"),
            ("/https://t.me/durov)", "", "/durov"),
            ("/https://t.me/durov%E2%80%8B", "", "/durov"),
            ("/durov.", "", "/durov"),
            ("/https://t.me/durov,https://t.me/telegram", "", "/durov+telegram"),
            ("/@telegram,@durov/rss.xml", "", "/durov+telegram/rss.xml"),
            ("/https%3A%2F%2Ft.me/s%2Fdurov", "q=jam", "/durov?q=jam"),
            ("/tg:@durov", "", "/durov"),
        ] {
            assert_eq!(guess(path, query), Ok(there.to_owned()), "{path}?{query}");
        }
    }

    #[test]
    fn alternative_path_has_format_and_options() {
        for (path, query, there) in [
            ("/@durov/rss.xml", "", "/durov/rss.xml"),
            ("/@durov/feed.json", "limit=3", "/durov/feed.json?limit=3"),
            ("/%40durov/atom.xml/", "limit=3&key=x", "/durov/atom.xml?limit=3&key=x"),
            ("/s/durov/rss.xml", "tag=jam", "/durov/rss.xml?tag=jam"),
            ("/https://t.me/durov/rss.xml", "", "/durov/rss.xml"),
            ("/https:/t.me/s/durov/feed.json", "limit=3", "/durov/feed.json?limit=3"),
            ("/t.me/durov/rss.xml", "limt=3", "/durov/rss.xml?limt=3"),
            ("/durov.t.me/rss.xml", "", "/durov/rss.xml"),
            ("/@durov", "tag=jam&limit=3", "/durov?tag=jam&limit=3"),
            ("/@durov", "limt=3", "/durov?limt=3"),
            ("/https://t.me/durov", "tag=jam&utm_source=x", "/durov?tag=jam"),
            ("/@durov/5.jpg", "", "/durov/5.jpg"),
            ("/s/durov/avatar.jpg", "", "/durov/avatar.jpg"),
            ("/@durov/5-outline.svg", "", "/durov/5-outline.svg"),
            ("/durov/rss.xml)", "limit=3", "/durov/rss.xml?limit=3"),
            ("/durov/feed.json%20", "", "/durov/feed.json"),
            ("/@durov/atom.xml»,", "", "/durov/atom.xml"),
            ("/durov,telegram/rss.xml.", "", "/durov+telegram/rss.xml"),
            ("/durov,telegram", "tag=jam", "/durov+telegram?tag=jam"),
            ("/@telegram;@durov/atom.xml", "limt=3", "/durov+telegram/atom.xml?limt=3"),
        ] {
            assert_eq!(guess(path, query), Ok(there.to_owned()), "{path}?{query}");
        }
        for path in ["/https://t.me/durov", "/s/durov"] {
            assert!(matches!(guess(path, "limt=3"), Err(BadRoute::Option(_))), "{path}");
        }
    }

    #[test]
    fn path_with_extra_slashes_has_canonical_route() {
        for path in [
            "/durov/",
            "/durov+telegram/",
            "/durov+telegram/rss.xml/",
            "//durov",
            "/durov/rss.xml/",
            "//durov/5",
            "/durov/5.jpg/",
            "/durov///",
        ] {
            let here = format!("/{}?limit=5", path.trim_matches('/'));
            assert_eq!(guess(path, "limit=5"), Ok(here), "{path}");
        }
    }

    #[test]
    fn path_without_channel_has_no_route() {
        for path in [
            "/../etc/passwd",
            "/wp-login.php",
            "/.env",
            "/.git/config",
            "/-",
            "/-/nothing",
            "/-/5",
            "/durov/..",
            "/durov%00",
            "/durov/-1",
            "/a/b/c",
            "/blog/index.php",
            "/durov/12.exe",
            "/durov/rss.xml/x",
            "/@durov/5/rss.xml",
            "/https://example.com/durov",
            "/%00",
            "/",
        ] {
            let reason = guess(path, "").expect_err(path);
            let is_no_link = matches!(
                reason,
                BadRoute::Unknown
                    | BadRoute::Name(BadName::Empty | BadName::Malformed | BadName::OtherSite)
            );
            assert!(is_no_link, "{path}: {reason}");
        }
        for path in ["/+AbCdEf", "/https://t.me/+AbCd", "/joinchat/AbC", "/c/123/4", "/t.me/c/1/2"]
        {
            assert!(matches!(guess(path, ""), Err(BadRoute::Name(BadName::Private(_)))), "{path}");
        }
        for path in ["/addstickers/Cats", "/https://t.me/proxy", "/share/url", "/durov.t.me/s/7"] {
            assert!(
                matches!(guess(path, ""), Err(BadRoute::Name(BadName::NotAChannel(_)))),
                "{path}"
            );
        }
        for path in ["/-1001234567890", "/t.me/1234567890"] {
            assert_eq!(guess(path, ""), Err(BadRoute::Name(BadName::Numeric)), "{path}");
        }
    }
}
