//! What the sources set: for each key a value and the place where it was set. A later source replaces an earlier one's value.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize as _;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use toml::{Spanned, Table, Value};

use super::error::{Origin, Problem};
use super::reference;

/// The most syntax errors of a file that are reported.
const MOST_ERRORS: usize = 20;

/// A value, and where it was set.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// All that was set, by `section.key`.
#[derive(Debug, Default)]
pub(super) struct Layers(BTreeMap<String, Entry>);

impl Layers {
    /// Puts in a file's settings; none of them if it is no TOML.
    pub(super) fn put_file(&mut self, path: &Path, text: &str) -> Vec<Problem> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let origin = |byte| Origin::File { path: path.to_owned(), line: line(text, byte) };
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            self.put_table("", table.into_inner(), text, &origin);
        }
        let mut problems: Vec<Problem> = Vec::new();
        for error in errors.iter().take(MOST_ERRORS) {
            let byte = error.span().map_or(0, |span| span.start);
            let origin = origin(byte);
            // Further errors of a line mostly follow from its first one.
            if problems.last().is_none_or(|known| known.rank != origin.rank()) {
                let text = format!("this is not TOML: {}.{}", error.message(), hint(text, byte));
                problems.push(Problem::at(&origin, &text));
            }
        }
        problems
    }

    /// Puts in a value that a shell can write: TOML, or a bare word. For a setting that is a text, `2026` is a text.
    pub(super) fn put_text(&mut self, key: &str, text: &str, origin: &Origin) {
        let is_text = reference::find(key).is_some_and(|setting| setting.default.is_str());
        match DeValue::parse(text) {
            Ok(value) if value.get_ref().is_str() || !is_text => {
                self.put(key, value, text, 0, &|_| origin.clone());
            }
            _ => self.insert(key, Value::String(text.to_owned()), origin.clone()),
        }
    }

    fn put_table(
        &mut self,
        key: &str,
        table: DeTable<'_>,
        text: &str,
        origin: &dyn Fn(usize) -> Origin,
    ) {
        for (name, value) in table {
            let (at, name) = (name.span().start, name.get_ref());
            let path = if key.is_empty() { name.to_string() } else { format!("{key}.{name}") };
            self.put(&path, value, text, at, origin);
        }
    }

    /// A table stands for the settings in it. `at` is the byte where the key begins.
    fn put(
        &mut self,
        key: &str,
        value: Spanned<DeValue<'_>>,
        text: &str,
        at: usize,
        origin: &dyn Fn(usize) -> Origin,
    ) {
        match value.get_ref() {
            // An empty section says nothing. Any other empty table is a mistake that must be reported.
            DeValue::Table(table) if table.is_empty() => {
                if !reference::sections().any(|section| section == key) {
                    self.insert(key, Value::Table(Table::new()), origin(at));
                }
            }
            DeValue::Table(_) => {
                if let DeValue::Table(table) = value.into_inner() {
                    self.put_table(key, table, text, origin);
                }
            }
            _ => {
                // A number beyond 64 bits is beyond all bounds, too. An error shows it as it is written.
                let written = text.get(value.span()).unwrap_or_default().to_owned();
                let value = Value::deserialize(ValueDeserializer::from(value));
                self.insert(key, value.unwrap_or(Value::String(written)), origin(at));
            }
        }
    }

    fn insert(&mut self, key: &str, value: Value, origin: Origin) {
        self.0.insert(key.to_owned(), Entry { value, origin });
    }

    /// Where a setting was set.
    pub(super) fn origin(&self, key: &str) -> Origin {
        self.0.get(key).map_or(Origin::Default, |entry| entry.origin.clone())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().map(|(key, entry)| (key.as_str(), entry))
    }
}

/// What to do about a syntax error: mostly to put a text in quotes. The value is not repeated, it may be a secret.
fn hint(text: &str, byte: usize) -> String {
    let number = line(text, byte);
    let line = text.lines().nth(number - 1).unwrap_or_default();
    let Some((key, value)) = line.split_once('=') else { return String::new() };
    let (key, value) = (key.trim(), value.trim());
    let is_key = !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
    if !is_key || value.starts_with(['"', '\'']) {
        return String::new();
    }
    let before = text.lines().take(number).filter(|line| line.starts_with('['));
    let section = before.last().unwrap_or_default().trim_matches(['[', ']']);
    let full = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
    match reference::find(&full) {
        Some(setting) if setting.default.is_array() => {
            format!(" Write each text of the list in quotes: {key} = [\"…\", \"…\"].")
        }
        Some(setting) if !setting.default.is_str() => format!(" It takes {}.", setting.takes),
        _ => format!(" Write the text in quotes: {key} = \"…\"."),
    }
}

/// The line of a byte, from 1.
fn line(text: &str, byte: usize) -> usize {
    let before = text.as_bytes().get(..byte).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
