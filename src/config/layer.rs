//! Raw settings: a flat list of keys, each with its value and the place where it was set.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use toml::de::DeValue;

use super::setting;
use super::value::Given;

/// Where a setting was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In a file.
    File {
        /// The file, absolute.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// By a variable of the environment.
    Environment(String),
    /// By a flag, such as `--listen` or `--set server.listen`.
    Flag(String),
    /// Nowhere.
    Default,
}

impl Origin {
    /// By which what was set is told in order: as the file has it, then the environment, then flags.
    pub(super) fn rank(&self) -> (u8, usize) {
        match self {
            Self::File { line, .. } => (0, *line),
            Self::Environment(_) => (1, 0),
            Self::Flag(_) => (2, 0),
            Self::Default => (3, 0),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(formatter, "{}, line {line}", path.display()),
            Self::Environment(name) => write!(formatter, "the variable {name}"),
            Self::Flag(flag) => formatter.write_str(flag),
            Self::Default => formatter.write_str("the default"),
        }
    }
}

/// What was set, and where.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) given: Given,
    pub(super) origin: Origin,
}

/// Everything that was set, by `section.key`; what was put in later replaces what was there.
#[derive(Debug, Default)]
pub(super) struct Layers(BTreeMap<String, Entry>);

impl Layers {
    /// Puts in a value. A table stands for the settings in it, whatever the layer it comes from.
    pub(super) fn put(&mut self, key: &str, value: &DeValue<'_>, origin: &Origin) {
        self.put_with(key, value, &|_| origin.clone());
    }

    /// Puts in a text that a shell can write: TOML if it is TOML, else itself.
    pub(super) fn put_text(&mut self, key: &str, text: &str, origin: &Origin) {
        match DeValue::parse(text) {
            Ok(value) if value.get_ref().is_table() => self.put(key, value.get_ref(), origin),
            _ => {
                let entry = Entry { given: Given::from_text(text), origin: origin.clone() };
                self.0.insert(key.to_owned(), entry);
            }
        }
    }

    /// Puts in a value whose parts were set at different places: `origin` tells it from the byte where a part begins.
    pub(super) fn put_with(
        &mut self,
        key: &str,
        value: &DeValue<'_>,
        origin: &dyn Fn(Option<usize>) -> Origin,
    ) {
        let DeValue::Table(table) = value else {
            let entry = Entry { given: Given::from_toml(value), origin: origin(None) };
            self.0.insert(key.to_owned(), entry);
            return;
        };
        // An empty section says nothing; an empty table that is no section is a mistake that must be seen.
        if table.is_empty() && !setting::is_section(key) {
            let entry = Entry { given: Given::from_toml(value), origin: origin(None) };
            self.0.insert(key.to_owned(), entry);
        }
        for (name, value) in table {
            let start = name.span().start;
            let name = name.get_ref();
            let path = if key.is_empty() { name.to_string() } else { format!("{key}.{name}") };
            self.put_with(&path, value.get_ref(), &|inner| origin(inner.or(Some(start))));
        }
    }

    /// Where a setting was set.
    pub(super) fn origin(&self, key: &str) -> Origin {
        self.0.get(key).map_or(Origin::Default, |entry| entry.origin.clone())
    }

    /// Everything, by key.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().map(|(key, entry)| (key.as_str(), entry))
    }
}
