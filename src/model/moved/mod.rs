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
    /// An address of RSSHub's: what follows `/telegram/channel/` (percent-encoded), and the query.
    ///
    /// # Errors
    /// [`BadName`] when it names no channel.
    pub fn from_rsshub(rest: &str, query: &str, defaults: &FeedOptions) -> Result<Self, BadName> {
        rsshub::read(rest, query, defaults)
    }

    /// An address of RSS-Bridge's display: its query. None when it asks for something else than a channel of Telegram's.
    #[must_use]
    pub fn from_rss_bridge(query: &str, defaults: &FeedOptions) -> Option<Result<Self, BadName>> {
        rss_bridge::read(query, defaults)
    }

    /// The feed of a channel with nothing asked for.
    fn of(channel: &str, defaults: &FeedOptions) -> Result<Self, BadName> {
        let target = Target::parse(channel)?;
        Ok(Self {
            channel: target.channel,
            format: Some(Format::Rss),
            options: defaults.clone(),
            lost: Vec::new(),
        })
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

/// The parameters of a query, decoded.
fn parameters(query: &str) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(query.as_bytes()).take(MOST_PARAMETERS);
    pairs.map(|(name, value)| (name.into_owned(), value.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests;
