//! `[channels]`: which channels.

use super::Setting;
use crate::config::channel;
use crate::config::print;

/// The most channels in one list.
const MOST_CHANNELS: usize = 10_000;

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
];
