//! Links on Telegram's pages: normalisation, and the message, tag or name that a link leads to.

use percent_encoding::percent_decode_str;
use scraper::ElementRef;

use super::app_link;
use super::tree::attribute;
use crate::model::{ChannelName, MessageId, TELEGRAM_HOSTS, Target};
use crate::text::{Address, clean};

const HOME: &str = "https://t.me/";

/// The normalised address of a link; `None` if it must not be printed.
pub(super) fn of_link(element: ElementRef<'_>) -> Option<Address> {
    normalise(&href(element)?)
}

/// A link's `href` as its author wrote it.
///
/// UPSTREAM(2024-04): the address of a link that asks for confirmation is escaped twice.
pub(super) fn href(element: ElementRef<'_>) -> Option<String> {
    let href = attribute(element, "href")?;
    let asks = attribute(element, "onclick").is_some_and(|script| script.contains("confirm("));
    Some(if asks { href.replace("&amp;", "&") } else { href.to_owned() })
}

/// Rewrites aliases of t.me, `name.t.me`, relative paths and `tg:` links to `https://t.me/…`.
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
    // Most addresses need no change. Parsing one costs more than all other steps here.
    let written = address.as_str();
    let is_normal =
        written.starts_with(HOME) || !(written.contains("t.me") || written.contains("telegram."));
    if is_normal || !address.is_web() {
        return Some(address);
    }
    let mut url = address.to_url()?;
    let Some(host) = url.host_str() else { return Some(address) };
    let name = subdomain(host).map(str::to_owned);
    if !is_telegram(host) && name.is_none() || url.port().is_some() {
        return Some(address);
    }
    url.set_host(Some("t.me")).ok()?;
    url.set_scheme("https").ok()?;
    if let Some(name) = name {
        let path = format!("/{name}{}", url.path().trim_end_matches('/'));
        url.set_path(&path);
    }
    Address::parse(url.as_str())
}

/// Whether a host serves the same pages as t.me.
fn is_telegram(host: &str) -> bool {
    TELEGRAM_HOSTS.contains(&host.strip_prefix("www.").unwrap_or(host))
}

/// The channel of `name.t.me`.
fn subdomain(host: &str) -> Option<&str> {
    let name =
        TELEGRAM_HOSTS.iter().find_map(|domain| host.strip_suffix(domain)?.strip_suffix('.'))?;
    (name != "www" && ChannelName::parse(name).is_ok()).then_some(name)
}

/// The message that a link to t.me leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MessageLink {
    pub(super) channel: Option<ChannelName>,
    pub(super) id: MessageId,
    /// `?single`, as on the items of an album.
    pub(super) is_single: bool,
    /// Leads to a comment under the message.
    pub(super) is_comment: bool,
}

/// Reads a link to a message.
///
/// UPSTREAM(2026): a channel's own links may lack its name: `https://t.me//9404?single`.
pub(super) fn message_of(href: &str) -> Option<MessageLink> {
    let (channel, id) = match Target::parse(href) {
        Ok(target) => (Some(target.channel), target.message?),
        Err(_) => (None, nameless(href)?),
    };
    let (address, _) = href.split_once('#').unwrap_or((href, ""));
    let (_, query) = address.split_once('?').unwrap_or_default();
    let (mut is_single, mut is_comment) = (false, false);
    for pair in query.split('&') {
        match pair.split('=').next() {
            Some("single") => is_single = true,
            Some("comment") => is_comment = true,
            _ => {}
        }
    }
    Some(MessageLink { channel, id, is_single, is_comment })
}

/// The id in a path of t.me that has nothing else: `https://t.me//17`.
fn nameless(href: &str) -> Option<MessageId> {
    let address = href.split(['?', '#']).next()?;
    let address = address.split_once(':').map_or(address, |(_, rest)| rest);
    let (host, path) = address.strip_prefix("//").unwrap_or(address).split_once('/')?;
    if host.is_empty() || is_telegram(host) {
        MessageId::parse(path.trim_matches('/'))
    } else {
        None
    }
}

/// The tag of a relative search link (`?q=%23tea`) with its sign, followed by `@name` if it is bound to a channel. A link to
/// a search in a named channel counts only if its text is a tag (`#tea@pot`).
pub(super) fn tag_of(href: &str, shown: impl FnOnce() -> String) -> Option<String> {
    let query = match href.strip_prefix("?q=") {
        Some(query) => query,
        None => {
            let (_, query) = href.strip_prefix(HOME)?.split_once("?q=")?;
            shown().starts_with(['#', '$']).then_some(query)?
        }
    };
    let query = query.split('&').next().unwrap_or_default();
    let decoded = percent_decode_str(query).decode_utf8().ok()?;
    let tag = clean(decoded.trim()).into_owned();
    let is_tag =
        tag.starts_with(['#', '$']) && tag.len() <= 1024 && !tag.contains(char::is_whitespace);
    is_tag.then_some(tag)
}

/// The name in an address that has nothing else: `https://t.me/tea`.
pub(super) fn name_of(address: &Address) -> Option<&str> {
    let name = address.as_str().strip_prefix(HOME)?;
    ChannelName::parse(name).is_ok().then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telegram_hosts_are_normalised_to_t_me() {
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
    fn album_item_links_yield_message_ids() {
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
    fn hashtag_links_are_decoded_in_any_script() {
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
