//! The values from all sources by key, each with its origin. A later source replaces the value of an earlier one.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize as _;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use toml::{Spanned, Value};

use super::error::{Origin, Problem};
use super::reference;

/// The most syntax errors that are reported for one file.
const MAX_ERRORS: usize = 20;

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// Values by `section.key`.
#[derive(Debug, Default)]
pub(super) struct Layers(BTreeMap<String, Entry>);

impl Layers {
    /// Adds the settings of a file. If the file has syntax errors, it adds none and reports the errors.
    pub(super) fn put_file(&mut self, path: &Path, text: &str) -> Vec<Problem> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let origin = |byte| Origin::File { path: path.to_owned(), line: line(text, byte) };
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            let table = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
            self.put("", table, text, 0, &origin);
        }
        let mut problems: Vec<Problem> = Vec::new();
        for error in errors.iter().take(MAX_ERRORS) {
            let byte = error.span().map_or(0, |span| span.start);
            let origin = origin(byte);
            // Further errors on a line usually follow from its first one.
            if problems.last().is_none_or(|last| last.rank != origin.rank()) {
                let text = format!("this is not TOML: {}.{}", error.message(), hint(text, byte));
                problems.push(Problem::at(&origin, &text));
            }
        }
        problems
    }

    /// Adds a value from the environment or a flag: TOML, or a bare word. For a string setting, `2026` is a string.
    pub(super) fn put_text(&mut self, key: &str, text: &str, origin: &Origin) {
        let is_text = reference::find(key).is_some_and(|setting| setting.default.is_str());
        match DeValue::parse(text) {
            Ok(value) if value.get_ref().is_str() || !is_text => {
                self.put(key, value, text, 0, &|_| origin.clone());
            }
            _ => self.insert(key, Value::String(text.to_owned()), origin.clone()),
        }
    }

    /// Adds a value, or each value of a table. `at` is the byte offset of the key.
    fn put(
        &mut self,
        key: &str,
        value: Spanned<DeValue<'_>>,
        text: &str,
        at: usize,
        origin: &dyn Fn(usize) -> Origin,
    ) {
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) if !table.is_empty() => {
                for (name, value) in table {
                    let (at, name) = (name.span().start, name.get_ref());
                    let key =
                        if key.is_empty() { name.to_string() } else { format!("{key}.{name}") };
                    self.put(&key, value, text, at, origin);
                }
            }
            // An empty section has no effect. Any other empty table is a mistake and must be reported.
            DeValue::Table(_)
                if key.is_empty() || reference::sections().any(|section| section == key) => {}
            value => {
                // Integers beyond 64 bits are out of bounds for every setting. As text, the error shows them as
                // written.
                let written = text.get(span.clone()).unwrap_or_default().to_owned();
                let value = Value::deserialize(ValueDeserializer::from(Spanned::new(span, value)));
                self.insert(key, value.unwrap_or(Value::String(written)), origin(at));
            }
        }
    }

    fn insert(&mut self, key: &str, value: Value, origin: Origin) {
        self.0.insert(key.to_owned(), Entry { value, origin });
    }

    pub(super) fn origin(&self, key: &str) -> Origin {
        self.0.get(key).map_or(Origin::Default, |entry| entry.origin.clone())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().map(|(key, entry)| (key.as_str(), entry))
    }
}

/// A fix for a syntax error, usually to quote a string. The value may be a secret and is not repeated.
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

/// The line number of a byte offset, from 1.
fn line(text: &str, byte: usize) -> usize {
    let before = text.as_bytes().get(..byte).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
