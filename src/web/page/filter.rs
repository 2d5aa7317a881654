//! A summary of the active filter options, with the labels of the form.

use super::builder::{KINDS, choices};
use crate::locale::{Message, Words};
use crate::model::FeedOptions;

/// The choices that filter posts, except `service`, which adds some.
const CHOICES: [&str; 4] = ["kind", "forwards", "replies", "ads"];

/// The active filter options, a sentence for each; `None` if nothing is filtered.
pub(super) fn filter(words: &'static Words, options: &FeedOptions) -> Option<String> {
    let message = |key: &str, name: &'static str, value: &str| {
        words.message(&Message::new(key).with(name, value))
    };
    let mut conditions = Vec::new();
    conditions.extend(options.tag().map(|tag| message("channel-tagged", "tag", tag)));
    conditions.extend(options.query().map(|query| message("channel-with-words", "words", query)));
    let mut sentences = Vec::new();
    if !conditions.is_empty() {
        sentences.push(message("channel-only", "conditions", &conditions.join(", ")));
    }
    for (name, key) in [("include", "channel-containing"), ("exclude", "channel-not-containing")] {
        sentences.extend(options.value(name).map(|value| message(key, "text", &value)));
    }
    let usual = FeedOptions::default();
    let is_changed = |name: &str| options.value(name) != usual.value(name);
    for choice in choices(words, options) {
        if !CHOICES.contains(&choice.name) || !is_changed(choice.name) {
            continue;
        }
        let meaning = match options.value("kind") {
            Some(kind) if choice.name == "kind" && !KINDS.iter().any(|(one, _)| *one == kind) => {
                Some(kinds(words, &kind))
            }
            _ => choice.chosen().map(str::to_owned),
        };
        sentences.extend(meaning.map(|meaning| format!("{}: {meaning}.", choice.label)));
    }
    if is_changed("service") {
        sentences.push(words.tr("channel-service-too").to_owned());
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Kinds in a combination that the form does not offer: `photos, videos, no polls`.
fn kinds(words: &'static Words, value: &str) -> String {
    let name = |one: &str| match one.strip_prefix('-') {
        Some(one) => words.tr(&format!("kind-{one}.without")),
        None => words.tr(&format!("kind-{one}")),
    };
    value.split(',').map(name).collect::<Vec<_>>().join(", ")
}

/// The title of a page with filtered or older posts: `#fog – Tidewater Light`, `Tidewater Light – older posts`.
pub(super) fn titled(
    words: &'static Words,
    title: &str,
    options: &FeedOptions,
    is_older: bool,
) -> String {
    let tag = options.tag().map(|tag| format!("#{tag}"));
    let query =
        options.query().map(|query| words.message(&Message::new("quoted").with("text", query)));
    let found: Vec<String> = tag.into_iter().chain(query).collect();
    let found = found.join(" ");
    let older = if is_older { words.tr("channel-older-posts") } else { "" };
    let parts = [found.as_str(), title, older];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" – ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Language;
    use crate::model::options::Kind;

    #[test]
    fn kinds_have_labels_in_each_language() {
        for language in Language::ALL {
            for kind in Kind::ALL {
                let kind = kind.1;
                let text = kinds(Words::of(*language), &format!("{kind},-{kind}"));
                assert!(text.len() > 4, "{kind}: {text}");
            }
        }
    }

    #[test]
    fn filter_summary_describes_active_options() {
        for (query, english, russian) in [
            ("tag=fog", "Only posts tagged #fog.", "Только записи: с тегом #fog."),
            (
                "tag=fog&q=tea",
                "Only posts tagged #fog, with “tea”.",
                "Только записи: с тегом #fog, со словами «tea».",
            ),
            ("include=tea", "Only posts containing “tea”.", "Только записи, где есть «tea»."),
            ("exclude=x", "Leave out posts containing “x”.", "Без записей, где есть «x»."),
            ("service=1", "Posts about the channel itself too.", "И записи о самом канале."),
            (
                "kind=-sticker&forwards=none",
                "Kind: all but stickers. Forwarded posts: left out.",
                "Вид: все, кроме стикеров. Пересланное: пропустить.",
            ),
            ("kind=contact,location", "Kind: locations, contacts.", "Вид: места, контакты."),
            (
                "kind=-poll,-sticker",
                "Kind: no stickers, no polls.",
                "Вид: без стикеров, без опросов.",
            ),
            ("replies=only", "Replies: only these.", "Ответы: только они."),
            (
                "ads=none",
                "Advertising: left out where it is marked.",
                "Реклама: помеченную пропустить.",
            ),
        ] {
            let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
            for (language, expected) in [(Language::English, english), (Language::Russian, russian)]
            {
                assert_eq!(
                    filter(Words::of(language), &options).as_deref(),
                    Some(expected),
                    "{query}"
                );
            }
        }
    }

    #[test]
    fn page_title_names_filter_and_channel() {
        for (query, english, russian) in [
            ("limit=5", "Tidewater", "Tidewater"),
            ("tag=fog", "#fog – Tidewater", "#fog – Tidewater"),
            ("tag=fog&q=tea", "#fog “tea” – Tidewater", "#fog «tea» – Tidewater"),
            ("before=40", "Tidewater – older posts", "Tidewater – более ранние записи"),
        ] {
            let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
            let is_older = options.before().is_some();
            for (language, title) in [(Language::English, english), (Language::Russian, russian)] {
                let words = Words::of(language);
                assert_eq!(titled(words, "Tidewater", &options, is_older), title, "{query}");
            }
        }
    }

    #[test]
    fn filter_summary_is_absent_if_nothing_is_filtered() {
        for query in ["", "limit=5", "title=marked&content=text", "stats=1", "forwards=all"] {
            let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
            assert_eq!(filter(Words::of(Language::English), &options), None, "{query}");
        }
    }
}
