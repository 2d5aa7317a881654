//! Addresses that are none of ours, but near one: a channel's link that somebody put behind our host, a slash too many.

use axum::response::{IntoResponse as _, Response};

use super::cache_policy::CachePolicy;
use super::error::Error;
use super::extract::Client;
use super::{page, respond};
use crate::bridge::File;
use crate::links::Base;
use crate::model::{BadName, ChannelName, ChannelSet, FeedOptions, Format, MessageId, Target};

/// Where such an address leads.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// A path of ours.
    Here(String),
    /// A channel or a post.
    Named(Target),
}

/// Leads to what was meant; else the error, or the reason why a link of Telegram's is no channel.
pub(super) fn answer(client: &Client, error: Error) -> Response {
    if !matches!(error, Error::Name(_) | Error::NoSuchPage) {
        return client.refuse(error).into_response();
    }
    let redirect = match find(&client.path, &client.query) {
        Ok(Place::Here(path)) => redirect(&with_query(client.base(), &path, &client.query)),
        Ok(Place::Named(target)) => lead_to(client, &target),
        Err(reason @ (BadName::Private(_) | BadName::NotAChannel(_))) => Err(reason.into()),
        Err(_) => Err(error),
    };
    redirect.unwrap_or_else(|error| client.refuse(error).into_response())
}

/// A redirect to the page of a channel or post.
pub(super) fn lead_to(client: &Client, target: &Target) -> Result<Response, Error> {
    let address = match target.message {
        Some(id) => client.links.post(&target.channel, id),
        None => client.links.channel(&target.channel, &FeedOptions::default()),
    };
    redirect(&address)
}

fn redirect(address: &str) -> Result<Response, Error> {
    respond::redirect(address, &CachePolicy::For(page::PAGE_LIFE), None)
}

/// An address under a base.
pub(super) fn with_query(base: &Base, path: &str, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{path}{mark}{query}", base.as_str())
}

/// What is meant by `/durov/`, `/https://t.me/durov`, `/@durov`, `/s/durov`, `/durov.t.me`.
fn find(path: &str, query: &str) -> Result<Place, BadName> {
    let bare = path.trim_matches('/');
    if bare.len() + 1 != path.len() && is_ours(bare) {
        return Ok(Place::Here(format!("/{bare}")));
    }
    // Servers in front of us merge slashes.
    let link = match bare.split_once(":/") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.trim_start_matches('/')),
        None => bare.to_owned(),
    };
    let link = if query.is_empty() { link } else { format!("{link}?{query}") };
    Target::parse(&link)
        .or_else(|reason| behind_telegrams_host(bare).unwrap_or(Err(reason)))
        .map(Place::Named)
}

/// Whether a path, without slashes around it, has the shape of a channel's page, feed, post or file.
fn is_ours(path: &str) -> bool {
    let (name, part) = path.split_once('/').map_or((path, None), |(name, part)| (name, Some(part)));
    let is_part = |part: &str| {
        Format::from_file_name(part).is_some()
            || MessageId::parse(part).is_some()
            || File::parse(part).is_some()
    };
    if name.contains('+') && !name.starts_with('+') {
        return ChannelSet::parse(name).is_ok()
            && part.is_none_or(|part| Format::from_file_name(part).is_some());
    }
    ChannelName::parse(name).is_ok() && part.is_none_or(is_part)
}

/// The path read as one of Telegram's: `/s/durov`, `/@durov/5`, `/+AbCd`, `/joinchat/AbCd`. What is not plainly
/// Telegram's way to write is not: `/blog/index.php` is no channel called `blog`.
fn behind_telegrams_host(path: &str) -> Option<Result<Target, BadName>> {
    let outcome = Target::parse(&format!("t.me/{path}"));
    let is_telegrams = ["s/", "@", "%40"].iter().any(|start| path.starts_with(start))
        || matches!(outcome, Err(BadName::Private(_) | BadName::NotAChannel(_)));
    is_telegrams.then_some(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_behind_our_host_lead_to_their_channel() {
        for (path, query, message) in [
            ("/https://t.me/durov", "", None),
            ("/https:/t.me/durov", "", None),
            ("/https://t.me/durov/12", "single", Some(12)),
            ("/t.me/s/durov", "before=5", None),
            ("/t.me/durov", "", None),
            ("/durov.t.me", "", None),
            ("/@durov", "", None),
            ("/%40durov", "", None),
            ("/@durov/", "", None),
            ("/@durov/7", "", Some(7)),
            ("/s/durov", "", None),
            ("/s/durov/7", "", Some(7)),
            ("/tg://resolve", "domain=durov&post=3", Some(3)),
            ("/tg:/resolve", "domain=durov", None),
            ("/www.tg-me.com/us/Durov/com.durov/19", "", Some(19)),
        ] {
            let channel = ChannelName::parse("durov").unwrap();
            let message = message.and_then(MessageId::new);
            let expected = Ok(Place::Named(Target { channel, message }));
            assert_eq!(find(path, query), expected, "{path}?{query}");
        }
    }

    #[test]
    fn a_slash_too_many_leads_to_the_address_without() {
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
            let here = format!("/{}", path.trim_matches('/'));
            assert_eq!(find(path, "limit=5"), Ok(Place::Here(here)), "{path}");
        }
    }

    #[test]
    fn what_is_no_channel_leads_nowhere() {
        for path in [
            "/../etc/passwd",
            "/wp-login.php",
            "/.env",
            "/a/b/c",
            "/blog/index.php",
            "/durov/12.exe",
            "/durov/rss.xml/x",
            "/https://example.com/durov",
            "/%00",
            "/",
        ] {
            let reason = find(path, "").expect_err(path);
            let is_telegrams = matches!(reason, BadName::Private(_) | BadName::NotAChannel(_));
            assert!(!is_telegrams, "{path}: {reason}");
        }
        for path in ["/+AbCdEf", "/https://t.me/+AbCd", "/joinchat/AbC", "/c/123/4", "/t.me/c/1/2"]
        {
            assert!(matches!(find(path, ""), Err(BadName::Private(_))), "{path}");
        }
        for path in ["/addstickers/Cats", "/https://t.me/proxy", "/share/url"] {
            assert!(matches!(find(path, ""), Err(BadName::NotAChannel(_))), "{path}");
        }
    }
}
