//! Finds all problems of the settings: unknown keys, invalid values, and settings that contradict each other.

use toml::{Table, Value};

use super::error::{Origin, Problem};
use super::layers::{Entry, Layers};
use super::suggest::{absent, nearest, quoted};
use super::{Config, SECRET, reference};
use crate::model::ChannelName;

/// The longest part of a value in an error, in characters.
const MAX_ECHO: usize = 80;

/// The most channels that an error names.
const MAX_NAMED: usize = 5;

/// The settings of all layers, or all problems, including those found before.
pub(super) fn check(layers: &Layers, mut problems: Vec<Problem>) -> Result<Config, Vec<Problem>> {
    let mut values = reference::defaults();
    for (key, entry) in layers.iter() {
        match reference::takes(key) {
            Some(takes) => {
                problems.extend(refused(key, entry, takes));
                reference::insert(&mut values, key, entry.value.clone());
            }
            // `access.mode = "open"` is accepted, because it describes the actual behaviour.
            None if (key, entry.value.as_str()) == ("access.mode", Some("open")) => {}
            None => problems.push(unknown(key, entry)),
        }
    }
    if problems.is_empty() {
        let config = Config::new(values)
            .map_err(|error| vec![Problem::at(&Origin::Default, error.message())])?;
        problems = conflicts(&config, layers);
        if problems.is_empty() {
            return Ok(config);
        }
    }
    problems.sort_by_key(|problem| problem.rank);
    Err(problems)
}

fn unknown(key: &str, Entry { origin, .. }: &Entry) -> Problem {
    let nearest = nearest(key);
    let text = match absent(key) {
        Some(reason) => format!("there is no setting “{key}”: {reason}."),
        None if nearest.is_empty() => {
            format!("there is no setting “{key}”. `feedline config --default` lists all of them.")
        }
        None => format!("there is no setting “{key}”. Did you mean {}?", quoted(&nearest)),
    };
    Problem::at(origin, &text)
}

/// The problem of one setting, tried alone.
fn refused(key: &str, entry: &Entry, takes: &str) -> Option<Problem> {
    let mut values = Table::new();
    reference::insert(&mut values, key, entry.value.clone());
    let error = Config::new(values).err()?;
    // Messages of serde begin in lower case. Those of feedline are sentences, or empty.
    let message = error.message();
    let is_ours = !message.starts_with(|first: char| first.is_ascii_lowercase());
    let detail = if is_ours && !message.is_empty() { format!(" {message}") } else { String::new() };
    let shown = shown(key, &entry.value);
    let text = format!("“{key}” does not take {shown}: it takes {takes}.{detail}");
    Some(Problem::at(&entry.origin, &text))
}

/// A value as shown in an error: on one line, truncated.
///
/// SECURITY: passwords leak into logs through errors -> the value of a URL with user information is not repeated.
fn shown(key: &str, value: &Value) -> String {
    let text = value.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    let has_user = text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    if key == SECRET || has_user {
        return "its value".to_owned();
    }
    if text.chars().count() <= MAX_ECHO {
        return text;
    }
    text.chars().take(MAX_ECHO).chain(['…']).collect()
}

/// Settings that are valid by themselves and contradict each other.
fn conflicts(config: &Config, layers: &Layers) -> Vec<Problem> {
    let mut found = Vec::new();
    let (service, media, web) = (&config.service, &config.media, &config.web);
    for (is_wrong, min, max) in [
        (service.min_ttl > service.max_ttl, "cache.min_ttl", "cache.max_ttl"),
        (media.max_file > media.cache_size, "media.max_file", "media.cache_size"),
    ] {
        if is_wrong {
            let (low, high) = (&config.values[min], &config.values[max]);
            let text = format!("“{min}” is {low}, which is more than “{max}”, {high}");
            found.push(conflict(&text, min, max, layers));
        }
    }
    let mut lists = vec![
        ("channels.allow".to_owned(), &web.allow[..]),
        ("channels.follow".to_owned(), &web.follow),
    ];
    for (name, source) in &web.collections {
        lists.push((format!("collections.{name}.channels"), source.channels()));
    }
    for (key, channels) in &lists {
        let denied = channels.iter().filter(|name| web.deny.contains(name));
        if let Some(names) = listed(denied) {
            let text = format!("“{key}” has channels that are denied: {names}");
            found.push(conflict(&text, key, "channels.deny", layers));
        }
        let unserved =
            channels.iter().filter(|name| !web.allow.is_empty() && !web.allow.contains(name));
        if let Some(names) = listed(unserved) {
            let text = format!("“{key}” has channels that are not allowed: {names}");
            found.push(conflict(&text, key, "channels.allow", layers));
        }
    }
    for (name, collection) in reference::collections(&config.values) {
        let channels = collection.get("channels").and_then(Value::as_array);
        if channels.is_none_or(Vec::is_empty) {
            let text = format!(
                "The collection “{name}” has no channels: give “collections.{name}.channels”."
            );
            found
                .push(Problem { rank: layers.origin(&format!("collections.{name}")).rank(), text });
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

/// The first channel names for a message; `None` if there are none.
fn listed<'a>(channels: impl Iterator<Item = &'a ChannelName>) -> Option<String> {
    let names: Vec<String> = channels.map(|name| format!("@{name}")).collect();
    let first = names.iter().take(MAX_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => None,
        number if number > MAX_NAMED => Some(format!("{first} and {} more", number - MAX_NAMED)),
        _ => Some(first),
    }
}
