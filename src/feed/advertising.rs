//! Which posts say themselves that they are advertising.
//!
//! Russian law has advertising on the Internet marked with the word «Реклама», the advertiser, and a token (`erid`);
//! elsewhere hashtags are the custom. Only such marks count: what a post recommends of its own accord is no mark.

use crate::model::Post;
use crate::text::Spoilers;

/// Hashtags, in lower case, that are put on advertising and on nothing else. `#promo` and `#промо` are not among
/// them: channels put them on offers and codes of their own, which subscribers follow on purpose.
const TAGS: [&str; 5] = ["реклама", "ad", "ads", "advertisement", "sponsored"];

/// What stands in front of the advertiser's name, in lower case.
const LEGAL_FORMS: [&str; 9] =
    ["ооо", "оао", "зао", "пао", "ао", "ип", "ано", "нко", "самозанятый"];

/// The parameter that carries the token in links.
const TOKEN: &str = "erid";

/// Letters and digits of the shortest token.
const SHORTEST_TOKEN: usize = 6;

/// Whether the post is marked as advertising.
pub fn is_marked(post: &Post) -> bool {
    let tagged =
        post.hashtags(Spoilers::Show).iter().any(|tag| TAGS.contains(&&*tag.to_lowercase()));
    let texts =
        || std::iter::once(&post.text).chain(post.documents.iter().map(|file| &file.caption));
    let addresses = texts()
        .flat_map(|text| text.addresses(Spoilers::Show))
        .chain(post.buttons.iter().flatten().filter_map(|button| button.address.as_ref()));
    let linked = |address: &crate::text::Address| {
        address.to_url().is_some_and(|url| {
            url.query_pairs().any(|(name, value)| {
                name.eq_ignore_ascii_case(TOKEN) && value.len() >= SHORTEST_TOKEN
            })
        })
    };
    tagged
        || addresses.into_iter().any(linked)
        || texts().any(|text| {
            let text = text.plain(Spoilers::Show).to_lowercase();
            has_token(&text) || text.lines().any(names_advertiser)
        })
}

/// `erid: 2VtzqvXyZ`, `erid=…`, or `erid 2Vtzq…` when a digit tells the token from a word.
fn has_token(text: &str) -> bool {
    text.match_indices(TOKEN).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        if before.is_some_and(char::is_alphanumeric) {
            return false;
        }
        let rest = &text[at + TOKEN.len()..];
        let token = rest.trim_start_matches([' ', '\u{a0}', ':', '=', '-', '–', '—']);
        let between = &rest[..rest.len() - token.len()];
        let length = token.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let has_digit = token[..length].bytes().any(|byte| byte.is_ascii_digit());
        !between.is_empty()
            && length >= SHORTEST_TOKEN
            && (has_digit || between.contains([':', '=']))
    })
}

/// «Реклама. …» at the beginning of a line, or «Реклама» in front of a company's legal form anywhere.
fn names_advertiser(line: &str) -> bool {
    const WORD: &str = "реклама";
    line.match_indices(WORD).any(|(at, _)| {
        let before = &line[..at];
        let rest = &line[at + WORD.len()..];
        if before.ends_with(char::is_alphanumeric) {
            return false;
        }
        let begins_line = !before.contains(char::is_alphanumeric);
        let is_sentence = rest
            .strip_prefix('.')
            .is_some_and(|rest| rest.trim().is_empty() || rest.starts_with([' ', '\u{a0}']));
        let next = rest.trim_start_matches(|character: char| !character.is_alphanumeric());
        let next = next.split(|character: char| !character.is_alphanumeric()).next();
        (begins_line && is_sentence)
            || (!rest.starts_with(char::is_alphanumeric)
                && next.is_some_and(|word| LEGAL_FORMS.contains(&word)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::sample;
    use crate::text::{Address, Builder, Span};

    #[test]
    fn marks_of_advertising_are_known() {
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
    fn hashtags_and_links_mark_advertising_too() {
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
