//! Settings that are right by themselves and wrong together.

use super::error::{Problem, Remedy};
use super::layer::Layers;
use super::{Config, print};
use crate::model::ChannelName;

/// The most channels that one conflict names.
const MOST_NAMED: usize = 5;

/// All that contradicts itself.
pub(super) fn find(config: &Config, layers: &Layers) -> Vec<Problem> {
    let mut conflicts = Conflicts { layers, found: Vec::new() };
    conflicts.find_bounds(config);
    conflicts.find_channels(config);
    let empty = config.collections.iter().filter(|(_, collection)| collection.channels.is_empty());
    let empty = empty.map(|(name, _)| Problem::EmptyCollection { name: name.to_string() });
    conflicts.found.extend(empty);
    conflicts.found
}

struct Conflicts<'a> {
    layers: &'a Layers,
    found: Vec<Problem>,
}

impl Conflicts<'_> {
    /// Two bounds, the lower above the upper.
    fn find_bounds(&mut self, config: &Config) {
        let (shortest, longest) = (config.service.min_ttl, config.service.max_ttl);
        if shortest > longest {
            let (shortest, longest) = (print::duration(shortest), print::duration(longest));
            self.add(
                format!("Posts are fresh for {shortest} at least and for {longest} at most"),
                ("Lower", "cache.min_age"),
                ("raise", "cache.max_age"),
            );
        }
        let (one, all) = (config.media.max_file, config.media.cache_size);
        if one > all {
            let (one, all) = (print::size(one), print::size(all));
            self.add(
                format!("A kept file may take {one}, and all of them together {all}"),
                ("Lower", "media.max_file"),
                ("raise", "media.cache_size"),
            );
        }
    }

    /// What is allowed, followed or in a collection is served.
    fn find_channels(&mut self, config: &Config) {
        self.find_denied(config, "channels.allow", &config.channels.allow, "is allowed");
        self.find_unserved(config, "channels.follow", &config.channels.follow, "is followed");
        for (name, collection) in &config.collections {
            let key = format!("collections.{name}.channels");
            self.find_unserved(config, &key, &collection.channels, "is in a collection");
        }
    }

    fn find_unserved(&mut self, config: &Config, key: &str, channels: &[ChannelName], what: &str) {
        self.find_denied(config, key, channels, what);
        let allow = &config.channels.allow;
        if allow.is_empty() {
            return;
        }
        if let Some(names) = named(channels, |channel| !allow.contains(channel)) {
            self.add(
                format!("What {what} must be among what is allowed, and is not: {names}"),
                ("Take that out of", key),
                ("put it into", "channels.allow"),
            );
        }
    }

    fn find_denied(&mut self, config: &Config, key: &str, channels: &[ChannelName], what: &str) {
        let deny = &config.channels.deny;
        if let Some(names) = named(channels, |channel| deny.contains(channel)) {
            self.add(
                format!("What {what} must not be denied, and is: {names}"),
                ("Take that out of", key),
                ("out of", "channels.deny"),
            );
        }
    }

    fn add(
        &mut self,
        text: String,
        (verb, key): (&'static str, &str),
        (other_verb, other_key): (&'static str, &str),
    ) {
        let remedy =
            |verb, key: &str| Remedy { verb, key: key.to_owned(), origin: self.layers.origin(key) };
        let (one, other) = (remedy(verb, key), remedy(other_verb, other_key));
        self.found.push(Problem::Conflict { text, one, other });
    }
}

/// The names of those channels that something is wrong with; `None`: there are none.
fn named(channels: &[ChannelName], is_wrong: impl Fn(&ChannelName) -> bool) -> Option<String> {
    let wrong: Vec<&ChannelName> = channels.iter().filter(|channel| is_wrong(channel)).collect();
    let names: Vec<String> = wrong.iter().take(MOST_NAMED).map(|name| format!("@{name}")).collect();
    let more = match wrong.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!wrong.is_empty()).then(|| format!("{}{more}", names.join(", ")))
}
