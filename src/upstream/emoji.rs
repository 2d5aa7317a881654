//! Telegram's JSON about a custom emoji. Pure.

use serde::Deserialize;

use crate::text::Address;

/// UPSTREAM(2026-09): Telegram's pages fetch this JSON for every `tg-emoji` that they show. `type` is `tgs`, `webm` or
/// `webp`; `thumb` is a still picture (`WebP`) of animated emoji. For an unknown emoji, there is only an `error`.
#[derive(Deserialize)]
struct Emoji {
    #[serde(default, rename = "type")]
    form: String,
    #[serde(default)]
    emoji: String,
    #[serde(default)]
    thumb: String,
}

/// The still picture of an emoji, if it has one. The outer `None` means unexpected JSON.
pub(super) fn picture(json: &str) -> Option<Option<Address>> {
    let emoji: Emoji = serde_json::from_str(json).ok()?;
    let address = if emoji.form == "webp" { &emoji.emoji } else { &emoji.thumb };
    Some(Address::parse(address).filter(Address::is_web))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn still_picture_of_emoji_is_found() {
        let file = "https://cdn4.telesco.pe/file/0123456789.webp?token=a";
        for (json, expected) in [
            (format!(r#"{{"type":"webp","emoji":"{file}","size":100}}"#), Some(Some(file))),
            (
                format!(r#"{{"type":"tgs","emoji":"https://x.example/a.tgs","thumb":"{file}"}}"#),
                Some(Some(file)),
            ),
            (
                format!(r#"{{"type":"webm","emoji":"https://x.example/a.webm","thumb":"{file}"}}"#),
                Some(Some(file)),
            ),
            (r#"{"type":"tgs","emoji":"https://x.example/a.tgs"}"#.to_owned(), Some(None)),
            (r#"{"type":"webp","emoji":"javascript:alert(1)"}"#.to_owned(), Some(None)),
            (r#"{"error":"NOT_FOUND"}"#.to_owned(), Some(None)),
            (r#"{"type":5}"#.to_owned(), None),
            ("<html>".to_owned(), None),
        ] {
            let expected = expected.map(|found| found.map(|text| Address::parse(text).unwrap()));
            assert_eq!(picture(&json), expected, "{json}");
        }
    }
}
