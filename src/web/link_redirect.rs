//! Redirects for unknown URLs that resemble a known one: a channel's link behind feedline's host, a feedline URL in
//! another spelling, or the URL of another bridge.

use axum::response::{IntoResponse as _, Response};
use percent_encoding::percent_decode_str;

use super::cache_policy::CachePolicy;
use super::client::{Client, with_query};
use super::error::Error;
use super::segment::Segment;
use super::{page, respond};
use crate::links::Links;
use crate::model::link::Line;
use crate::model::{
    BadName, BadOption, ChannelName, ChannelSet, FeedOptions, Format, Moved, Source, Target,
};

/// Parameters of Telegram's links whose names equal or resemble a feed option.
const TELEGRAMS: [&str; 4] = ["before", "comment", "q", "start"];

/// Redirects to the intended URL, or responds with the error or the reason why a Telegram link is no channel.
pub(super) fn answer(client: &Client, error: Error) -> Response {
    let defaults = client.links.defaults();
    let redirect = match Moved::from_address(&client.path, &client.query, defaults) {
        Some(moved) => moved.map_err(Error::from).and_then(|moved| lead_on(client, &moved)),
        None if matches!(error, Error::Name(_) | Error::Set(_) | Error::NoSuchPage) => {
            match find(&client.path, &client.query, &client.links) {
                // A redirect to itself would loop.
                Ok(address) if address == client.here() => Err(error),
                Ok(address) => redirect(&address),
                Err(Error::Name(BadName::Empty | BadName::Malformed | BadName::OtherSite)) => {
                    Err(error)
                }
                Err(reason) => Err(reason),
            }
        }
        None => Err(error),
    };
    redirect.unwrap_or_else(|error| client.refuse(error).into_response())
}

/// A redirect to the page of a channel or post.
pub(super) fn lead_to(client: &Client, target: &Target) -> Result<Response, Error> {
    let options = target.options(client.links.defaults())?;
    redirect(&page_of(&client.links, target, &options))
}

/// A permanent redirect from another bridge's URL, so that readers store the new URL. Options without a counterpart are
/// reported.
pub(super) fn lead_on(client: &Client, moved: &Moved) -> Result<Response, Error> {
    let Moved { channel, options, lost, .. } = moved;
    let address = match moved.format {
        Some(format) => client.links.feed(channel, format, options),
        None => client.links.channel(channel, options),
    };
    tracing::info!(channel.name = %channel, lost = lost.join(" "), "an address of another bridge");
    respond::moved(&address, lost)
}

fn page_of(links: &Links, target: &Target, options: &FeedOptions) -> String {
    match target.message {
        Some(id) => links.post(&target.channel, id),
        None => links.channel(&target.channel, options),
    }
}

fn redirect(address: &str) -> Result<Response, Error> {
    respond::redirect(address, &CachePolicy::For(page::PAGE_LIFE), None)
}

/// The intended URL of `/durov/`, `/https://t.me/durov`, `/@durov/rss.xml`, `/s/durov`, `/durov.t.me`.
fn find(path: &str, query: &str, links: &Links) -> Result<String, Error> {
    let bare = path.trim_matches('/');
    let here = |path: &str| with_query(links.base(), path, query);
    if bare.len() + 1 != path.len() && is_ours(bare) {
        return Ok(here(&format!("/{bare}")));
    }
    let decoded = percent_decode_str(bare).decode_utf8_lossy();
    // Copied links often end with punctuation.
    let plain = decoded.trim_end_matches(|one: char| !one.is_alphanumeric());
    let (link, part) = match plain.rsplit_once('/') {
        Some((link, part)) if is_part(part) => (link, Some(part)),
        _ => (&*decoded, None),
    };
    let text = match part {
        None if !query.is_empty() => format!("{link}?{query}"),
        _ => link.to_owned(),
    };
    // Without a link, words count as names only in a single segment: `/tidewater/..` is no channel.
    let is_text = Line::parse(link).has_link()
        || !link.contains(|one: char| one == '/' || one.is_control()) && !link.starts_with('-');
    let targets = if is_text { Target::find_all(&text)? } else { vec![Target::parse(&text)?] };
    match (&targets[..], part) {
        ([target], None) if !link.starts_with('@') || target.message.is_some() => {
            let options = options(target, query, links.defaults())?;
            Ok(page_of(links, target, &options))
        }
        ([Target { channel, message: None, .. }], part) => {
            let part = part.map(|part| format!("/{part}")).unwrap_or_default();
            Ok(here(&format!("/{channel}{part}")))
        }
        ([_], _) => Err(Error::NoSuchPage),
        (several, part) => {
            let names = several.iter().map(|target| target.channel.clone()).collect();
            let (source, plain) = (Source::Channels(ChannelSet::new(names)?), links.defaults());
            let address = match part.map(Format::from_file_name) {
                None => links.page(&source, plain),
                Some(Some(format)) => links.feed_of(&source, format, plain),
                Some(None) => return Err(Error::NoSuchPage),
            };
            let mark = if query.is_empty() { "" } else { "?" };
            Ok(format!("{address}{mark}{query}"))
        }
    }
}

/// The options in the query of a Telegram link: its search, and feed options appended by a user. Other parameters
/// belong to Telegram, unless they resemble a misspelt option.
fn options(target: &Target, query: &str, defaults: &FeedOptions) -> Result<FeedOptions, BadOption> {
    let mut ours = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let unknown = FeedOptions::default().set(&name, "");
        let is_telegrams = TELEGRAMS.contains(&&*name)
            || matches!(unknown, Err(BadOption::Unknown { nearest: None, .. }));
        if !is_telegrams {
            ours.append_pair(&name, &value);
        }
    }
    target.options(&FeedOptions::parse(&ours.finish(), defaults)?)
}

/// Whether a path, without surrounding slashes, has the shape of a page, feed, post or file.
fn is_ours(path: &str) -> bool {
    let (name, part) = path.split_once('/').map_or((path, None), |(name, part)| (name, Some(part)));
    if name.contains('+') && !name.starts_with('+') {
        return ChannelSet::parse(name).is_ok()
            && part.is_none_or(|part| Format::from_file_name(part).is_some());
    }
    ChannelName::parse(name).is_ok() && part.is_none_or(|part| Segment::parse(part).is_some())
}

/// Whether this is the last segment of a feed's or file's URL.
fn is_part(part: &str) -> bool {
    !matches!(Segment::parse(part), None | Some(Segment::Post(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::Base;

    fn found(path: &str, query: &str) -> Result<String, Error> {
        let links =
            Links::new(Base::parse("https://feeds.example/tg").unwrap(), FeedOptions::default());
        find(path, query, &links).map(|address| address.replace("https://feeds.example/tg", ""))
    }

    #[test]
    fn telegram_link_in_path_redirects_to_channel() {
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
            assert_eq!(found(path, query), Ok(there.to_owned()), "{path}?{query}");
        }
    }

    #[test]
    fn alternative_path_redirects_with_format_and_options() {
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
            assert_eq!(found(path, query), Ok(there.to_owned()), "{path}?{query}");
        }
        for path in ["/https://t.me/durov", "/s/durov"] {
            assert!(matches!(found(path, "limt=3"), Err(Error::Option(_))), "{path}");
        }
    }

    #[test]
    fn extra_slashes_redirect_to_canonical_path() {
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
            assert_eq!(found(path, "limit=5"), Ok(here), "{path}");
        }
    }

    #[test]
    fn path_without_channel_is_not_redirected() {
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
            let reason = found(path, "").expect_err(path);
            let is_no_link = matches!(
                reason,
                Error::NoSuchPage
                    | Error::Name(BadName::Empty | BadName::Malformed | BadName::OtherSite)
            );
            assert!(is_no_link, "{path}: {reason}");
        }
        for path in ["/+AbCdEf", "/https://t.me/+AbCd", "/joinchat/AbC", "/c/123/4", "/t.me/c/1/2"]
        {
            assert!(matches!(found(path, ""), Err(Error::Name(BadName::Private(_)))), "{path}");
        }
        for path in ["/addstickers/Cats", "/https://t.me/proxy", "/share/url", "/durov.t.me/s/7"] {
            assert!(matches!(found(path, ""), Err(Error::Name(BadName::NotAChannel(_)))), "{path}");
        }
        for path in ["/-1001234567890", "/t.me/1234567890"] {
            assert_eq!(found(path, ""), Err(Error::Name(BadName::Numeric)), "{path}");
        }
    }
}
