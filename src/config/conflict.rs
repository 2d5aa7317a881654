//! Settings that are right by themselves and wrong together.

use toml::Value;

use super::error::Problem;
use super::get;
use super::layers::Layers;
use super::sections::{Collection, CollectionName, Config};
use crate::model::ChannelName;

/// The most channels that one conflict names.
const MOST_NAMED: usize = 5;

/// All that contradicts itself.
pub(super) fn find(config: &Config, layers: &Layers) -> Vec<Problem> {
    let mut conflicts = Conflicts { config, layers, found: Vec::new() };
    if config.cache.min_ttl > config.cache.max_ttl {
        let (min, max) = (conflicts.shown("cache.min_ttl"), conflicts.shown("cache.max_ttl"));
        let text = format!("The least TTL is {min}, and the greatest {max}");
        conflicts.add(&text, ("Lower", "cache.min_ttl"), ("raise", "cache.max_ttl"));
    }
    if config.media.max_file > config.media.cache_size {
        let (one, all) = (conflicts.shown("media.max_file"), conflicts.shown("media.cache_size"));
        let text = format!("A cached file may have {one}, and the whole cache {all}");
        conflicts.add(&text, ("Lower", "media.max_file"), ("raise", "media.cache_size"));
    }
    conflicts.find_denied("channels.allow", &config.channels.allow, "allowed");
    conflicts.find_unserved("channels.follow", &config.channels.follow, "followed");
    for (name, Collection { channels, .. }) in &config.collections {
        let key = format!("collections.{name}.channels");
        conflicts.find_unserved(&key, channels, "in a collection");
        if channels.is_empty() {
            conflicts.add_empty(name);
        }
    }
    conflicts.found
}

struct Conflicts<'a> {
    config: &'a Config,
    layers: &'a Layers,
    found: Vec<Problem>,
}

impl Conflicts<'_> {
    /// A value as it was set.
    fn shown(&self, key: &str) -> String {
        get(&self.config.values, key).map(Value::to_string).unwrap_or_default()
    }

    fn find_unserved(&mut self, key: &str, channels: &[ChannelName], what: &str) {
        self.find_denied(key, channels, what);
        let allow = &self.config.channels.allow;
        let unserved = channels.iter().filter(|channel| !allow.contains(channel));
        if let Some(names) = named(unserved).filter(|_| !allow.is_empty()) {
            self.add(
                &format!("A channel that is {what} must be allowed, and is not: {names}"),
                ("Take it out of", key),
                ("put it into", "channels.allow"),
            );
        }
    }

    fn find_denied(&mut self, key: &str, channels: &[ChannelName], what: &str) {
        let denied = channels.iter().filter(|channel| self.config.channels.deny.contains(channel));
        if let Some(names) = named(denied) {
            self.add(
                &format!("A channel that is {what} must not be denied, and is: {names}"),
                ("Take it out of", key),
                ("out of", "channels.deny"),
            );
        }
    }

    /// Two settings, and what can be done with each.
    fn add(&mut self, text: &str, (verb, key): (&str, &str), (other_verb, other): (&str, &str)) {
        let (origin, other_origin) = (self.layers.origin(key), self.layers.origin(other));
        let text = format!(
            "{text}. {verb} “{key}” ({origin}), or {other_verb} “{other}” ({other_origin})."
        );
        self.found.push(Problem { rank: origin.rank(), text });
    }

    fn add_empty(&mut self, name: &CollectionName) {
        let text =
            format!("The collection “{name}” has no channels: give “collections.{name}.channels”.");
        let rank = self.layers.origin(&format!("collections.{name}")).rank();
        self.found.push(Problem { rank, text });
    }
}

/// The names of channels that something is wrong with; `None`: there are none.
fn named<'a>(channels: impl Iterator<Item = &'a ChannelName>) -> Option<String> {
    let names: Vec<String> = channels.map(|name| format!("@{name}")).collect();
    let more = match names.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first: Vec<&str> = names.iter().take(MOST_NAMED).map(String::as_str).collect();
    (!names.is_empty()).then(|| format!("{}{more}", first.join(", ")))
}
