//! Where the picture of an emoji of Telegram's own lies.
//!
//! UPSTREAM(2026-09): a page gives the number of such an emoji and the ordinary one that stands for it, and no file. The
//! script of Telegram's pages asks `/i/emoji/<number>.json` for the file: `type` is `webp`, `tgs` or `webm`, `emoji` the
//! address of a file of that type, `thumb` that of a still picture, `error` says that there is none. Both addresses lie at
//! the hosts of all files and die as theirs do.

use serde::Deserialize;

use super::error::NotAPage;
use super::style;
use crate::text::Address;

/// The longest description that is read, in bytes: they hold an outline of some thousands.
const LONGEST: usize = 64 * 1024;

/// The members that we read.
#[derive(Deserialize)]
struct Description {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    emoji: Option<String>,
    #[serde(default)]
    thumb: Option<String>,
    #[serde(default)]
    error: Option<serde::de::IgnoredAny>,
}

/// Reads the description of an emoji: the address of a still picture of it; `None` when there is no such emoji, or no still
/// picture of it.
///
/// # Errors
/// [`NotAPage`] when it is no description.
pub fn parse(json: &str) -> Result<Option<Address>, NotAPage> {
    let unrecognised = NotAPage::Unrecognised { bytes: json.len() };
    if json.len() > LONGEST {
        return Err(unrecognised);
    }
    let Ok(description) = serde_json::from_str::<Description>(json) else {
        return Err(unrecognised);
    };
    let Description { kind, emoji, thumb, error } = description;
    match kind.as_deref() {
        _ if error.is_some() => Ok(None),
        Some("webp") => Ok(emoji.or(thumb).as_deref().and_then(style::web_address)),
        Some(_) => Ok(thumb.as_deref().and_then(style::web_address)),
        None => Err(unrecognised),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emojis_still_picture_is_found_whatever_the_emoji_is() {
        for (json, expected) in [
            (
                r#"{"type":"webp","emoji":"https://cdn.example/file/1.webp?token=x","path":"M0 0"}"#,
                Some("https://cdn.example/file/1.webp?token=x"),
            ),
            (
                r#"{"type":"tgs","emoji":"https://cdn.example/1.tgs","thumb":"//cdn.example/1.webp","size":512}"#,
                Some("https://cdn.example/1.webp"),
            ),
            (
                r#"{"type":"webm","emoji":"https://cdn.example/1.webm","thumb":"https://cdn.example/1.webp"}"#,
                Some("https://cdn.example/1.webp"),
            ),
            (r#"{"type":"tgs","emoji":"https://cdn.example/1.tgs","path":"M0 0"}"#, None),
            (r#"{"type":"webp","emoji":"data:image/webp;base64,AAAA"}"#, None),
            (r#"{"type":"webp","emoji":"javascript:alert(1)"}"#, None),
            (r#"{"error":"EMOJI_INVALID"}"#, None),
            (r#"{"error":{"code":400},"type":"webp","emoji":"https://cdn.example/1.webp"}"#, None),
        ] {
            assert_eq!(parse(json).unwrap().as_ref().map(Address::as_str), expected, "{json}");
        }
    }

    #[test]
    fn what_is_no_description_is_told() {
        let long = format!(r#"{{"type":"webp","path":"{}"}}"#, "M".repeat(LONGEST));
        for json in ["", "null", "[]", "{}", "<html></html>", r#"{"type":5}"#, &long] {
            assert_eq!(
                parse(json),
                Err(NotAPage::Unrecognised { bytes: json.len() }),
                "{json:.40}"
            );
        }
    }
}
