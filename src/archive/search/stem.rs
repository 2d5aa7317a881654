//! What the forms of a word have in common, by the Snowball stemmers.
//!
//! A word is indexed as its stem in the one language by which all texts have their words of that script stemmed, marked with
//! the language (`ru·телефон`), so that a stem is never taken for a word. Texts in another language of the script have its stems
//! besides. Words that have no stem are indexed as they are.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use rust_stemmers::{Algorithm, Stemmer};
use whatlang::{Detector, Lang};

use super::fold::fold;
use super::token::{Form, Script, Token};

/// Letters of words that have stems. Shorter words have no endings to cut; longer ones are addresses, keys, laughter.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=40;

/// The most terms that are cached of a language, some 100 bytes each: of one that many texts have, and of the others.
const MOST_CACHED: [usize; 2] = [16_384, 2_048];

/// How many characters the language detector reads: it is slow, and more make it no surer.
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

/// Terms by language and word. Stemming a word takes a hundred times as long as looking it up.
static CACHE: LazyLock<Mutex<HashMap<StemLanguage, Terms>>> = LazyLock::new(Mutex::default);

/// Terms by words of a language.
type Terms = HashMap<Box<str>, Box<str>>;

/// A language with a stemmer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum StemLanguage {
    Arabic,
    English,
    French,
    German,
    Greek,
    Italian,
    Portuguese,
    Russian,
    Spanish,
    Turkish,
}

impl StemLanguage {
    pub(super) const ALL: [Self; 10] = [
        Self::Arabic,
        Self::English,
        Self::French,
        Self::German,
        Self::Greek,
        Self::Italian,
        Self::Portuguese,
        Self::Russian,
        Self::Spanish,
        Self::Turkish,
    ];

    /// Its tag (RFC 5646), its script, and its stemmer.
    fn parts(self) -> (&'static str, Script, Algorithm) {
        match self {
            Self::Arabic => ("ar", Script::Arabic, Algorithm::Arabic),
            Self::English => ("en", Script::Latin, Algorithm::English),
            Self::French => ("fr", Script::Latin, Algorithm::French),
            Self::German => ("de", Script::Latin, Algorithm::German),
            Self::Greek => ("el", Script::Greek, Algorithm::Greek),
            Self::Italian => ("it", Script::Latin, Algorithm::Italian),
            Self::Portuguese => ("pt", Script::Latin, Algorithm::Portuguese),
            Self::Russian => ("ru", Script::Cyrillic, Algorithm::Russian),
            Self::Spanish => ("es", Script::Latin, Algorithm::Spanish),
            Self::Turkish => ("tr", Script::Latin, Algorithm::Turkish),
        }
    }

    /// Whether every text has its words in this script stemmed by it.
    fn is_of_all(self) -> bool {
        matches!(self, Self::Arabic | Self::English | Self::Greek | Self::Russian)
    }
}

/// What a text in Latin letters looks like, when that is a language with stems and not English. `None`: it has too few Latin
/// words to tell.
pub(super) fn languages(text: &str, tokens: &[Token]) -> Option<Vec<StemLanguage>> {
    let latin = tokens.iter().filter(|token| token.form == Form::Word(Script::Latin)).count();
    if latin < FEWEST_WORDS || latin * 2 < tokens.len() {
        return None;
    }
    let sample: String = text.chars().take(SAMPLE).collect();
    Some(match LATIN.detect_lang(&sample) {
        Some(Lang::Deu) => vec![StemLanguage::German],
        Some(Lang::Fra) => vec![StemLanguage::French],
        Some(Lang::Spa) => vec![StemLanguage::Spanish],
        Some(Lang::Ita) => vec![StemLanguage::Italian],
        Some(Lang::Por) => vec![StemLanguage::Portuguese],
        Some(Lang::Tur) => vec![StemLanguage::Turkish],
        _ => Vec::new(),
    })
}

/// The tag of the language by which a token's word is stemmed, if it is long enough.
pub(super) fn tag(token: &Token) -> Option<&'static str> {
    let mut all = StemLanguage::ALL.into_iter().filter(|language| language.is_of_all());
    let language = all.find(|language| token.form == Form::Word(language.parts().1))?;
    Some(language.parts().0)
}

/// The term by which a token is indexed. Tokens of equal words have equal terms.
pub(super) fn term(token: &Token) -> String {
    let mut term = String::new();
    write_term(token, &mut term);
    term
}

/// Writes the term by which a token is indexed.
pub(super) fn write_term(token: &Token, text: &mut String) {
    let language = match token.form {
        Form::Word(Script::Arabic) => StemLanguage::Arabic,
        Form::Word(Script::Cyrillic) => StemLanguage::Russian,
        Form::Word(Script::Greek) => StemLanguage::Greek,
        Form::Word(Script::Latin) => StemLanguage::English,
        _ => return text.push_str(&token.word),
    };
    if !LENGTHS.contains(&token.word.chars().count()) {
        return text.push_str(&token.word);
    }
    with_term(language, &token.word, token, |term| text.push_str(term));
}

/// The terms by which a token of a text is indexed besides.
pub(super) fn secondary(languages: &[StemLanguage], text: &str, token: &Token) -> Vec<String> {
    stems(languages.iter().copied(), &text[token.range.clone()], token)
}

/// All terms that tell a form of a token's word, whatever the language of its text.
pub(super) fn forms(text: &str, token: &Token) -> Vec<Box<str>> {
    let languages = StemLanguage::ALL.into_iter().filter(|language| !language.is_of_all());
    let secondary = stems(languages, &text[token.range.clone()], token);
    std::iter::once(term(token)).chain(secondary).map(String::into_boxed_str).collect()
}

/// The terms of a token by those of the languages that are in its script.
fn stems(
    languages: impl Iterator<Item = StemLanguage>,
    written: &str,
    token: &Token,
) -> Vec<String> {
    let Form::Word(script) = token.form else { return Vec::new() };
    if !LENGTHS.contains(&token.word.chars().count()) {
        return Vec::new();
    }
    // Latin endings carry accents (`café`, `años`): they are looked at as written, and what remains is folded.
    let written = if script == Script::Latin && !written.is_ascii() {
        &written.to_lowercase()
    } else {
        &token.word
    };
    languages
        .filter(|language| language.parts().1 == script)
        .map(|language| with_term(language, written, token, str::to_owned))
        .collect()
}

/// Uses the term of a token by a language, which is made once.
fn with_term<T>(
    language: StemLanguage,
    written: &str,
    token: &Token,
    user: impl FnOnce(&str) -> T,
) -> T {
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    let known = cache.entry(language).or_default();
    if let Some(term) = known.get(written) {
        return user(term);
    }
    let term = format!("{}·{}", language.parts().0, stem(language, written, &token.word));
    if known.len() >= MOST_CACHED[usize::from(!language.is_of_all())] {
        known.clear();
    }
    let outcome = user(&term);
    known.insert(written.into(), term.into());
    outcome
}

fn stem(language: StemLanguage, written: &str, word: &str) -> String {
    let stemmer = Stemmer::create(language.parts().2);
    match language {
        StemLanguage::Russian => without_fleeting_vowel(&stemmer.stem(written)),
        StemLanguage::Arabic => fold(&stemmer.stem(&as_snowball_spells(written))),
        _ if written == word => stemmer.stem(written).into_owned(),
        _ => {
            let stem = fold(&stemmer.stem(written));
            if stem.is_empty() { word.to_owned() } else { stem }
        }
    }
}

/// Snowball knows an article only without a conjunction before it, and the ending `ة` only with its points.
fn as_snowball_spells(word: &str) -> String {
    let word = word.strip_prefix('و').filter(|rest| rest.starts_with("ال")).unwrap_or(word);
    word.strip_suffix('ه').map_or_else(|| word.to_owned(), |start| format!("{start}ة"))
}

/// Snowball leaves vowels that come and go: `рынок`, `рынка`; `отец`, `отца`; `день`, `дня`.
fn without_fleeting_vowel(stem: &str) -> String {
    let letters: Vec<char> = stem.chars().collect();
    match letters.as_slice() {
        [start @ .., 'о' | 'е', last @ ('к' | 'ц')] | [start @ .., 'е', last @ 'н']
            if start.len() >= 2 =>
        {
            start.iter().chain([last]).collect()
        }
        _ => stem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;
    use StemLanguage::{Arabic, English, French, German, Russian, Spanish};

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for (language, forms) in [
            (Russian, "новость новости новостей НОВОСТЯМИ"),
            (Russian, "телефон телефоны телефону"),
            (Russian, "ёлка ёлки елку"),
            (Russian, "рынок рынка рынки рынков"),
            (Russian, "отец отца отцу"),
            (Russian, "самолёт самолета самолеты"),
            (English, "running runs run"),
            (English, "Stories story"),
            (German, "Häuser Häusern"),
            (French, "nationale nationales"),
            (Spanish, "países país"),
            (Arabic, "كتاب الكتاب والكتاب"),
            (Arabic, "مدرسة المدرسة المدرسه مدرسه"),
        ] {
            let stem = |word: &str| stems([language].into_iter(), word, &tokens(word)[0]);
            let mut all: Vec<_> = forms.split(' ').map(stem).collect();
            all.dedup();
            assert_eq!(all.len(), 1, "{forms}: {all:?}");
            assert!(!all[0].is_empty());
        }
    }

    #[test]
    fn a_term_names_its_language() {
        for (word, expected) in [
            ("stories", "en·stori"),
            ("news", "en·news"),
            ("Naïve", "en·naiv"),
            ("новостей", "ru·новост"),
            ("2026", "2026"),
            ("он", "он"),
            ("茶", "茶"),
            ("שלום", "שלום"),
            (&"a".repeat(41), &"a".repeat(41)),
        ] {
            assert_eq!(term(&tokens(word)[0]), expected);
        }
        assert_eq!(secondary(&[German], "Häuser", &tokens("Häuser")[0]), ["de·haus"]);
        assert_eq!(forms("слова", &tokens("слова")[0]), ["ru·слов".into()]);
        assert_eq!(forms("words", &tokens("words")[0]).len(), 7);
    }

    #[test]
    fn latin_texts_have_the_language_that_their_words_tell() {
        for (text, expected) in [
            ("", None),
            ("Выпуск новостей", None),
            ("The harbour is closed because of the storm", None),
            ("Der Hafen ist wegen des Sturms heute geschlossen", Some(German)),
            ("Le port est fermé aujourd’hui à cause de la tempête", Some(French)),
            ("El puerto está cerrado hoy por la tormenta que viene", Some(Spanish)),
        ] {
            let languages = languages(text, &tokens(text)).unwrap_or_default();
            assert_eq!(languages.first().copied(), expected, "{text}");
        }
    }
}
