//! `[log]`.

use toml::Value;

use super::Setting;
use crate::config::value::word_of;
use crate::telemetry::{Format, Level};

/// What `log.format` takes.
const FORMATS: [(&str, Format); 2] = [("text", Format::Text), ("json", Format::Json)];

pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "log.format",
        "\"text\" or \"json\"",
        |config, given| {
            config.telemetry.format = given.word(&FORMATS)?;
            Ok(())
        },
        |config| Value::from(word_of(&FORMATS, &config.telemetry.format)),
    ),
    Setting::new(
        "log.level",
        "off, error, warn, info, debug or trace, also by module, such as \"info,feedline::net=debug\"",
        |config, given| {
            config.telemetry.level = Level::parse(given.text()?)?;
            Ok(())
        },
        |config| Value::from(config.telemetry.level.as_str()),
    ),
];
