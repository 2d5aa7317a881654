//! Folds spellings that people treat as equal.
//!
//! Lower case; compatibility characters as plain ones (full width, ligatures, mathematical bold); no accents, vowel
//! points or tatweel; `ё` as `е`, all forms of alef as one, Persian letters as Arabic ones.

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// U+0306, which changes a Cyrillic letter into another one: `й`, `ў`.
const BREVE: char = '\u{306}';

/// Folds a word. Drops characters other than letters and digits, so the result may be empty.
pub(super) fn fold(word: &str) -> String {
    if word.is_ascii() {
        let letters = word.chars().filter(char::is_ascii_alphanumeric);
        return letters.map(|letter| letter.to_ascii_lowercase()).collect();
    }
    if let Some(folded) = fold_russian(word) {
        return folded;
    }
    let plain = DecomposingNormalizerBorrowed::new_nfkd().normalize(word).to_lowercase();
    let mut folded = String::with_capacity(plain.len());
    for character in plain.chars() {
        fold_character(character, &mut folded);
    }
    folded
}

/// A fast path for words of Russian letters only; `None` for other words.
fn fold_russian(word: &str) -> Option<String> {
    let mut folded = String::with_capacity(word.len());
    for character in word.chars() {
        folded.push(match character {
            'Ё' | 'ё' => 'е',
            'а'..='я' => character,
            'А'..='Я' => char::from_u32(u32::from(character) + 0x20)?,
            _ => return None,
        });
    }
    Some(folded)
}

/// Folds one character of a script without spaces, with its marks.
pub(super) fn fold_unspaced(cluster: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(cluster);
    composed.to_lowercase().chars().filter(|part| is_part_of_word(*part)).collect()
}

/// Folds a hashtag as one word, underscores included.
pub(super) fn fold_tag(tag: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(tag);
    let mut folded = String::with_capacity(tag.len());
    let mut start = 0;
    for (at, character) in composed.char_indices() {
        if character == '_' || is_unspaced(character) {
            folded.push_str(&fold(&composed[start..at]));
            folded.push(character);
            start = at + character.len_utf8();
        }
    }
    folded.push_str(&fold(&composed[start..]));
    folded
}

/// Whether a character belongs to a script that does not separate words, or that attaches particles to them.
pub(super) fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4f}' | '\u{e80}'..='\u{ecf}' | '\u{edc}'..='\u{eff}'
        | '\u{1000}'..='\u{103f}' | '\u{1050}'..='\u{108f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17df}'
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3041}'..='\u{3096}'
        | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{318f}' | '\u{31a0}'..='\u{31bf}'
        | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}' | '\u{20000}'..='\u{3ffff}')
}

/// The canonical combining class (Unicode, section 3.11); 0 for characters that do not combine.
pub(super) fn combining_class(character: char) -> u8 {
    if character < '\u{300}' {
        return 0;
    }
    CanonicalCombiningClassMapBorrowed::new().get_u8(character)
}

fn is_part_of_word(character: char) -> bool {
    character.is_alphanumeric() || combining_class(character) != 0
}

fn fold_character(character: char, folded: &mut String) {
    match character {
        BREVE => match folded.pop() {
            Some('и') => folded.push('й'),
            Some('у') => folded.push('ў'),
            other => folded.extend(other),
        },
        'ґ' => folded.push('г'),
        'ß' => folded.push_str("ss"),
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'ø' => folded.push('o'),
        'ł' => folded.push('l'),
        'đ' | 'ð' => folded.push('d'),
        'ı' => folded.push('i'),
        'ς' => folded.push('σ'),
        'ٱ' => folded.push('ا'),
        'ى' | 'ی' | 'ې' => folded.push('ي'),
        'ک' => folded.push('ك'),
        'ة' | 'ہ' | 'ھ' | 'ە' => folded.push('ه'),
        // Tatweel, which stretches a word.
        '\u{640}' => {}
        // Modifier letters that are used as an apostrophe.
        '\u{2b9}'..='\u{2bf}' => {}
        '٠'..='٩' => folded.extend(char::from_digit(character as u32 - '٠' as u32, 10)),
        '۰'..='۹' => folded.extend(char::from_digit(character as u32 - '۰' as u32, 10)),
        _ => {
            let class = combining_class(character);
            // Accents have classes from 200, vowel points of Hebrew and Arabic 10 to 35. Nukta and virama (7 and 9) and
            // the vowel signs of South and Southeast Asian scripts stay, like letters.
            let is_accent = class >= 200 || (10..=35).contains(&class);
            if !is_accent && (character.is_alphanumeric() || class != 0) {
                folded.push(character);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fold_unifies_equivalent_spellings() {
        for (word, folded) in [
            ("Ёлка", "елка"),
            ("ёлка", "елка"),
            ("Йод", "йод"),
            ("МОЙ", "мой"),
            ("п’ять", "пять"),
            ("п\u{2bc}ять", "пять"),
            ("Ґанок", "ганок"),
            ("Їжак", "іжак"),
            ("ўсё", "ўсе"),
            ("Café", "cafe"),
            ("cafe\u{301}", "cafe"),
            ("Straße", "strasse"),
            ("İstanbul", "istanbul"),
            ("Łódź", "lodz"),
            ("ＡＢＣ１２", "abc12"),
            ("𝐁𝐨𝐥𝐝", "bold"),
            ("ﬁne", "fine"),
            ("أحمد", "احمد"),
            ("إيران", "ايران"),
            ("آسيا", "اسيا"),
            ("مدرسة", "مدرسه"),
            ("مُحَمَّد", "محمد"),
            ("العـــربية", "العربيه"),
            ("مستشفى", "مستشفي"),
            ("ایران", "ايران"),
            ("کتاب", "كتاب"),
            ("٢٠٢٦", "2026"),
            ("۱۴۰۵", "1405"),
            ("שָׁלוֹם", "שלום"),
            ("Ελλάς", "ελλασ"),
            ("हिन्दी", "हिन्दी"),
            ("-", ""),
        ] {
            assert_eq!(fold(word), folded, "{word}");
        }
    }

    #[test]
    fn fast_russian_folding_equals_table_folding() {
        for letter in
            ('\u{400}'..='\u{45f}').filter(|letter| fold_russian(&letter.to_string()).is_some())
        {
            // The accent, which folding drops, forces the slow path.
            let word = letter.to_string();
            assert_eq!(fold(&word), fold(&format!("{word}\u{301}")), "{letter}");
        }
        assert_eq!(fold_russian("Ёлка").as_deref(), Some("елка"));
        assert_eq!(fold_russian("їжак"), None);
    }

    #[test]
    fn fold_unspaced_unifies_character_forms() {
        for (cluster, folded) in
            [("ｶﾞ", "ガ"), ("か\u{3099}", "が"), ("한", "한"), ("學", "學"), ("ที่", "ที่")]
        {
            assert_eq!(fold_unspaced(cluster), folded);
        }
    }

    #[test]
    fn fold_tag_keeps_hashtag_as_one_word() {
        for (tag, folded) in [
            ("ЧайДня", "чайдня"),
            ("Новый_Год", "новый_год"),
            ("тест2026", "тест2026"),
            ("人工智能", "人工智能"),
            ("أخبار", "اخبار"),
            ("ｃａｆé", "cafe"),
        ] {
            assert_eq!(fold_tag(tag), folded, "{tag}");
        }
    }
}
