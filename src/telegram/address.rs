//! Addresses on Telegram's pages: made one form, and read for the message that they name.

use percent_encoding::percent_decode_str;
use scraper::ElementRef;

use super::app_link;
use super::tree::attribute;
use crate::model::{ChannelName, MessageId, Target};
use crate::text::{Address, clean};

/// Hosts that serve the same pages as t.me.
const ALIASES: [&str; 5] =
    ["telegram.me", "telegram.dog", "www.t.me", "www.telegram.me", "www.telegram.dog"];

/// What every address of Telegram's pages begins with, once it is made one form.
const HOME: &str = "https://t.me/";

/// The address that a link leads to: absolute, Telegram's own hosts made t.me; `None` when it may not be printed.
pub(super) fn of_link(element: ElementRef<'_>) -> Option<Address> {
    normalise(&href(element)?)
}

/// A link's `href`, as its author wrote it.
///
/// UPSTREAM(2024-04): links that ask before they open have their address escaped twice.
pub(super) fn href(element: ElementRef<'_>) -> Option<String> {
    let href = attribute(element, "href")?;
    let asks = attribute(element, "onclick").is_some_and(|script| script.contains("confirm("));
    Some(if asks { href.replace("&amp;", "&") } else { href.to_owned() })
}

/// One form for all ways to write an address of t.me: the same pages are served under several hosts, a channel's name may
/// stand in front of `t.me`, and links into the app lead to what an address on the web shows too.
pub(super) fn normalise(text: &str) -> Option<Address> {
    let text = text.trim();
    if text.starts_with('/') && !text.starts_with("//") {
        return Address::parse(&format!("https://t.me{text}"));
    }
    let address = Address::parse(text)?;
    if address.is_app() {
        let web = address.to_url().and_then(|link| app_link::to_web(&link));
        return web.and_then(|web| Address::parse(web.as_str())).or(Some(address));
    }
    // Most are of t.me already, or of somebody else: taking them apart costs more than everything else here.
    let written = address.as_str();
    let is_done =
        written.starts_with(HOME) || !(written.contains("t.me") || written.contains("telegram."));
    if is_done || !address.is_web() {
        return Some(address);
    }
    let mut url = address.to_url()?;
    let Some(host) = url.host_str() else { return Some(address) };
    let is_telegram = host == "t.me" || ALIASES.contains(&host);
    let name = subdomain(host).map(str::to_owned);
    if !is_telegram && name.is_none() || url.port().is_some() {
        return Some(address);
    }
    url.set_host(Some("t.me")).ok()?;
    url.set_scheme("https").ok()?;
    if let Some(name) = name {
        let path = url.path().trim_end_matches('/');
        let path = format!("/{name}{path}");
        url.set_path(&path);
    }
    Address::parse(url.as_str())
}

/// The channel's name of `name.t.me`.
fn subdomain(host: &str) -> Option<&str> {
    let name = ["t.me", "telegram.me", "telegram.dog"]
        .iter()
        .find_map(|known| host.strip_suffix(known)?.strip_suffix('.'))?;
    (name != "www" && ChannelName::parse(name).is_ok()).then_some(name)
}

/// The message that a link to t.me names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Linked {
    /// Its channel, unless the link lacks the name.
    pub(super) channel: Option<ChannelName>,
    pub(super) id: MessageId,
    /// The link asks for that message alone (`?single`), as the items of an album do.
    pub(super) is_single: bool,
    /// The link leads to a comment under the message.
    pub(super) is_comment: bool,
}

/// Reads a link to a message.
///
/// UPSTREAM(2026): a channel's own links may lack its name: `https://t.me//9404?single`.
pub(super) fn message_of(href: &str) -> Option<Linked> {
    let (channel, id) = match Target::parse(href) {
        Ok(target) => (Some(target.channel), target.message?),
        Err(_) => (None, nameless(href)?),
    };
    let query =
        href.split('#').next().unwrap_or_default().split_once('?').map_or("", |(_, query)| query);
    let has = |key: &str| query.split('&').any(|pair| pair.split('=').next() == Some(key));
    Some(Linked { channel, id, is_single: has("single"), is_comment: has("comment") })
}

/// The number of a message in a path of Telegram's that holds nothing else.
fn nameless(href: &str) -> Option<MessageId> {
    let address = href.split(['?', '#']).next()?;
    let address = address.split_once(':').map_or(address, |(_, rest)| rest);
    let (host, path) = address.strip_prefix("//").unwrap_or(address).split_once('/')?;
    let is_telegram = host.is_empty() || host == "t.me" || ALIASES.contains(&host);
    if is_telegram { MessageId::parse(path.trim_matches('/')) } else { None }
}

/// The tag of a relative search link (`?q=%23tea`), with its sign, and a channel's name behind `@` if it has one. A link to
/// a search in a named channel is that of a tag if it shows one that is bound to a channel (`#tea@pot`).
pub(super) fn tag_of(href: &str, shown: impl FnOnce() -> String) -> Option<String> {
    let query = href.strip_prefix("?q=").or_else(|| {
        let (_, query) = href.strip_prefix(HOME)?.split_once("?q=")?;
        shown().starts_with(['#', '$']).then_some(query)
    })?;
    let query = query.split('&').next().unwrap_or_default();
    let words = percent_decode_str(query).decode_utf8().ok()?;
    let tag = clean(words.trim()).into_owned();
    let fits =
        tag.starts_with(['#', '$']) && tag.len() <= 1024 && !tag.contains(char::is_whitespace);
    fits.then_some(tag)
}

/// The name that a link to a person or channel (`https://t.me/tea`) leads to, when it names nothing else.
pub(super) fn name_of(address: &Address) -> Option<&str> {
    let name = address.as_str().strip_prefix(HOME)?;
    ChannelName::parse(name).is_ok().then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_6_all_hosts_of_telegram_become_one() {
        for (given, expected) in [
            ("https://t.me/tea/5", "https://t.me/tea/5"),
            ("http://telegram.me/tea", "https://t.me/tea"),
            ("https://www.telegram.dog/s/tea?q=x#y", "https://t.me/s/tea?q=x#y"),
            ("https://tea.t.me/", "https://t.me/tea"),
            ("https://tea.t.me/12?single", "https://t.me/tea/12?single"),
            ("//telegram.me/tea", "https://t.me/tea"),
            ("/s/tea?before=3", "https://t.me/s/tea?before=3"),
            ("https://t.me:8443/tea", "https://t.me:8443/tea"),
            ("https://evilt.me/tea", "https://evilt.me/tea"),
            ("https://a.b.t.me/", "https://a.b.t.me/"),
            ("https://core.telegram.org/x", "https://core.telegram.org/x"),
            ("tg://resolve?domain=tea&post=5", "https://t.me/tea/5"),
            ("tg://user?id=5", "tg://user?id=5"),
            ("mailto:a@b.example", "mailto:a@b.example"),
        ] {
            assert_eq!(normalise(given).unwrap().as_str(), expected, "{given}");
        }
        for refused in ["javascript:alert(1)", "data:text/html,x", "?q=x", "", "relative/path"] {
            assert_eq!(normalise(refused), None, "{refused}");
        }
    }

    #[test]
    fn trap_11_the_items_of_an_album_name_their_messages() {
        let read = |href| {
            let linked = message_of(href)?;
            let name = linked.channel.map_or(String::new(), |channel| channel.to_string());
            Some((name, linked.id.get(), linked.is_single))
        };
        for (href, expected) in [
            ("https://t.me/tea/85?single", Some(("tea", 85, true))),
            ("https://t.me/tea/85?a=b&single=1#c", Some(("tea", 85, true))),
            ("https://t.me/tea/85?singles", Some(("tea", 85, false))),
            ("https://t.me//85?single", Some(("", 85, true))),
            ("http://www.telegram.me//85", Some(("", 85, false))),
            ("t.me//85?single", Some(("", 85, true))),
            ("//t.me//85", Some(("", 85, false))),
            ("/85?single", Some(("", 85, true))),
            ("https://t.me/85", Some(("", 85, false))),
            ("https://t.me//0", None),
            ("https://t.me//99999999999999999999", None),
            ("https://t.me//85/86", None),
            ("https://elsewhere.example//85", None),
            ("https://t.me/tea/99999999999999999999?single", None),
            ("https://t.me/tea", None),
            ("https://t.me/", None),
            ("https://elsewhere.example/tea/5", None),
            ("", None),
        ] {
            let expected = expected.map(|(name, id, single)| (name.to_owned(), id, single));
            assert_eq!(read(href), expected, "{href}");
        }
    }

    #[test]
    fn hashtags_are_decoded_in_any_script() {
        for (href, expected) in [
            ("?q=%23tea", Some("#tea")),
            ("?q=%23%D1%87%D0%B0%D0%B9", Some("#чай")),
            ("?q=%24TON", Some("$TON")),
            ("?q=#tea", Some("#tea")),
            ("?q=%23tea&before=3", Some("#tea")),
            ("?q=words", None),
            ("?q=%23two%20words", None),
            ("?q=%23%FF", None),
            ("https://t.me/s/x?q=%23tea", None),
        ] {
            assert_eq!(tag_of(href, || "tea".to_owned()).as_deref(), expected, "{href}");
        }
    }
}
