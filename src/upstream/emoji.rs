//! Where the picture of a custom emoji lies.

use serde::Deserialize;

use super::{Face, NetworkError, Refusal, Stop, UnexpectedPage, Upstream};
use crate::net::Priority;
use crate::text::Address;

/// What Telegram tells of a custom emoji.
///
/// UPSTREAM(2026-09): its pages fetch this for every `tg-emoji` that they show. `type` is `tgs`, `webm` or `webp`; `thumb` is a
/// still picture (`WebP`) of those that move. What it does not know has an `error` and nothing else.
#[derive(Deserialize)]
struct Told {
    #[serde(default, rename = "type")]
    form: String,
    #[serde(default)]
    emoji: String,
    #[serde(default)]
    thumb: String,
}

impl Upstream {
    /// The present address of a custom emoji's still picture; `None`: Telegram knows none of this number.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn emoji(&self, id: u64, priority: &Priority) -> Result<Option<Address>, Refusal> {
        self.0.emoji(id, priority).await.map_err(Refusal::from)
    }
}

impl Face {
    async fn emoji(&self, id: u64, priority: &Priority) -> Result<Option<Address>, Stop> {
        let path = format!("/i/emoji/{id}.json");
        let response = self.hosts.fetch(&path, None, priority).await?;
        match response.status {
            200 => {}
            404 => return Ok(None),
            403 | 429 => {
                return Err(self.doubt(response.retry_after, response.outbound, priority).await);
            }
            status @ 500..=599 => {
                return Err(Refusal::Unreachable(NetworkError::Status(status)).into());
            }
            status => return Err(Refusal::MarkupChanged(UnexpectedPage::Status(status)).into()),
        }
        if !response.whole {
            return Err(Refusal::Unreachable(NetworkError::Truncated).into());
        }
        let picture = picture(&response.text);
        picture.ok_or_else(|| Refusal::MarkupChanged(UnexpectedPage::Unread).into())
    }
}

/// The still picture that is told; `None`: nothing is that we understand.
fn picture(json: &str) -> Option<Option<Address>> {
    let told: Told = serde_json::from_str(json).ok()?;
    let address = if told.form == "webp" { &told.emoji } else { &told.thumb };
    Some(Address::parse(address).filter(Address::is_web))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_still_picture_of_an_emoji_is_found() {
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
