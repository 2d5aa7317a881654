//! The effective settings as TOML.

use std::fmt::Write as _;
use std::time::Duration;

use bytesize::ByteSize;
use toml::Value;

use super::{Config, setting};

/// Units of time that the file uses, the largest first.
const TIMES: [(u64, &str); 4] = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "m"), (1, "s")];

/// Units of size that the file uses, the largest first.
const SIZES: [(u64, &str); 4] =
    [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];

/// What stands in the place of a secret.
pub(super) const MASK: char = '…';

/// Every setting at its effective value, as a file that can be loaded again. A setting with a secret in it is a comment:
/// with the secret masked it would be taken for the real one.
pub fn print(config: &Config) -> String {
    let mut text = match &config.file {
        Some(path) => format!("# The settings in force; the file is {}\n", path.display()),
        None => "# The settings in force; there is no file\n".to_owned(),
    };
    let mut current = "";
    for setting in setting::all() {
        let (section, key) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if section != current {
            let _ = write!(text, "\n[{section}]\n");
            current = section;
        }
        let value = (setting.get)(config).to_string();
        if setting.is_secret && value.contains(MASK) {
            let _ = writeln!(
                text,
                "# Set it again here: passwords are not printed.\n# {key} = {value}"
            );
        } else {
            let _ = writeln!(text, "{key} = {value}");
        }
    }
    for (name, collection) in &config.collections {
        let _ = write!(text, "\n[collections.{name}]\n");
        let title = collection.title.as_deref().unwrap_or_default();
        let _ = writeln!(text, "title = {}", Value::from(title));
        let _ = writeln!(text, "channels = {}", list(&collection.channels));
    }
    text
}

/// A time as the file writes it: `5m`, `90s`.
pub(super) fn duration(duration: Duration) -> Value {
    let seconds = duration.as_secs();
    if duration.subsec_nanos() != 0 || seconds == 0 {
        return Value::String(humantime::format_duration(duration).to_string());
    }
    let unit = TIMES.iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    let (unit, name) = unit.copied().unwrap_or((1, "s"));
    Value::String(format!("{}{name}", seconds / unit))
}

/// A size as the file writes it: `64MiB`, `1000B`.
pub(super) fn size(size: ByteSize) -> Value {
    let bytes = size.as_u64();
    let unit = SIZES.iter().find(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit));
    let (unit, name) = unit.copied().unwrap_or((1, "B"));
    Value::String(format!("{}{name}", bytes / unit))
}

/// A list of texts.
pub(super) fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> Value {
    Value::Array(items.into_iter().map(|item| Value::String(item.to_string())).collect())
}
