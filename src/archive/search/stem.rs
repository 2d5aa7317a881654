//! What the forms of a word have in common.
//!
//! A stem is kept with the language by which it was made (`ru·телефон`): the same letters are another stem in another
//! language. The dot is in no word, so a stem is never taken for one.

use rust_stemmers::{Algorithm, Stemmer};

use super::fold::fold;
use super::token::{Form, Script, Token};
use super::{arabic, ukrainian};

/// Words of fewer letters have no forms that endings tell.
const SHORTEST: usize = 3;

/// Words of more letters are none: addresses, keys, laughter.
const LONGEST: usize = 40;

/// Languages whose stems a text is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tongue {
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
    Ukrainian,
}

impl Tongue {
    /// All of them.
    pub(super) const ALL: [Self; 11] = [
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
        Self::Ukrainian,
    ];

    /// Its tag (RFC 5646).
    fn tag(self) -> &'static str {
        match self {
            Self::Arabic => "ar",
            Self::English => "en",
            Self::French => "fr",
            Self::German => "de",
            Self::Greek => "el",
            Self::Italian => "it",
            Self::Portuguese => "pt",
            Self::Russian => "ru",
            Self::Spanish => "es",
            Self::Turkish => "tr",
            Self::Ukrainian => "uk",
        }
    }

    fn script(self) -> Script {
        match self {
            Self::Arabic => Script::Arabic,
            Self::Greek => Script::Greek,
            Self::Russian | Self::Ukrainian => Script::Cyrillic,
            _ => Script::Latin,
        }
    }

    /// Snowball's algorithm. Ukrainian has none, and the Arabic one wants letters that are folded here.
    fn algorithm(self) -> Option<Algorithm> {
        Some(match self {
            Self::English => Algorithm::English,
            Self::French => Algorithm::French,
            Self::German => Algorithm::German,
            Self::Greek => Algorithm::Greek,
            Self::Italian => Algorithm::Italian,
            Self::Portuguese => Algorithm::Portuguese,
            Self::Russian => Algorithm::Russian,
            Self::Spanish => Algorithm::Spanish,
            Self::Turkish => Algorithm::Turkish,
            Self::Arabic | Self::Ukrainian => return None,
        })
    }
}

/// Makes stems in some languages.
pub(super) struct Stems {
    tongues: Vec<(Tongue, Option<Stemmer>)>,
}

impl Stems {
    /// Stems by each of the languages, of words in its script.
    pub(super) fn of(tongues: &[Tongue]) -> Self {
        let made = |tongue: &Tongue| (*tongue, tongue.algorithm().map(Stemmer::create));
        Self { tongues: tongues.iter().map(made).collect() }
    }

    /// The stems of a token, marked with their languages; none for numbers, pairs, and scripts that we know no endings of.
    pub(super) fn stems(&self, text: &str, token: &Token) -> Vec<String> {
        let Form::Word(script) = token.form else { return Vec::new() };
        let length = token.word.chars().count();
        if !(SHORTEST..=LONGEST).contains(&length) {
            return Vec::new();
        }
        let tongues = self.tongues.iter().filter(|(tongue, _)| tongue.script() == script);
        let written = &text[token.range.clone()];
        let mut marked = Vec::new();
        for (tongue, stemmer) in tongues {
            let stems = match stemmer {
                Some(stemmer) => vec![stem(*tongue, stemmer, written, &token.word)],
                None if script == Script::Arabic => vec![arabic::stem(&token.word)],
                None => ukrainian::stems(&token.word),
            };
            marked.extend(stems.iter().map(|stem| format!("{}·{stem}", tongue.tag())));
        }
        marked
    }
}

/// Latin endings carry accents (`café`, `años`): they are looked at as written, and what remains is folded.
fn stem(tongue: Tongue, stemmer: &Stemmer, written: &str, word: &str) -> String {
    match tongue.script() {
        Script::Latin if !written.is_ascii() => {
            let stem = fold(&stemmer.stem(&written.to_lowercase()));
            if stem.is_empty() { word.to_owned() } else { stem }
        }
        _ => {
            let stem = stemmer.stem(word);
            if tongue == Tongue::Russian { russian(&stem) } else { stem.into_owned() }
        }
    }
}

/// Snowball leaves vowels that come and go: `рынок`, `рынка`; `отец`, `отца`; `день`, `дня`.
fn russian(stem: &str) -> String {
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

    fn stems(tongue: Tongue, word: &str) -> String {
        let token = &tokens(word)[0];
        Stems::of(&[tongue]).stems(word, token).join(" ")
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        use Tongue::{Arabic, English, French, German, Russian, Spanish};
        for (tongue, forms) in [
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
            (Arabic, "مدرسة المدرسة مدرسه"),
        ] {
            let mut all: Vec<String> = forms.split(' ').map(|word| stems(tongue, word)).collect();
            all.dedup();
            assert_eq!(all.len(), 1, "{forms}: {all:?}");
            assert!(!all[0].is_empty());
        }
    }

    #[test]
    fn a_stem_names_its_language_and_script() {
        assert_eq!(stems(Tongue::English, "news"), "en·news");
        assert_eq!(stems(Tongue::English, "новости"), "");
        assert_eq!(stems(Tongue::Russian, "2026"), "");
        assert_eq!(stems(Tongue::Russian, "он"), "");
        assert_eq!(stems(Tongue::English, &"a".repeat(LONGEST + 1)), "");
    }

    #[test]
    fn every_language_can_be_made() {
        let stems = Stems::of(&Tongue::ALL);
        let count = |word: &str| stems.stems(word, &tokens(word)[0]).len();
        assert_eq!([count("words"), count("слова"), count("كلمات"), count("λέξεις")], [7, 2, 1, 1]);
    }
}
