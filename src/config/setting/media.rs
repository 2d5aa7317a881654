//! `[media]`: where files come from.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use bytesize::ByteSize;
use toml::Value;

use super::Setting;
use crate::config::error::Why;
use crate::config::print;
use crate::config::value::word_of;
use crate::media::Mode;
use crate::model::options::MediaMode;

/// What `media.mode` takes.
const MODES: [(&str, Mode); 3] =
    [("proxy", Mode::Proxy), ("redirect", Mode::Redirect), ("none", Mode::None)];

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
            let mode = match config.media.mode {
                Mode::Proxy => MediaMode::Proxy,
                Mode::Redirect => MediaMode::Redirect,
                Mode::None => MediaMode::None,
            };
            let options = &mut config.service.feed.options;
            *options = options.with_media(mode);
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
            config.media.cache_dir = Some(PathBuf::from(path));
            Ok(())
        },
        |config| {
            let folder = config.media.cache_dir.as_ref();
            Value::String(folder.map(|path| path.display().to_string()).unwrap_or_default())
        },
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
