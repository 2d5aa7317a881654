//! The options of a feed, from the query of its address.
//!
//! A query is parsed here, once, into one typed value that can be compared, hashed and printed in one normal form. A
//! released option is never removed.

mod choice;
mod error;
mod pattern;

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer};

pub use choice::{Content, Kind, Kinds, LinkTarget, MediaMode, Presence, Title};
pub use error::BadOption;
pub(super) use error::quoted;
pub use pattern::Pattern;

use super::Language;
use super::cursor::{Cursor, CursorKind};
use crate::setting::{self, whole};

/// The maximum value of `limit`.
pub const MAX_LIMIT: u16 = 500;

/// The longest value of `q` and `tag`, in bytes.
const MAX_TEXT: usize = 256;

/// The maximum number of pairs in a query.
const MAX_PAIRS: usize = 64;

/// The longest name that can be a misspelt option, in bytes.
const MAX_MISSPELT: usize = 16;

/// The names of all options, in the order of the normal form.
pub const NAMES: [&str; 16] = [
    "q", "tag", "include", "exclude", "kind", "forwards", "replies", "service", "ads", "title",
    "content", "media", "link", "stats", "limit", "before",
];

/// Parameters that readers, mailers and advertising networks add to addresses, and `key`, which is not a feed option.
const IGNORED: &str = "\
    key _ __s _branch_match_id _ga _gac _gl _hsenc _hsmi _ke _kx _openstat campaign_id cmpid dclid \
    ef_id epik fb_action_ids fb_source fbclid gad_campaignid gad_source gbraid gclid gclsrc \
    guccounter igsh igshid irclickid li_fat_id mbid mc_cid mc_eid mkt_tok msclkid ncid oly_enc_id \
    rb_clickid ref ref_src ref_url referrer s_cid sccid si srsltid trk ttclid twclid vero_id \
    wbraid yclid ysclid";

/// The prefixes of further such parameters.
const IGNORED_FAMILIES: [&str; 6] = ["utm_", "mtm_", "pk_", "matomo_", "hsa_", "at_"];

/// Whether a parameter is not an option and is ignored, because readers and other pages add it.
pub fn is_ignored(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    IGNORED.split(' ').any(|one| one == name)
        || IGNORED_FAMILIES.iter().any(|family| name.starts_with(family))
}

/// Whether a parameter is an option, or a misspelt one.
pub(super) fn resembles_option(name: &str) -> bool {
    name.len() <= MAX_MISSPELT
        && !is_ignored(name)
        && !matches!(BadOption::unknown(name), BadOption::Unknown { nearest: None, .. })
}

/// The options of a feed; `docs/http-api.md` describes each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FeedOptions {
    limit: Option<u16>,
    before: Option<Cursor>,
    query: Option<String>,
    tag: Option<String>,
    include: Option<Pattern>,
    exclude: Option<Pattern>,
    kinds: Kinds,
    forwards: Presence,
    replies: Presence,
    service: bool,
    without_ads: bool,
    title: Title,
    content: Content,
    media: MediaMode,
    link: LinkTarget,
    stats: bool,
}

/// The operator's defaults: `[feed]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct FeedDefaults {
    /// The number of posts in a feed without an explicit limit.
    #[serde(rename = "feed.limit", deserialize_with = "whole::<_, _, 1, 300>")]
    pub window: u16,
    /// The language of feedline's own words; `None`: that of each channel.
    #[serde(rename = "feed.language", deserialize_with = "language")]
    pub language: Option<Language>,
    /// The options that apply unless others are given; see [`FeedOptions::set`].
    #[serde(skip)]
    pub options: FeedOptions,
}

impl Default for FeedDefaults {
    fn default() -> Self {
        Self { window: 50, language: None, options: FeedOptions::default() }
    }
}

/// A language; `auto` is `None`.
fn language<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Language>, D::Error> {
    setting::parsed(from, |text| {
        let found = Language::ALL.iter().find(|language| language.tag() == text);
        if text == "auto" { Ok(None) } else { found.copied().map(Some).ok_or("") }
    })
}

impl FeedOptions {
    /// Parses the query of one channel's address, without `?`. Options that are missing or empty have the values of
    /// `defaults`. [`super::Source::options`] parses the addresses of other sources.
    ///
    /// # Errors
    /// [`BadOption`] for the first option that is unknown, duplicate or invalid.
    pub fn parse(query: &str, defaults: &Self) -> Result<Self, BadOption> {
        Self::parse_with(query, defaults, CursorKind::Message)
    }

    /// Like [`Self::parse`], for pages with this kind of cursor. The `q` of a search is not an option, but part of its
    /// source.
    pub(super) fn parse_with(
        query: &str,
        defaults: &Self,
        kind: CursorKind,
    ) -> Result<Self, BadOption> {
        let mut options = defaults.clone();
        let mut seen: Vec<String> = Vec::new();
        for (number, (name, value)) in url::form_urlencoded::parse(query.as_bytes()).enumerate() {
            if number >= MAX_PAIRS {
                return Err(BadOption::TooMany);
            }
            if is_ignored(&name) || (name.is_empty() && value.is_empty()) {
                continue;
            }
            if !NAMES.contains(&&*name) {
                return Err(BadOption::unknown(&name));
            }
            if seen.iter().any(|seen| *seen == name) {
                return Err(BadOption::Twice { option: name.into_owned() });
            }
            match &*name {
                _ if value.trim().is_empty() => {}
                "q" if kind == CursorKind::Position => {}
                "before" => options.before = Some(before(&value, kind)?),
                _ => options.set(&name, &value)?,
            }
            seen.push(name.into_owned());
        }
        Ok(options)
    }

    /// Sets one option of one channel's feed from its text.
    ///
    /// # Errors
    /// [`BadOption`] if the option is unknown or does not accept the value.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), BadOption> {
        let value = value.trim();
        match name {
            "limit" => self.limit = Some(limit(value)?),
            "before" => self.before = Some(before(value, CursorKind::Message)?),
            "q" => self.query = Some(words("q", value)?),
            "tag" => self.tag = Some(words("tag", tag_name(value))?.to_lowercase()),
            "include" => self.include = Some(Pattern::parse("include", value)?),
            "exclude" => self.exclude = Some(Pattern::parse("exclude", value)?),
            "kind" => self.kinds = Kinds::parse(value)?,
            "forwards" => self.forwards = Presence::parse("forwards", value)?,
            "replies" => self.replies = Presence::parse("replies", value)?,
            "service" => self.service = switch("service", value)?,
            "ads" => self.without_ads = ads(value)?,
            "title" => self.title = Title::parse("title", value)?,
            "content" => self.content = Content::parse("content", value)?,
            "media" => self.media = MediaMode::parse("media", value)?,
            "link" => self.link = LinkTarget::parse("link", value)?,
            "stats" => self.stats = switch("stats", value)?,
            _ => return Err(BadOption::unknown(name)),
        }
        Ok(())
    }

    /// Sets the option that corresponds to Telegram's own search: a single hashtag (`#tag`, `#tag@channel`) is `tag`,
    /// other words are `q`.
    ///
    /// # Errors
    /// [`BadOption`] if the text is too long.
    pub fn set_search(&mut self, words: &str) -> Result<(), BadOption> {
        let is_tag = |tag: &&str| {
            !tag.is_empty() && tag.chars().all(|one| one.is_alphanumeric() || one == '_')
        };
        let tag = words.strip_prefix('#').and_then(|tag| tag.split('@').next()).filter(is_tag);
        match tag {
            Some(tag) => self.set("tag", tag),
            None => self.set("q", words),
        }
    }

    /// The normal form: a query without `?` with the options that differ from `defaults`, in a fixed order. Empty if
    /// none differs.
    pub fn to_query(&self, defaults: &Self) -> String {
        let mut query = String::new();
        for name in NAMES {
            let value = self.value(name);
            if value != defaults.value(name) {
                if !query.is_empty() {
                    query.push('&');
                }
                let _ = write!(
                    query,
                    "{name}={}",
                    utf8_percent_encode(&value.unwrap_or_default(), QUERY)
                );
            }
        }
        query
    }

    /// The options without `limit` and `before`: those that decide the selection and form of posts.
    pub fn content_only(&self) -> Self {
        Self { limit: None, before: None, ..self.clone() }
    }

    /// The options that are part of a feed's permanent identity: [`FeedOptions::content_only`], without the difference
    /// between files from feedline and from Telegram, which changes no post.
    pub fn identity(&self) -> Self {
        let media = if self.media == MediaMode::Redirect { MediaMode::Proxy } else { self.media };
        Self { media, ..self.content_only() }
    }

    pub fn with_media(&self, media: MediaMode) -> Self {
        Self { media, ..self.clone() }
    }

    /// Whether the options reject some of a channel's posts.
    pub fn narrows(&self) -> bool {
        let all = Self::default();
        let narrowing = ["tag", "include", "exclude", "kind", "forwards", "replies", "ads"];
        narrowing.iter().any(|name| self.value(name) != all.value(name))
    }

    /// Whether the feed has a channel's newest posts, without filter, search, limit and page. Such a feed does not go
    /// further back than the channel's first response.
    pub fn stops_at_first_seen(&self) -> bool {
        !self.asks_for_more() && !self.narrows()
    }

    /// Whether the feed may need unknown posts: it has a limit, begins at older posts, or is a search.
    pub fn asks_for_more(&self) -> bool {
        self.limit.is_some() || self.before.is_some() || self.query.is_some()
    }

    pub fn with_before(&self, before: Option<Cursor>) -> Self {
        Self { before, ..self.clone() }
    }

    /// The options with an explicit limit, clamped to 1 to [`MAX_LIMIT`].
    pub fn with_limit(&self, limit: usize) -> Self {
        let limit = u16::try_from(limit).unwrap_or(MAX_LIMIT).clamp(1, MAX_LIMIT);
        Self { limit: Some(limit), ..self.clone() }
    }

    /// The explicit maximum number of posts: 1 to [`MAX_LIMIT`].
    pub fn limit(&self) -> Option<u16> {
        self.limit
    }

    /// The beginning of the page; `None`: the newest post.
    pub fn before(&self) -> Option<&Cursor> {
        self.before.as_ref()
    }

    /// Words that a post must contain.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// A hashtag that a post must have, in lower case, without `#`.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// An expression that must match a post.
    pub fn include(&self) -> Option<&Pattern> {
        self.include.as_ref()
    }

    /// An expression that must not match a post.
    pub fn exclude(&self) -> Option<&Pattern> {
        self.exclude.as_ref()
    }

    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    pub fn forwards(&self) -> Presence {
        self.forwards
    }

    pub fn replies(&self) -> Presence {
        self.replies
    }

    /// Whether service messages are included.
    pub fn service(&self) -> bool {
        self.service
    }

    /// Whether posts marked as advertising are rejected.
    pub fn without_ads(&self) -> bool {
        self.without_ads
    }

    pub fn title(&self) -> Title {
        self.title
    }

    pub fn content(&self) -> Content {
        self.content
    }

    pub fn media(&self) -> MediaMode {
        self.media
    }

    pub fn link(&self) -> LinkTarget {
        self.link
    }

    /// Whether counters are shown.
    pub fn stats(&self) -> bool {
        self.stats
    }

    /// The text that [`FeedOptions::set`] accepts; `None` if the option has no value.
    pub fn value(&self, name: &str) -> Option<String> {
        let bit = |on: bool| Some(if on { "1" } else { "0" }.to_owned());
        match name {
            "limit" => self.limit.map(|limit| limit.to_string()),
            "before" => self.before.as_ref().map(ToString::to_string),
            "q" => self.query.clone(),
            "tag" => self.tag.clone(),
            "include" => self.include.as_ref().map(|pattern| pattern.source().to_owned()),
            "exclude" => self.exclude.as_ref().map(|pattern| pattern.source().to_owned()),
            "kind" => self.kinds.to_text(),
            "forwards" => Some(self.forwards.text().to_owned()),
            "replies" => Some(self.replies.text().to_owned()),
            "service" => bit(self.service),
            "ads" => Some(if self.without_ads { "none" } else { "all" }.to_owned()),
            "title" => Some(self.title.text().to_owned()),
            "content" => Some(self.content.text().to_owned()),
            "media" => Some(self.media.text().to_owned()),
            "link" => Some(self.link.text().to_owned()),
            "stats" => bit(self.stats),
            _ => None,
        }
    }
}

/// Unescaped characters in a query's value: the unreserved ones of RFC 3986, section 2.3, and the comma.
const QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',');

fn before(value: &str, kind: CursorKind) -> Result<Cursor, BadOption> {
    Cursor::parse(value.trim(), kind).ok_or_else(|| BadOption::value("before", value))
}

fn limit(value: &str) -> Result<u16, BadOption> {
    let number = value.parse::<u16>().ok().filter(|number| (1..=MAX_LIMIT).contains(number));
    number.ok_or_else(|| BadOption::value("limit", value))
}

fn words(option: &'static str, value: &str) -> Result<String, BadOption> {
    if value.len() > MAX_TEXT {
        return Err(BadOption::TooLong { option });
    }
    let text = crate::text::clean(value).split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { Err(BadOption::value(option, value)) } else { Ok(text) }
}

fn switch(option: &'static str, value: &str) -> Result<bool, BadOption> {
    match value {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(BadOption::value(option, value)),
    }
}

fn ads(value: &str) -> Result<bool, BadOption> {
    match value {
        "none" => Ok(true),
        "all" => Ok(false),
        _ => Err(BadOption::value("ads", value)),
    }
}

/// The name of a hashtag without `#` and without a channel (`#jam@plumtree`).
fn tag_name(tag: &str) -> &str {
    let tag = tag.trim_start_matches('#');
    tag.split('@').next().filter(|name| !name.is_empty()).unwrap_or(tag)
}

#[cfg(test)]
mod tests;
