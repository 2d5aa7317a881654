//! Parses links to channels, in every form that people write, copy and paste.
//!
//! [`Target::parse`] reads one name or link, [`Target::find_all`] all links of a free text, and [`Line`] the links and
//! words of a line. The start page, request paths, the command line and lists use these.
//!
//! Forms and reserved words: <https://core.telegram.org/api/links>.

pub(crate) mod entity;
mod scan;

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, PercentEncode, percent_decode_str, utf8_percent_encode};

use super::options::{self, quoted};
use super::{BadName, BadOption, ChannelName, FeedOptions, MessageId};

pub use scan::{Line, Piece, is_telegrams, lines};

/// The longest link, in bytes.
const MAX_LINK: usize = 2048;

/// The longest text that [`Target::find_all`] scans, in bytes.
const MAX_TEXT: usize = 16 * 1024;

/// How often a link may be percent-encoded.
const MAX_ESCAPES: usize = 3;

/// How many parameters of a link are examined.
const MAX_PARAMETERS: usize = 16;

/// The maximum number of channels that [`Target::find_all`] returns.
const MAX_TARGETS: usize = 200;

/// Hosts that serve Telegram's public pages under the same paths.
pub(crate) const TELEGRAM_HOSTS: [&str; 3] = ["t.me", "telegram.me", "telegram.dog"];

/// A mirror whose addresses appear in search results.
const MIRROR: &str = "tg-me.com";

/// Telegram's web apps.
const WEB: [&str; 4] =
    ["web.telegram.org", "weba.telegram.org", "webk.telegram.org", "webz.telegram.org"];

// Targets of Telegram links that are not channels, by their messages `feature-…`.
const INVITATION: &str = "invitation";
const PRIVATE_MESSAGE: &str = "private-message";
const PHONE: &str = "phone";
const INVOICE: &str = "invoice";
const STORY: &str = "story";
const WEB_APP: &str = "web-app";
const APP: &str = "app";
const BUSINESS: &str = "business";
const LOGIN: &str = "login";
const SHARE: &str = "share";
const STICKERS: &str = "stickers";

/// First path segments of t.me that are features of Telegram and not channels. They are not channels as subdomains
/// either, and most of them are actions of `tg://`.
const RESERVED: [(&str, &str); 32] = [
    ("a", WEB_APP),
    ("addemoji", "emoji"),
    ("addlist", "folder"),
    ("addstickers", STICKERS),
    ("addstyle", "style"),
    ("addtheme", "theme"),
    ("auction", "auction"),
    ("auth", LOGIN),
    ("bg", "background"),
    ("boost", "boost"),
    ("c", PRIVATE_MESSAGE),
    ("call", "call"),
    ("confirmphone", "confirmation"),
    ("contact", "contact"),
    ("giftcode", "gift"),
    ("invoice", INVOICE),
    ("iv", "instant-view"),
    ("joinchat", INVITATION),
    ("k", WEB_APP),
    ("login", LOGIN),
    ("m", BUSINESS),
    ("msg", SHARE),
    ("newbot", "bot"),
    ("nft", "collectible"),
    ("passport", LOGIN),
    ("proxy", "proxy"),
    ("setlanguage", "language"),
    ("share", SHARE),
    ("socks", "proxy"),
    ("stickers", STICKERS),
    ("web", WEB_APP),
    ("z", WEB_APP),
];

/// Further actions of `tg://`.
const ACTIONS: [(&str, &str); 7] = [
    ("join", INVITATION),
    ("message", BUSINESS),
    ("msg_url", SHARE),
    ("oauth", LOGIN),
    ("privatepost", PRIVATE_MESSAGE),
    ("search_hashtag", "search"),
    ("settings", "settings"),
];

/// Parameters of Telegram's links whose names equal or resemble a feed option.
const TELEGRAMS_PARAMETERS: [&str; 3] = ["before", "comment", "start"];

/// The target of a name or link: a channel, and perhaps one of its messages or a search in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub channel: ChannelName,
    pub message: Option<MessageId>,
    /// The search words (`?q=`); never together with a message.
    pub search: Option<String>,
    /// The feed options that a person has appended to a channel's link, as a query.
    pub options: String,
}

impl Target {
    pub fn channel(channel: ChannelName) -> Self {
        Self::new(channel, None)
    }

    fn new(channel: ChannelName, message: Option<MessageId>) -> Self {
        Self { channel, message, search: None, options: String::new() }
    }

    /// The channel that a setting names, in any form that [`Target::parse`] accepts. The error quotes the text.
    pub(crate) fn channel_of_setting(text: &str) -> Result<ChannelName, String> {
        let target = Self::parse(text);
        target
            .map(|target| target.channel)
            .map_err(|reason| format!("“{}”: {reason}", quoted(text)))
    }

    /// Parses one name or link, surrounded by white space at most: `durov`, `@durov`, `t.me/durov`,
    /// `t.me/s/durov?q=word`, `t.me/durov/123`, `t.me/group/<topic>/123`, `durov/123`, `s/durov`, the same on
    /// telegram.me and telegram.dog, `durov.t.me`, `tg://resolve?domain=durov&post=123`, `web.telegram.org/k/#@durov`,
    /// `tg-me.com/durov/19`, `www.tg-me.com/<category>/<title>/com.durov/19`; with or without scheme, `www.` and
    /// trailing slash, percent-encoded or not.
    ///
    /// # Errors
    /// [`BadName`], which names what the text is instead.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let text = text.trim_matches(|one: char| one.is_whitespace() || scan::is_invisible(one));
        if text.is_empty() {
            return Err(BadName::Empty);
        }
        if text.len() > MAX_LINK {
            return Err(BadName::Malformed);
        }
        let mut text = Cow::Borrowed(text);
        for _ in 0..MAX_ESCAPES {
            match Self::read(&text) {
                Err(BadName::Malformed | BadName::OtherSite) => {}
                result => return result,
            }
            let Some(decoded) = unescaped(&text) else { break };
            text = Cow::Owned(decoded);
        }
        Self::read(&text)
    }

    fn read(text: &str) -> Result<Self, BadName> {
        if let Some(rest) = strip_prefix_ignoring_case(text, "tg:") {
            return from_app(rest);
        }
        let (address, has_host) = without_scheme(text);
        let (address, fragment) = address.split_once('#').unwrap_or((address, ""));
        let (address, query) = address.split_once('?').unwrap_or((address, ""));
        let (first, path) = address.split_once('/').unwrap_or((address, ""));
        let target = if has_host {
            // The part before `@` is a user name.
            let host = first.rsplit_once('@').map_or(first, |(_, host)| host);
            from_address(host, path, query, fragment)?
        } else if first.contains('.') && !first.contains('@') {
            from_address(first, path, query, fragment)?
        } else if first.is_empty() {
            return Err(BadName::Malformed);
        } else {
            from_bare_path(&segments(address))?
        };
        Ok(target.with_query(query))
    }

    /// Finds all channels in a text, in order and without duplicates: links and `@names` at any position or, in a line
    /// without links, names between commas.
    ///
    /// # Errors
    /// [`BadName`] of the text, or of the first link that names no channel.
    pub fn find_all(text: &str) -> Result<Vec<Self>, BadName> {
        let whole = Self::parse(text);
        let is_feature =
            matches!(whole, Err(BadName::Private(_) | BadName::NotAChannel(_) | BadName::Numeric));
        // A link to a feature of Telegram may contain other links.
        if text.len() > MAX_TEXT || is_feature && !text.trim().contains(char::is_whitespace) {
            return whole.map(|target| vec![target]);
        }
        let mut targets = Vec::new();
        for (_, line) in lines(text) {
            let line = Line::parse(line);
            let names = if line.has_link() { Vec::new() } else { line.names().unwrap_or_default() };
            for link in line.links().chain(names) {
                match Self::parse(link) {
                    Ok(target) if targets.contains(&target) => {}
                    Ok(target) => targets.push(target),
                    Err(reason) if line.has_link() => return Err(reason),
                    Err(reason) => return Err(whole.err().unwrap_or(reason)),
                }
            }
        }
        if (1..=MAX_TARGETS).contains(&targets.len()) {
            return Ok(targets);
        }
        whole.map(|target| vec![target])
    }

    /// The options of the link's feed: those in the link, and its search.
    ///
    /// # Errors
    /// [`BadOption`] if an option is misspelt or invalid, or the search is too long for a feed.
    pub fn options(&self, defaults: &FeedOptions) -> Result<FeedOptions, BadOption> {
        let mut options = FeedOptions::parse(&self.options, defaults)?;
        if let Some(words) = &self.search {
            options.set_search(words)?;
        }
        Ok(options)
    }

    /// Adds the search and the options of a channel's link. Other parameters belong to Telegram, unless they resemble
    /// an option.
    fn with_query(mut self, query: &str) -> Self {
        if self.message.is_some() {
            return self;
        }
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).take(MAX_PARAMETERS) {
            if name.eq_ignore_ascii_case("q") {
                let words = Some(value.trim()).filter(|words| !words.is_empty());
                self.search = self.search.or_else(|| words.map(str::to_owned));
            } else if !TELEGRAMS_PARAMETERS.contains(&&*name) && options::resembles_option(&name) {
                let and = if self.options.is_empty() { "" } else { "&" };
                let (name, value) = (escaped(&name), escaped(&value));
                self.options.push_str(&format!("{and}{name}={value}"));
            }
        }
        self
    }
}

/// Displays a link that [`Target::parse`] parses as the same target.
impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, message, search, options } = self;
        let and = if options.is_empty() { "" } else { "&" };
        match (message, search) {
            (Some(id), _) => write!(formatter, "https://t.me/{channel}/{id}"),
            (None, Some(words)) => {
                write!(formatter, "https://t.me/s/{channel}?q={}{and}{options}", escaped(words))
            }
            (None, None) if options.is_empty() => write!(formatter, "@{channel}"),
            (None, None) => write!(formatter, "https://t.me/s/{channel}?{options}"),
        }
    }
}

/// `tg://resolve?domain=durov&post=123`, also without slashes; `rest` follows `tg:`.
fn from_app(rest: &str) -> Result<Target, BadName> {
    let rest = rest.trim_start_matches('/');
    if rest.starts_with('@') {
        return from_bare_path(&segments(rest));
    }
    let (action, query) = rest.split_once('?').unwrap_or((rest, ""));
    let action = action.trim_end_matches('/').to_ascii_lowercase();
    if matches!(&*action, "openmessage" | "user") {
        return Err(BadName::Numeric);
    }
    if action != "resolve" {
        let found = RESERVED.iter().chain(&ACTIONS).find(|(name, _)| *name == action);
        return Err(refusal(found.map_or(APP, |(_, what)| what)));
    }
    if value(query, "phone").is_some() {
        return Err(BadName::NotAChannel(PHONE));
    }
    let domain = value(query, "domain").ok_or(BadName::NotAChannel(APP))?;
    let channel = ChannelName::parse(domain.strip_prefix('@').unwrap_or(&domain))?;
    if value(query, "story").is_some() {
        return Err(BadName::NotAChannel(STORY));
    }
    let message = value(query, "post").and_then(|post| MessageId::parse(&post));
    Ok(Target::new(channel, message))
}

/// SECURITY: a host that resembles one of Telegram's (`evilt.me`, letters of another script) -> hosts are compared as a
/// whole.
fn from_address(host: &str, path: &str, query: &str, fragment: &str) -> Result<Target, BadName> {
    let host = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(host);
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let segments = segments(path);
    if TELEGRAM_HOSTS.contains(&host) {
        return match &segments[..] {
            [] => Err(BadName::Empty),
            all => from_segments(without_list(all)),
        };
    }
    if WEB.contains(&host) {
        return from_web(query, fragment);
    }
    if host == MIRROR {
        return from_mirror(&segments);
    }
    let name = TELEGRAM_HOSTS.iter().find_map(|site| host.strip_suffix(site)?.strip_suffix('.'));
    let Some(name) = name else { return Err(BadName::OtherSite) };
    let mut all = vec![Cow::Borrowed(name)];
    all.extend(segments);
    from_segments(&all)
}

/// A path of t.me without its `/s`: `durov`, `durov/123`, `group/<topic>/123`, or a reserved word.
fn from_segments(segments: &[Cow<'_, str>]) -> Result<Target, BadName> {
    let [first, rest @ ..] = segments else { return Err(BadName::Empty) };
    if let Some(code) = first.strip_prefix('+') {
        let is_phone = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
        return Err(refusal(if is_phone { PHONE } else { INVITATION }));
    }
    let first = first.strip_prefix('@').unwrap_or(first);
    if first.starts_with('$') {
        return Err(BadName::NotAChannel(INVOICE));
    }
    if let Some((_, what)) = RESERVED.iter().find(|(name, _)| first.eq_ignore_ascii_case(name)) {
        return Err(refusal(what));
    }
    let channel = name(first)?;
    let message = match rest {
        [kind, _, ..] if kind.eq_ignore_ascii_case("s") => {
            return Err(BadName::NotAChannel(STORY));
        }
        [topic, id, ..] if MessageId::parse(topic).is_some() => {
            MessageId::parse(id).or_else(|| MessageId::parse(topic))
        }
        [id, ..] => MessageId::parse(id),
        [] => None,
    };
    Ok(Target::new(channel, message))
}

/// A path without a host. Only forms that Telegram uses are accepted: `blog/index.php` is not the channel `blog`.
fn from_bare_path(segments: &[Cow<'_, str>]) -> Result<Target, BadName> {
    let all = without_list(segments);
    let (Some(first), rest) = (all.first(), all.get(1..).unwrap_or_default()) else {
        return Err(BadName::Malformed);
    };
    let is_invitation = first.starts_with('+');
    let is_reserved = |(name, _): &(&str, &str)| name.len() > 1 || matches!(*name, "c" | "m");
    let is_feature =
        RESERVED.iter().any(|entry| is_reserved(entry) && first.eq_ignore_ascii_case(entry.0));
    if is_invitation || is_feature && !rest.is_empty() {
        return from_segments(all);
    }
    let is_number = |id: &Cow<'_, str>| MessageId::parse(id).is_some();
    if rest.len() > 2 || !rest.iter().all(is_number) {
        return Err(BadName::Malformed);
    }
    let channel = name(first.strip_prefix('@').unwrap_or(first))?;
    let message = rest.last().and_then(|id| MessageId::parse(id));
    Ok(Target::new(channel, message))
}

/// The mirror's two forms: `durov/19` and `<category>/<title>/com.durov/19`.
fn from_mirror(segments: &[Cow<'_, str>]) -> Result<Target, BadName> {
    if let Some(at) = segments.iter().position(|segment| segment.starts_with("com.")) {
        let channel = name(segments[at].strip_prefix("com.").unwrap_or_default())?;
        let message = segments.get(at + 1).and_then(|id| MessageId::parse(id));
        return Ok(Target::new(channel, message));
    }
    match without_list(segments) {
        all @ ([_] | [_, _]) => from_segments(all),
        _ => Err(BadName::OtherSite),
    }
}

/// Telegram's web apps: `#@durov`, `#/im?p=@durov`, `#?tgaddr=tg%3A%2F%2Fresolve…`.
fn from_web(query: &str, fragment: &str) -> Result<Target, BadName> {
    let inner = fragment.split_once('?').map_or("", |(_, inner)| inner);
    let app = value(inner, "tgaddr").or_else(|| value(query, "tgaddr"));
    if let Some(app) = app.as_deref().and_then(|app| strip_prefix_ignoring_case(app, "tg:")) {
        return from_app(app);
    }
    let peer = value(inner, "p").or_else(|| value(query, "p"));
    let peer = peer.map_or_else(|| percent_decode_str(fragment).decode_utf8_lossy(), Cow::Owned);
    let peer = peer.split(['?', '&']).next().unwrap_or_default();
    if let Some(name) = peer.strip_prefix('@') {
        return from_bare_path(&segments(name));
    }
    let number = peer.trim_start_matches(['-', 'c', 'u', 'g', 's']);
    let is_number = number.starts_with(|first: char| first.is_ascii_digit());
    Err(if is_number { BadName::Numeric } else { BadName::NotAChannel(WEB_APP) })
}

/// Parses a channel's name. A long number is an id.
fn name(text: &str) -> Result<ChannelName, BadName> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() > 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadName::Numeric);
    }
    ChannelName::parse(text)
}

fn refusal(what: &'static str) -> BadName {
    if matches!(what, INVITATION | PRIVATE_MESSAGE) {
        BadName::Private(what)
    } else {
        BadName::NotAChannel(what)
    }
}

/// The segments without a leading `s`, which stands for the list of posts.
fn without_list<'a, 'b>(segments: &'a [Cow<'b, str>]) -> &'a [Cow<'b, str>] {
    match segments {
        [list, rest @ ..] if list.eq_ignore_ascii_case("s") => rest,
        all => all,
    }
}

/// The decoded segments of a path, without copied white space and invisible characters around them.
fn segments(path: &str) -> Vec<Cow<'_, str>> {
    let decode = |segment| {
        let text = percent_decode_str(segment).decode_utf8_lossy();
        let is_junk = |one: char| one.is_whitespace() || scan::is_invisible(one);
        if text.contains(is_junk) {
            Cow::Owned(text.trim_matches(is_junk).to_owned())
        } else {
            text
        }
    };
    path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect()
}

/// The address without its scheme, and whether the scheme or `//` shows that it begins with a host.
fn without_scheme(text: &str) -> (&str, bool) {
    let rest = strip_prefix_ignoring_case(text, "https:")
        .or_else(|| strip_prefix_ignoring_case(text, "http:"))
        // Servers merge slashes.
        .filter(|rest| rest.starts_with('/'))
        .or_else(|| text.starts_with("//").then_some(text));
    match rest {
        Some(rest) => (rest.trim_start_matches('/'), true),
        None => (text, false),
    }
}

fn escaped(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

/// The link with the part before its query decoded once more; `None` if nothing is encoded there.
fn unescaped(text: &str) -> Option<String> {
    let (place, query) = text.split_at(text.find(['?', '#']).unwrap_or(text.len()));
    let decoded = percent_decode_str(place).decode_utf8().ok()?;
    (decoded != place).then(|| format!("{}{query}", decoded.trim()))
}

/// The first value of a query parameter.
fn value(query: &str, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.into_owned())
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

#[cfg(test)]
mod tests;
