//! Regular expressions from untrusted requests.

use std::hash::{Hash, Hasher};

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

use super::BadOption;

/// The longest expression, in bytes.
const MAX_LENGTH: usize = 512;

/// The maximum size of a compiled expression, in bytes.
const MAX_SIZE: usize = 256 * 1024;

/// The maximum nesting of an expression.
const MAX_DEPTH: u32 = 32;

/// The maximum number of characters in an expression with its repetitions expanded: the engine may have to examine all
/// of them for each character of a text. An expression of the maximum length without repetitions is below it.
const MAX_PLACES: usize = 600;

/// A case-insensitive regular expression. Expressions with the same source are equal.
///
/// SECURITY: expressions that take exponential time or memory -> the engine is linear in the text; the source, the
/// compiled program, and the cost of each character (`a[ab]{2000}`) are bounded.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    pub(super) fn parse(option: &'static str, source: &str) -> Result<Self, BadOption> {
        if source.len() > MAX_LENGTH {
            return Err(BadOption::TooLong { option });
        }
        let grows_too_large = || BadOption::value(option, source);
        if places_of(source).is_some_and(|places| places > MAX_PLACES) {
            return Err(grows_too_large());
        }
        let regex = RegexBuilder::new(source)
            .case_insensitive(true)
            .size_limit(MAX_SIZE)
            .dfa_size_limit(MAX_SIZE)
            .nest_limit(MAX_DEPTH)
            .build();
        match regex {
            Ok(regex) => Ok(Self(regex)),
            Err(regex::Error::CompiledTooBig(_)) => Err(grows_too_large()),
            Err(error) => {
                let why = error.to_string();
                let why =
                    why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                Err(BadOption::Expression { option, why })
            }
        }
    }

    pub fn source(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the expression matches anywhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// The expanded number of characters of an expression; `None` if it is invalid.
fn places_of(source: &str) -> Option<usize> {
    let parser = regex_syntax::ParserBuilder::new().nest_limit(MAX_DEPTH).build().parse(source);
    Some(places(&parser.ok()?))
}

/// The parser's nesting limit bounds the recursion.
fn places(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(_) => 1,
        HirKind::Capture(capture) => places(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(places).fold(0, usize::saturating_add)
        }
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.max(1));
            let times = usize::try_from(times).unwrap_or(usize::MAX);
            places(&repetition.sub).saturating_mul(times)
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_accepts_common_regexes_and_refuses_expensive_ones() {
        let parsed = |source: &str| Pattern::parse("include", source).is_ok();
        for taken in [
            r"\b\w+ing\b",
            r"\w{3,}",
            r"\d{4}-\d{2}-\d{2}",
            r"https?://\S+\.example/\S*",
            r"\w+@\w+\.\w+",
            r".{1,80}x",
            "реклама|промокод|скидк[аиу]|erid:",
            &"ы".repeat(256),
            &"a".repeat(512),
            &"(a|b)".repeat(100),
        ] {
            assert!(parsed(taken), "{taken}");
        }
        for refused in [
            r"[ab]*a[ab]{2000}c",
            r"(a|b|ab)*a(a|b|ab){400}c",
            r"((a{30}){30}){30}",
            r"(a{0,4000000000}){0,4000000000}",
            r"(?:){4294967295}a{4294967295}",
            r"\w{80}",
            &"(".repeat(100),
            &format!("{}a{}", "(".repeat(100), ")".repeat(100)),
            &"a".repeat(513),
        ] {
            assert!(!parsed(refused), "{refused}");
        }
    }
}
