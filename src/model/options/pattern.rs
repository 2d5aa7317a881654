//! Regular expressions from strangers.

use std::hash::{Hash, Hasher};

use regex::{Regex, RegexBuilder};

use super::BadOption;

/// The longest expression, in bytes.
const LONGEST: usize = 512;

/// The largest compiled expression, in bytes.
const LARGEST: usize = 256 * 1024;

/// A regular expression that disregards case. Equal when written alike.
///
/// SECURITY: expressions that take exponential time or memory -> this engine is linear in the text, and both the
/// source and the compiled program are bounded.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    pub(super) fn parse(option: &'static str, source: &str) -> Result<Self, BadOption> {
        if source.len() > LONGEST {
            return Err(BadOption::value(option, "", "a regular expression of at most 512 bytes"));
        }
        let regex = RegexBuilder::new(source)
            .case_insensitive(true)
            .size_limit(LARGEST)
            .dfa_size_limit(LARGEST)
            .nest_limit(32)
            .build();
        match regex {
            Ok(regex) => Ok(Self(regex)),
            Err(regex::Error::CompiledTooBig(_)) => Err(BadOption::value(
                option,
                source,
                "a smaller regular expression: this one grows too large",
            )),
            Err(error) => {
                let why = error.to_string();
                let why =
                    why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                Err(BadOption::Expression { option, why })
            }
        }
    }

    /// As it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is found anywhere in the text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source().hash(state);
    }
}
