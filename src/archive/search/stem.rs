//! Stems words with the Snowball stemmers, and caches the results.
//!
//! Each script has one main language. A word is indexed as its stem in that language, with the language tag
//! (`ru·телефон`), so that a stem is never mistaken for a word. Texts in another language of the script also get its
//! stems, and words without a stem are indexed as they are.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use rust_stemmers::{Algorithm, Stemmer};
use whatlang::{Detector, Lang};

use super::fold::fold;
use super::token::{Form, Script, Token};

/// The length of words that are stemmed, in characters. Shorter words have no endings; longer ones are addresses, keys
/// or laughter.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=40;

/// The number of characters that the language detector reads. It is slow, and more text does not improve the result.
const SAMPLE: usize = 300;

/// The minimum number of Latin words for language detection.
const FEWEST_WORDS: usize = 5;

/// Languages in Latin script that the detector distinguishes. Those without a stemmer here are listed so that the
/// detector does not report their texts as one of the others.
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

/// Terms by language and written word. Stemming takes a hundred times as long as a cache hit.
static CACHE: LazyLock<Mutex<HashMap<StemLanguage, Terms>>> = LazyLock::new(Mutex::default);

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
    /// Languages in Latin script other than English.
    pub(super) const LATIN: [Self; 6] =
        [Self::French, Self::German, Self::Italian, Self::Portuguese, Self::Spanish, Self::Turkish];

    /// The main language of a script, by which its words are stemmed in every text.
    fn of_all(script: Script) -> Option<Self> {
        match script {
            Script::Arabic => Some(Self::Arabic),
            Script::Cyrillic => Some(Self::Russian),
            Script::Greek => Some(Self::Greek),
            Script::Latin => Some(Self::English),
            Script::Other => None,
        }
    }

    /// The language tag (RFC 5646) and the stemmer.
    fn parts(self) -> (&'static str, Algorithm) {
        match self {
            Self::Arabic => ("ar", Algorithm::Arabic),
            Self::English => ("en", Algorithm::English),
            Self::French => ("fr", Algorithm::French),
            Self::German => ("de", Algorithm::German),
            Self::Greek => ("el", Algorithm::Greek),
            Self::Italian => ("it", Algorithm::Italian),
            Self::Portuguese => ("pt", Algorithm::Portuguese),
            Self::Russian => ("ru", Algorithm::Russian),
            Self::Spanish => ("es", Algorithm::Spanish),
            Self::Turkish => ("tr", Algorithm::Turkish),
        }
    }
}

/// The language of a text in Latin script, if it has a stemmer and is not English: one or none. `None` if the text has
/// too few Latin words to tell; `latin` of its `words` are Latin.
pub(super) fn languages(text: &str, latin: usize, words: usize) -> Option<&'static [StemLanguage]> {
    if latin < FEWEST_WORDS || latin * 2 < words {
        return None;
    }
    let sample: String = text.chars().take(SAMPLE).collect();
    Some(match LATIN.detect_lang(&sample) {
        Some(Lang::Deu) => &[StemLanguage::German],
        Some(Lang::Fra) => &[StemLanguage::French],
        Some(Lang::Spa) => &[StemLanguage::Spanish],
        Some(Lang::Ita) => &[StemLanguage::Italian],
        Some(Lang::Por) => &[StemLanguage::Portuguese],
        Some(Lang::Tur) => &[StemLanguage::Turkish],
        _ => &[],
    })
}

/// The language tag in the stems of a token's script.
pub(super) fn tag(token: &Token) -> Option<&'static str> {
    let Form::Word(script) = token.form else { return None };
    StemLanguage::of_all(script).map(|language| language.parts().0)
}

/// The index term of a token. Tokens with equal words have equal terms.
pub(super) fn term(token: &Token) -> String {
    match token.form {
        Form::Word(script) => term_of_word(script, &token.word),
        _ => token.word.clone(),
    }
}

/// The index term of a folded word.
pub(super) fn term_of_word(script: Script, word: &str) -> String {
    match StemLanguage::of_all(script).filter(|_| has_stem(word)) {
        Some(language) => term_by(language, word, word),
        None => word.to_owned(),
    }
}

/// All terms under which a form of the token's word may be indexed, in any language of its script.
pub(super) fn forms(text: &str, token: &Token) -> Vec<Box<str>> {
    let mut forms = vec![term(token).into_boxed_str()];
    if token.form == Form::Word(Script::Latin) {
        for language in StemLanguage::LATIN {
            let term = secondary_term(language, &text[token.range.clone()]);
            forms.extend((!term.is_empty()).then(|| term.into_boxed_str()));
        }
    }
    forms
}

/// The cached terms of recent words.
pub(super) struct Cache(MutexGuard<'static, HashMap<StemLanguage, Terms>>);

impl Cache {
    pub(super) fn lock() -> Self {
        Self(CACHE.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Appends the term of a written word; nothing if the word has no letter.
    pub(super) fn write_term(&mut self, script: Script, written: &str, text: &mut String) {
        match StemLanguage::of_all(script) {
            None => text.push_str(&fold(written)),
            Some(language) => self.0.entry(language).or_default().write(
                written,
                || term_of_word(script, &fold(written)),
                text,
            ),
        }
    }

    /// Appends the term of a Latin word in a language other than English; nothing if the word has no stem.
    pub(super) fn write_secondary(
        &mut self,
        language: StemLanguage,
        written: &str,
        text: &mut String,
    ) {
        let terms = self.0.entry(language).or_default();
        terms.write(written, || secondary_term(language, written), text);
    }
}

/// The terms of one language, in a table of fixed size. The hash of a word selects a pair of entries, of which a new
/// word replaces the older one.
///
/// Most of a look-up is waiting for memory. Words and terms are inline, so a look-up waits once; a hash table with
/// strings waits three times.
struct Terms {
    entries: Box<[Entry]>,
    hasher: RandomState,
}

/// A word followed by its term. `word` is 0 in an empty entry.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Entry {
    word: u8,
    term: u8,
    text: [u8; MAX_ENTRY],
}

/// The maximum length of a cached word and its term together, in bytes.
const MAX_ENTRY: usize = 62;

/// Two MiB for each language.
const ENTRIES: usize = 32_768;

impl Default for Terms {
    fn default() -> Self {
        let empty = Entry { word: 0, term: 0, text: [0; MAX_ENTRY] };
        Self { entries: vec![empty; ENTRIES].into(), hasher: RandomState::default() }
    }
}

impl Terms {
    fn write(&mut self, written: &str, make: impl Fn() -> String, text: &mut String) {
        let hash = self.hasher.hash_one(written).to_le_bytes();
        let pair = usize::from(u16::from_le_bytes([hash[0], hash[1]])) % (ENTRIES / 2) * 2;
        let [newer, older] = &mut self.entries[pair..][..2] else { return };
        if older.is_of(written) {
            std::mem::swap(newer, older);
        }
        if newer.is_of(written)
            && let Some(term) = newer.term()
        {
            return text.push_str(term);
        }
        let term = make();
        text.push_str(&term);
        if let Some(entry) = Entry::new(written, &term) {
            *older = *newer;
            *newer = entry;
        }
    }
}

impl Entry {
    /// `None` if the word and its term are too long.
    fn new(word: &str, term: &str) -> Option<Self> {
        let mut text = [0; MAX_ENTRY];
        text.get_mut(..word.len())?.copy_from_slice(word.as_bytes());
        text.get_mut(word.len()..word.len() + term.len())?.copy_from_slice(term.as_bytes());
        Some(Self { word: word.len().try_into().ok()?, term: term.len().try_into().ok()?, text })
    }

    fn is_of(&self, word: &str) -> bool {
        let length = usize::from(self.word);
        length > 0 && length == word.len() && self.text[..length] == *word.as_bytes()
    }

    fn term(&self) -> Option<&str> {
        let start = usize::from(self.word);
        str::from_utf8(&self.text[start..start + usize::from(self.term)]).ok()
    }
}

fn has_stem(word: &str) -> bool {
    LENGTHS.contains(&word.chars().count())
}

fn secondary_term(language: StemLanguage, written: &str) -> String {
    let word = fold(written);
    if !has_stem(&word) {
        return String::new();
    }
    // Latin endings have accents (`café`, `años`): the written word is stemmed, and the stem is folded.
    if written.is_ascii() {
        term_by(language, &word, &word)
    } else {
        term_by(language, &written.to_lowercase(), &word)
    }
}

/// The term of a word in a language, from its written and its folded form.
fn term_by(language: StemLanguage, written: &str, word: &str) -> String {
    format!("{}·{}", language.parts().0, stem(language, written, word))
}

fn stem(language: StemLanguage, written: &str, word: &str) -> String {
    let stemmer = Stemmer::create(language.parts().1);
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

/// Snowball strips the Arabic article only if no conjunction precedes it, and the ending `ة` only with its dots.
fn as_snowball_spells(word: &str) -> String {
    let word = word.strip_prefix('و').filter(|rest| rest.starts_with("ال")).unwrap_or(word);
    word.strip_suffix('ه').map_or_else(|| word.to_owned(), |start| format!("{start}ة"))
}

/// Drops the fleeting vowel, which Snowball leaves: `рынок`, `рынка`; `отец`, `отца`; `день`, `дня`.
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
    fn word_forms_share_stem() {
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
            let stem = |word: &str| match StemLanguage::LATIN.contains(&language) {
                true => secondary_term(language, word),
                false => term(&tokens(word)[0]),
            };
            let mut all: Vec<_> = forms.split(' ').map(stem).collect();
            all.dedup();
            assert_eq!(all.len(), 1, "{forms}: {all:?}");
            assert!(!all[0].is_empty());
        }
    }

    #[test]
    fn term_is_the_same_whether_it_is_cached_or_not() {
        let mut terms = Terms::default();
        let mut write = |word: &str| {
            let mut text = "before ".to_owned();
            terms.write(word, || format!("term of {word}"), &mut text);
            assert_eq!(text, format!("before term of {word}"));
        };
        for _ in 0..2 {
            for length in 0..=2 * MAX_ENTRY {
                write(&"a".repeat(length));
            }
            (0..=2 * ENTRIES).for_each(|number| write(&number.to_string()));
        }
        (0..=9).for_each(|_| write("2"));
        terms.write("2", || panic!("it is cached"), &mut String::new());
    }

    #[test]
    fn search_term_is_prefixed_with_language() {
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
        assert_eq!(secondary_term(German, "Häuser"), "de·haus");
        assert_eq!(forms("слова", &tokens("слова")[0]), ["ru·слов".into()]);
        assert_eq!(forms("words", &tokens("words")[0]).len(), 7);
    }

    #[test]
    fn stem_language_of_latin_text_is_detected() {
        for (text, expected) in [
            ("", None),
            ("Выпуск новостей", None),
            ("The harbour is closed because of the storm", None),
            ("Der Hafen ist wegen des Sturms heute geschlossen", Some(German)),
            ("Le port est fermé aujourd’hui à cause de la tempête", Some(French)),
            ("El puerto está cerrado hoy por la tormenta que viene", Some(Spanish)),
        ] {
            let words = tokens(text);
            let latin = words.iter().filter(|token| token.form == Form::Word(Script::Latin));
            let languages = languages(text, latin.count(), words.len()).unwrap_or_default();
            assert_eq!(languages.first().copied(), expected, "{text}");
        }
    }
}
