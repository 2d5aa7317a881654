//! What a file has to look like. Pure.

use crate::service::File;

/// What is expected of a file, by what it is of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A still or moving picture: photos, posters, previews, stickers, avatars, emoji.
    Picture,
    /// A film, filmed stickers too.
    Film,
    /// A spoken note.
    Sound,
    /// A sticker that is drawn (gzipped Lottie).
    Drawing,
}

/// What a server may say that a file is, of whatever form; which of them it is, its first bytes tell.
const TOLD: [&str; 16] = [
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

/// All that is ever served, with the ending that it has in the cache.
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

impl Form {
    pub(super) fn of(file: File) -> Self {
        match file {
            File::Media(_, "mp4" | "webm") => Self::Film,
            File::Media(_, "ogg") => Self::Sound,
            File::Media(_, "tgs") => Self::Drawing,
            File::Media(..) | File::Poster(_) | File::Preview(_) | File::Avatar => Self::Picture,
        }
    }

    /// What a file of this form is, by its first bytes; `None`: it is no such file.
    ///
    /// SECURITY: a page, or a drawing with a script in it, under the name of a picture -> neither what the server says nor the
    /// name decides: the first bytes do, among the few types of the form. HTML and SVG are none of them.
    pub(super) fn media_type(self, told: Option<&str>, start: &[u8]) -> Option<&'static str> {
        if told.is_some_and(|told| !TOLD.contains(&told)) {
            return None;
        }
        match self {
            Self::Picture if start.starts_with(b"\xff\xd8\xff") => Some("image/jpeg"),
            Self::Picture if start.starts_with(b"\x89PNG\r\n\x1a\n") => Some("image/png"),
            Self::Picture if start.starts_with(b"GIF87a") || start.starts_with(b"GIF89a") => {
                Some("image/gif")
            }
            Self::Picture if start.starts_with(b"RIFF") && has(start, 8, b"WEBP") => {
                Some("image/webp")
            }
            Self::Film if has(start, 4, b"ftyp") => Some("video/mp4"),
            Self::Film if start.starts_with(b"\x1a\x45\xdf\xa3") => Some("video/webm"),
            Self::Sound if start.starts_with(b"OggS") => Some("audio/ogg"),
            Self::Sound if start.starts_with(b"ID3") || is_frame(start) => Some("audio/mpeg"),
            Self::Sound if has(start, 4, b"ftyp") => Some("audio/mp4"),
            Self::Drawing if start.starts_with(b"\x1f\x8b\x08") => Some("application/x-tgsticker"),
            _ => None,
        }
    }
}

fn has(start: &[u8], at: usize, word: &[u8]) -> bool {
    start.get(at..).is_some_and(|rest| rest.starts_with(word))
}

/// The head of a frame of MPEG sound: eleven set bits, then a layer that exists.
fn is_frame(start: &[u8]) -> bool {
    matches!(start, [0xff, second, ..] if second & 0xe0 == 0xe0 && second & 0x06 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::media::ALL;
    use crate::model::{MediaKind, MessageId};

    const FORMS: [Form; 4] = [Form::Picture, Form::Film, Form::Sound, Form::Drawing];

    #[test]
    fn every_sample_has_its_form_and_no_other() {
        for medium in ALL {
            let types: Vec<&str> = FORMS
                .iter()
                .filter_map(|form| form.media_type(Some(medium.media_type), medium.bytes))
                .collect();
            // A film's container may hold sound alone.
            let expected = match medium.media_type {
                "video/mp4" => vec!["video/mp4", "audio/mp4"],
                other => vec![other],
            };
            assert_eq!(types, expected, "{}", medium.name);
        }
    }

    #[test]
    fn every_kind_of_media_has_a_form_that_serves_its_type() {
        let message = MessageId::new(7).unwrap();
        for kind in MediaKind::ALL {
            let form = Form::of(File::Media(message, kind.extension()));
            let sample = ALL.iter().find(|medium| medium.media_type == kind.media_type()).unwrap();
            assert_eq!(form.media_type(None, sample.bytes), Some(kind.media_type()), "{kind:?}");
        }
        for file in [File::Poster(message), File::Preview(message), File::Avatar] {
            assert_eq!(Form::of(file), Form::Picture);
        }
    }

    #[test]
    fn pages_drawings_with_scripts_and_programs_are_no_files() {
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
            for form in FORMS {
                for told in [None, Some("image/jpeg"), Some("application/octet-stream")] {
                    assert_eq!(form.media_type(told, start), None, "{start:?} as {told:?}");
                }
            }
        }
    }

    #[test]
    fn what_calls_itself_something_else_is_not_taken_for_a_picture() {
        let picture = b"\xff\xd8\xff\xe0....";
        for told in ["text/html", "image/svg+xml", "text/plain", "application/xhtml+xml", "x"] {
            assert_eq!(Form::Picture.media_type(Some(told), picture), None, "{told}");
        }
        for told in [None, Some("image/png"), Some("application/octet-stream")] {
            assert_eq!(Form::Picture.media_type(told, picture), Some("image/jpeg"));
        }
        assert_eq!(Form::Film.media_type(Some("video/mp4"), picture), None);
    }
}
