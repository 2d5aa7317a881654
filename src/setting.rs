//! How `config.toml` writes numbers, times, sizes and lists.
//!
//! Each module declares its settings in a struct whose fields name their keys: `#[serde(rename = "cache.memory")]`. The
//! functions here deserialise one value and check its bounds, which `config.toml` documents. `config` reports an
//! error together with that documentation, so the error itself is empty, or a sentence that adds detail.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use bytesize::ByteSize;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

pub(crate) const SECOND: u64 = 1000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

pub(crate) const KIB: u64 = 1 << 10;
pub(crate) const MIB: u64 = 1 << 20;
pub(crate) const GIB: u64 = 1 << 30;
pub(crate) const TIB: u64 = 1 << 40;

/// The replacement of a password in printed settings.
pub(crate) const MASK: &str = "…";

/// The longest text, in bytes.
const MAX_TEXT: usize = 4096;

/// An integer within inclusive bounds.
pub(crate) fn whole<'de, D, T, const MIN: i64, const MAX: i64>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    let number = i64::deserialize(from)?;
    let number = Some(number).filter(|number| (MIN..=MAX).contains(number));
    number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| D::Error::custom(""))
}

/// A duration such as `5m`; the bounds are in milliseconds.
pub(crate) fn time<'de, D, const MIN: u64, const MAX: u64>(from: D) -> Result<Duration, D::Error>
where
    D: Deserializer<'de>,
{
    parsed(from, |text| parse_time(text, MIN, MAX))
}

/// The same, or the empty string.
pub(crate) fn optional_time<'de, D, const MIN: u64, const MAX: u64>(
    from: D,
) -> Result<Option<Duration>, D::Error>
where
    D: Deserializer<'de>,
{
    optional(from, |text| parse_time(text, MIN, MAX))
}

fn parse_time(text: &str, min: u64, max: u64) -> Result<Duration, &'static str> {
    let bounds = Duration::from_millis(min)..=Duration::from_millis(max);
    humantime::parse_duration(text).ok().filter(|time| bounds.contains(time)).ok_or("")
}

/// A size such as `64MiB`, or a number of bytes; the bounds are in bytes.
pub(crate) fn size<'de, D, const MIN: u64, const MAX: u64>(from: D) -> Result<ByteSize, D::Error>
where
    D: Deserializer<'de>,
{
    optional_size::<_, MIN, MAX>(from)?.ok_or_else(|| D::Error::custom(""))
}

/// The same, or the empty string.
pub(crate) fn optional_size<'de, D, const MIN: u64, const MAX: u64>(
    from: D,
) -> Result<Option<ByteSize>, D::Error>
where
    D: Deserializer<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Size {
        Bytes(u64),
        Text(String),
    }
    let size = match Size::deserialize(from)? {
        Size::Bytes(bytes) => Some(ByteSize::b(bytes)),
        Size::Text(text) if text.trim().is_empty() => return Ok(None),
        Size::Text(text) => text.trim().parse().ok(),
    };
    let size = size.filter(|size: &ByteSize| (MIN..=MAX).contains(&size.as_u64()));
    size.map(Some).ok_or_else(|| D::Error::custom(""))
}

/// A text in a form of its own.
pub(crate) fn parsed<'de, D, T, E>(
    from: D,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    E: Display,
{
    let text = String::deserialize(from)?;
    if text.len() > MAX_TEXT {
        return Err(D::Error::custom(""));
    }
    parse(text.trim()).map_err(D::Error::custom)
}

/// The same; the empty string is `None`.
pub(crate) fn optional<'de, D, T, E>(
    from: D,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    E: Display,
{
    parsed(from, |text| if text.is_empty() { Ok(None) } else { parse(text).map(Some) })
}

/// A list of such texts; the bounds are its length.
pub(crate) fn list<'de, D, T, E>(
    from: D,
    length: RangeInclusive<usize>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    E: Display,
{
    let texts = Vec::<String>::deserialize(from)?;
    if !length.contains(&texts.len()) || texts.iter().any(|text| text.len() > MAX_TEXT) {
        return Err(D::Error::custom(""));
    }
    texts.iter().map(|text| parse(text.trim()).map_err(D::Error::custom)).collect()
}

/// Whether a URL has a host and no path, query or fragment.
pub(crate) fn is_bare(url: &Url) -> bool {
    let is_root = matches!(url.path(), "" | "/");
    url.has_host() && is_root && url.query().is_none() && url.fragment().is_none()
}

/// The nearest other word. The edit distance is at most a quarter of the word's length, clamped to one to three.
pub(crate) fn closest<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let others = words.filter(|word| *word != text);
    let (distance, word) =
        others.map(|word| (strsim::damerau_levenshtein(text, word), word)).min()?;
    (distance <= (word.len() / 4).clamp(1, 3)).then_some(word)
}
