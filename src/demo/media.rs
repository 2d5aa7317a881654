//! The files of the sample channels, and their addresses. `scripts/sample-media` drew them; the program embeds them.
//!
//! An address contains the file's name and a generation. So there is no table of addresses, and all can expire at once.

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, Error as _};
use sha2::{Digest, Sha256};

/// The name of a file in `src/demo/media`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File(pub &'static str);

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let name = String::deserialize(input)?;
        match find(&name) {
            Some(file) => Ok(Self(file.name)),
            None => Err(D::Error::custom(format!("no file `{name}` in src/demo/media"))),
        }
    }
}

impl File {
    pub(super) fn size(self) -> (u32, u32) {
        find(self.0).map_or((1, 1), |file| file.size)
    }
}

#[derive(Clone, Copy, Debug)]
pub struct MediaFile {
    pub name: &'static str,
    pub bytes: &'static [u8],
    /// The `Content-Type`.
    pub media_type: &'static str,
    /// Width and height in pixels; zeros for sounds and Lottie animations.
    pub size: (u32, u32),
}

/// A video of [`LARGE`] bytes. It is not in [`ALL`]; the first request builds it.
pub const LARGE_VIDEO: File = File("large.mp4");

pub const LARGE: usize = 50 * 1024 * 1024;

pub fn find(name: &str) -> Option<&'static MediaFile> {
    static LARGE: LazyLock<MediaFile> = LazyLock::new(large);
    if name == LARGE_VIDEO.0 {
        return Some(&LARGE);
    }
    ALL.iter().find(|file| file.name == name)
}

/// A short video, padded with a box that players skip. No two parts of the padding are equal.
fn large() -> MediaFile {
    let video = ALL.iter().find(|file| file.name == "lamp.mp4");
    let mut bytes = video.map(|video| video.bytes.to_vec()).unwrap_or_default();
    let rest = LARGE - bytes.len();
    bytes.extend(u32::try_from(rest).unwrap_or_default().to_be_bytes());
    bytes.extend(b"free");
    let words = (0_u32..).flat_map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes());
    bytes.extend(words.take(rest - 8));
    MediaFile {
        name: LARGE_VIDEO.0,
        bytes: bytes.leak(),
        media_type: "video/mp4",
        size: video.map_or((0, 0), |video| video.size),
    }
}

/// The signed part of an address; `id` is that of the message, or 0.
pub(super) fn token(file: &str, channel: u64, id: u32, generation: u32) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{generation}.{channel}.{id}.{file}"))
}

/// Ten hexadecimal digits, which stay when the token expires.
fn stable_name(file: &str, channel: u64, id: u32) -> String {
    let hash = Sha256::digest(format!("{channel}.{id}.{file}"));
    hash[..5].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The address of a video, recording or sticker.
pub(super) fn address(base: &str, file: &str, channel: u64, id: u32, generation: u32) -> String {
    let extension = file.rsplit('.').next().unwrap_or_default();
    let name = stable_name(file, channel, id);
    format!("{base}/file/{name}.{extension}?token={}", token(file, channel, id, generation))
}

/// The number of a photo in Telegram's classes, which stays when the address expires.
pub(super) fn photo_number(file: &str, channel: u64, id: u32) -> u64 {
    let hash = Sha256::digest(format!("photo.{channel}.{id}.{file}"));
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash[..8]);
    5_000_000_000_000_000_000 + u64::from_be_bytes(bytes) % 900_000_000_000_000_000
}

/// The file at `/file/<name>?token=<token>`; `None` if the address is unknown or has expired.
pub(super) fn resolve(
    name: &str,
    token: Option<&str>,
    generation: u32,
) -> Option<&'static MediaFile> {
    let token = token.unwrap_or_else(|| name.split('.').next().unwrap_or_default());
    let decoded = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let mut parts = decoded.splitn(4, '.');
    let made_in: u32 = parts.next()?.parse().ok()?;
    let file = parts.nth(2)?;
    if made_in == generation { find(file) } else { None }
}

macro_rules! media {
    ($($name:literal, $media_type:literal, $width:literal x $height:literal;)*) => {
        pub const ALL: &[MediaFile] = &[$(MediaFile {
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
    use super::{ALL, LARGE, LARGE_VIDEO, find, resolve, stable_name, token};

    #[test]
    fn sample_files_are_small_in_total() {
        let total: usize = ALL.iter().map(|file| file.bytes.len()).sum();
        assert!(total < 600_000, "{total} bytes");
    }

    #[test]
    fn sample_files_start_with_bytes_of_their_type() {
        for file in ALL {
            let start: &[u8] = match file.media_type {
                "image/jpeg" => b"\xff\xd8\xff",
                "image/webp" => b"RIFF",
                "audio/ogg" => b"OggS",
                "video/webm" => b"\x1a\x45\xdf\xa3",
                "application/x-tgsticker" => b"\x1f\x8b",
                "video/mp4" => b"ftyp",
                other => panic!("{} has the type {other}", file.name),
            };
            let from = if file.media_type == "video/mp4" { 4 } else { 0 };
            assert!(file.bytes[from..].starts_with(start), "{}", file.name);
        }
    }

    #[test]
    fn sample_photos_have_declared_size() {
        for file in ALL.iter().filter(|file| file.media_type == "image/jpeg") {
            assert_eq!(jpeg_size(file.bytes), Some(file.size), "{}", file.name);
        }
    }

    #[test]
    fn large_sample_video_has_its_length_and_signature() {
        let video = find(LARGE_VIDEO.0).unwrap();
        assert_eq!((video.bytes.len(), &video.bytes[4..8]), (LARGE, &b"ftyp"[..]));
        assert_eq!(find(LARGE_VIDEO.0).unwrap().bytes.as_ptr(), video.bytes.as_ptr());
    }

    #[test]
    fn sample_files_are_found_by_name() {
        assert_eq!(find("hum.ogg").unwrap().media_type, "audio/ogg");
        assert!(find("../Cargo.toml").is_none());
    }

    #[test]
    fn sample_file_url_resolves_until_it_expires() {
        let signed = token("hum.ogg", 77, 5, 3);
        assert_eq!(resolve("a1b2c3d4e5.ogg", Some(&signed), 3).unwrap().name, "hum.ogg");
        assert!(resolve("a1b2c3d4e5.ogg", Some(&signed), 4).is_none());
        assert_eq!(resolve(&format!("{signed}.jpg"), None, 3).unwrap().name, "hum.ogg");
        assert!(resolve("a1b2c3d4e5.ogg", None, 3).is_none());
        assert!(resolve("x", Some("%%%"), 3).is_none());
    }

    #[test]
    fn stable_file_name_differs_by_message() {
        assert_eq!(stable_name("hum.ogg", 77, 5).len(), 10);
        assert_ne!(stable_name("hum.ogg", 77, 5), stable_name("hum.ogg", 77, 6));
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
