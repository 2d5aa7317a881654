//! Detects the language of a channel or a text.
//!
//! The language of a channel decides the language of feedline's own words (`detect`). The language of a text decides
//! fonts, hyphens and line breaks (`tag`, `tag_among`).

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use whatlang::{Lang, Script};

use crate::model::Language;

/// The number of examined characters. The detector is slow, and more characters do not improve the result.
const MAX_SAMPLE: usize = 300;

/// The number of cached results.
const MAX_RECENT: usize = 16;

/// What the detector says of a sample.
#[derive(Clone, Copy)]
struct Detected {
    tag: &'static str,
    script: Script,
    is_reliable: bool,
}

/// Detects the language of a channel from some of its texts; `None` if feedline has no locale for it.
pub(crate) fn detect<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Option<Language> {
    let detected = detect_sample(sample(texts))?;
    Language::ALL.iter().copied().find(|language| language.tag() == detected.tag)
}

/// Detects the language of texts: BCP 47, empty if unsure.
pub(crate) fn tag<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> &'static str {
    match detect_sample(sample(texts)) {
        Some(detected) if detected.is_reliable => detected.tag,
        Some(detected) => of_script(detected.script),
        None => "",
    }
}

/// The language of one text among others that are mostly in `usual`: `usual`, unless its script differs.
pub(crate) fn tag_among(text: &str, usual: &'static str) -> &'static str {
    match whatlang::detect_script(&sample([text])) {
        Some(script) if !is_written_in(usual, script) => of_script(script),
        _ => usual,
    }
}

/// Whether the texts are in the language's script and not reliably detected as another language.
pub(super) fn is_of<T: AsRef<str>>(language: Language, texts: impl IntoIterator<Item = T>) -> bool {
    detect_sample(sample(texts)).is_some_and(|detected| {
        is_written_in(language.tag(), detected.script)
            && (detected.tag == language.tag() || !detected.is_reliable)
    })
}

/// Detects the language of a sample. A channel and its feed are detected from the same sample, one shortly after the
/// other, and a detection takes as long as parsing a post: the last results are cached.
fn detect_sample(sample: String) -> Option<Detected> {
    static RECENT: Mutex<VecDeque<(String, Option<Detected>)>> = Mutex::new(VecDeque::new());
    let recent = || RECENT.lock().unwrap_or_else(PoisonError::into_inner);
    let cached = recent().iter().find(|(text, _)| *text == sample).map(|(_, detected)| *detected);
    if let Some(detected) = cached {
        return detected;
    }
    let detected = whatlang::detect(&sample).map(|info| Detected {
        tag: bcp47(info.lang()),
        script: info.script(),
        is_reliable: info.is_reliable(),
    });
    let mut recent = recent();
    recent.truncate(MAX_RECENT - 1);
    recent.push_front((sample, detected));
    detected
}

/// Whether a language is written in a script; `false` for the empty tag.
fn is_written_in(tag: &str, script: Script) -> bool {
    match tag {
        "" => false,
        "ru" | "uk" | "be" | "bg" | "sr" | "mk" => script == Script::Cyrillic,
        "ar" | "fa" | "ur" => script == Script::Arabic,
        "ja" => matches!(script, Script::Hiragana | Script::Katakana | Script::Mandarin),
        _ if of_script(script).is_empty() => script == Script::Latin,
        _ => of_script(script) == tag,
    }
}

/// The language of a script that is used for little else.
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

/// The BCP 47 tag; empty for languages that are not listed.
fn bcp47(lang: Lang) -> &'static str {
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

/// The first words, without links, mentions and hashtags, which have no language.
fn sample<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let mut sample = String::new();
    let mut characters = 0;
    for text in texts {
        for word in text.as_ref().split_whitespace() {
            if word.starts_with(['#', '@', '$']) || word.contains("://") {
                continue;
            }
            if characters >= MAX_SAMPLE {
                return sample;
            }
            sample.extend(word.chars().take(MAX_SAMPLE - characters));
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
    fn language_is_detected_from_few_sentences() {
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
    fn language_tag_is_given_only_if_certain() {
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
    fn text_is_of_language_unless_detected_as_another() {
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
