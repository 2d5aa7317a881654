//! The words of pages, feeds and errors in each language.
//!
//! Each language is one file in `locales/`, in the syntax of [Project Fluent](https://projectfluent.org). To add one,
//! add the file and one line to `languages!`. The tests check that all files have the same messages and arguments, and
//! that the sources and templates use exactly these messages.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use bytesize::ByteSize;
use chrono::{Datelike, NaiveDate};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};

macro_rules! languages {
    ($($(#[$attribute:meta])* $language:ident = $tag:literal,)*) => {
        /// A language of feedline's own words.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Language {
            $($(#[$attribute])* #[serde(rename = $tag)] $language,)*
        }

        impl Language {
            pub const ALL: &'static [Self] = &[$(Self::$language),*];

            /// The tag of RFC 5646.
            pub fn tag(self) -> &'static str {
                match self {
                    $(Self::$language => $tag,)*
                }
            }

            fn source(self) -> &'static str {
                match self {
                    $(Self::$language => include_str!(concat!("../locales/", $tag, ".ftl")),)*
                }
            }
        }
    };
}

languages! {
    #[default]
    English = "en",
    Russian = "ru",
}

static WORDS: LazyLock<Vec<Words>> =
    LazyLock::new(|| Language::ALL.iter().copied().map(Words::load).collect());

/// The largest number that takes part in plural rules: Fluent calculates with floating-point numbers.
const MAX_NUMBER: u64 = 1 << 50;

/// The words of a language.
///
/// A key names a message, or one of its attributes: `poll`, `poll.final`. An unknown key or argument is a bug: it
/// panics in debug builds only.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl fmt::Debug for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Words").field(&self.language).finish()
    }
}

impl Words {
    pub(crate) fn of(language: Language) -> &'static Self {
        &WORDS[language as usize]
    }

    fn load(language: Language) -> Self {
        let locale = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // Feeds must not have invisible characters around numbers and names.
        bundle.set_use_isolating(false);
        let resource = match FluentResource::try_new(language.source().to_owned()) {
            Ok(resource) => resource,
            Err((resource, errors)) => {
                debug_assert!(false, "{language:?}: {errors:?}");
                resource
            }
        };
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// A message without arguments.
    pub(crate) fn tr(&'static self, key: &str) -> &'static str {
        match self.format(key, None) {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => {
                debug_assert!(false, "{key} is more than one plain text: {text}");
                ""
            }
        }
    }

    /// A message with the argument `$number`.
    pub(crate) fn tr_count(&'static self, key: &str, number: impl Into<Value>) -> String {
        self.message(&Message::new(key).with("number", number))
    }

    pub(crate) fn message(&'static self, message: &Message) -> String {
        let mut arguments = FluentArgs::with_capacity(message.arguments.len());
        for (name, value) in &message.arguments {
            arguments.set(*name, self.value(value));
        }
        self.format(&message.key, Some(&arguments)).into_owned()
    }

    fn value<'a>(&'static self, value: &'a Value) -> FluentValue<'a> {
        match value {
            Value::Text(text) => FluentValue::from(text.as_str()),
            Value::Number(number) if *number <= MAX_NUMBER => FluentValue::from(*number),
            Value::Number(number) => FluentValue::from(number.to_string()),
            Value::Message(message) => FluentValue::from(self.message(message)),
            Value::Duration(duration) => FluentValue::from(self.duration(*duration)),
            Value::Size(size) => FluentValue::from(self.size(*size)),
        }
    }

    fn format(&'static self, key: &str, arguments: Option<&FluentArgs<'_>>) -> Cow<'static, str> {
        let (id, attribute) = match key.split_once('.') {
            Some((id, attribute)) => (id, Some(attribute)),
            None => (key, None),
        };
        let pattern = self.bundle.get_message(id).and_then(|message| match attribute {
            Some(attribute) => message.get_attribute(attribute).map(|found| found.value()),
            None => message.value(),
        });
        let Some(pattern) = pattern else {
            debug_assert!(false, "no message {key} in {:?}", self.language);
            return Cow::Borrowed("");
        };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, arguments, &mut errors);
        debug_assert!(errors.is_empty(), "{key} in {:?}: {errors:?}", self.language);
        text
    }

    /// `7 March 2026`.
    pub(crate) fn date(&'static self, date: NaiveDate) -> String {
        let message = Message::new("date").with("year", date.year().unsigned_abs());
        self.message(&message.with("month", date.month()).with("day", date.day()))
    }

    /// `7 March`.
    pub(crate) fn day_and_month(&'static self, date: NaiveDate) -> String {
        let message = Message::new("day-and-month").with("month", date.month());
        self.message(&message.with("day", date.day()))
    }

    /// `40 s`, `1 min 43 s`, `2 h 5 min`; at least a second. From one hour on, minutes are rounded up.
    fn duration(&'static self, duration: Duration) -> String {
        let seconds = duration.as_secs().max(1);
        let minutes = seconds.div_ceil(60);
        let parts = match seconds {
            ..3600 => [("minutes", seconds / 60), ("seconds", seconds % 60)],
            _ => [("hours", minutes / 60), ("minutes", minutes % 60)],
        };
        let parts = parts.into_iter().filter(|(_, number)| *number > 0);
        parts.map(|(unit, number)| self.tr_count(unit, number)).collect::<Vec<_>>().join(" ")
    }

    /// `220 KiB`, `1.5 MiB`.
    pub(crate) fn size(&'static self, size: ByteSize) -> String {
        let shown = size.to_string();
        let (amount, unit) = shown.split_once(' ').unwrap_or((&shown, "B"));
        let amount = amount.strip_suffix(".0").unwrap_or(amount);
        let message = Message::new("size").with("amount", self.decimal(amount));
        self.message(&message.with("unit", unit))
    }

    /// `12.4K subscribers`, from a number as Telegram writes it.
    pub(crate) fn subscribers(&'static self, shown: &str) -> String {
        let (number, unit) = match (shown.strip_suffix('K'), shown.strip_suffix('M')) {
            (Some(number), _) => (number, "K"),
            (_, Some(number)) => (number, "M"),
            _ => (shown, "none"),
        };
        let number = Value::parse(&self.decimal(number));
        self.message(&Message::new("channel-subscribers").with("unit", unit).with("number", number))
    }

    fn decimal(&'static self, number: &str) -> String {
        number.replace('.', self.tr("decimal-point"))
    }

    /// `a, b and c`.
    pub(crate) fn list(&'static self, items: &[String]) -> String {
        let Some((first, rest)) = items.split_first() else { return String::new() };
        let mut list = first.clone();
        for (number, item) in rest.iter().enumerate() {
            let key = if number + 1 == rest.len() { "list-last" } else { "list-next" };
            list = self.message(&Message::new(key).with("list", list).with("item", item.as_str()));
        }
        list
    }
}

/// A message with its arguments, independent of the language. It displays in English.
#[derive(Clone, Debug)]
pub struct Message {
    key: String,
    arguments: Vec<(&'static str, Value)>,
}

impl Message {
    pub(crate) fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), arguments: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.arguments.push((name, value.into()));
        self
    }

    /// The attribute `.detail` of the same message: the reason and advice.
    pub(crate) fn detail(mut self) -> Self {
        self.key.push_str(".detail");
        self
    }
}

impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&Words::of(Language::English).message(self))
    }
}

/// An argument of a message.
#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    Number(u64),
    Message(Message),
    Duration(Duration),
    Size(ByteSize),
}

impl Value {
    /// Parses a number as Telegram writes it: `12.4K` is a text, for plural rules too.
    pub(crate) fn parse(shown: &str) -> Self {
        match shown.parse() {
            Ok(number) => Self::Number(number),
            Err(_) => Self::Text(shown.to_owned()),
        }
    }
}

macro_rules! value_from {
    ($($from:ty => $name:ident $value:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($name: $from) -> Self {
                $value
            }
        })*
    };
}

value_from! {
    &str => text Self::Text(text.to_owned());
    String => text Self::Text(text);
    u16 => number Self::Number(number.into());
    u32 => number Self::Number(number.into());
    u64 => number Self::Number(number);
    usize => number Self::Number(number as u64);
    Message => message Self::Message(message);
    Duration => duration Self::Duration(duration);
    ByteSize => size Self::Size(size);
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use fluent_syntax::ast;
    use regex::Regex;

    use super::*;

    type Arguments = BTreeSet<String>;

    /// The messages of a language and their attributes (`key.attribute`), each with its arguments.
    fn messages(language: Language) -> BTreeMap<String, Arguments> {
        let resource = FluentResource::try_new(language.source().to_owned());
        let resource = resource.unwrap_or_else(|(_, errors)| panic!("{language:?}: {errors:?}"));
        let mut patterns = BTreeMap::new();
        for entry in resource.entries() {
            let ast::Entry::Message(message) = entry else { continue };
            let mut add = |key: String, pattern| {
                assert!(patterns.insert(key.clone(), pattern).is_none(), "{key} is there twice");
            };
            let id = message.id.name;
            add(id.to_owned(), message.value.as_ref().expect(id));
            for attribute in &message.attributes {
                add(format!("{id}.{}", attribute.id.name), &attribute.value);
            }
        }
        let of = |(key, pattern): (&String, &&ast::Pattern<&str>)| {
            let mut arguments = Arguments::new();
            collect(pattern, &patterns, &mut arguments);
            let is_plain =
                matches!(pattern.elements[..], [ast::PatternElement::TextElement { .. }]);
            assert!(is_plain || !arguments.is_empty(), "{key} is more than one plain text");
            (key.clone(), arguments)
        };
        patterns.iter().map(of).collect()
    }

    type Patterns<'a> = BTreeMap<String, &'a ast::Pattern<&'a str>>;

    fn collect(pattern: &ast::Pattern<&str>, all: &Patterns<'_>, arguments: &mut Arguments) {
        for element in &pattern.elements {
            let ast::PatternElement::Placeable { expression } = element else { continue };
            match expression {
                ast::Expression::Inline(inline) => collect_inline(inline, all, arguments),
                ast::Expression::Select { selector, variants } => {
                    collect_inline(selector, all, arguments);
                    for variant in variants {
                        collect(&variant.value, all, arguments);
                    }
                }
            }
        }
    }

    fn collect_inline(
        inline: &ast::InlineExpression<&str>,
        all: &Patterns<'_>,
        arguments: &mut Arguments,
    ) {
        match inline {
            ast::InlineExpression::VariableReference { id } => {
                arguments.insert(id.name.to_owned());
            }
            ast::InlineExpression::MessageReference { id, .. } => {
                collect(all[id.name], all, arguments);
            }
            ast::InlineExpression::StringLiteral { .. } => {}
            other => panic!("not in use: {other:?}"),
        }
    }

    #[test]
    fn languages_have_same_messages_and_arguments() {
        let english = messages(Language::English);
        for language in &Language::ALL[1..] {
            let other = messages(*language);
            for (key, arguments) in &english {
                assert_eq!(other.get(key), Some(arguments), "{key} in {language:?}");
            }
            for key in other.keys() {
                assert!(english.contains_key(key), "{key} is in {language:?} only");
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the messages are looked for in the sources")]
    fn read(folder: &Path, texts: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, texts);
            } else if path.extension().is_some_and(|end| end == "rs" || end == "html") {
                texts.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn messages_used_in_sources_and_templates_exist() {
        let mut texts = String::new();
        for folder in ["src", "templates"] {
            read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut texts);
        }
        let messages = messages(Language::English);
        let named = Regex::new(r#"\b(?:tr|tr_count|Message::new)\(\s*"([^"{}]+)"\s*[,)]"#).unwrap();
        for found in named.captures_iter(&texts) {
            assert!(messages.contains_key(&found[1]), "there is no message {}", &found[1]);
        }
        // Keys that the code composes.
        let families = ["feature-", "kind-"];
        let attributes = [".count", ".detail", ".final", ".meaning"];
        for key in messages.keys() {
            let is_named = texts.contains(&format!("\"{key}\""))
                || families.iter().any(|family| key.starts_with(family))
                || attributes.iter().any(|attribute| key.ends_with(attribute))
                || Language::ALL
                    .iter()
                    .any(|language| language.source().contains(&format!("{{ {key} }}")));
            assert!(is_named, "nothing uses {key}");
        }
    }

    fn both() -> [&'static Words; 2] {
        [Language::English, Language::Russian].map(Words::of)
    }

    #[test]
    fn plural_form_follows_language() {
        let [english, russian] = both();
        for (number, en, ru) in [
            (0_u32, "0 voice messages", "0 голосовых сообщений"),
            (1, "a voice message", "голосовое сообщение"),
            (2, "2 voice messages", "2 голосовых сообщения"),
            (5, "5 voice messages", "5 голосовых сообщений"),
            (11, "11 voice messages", "11 голосовых сообщений"),
            (21, "21 voice messages", "21 голосовое сообщение"),
            (111, "111 voice messages", "111 голосовых сообщений"),
            (1_023, "1023 voice messages", "1023 голосовых сообщения"),
        ] {
            assert_eq!(english.tr_count("voice.count", number), en);
            assert_eq!(russian.tr_count("voice.count", number), ru);
        }
        for (matched, all, en, ru) in [
            (
                12_u32,
                50_u32,
                "12 of the last 50 posts match.",
                "Подходит 12 из последних 50 записей.",
            ),
            (1, 21, "1 of the last 21 posts matches.", "Подходит 1 из последней 21 записи."),
            (2, 46, "2 of the last 46 posts match.", "Подходят 2 из последних 46 записей."),
            (0, 1, "0 of 1 post matches.", "Подходит 0 из последней 1 записи."),
            (0, 0, "There are no posts yet.", "Записей пока нет."),
        ] {
            let message = Message::new("builder-matches").with("matched", matched).with("all", all);
            assert_eq!(
                (english.message(&message), russian.message(&message)),
                (en.into(), ru.into())
            );
        }
    }

    #[test]
    fn telegram_counters_keep_their_form() {
        let [english, russian] = both();
        for (shown, en, ru) in [
            ("1", "1 view", "1 просмотр"),
            ("22", "22 views", "22 просмотра"),
            ("12.4K", "12.4K views", "12.4K просмотров"),
            (
                "18446744073709551615",
                "18446744073709551615 views",
                "18446744073709551615 просмотров",
            ),
        ] {
            assert_eq!(english.tr_count("views", Value::parse(shown)), en);
            assert_eq!(russian.tr_count("views", Value::parse(shown)), ru);
        }
        for (shown, en, ru) in [
            ("1", "1 subscriber", "1 подписчик"),
            ("32", "32 subscribers", "32 подписчика"),
            ("12.4K", "12.4K subscribers", "12,4 тыс. подписчиков"),
            ("1.02M", "1.02M subscribers", "1,02 млн подписчиков"),
        ] {
            assert_eq!(
                (english.subscribers(shown), russian.subscribers(shown)),
                (en.into(), ru.into())
            );
        }
    }

    #[test]
    fn dates_durations_and_sizes_are_localised() {
        let [english, russian] = both();
        for (date, en, ru) in [
            ("2026-03-07", "7 March 2026", "7 марта 2026"),
            ("2024-12-31", "31 December 2024", "31 декабря 2024"),
        ] {
            let date = date.parse().unwrap();
            assert_eq!((english.date(date), russian.date(date)), (en.into(), ru.into()));
        }
        for (seconds, en, ru) in [
            (0, "1 s", "1 с"),
            (59, "59 s", "59 с"),
            (60, "1 min", "1 мин"),
            (103, "1 min 43 s", "1 мин 43 с"),
            (3600, "1 h", "1 ч"),
            (3601, "1 h 1 min", "1 ч 1 мин"),
            (7199, "2 h", "2 ч"),
        ] {
            let duration = Duration::from_secs(seconds);
            assert_eq!(
                (english.duration(duration), russian.duration(duration)),
                (en.into(), ru.into())
            );
        }
        for (size, en, ru) in [
            (512, "512 B", "512 Б"),
            (220 << 10, "220 KiB", "220 КиБ"),
            (3 << 19, "1.5 MiB", "1,5 МиБ"),
            (2 << 30, "2 GiB", "2 ГиБ"),
        ] {
            let size = ByteSize::b(size);
            assert_eq!((english.size(size), russian.size(size)), (en.into(), ru.into()));
        }
    }

    #[test]
    fn lists_are_joined_with_conjunction() {
        let [english, russian] = both();
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(
            (english.list(&items), russian.list(&items)),
            ("a, b and c".into(), "a, b и c".into())
        );
        assert_eq!((english.list(&items[..1]), english.list(&[])), ("a".into(), String::new()));
    }
}
