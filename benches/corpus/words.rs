//! Random words of four languages: the same ones in each run, with realistic frequencies.
//!
//! A language has 60,000 word forms: 6,000 stems with ten endings each. The probability of a form follows from its rank
//! by the Zipf-Mandelbrot law, so that an index meets new words as often as with real text.

/// Word forms per language.
const FORMS: u64 = 60_000;

/// Stems per language.
const STEMS: u64 = 6_000;

/// The offset of the Zipf-Mandelbrot law. Without it one word in eleven would be the same.
const FLATTENING: f64 = 2.7;

/// A deterministic pseudo-random generator (`SplitMix64`).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// The rank of a word form, 0 being the most common.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "it is a number from 0 to the size of the vocabulary"
    )]
    pub(crate) fn rank(&mut self) -> u64 {
        let even = (self.next() >> 12) as f64 / (1_u64 << 52) as f64;
        let rank = FLATTENING * ((FORMS as f64 + FLATTENING) / FLATTENING).powf(even) - FLATTENING;
        (rank as u64).min(FORMS - 1)
    }

    /// A random length with this mean: most are shorter, some much longer.
    pub(crate) fn length(&mut self, mean: usize) -> usize {
        const EIGHTHS: [usize; 10] = [2, 3, 4, 5, 6, 7, 8, 10, 13, 22];
        mean * EIGHTHS[self.below(EIGHTHS.len() as u64) as usize] / 8
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Russian,
    English,
    Arabic,
    Chinese,
}

/// The letters of a language's words.
struct Letters {
    /// Starts of syllables.
    openers: [&'static str; 14],
    /// Ends of syllables.
    vowels: [&'static str; 6],
    /// Last letters of stems.
    closers: [&'static str; 7],
    endings: [&'static str; 10],
}

const RUSSIAN: Letters = Letters {
    openers: ["б", "в", "г", "д", "к", "л", "м", "н", "п", "р", "с", "т", "ст", "пр"],
    vowels: ["а", "о", "е", "и", "у", "я"],
    closers: ["н", "т", "р", "л", "в", "д", "к"],
    endings: ["", "а", "ы", "ов", "ами", "ого", "ая", "ить", "ает", "ость"],
};

const ENGLISH: Letters = Letters {
    openers: ["b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "th", "st"],
    vowels: ["a", "e", "i", "o", "u", "ea"],
    closers: ["n", "t", "r", "l", "d", "m", "ck"],
    endings: ["", "s", "ed", "ing", "er", "ers", "ly", "ness", "able", "tion"],
};

const ARABIC: Letters = Letters {
    openers: ["ب", "ت", "ج", "ح", "د", "ر", "س", "ش", "ع", "ف", "ق", "ك", "خ", "م"],
    vowels: ["ا", "و", "ي", "", "ن", "ه"],
    closers: ["ر", "ل", "م", "د", "ب", "ق", "س"],
    endings: ["", "ة", "ات", "ون", "ين", "ها", "هم", "ي", "ان", "نا"],
};

impl Language {
    /// The language of a channel. Half of the channels are Russian.
    pub(crate) fn of(channel: u64) -> Self {
        match channel % 20 {
            0..10 => Self::Russian,
            10..15 => Self::English,
            15..17 => Self::Arabic,
            _ => Self::Chinese,
        }
    }

    /// The word form with a rank. Common forms are short.
    pub(crate) fn word(self, rank: u64) -> String {
        let letters = match self {
            Self::Russian => &RUSSIAN,
            Self::English => &ENGLISH,
            Self::Arabic => &ARABIC,
            Self::Chinese => return characters(rank),
        };
        let (stem, form) = (rank % STEMS, rank / STEMS);
        let (mut word, mut rest) = (String::new(), stem);
        loop {
            word.push_str(of(&letters.openers, rest));
            rest /= letters.openers.len() as u64;
            word.push_str(of(&letters.vowels, rest));
            rest /= letters.vowels.len() as u64;
            if rest == 0 {
                break;
            }
        }
        // The most common words have one syllable and no ending: `на`, `the`.
        let is_particle = rank < 84;
        if !is_particle {
            word.push_str(of(&letters.closers, stem / 5));
            word.push_str(of(&letters.endings, form + stem));
        }
        word
    }

    /// A sentence of `words` words, with a capital letter at its start.
    pub(crate) fn sentence(self, words: usize, chance: &mut Chance) -> String {
        let words: Vec<String> = (0..words).map(|_| self.word(chance.rank())).collect();
        let mut sentence = words.join(if self.is_spaced() { " " } else { "" });
        if let Some(first) = sentence.chars().next() {
            sentence.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
        }
        sentence
    }

    fn is_spaced(self) -> bool {
        self != Self::Chinese
    }
}

fn of<'l>(list: &[&'l str], at: u64) -> &'l str {
    list[(at % list.len() as u64) as usize]
}

/// A Chinese word: one or two characters out of three thousand.
fn characters(rank: u64) -> String {
    const CHARACTERS: u64 = 3_000;
    let first = rank * 31 % CHARACTERS;
    let second = (rank / CHARACTERS * 131 + rank * 7) % CHARACTERS;
    let character = |at: u64| char::from_u32(0x4e00 + at as u32);
    let second = character(second).filter(|_| rank >= 300);
    character(first).into_iter().chain(second).collect()
}
