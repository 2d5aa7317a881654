//! Detects the type of a file by its first bytes. Pure.

use crate::model::File;

/// The expected kind of file, by its place in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// Photos, posters, previews, stickers, avatars, emoji.
    Image,
    /// Videos and video stickers.
    Video,
    Audio,
    /// Animated stickers (gzipped Lottie).
    Animation,
}

/// Accepted `Content-Type` headers, for files of any kind.
const ACCEPTED: [&str; 16] = [
    "image/jpeg",
    "image/jpg",
    "image/png",
    "image/webp",
    "image/gif",
    "video/mp4",
    "video/webm",
    "audio/ogg",
    "audio/opus",
    "application/ogg",
    "audio/mpeg",
    "audio/mp4",
    "application/x-tgsticker",
    "application/gzip",
    "application/x-gzip",
    "application/octet-stream",
];

/// Served media types, with their file extensions in the cache.
pub(super) const SERVED: [(&str, &str); 10] = [
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("image/gif", "gif"),
    ("video/mp4", "mp4"),
    ("video/webm", "webm"),
    ("audio/ogg", "ogg"),
    ("audio/mpeg", "mp3"),
    ("audio/mp4", "m4a"),
    ("application/x-tgsticker", "tgs"),
];

impl Expected {
    pub(super) fn of(file: File) -> Self {
        match file {
            File::Media(_, "mp4" | "webm") => Self::Video,
            File::Media(_, "ogg") => Self::Audio,
            File::Media(_, "tgs") => Self::Animation,
            File::Media(..) | File::Poster(_) | File::Preview(_) | File::Avatar => Self::Image,
        }
    }

    /// The media type by the first bytes; `None` for anything unexpected.
    ///
    /// SECURITY: an HTML page or an SVG with a script under the name of an image -> the first bytes decide, not the
    /// name or the server's type. Only the few types of the kind are allowed, never HTML or SVG.
    pub(super) fn media_type(self, announced: Option<&str>, start: &[u8]) -> Option<&'static str> {
        if announced.is_some_and(|announced| !ACCEPTED.contains(&announced)) {
            return None;
        }
        match self {
            Self::Image if start.starts_with(b"\xff\xd8\xff") => Some("image/jpeg"),
            Self::Image if start.starts_with(b"\x89PNG\r\n\x1a\n") => Some("image/png"),
            Self::Image if start.starts_with(b"GIF87a") || start.starts_with(b"GIF89a") => {
                Some("image/gif")
            }
            Self::Image if start.starts_with(b"RIFF") && has(start, 8, b"WEBP") => {
                Some("image/webp")
            }
            Self::Video if has(start, 4, b"ftyp") => Some("video/mp4"),
            Self::Video if start.starts_with(b"\x1a\x45\xdf\xa3") => Some("video/webm"),
            Self::Audio if start.starts_with(b"OggS") => Some("audio/ogg"),
            Self::Audio if start.starts_with(b"ID3") || is_frame(start) => Some("audio/mpeg"),
            Self::Audio if has(start, 4, b"ftyp") => Some("audio/mp4"),
            Self::Animation if start.starts_with(b"\x1f\x8b\x08") => {
                Some("application/x-tgsticker")
            }
            _ => None,
        }
    }
}

fn has(start: &[u8], at: usize, word: &[u8]) -> bool {
    start.get(at..).is_some_and(|rest| rest.starts_with(word))
}

/// The header of an MPEG audio frame: eleven set bits, then a valid layer.
fn is_frame(start: &[u8]) -> bool {
    matches!(start, [0xff, second, ..] if second & 0xe0 == 0xe0 && second & 0x06 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::media::ALL;
    use crate::model::{MediaKind, MessageId};

    const KINDS: [Expected; 4] =
        [Expected::Image, Expected::Video, Expected::Audio, Expected::Animation];

    #[test]
    fn media_samples_match_only_their_kind() {
        for medium in ALL {
            let types: Vec<&str> = KINDS
                .iter()
                .filter_map(|kind| kind.media_type(Some(medium.media_type), medium.bytes))
                .collect();
            // An MP4 container may hold audio only.
            let expected = match medium.media_type {
                "video/mp4" => vec!["video/mp4", "audio/mp4"],
                other => vec![other],
            };
            assert_eq!(types, expected, "{}", medium.name);
        }
    }

    #[test]
    fn media_kinds_are_served_with_their_type() {
        let message = MessageId::new(7).unwrap();
        for kind in MediaKind::ALL {
            let expected = Expected::of(File::Media(message, kind.extension()));
            let sample = ALL.iter().find(|medium| medium.media_type == kind.media_type()).unwrap();
            assert_eq!(
                expected.media_type(None, sample.bytes),
                Some(kind.media_type()),
                "{kind:?}"
            );
        }
        for file in [File::Poster(message), File::Preview(message), File::Avatar] {
            assert_eq!(Expected::of(file), Expected::Image);
        }
    }

    #[test]
    fn html_svg_and_executables_are_refused() {
        let starts: [&[u8]; 12] = [
            b"<!DOCTYPE html><html><script>alert(1)</script>",
            b"<html>",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\">",
            b"<?xml version=\"1.0\"?><svg>",
            b"\xef\xbb\xbf<html>",
            b"  \n<html>",
            b"%PDF-1.7",
            b"MZ\x90\x00",
            b"\x7fELF",
            b"#!/bin/sh",
            b"{\"error\": 404}",
            b"",
        ];
        for start in starts {
            for kind in KINDS {
                for announced in [None, Some("image/jpeg"), Some("application/octet-stream")] {
                    assert_eq!(
                        kind.media_type(announced, start),
                        None,
                        "{start:?} as {announced:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn image_with_non_media_type_is_refused() {
        let image = b"\xff\xd8\xff\xe0....";
        for announced in ["text/html", "image/svg+xml", "text/plain", "application/xhtml+xml", "x"]
        {
            assert_eq!(Expected::Image.media_type(Some(announced), image), None, "{announced}");
        }
        for announced in [None, Some("image/png"), Some("application/octet-stream")] {
            assert_eq!(Expected::Image.media_type(announced, image), Some("image/jpeg"));
        }
        assert_eq!(Expected::Video.media_type(Some("video/mp4"), image), None);
    }
}
