//! Suggestions for misspelt settings, and the reasons for settings that no longer exist or do not exist yet.

use super::reference::{collection_keys, in_collection, keys, sections};
use crate::setting::closest;

/// Former settings, and those of planned features. A name without a dot is a whole section.
const ABSENT: [(&str, &str); 7] = [
    (
        "access",
        "access keys do not exist yet, and everybody who reaches the server can read it. Remove the setting, and keep \
         the server behind a proxy that asks for a password",
    ),
    ("websub", "the WebSub hub does not exist yet. Remove the setting"),
    ("metrics", "metrics do not exist yet. Remove the setting"),
    (
        "limits.per_client",
        "“limits.new_fetches” and “limits.new_fetch_interval” limit what one client may ask Telegram for",
    ),
    ("cache.min_age", "it is called “cache.min_ttl” now"),
    ("cache.max_age", "it is called “cache.max_ttl” now"),
    ("cache.patience", "it is called “cache.refresh_timeout” now"),
];

/// Names that other programs use for the listen address.
const LISTEN: [&str; 5] = ["port", "host", "bind", "addr", "address"];

/// The reason why a setting does not exist, if known.
pub(super) fn absent(key: &str) -> Option<&'static str> {
    let key = key.to_ascii_lowercase();
    let (section, _) = key.split_once('.').unwrap_or((&key, ""));
    let found = ABSENT.iter().find(|(name, _)| *name == key || *name == section);
    found.map(|(_, reason)| *reason)
}

/// The settings that a key probably means: the one with the same words, those with the same last word, or one within a
/// few letters. A dot may be written as an underscore, and the section may be missing.
pub(super) fn nearest(key: &str) -> Vec<String> {
    let key = key.to_lowercase();
    if let Some((name, Some(field))) = in_collection(&key) {
        let meant = closest(field, collection_keys());
        return meant.map(|meant| format!("collections.{name}.{meant}")).into_iter().collect();
    }
    let words: Vec<&str> = key.split(['_', '.']).filter(|word| !word.is_empty()).collect();
    let without_section = words.get(1..).unwrap_or_default().join("_");
    let words = words.join("_");
    if let Some(key) = keys().find(|key| joined(key) == words) {
        return vec![key.to_owned()];
    }
    let found = [with_last_word(&words), with_last_word(&without_section)].concat();
    if found.len() == 1 {
        return found;
    }
    let names: Vec<String> = keys().chain(sections()).map(joined).collect();
    if let Some(near) = closest(&words, names.iter().map(String::as_str)) {
        let mut all = keys().chain(sections());
        return all.find(|name| joined(name) == near).map(str::to_owned).into_iter().collect();
    }
    if !found.is_empty() {
        return found;
    }
    let near = [&words, &without_section]
        .into_iter()
        .find_map(|words| closest(words, keys().map(last_word)));
    near.map(with_last_word).unwrap_or_default()
}

/// The same for the name of a variable without its prefix. Returns names of variables.
pub(super) fn nearest_variables(rest: &str) -> Vec<String> {
    let key = rest.trim_matches('_').replace("__", ".");
    let settings = nearest(&key).into_iter().filter(|key| key.contains('.'));
    settings
        .map(|key| format!("FEEDLINE_{}", key.replace('.', "__").to_ascii_uppercase()))
        .collect()
}

/// The settings whose last word is this one, or `listen` for one of its synonyms.
fn with_last_word(word: &str) -> Vec<String> {
    let word = if LISTEN.contains(&word) { "listen" } else { word };
    keys().filter(|key| last_word(key) == word).map(str::to_owned).collect()
}

fn last_word(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

fn joined(key: &str) -> String {
    key.replace('.', "_")
}

/// The names in quotes, joined by “or”.
pub(super) fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join(" or ")
}
