//! The files of the samples, drawn by `scripts/sample-media` and kept in the program.

use std::sync::LazyLock;

use super::message::File;

/// A file that the fake Telegram can serve.
#[derive(Clone, Copy, Debug)]
pub struct Medium {
    /// Its name in `src/demo/media`.
    pub name: File,
    /// Its content.
    pub bytes: &'static [u8],
    /// Its media type, as Telegram's servers give it.
    pub media_type: &'static str,
    /// Width and height of pictures, in pixels; zeros for the rest.
    pub size: (u32, u32),
}

/// The name of a film of [`LARGE`] bytes. It is none of [`ALL`], and made when it is first asked for.
pub const LARGE_FILM: File = "large.mp4";

/// The bytes of [`LARGE_FILM`].
pub const LARGE: usize = 50 * 1024 * 1024;

/// The file of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Medium> {
    static LARGE: LazyLock<Medium> = LazyLock::new(large);
    if name == LARGE_FILM {
        return Some(&LARGE);
    }
    ALL.iter().find(|medium| medium.name == name)
}

/// A short film with a box behind it that players pass over, in which no two places look alike.
fn large() -> Medium {
    let film = ALL.iter().find(|medium| medium.name == "lamp.mp4");
    let mut bytes = film.map(|film| film.bytes.to_vec()).unwrap_or_default();
    let rest = LARGE - bytes.len();
    bytes.extend(u32::try_from(rest).unwrap_or_default().to_be_bytes());
    bytes.extend(b"free");
    let words = (0_u32..).flat_map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes());
    bytes.extend(words.take(rest - 8));
    Medium {
        name: LARGE_FILM,
        bytes: bytes.leak(),
        media_type: "video/mp4",
        size: film.map_or((0, 0), |film| film.size),
    }
}

macro_rules! media {
    ($($name:literal, $media_type:literal, $width:literal x $height:literal;)*) => {
        /// Every file.
        pub const ALL: &[Medium] = &[$(Medium {
            name: $name,
            bytes: include_bytes!(concat!("media/", $name)),
            media_type: $media_type,
            size: ($width, $height),
        }),*];
    };
}

media! {
    "lighthouse.jpg", "image/jpeg", 800 x 450;
    "storm.jpg", "image/jpeg", 800 x 600;
    "fog.jpg", "image/jpeg", 800 x 450;
    "lens.jpg", "image/jpeg", 640 x 640;
    "cliff.jpg", "image/jpeg", 600 x 800;
    "boat.jpg", "image/jpeg", 800 x 600;
    "moonrise.jpg", "image/jpeg", 800 x 450;
    "constellation.jpg", "image/jpeg", 640 x 640;
    "books.jpg", "image/jpeg", 800 x 600;
    "comet.jpg", "image/jpeg", 600 x 800;
    "observatory.jpg", "image/jpeg", 800 x 450;
    "dunes.jpg", "image/jpeg", 800 x 450;
    "arch.jpg", "image/jpeg", 600 x 800;
    "pattern.jpg", "image/jpeg", 640 x 640;
    "teacup.jpg", "image/jpeg", 640 x 640;
    "terraces.jpg", "image/jpeg", 800 x 450;
    "bicycle.jpg", "image/jpeg", 800 x 600;
    "scroll.jpg", "image/jpeg", 420 x 1000;
    "avatar-lighthouse.jpg", "image/jpeg", 160 x 160;
    "avatar-stars.jpg", "image/jpeg", 160 x 160;
    "avatar-pattern.jpg", "image/jpeg", 160 x 160;
    "avatar-tea.jpg", "image/jpeg", 160 x 160;
    "avatar-boat.jpg", "image/jpeg", 160 x 160;
    "lamp-poster.jpg", "image/jpeg", 640 x 360;
    "kettle-poster.jpg", "image/jpeg", 320 x 320;
    "wheel-poster.jpg", "image/jpeg", 240 x 240;
    "lamp.mp4", "video/mp4", 640 x 360;
    "kettle.mp4", "video/mp4", 320 x 320;
    "wheel.mp4", "video/mp4", 240 x 240;
    "hum.ogg", "audio/ogg", 0 x 0;
    "gull.webp", "image/webp", 512 x 512;
    "moon.webp", "image/webp", 512 x 400;
    "gull.webm", "video/webm", 256 x 256;
    "star.tgs", "application/x-tgsticker", 0 x 0;
}

#[cfg(test)]
mod tests {
    use super::{ALL, LARGE, LARGE_FILM, find};

    #[test]
    fn the_files_together_stay_below_their_budget() {
        let total: usize = ALL.iter().map(|medium| medium.bytes.len()).sum();
        assert!(total < 600_000, "{total} bytes");
    }

    #[test]
    fn every_file_begins_as_its_type_does() {
        for medium in ALL {
            let start: &[u8] = match medium.media_type {
                "image/jpeg" => b"\xff\xd8\xff",
                "image/webp" => b"RIFF",
                "audio/ogg" => b"OggS",
                "video/webm" => b"\x1a\x45\xdf\xa3",
                "application/x-tgsticker" => b"\x1f\x8b",
                "video/mp4" => b"ftyp",
                other => panic!("{} has the type {other}", medium.name),
            };
            let from = if medium.media_type == "video/mp4" { 4 } else { 0 };
            assert!(medium.bytes[from..].starts_with(start), "{}", medium.name);
        }
    }

    #[test]
    fn pictures_have_the_size_that_is_written_here() {
        for medium in ALL.iter().filter(|medium| medium.media_type == "image/jpeg") {
            assert_eq!(jpeg_size(medium.bytes), Some(medium.size), "{}", medium.name);
        }
    }

    #[test]
    fn the_large_film_is_as_long_as_it_says_and_begins_as_a_film() {
        let film = find(LARGE_FILM).unwrap();
        assert_eq!((film.bytes.len(), &film.bytes[4..8]), (LARGE, &b"ftyp"[..]));
        assert_eq!(find(LARGE_FILM).unwrap().bytes.as_ptr(), film.bytes.as_ptr());
    }

    #[test]
    fn a_name_leads_to_its_file_and_no_other_does() {
        assert_eq!(find("hum.ogg").unwrap().media_type, "audio/ogg");
        assert!(find("../Cargo.toml").is_none());
    }

    /// Width and height from the start-of-frame segment.
    fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
        let mut at = 2;
        loop {
            let segment = bytes.get(at..at + 9)?;
            let pair =
                |from: usize| u32::from(u16::from_be_bytes([segment[from], segment[from + 1]]));
            if matches!(segment[1], 0xc0..=0xc2) {
                return Some((pair(7), pair(5)));
            }
            at += 2 + pair(2) as usize;
        }
    }
}
