//! `[feed]` and `[pages]`: what feeds and pages are when nobody asks for something else.

use toml::Value;

use super::Setting;
use crate::config::Config;
use crate::config::error::Why;
use crate::config::value::{Given, word_of};
use crate::model::Language;
use crate::web::TimeZone;

/// What `feed.language` takes.
const LANGUAGES: [(&str, Option<Language>); 3] =
    [("auto", None), ("en", Some(Language::English)), ("ru", Some(Language::Russian))];

/// A default of one option of a feed's address.
macro_rules! option {
    ($name:literal, $takes:literal) => {
        Setting::new(
            concat!("feed.", $name),
            $takes,
            |config, given| set_option(config, $name, given),
            |config| Value::from(config.service.feed.options.value($name).unwrap_or_default()),
        )
    };
}

/// The same for one that is on or off.
macro_rules! switch {
    ($name:literal) => {
        Setting::new(
            concat!("feed.", $name),
            "true or false",
            |config, given| {
                let word = if given.boolean()? { "1" } else { "0" };
                config.service.feed.options.set($name, word).map_err(|_| Why::Shape)
            },
            |config| {
                Value::Boolean(config.service.feed.options.value($name).as_deref() == Some("1"))
            },
        )
    };
}

pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "feed.limit",
        "a number of posts from 1 to 300",
        |config, given| {
            config.service.feed.window = given.whole(&(1..=300))?;
            Ok(())
        },
        |config| Value::Integer(config.service.feed.window.into()),
    ),
    Setting::new(
        "feed.language",
        "\"auto\", \"en\" or \"ru\"",
        |config, given| {
            config.service.feed.language = given.word(&LANGUAGES)?;
            Ok(())
        },
        |config| Value::from(word_of(&LANGUAGES, &config.service.feed.language)),
    ),
    option!("title", "\"text\", \"marked\" or \"none\""),
    option!("content", "\"full\" or \"text\""),
    option!("link", "\"telegram\", \"page\" or \"first\""),
    option!(
        "kind",
        "kinds separated by commas, those that are not wanted with a minus (\"photo,video\", \"-sticker\"), or \"\" for \
         all; there are text, photo, video, gif, round, voice, music, file, sticker, poll, location, contact and link"
    ),
    option!("forwards", "\"all\", \"only\" or \"none\""),
    option!("replies", "\"all\", \"only\" or \"none\""),
    option!("ads", "\"all\" or \"none\""),
    switch!("service"),
    switch!("stats"),
    Setting::new(
        "pages.time_zone",
        "a time zone such as \"UTC\" or \"Europe/Berlin\"",
        |config, given| {
            config.pages.time_zone = time_zone(given.text()?)?;
            Ok(())
        },
        |config| Value::from(config.pages.time_zone.name()),
    ),
];

fn set_option(config: &mut Config, name: &str, given: &Given) -> Result<(), Why> {
    config.service.feed.options.set(name, given.text()?).map_err(|_| Why::Shape)
}

fn time_zone(text: &str) -> Result<TimeZone, Why> {
    TimeZone::of_name(text).ok_or_else(|| match super::closest(text, TimeZone::names()) {
        Some(nearest) => Why::TimeZone { nearest: nearest.to_owned() },
        None => Why::Shape,
    })
}
