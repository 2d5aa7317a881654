//! The file: found, read, and put into the layers with the line of each setting.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::DEFAULT_PATH;
use super::error::Error;
use super::layer::{Layers, Origin};

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

/// Puts a file's settings into the layers.
pub(super) fn fill(layers: &mut Layers, path: &Path, text: &str) -> Result<(), Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let table = DeTable::parse(text).map_err(|error| Error::Syntax {
        path: path.to_owned(),
        line: line(text, error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    let root = toml::de::DeValue::Table(table.into_inner());
    layers.put_with("", &root, &|start| Origin::File {
        path: path.to_owned(),
        line: line(text, start.unwrap_or(0)),
    });
    Ok(())
}

/// The line of a byte, from 1.
fn line(text: &str, byte: usize) -> usize {
    let before = text.as_bytes().get(..byte).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
