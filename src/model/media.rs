//! Photos, videos, voice notes, stickers and documents of a message.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{MessageId, Outline};
use crate::text::{Address, RichText};

/// A photo, video, voice note or sticker. A message has at most one; an album has one for each of its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// The message with the file. This is the only stable name of the file.
    pub message: MessageId,
    pub kind: MediaKind,
    /// The current URL at Telegram, which expires within hours or days. Missing if only the app can load the file.
    pub file: Option<Address>,
    /// The poster of a video, as its current URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster: Option<Address>,
    /// Telegram's number of a photo, which outlives its URLs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo_id: Option<u64>,
    /// The playing time.
    #[serde(default, with = "seconds", skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Ratio>,
    /// The displayed width in pixels, if the page has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The outline of an animated sticker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outline: Option<Outline>,
    /// The size of a voice note in bytes. No page has it: it is fetched when the post is first seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// The file is too big for Telegram's page, so it has no URL.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub too_big: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// JPEG.
    Photo,
    /// MP4.
    Video,
    /// MP4 without sound, played in a loop.
    Gif,
    /// A round video message, MP4.
    RoundVideo,
    /// Opus in Ogg.
    Voice,
    /// `WebP`.
    Sticker,
    /// `WebM`.
    VideoSticker,
    /// TGS, gzipped Lottie.
    AnimatedSticker,
}

impl MediaKind {
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

    /// The extension of the file's address at feedline.
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

    pub fn is_sticker(self) -> bool {
        matches!(self, Self::Sticker | Self::VideoSticker | Self::AnimatedSticker)
    }
}

/// Width over height, in thousandths, from 50 to 20,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct Ratio(u32);

impl Ratio {
    /// `None` outside the range of [`Ratio`].
    pub fn new(width_over_height: f64) -> Option<Self> {
        let thousandths = (width_over_height * 1000.0).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "what no picture has is refused, whatever it became"
        )]
        Self::try_from(thousandths as u32).ok()
    }

    /// The height in whole pixels for a width; at least 1.
    pub fn height(self, width: u32) -> u32 {
        let height = u64::from(width) * 1000 / u64::from(self.0);
        u32::try_from(height).unwrap_or(u32::MAX).max(1)
    }

    pub fn thousandths(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Ratio {
    type Error = &'static str;

    fn try_from(thousandths: u32) -> Result<Self, Self::Error> {
        if (50..=20_000).contains(&thousandths) {
            Ok(Self(thousandths))
        } else {
            Err("no picture has this ratio of its sides")
        }
    }
}

/// A file or a piece of music. Telegram's pages show its name but have no URL for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub message: MessageId,
    pub kind: DocumentKind,
    /// The file name, or the title of the track.
    pub title: String,
    /// The size as Telegram writes it (`689 KB`), or the performer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<String>,
    /// The thumbnail's current URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Address>,
    /// The caption, in a post with several files.
    #[serde(default, skip_serializing_if = "RichText::is_empty")]
    pub caption: RichText,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// `extra` is the size.
    File,
    /// `extra` is the performer.
    Music,
}

/// A duration in whole seconds.
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
    fn aspect_ratio_out_of_range_is_rejected() {
        for impossible in [0.0, -1.0, 0.01, 21.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Ratio::new(impossible), None, "{impossible}");
        }
        assert_eq!(Ratio::new(1.777_777).unwrap().height(1280), 719);
        assert_eq!(Ratio::new(0.75).unwrap().height(3), 4);
        assert_eq!(Ratio::new(20.0).unwrap().height(1), 1);
    }
}
