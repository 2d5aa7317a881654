//! Stems of Arabic words: articles and conjunctions are taken off their beginning, endings of number and person off their
//! end (the "light" stemming that finds most). Words are given folded, so that no spelling of an ending is missed.
//!
//! Persian and Urdu words pass through too: theirs lose the plural, and otherwise stay alike.

/// What is written in front of a word, together with it.
const BEGINNINGS: [&str; 7] = ["وال", "بال", "كال", "فال", "ولل", "ال", "لل"];

/// Endings: `ة` is `ه`, `ى` is `ي` here.
const ENDINGS: [&str; 9] = ["ها", "ان", "ات", "ون", "ين", "يه", "هم", "ه", "ي"];

/// What has fewer letters is no stem.
const SHORTEST: usize = 2;

/// An article stands in front of at least so many letters.
const BEHIND_ARTICLE: usize = 3;

/// `و` is a conjunction in front of at least so many letters.
const BEHIND_AND: usize = 4;

/// The stem of a folded word.
pub(super) fn stem(word: &str) -> String {
    let rest = |text: &str, least: usize| text.chars().count() >= least;
    let mut stem = word;
    let bare = BEGINNINGS.iter().find_map(|beginning| stem.strip_prefix(beginning));
    if let Some(bare) = bare.filter(|bare| rest(bare, BEHIND_ARTICLE)) {
        stem = bare;
    } else if let Some(bare) = stem.strip_prefix('و').filter(|bare| rest(bare, BEHIND_AND)) {
        stem = bare;
    }
    for ending in ENDINGS {
        if let Some(bare) = stem.strip_suffix(ending).filter(|bare| rest(bare, SHORTEST)) {
            stem = bare;
        }
    }
    stem.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold;
    use super::*;

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for (forms, expected) in [
            ("كتاب الكتاب والكتاب بالكتاب كتابي كتابها كتابه", "كتاب"),
            ("مدرسة المدرسة مدرسه للمدرسة المدرسية", "مدرس"),
            ("سيارة سيارات السيارات والسيارة", "سيار"),
            ("مسلم مسلمون المسلمين مسلمات", "مسلم"),
            ("خبر الخبر", "خبر"),
            ("ولد", "ولد"),
            ("کتاب‌ها", "كتاب"),
        ] {
            for form in forms.split(' ') {
                let form = form.split('\u{200c}').next().unwrap();
                assert_eq!(stem(&fold(form)), expected, "{form}");
            }
        }
    }
}
