//! Addresses of RSSHub and RSS-Bridge, so that subscriptions made there continue at feedline.
//!
//! Options with a counterpart are mapped; others are listed in [`Moved::lost`]. Secrets (`key`, `code`, `token`) are
//! dropped.

use percent_encoding::percent_decode_str;

use super::options::{MAX_LIMIT, is_ignored};
use super::{BadName, ChannelName, FeedOptions, Format, Target};

/// The maximum number of parameters of an address.
const MAX_PARAMETERS: usize = 64;

/// The longest part of a parameter that is reported, in characters.
const MAX_NAME: usize = 40;

/// The counterpart of a switch's value.
#[derive(Clone, Copy)]
enum Meaning {
    /// Feeds are like this without an option.
    Usual,
    /// The name and value of an option.
    Option(&'static str, &'static str),
    /// There is no counterpart.
    Lost,
}

use Meaning::{Lost, Option as Ours, Usual};

/// The switches of RSSHub's route, with the counterparts of on and off.
const SWITCHES: [(&str, Meaning, Meaning); 13] = [
    ("showLinkPreview", Usual, Lost),
    ("showViaBot", Usual, Lost),
    ("showReplyTo", Usual, Lost),
    ("showFwdFrom", Usual, Lost),
    ("showFwdFromAuthor", Usual, Lost),
    ("showInlineButtons", Usual, Lost),
    ("showHashtagAsHyperlink", Usual, Lost),
    ("includeUnsupportedMsg", Usual, Lost),
    ("showMediaTagInTitle", Ours("title", "marked"), Usual),
    ("showMediaTagAsEmoji", Ours("title", "marked"), Usual),
    ("includeFwd", Usual, Ours("forwards", "none")),
    ("includeReply", Usual, Ours("replies", "none")),
    ("includeServiceMsg", Ours("service", "1"), Usual),
];

/// The only parameter of the route that is not a switch.
const SEARCH: &str = "searchQuery";

/// The counterpart of another bridge's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub channel: ChannelName,
    /// `None`: the channel's page.
    pub format: Option<Format>,
    pub options: FeedOptions,
    /// Parameters without a counterpart whose values differ from feedline's behaviour; without duplicates, as
    /// `name=value`, truncated.
    pub lost: Vec<String>,
}

impl Moved {
    /// Parses the path and query of an address of RSSHub or RSS-Bridge with any root. `None` for other addresses.
    pub fn from_address(
        path: &str,
        query: &str,
        defaults: &FeedOptions,
    ) -> Option<Result<Self, BadName>> {
        match Self::from_rss_bridge(query, defaults) {
            Some(moved) => Some(moved),
            None => Some(Self::from_rsshub(rsshub_path(path)?, query, defaults)),
        }
    }

    /// `/telegram/channel/<name>[/<route parameters>]?<common parameters>`: `rest` follows `channel/` and is
    /// percent-encoded.
    ///
    /// # Errors
    /// [`BadName`] if it names no channel.
    pub fn from_rsshub(rest: &str, query: &str, defaults: &FeedOptions) -> Result<Self, BadName> {
        let (name, route) = rest.split_once('/').unwrap_or((rest, ""));
        let name = percent_decode_str(name).decode_utf8_lossy();
        // Older addresses end in the format.
        let ending = name.rsplit_once('.').and_then(|(name, end)| Some((name, format(end)?)));
        let (name, format) = ending.unwrap_or((&name, Format::Rss));
        let mut moved = Self::new(name, format, defaults)?;
        for (name, value) in &route_parameters(route.trim_end_matches('/')) {
            moved.map_switch(name, value);
        }
        moved.map(&parameters(query));
        Ok(moved)
    }

    /// `/?action=display&bridge=TelegramBridge&username=<name>&format=<format>`.
    fn from_rss_bridge(query: &str, defaults: &FeedOptions) -> Option<Result<Self, BadName>> {
        let parameters = parameters(query);
        let value = |sought: &str| {
            let found = parameters.iter().find(|(name, _)| name == sought);
            found.map(|(_, value)| value.as_str())
        };
        let bridge = value("bridge")?.to_ascii_lowercase();
        let is_feed = value("action").is_none_or(|action| action.eq_ignore_ascii_case("display"));
        if !is_feed || !matches!(&*bridge, "telegram" | "telegrambridge") {
            return None;
        }
        let moved = Self::new(value("username").unwrap_or_default(), Format::Rss, defaults);
        Some(moved.map(|mut moved| {
            moved.map(&parameters);
            moved
        }))
    }

    /// The feed of a channel without options.
    fn new(channel: &str, format: Format, defaults: &FeedOptions) -> Result<Self, BadName> {
        let target = Target::parse(channel)?;
        let options = target.options(defaults).map_err(|_| BadName::Malformed)?;
        Ok(Self { channel: target.channel, format: Some(format), options, lost: Vec::new() })
    }

    /// Maps the query of an address.
    ///
    /// RSSHub's filters: several that must all match have no counterpart, so only the first is mapped. `include`
    /// searches title, text and links: for a title filter it matches more posts, so no post is lost. Filters that must
    /// not match are joined to one expression.
    fn map(&mut self, parameters: &[(String, String)]) {
        let mut has_filter = false;
        let mut excluded: Vec<(&str, &str)> = Vec::new();
        for (name, value) in parameters {
            let pair = (name.as_str(), value.as_str());
            match pair {
                (_, "") => {}
                // They name the channel, are secret, or are up to feedline.
                ("action" | "bridge" | "username" | "token" | "code", _) => {}
                ("context" | "_cache_timeout", _) => {}
                _ if is_ignored(name) => {}
                ("format", _) if value.eq_ignore_ascii_case("html") => self.format = None,
                ("format", _) => match format(value) {
                    Some(format) => self.format = Some(format),
                    None => self.lose(pair),
                },
                ("limit", _) => match value.parse::<u64>() {
                    Ok(0) | Err(_) => self.lose(pair),
                    Ok(limit) => {
                        self.set(pair, "limit", &limit.min(u64::from(MAX_LIMIT)).to_string());
                    }
                },
                ("filter" | "filter_title" | "filter_description", _) if has_filter => {
                    self.lose(pair);
                }
                ("filter" | "filter_title" | "filter_description", _) => {
                    has_filter = true;
                    self.set(pair, "include", value);
                }
                ("filterout" | "filterout_description", _) => excluded.push(pair),
                ("filter_category", _) if is_tag(value) => self.set(pair, "tag", value),
                // Patterns always ignore case, and feeds are always newest first.
                ("filter_case_sensitive", _) if switch(value) == Some(false) => {}
                ("sorted", _) if switch(value) == Some(true) => {}
                // A route parameter in the wrong place, or an unknown one.
                _ => self.map_switch(name, value),
            }
        }
        let expression = match &excluded[..] {
            [] => return,
            [(_, value)] => (*value).to_owned(),
            several => {
                let parts = several.iter().map(|(_, value)| format!("(?:{value})"));
                parts.collect::<Vec<_>>().join("|")
            }
        };
        if self.options.set("exclude", &expression).is_err() {
            excluded.into_iter().for_each(|pair| self.lose(pair));
        }
    }

    /// Maps a parameter of RSSHub's route.
    fn map_switch(&mut self, name: &str, value: &str) {
        let pair = (name, value);
        if value.is_empty() {
            return;
        }
        if name == SEARCH {
            if self.options.set_search(value).is_err() {
                self.lose(pair);
            }
            return;
        }
        let found = SWITCHES.iter().find(|(switch, ..)| *switch == name);
        let meaning = match (found, switch(value)) {
            (Some((_, on, _)), Some(true)) => *on,
            (Some((.., off)), Some(false)) => *off,
            _ => Lost,
        };
        match meaning {
            Usual => {}
            Ours(option, ours) => self.set(pair, option, ours),
            Lost => self.lose(pair),
        }
    }

    /// Sets an option for a parameter. A value that the option does not accept is lost.
    fn set(&mut self, theirs: (&str, &str), ours: &str, value: &str) {
        if self.options.set(ours, value).is_err() {
            self.lose(theirs);
        }
    }

    fn lose(&mut self, (name, value): (&str, &str)) {
        let text = format!("{name}={value}");
        let plain = crate::text::clean(&text).split_whitespace().collect::<Vec<_>>().join(" ");
        let lost: String = plain.chars().take(MAX_NAME).collect();
        if !self.lost.contains(&lost) {
            self.lost.push(lost);
        }
    }
}

fn is_tag(value: &str) -> bool {
    value.chars().all(|one| one.is_alphanumeric() || one == '_')
}

/// The path after `telegram/channel/`, with any root of RSSHub.
fn rsshub_path(path: &str) -> Option<&str> {
    let mark = "telegram/channel/";
    let at = path.find(mark)?;
    let is_segment = at == 0 || path.as_bytes().get(at - 1) == Some(&b'/');
    is_segment.then(|| &path[at + mark.len()..])
}

/// The parameters of RSSHub's route: after the name follows a query, encoded as a whole or not. Any other text is a
/// search.
fn route_parameters(route: &str) -> Vec<(String, String)> {
    if route.is_empty() {
        return Vec::new();
    }
    let decoded = percent_decode_str(route).decode_utf8_lossy();
    let is_parameter = |(name, _): &(String, String)| {
        name == SEARCH || SWITCHES.iter().any(|(switch, ..)| switch == name)
    };
    let mut readings = [parameters(route), parameters(&decoded)].into_iter();
    let found = readings.find(|parameters| parameters.iter().any(is_parameter));
    found.unwrap_or_else(|| vec![(SEARCH.to_owned(), decoded.clone().into_owned())])
}

fn parameters(query: &str) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(query.as_bytes()).take(MAX_PARAMETERS);
    pairs.map(|(name, value)| (name.into_owned(), value.trim().to_owned())).collect()
}

fn switch(value: &str) -> Option<bool> {
    match value {
        "1" | "true" | "on" | "y" | "yes" => Some(true),
        "0" | "false" | "off" | "n" | "no" => Some(false),
        _ => None,
    }
}

fn format(name: &str) -> Option<Format> {
    match &*name.to_ascii_lowercase() {
        "rss" | "mrss" => Some(Format::Rss),
        "atom" => Some(Format::Atom),
        "json" => Some(Format::Json),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
