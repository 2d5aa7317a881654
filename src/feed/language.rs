//! Tells the language of a channel, and of single texts.
//!
//! A channel's language decides in which language feedline writes its own words into the feed ([`detect`]); the language of
//! a text decides fonts, hyphens and line breaks ([`tag`], [`tag_among`]).

use whatlang::{Lang, Script};

use crate::model::Language;

/// How many characters are looked at to tell a language: the detector is slow, and more make it no surer.
const SAMPLE: usize = 300;

/// The language of a channel from some of its texts, when it is one in which we have words.
pub fn detect<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Option<Language> {
    let info = whatlang::detect(&sample(texts))?;
    Language::ALL.iter().copied().find(|language| language.tag() == written(info.lang()))
}

/// The language in which texts are written, as far as that can be said: BCP 47, empty when it is not known. It decides
/// fonts, hyphens and line breaks, so what is not sure says nothing.
pub fn tag<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> &'static str {
    let sample = sample(texts);
    match whatlang::detect(&sample) {
        Some(info) if info.is_reliable() => written(info.lang()),
        Some(info) => of_script(info.script()),
        None => "",
    }
}

/// The language of one text among others that are mostly written in the `usual` one: that one, unless it is in another
/// script.
pub fn tag_among(text: &str, usual: &'static str) -> &'static str {
    let Some(script) = whatlang::detect_script(&sample([text])) else { return usual };
    let is_usual = is_script_of(usual, script);
    if is_usual { usual } else { of_script(script) }
}

/// Whether the language is written in the script; not so of an unknown language.
fn is_script_of(tag: &str, script: Script) -> bool {
    match tag {
        "" => false,
        "ru" | "uk" | "be" | "bg" | "sr" | "mk" => script == Script::Cyrillic,
        "ar" | "fa" | "ur" => script == Script::Arabic,
        "ja" => matches!(script, Script::Hiragana | Script::Katakana | Script::Mandarin),
        _ if of_script(script).is_empty() => script == Script::Latin,
        _ => of_script(script) == tag,
    }
}

/// The language of a script in which hardly any other is written.
fn of_script(script: Script) -> &'static str {
    match script {
        Script::Mandarin => "zh",
        Script::Hiragana | Script::Katakana => "ja",
        Script::Hangul => "ko",
        Script::Arabic => "ar",
        Script::Hebrew => "he",
        Script::Greek => "el",
        Script::Thai => "th",
        Script::Georgian => "ka",
        Script::Armenian => "hy",
        _ => "",
    }
}

fn written(lang: Lang) -> &'static str {
    match lang {
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Bel => "be",
        Lang::Bul => "bg",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Ara => "ar",
        Lang::Pes => "fa",
        Lang::Urd => "ur",
        Lang::Heb => "he",
        Lang::Cmn => "zh",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Pol => "pl",
        Lang::Tur => "tr",
        Lang::Uzb => "uz",
        Lang::Hin => "hi",
        Lang::Ell => "el",
        Lang::Tha => "th",
        Lang::Kat => "ka",
        Lang::Hye => "hy",
        _ => "",
    }
}

/// Whether the texts may be called texts of the language: they are in its script and not surely in another language.
pub fn is_of<T: AsRef<str>>(language: Language, texts: impl IntoIterator<Item = T>) -> bool {
    whatlang::detect(&sample(texts)).is_some_and(|info| {
        is_script_of(language.tag(), info.script())
            && (written(info.lang()) == language.tag() || !info.is_reliable())
    })
}

/// The first words of the texts. Links, mentions and hashtags say nothing of a language and are passed over.
fn sample<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let mut sample = String::new();
    let mut characters = 0;
    let says_something = |word: &&str| !word.starts_with(['#', '@', '$']) && !word.contains("://");
    for text in texts {
        for word in text.as_ref().split_whitespace().filter(says_something) {
            if characters >= SAMPLE {
                return sample;
            }
            sample.extend(word.chars().take(SAMPLE - characters));
            sample.push(' ');
            characters += word.chars().count() + 1;
        }
    }
    sample
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_from_a_few_sentences() {
        for (text, expected) in [
            (
                "Сегодня мы заварили молодой пуэр и сравнили его с тем, что лежал десять лет.",
                Some(Language::Russian),
            ),
            (
                "Today we brewed a young tea and compared it with one that had rested for ten years.",
                Some(Language::English),
            ),
            ("今天我们泡了一壶新茶，和放了十年的老茶作比较。", None),
            ("اليوم أعددنا شايًا جديدًا وقارناه بشاي عمره عشر سنوات", None),
            ("#tea @tearoad https://tea.example/english/words", None),
            ("", None),
        ] {
            assert_eq!(detect([text]), expected, "{text}");
        }
    }

    #[test]
    fn the_language_of_a_text_is_told_as_far_as_it_is_sure() {
        let russian =
            "Сегодня мы заварили молодой пуэр и сравнили его с тем, что лежал десять лет.";
        let arabic = "اليوم أعددنا شايًا جديدًا وقارناه بشاي عمره عشر سنوات";
        let chinese = "今天我们泡了一壶新茶，和放了十年的老茶作比较。";
        for (text, expected) in [(russian, "ru"), (arabic, "ar"), (chinese, "zh"), ("", "")] {
            assert_eq!(tag([text]), expected, "{text}");
        }
        for (text, usual, expected) in [
            ("Чай", "ru", "ru"),
            ("Чай", "uk", "uk"),
            ("Tea", "ru", ""),
            ("Tea", "en", "en"),
            ("茶", "ru", "zh"),
            ("茶", "ja", "ja"),
            ("شاي", "fa", "fa"),
            ("شاي", "zh", "ar"),
            ("☕", "ru", "ru"),
        ] {
            assert_eq!(tag_among(text, usual), expected, "{text} among {usual}");
        }
    }

    #[test]
    fn texts_are_called_by_a_language_unless_they_are_surely_in_another() {
        let german = "Heute haben wir einen jungen Tee aufgegossen und ihn mit einem verglichen, der zehn Jahre lag.";
        for (language, text, expected) in [
            (Language::English, "Tea at five", true),
            (Language::English, german, false),
            (Language::English, "今天我们泡了一壶新茶", false),
            (Language::English, "", false),
            (Language::Russian, "Чай в пять", true),
            (Language::Russian, "Tea at five", false),
        ] {
            assert_eq!(is_of(language, [text]), expected, "{text}");
        }
    }
}
