//! The table of all settings: each one's key, what it takes, how it is set and how it is printed.
//!
//! A setting is added here, in `config.toml`, and nowhere else in this module; `tests/it/cli/config/` holds the two
//! together. A setting comes with its feature: until then its name is in [`ABSENT`].

mod archive;
mod channels;
mod feed;
mod log;
mod media;
mod server;
mod upstream;

use toml::Value;

use super::Config;
use super::collection;
use super::error::{Problem, Why};
use super::layer::{Entry, Layers};
use super::value::Given;

/// The section whose keys have three parts.
const COLLECTIONS: &str = "collections";

/// All settings, by section, in the order of `config.toml`.
const SECTIONS: [&[Setting]; 7] = [
    server::SETTINGS,
    upstream::SETTINGS,
    archive::SETTINGS,
    feed::SETTINGS,
    media::SETTINGS,
    channels::SETTINGS,
    log::SETTINGS,
];

/// Settings whose feature does not exist yet, and former ones, with what is said about them. A name without a dot is a whole
/// section.
const ABSENT: [(&str, &str); 4] = [
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
];

/// The one value of a section in [`ABSENT`] that says what is so: everybody may read.
const OPEN: (&str, &str) = ("access.mode", "open");

/// Words for the address to listen on that other programs use.
const LISTEN: [&str; 5] = ["port", "host", "bind", "addr", "address"];

/// One setting.
pub(super) struct Setting {
    /// `section.key`.
    pub(super) key: &'static str,
    /// What it takes, after “it takes”.
    pub(super) takes: &'static str,
    /// Whether its value may hold a secret.
    pub(super) is_secret: bool,
    /// Checks a value and puts it where it belongs.
    pub(super) set: fn(&mut Config, &Given) -> Result<(), Why>,
    /// Its value as TOML, secrets as [`MASK`](super::print::MASK).
    pub(super) get: fn(&Config) -> Value,
}

impl Setting {
    const fn new(
        key: &'static str,
        takes: &'static str,
        set: fn(&mut Config, &Given) -> Result<(), Why>,
        get: fn(&Config) -> Value,
    ) -> Self {
        Self { key, takes, is_secret: false, set, get }
    }

    /// The same, with a value that no error repeats.
    const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }
}

/// All settings, in the order of `config.toml`.
pub(super) fn all() -> impl Iterator<Item = &'static Setting> {
    SECTIONS.into_iter().flatten()
}

/// The keys of all settings.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    all().map(|setting| setting.key)
}

/// Whether this is the name of a section of settings (of the whole file, too).
pub(super) fn is_section(name: &str) -> bool {
    name.is_empty()
        || name == COLLECTIONS
        || keys().any(|key| key.split_once('.').is_some_and(|(section, _)| section == name))
}

/// Whether a key is known: as a setting, as one of a collection, or as one that is absent.
pub(super) fn exists(key: &str) -> bool {
    let in_collection = || {
        let path = key.strip_prefix(COLLECTIONS)?.strip_prefix('.')?;
        let (_, field) = path.split_once('.').unwrap_or((path, ""));
        collection::takes(field)
    };
    keys().any(|known| known == key) || in_collection().is_some() || absent(key).is_some()
}

/// Why there is no such setting, when that is known.
fn absent(key: &str) -> Option<&'static str> {
    let key = key.to_ascii_lowercase();
    let (section, _) = key.split_once('.').unwrap_or((&key, ""));
    let found = ABSENT.iter().find(|(name, _)| *name == key || *name == section);
    found.map(|(_, reason)| *reason)
}

/// Puts everything that was set into the config, and tells what could not be.
pub(super) fn apply(config: &mut Config, layers: &Layers) -> Vec<Problem> {
    layers.iter().filter_map(|(key, entry)| apply_one(config, key, entry)).collect()
}

/// Puts one value into the config; `None` when all is well.
fn apply_one(config: &mut Config, key: &str, entry: &Entry) -> Option<Problem> {
    let refused = |takes, is_secret: bool, why| Problem::Value {
        origin: entry.origin.clone(),
        key: key.to_owned(),
        value: (!is_secret).then(|| entry.given.shown()),
        takes,
        why,
    };
    if let Some(setting) = all().find(|setting| setting.key == key) {
        let why = (setting.set)(config, &entry.given).err()?;
        return Some(refused(setting.takes, setting.is_secret, why));
    }
    if let Some(path) = key.strip_prefix(COLLECTIONS).and_then(|rest| rest.strip_prefix('.')) {
        let (name, field) = path.split_once('.').unwrap_or((path, ""));
        if let Some(takes) = collection::takes(field) {
            let why = collection::set(config, name, field, &entry.given).err()?;
            return Some(refused(takes, false, why));
        }
    }
    if (key, entry.given.text()) == (OPEN.0, Ok(OPEN.1)) {
        return None;
    }
    let (origin, key) = (entry.origin.clone(), key.to_owned());
    Some(match absent(&key) {
        Some(reason) => Problem::Absent { origin, key, reason },
        None => Problem::Unknown { nearest: nearest(&key), origin, key },
    })
}

/// The settings that were probably meant: one that differs by a slip or two, or those with the same last word.
pub(super) fn nearest(key: &str) -> Vec<String> {
    let key = key.to_lowercase();
    if let Some((name, field)) =
        key.strip_prefix("collections.").and_then(|path| path.split_once('.'))
    {
        let meant = closest(field, collection::KEYS.into_iter());
        return meant.map(|meant| format!("collections.{name}.{meant}")).into_iter().collect();
    }
    let (_, last) = key.rsplit_once('.').unwrap_or(("", &key));
    let found = namesakes(last);
    if found.len() == 1 {
        return found;
    }
    let sections = keys().filter_map(|key| key.split_once('.')).map(|(section, _)| section);
    match closest(&key, keys().chain(sections).chain([COLLECTIONS])) {
        Some(near) => vec![near.to_owned()],
        None => found,
    }
}

/// The settings whose last word is this one, or else one that is spelt much like it.
pub(super) fn namesakes(word: &str) -> Vec<String> {
    let last = |key: &&'static str| key.split_once('.').map_or(*key, |(_, last)| last);
    let with = |word: &str| -> Vec<String> {
        keys().filter(|key| last(key) == word).map(str::to_owned).collect()
    };
    let found = with(word);
    if !found.is_empty() {
        return found;
    }
    if LISTEN.contains(&word) {
        return vec!["server.listen".to_owned()];
    }
    // A whole name that lacks its second underscore comes before a last word.
    let joined: Vec<(String, &str)> = keys().map(|key| (key.replace('.', "_"), key)).collect();
    if let Some(near) = closest(word, joined.iter().map(|(name, _)| name.as_str())) {
        return joined
            .iter()
            .filter(|(name, _)| name == near)
            .map(|(_, key)| (*key).to_owned())
            .collect();
    }
    closest(word, keys().map(|key| last(&key))).map(with).unwrap_or_default()
}

/// The word that differs from the text by at most a quarter of its letters, and by three at most.
fn closest<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let others = words.filter(|word| *word != text);
    let near = others.map(|word| (strsim::damerau_levenshtein(text, word), word)).min()?;
    let (distance, word) = near;
    (distance <= (word.len() / 4).clamp(1, 3)).then_some(word)
}
