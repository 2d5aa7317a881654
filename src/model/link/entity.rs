//! Character references: those of XML, numeric ones, and HTML's names, which many readers write in OPML.

use encoding_rs::WINDOWS_1252;
use html5ever::data::NAMED_ENTITIES;

/// The longest reference without `&` and `;`, in bytes.
const MAX_LENGTH: usize = 40;

/// Resolves the references in an attribute value, and normalises white space like XML. Unknown references stay
/// unchanged.
///
/// SECURITY: entities that grow or that name files -> declared entities are not resolved, and replacements are not
/// resolved again.
pub(crate) fn resolve(raw: &str) -> String {
    let mut value = String::with_capacity(raw.len());
    let mut parts = raw.split('&');
    push_plain(&mut value, parts.next().unwrap_or_default());
    for part in parts {
        let reference = part.split_once(';').filter(|(name, _)| name.len() <= MAX_LENGTH);
        match reference.and_then(|(name, rest)| Some((meaning(name)?, rest))) {
            Some((meaning, rest)) => {
                value.push_str(&meaning);
                push_plain(&mut value, rest);
            }
            None => {
                value.push('&');
                push_plain(&mut value, part);
            }
        }
    }
    value
}

fn push_plain(value: &mut String, text: &str) {
    value.extend(text.chars().map(|one| if matches!(one, '\t' | '\n' | '\r') { ' ' } else { one }));
}

/// The characters of a reference, given without `&` and `;` (`amp`, `#171`).
pub(crate) fn meaning(name: &str) -> Option<String> {
    let Some(number) = name.strip_prefix('#') else {
        let (first, second) = NAMED_ENTITIES.get(&format!("{name};"))?;
        let points = [*first, *second].into_iter().filter(|point| *point != 0);
        return Some(points.filter_map(char::from_u32).collect());
    };
    let point = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    match point {
        0 => None,
        // As in browsers, Windows-1252 replaces the control characters.
        0x80..=0x9f => {
            let byte = [u8::try_from(point).ok()?];
            Some(WINDOWS_1252.decode_without_bom_handling(&byte).0.into_owned())
        }
        _ => char::from_u32(point).map(String::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_and_html_entities_are_resolved_once() {
        for (raw, value) in [
            ("Tea &amp; sea", "Tea & sea"),
            ("&lt;b&gt; &quot;&apos;", "<b> \"'"),
            ("Tea&nbsp;road", "Tea\u{a0}road"),
            ("&laquo;Чай&raquo; &mdash; &copy;&hellip;", "«Чай» — ©…"),
            ("&eacute;&Ouml;&szlig;&rarr;&NotEqualTilde;", "éÖß→≂\u{338}"),
            ("&#1063;&#x447;&#X447; &#8212;&#151;", "Ччч ——"),
            ("&amp;nbsp; &amp;amp;", "&nbsp; &amp;"),
            ("a\tb\nc\r&#10;", "a b c \n"),
            ("?a=1&b=2&copy=3;x", "?a=1&b=2&copy=3;x"),
            (
                "&unknown; &; & &#; &#x; &#0; &#xD800; &#99999999999;",
                "&unknown; &; & &#; &#x; &#0; &#xD800; &#99999999999;",
            ),
            ("R&amp;D&", "R&D&"),
        ] {
            assert_eq!(resolve(raw), value, "{raw}");
        }
    }
}
