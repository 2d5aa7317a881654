//! Encodes values as JSON, deflated, for columns.
//!
//! Most of a short post's JSON is field names, so the compression starts with a dictionary of them. Each thread reuses
//! its deflate and inflate contexts for the next row.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The first byte of a payload: its format. Earlier versions wrote `DEFLATED`, without a dictionary.
const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;
const DEFLATED_WITH_DICTIONARY: u8 = 2;

/// Typical JSON of posts, the most frequent parts at the end. It must never change: stored rows depend on it.
const DICTIONARY: &str = r##"{"latitude":"","longitude":"","venue":{"title":"","address":""}},"contact":{"name":"","phone":""}"invoice":"game":"documents":[{"message":1,"kind":"music","title":"","extra":"","thumbnail":"","caption":[]"sticker":"poll":{"question":"","label":"Poll","is_quiz":false,"is_multiple":false,"is_closed":false,"options":[{"text":"","percent":10,"correct":true},{"text":"","percent":0}],"voters":"1"}"signature":""forward":{"name":"","address":"https://t.me/","author":""},"reply":{"author":"","text":[{"paragraph":[{"text":"","address":"https://t.me/"},"deleted":"2026-absent_since":"2026-"mention":""hashtag":"code":"pre":"quote":[{"styled":["spoiler",[{"text":"{"styled":["underline",[{"text":"{"styled":["strikethrough",[{"text":"{"styled":["code",[{"text":"{"styled":["italic",[{"text":""emoji":{"id":"","text":"}},"link_preview":{"address":"https://www.","site_name":"","title":"","description":[{"paragraph":[{"text":""}]}],"picture":{"file":"https://cdn4.telesco.pe/file/","large":true,"ratio":1778,"width":800}},"video":null,"media":[{"message":1,"kind":"video","file":"https://cdn4.telesco.pe/file/.mp4?token=","poster":"https://cdn4.telesco.pe/file/","duration":30,"ratio":1778,"width":640,"outline":""},{"message":2,"kind":"photo","file":"https://cdn4.telesco.pe/file/.jpg","photo_id":51,"ratio":1333,"width":800,"length":1}],"reactions":[{"kind":{"stars":{"kind":{"custom":"{"kind":{"emoji":"👎"},"count":"1"},{"kind":{"emoji":"😁"},"count":"1.2K"},{"kind":{"emoji":"🤔"},"count":"12"},{"kind":{"emoji":"👏"},"count":"23"},{"kind":{"emoji":"🔥"},"count":"45"},{"kind":{"emoji":"❤"},"count":"67"},{"kind":{"emoji":"👍"},"count":"89"}]}},"parser":3}{"kept":{"identity":{"channel":"","message":10},"updated":"2026-01-01T00:00:00Z","post":{"channel":"","id":10,"members":[10],"numeric_channel_id":1000000000,"published":"2026-01-01T00:00:00Z","edited":true,"views":"1.2K","text":[{"paragraph":[{"styled":["bold",[{"text":""}]]},{"text":" "},"break",{"text":""}]},{"paragraph":[{"link":{"address":"https://","content":[{"text":"https://"}]}},{"text":" "},{"tag":"#"},{"text":" "},{"tag":"#"}]}]}},"parser":3},"edited":false,"views":"1.1K","text":[{"paragraph":[{"text":""##;

/// The maximum size of a decoded value, in bytes of JSON. A page of Telegram has up to 4 MiB.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;

thread_local! {
    static DEFLATER: RefCell<Compress> = RefCell::new(Compress::new(Compression::new(4), false));
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

#[derive(Debug, thiserror::Error)]
pub(super) enum BadPayload {
    #[error("it is of an unknown form")]
    Form,
    #[error("it is larger than {LARGEST} bytes")]
    TooLarge,
    #[error("it cannot be inflated")]
    Deflate,
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

pub(super) fn encode(value: &impl Serialize) -> rusqlite::Result<Vec<u8>> {
    let json = serde_json::to_vec(value).map_err(unwritable)?;
    if json.len() > LARGEST {
        return Err(unwritable(BadPayload::TooLarge));
    }
    let deflated = DEFLATER.with_borrow_mut(|deflater| deflate(deflater, &json));
    let deflated = deflated.map_err(unwritable)?;
    if deflated.len() <= json.len() {
        return Ok(deflated);
    }
    Ok([&[PLAIN], json.as_slice()].concat())
}

fn deflate(deflater: &mut Compress, json: &[u8]) -> Result<Vec<u8>, flate2::CompressError> {
    deflater.reset();
    deflater.set_dictionary(DICTIONARY.as_bytes())?;
    let mut deflated = Vec::with_capacity(json.len() / 2 + 64);
    deflated.push(DEFLATED_WITH_DICTIONARY);
    loop {
        let rest = &json[usize::try_from(deflater.total_in()).unwrap_or(json.len())..];
        match deflater.compress_vec(rest, &mut deflated, FlushCompress::Finish)? {
            Status::StreamEnd => return Ok(deflated),
            Status::Ok | Status::BufError => deflated.reserve(deflated.len()),
        }
    }
}

/// Decodes a payload.
///
/// SECURITY: a small row inflates to gigabytes -> the inflated size is limited.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BadPayload> {
    let inflated = |deflated, dictionary| {
        INFLATER.with_borrow_mut(|inflater| inflate(inflater, deflated, dictionary))
    };
    match bytes.split_first() {
        Some((&PLAIN, json)) => Ok(serde_json::from_slice(json)?),
        Some((&DEFLATED, deflated)) => Ok(serde_json::from_slice(&inflated(deflated, None)?)?),
        Some((&DEFLATED_WITH_DICTIONARY, deflated)) => {
            Ok(serde_json::from_slice(&inflated(deflated, Some(DICTIONARY.as_bytes()))?)?)
        }
        _ => Err(BadPayload::Form),
    }
}

fn inflate(
    inflater: &mut Decompress,
    deflated: &[u8],
    dictionary: Option<&[u8]>,
) -> Result<Vec<u8>, BadPayload> {
    inflater.reset(false);
    if let Some(dictionary) = dictionary {
        inflater.set_dictionary(dictionary).map_err(|_| BadPayload::Deflate)?;
    }
    let mut json = Vec::with_capacity(deflated.len() * 4 + 64);
    loop {
        let before = (inflater.total_in(), json.len());
        let rest = &deflated[usize::try_from(before.0).unwrap_or(deflated.len())..];
        let status = inflater.decompress_vec(rest, &mut json, FlushDecompress::None);
        let status = status.map_err(|_| BadPayload::Deflate)?;
        if json.len() > LARGEST {
            return Err(BadPayload::TooLarge);
        }
        match status {
            Status::StreamEnd => return Ok(json),
            _ if json.len() == json.capacity() => json.reserve(json.len()),
            // No progress: the payload is truncated.
            _ if before == (inflater.total_in(), json.len()) => return Err(BadPayload::Deflate),
            _ => {}
        }
    }
}

/// Encodes a small value as text.
pub(super) fn to_text(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(unwritable)
}

pub(super) fn from_text<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

#[cfg(test)]
mod tests {
    use flate2::write::DeflateEncoder;

    use super::*;

    #[test]
    fn payload_round_trips_deflated_or_not() {
        for text in ["", "short", &"long and long again; ".repeat(100), &"ё".repeat(200)] {
            let bytes = encode(&text).unwrap();
            assert_eq!(decode::<String>(&bytes).unwrap(), text);
            assert!(bytes.len() <= text.len() + 3, "{text}");
        }
    }

    #[test]
    fn payload_compresses_field_names() {
        let json = br#"{"kept":{"identity":{"channel":"tea","message":7},"updated":"2026-05-10T12:00:00Z","post":{"channel":"tea","id":7,"members":[7],"published":"2026-05-10T12:00:00Z","edited":false,"views":"1.3K","text":[{"paragraph":[{"text":"Tea"}]}]}},"parser":3}"#;
        let value: serde_json::Value = serde_json::from_slice(json).unwrap();
        let bytes = encode(&value).unwrap();
        assert_eq!(decode::<serde_json::Value>(&bytes).unwrap(), value);
        // The value has its fields in another order than the dictionary.
        assert!(bytes.len() < json.len() * 2 / 3, "{} of {}", bytes.len(), json.len());
    }

    #[test]
    fn invalid_payload_is_an_error() {
        use std::io::Write as _;
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
            (b"\x01", "inflated"),
            (b"\x02\x4b", "inflated"),
            (&bomb, "larger"),
        ] {
            let error = decode::<String>(bytes).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
