//! Detects posts that are marked as advertising.
//!
//! Russian law requires advertising on the Internet to have the word «Реклама», the advertiser, and a token (`erid`).
//! Elsewhere, hashtags are customary. Unmarked recommendations do not count.

use crate::model::Post;
use crate::text::{Address, Spoilers};

/// Hashtags, in lower case, that are used only for advertising. `#promo` and `#промо` are not among them: channels use
/// them for their own offers.
const TAGS: [&str; 5] = ["реклама", "ad", "ads", "advertisement", "sponsored"];

/// Abbreviations before the name of a Russian company, in lower case.
const LEGAL_FORMS: [&str; 9] =
    ["ооо", "оао", "зао", "пао", "ао", "ип", "ано", "нко", "самозанятый"];

/// The token's name in links and texts.
const TOKEN: &str = "erid";

/// In characters.
const MIN_TOKEN: usize = 6;

pub(super) fn is_marked(post: &Post) -> bool {
    let hashtags = post.hashtags(Spoilers::Show);
    hashtags.iter().any(|tag| TAGS.contains(&&*tag.to_lowercase()))
        || post.addresses(Spoilers::Show).any(has_token_parameter)
        || post.texts().any(|text| {
            let text = text.plain(Spoilers::Show).to_lowercase();
            has_token(&text) || text.lines().any(names_advertiser)
        })
}

fn has_token_parameter(address: &Address) -> bool {
    address.to_url().is_some_and(|url| {
        url.query_pairs()
            .any(|(name, value)| name.eq_ignore_ascii_case(TOKEN) && value.len() >= MIN_TOKEN)
    })
}

/// `erid: 2VtzqvXyZ`, `erid=…`, or `erid 2Vtzq…` with a digit in the token.
fn has_token(text: &str) -> bool {
    text.match_indices(TOKEN).any(|(at, _)| {
        if text[..at].ends_with(char::is_alphanumeric) {
            return false;
        }
        let rest = &text[at + TOKEN.len()..];
        let token = rest.trim_start_matches([' ', '\u{a0}', ':', '=', '-', '–', '—']);
        let separator = &rest[..rest.len() - token.len()];
        let length = token.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let has_digit = token[..length].bytes().any(|byte| byte.is_ascii_digit());
        !separator.is_empty()
            && length >= MIN_TOKEN
            && (has_digit || separator.contains([':', '=']))
    })
}

/// «Реклама.» at the start of a line, or «Реклама» before a legal form anywhere.
fn names_advertiser(line: &str) -> bool {
    const WORD: &str = "реклама";
    line.match_indices(WORD).any(|(at, _)| {
        let (before, rest) = (&line[..at], &line[at + WORD.len()..]);
        if before.ends_with(char::is_alphanumeric) || rest.starts_with(char::is_alphanumeric) {
            return false;
        }
        let begins_line = !before.contains(char::is_alphanumeric);
        let is_sentence = rest
            .strip_prefix('.')
            .is_some_and(|rest| rest.trim().is_empty() || rest.starts_with([' ', '\u{a0}']));
        let mut words = rest.split(|character: char| !character.is_alphanumeric());
        let next = words.find(|word| !word.is_empty()).unwrap_or_default();
        (begins_line && is_sentence) || LEGAL_FORMS.contains(&next)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::sample;
    use crate::text::{Address, Builder, Span};

    #[test]
    fn advertising_marks_in_text_are_recognised() {
        for (marked, text) in [
            (true, "Чай со скидкой\nerid: 2VtzqvXyZab"),
            (true, "Чай со скидкой (ERID 2VtzqvXyZab)"),
            (true, "erid=LjN8KabcdE"),
            (true, "Реклама. ООО «Чайный путь», ИНН 7700000000"),
            (true, "Большая распродажа!\n⚡️ Реклама. Чайный путь"),
            (true, "Подробности на сайте. Реклама: ИП Самоваров И. И."),
            (true, "Реклама ООО «Чайный путь»"),
            (true, "Реклама."),
            (false, "Реклама чая в прошлом веке: плакаты и песни"),
            (false, "Наружная реклама. Как она менялась"),
            (false, "Что такое erid и кому он нужен"),
            (false, "erid marking becomes mandatory"),
            (false, "Hesperid: abcdefgh1"),
            (false, "Антиреклама. ООО «Чайный путь»"),
            (false, "Ad astra"),
        ] {
            assert_eq!(is_marked(&sample::text(1, text)), marked, "{text}");
        }
    }

    #[test]
    fn advertising_hashtags_and_links_are_recognised() {
        for (marked, tag) in [
            (true, "#реклама"),
            (true, "#Реклама"),
            (true, "#ad"),
            (true, "#sponsored"),
            (false, "#promo"),
            (false, "#промо"),
            (false, "#adventure"),
        ] {
            let mut builder = Builder::new();
            builder.tag(tag);
            let mut post = sample::text(1, "");
            post.text = builder.finish();
            assert_eq!(is_marked(&post), marked, "{tag}");
        }
        for (marked, address) in [
            (true, "https://tea.example/?utm=1&erid=2VtzqvXyZab"),
            (false, "https://tea.example/?erid="),
            (false, "https://tea.example/erid/2VtzqvXyZab"),
        ] {
            let mut builder = Builder::new();
            builder.open(Span::Link(Address::parse(address).unwrap()));
            builder.text("tea");
            builder.close();
            let mut post = sample::text(1, "");
            post.text = builder.finish();
            assert_eq!(is_marked(&post), marked, "{address}");
        }
    }
}
