//! `[channels]`, `[access]` and `[websub]`: which channels, and for whom.

use toml::Value;

use super::Setting;
use crate::config::channel;
use crate::config::error::Why;
use crate::config::print;
use crate::config::value::{Given, word_of};
use crate::config::{AccessMode, BadKey, Key, WebSubMode};

/// The most channels in one list.
const MOST_CHANNELS: usize = 10_000;

/// The most keys.
const MOST_KEYS: usize = 1000;

/// What `access.mode` takes.
const MODES: [(&str, AccessMode); 2] = [("open", AccessMode::Open), ("keys", AccessMode::Keys)];

pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "channels.follow",
        "a list of channels, such as [\"telegram\", \"https://t.me/durov\"]",
        |config, given| {
            config.channels.follow = channel::parse_list(given, MOST_CHANNELS)?;
            Ok(())
        },
        |config| print::list(&config.channels.follow),
    ),
    Setting::new(
        "channels.allow",
        "a list of channels, such as [\"telegram\", \"https://t.me/durov\"], or [] for all",
        |config, given| {
            config.channels.allow = channel::parse_list(given, MOST_CHANNELS)?;
            Ok(())
        },
        |config| print::list(&config.channels.allow),
    ),
    Setting::new(
        "channels.deny",
        "a list of channels, such as [\"telegram\", \"https://t.me/durov\"]",
        |config, given| {
            config.channels.deny = channel::parse_list(given, MOST_CHANNELS)?;
            Ok(())
        },
        |config| print::list(&config.channels.deny),
    ),
    Setting::new(
        "access.mode",
        "\"open\" or \"keys\"",
        |config, given| {
            config.access.mode = given.word(&MODES)?;
            Ok(())
        },
        |config| Value::from(word_of(&MODES, &config.access.mode)),
    ),
    Setting::new(
        "access.keys",
        "a list of keys, each a name and a secret of 12 to 256 characters, such as [\"anna:a-long-secret-of-hers\"]",
        |config, given| {
            config.access.keys = keys(given)?;
            Ok(())
        },
        |config| print::list(config.access.keys.iter().map(|key| format!("{}:…", key.name()))),
    )
    .secret()
    .later(),
    Setting::new(
        "websub.enabled",
        "\"auto\", true or false",
        |config, given| {
            config.websub.enabled = match given.boolean() {
                Ok(true) => WebSubMode::On,
                Ok(false) => WebSubMode::Off,
                Err(_) => given.word(&[("auto", WebSubMode::Auto)])?,
            };
            Ok(())
        },
        |config| match config.websub.enabled {
            WebSubMode::Auto => Value::from("auto"),
            WebSubMode::On => Value::Boolean(true),
            WebSubMode::Off => Value::Boolean(false),
        },
    )
    .later(),
    Setting::new(
        "websub.private_callbacks",
        "true or false",
        |config, given| {
            config.websub.private_callbacks = given.boolean()?;
            Ok(())
        },
        |config| Value::Boolean(config.websub.private_callbacks),
    )
    .later(),
];

fn keys(given: &Given) -> Result<Vec<Key>, Why> {
    let mut keys: Vec<Key> = Vec::new();
    for text in given.texts(MOST_KEYS)? {
        let key = Key::parse(text)?;
        if keys.iter().any(|known| known.name() == key.name()) {
            return Err(BadKey::Twice { name: key.name().to_owned() }.into());
        }
        keys.push(key);
    }
    Ok(keys)
}
