//! Errors in the options of a feed.

use super::NAMES;
use crate::locale::Message;

/// The longest part of a request that an error quotes, in characters.
const MAX_ECHO: usize = 40;

/// An invalid option. The message names it and describes the accepted values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum BadOption {
    Unknown {
        /// As given, truncated.
        option: String,
        /// The most similar option.
        nearest: Option<String>,
    },
    /// The option does not accept the value.
    Value {
        option: &'static str,
        /// As given, truncated.
        value: String,
    },
    /// The value is too long to be quoted.
    TooLong {
        /// The option.
        option: &'static str,
    },
    /// The value is not a regular expression.
    Expression {
        option: &'static str,
        /// The cause.
        why: String,
    },
    /// The option occurs more than once.
    Twice {
        /// The option.
        option: String,
    },
    /// The query has too many options.
    TooMany,
}

impl BadOption {
    pub(super) fn unknown(option: &str) -> Self {
        let nearest = NAMES
            .into_iter()
            .map(|name| (strsim::damerau_levenshtein(&quoted(option).to_lowercase(), name), name))
            .min()
            .filter(|(distance, name)| *distance <= 2 && *distance < name.len())
            .map(|(_, name)| name.to_owned());
        Self::Unknown { option: quoted(option), nearest }
    }

    pub(super) fn value(option: &'static str, value: &str) -> Self {
        Self::Value { option, value: quoted(value) }
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

/// The start of a text, as an error quotes it.
pub(crate) fn quoted(text: &str) -> String {
    crate::text::clean(text).chars().take(MAX_ECHO).collect()
}
