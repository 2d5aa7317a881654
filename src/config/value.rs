//! A raw value, and the doors through which it becomes a typed one.

use std::ops::RangeInclusive;
use std::time::Duration;

use bytesize::ByteSize;
use toml::Value;
use toml::de::DeValue;

use super::error::Why;

/// The longest text of a setting, in bytes.
const LONGEST_TEXT: usize = 4096;

/// The longest part of a value that an error repeats, in characters.
const LONGEST_ECHO: usize = 80;

/// A value as it was given.
#[derive(Debug)]
pub(super) struct Given {
    value: Value,
    /// The text itself, when it came from a variable or a flag: there `2026` may be meant as text.
    bare: Option<Box<str>>,
}

impl Given {
    /// A value of a file.
    pub(super) fn from_toml(value: &DeValue<'_>) -> Self {
        Self { value: plain(value), bare: None }
    }

    /// A value of a variable or a flag: TOML, or a bare word, which is a text.
    pub(super) fn from_text(text: &str) -> Self {
        match DeValue::parse(text) {
            Ok(value) if value.get_ref().is_str() => Self::from_toml(value.get_ref()),
            Ok(value) => Self { value: plain(value.get_ref()), bare: Some(text.into()) },
            Err(_) => Self { value: Value::String(text.to_owned()), bare: None },
        }
    }

    /// As an error repeats it: on one line, cut.
    pub(super) fn shown(&self) -> String {
        let text = self.value.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() <= LONGEST_ECHO {
            return text;
        }
        text.chars().take(LONGEST_ECHO).chain(['…']).collect()
    }

    /// A text.
    pub(super) fn text(&self) -> Result<&str, Why> {
        let text = self.bare.as_deref().or(self.value.as_str()).ok_or(Why::Shape)?;
        if text.len() <= LONGEST_TEXT { Ok(text.trim()) } else { Err(Why::Shape) }
    }

    /// A list of texts, `most` of them at most.
    pub(super) fn texts(&self, most: usize) -> Result<Vec<&str>, Why> {
        let list = self.value.as_array().filter(|list| list.len() <= most).ok_or(Why::Shape)?;
        list.iter().map(|text| text.as_str().map(str::trim).ok_or(Why::Shape)).collect()
    }

    /// A table with nothing in it.
    pub(super) fn is_empty_table(&self) -> bool {
        self.value.as_table().is_some_and(toml::Table::is_empty)
    }

    /// Yes or no.
    pub(super) fn boolean(&self) -> Result<bool, Why> {
        self.value.as_bool().ok_or(Why::Shape)
    }

    /// A whole number within bounds.
    pub(super) fn whole<T>(&self, bounds: &RangeInclusive<T>) -> Result<T, Why>
    where
        T: TryFrom<i64> + PartialOrd,
    {
        let number = self.value.as_integer().ok_or(Why::Shape)?;
        T::try_from(number).ok().filter(|number| bounds.contains(number)).ok_or(Why::Shape)
    }

    /// A number within bounds; a whole one will do.
    pub(super) fn number(&self, bounds: &RangeInclusive<f64>) -> Result<f64, Why> {
        let whole = self.value.as_integer().and_then(|number| i32::try_from(number).ok());
        let number = self.value.as_float().or(whole.map(f64::from)).ok_or(Why::Shape)?;
        if bounds.contains(&number) { Ok(number) } else { Err(Why::Shape) }
    }

    /// A time such as `5m` within bounds.
    pub(super) fn duration(&self, bounds: &RangeInclusive<Duration>) -> Result<Duration, Why> {
        let duration = humantime::parse_duration(self.text()?).map_err(|_| Why::Shape)?;
        if bounds.contains(&duration) { Ok(duration) } else { Err(Why::Shape) }
    }

    /// A size such as `64MiB`, or a number of bytes, within bounds.
    pub(super) fn size(&self, bounds: &RangeInclusive<ByteSize>) -> Result<ByteSize, Why> {
        let size = match self.value.as_integer() {
            Some(bytes) => ByteSize::b(u64::try_from(bytes).map_err(|_| Why::Shape)?),
            None => self.text()?.parse().map_err(|_| Why::Shape)?,
        };
        if bounds.contains(&size) { Ok(size) } else { Err(Why::Shape) }
    }

    /// What one of a few words stands for.
    pub(super) fn word<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, Why> {
        let text = self.text()?;
        words.iter().find(|(word, _)| *word == text).map(|(_, it)| *it).ok_or(Why::Shape)
    }
}

/// The word that stands for something.
pub(super) fn word_of<T: PartialEq>(words: &[(&'static str, T)], sought: &T) -> &'static str {
    words.iter().find(|(_, it)| it == sought).map_or("", |(word, _)| *word)
}

fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        // A number beyond 64 bits is beyond every bound too; as a text it is told as it was written.
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::String(number.to_string()), Value::Integer),
        DeValue::Float(number) => {
            number.as_str().parse().map_or_else(|_| Value::String(number.to_string()), Value::Float)
        }
        DeValue::Boolean(it) => Value::Boolean(*it),
        DeValue::Datetime(time) => Value::Datetime(*time),
        DeValue::Array(list) => Value::Array(list.iter().map(|it| plain(it.get_ref())).collect()),
        DeValue::Table(table) => Value::Table(
            table
                .iter()
                .map(|(name, it)| (name.get_ref().to_string(), plain(it.get_ref())))
                .collect(),
        ),
    }
}
