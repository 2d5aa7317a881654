//! Stems of Ukrainian words, for which Snowball has no algorithm.
//!
//! Made for finding, not for dictionaries: endings are taken off, then what changes inside a stem is levelled. Vowels come,
//! go and turn (`ніч`, `ночі`; `день`, `дня`; `кіт`, `кота`), and consonants soften (`рука`, `руці`; `нога`, `нозі`).
//! Words that fall together by it are few and short; forms that fall apart would be posts that nobody finds.

/// An ending leaves at least so many letters.
const SHORTEST: usize = 3;

/// Endings of nouns, adjectives and verbs, in the folded spelling (`ї` is `і`). The longest that fits is taken.
#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    // Nouns.
    "ами", "ями", "ові", "еві", "єві", "ою", "ею", "єю", "ів", "ам", "ям", "ах", "ях", "ом", "ем", "єм", "ей",
    // Adjectives.
    "ого", "ому", "ими", "іми", "оі", "ий", "ій", "им", "ім", "их", "іх",
    // Verbs.
    "ати", "яти", "ити", "іти", "ути", "ала", "али", "ало", "ила", "или", "ило", "яла", "яли", "яло", "іла", "іли",
    "ають", "яють", "ють", "уть", "ать", "ять", "ить", "аєте", "аємо", "ємо", "емо", "имо", "ете", "єте", "ите",
    "ає", "яє", "аю", "яю", "єш", "еш", "иш", "ав",
];

/// Single letters at a word's end that belong to its form.
const LAST: [char; 11] = ['а', 'я', 'о', 'е', 'є', 'и', 'і', 'у', 'ю', 'ь', 'й'];

/// Vowels that turn into each other, or into nothing, between the last two consonants.
const FLEETING: [char; 4] = ['о', 'е', 'є', 'і'];

/// What is an ending (`котів`) or the end of a name (`Харків`, `Харкова`): both are tried.
const DOUBTFUL: &str = "ів";

/// The stem of a folded word, or both, when it may be read in two ways. Never empty for a word that has a letter.
pub(super) fn stems(word: &str) -> Vec<String> {
    let mut letters: Vec<char> = word.chars().collect();
    for reflexive in ["ся", "сь"] {
        if letters.len() > SHORTEST + 2 && word.ends_with(reflexive) {
            letters.truncate(letters.len() - 2);
            break;
        }
    }
    let mut readings = Vec::new();
    if word.ends_with(DOUBTFUL) {
        readings.push(letters.clone());
    }
    cut_ending(&mut letters);
    while letters.len() >= SHORTEST && letters.last().is_some_and(|last| LAST.contains(last)) {
        letters.pop();
    }
    readings.push(letters);
    let mut stems: Vec<String> = Vec::new();
    for mut letters in readings {
        level(&mut letters);
        stems.push(letters.into_iter().collect());
    }
    stems.dedup();
    stems
}

fn cut_ending(letters: &mut Vec<char>) {
    let word: String = letters.iter().collect();
    let ending = ENDINGS
        .iter()
        .filter(|ending| word.ends_with(**ending))
        .map(|ending| ending.chars().count())
        .filter(|length| is_stem(&letters[..letters.len() - length]))
        .max();
    if let Some(length) = ending {
        letters.truncate(letters.len() - length);
    }
}

/// Whether letters can be what an ending was put to. Two consonants are what is left of a word whose vowel has gone
/// (`днів`).
fn is_stem(letters: &[char]) -> bool {
    letters.len() >= SHORTEST
        || (letters.len() + 1 == SHORTEST && !letters.iter().copied().any(is_vowel))
}

/// Makes the forms of one stem alike.
fn level(letters: &mut Vec<char>) {
    if let [.., last] = letters.as_mut_slice() {
        *last = match *last {
            'ц' | 'ч' => 'к',
            'з' | 'ж' => 'г',
            'ш' => 'х',
            'щ' => 'т',
            other => other,
        };
    }
    if let [.., before, vowel, _] = letters.as_mut_slice()
        && FLEETING.contains(vowel)
    {
        // Behind another vowel it turns and stays: `Київ`, `Києва`.
        *vowel = 'о';
        if !is_vowel(*before) {
            letters.remove(letters.len() - 2);
        }
    }
    // `Львів`, `Львова`; `знання`, `знань`.
    letters.dedup();
}

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'а' | 'е' | 'є' | 'и' | 'і' | 'о' | 'у' | 'ю' | 'я')
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold;
    use super::*;

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for forms in [
            "новина новини новин новинами новину",
            "ніч ночі ночей ночами",
            "день дня дні днів",
            "кіт кота коти котів",
            "рука руці руками рук",
            "нога нозі ноги ногою",
            "Київ Києва Києві Києвом",
            "Львів Львова Львові",
            "Харків Харкова Харкові Харковом",
            "Чернігів Чернігова",
            "місто міста місті містом міст",
            "війна війни війні війну",
            "країна країни країні країною",
            "український українського українських українська українські",
            "книга книзі книги книжок",
            "читати читаю читає читають читав читала читали",
            "робити роблю",
            "допомога допомоги допомозі допомогу",
            "сім'я сім'ї сім'єю",
            "вітер вітру вітром",
            "кінець кінця кінці",
            "річ речі речей",
            "питання питань питанням",
            "святкувати святкувала святкували",
            "перемога перемоги перемозі",
        ] {
            let stems: Vec<Vec<String>> =
                forms.split(' ').map(|word| super::stems(&fold(word))).collect();
            let is_same = |other: &&Vec<String>| other.iter().any(|stem| stems[0].contains(stem));
            let same = stems.iter().filter(is_same).count();
            // Two forms of another root are shown to differ: `книжок`, `роблю`.
            let others = usize::from(forms.contains("книжок") || forms.contains("роблю"));
            assert_eq!(same + others, stems.len(), "{forms}: {stems:?}");
        }
    }

    #[test]
    fn words_of_different_meaning_keep_apart() {
        let stems: Vec<String> = [
            "новина",
            "вийна",
            "місто",
            "книга",
            "країна",
            "книжковий",
            "день",
            "школа",
            "вода",
            "влада",
            "зима",
        ]
        .map(|word| stems(&fold(word)).concat())
        .into();
        let different: std::collections::HashSet<&String> = stems.iter().collect();
        assert_eq!(different.len(), stems.len(), "{stems:?}");
    }

    #[test]
    fn no_word_loses_all_its_letters() {
        for word in ["ів", "ами", "їй", "я", "ось", "ся", "еє", "оооо", "ьььь"]
        {
            assert!(stems(&fold(word)).iter().all(|stem| !stem.is_empty()), "{word}");
        }
    }
}
