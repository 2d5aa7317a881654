//! `[media]`: where files come from.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use bytesize::ByteSize;
use toml::Value;

use super::Setting;
use crate::config::error::Why;
use crate::config::print;
use crate::config::value::word_of;
use crate::model::options::MediaMode;

/// What `media.mode` takes.
const MODES: [(&str, MediaMode); 3] =
    [("proxy", MediaMode::Proxy), ("redirect", MediaMode::Redirect), ("none", MediaMode::None)];

/// The bounds of `media.cache_size`.
const CACHE_SIZE: RangeInclusive<ByteSize> = ByteSize::mib(16)..=ByteSize::tib(64);

/// The bounds of `media.max_file`.
const MAX_FILE: RangeInclusive<ByteSize> = ByteSize::mib(1)..=ByteSize::gib(4);

pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "media.mode",
        "\"proxy\", \"redirect\" or \"none\"",
        |config, given| {
            config.media.mode = given.word(&MODES)?;
            let options = &mut config.bridge.feed.options;
            *options = options.with_media(config.media.mode);
            Ok(())
        },
        |config| Value::from(word_of(&MODES, &config.media.mode)),
    ),
    Setting::new(
        "media.cache_dir",
        "the path of a folder, such as \"data/media\"",
        |config, given| {
            let path = given.text()?;
            if path.is_empty() {
                return Err(Why::Shape);
            }
            config.media.cache_dir = PathBuf::from(path);
            Ok(())
        },
        |config| Value::String(config.media.cache_dir.display().to_string()),
    ),
    Setting::new(
        "media.cache_size",
        "a size from \"16MiB\" to \"64TiB\"",
        |config, given| {
            config.media.cache_size = given.size(&CACHE_SIZE)?;
            Ok(())
        },
        |config| print::size(config.media.cache_size),
    ),
    Setting::new(
        "media.max_file",
        "a size from \"1MiB\" to \"4GiB\"",
        |config, given| {
            config.media.max_file = given.size(&MAX_FILE)?;
            Ok(())
        },
        |config| print::size(config.media.max_file),
    ),
];
