//! Conflicts: settings that are valid by themselves and contradict each other.

use toml::Value;

use super::error::Problem;
use super::get;
use super::layers::Layers;
use super::sections::Config;
use crate::model::ChannelName;

/// The most channels that one message names.
const MOST_NAMED: usize = 5;

pub(super) fn find(config: &Config, layers: &Layers) -> Vec<Problem> {
    let mut found = Vec::new();
    let shown = |key: &str| get(&config.values, key).map(Value::to_string).unwrap_or_default();
    for (is_wrong, least, most) in [
        (config.cache.min_ttl > config.cache.max_ttl, "cache.min_ttl", "cache.max_ttl"),
        (config.media.max_file > config.media.cache_size, "media.max_file", "media.cache_size"),
    ] {
        if is_wrong {
            let (low, high) = (shown(least), shown(most));
            let text = format!("“{least}” is {low}, which is more than “{most}”, {high}");
            found.push(conflict(&text, least, most, layers));
        }
    }
    let (allow, deny) = (&config.channels.allow, &config.channels.deny);
    let mut lists = vec![
        ("channels.allow".to_owned(), allow),
        ("channels.follow".to_owned(), &config.channels.follow),
    ];
    for (name, collection) in &config.collections {
        lists.push((format!("collections.{name}.channels"), &collection.channels));
        if collection.channels.is_empty() {
            let text = format!(
                "The collection “{name}” has no channels: give “collections.{name}.channels”."
            );
            let rank = layers.origin(&format!("collections.{name}")).rank();
            found.push(Problem { rank, text });
        }
    }
    for (key, channels) in &lists {
        if let Some(names) = named(channels.iter().filter(|name| deny.contains(name))) {
            let text = format!("“{key}” has channels that are denied: {names}");
            found.push(conflict(&text, key, "channels.deny", layers));
        }
        let unserved = channels.iter().filter(|name| !allow.is_empty() && !allow.contains(name));
        if let Some(names) = named(unserved) {
            let text = format!("“{key}” has channels that are not allowed: {names}");
            found.push(conflict(&text, key, "channels.allow", layers));
        }
    }
    found
}

/// Reports two settings, one of which has to change.
fn conflict(text: &str, key: &str, other: &str, layers: &Layers) -> Problem {
    let (origin, other_origin) = (layers.origin(key), layers.origin(other));
    let text = format!("{text}. Change “{key}” ({origin}) or “{other}” ({other_origin}).");
    Problem { rank: origin.rank(), text }
}

/// A list of the first channel names for a message; `None` if there are none.
fn named<'a>(channels: impl Iterator<Item = &'a ChannelName>) -> Option<String> {
    let names: Vec<String> = channels.map(|name| format!("@{name}")).collect();
    let more = match names.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first: Vec<&str> = names.iter().take(MOST_NAMED).map(String::as_str).collect();
    (!names.is_empty()).then(|| format!("{}{more}", first.join(", ")))
}
