//! The log level: one for all modules, and others for single modules.

use serde::Deserialize;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

/// The maximum number of directives.
const MAX_DIRECTIVES: usize = 64;

const DEFAULT: &str = "info";

/// A level for all events, and levels for single modules: `info`, or `info,feedline::net=debug`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Level {
    text: Box<str>,
    targets: Targets,
}

impl Level {
    /// Levels separated by commas; `module=level` applies to one module. The level for all defaults to `info`.
    ///
    /// The parser of `tracing_subscriber` takes an unknown word for a module: `inof` would silence the log.
    pub fn parse(text: &str) -> Result<Self, BadLevel> {
        let mut targets = Targets::new().with_default(LevelFilter::INFO);
        for (number, part) in text.split(',').map(str::trim).enumerate() {
            if number >= MAX_DIRECTIVES {
                return Err(BadLevel { part: "…".to_owned() });
            }
            let bad = || BadLevel { part: echo(part) };
            targets = match part.split_once('=') {
                None => targets.with_default(level(part).ok_or_else(bad)?),
                Some((module, word)) if is_module(module.trim()) => {
                    targets.with_target(module.trim(), level(word.trim()).ok_or_else(bad)?)
                }
                Some(_) => return Err(bad()),
            };
        }
        Ok(Self { text: text.into(), targets })
    }

    /// As configured.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn targets(&self) -> Targets {
        self.targets.clone()
    }
}

impl TryFrom<String> for Level {
    type Error = BadLevel;

    fn try_from(text: String) -> Result<Self, BadLevel> {
        Self::parse(&text)
    }
}

impl Default for Level {
    fn default() -> Self {
        Self { text: DEFAULT.into(), targets: Targets::new().with_default(LevelFilter::INFO) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{part}” is neither a level nor a module with a level.")]
pub struct BadLevel {
    part: String,
}

/// The library also accepts numbers, and takes an empty word for `error`.
fn level(word: &str) -> Option<LevelFilter> {
    let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_word { word.parse().ok() } else { None }
}

fn is_module(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
}

/// The part as quoted in an error.
fn echo(part: &str) -> String {
    part.chars().filter(|character| !character.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_level_applies_globally_or_per_module() {
        let level = Level::parse("warn, feedline::net=debug,hyper=OFF").unwrap();
        let targets = level.targets();
        let enabled = |module: &str, level: tracing::Level| targets.would_enable(module, &level);
        assert!(enabled("feedline::net::rate_limiter", tracing::Level::DEBUG));
        assert!(!enabled("feedline::web", tracing::Level::INFO));
        assert!(enabled("feedline::web", tracing::Level::WARN));
        assert!(!enabled("hyper", tracing::Level::ERROR));
        assert_eq!(level.as_str(), "warn, feedline::net=debug,hyper=OFF");
    }

    #[test]
    fn log_level_with_modules_only_leaves_rest_at_info() {
        let targets = Level::parse("feedline::net=trace").unwrap().targets();
        assert!(targets.would_enable("feedline::web", &tracing::Level::INFO));
        assert!(!targets.would_enable("feedline::web", &tracing::Level::DEBUG));
        assert_eq!(Level::default(), Level::parse("info").unwrap());
    }

    #[test]
    fn invalid_log_level_is_refused_by_name() {
        for (text, part) in [
            ("inof", "inof"),
            ("", ""),
            ("info,", ""),
            ("info,feedline=loud", "feedline=loud"),
            ("info,=debug", "=debug"),
            ("info,my module=debug", "my module=debug"),
        ] {
            assert_eq!(Level::parse(text), Err(BadLevel { part: part.to_owned() }), "{text}");
        }
        assert!(Level::parse(&"info,".repeat(100)).is_err());
    }
}
