//! Errors in the options of a feed.

use super::NAMES;
use crate::locale::Message;

/// The longest part of a request that an error repeats, in characters.
const LONGEST_ECHO: usize = 40;

/// An invalid option. The message names it and says what it takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum BadOption {
    /// There is no such option.
    Unknown {
        /// As it was given, cut.
        option: String,
        /// The option that was probably meant.
        nearest: Option<String>,
    },
    /// The option does not take the value.
    Value {
        /// The option.
        option: &'static str,
        /// As it was given, cut.
        value: String,
    },
    /// The value is too long to be repeated.
    TooLong {
        /// The option.
        option: &'static str,
    },
    /// No regular expression.
    Expression {
        /// The option.
        option: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The same option more than once.
    Twice {
        /// The option.
        option: String,
    },
    /// More than anyone needs.
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

    pub(super) fn value(option: &'static str, value: &str) -> Self {
        Self::Value { option, value: cut(value) }
    }

    pub fn message(&self) -> Message {
        let of = |key: &str, option: &str| Message::new(key).with("option", option);
        match self {
            Self::Unknown { option, nearest: Some(nearest) } => {
                of("option-unknown-nearest", option).with("nearest", nearest.as_str())
            }
            Self::Unknown { option, nearest: None } => {
                of("option-unknown", option).with("names", NAMES.join(", "))
            }
            Self::Value { option, value } => {
                of("option-value", option).with("value", value.as_str())
            }
            Self::TooLong { option } => of("option-too-long", option),
            Self::Expression { option, why } => {
                of("option-expression", option).with("why", why.as_str())
            }
            Self::Twice { option } => of("option-twice", option),
            Self::TooMany => Message::new("option-too-many"),
        }
    }
}

fn cut(text: &str) -> String {
    crate::text::clean(text).chars().take(LONGEST_ECHO).collect()
}
