//! `[archive]`: what is kept.

use std::ops::RangeInclusive;
use std::time::Duration;

use bytesize::ByteSize;
use toml::Value;

use super::Setting;
use crate::config::archive::{self, Deleted};
use crate::config::print;
use crate::config::value::word_of;

/// What `archive.deleted` takes.
const DELETED: [(&str, Deleted); 2] = [("hide", Deleted::Hide), ("keep", Deleted::Keep)];

/// The bounds of `archive.keep_for`.
const KEEP_FOR: RangeInclusive<Duration> =
    Duration::from_secs(24 * 60 * 60)..=Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The bounds of `archive.max_size`.
const MAX_SIZE: RangeInclusive<ByteSize> = ByteSize::mib(16)..=ByteSize::tib(16);

pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "archive.url",
        "\"sqlite://\" and the path of a file, such as \"sqlite://data/feedline.db\"",
        |config, given| {
            config.archive.path = Some(archive::path(given.text()?)?);
            Ok(())
        },
        |config| Value::String(archive::url(&config.archive)),
    ),
    Setting::new(
        "archive.initial_posts",
        "a number of posts from 0 (none) to 100000",
        |config, given| {
            config.service.schedule.initial_posts = given.whole(&(0..=100_000))?;
            Ok(())
        },
        |config| Value::Integer(config.service.schedule.initial_posts.into()),
    ),
    Setting::new(
        "archive.deleted",
        "\"hide\" or \"keep\"",
        |config, given| {
            config.archive.deleted = given.word(&DELETED)?;
            Ok(())
        },
        |config| Value::from(word_of(&DELETED, &config.archive.deleted)),
    ),
    Setting::new(
        "archive.revisions",
        "a number of versions from 0 (none) to 100",
        |config, given| {
            config.archive.revisions = given.whole(&(0..=100))?;
            Ok(())
        },
        |config| Value::Integer(config.archive.revisions.into()),
    ),
    Setting::new(
        "archive.keep_posts",
        "a number of posts from 1 to 100000000, or 0 for no limit",
        |config, given| {
            let number = given.whole(&(0..=100_000_000))?;
            config.archive.keep_posts = Some(number).filter(|number| *number > 0);
            Ok(())
        },
        |config| Value::Integer(config.archive.keep_posts.unwrap_or(0).into()),
    ),
    Setting::new(
        "archive.keep_for",
        "a time from \"1d\" to \"36500d\", or \"\" for ever",
        |config, given| {
            let is_limited = given.text() != Ok("");
            config.archive.keep_for = is_limited.then(|| given.duration(&KEEP_FOR)).transpose()?;
            Ok(())
        },
        |config| config.archive.keep_for.map_or(Value::from(""), print::duration),
    ),
    Setting::new(
        "archive.max_size",
        "a size from \"16MiB\" to \"16TiB\", or \"\" for no limit",
        |config, given| {
            let is_limited = given.text() != Ok("");
            config.archive.max_size = is_limited.then(|| given.size(&MAX_SIZE)).transpose()?;
            Ok(())
        },
        |config| config.archive.max_size.map_or(Value::from(""), print::size),
    ),
];
