//! The file: found, read, and put into the layers with the line of each setting.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::Value;
use toml::de::DeTable;

use super::error::{Error, Problem};
use super::layer::{Layers, Origin};
use super::{Config, DEFAULT_PATH, setting};

/// The most errors of a file that are reported.
const MOST_ERRORS: usize = 20;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The file's absolute path, and its folder, from which relative paths start.
pub(super) fn locate(named: Option<&Path>) -> Result<(PathBuf, PathBuf), Error> {
    let path = named.unwrap_or(Path::new(DEFAULT_PATH));
    let absolute = std::path::absolute(path)
        .map_err(|cause| Error::Unreadable { path: path.to_owned(), cause })?;
    let folder = absolute.parent().unwrap_or(Path::new("/")).to_owned();
    Ok((absolute, folder))
}

/// The file's text. One that is not there is `None`, unless the operator named it.
#[expect(clippy::disallowed_methods, reason = "the configuration's file is read here, once")]
pub(super) fn read(path: &Path, must_exist: bool) -> Result<Option<String>, Error> {
    let unreadable = |cause| Error::Unreadable { path: path.to_owned(), cause };
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > LARGEST => {
            return Err(Error::TooLarge { path: path.to_owned() });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => return Ok(None),
        _ => {}
    }
    fs::read_to_string(path).map(Some).map_err(unreadable)
}

/// Puts a file's settings into the layers; none of them if it is no TOML.
pub(super) fn fill(layers: &mut Layers, path: &Path, text: &str) -> Vec<Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let origin = |byte| Origin::File { path: path.to_owned(), line: line(text, byte) };
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let root = toml::de::DeValue::Table(table.into_inner());
        layers.put_with("", &root, &|start| origin(start.unwrap_or(0)));
    }
    let mut problems: Vec<Problem> = Vec::new();
    for error in errors.iter().take(MOST_ERRORS) {
        let byte = error.span().map_or(0, |span| span.start);
        let origin = origin(byte);
        // Further errors of one line mostly follow from its first one.
        if !problems.iter().any(|known| known.rank() == origin.rank()) {
            let message = error.message().to_owned();
            problems.push(Problem::Syntax { origin, message, hint: hint(text, byte) });
        }
    }
    problems
}

/// What to do about an error: mostly to put a text in quotes. The value itself is not repeated, it may be a secret.
fn hint(text: &str, byte: usize) -> String {
    let number = line(text, byte);
    let Some((key, value)) = text.lines().nth(number - 1).and_then(|line| line.split_once('='))
    else {
        return String::new();
    };
    let (key, value) = (key.trim(), value.trim());
    let is_key = !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
    if !is_key || value.starts_with(['"', '\'']) {
        return String::new();
    }
    let before = text.lines().take(number).filter(|line| line.starts_with('['));
    let section = before.last().unwrap_or_default().trim_matches(['[', ']']);
    let full = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
    let setting = setting::all().find(|setting| setting.key == full);
    match setting.map(|setting| ((setting.get)(&Config::default()), setting.takes)) {
        Some((Value::Array(_), _)) => {
            format!(" Write each text of the list in quotes: {key} = [\"…\", \"…\"].")
        }
        Some((Value::String(_), _)) | None => format!(" Write the text in quotes: {key} = \"…\"."),
        Some((_, takes)) => format!(" It takes {takes}."),
    }
}

/// The line of a byte, from 1.
fn line(text: &str, byte: usize) -> usize {
    let before = text.as_bytes().get(..byte).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
