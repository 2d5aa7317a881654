//! What the options leave of a channel, as a person reads it: in the words of the form in which they are chosen.

use super::Words;
use super::builder::{Choice, KINDS, choices};
use super::words::BuilderWords;
use crate::model::FeedOptions;

/// The choices that decide which posts are shown, beside `service`, which adds some.
const CHOICES: [&str; 4] = ["kind", "forwards", "replies", "ads"];

/// The options that decide which posts are shown, a sentence for each; none when all are.
pub(super) fn filter(words: &Words, options: &FeedOptions) -> Option<String> {
    let (own, form) = (&words.channel, &words.builder);
    let found = [options.tag().map(own.tagged), options.query().map(own.with_words)];
    let found: Vec<String> = found.into_iter().flatten().collect();
    let mut told = Vec::new();
    if !found.is_empty() {
        told.push((own.only)(&found.join(", ")));
    }
    for (name, label) in [("include", form.include), ("exclude", form.exclude)] {
        told.extend(options.value(name).map(|value| format!("{label} {}.", (own.quoted)(&value))));
    }
    let usual = FeedOptions::default();
    let is_changed = |name: &str| options.value(name) != usual.value(name);
    let choices = choices(form, options);
    let changed = choices.iter().filter(|one| CHOICES.contains(&one.name) && is_changed(one.name));
    let meaning = |one: &Choice| match options.value("kind") {
        Some(value) if one.name == "kind" && !KINDS.contains(&value.as_str()) => {
            Some(kinds(form, &value))
        }
        _ => one.chosen().map(str::to_owned),
    };
    told.extend(changed.filter_map(|one| Some(format!("{}: {}.", one.label, meaning(one)?))));
    if is_changed("service") {
        told.push(format!("{}.", own.service_too));
    }
    (!told.is_empty()).then(|| told.join(" "))
}

/// Kinds that the form does not offer together: `photos, videos, no polls`.
fn kinds(words: &BuilderWords, value: &str) -> String {
    let name = |one: &str| {
        let (is_unwanted, one) = match one.strip_prefix('-') {
            Some(one) => (true, one),
            None => (false, one),
        };
        match words.kind_names.iter().find(|(kind, ..)| *kind == one) {
            Some((.., unwanted)) if is_unwanted => format!("{} {unwanted}", words.without),
            Some((_, wanted, _)) => (*wanted).to_owned(),
            None => one.to_owned(),
        }
    };
    value.split(',').map(name).collect::<Vec<_>>().join(", ")
}

/// What a page of some of the posts is called: `#fog – Tidewater Light`, `Tidewater Light – older posts`.
pub(super) fn titled(words: &Words, title: &str, options: &FeedOptions, is_older: bool) -> String {
    let own = &words.channel;
    let tag = options.tag().map(|tag| format!("#{tag}"));
    let found: Vec<String> = tag.into_iter().chain(options.query().map(own.quoted)).collect();
    let found = found.join(" ");
    let older = if is_older { own.older_posts } else { "" };
    let parts = [found.as_str(), title, older];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" – ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    #[test]
    fn every_kind_has_its_words() {
        for language in [Language::English, Language::Russian] {
            let mut kinds = Words::of(language).builder.kind_names.map(|(kind, ..)| kind);
            let all = format!("kind={}", kinds.join(","));
            let options = FeedOptions::parse(&all, &FeedOptions::default()).unwrap();
            kinds.sort_unstable();
            let mut held: Vec<String> =
                options.value("kind").unwrap().split(',').map(str::to_owned).collect();
            held.sort_unstable();
            assert_eq!(held, kinds, "each is a kind, and none is there twice");
        }
    }

    #[test]
    fn what_is_left_out_and_what_is_added_is_told_in_the_words_of_the_form() {
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
            for (language, told) in [(Language::English, english), (Language::Russian, russian)] {
                assert_eq!(filter(Words::of(language), &options).as_deref(), Some(told), "{query}");
            }
        }
    }

    #[test]
    fn a_page_is_called_by_what_it_holds_and_of_which_channel() {
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
    fn nothing_is_told_when_all_posts_are_shown() {
        for query in ["", "limit=5", "title=marked&content=text", "stats=1", "forwards=all"] {
            let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
            assert_eq!(filter(Words::of(Language::English), &options), None, "{query}");
        }
    }
}
