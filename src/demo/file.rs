//! Addresses of files. They carry what they lead to and the generation in which they were made, so that the fake
//! needs no table of them and can let all of them expire at once.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::media::{self, Medium};
use super::message::File;

/// The signed part of an address.
pub(super) fn token(file: File, channel: u64, slot: u32, generation: u32) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{generation}.{channel}.{slot}.{file}"))
}

/// The part of a film's address that stays when it is renewed: ten hexadecimal digits.
pub(super) fn stable_name(file: File, channel: u64, slot: u32) -> String {
    let hash = Sha256::digest(format!("{channel}.{slot}.{file}"));
    hash[..5].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The photo's own number, which Telegram writes into its classes and which outlives its address.
pub(super) fn photo_number(file: File, channel: u64, slot: u32) -> u64 {
    let hash = Sha256::digest(format!("photo.{channel}.{slot}.{file}"));
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash[..8]);
    5_000_000_000_000_000_000 + u64::from_be_bytes(bytes) % 900_000_000_000_000_000
}

/// The file behind `/file/<name>?token=<token>`; `None` when the address is unknown or has expired.
pub(super) fn resolve(name: &str, token: Option<&str>, generation: u32) -> Option<&'static Medium> {
    let signed = token.unwrap_or_else(|| name.split('.').next().unwrap_or_default());
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(signed).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let mut parts = decoded.splitn(4, '.');
    let made_in: u32 = parts.next()?.parse().ok()?;
    let file = parts.nth(2)?;
    if made_in == generation { media::find(file) } else { None }
}

#[cfg(test)]
mod tests {
    use super::{resolve, stable_name, token};

    #[test]
    fn an_address_leads_to_its_file_until_it_expires() {
        let signed = token("hum.ogg", 77, 5, 3);
        assert_eq!(resolve("a1b2c3d4e5.ogg", Some(&signed), 3).unwrap().name, "hum.ogg");
        assert!(resolve("a1b2c3d4e5.ogg", Some(&signed), 4).is_none());
        assert_eq!(resolve(&format!("{signed}.jpg"), None, 3).unwrap().name, "hum.ogg");
        assert!(resolve("a1b2c3d4e5.ogg", None, 3).is_none());
        assert!(resolve("x", Some("%%%"), 3).is_none());
    }

    #[test]
    fn the_stable_part_tells_messages_apart() {
        assert_eq!(stable_name("hum.ogg", 77, 5).len(), 10);
        assert_ne!(stable_name("hum.ogg", 77, 5), stable_name("hum.ogg", 77, 6));
    }
}
