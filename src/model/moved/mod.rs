//! Addresses of other bridges, read as ours: what was subscribed to there goes on here.
//!
//! Options that we have too are mapped; what we have no counterpart for is named in [`Moved::lost`], so that whoever moves
//! in hears of it. Secrets (`key`, `code`) are neither.

mod rss_bridge;
mod rsshub;

use super::{BadName, ChannelName, FeedOptions, Format, Target};

/// The most parameters of an address that are looked at.
const MOST_PARAMETERS: usize = 64;

/// The longest name of a parameter that is repeated, in characters.
const LONGEST_NAME: usize = 40;

/// What another bridge's address means here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The channel.
    pub channel: ChannelName,
    /// The feed's format; none: the channel's page.
    pub format: Option<Format>,
    /// Our options for theirs.
    pub options: FeedOptions,
    /// Their parameters, with values that ask for something else than what is here anyway, for which we have nothing;
    /// each once, as `name=value` cut short.
    pub lost: Vec<String>,
}

impl Moved {
    /// An address of RSSHub's or RSS-Bridge's, wherever it has its root: its path and query. None for anything else.
    pub fn from_address(
        path: &str,
        query: &str,
        defaults: &FeedOptions,
    ) -> Option<Result<Self, BadName>> {
        let of_rsshub = || Some(Self::from_rsshub(rsshub_path(path)?, query, defaults));
        rss_bridge::read(query, defaults).or_else(of_rsshub)
    }

    /// An address of RSSHub's: what follows `/telegram/channel/` (percent-encoded), and the query.
    ///
    /// # Errors
    /// [`BadName`] when it names no channel.
    pub fn from_rsshub(rest: &str, query: &str, defaults: &FeedOptions) -> Result<Self, BadName> {
        rsshub::read(rest, query, defaults)
    }

    /// The feed of a channel with nothing asked for.
    fn of(channel: &str, defaults: &FeedOptions) -> Result<Self, BadName> {
        let target = Target::parse(channel)?;
        let options = target.options(defaults).map_err(|_| BadName::Malformed)?;
        let (format, lost) = (Some(Format::Rss), Vec::new());
        Ok(Self { channel: target.channel, format, options, lost })
    }

    /// Maps one of theirs to one of ours; what ours does not take is lost.
    fn map(&mut self, theirs: (&str, &str), ours: &str, value: &str) {
        if self.options.set(ours, value).is_err() {
            self.lose(theirs);
        }
    }

    fn lose(&mut self, (name, value): (&str, &str)) {
        let text = format!("{name}={value}");
        let plain = crate::text::clean(&text).split_whitespace().collect::<Vec<_>>().join(" ");
        let lost: String = plain.chars().take(LONGEST_NAME).collect();
        if !self.lost.contains(&lost) {
            self.lost.push(lost);
        }
    }
}

/// What follows `telegram/channel/`, wherever an RSSHub has its root.
fn rsshub_path(path: &str) -> Option<&str> {
    let mark = "telegram/channel/";
    let at = path.find(mark)?;
    let is_segment = at == 0 || path.as_bytes().get(at - 1) == Some(&b'/');
    is_segment.then(|| &path[at + mark.len()..])
}

/// The parameters of a query, decoded.
fn parameters(query: &str) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(query.as_bytes()).take(MOST_PARAMETERS);
    pairs.map(|(name, value)| (name.into_owned(), value.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests;
