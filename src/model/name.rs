//! Names of channels and what people paste for them.
//!
//! A name is the one key under which everything about a channel is kept, so it is parsed here and nowhere else.

use std::fmt;
use std::hash::{Hash, Hasher};

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::MessageId;

/// The longest input that is looked at, in bytes: longer ones are no link to a channel.
const LONGEST_INPUT: usize = 2048;

/// Hosts that serve Telegram's public pages under the same paths.
const HOSTS: [&str; 3] = ["t.me", "telegram.me", "telegram.dog"];

/// The mirror whose addresses people find in search results.
const MIRROR: &str = "tg-me.com";

/// First path segments of t.me that are features of Telegram, never channels, with what they are.
const RESERVED: [(&str, &str); 22] = [
    ("addemoji", "a set of emoji"),
    ("addlist", "a shared folder"),
    ("addstickers", "a set of stickers"),
    ("addtheme", "a theme"),
    ("bg", "a chat background"),
    ("boost", "a boost link"),
    ("c", "a private channel’s message"),
    ("confirmphone", "a confirmation link"),
    ("contact", "a contact"),
    ("giftcode", "a gift"),
    ("invoice", "an invoice"),
    ("iv", "an instant view"),
    ("joinchat", "an invitation to a private chat"),
    ("login", "a login link"),
    ("m", "a business chat"),
    ("msg", "a share link"),
    ("nft", "a collectible"),
    ("proxy", "a proxy"),
    ("setlanguage", "a language pack"),
    ("share", "a share link"),
    ("socks", "a proxy"),
    ("stickers", "a set of stickers"),
];

/// The public name of a channel: 2 to 32 of `A–Z a–z 0–9 _`, the first a letter.
///
/// Telegram compares names without regard to case, and so do `Eq` and `Hash` here; the case in which a
/// name was written is kept for display.
#[derive(Clone)]
pub struct ChannelName(Box<str>);

impl ChannelName {
    /// A bare name, as it stands in an address of ours.
    ///
    /// # Errors
    /// [`BadName`] when it is empty, too long, or holds other characters.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text.is_empty() {
            return Err(BadName::Empty);
        }
        let well_formed = (2..=32).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if well_formed { Ok(Self(text.into())) } else { Err(BadName::Malformed) }
    }

    /// The name in the case in which it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in lower case: the key under which a channel is kept.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl PartialEq for ChannelName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ChannelName {}

impl Hash for ChannelName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(0xff);
    }
}

impl PartialOrd for ChannelName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ChannelName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let lower = |byte: u8| byte.to_ascii_lowercase();
        self.0.bytes().map(lower).cmp(other.0.bytes().map(lower))
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for ChannelName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "@{}", self.0)
    }
}

impl Serialize for ChannelName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ChannelName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&name).map_err(serde::de::Error::custom)
    }
}

/// What a person means by a pasted name or link: a channel, and perhaps one of its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The channel.
    pub channel: ChannelName,
    /// The message, when the link names one.
    pub message: Option<MessageId>,
}

impl Target {
    /// Any form in which people write a channel: `durov`, `@durov`, `t.me/durov`, `t.me/s/durov`, `t.me/durov/123`,
    /// the same on telegram.me and telegram.dog, `durov.t.me`, `tg://resolve?domain=durov&post=123`,
    /// `tg-me.com/durov/19`, `www.tg-me.com/<category>/<title>/com.durov/19`; with or without scheme,
    /// `www.`, query and trailing slash.
    ///
    /// # Errors
    /// [`BadName`], which says what the link is instead.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadName::Empty);
        }
        if text.len() > LONGEST_INPUT {
            return Err(BadName::Malformed);
        }
        if let Some(query) = strip_prefix_ignoring_case(text, "tg://resolve") {
            return from_resolve(query);
        }
        if strip_prefix_ignoring_case(text, "tg:").is_some() {
            return Err(BadName::NotAChannel("a link into the app"));
        }
        if let Some(name) = text.strip_prefix('@') {
            return ChannelName::parse(name.trim_end_matches('/')).map(Self::channel);
        }
        let address = strip_prefix_ignoring_case(text, "https://")
            .or_else(|| strip_prefix_ignoring_case(text, "http://"))
            .unwrap_or(text);
        let has_scheme = address.len() != text.len();
        let address = strip_prefix_ignoring_case(address, "www.").unwrap_or(address);
        let address = address.split(['?', '#']).next().unwrap_or_default();
        let (host, path) = address.split_once('/').unwrap_or((address, ""));
        if !has_scheme && path.is_empty() && !host.contains('.') {
            return ChannelName::parse(host).map(Self::channel);
        }
        from_address(host, path)
    }

    fn channel(channel: ChannelName) -> Self {
        Self { channel, message: None }
    }
}

/// `tg://resolve?domain=durov&post=123`: what follows `resolve`.
fn from_resolve(query: &str) -> Result<Target, BadName> {
    let query = query.trim_start_matches('/').strip_prefix('?').unwrap_or_default();
    let value = |key: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    };
    let domain = value("domain").ok_or(BadName::NotAChannel("a link into the app"))?;
    let channel = ChannelName::parse(&domain)?;
    let message = value("post").and_then(|post| MessageId::parse(&post));
    Ok(Target { channel, message })
}

fn from_address(host: &str, path: &str) -> Result<Target, BadName> {
    let host = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(host);
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if HOSTS.contains(&host.as_str()) {
        return from_segments(&segments);
    }
    if host == MIRROR {
        return from_mirror(&segments);
    }
    let Some(name) = HOSTS.iter().find_map(|known| host.strip_suffix(known)?.strip_suffix('.'))
    else {
        return Err(BadName::OtherSite);
    };
    let channel = ChannelName::parse(name)?;
    let segments = segments.strip_prefix(&["s"]).unwrap_or(&segments);
    Ok(Target { channel, message: segments.first().and_then(|id| MessageId::parse(id)) })
}

/// The path of a t.me address.
fn from_segments(segments: &[&str]) -> Result<Target, BadName> {
    let segments = match segments {
        ["s", rest @ ..] => rest,
        all => all,
    };
    let Some(first) = segments.first() else { return Err(BadName::Empty) };
    if first.starts_with('+') || first.starts_with("%2B") || first.starts_with("%2b") {
        return Err(BadName::Private("an invitation to a private chat"));
    }
    let first = percent_decode_str(first).decode_utf8().map_err(|_| BadName::Malformed)?;
    let first = first.strip_prefix('@').unwrap_or(&first);
    if first == "$" || first.starts_with('$') {
        return Err(BadName::NotAChannel("an invoice"));
    }
    let lower = first.to_ascii_lowercase();
    if let Some((name, what)) = RESERVED.iter().find(|(name, _)| *name == lower) {
        let private = matches!(*name, "c" | "joinchat");
        return Err(if private { BadName::Private(what) } else { BadName::NotAChannel(what) });
    }
    let channel = ChannelName::parse(first)?;
    Ok(Target { channel, message: segments.get(1).and_then(|id| MessageId::parse(id)) })
}

/// The mirror's two shapes: `durov/19` and `<category>/<title>/com.durov/19`.
fn from_mirror(segments: &[&str]) -> Result<Target, BadName> {
    if let Some(at) = segments.iter().position(|segment| segment.starts_with("com.")) {
        let name = segments[at].strip_prefix("com.").unwrap_or_default();
        let channel = ChannelName::parse(name)?;
        let message = segments.get(at + 1).and_then(|id| MessageId::parse(id));
        return Ok(Target { channel, message });
    }
    match segments {
        [_] | [_, _] => from_segments(segments),
        _ => Err(BadName::OtherSite),
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Why a text names no public channel. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing was given.
    #[error(
        "No channel was given: paste its name or link, such as @telegram or https://t.me/telegram."
    )]
    Empty,
    /// Not the shape of a name.
    #[error(
        "This is not the name of a channel: a name has 2 to 32 Latin letters, digits and underscores and begins with a letter."
    )]
    Malformed,
    /// A private channel or chat: Telegram shows it to nobody outside.
    #[error("This link is {0}: only public channels, those with a name of their own, can be read.")]
    Private(&'static str),
    /// A link into Telegram that is something else than a channel.
    #[error(
        "This link is {0}, not a channel: paste the channel’s own link, such as https://t.me/telegram."
    )]
    NotAChannel(&'static str),
    /// An address on some other site.
    #[error(
        "This is an address outside Telegram: paste the channel’s own link, such as https://t.me/telegram."
    )]
    OtherSite,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn target(channel: &str, message: Option<u32>) -> Target {
        Target {
            channel: ChannelName::parse(channel).unwrap(),
            message: message.map(|id| MessageId::new(id).unwrap()),
        }
    }

    #[test]
    fn every_form_of_a_link_leads_to_its_channel() {
        for (text, message) in [
            ("durov", None),
            ("  durov\n", None),
            ("@durov", None),
            ("t.me/durov", None),
            ("t.me/durov/", None),
            ("t.me/@durov", None),
            ("http://t.me/durov", None),
            ("HTTPS://T.ME/durov", None),
            ("https://www.t.me/durov?utm_source=x", None),
            ("https://t.me:443/durov", None),
            ("https://t.me/s/durov", None),
            ("https://t.me/s/durov/?before=3", None),
            ("https://t.me/s/durov/123", Some(123)),
            ("https://t.me/durov/123?single", Some(123)),
            ("https://t.me/durov/123#comments", Some(123)),
            ("telegram.me/durov/7", Some(7)),
            ("https://telegram.dog/s/durov", None),
            ("durov.t.me", None),
            ("https://durov.t.me/55", Some(55)),
            ("https://durov.t.me/s/55", Some(55)),
            ("tg://resolve?domain=durov&post=123", Some(123)),
            ("tg://resolve/?domain=durov", None),
            ("TG://resolve?post=9&domain=durov", Some(9)),
            ("tg-me.com/durov/19", Some(19)),
            ("https://www.tg-me.com/us/Durov/com.durov/19", Some(19)),
            ("https://www.tg-me.com/us/Durov/com.durov", None),
        ] {
            assert_eq!(Target::parse(text), Ok(target("durov", message)), "{text}");
        }
    }

    #[test]
    fn what_is_no_channel_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", BadName::Empty),
            ("https://t.me/", BadName::Empty),
            ("t.me/c/1234567/5", BadName::Private("a private channel’s message")),
            ("https://t.me/+AbCdEf123", BadName::Private("an invitation to a private chat")),
            ("https://t.me/joinchat/AbC", BadName::Private("an invitation to a private chat")),
            ("https://t.me/addstickers/Cats", BadName::NotAChannel("a set of stickers")),
            ("https://t.me/proxy?server=x", BadName::NotAChannel("a proxy")),
            ("https://t.me/share/url?url=x", BadName::NotAChannel("a share link")),
            ("tg://join?invite=x", BadName::NotAChannel("a link into the app")),
            ("https://example.com/durov", BadName::OtherSite),
            ("https://evilt.me/durov", BadName::OtherSite),
            ("x", BadName::Malformed),
            ("1channel", BadName::Malformed),
            ("канал", BadName::Malformed),
            ("a name", BadName::Malformed),
            ("-", BadName::Malformed),
            (&"a".repeat(33), BadName::Malformed),
            (&"a".repeat(5000), BadName::Malformed),
        ] {
            assert_eq!(Target::parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn names_that_differ_in_case_are_one_channel() {
        let (one, other) =
            (ChannelName::parse("Durov").unwrap(), ChannelName::parse("durov").unwrap());
        assert_eq!(one, other);
        assert_eq!(one.cmp(&other), std::cmp::Ordering::Equal);
        assert_eq!(std::collections::HashSet::from([one.clone(), other]).len(), 1);
        assert_eq!(one.as_str(), "Durov");
        assert_eq!(one.key(), "durov");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_read_from_anything_is_read_from_its_own_link(text in prop_oneof![
            any::<String>(),
            "(https?://|tg://resolve\\?domain=|@|)(www\\.|)(t\\.me|telegram\\.me|tg-me\\.com|[a-z]{1,9})[/?.@&=a-zA-Z0-9_%+-]{0,30}",
        ]) {
            if let Ok(name) = ChannelName::parse(&text) {
                prop_assert_eq!(name.as_str(), text.as_str());
            }
            if let Ok(target) = Target::parse(&text) {
                prop_assert!(ChannelName::parse(target.channel.as_str()).is_ok());
                let post = target.message.map(|id| format!("&post={id}")).unwrap_or_default();
                let link = format!("tg://resolve?domain={}{post}", target.channel);
                prop_assert_eq!(Target::parse(&link), Ok(target), "{}", link);
            }
        }
    }
}
