//! The table of all settings: each one's key, what it takes, how it is set and how it is printed.
//!
//! A setting is added here, in `config.toml`, and nowhere else in this module; `tests/it/config/` holds the two
//! together.

mod archive;
mod feed;
mod log;
mod media;
mod people;
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
    people::SETTINGS,
    log::SETTINGS,
];

/// One setting.
pub(super) struct Setting {
    /// `section.key`.
    pub(super) key: &'static str,
    /// What it takes, after “it takes”.
    pub(super) takes: &'static str,
    /// Whether it is checked and has no effect yet.
    pub(super) is_later: bool,
    /// Whether its value may hold a secret.
    pub(super) is_secret: bool,
    /// Checks a value and puts it where it belongs.
    pub(super) set: fn(&mut Config, &Given) -> Result<(), Why>,
    /// Its value as TOML, secrets masked.
    pub(super) get: fn(&Config) -> Value,
}

impl Setting {
    const fn new(
        key: &'static str,
        takes: &'static str,
        set: fn(&mut Config, &Given) -> Result<(), Why>,
        get: fn(&Config) -> Value,
    ) -> Self {
        Self { key, takes, is_later: false, is_secret: false, set, get }
    }

    /// The same, without effect yet.
    const fn later(self) -> Self {
        Self { is_later: true, ..self }
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
    let origin = entry.origin.clone();
    Some(Problem::Unknown { origin, key: key.to_owned(), nearest: nearest(key) })
}

/// The setting that was probably meant: the same key in its right section, or one that differs by a slip or two.
fn nearest(key: &str) -> Option<String> {
    let key = key.to_lowercase();
    let last = key.rsplit('.').next().unwrap_or_default();
    if let Some(path) = key.strip_prefix("collections.") {
        let (name, field) = path.split_once('.')?;
        let meant = closest(field, collection::KEYS.into_iter())?;
        return Some(format!("collections.{name}.{meant}"));
    }
    let mut namesakes = keys().filter(|known| known.rsplit('.').next() == Some(last));
    if let (Some(only), None) = (namesakes.next(), namesakes.next()) {
        return Some(only.to_owned());
    }
    let sections = keys().filter_map(|key| key.split_once('.')).map(|(section, _)| section);
    closest(&key, keys().chain(sections).chain([COLLECTIONS])).map(str::to_owned)
}

/// The word that differs from the text by at most a quarter of its letters, and by three at most.
fn closest<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let others = words.filter(|word| *word != text);
    let near = others.map(|word| (strsim::damerau_levenshtein(text, word), word)).min()?;
    let (distance, word) = near;
    (distance <= (word.len() / 4).clamp(1, 3)).then_some(word)
}
