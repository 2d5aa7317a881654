//! Characters that may not go into a feed.

use std::borrow::Cow;

/// Removes what XML 1.0 forbids (section 2.2), the C1 controls and the noncharacters. Tab and line feed stay;
/// a carriage return becomes a line feed.
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_plain(text) || text.chars().all(|character| allowed(character) && character != '\r') {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(text.chars().filter(|character| allowed(*character)).collect())
}

/// Whether none of the bytes can be part of what is forbidden: nearly all texts, and all of it at once.
fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| {
        (matches!(byte, 0x20..0x7f | b'\t' | b'\n'))
            | (matches!(byte, 0x80..0xf0) & (byte != 0xc2) & (byte != 0xef))
    };
    text.bytes().fold(true, |all, byte| all & plain(byte))
}

fn allowed(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => false,
        '\u{fdd0}'..='\u{fdef}' => false,
        other => (other as u32) & 0xfffe != 0xfffe,
    }
}

/// Whether nothing of it can be seen: white space, and the invisible characters that authors use as spacers.
pub fn is_blank(text: &str) -> bool {
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
