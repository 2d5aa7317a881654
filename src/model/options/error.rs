//! What is wrong with an option.

use super::NAMES;

/// The longest part of a request that an error repeats, in characters.
const LONGEST_ECHO: usize = 40;

/// An option that a feed cannot be asked for. The message names it and says what it takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOption {
    /// There is no such option.
    #[error("There is no option “{option}”.{}", suggestion(nearest.as_deref()))]
    Unknown {
        /// As it was given, cut.
        option: String,
        /// The option that was probably meant.
        nearest: Option<String>,
    },
    /// The option does not take the value.
    #[error("The option “{option}” does not take “{value}”: it takes {takes}.")]
    Value {
        /// The option.
        option: &'static str,
        /// As it was given, cut.
        value: String,
        /// What it takes.
        takes: &'static str,
    },
    /// The value is too long to be repeated.
    #[error("The option “{option}” is too long: it takes {takes}.")]
    TooLong {
        /// The option.
        option: &'static str,
        /// What it takes.
        takes: &'static str,
    },
    /// No regular expression.
    #[error("The option “{option}” takes a regular expression, and this is none: {why}.")]
    Expression {
        /// The option.
        option: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The same option more than once.
    #[error("The option “{option}” is given twice: give it once.")]
    Twice {
        /// The option.
        option: String,
    },
    /// More than anyone needs.
    #[error("There are too many options: there are 16, and each is given once.")]
    TooMany,
}

impl BadOption {
    pub(super) fn unknown(option: &str) -> Self {
        let nearest = NAMES
            .into_iter()
            .map(|name| (strsim::damerau_levenshtein(&cut(option).to_lowercase(), name), name))
            .min()
            .filter(|(distance, name)| *distance <= 2 && *distance < name.len())
            .map(|(_, name)| name.to_owned());
        Self::Unknown { option: cut(option), nearest }
    }

    pub(in crate::model) fn value(option: &'static str, value: &str, takes: &'static str) -> Self {
        Self::Value { option, value: cut(value), takes }
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    match nearest {
        Some(name) => format!(" Did you mean “{name}”?"),
        None => format!(" There are: {}.", NAMES.join(", ")),
    }
}

fn cut(text: &str) -> String {
    crate::text::clean(text).chars().take(LONGEST_ECHO).collect()
}
