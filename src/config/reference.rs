//! `config.toml` as the reference of all settings: names, accepted values and defaults.
//!
//! The shipped file has one paragraph for a few settings each: help text, then lines of the form `#key = default  #
//! accepted values`. `docs/configuration.md` is generated from it.

use std::fmt::Write as _;
use std::sync::LazyLock;

use toml::{Table, Value};

/// The file that ships with feedline: all settings at their defaults, commented out.
pub const DEFAULT_FILE: &str = include_str!("../../config.toml");

/// The section of collections, whose names are user-defined.
const COLLECTIONS: &str = "collections";

/// The section of collections in the reference.
const ANY_COLLECTION: &str = "collections.<name>";

/// The reference of one setting.
pub(super) struct Setting {
    /// `section.key`, or `collections.<name>.key`.
    pub(super) key: String,
    pub(super) takes: &'static str,
    /// The default as written in the file; for a key of a collection, an example.
    written: &'static str,
    pub(super) default: Value,
}

struct Paragraph {
    section: &'static str,
    help: Vec<&'static str>,
    settings: Vec<Setting>,
}

static PARAGRAPHS: LazyLock<Vec<Paragraph>> = LazyLock::new(read);

fn read() -> Vec<Paragraph> {
    let mut section = "";
    let mut paragraphs = Vec::new();
    for text in DEFAULT_FILE.split("\n\n") {
        let (mut help, mut settings) = (Vec::new(), Vec::new());
        for line in text.lines() {
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']');
            } else if line.starts_with("# [") {
                section = ANY_COLLECTION;
            } else if let Some(setting) = setting(section, line) {
                settings.push(setting);
            } else {
                help.push(line.trim_start_matches("# ").trim_end_matches('#'));
            }
        }
        paragraphs.push(Paragraph { section, help, settings });
    }
    paragraphs
}

fn setting(section: &str, line: &'static str) -> Option<Setting> {
    let prefix = if section == ANY_COLLECTION { "# " } else { "#" };
    let (key, rest) = line.strip_prefix(prefix)?.split_once(" = ")?;
    let (written, takes) = rest.split_once("  # ")?;
    let default = written.parse().ok()?;
    Some(Setting { key: format!("{section}.{key}"), takes, written, default })
}

fn all() -> impl Iterator<Item = &'static Setting> {
    PARAGRAPHS.iter().flat_map(|paragraph| &paragraph.settings)
}

/// The keys of all settings, except those of collections.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    all().map(|setting| setting.key.as_str()).filter(|key| !key.starts_with(ANY_COLLECTION))
}

pub(super) fn collection_keys() -> impl Iterator<Item = &'static str> {
    all().filter_map(|setting| setting.key.strip_prefix(ANY_COLLECTION)?.strip_prefix('.'))
}

/// All section names, including `collections`.
pub(super) fn sections() -> impl Iterator<Item = &'static str> {
    keys().filter_map(|key| key.split('.').next()).chain([COLLECTIONS])
}

/// The name of the collection that a key belongs to, and the rest of the key, if there is one.
pub(super) fn in_collection(key: &str) -> Option<(&str, Option<&str>)> {
    let rest = key.strip_prefix(COLLECTIONS)?.strip_prefix('.')?;
    Some(rest.split_once('.').map_or((rest, None), |(name, field)| (name, Some(field))))
}

/// The setting of a key. In the key of a collection, the name matches `<name>`.
pub(super) fn find(key: &str) -> Option<&'static Setting> {
    let key = match in_collection(key) {
        Some((_, Some(field))) => format!("{ANY_COLLECTION}.{field}"),
        _ => key.to_owned(),
    };
    all().find(|setting| setting.key == key)
}

/// The description of a setting's values; `None` if the setting does not exist.
pub(super) fn takes(key: &str) -> Option<&'static str> {
    match in_collection(key) {
        Some((_, None)) => Some("title and channels"),
        _ => find(key).map(|setting| setting.takes),
    }
}

pub(super) fn defaults() -> Table {
    let settings = all().filter(|setting| !setting.key.starts_with(COLLECTIONS));
    settings.map(|setting| (setting.key.clone(), setting.default.clone())).collect()
}

/// Adds a setting to a table of all keys. The settings of collections are in a table for each, below `collections`.
pub(super) fn insert(values: &mut Table, key: &str, value: Value) {
    let Some((name, field)) = in_collection(key) else {
        values.insert(key.to_owned(), value);
        return;
    };
    let empty = || Value::Table(Table::new());
    let collections = values.entry(COLLECTIONS).or_insert_with(empty).as_table_mut();
    let Some(collections) = collections else { return };
    match field {
        None => drop(collections.insert(name.to_owned(), value)),
        Some(field) => {
            let collection = collections.entry(name).or_insert_with(empty);
            if let Value::Table(collection) = collection {
                collection.insert(field.to_owned(), value);
            }
        }
    }
}

/// The collections of a table of all keys.
pub(super) fn collections(values: &Table) -> impl Iterator<Item = (&str, &Table)> {
    let collections = values.get(COLLECTIONS).and_then(Value::as_table);
    let all = collections.into_iter().flatten();
    all.filter_map(|(name, collection)| Some((name.as_str(), collection.as_table()?)))
}

/// The reference as Markdown: `docs/configuration.md`.
pub fn markdown() -> String {
    let mut page =
        "# Settings\n\n<!-- Written by `feedline config --markdown` from config.toml. -->\n"
            .to_owned();
    let mut section = "";
    for paragraph in &*PARAGRAPHS {
        if paragraph.section != section {
            section = paragraph.section;
            let _ = write!(page, "\n## `[{section}]`\n");
        }
        // The introduction has indented lines, so its line breaks stay.
        let separator = if section.is_empty() { "\n" } else { " " };
        let _ = write!(page, "\n{}\n", paragraph.help.join(separator));
        if paragraph.settings.is_empty() {
            continue;
        }
        let value = if section == ANY_COLLECTION { "example" } else { "default" };
        let _ = write!(page, "\n| setting | takes | {value} |\n|---|---|---|\n");
        for Setting { key, takes, written, .. } in &paragraph.settings {
            let _ = writeln!(page, "| `{key}` | {takes} | `{written}` |");
        }
    }
    page
}
