//! By the stems of which languages a text is found.

use std::sync::LazyLock;

use whatlang::{Detector, Lang};

use super::stem::Tongue;
use super::token::{Form, Script, Token};

/// How many characters are looked at: the detector is slow, and more make it no surer.
const SAMPLE: usize = 300;

/// Latin words from which a language can be guessed.
const FEWEST_WORDS: usize = 5;

/// Languages in Latin letters that the detector tells apart. Those without stems of ours keep others from being taken for
/// one that has them.
static LATIN: LazyLock<Detector> = LazyLock::new(|| {
    Detector::with_allowlist(vec![
        Lang::Eng,
        Lang::Deu,
        Lang::Fra,
        Lang::Spa,
        Lang::Ita,
        Lang::Por,
        Lang::Tur,
        Lang::Pol,
        Lang::Uzb,
        Lang::Ind,
        Lang::Nld,
        Lang::Aze,
    ])
});

/// The languages of a text, given with its tokens.
///
/// Cyrillic is Russian or Ukrainian by the letters that only one of them has, and both without any; Latin is English, for
/// the sake of the many English words in all languages, and what it looks like besides.
pub(super) fn tongues(text: &str, tokens: &[Token]) -> Vec<Tongue> {
    let mut tongues = vec![Tongue::English];
    let words = |script| tokens.iter().filter(|token| token.form == Form::Word(script)).count();
    if words(Script::Cyrillic) > 0 {
        let has = |letters: &[char]| text.contains(letters);
        let is_russian = has(&['ы', 'э', 'ъ', 'ё', 'Ы', 'Э', 'Ъ', 'Ё']);
        let is_ukrainian = has(&['і', 'ї', 'є', 'ґ', 'І', 'Ї', 'Є', 'Ґ']);
        if is_russian || !is_ukrainian {
            tongues.push(Tongue::Russian);
        }
        if is_ukrainian || !is_russian {
            tongues.push(Tongue::Ukrainian);
        }
    }
    if words(Script::Arabic) > 0 {
        tongues.push(Tongue::Arabic);
    }
    if words(Script::Greek) > 0 {
        tongues.push(Tongue::Greek);
    }
    if words(Script::Latin) >= FEWEST_WORDS && words(Script::Latin) * 2 >= tokens.len() {
        tongues.extend(latin(text));
    }
    tongues
}

/// What a text in Latin letters looks like, when that has stems of ours and is not English.
fn latin(text: &str) -> Option<Tongue> {
    let sample: String = text.chars().take(SAMPLE).collect();
    match LATIN.detect_lang(&sample)? {
        Lang::Deu => Some(Tongue::German),
        Lang::Fra => Some(Tongue::French),
        Lang::Spa => Some(Tongue::Spanish),
        Lang::Ita => Some(Tongue::Italian),
        Lang::Por => Some(Tongue::Portuguese),
        Lang::Tur => Some(Tongue::Turkish),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;
    use Tongue::{Arabic, English, French, German, Russian, Spanish, Ukrainian};

    #[test]
    fn a_text_is_in_the_languages_that_its_letters_and_words_tell() {
        for (text, expected) in [
            ("", vec![English]),
            ("Выпуск новостей", vec![English, Russian]),
            ("Випуск новин і погоди", vec![English, Ukrainian]),
            ("Погода на завтра", vec![English, Russian, Ukrainian]),
            ("Это мова і язык", vec![English, Russian, Ukrainian]),
            ("أخبار اليوم", vec![English, Arabic]),
            ("今天的新闻", vec![English]),
            ("The harbour is closed because of the storm", vec![English]),
            ("Der Hafen ist wegen des Sturms heute geschlossen", vec![English, German]),
            ("Le port est fermé aujourd’hui à cause de la tempête", vec![English, French]),
            ("El puerto está cerrado hoy por la tormenta que viene", vec![English, Spanish]),
        ] {
            assert_eq!(tongues(text, &tokens(text)), expected, "{text}");
        }
    }
}
