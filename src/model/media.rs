//! Pictures, films, sounds and files of a message.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{MessageId, Outline};
use crate::text::{Address, RichText};

/// A photo, film, sound or sticker. A message has at most one; an album has one for each of its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// The message that carries it: the one stable name of the file.
    pub message: MessageId,
    /// What it is.
    pub kind: MediaKind,
    /// The file's present address, which dies within hours or days; none when Telegram keeps the file to its app.
    pub file: Option<Address>,
    /// The still picture's present address, of films.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster: Option<Address>,
    /// Telegram's number of a photo: it stays when the address changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo_id: Option<u64>,
    /// How long it plays.
    #[serde(default, with = "seconds", skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
    /// Width over height.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Ratio>,
    /// Width in pixels as shown, when the page tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// What stands for a drawn sticker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outline: Option<Outline>,
    /// How long the file is, in bytes, of voice notes. No page tells: it is asked for when the post is first seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// Telegram's page does not carry the file because it is too big.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub too_big: bool,
}

/// The kinds of media.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A JPEG picture.
    Photo,
    /// A film (`MP4`).
    Video,
    /// A silent film that repeats (`MP4`).
    Gif,
    /// A round film of its author (`MP4`).
    RoundVideo,
    /// A spoken note (Ogg, Opus).
    Voice,
    /// A still sticker (`WebP`).
    Sticker,
    /// A moving sticker (`WebM`).
    VideoSticker,
    /// A drawn, moving sticker (gzipped Lottie).
    AnimatedSticker,
}

impl MediaKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Photo,
        Self::Video,
        Self::Gif,
        Self::RoundVideo,
        Self::Voice,
        Self::Sticker,
        Self::VideoSticker,
        Self::AnimatedSticker,
    ];

    /// The extension under which we serve the file.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Photo => "jpg",
            Self::Video | Self::Gif | Self::RoundVideo => "mp4",
            Self::Voice => "ogg",
            Self::Sticker => "webp",
            Self::VideoSticker => "webm",
            Self::AnimatedSticker => "tgs",
        }
    }

    /// The media type of the file.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Photo => "image/jpeg",
            Self::Video | Self::Gif | Self::RoundVideo => "video/mp4",
            Self::Voice => "audio/ogg",
            Self::Sticker => "image/webp",
            Self::VideoSticker => "video/webm",
            Self::AnimatedSticker => "application/x-tgsticker",
        }
    }

    /// Whether it is a sticker of any sort.
    pub fn is_sticker(self) -> bool {
        matches!(self, Self::Sticker | Self::VideoSticker | Self::AnimatedSticker)
    }
}

/// Width over height, in thousandths, from 50 to 20,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct Ratio(u32);

impl Ratio {
    /// `None` for what no picture has.
    pub fn new(width_over_height: f64) -> Option<Self> {
        let thousandths = (width_over_height * 1000.0).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "what no picture has is refused, whatever it became"
        )]
        Self::try_from(thousandths as u32).ok()
    }

    /// The height in whole pixels that belongs to a width; at least 1.
    pub fn height(self, width: u32) -> u32 {
        let height = u64::from(width) * 1000 / u64::from(self.0);
        u32::try_from(height).unwrap_or(u32::MAX).max(1)
    }

    /// Thousandths of width over height.
    pub fn thousandths(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Ratio {
    type Error = &'static str;

    /// From thousandths.
    fn try_from(thousandths: u32) -> Result<Self, Self::Error> {
        if (50..=20_000).contains(&thousandths) {
            Ok(Self(thousandths))
        } else {
            Err("no picture has this ratio of its sides")
        }
    }
}

/// A file or a piece of music. Telegram's pages name it and never carry the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The message that carries it.
    pub message: MessageId,
    /// What it is.
    pub kind: DocumentKind,
    /// The file's name, or the track's title.
    pub title: String,
    /// The size as Telegram writes it (`689 KB`), or the performer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<String>,
    /// The thumbnail's present address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Address>,
    /// The words under it, when the post holds several files.
    #[serde(default, skip_serializing_if = "RichText::is_empty")]
    pub caption: RichText,
}

/// The kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Any file; `extra` is its size.
    File,
    /// Music; `extra` is the performer.
    Music,
}

/// A time in whole seconds.
mod seconds {
    use super::{Deserialize, Deserializer, Duration, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        duration.map(|duration| duration.as_secs()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_secs))
    }
}

#[cfg(test)]
mod tests {
    use super::Ratio;

    #[test]
    fn a_ratio_is_one_that_a_picture_can_have() {
        for impossible in [0.0, -1.0, 0.01, 21.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Ratio::new(impossible), None, "{impossible}");
        }
        assert_eq!(Ratio::new(1.777_777).unwrap().height(1280), 719);
        assert_eq!(Ratio::new(0.75).unwrap().height(3), 4);
        assert_eq!(Ratio::new(20.0).unwrap().height(1), 1);
    }
}
