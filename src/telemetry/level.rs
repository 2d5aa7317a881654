//! Which events are written: a level for all, and levels for single modules.

use serde::Deserialize;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

/// The most directives.
const MOST: usize = 64;

/// The level that is in force when none is given.
const DEFAULT: &str = "info";

/// What a level can be.
const LEVELS: [(&str, LevelFilter); 6] = [
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

/// A level for all events, and levels for single modules: `info`, or `info,feedline::net=debug`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Level {
    text: Box<str>,
    targets: Targets,
}

impl Level {
    /// Levels separated by commas; one with a module in front (`module=level`) holds for that module alone. Without a
    /// level for all, that is `info`.
    ///
    /// The parser of the logging library takes any word that is no level for a module and writes everything of it, so
    /// that `inof` would silence the log: hence this one.
    ///
    /// # Errors
    /// [`BadLevel`] names the part that is neither.
    pub fn parse(text: &str) -> Result<Self, BadLevel> {
        let mut targets = Targets::new().with_default(LevelFilter::INFO);
        for (number, part) in text.split(',').map(str::trim).enumerate() {
            if number >= MOST {
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

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What lets events through.
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

/// Neither a level nor `module=level`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{part}” is neither a level nor a module with a level.")]
pub struct BadLevel {
    part: String,
}

fn level(word: &str) -> Option<LevelFilter> {
    LEVELS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, level)| *level)
}

fn is_module(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
}

/// A part of the text as an error repeats it.
fn echo(part: &str) -> String {
    part.chars().filter(|character| !character.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_hold_for_all_or_for_one_module() {
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
    fn modules_alone_leave_the_rest_at_info() {
        let targets = Level::parse("feedline::net=trace").unwrap().targets();
        assert!(targets.would_enable("feedline::web", &tracing::Level::INFO));
        assert!(!targets.would_enable("feedline::web", &tracing::Level::DEBUG));
        assert_eq!(Level::default(), Level::parse("info").unwrap());
    }

    #[test]
    fn what_is_no_level_is_refused_by_name() {
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
