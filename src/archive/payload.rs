//! A value as the bytes of a row: JSON, deflated where that pays.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The first byte says which.
const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;

/// Shorter than this, deflating gains next to nothing.
const SHORT: usize = 128;

/// The largest value that is read, in bytes of JSON: a page of Telegram's has 4 MiB.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;

/// Why bytes are no value.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadPayload {
    #[error("it is of an unknown form")]
    Form,
    #[error("it is larger than {LARGEST} bytes")]
    TooLarge,
    #[error("it cannot be inflated: {0}")]
    Deflate(#[from] std::io::Error),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

/// The bytes of a value.
pub(super) fn encode(value: &impl Serialize) -> rusqlite::Result<Vec<u8>> {
    let json = serde_json::to_vec(value).map_err(unwritable)?;
    if json.len() > LARGEST {
        return Err(unwritable(BadPayload::TooLarge));
    }
    if json.len() >= SHORT {
        let mut encoder = DeflateEncoder::new(vec![DEFLATED], Compression::new(6));
        encoder.write_all(&json).map_err(unwritable)?;
        let deflated = encoder.finish().map_err(unwritable)?;
        if deflated.len() <= json.len() {
            return Ok(deflated);
        }
    }
    Ok([&[PLAIN], json.as_slice()].concat())
}

/// The value of bytes.
///
/// SECURITY: a small row that inflates to gigabytes -> what is inflated is bounded.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BadPayload> {
    match bytes.split_first() {
        Some((&PLAIN, json)) => Ok(serde_json::from_slice(json)?),
        Some((&DEFLATED, deflated)) => {
            let mut json = Vec::with_capacity(deflated.len() * 3);
            DeflateDecoder::new(deflated).take(LARGEST as u64 + 1).read_to_end(&mut json)?;
            if json.len() > LARGEST {
                return Err(BadPayload::TooLarge);
            }
            Ok(serde_json::from_slice(&json)?)
        }
        _ => Err(BadPayload::Form),
    }
}

/// A value as a column of text, for what is small.
pub(super) fn to_text(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(unwritable)
}

/// The value of a column of text.
pub(super) fn from_text<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_whether_it_was_deflated_or_not() {
        for text in ["", "short", &"long and long again; ".repeat(100), &"ё".repeat(200)] {
            let bytes = encode(&text).unwrap();
            assert_eq!(decode::<String>(&bytes).unwrap(), text);
            assert!(bytes.len() <= text.len() + 3, "{text}");
        }
    }

    #[test]
    fn what_is_no_value_is_an_error_and_no_panic() {
        let mut bomb = DeflateEncoder::new(vec![DEFLATED], Compression::new(9));
        bomb.write_all(b"\"").unwrap();
        for _ in 0..=LARGEST / 4096 {
            bomb.write_all(&[b'a'; 4096]).unwrap();
        }
        let bomb = bomb.finish().unwrap();
        assert!(bomb.len() < 100_000);
        for (bytes, why) in [
            (&b""[..], "unknown form"),
            (b"\x07\"x\"", "unknown form"),
            (b"\x00\"x", "EOF"),
            (b"\x01\xff\xff\xff\xff", "inflated"),
            (&bomb, "larger"),
        ] {
            let error = decode::<String>(bytes).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
