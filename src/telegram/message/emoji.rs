//! Converts emoji drawn as pictures to characters.

use std::borrow::Cow;

use scraper::ElementRef;

use crate::telegram::tree::{Event, Step, attribute, walk};
use crate::text::clean;

/// In bytes. The longest existing emoji have 40.
const MAX_BYTES: usize = 128;

const JOINER: char = '\u{200d}';
/// In the name of every file with a joiner (`E2808D`), in either case.
const JOINER_DIGITS: &str = "2808";

const VARIATION: char = '\u{fe0f}';

/// The character of `<i class="emoji" style="…/F09F918D.png"><b>👍</b></i>`.
pub(super) fn character(element: ElementRef<'_>) -> String {
    let mut shown = String::new();
    walk(element, |event| {
        if let Event::Text(text) = event {
            shown.push_str(&text[..text.floor_char_boundary(MAX_BYTES)]);
        }
        if shown.len() < MAX_BYTES { Step::Into } else { Step::End }
    });
    let trimmed = shown.trim();
    let shown = match clean(trimmed) {
        Cow::Borrowed(_) if trimmed.len() == shown.len() => shown,
        cleaned => cleaned.into_owned(),
    };
    let Some(style) = attribute(element, "style") else { return shown };
    if shown.is_empty() {
        from_file_name(style).unwrap_or_default()
    } else if style.contains(JOINER_DIGITS)
        && let Some(drawn) = from_file_name(style)
    {
        joined(&shown, &drawn).unwrap_or(shown)
    } else {
        shown
    }
}

/// Decodes the name of the picture's file, which is UTF-8 in hexadecimal.
fn from_file_name(style: &str) -> Option<String> {
    let end = style.find(".png").or_else(|| style.find(".webp"))?;
    let start = style[..end].rfind('/')? + 1;
    let name = &style[start..end];
    let is_hex = (2..=128).contains(&name.len())
        && name.len().is_multiple_of(2)
        && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = name.as_bytes().chunks(2).map(byte).collect();
    let drawn = String::from_utf8(bytes?).ok()?;
    let drawn = clean(&drawn).into_owned();
    (!drawn.is_empty()).then_some(drawn)
}

/// The shown characters with the joiners of the file's name.
///
/// UPSTREAM(2026-08): the text of a joined emoji (a heart on fire) lacks its joiners and would show as two. The name of the
/// picture's file has them, but lacks the text's variation selectors.
fn joined(shown: &str, drawn: &str) -> Option<String> {
    if shown.contains(JOINER) || !drawn.contains(JOINER) {
        return None;
    }
    let mut left = shown.chars().peekable();
    let mut result = String::with_capacity(drawn.len());
    for character in drawn.chars().filter(|character| *character != VARIATION) {
        while left.peek() == Some(&VARIATION) {
            result.extend(left.next());
        }
        if character == JOINER {
            result.push(JOINER);
        } else if left.next() == Some(character) {
            result.push(character);
        } else {
            return None;
        }
    }
    while left.peek() == Some(&VARIATION) {
        result.extend(left.next());
    }
    left.next().is_none().then_some(result)
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;
    use crate::telegram::tree::find_element;

    fn read(file: &str, shown: &str) -> String {
        let html = format!(
            "<i class=emoji style=\"background-image:url('//telegram.org/img/emoji/40/{file}')\"><b>{shown}</b></i>"
        );
        let html = Html::parse_document(&html);
        character(find_element(html.root_element(), "i").unwrap())
    }

    #[test]
    fn emoji_images_become_characters_with_joiners() {
        for (file, shown, expected) in [
            ("F09F918D.png", "👍", "👍"),
            ("E29DA4.png", "❤", "❤"),
            ("E280BC.png", "‼️", "‼️"),
            ("E29DA4E2808DF09F94A5.png", "❤🔥", "❤\u{200d}🔥"),
            ("E29DA4E2808DF09F94A5.png", "❤️🔥", "❤\u{fe0f}\u{200d}🔥"),
            ("F09F91A8E2808DF09F91A9E2808DF09F91A7.png", "👨👩👧", "👨\u{200d}👩\u{200d}👧"),
            ("E29DA4E2808DF09F94A5.png", "something else", "something else"),
            ("E29DA4E2808DF09F94A5.png", "❤🔥🔥", "❤🔥🔥"),
            ("F09F918D.png", "", "👍"),
            ("FFFF.png", "", ""),
            ("nonsense.png", "👍", "👍"),
            ("F09F918.png", "", ""),
        ] {
            assert_eq!(read(file, shown), expected, "{file} {shown}");
        }
    }
}
