//! Feeds as they go out: bytes, their validators and their compressed forms.

use std::io::Write as _;
use std::sync::OnceLock;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::memory::Key;
use crate::links::Base;
use crate::model::Format;

/// gzip's usual level: beyond it a feed gets 1 % smaller and takes twice the time.
const GZIP_LEVEL: u32 = 6;

/// Brotli's level 5 takes about twice gzip's time; the highest would take a hundred times that.
const BROTLI_LEVEL: i32 = 5;

/// What makes one rendering differ from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct RenderKey {
    pub(super) channel: Key,
    /// The options in their normal form: a compiled expression among them would take more than the feed.
    pub(super) options: Box<str>,
    pub(super) format: Format,
    pub(super) base: Base,
}

impl RenderKey {
    /// The bytes that it takes.
    pub(super) fn size(&self) -> usize {
        self.channel.len() + self.options.len() + self.base.as_str().len()
    }
}

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Not at all.
    Identity,
    /// gzip (RFC 1952).
    Gzip,
    /// Brotli (RFC 7932).
    Brotli,
}

impl Coding {
    /// The `Content-Encoding`; none for the identity.
    #[must_use]
    pub fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// A body with its validators. The compressed forms are made when they are first asked for, and kept.
#[derive(Debug)]
pub struct Rendered {
    body: Bytes,
    etag: Box<str>,
    last_modified: DateTime<Utc>,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
    /// The fetch from which it was made: another one means that it must be looked at again.
    pub(super) fetched: DateTime<Utc>,
}

impl Rendered {
    /// A body that was made from what was fetched then.
    #[must_use]
    pub fn new(body: Vec<u8>, last_modified: DateTime<Utc>, fetched: DateTime<Utc>) -> Self {
        let digest = Sha256::digest(&body);
        let etag: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Self {
            body: body.into(),
            etag: etag.into(),
            last_modified,
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
            fetched,
        }
    }

    /// The same bytes again, made from a later fetch: the compressed forms stay.
    pub(super) fn again(&self, last_modified: DateTime<Utc>, fetched: DateTime<Utc>) -> Self {
        Self {
            body: self.body.clone(),
            etag: self.etag.clone(),
            last_modified,
            gzip: self.gzip.clone(),
            brotli: self.brotli.clone(),
            fetched,
        }
    }

    /// The body, not compressed.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body in a coding. The first call for a compressed form takes some milliseconds of computing.
    #[must_use]
    pub fn encoded(&self, coding: Coding) -> Bytes {
        match coding {
            Coding::Identity => self.body.clone(),
            Coding::Gzip => self.gzip.get_or_init(|| gzip(&self.body)).clone(),
            Coding::Brotli => self.brotli.get_or_init(|| brotli(&self.body)).clone(),
        }
    }

    /// Whether the coding is at hand without computing.
    #[must_use]
    pub fn has(&self, coding: Coding) -> bool {
        match coding {
            Coding::Identity => true,
            Coding::Gzip => self.gzip.get().is_some(),
            Coding::Brotli => self.brotli.get().is_some(),
        }
    }

    /// The entity tag, one for each coding, in quotes (RFC 9110, section 8.8.3).
    #[must_use]
    pub fn etag(&self, coding: Coding) -> String {
        match coding {
            Coding::Identity => format!("\"{}\"", self.etag),
            Coding::Gzip => format!("\"{}-gz\"", self.etag),
            Coding::Brotli => format!("\"{}-br\"", self.etag),
        }
    }

    /// When what it says last changed.
    #[must_use]
    pub fn last_modified(&self) -> DateTime<Utc> {
        self.last_modified
    }

    /// What it will take in memory once it is compressed: a feed shrinks to about a fifth.
    pub(super) fn size(&self) -> usize {
        self.body.len() + self.body.len() * 2 / 5
    }
}

#[expect(clippy::expect_used, reason = "writing into memory cannot fail")]
fn gzip(body: &[u8]) -> Bytes {
    let mut encoder =
        flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(GZIP_LEVEL));
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory").into()
}

#[expect(clippy::expect_used, reason = "writing into memory cannot fail")]
fn brotli(body: &[u8]) -> Bytes {
    let parameters =
        brotli::enc::BrotliEncoderParams { quality: BROTLI_LEVEL, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &body[..], &mut compressed, &parameters).expect("memory");
    compressed.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_coding_has_a_tag_of_its_own_and_gives_the_body_back() {
        let text = "a feed, a feed, a feed ".repeat(100);
        let rendered =
            Rendered::new(text.clone().into_bytes(), DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH);
        let tags: std::collections::HashSet<String> =
            [Coding::Identity, Coding::Gzip, Coding::Brotli]
                .map(|coding| rendered.etag(coding))
                .into();
        assert_eq!(tags.len(), 3);
        let mut gzip = String::new();
        let packed = rendered.encoded(Coding::Gzip);
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed[..]), &mut gzip)
            .unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut &rendered.encoded(Coding::Brotli)[..], &mut unpacked)
            .unwrap();
        assert_eq!((gzip.as_str(), unpacked.as_slice()), (text.as_str(), text.as_bytes()));
        let again = rendered.again(DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH);
        assert!(again.has(Coding::Gzip) && again.has(Coding::Brotli));
        assert_eq!(again.etag(Coding::Gzip), rendered.etag(Coding::Gzip));
    }

    #[test]
    fn another_body_has_another_tag() {
        let one = Rendered::new(b"one".to_vec(), DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH);
        let other = Rendered::new(b"other".to_vec(), DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH);
        assert_ne!(one.etag(Coding::Identity), other.etag(Coding::Identity));
    }
}
