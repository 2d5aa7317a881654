//! Plain strings: forbidden characters, blank strings, and numbers with nouns.

use std::borrow::Cow;
use std::fmt::Display;

/// Removes the characters that XML 1.0 forbids (section 2.2), C1 controls and noncharacters. Tab and line feed stay;
/// a carriage return becomes a line feed.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if is_plain(text) || text.chars().all(|character| is_allowed(character) && character != '\r') {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(text.chars().filter(|character| is_allowed(*character)).collect())
}

/// A fast check that holds for nearly all texts: no byte can be part of a forbidden character. Vectorised.
fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |is_plain, byte| {
        is_plain
            & (matches!(byte, 0x20..0x7f | b'\t' | b'\n')
                | (matches!(byte, 0x80..0xf0) & (byte != 0xc2) & (byte != 0xef)))
    })
}

fn is_allowed(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => false,
        '\u{fdd0}'..='\u{fdef}' => false,
        other => (other as u32) & 0xfffe != 0xfffe,
    }
}

/// Whether nothing is visible: white space, and invisible characters that authors use as spacers.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|character| {
        character.is_whitespace()
            || matches!(
                character,
                '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                    | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{2800}' | '\u{3164}'
                    | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            )
    })
}

/// `1 post`, `2 posts`, `12.4K posts`. The plural of the noun ends in `s`.
pub(crate) fn counted(number: impl Display, noun: &str) -> String {
    let number = number.to_string();
    let ending = if number == "1" { "" } else { "s" };
    format!("{number} {noun}{ending}")
}
