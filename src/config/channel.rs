//! `[channels]`: which channels are followed, and which may be asked for.

use super::error::Why;
use super::value::Given;
use crate::model::{ChannelName, Target};

/// The longest part of a name that an error repeats, in characters.
const LONGEST_ECHO: usize = 80;

/// Which channels are followed, and which may be asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channels {
    /// Kept fresh, and shown on the start page; in the order of the file, each once.
    pub follow: Vec<ChannelName>,
    /// The only ones that may be asked for; empty: all.
    pub allow: Vec<ChannelName>,
    /// Those that may not be asked for, allowed or not.
    pub deny: Vec<ChannelName>,
}

impl Channels {
    /// Whether a channel may be asked for.
    pub fn allows(&self, channel: &ChannelName) -> bool {
        !self.deny.contains(channel) && (self.allow.is_empty() || self.allow.contains(channel))
    }
}

/// One channel, in any form in which people write it.
pub(super) fn parse(text: &str) -> Result<ChannelName, Why> {
    Target::parse(text).map(|target| target.channel).map_err(|reason| Why::Channel {
        text: crate::text::clean(text).chars().take(LONGEST_ECHO).collect(),
        reason,
    })
}

/// Several channels, `most` of them at most, each once.
pub(super) fn parse_list(given: &Given, most: usize) -> Result<Vec<ChannelName>, Why> {
    let mut seen = std::collections::HashSet::new();
    let mut channels = Vec::new();
    for text in given.texts(most)? {
        let channel = parse(text)?;
        if seen.insert(channel.clone()) {
            channels.push(channel);
        }
    }
    Ok(channels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_stays_denied_even_if_allowed() {
        let names = |names: &[&str]| -> Vec<ChannelName> {
            names.iter().map(|name| ChannelName::parse(name).unwrap()).collect()
        };
        let [tea, sea] = [ChannelName::parse("TEA").unwrap(), ChannelName::parse("sea").unwrap()];
        let open = Channels::default();
        assert!(open.allows(&tea) && open.allows(&sea));
        let some = Channels { allow: names(&["tea"]), ..Channels::default() };
        assert!(some.allows(&tea) && !some.allows(&sea));
        let denied = Channels { deny: names(&["tea"]), ..some };
        assert!(!denied.allows(&tea) && !denied.allows(&sea));
    }
}
