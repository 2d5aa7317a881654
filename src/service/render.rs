//! Rendered feeds: bytes, validators and compressed forms.

use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

/// gzip's default level. Higher levels save 1 % of a feed and take twice the time.
const GZIP_LEVEL: u32 = 6;

/// Brotli's level 5 takes about twice gzip's time; its highest level takes a hundred times that.
const BROTLI_LEVEL: i32 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentEncoding {
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
}

impl ContentEncoding {
    /// The value of `Content-Encoding`; `None` for the identity.
    pub fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// A body with its validators. Each compressed form is computed on first use and cached.
#[derive(Debug)]
pub struct Rendered {
    body: Bytes,
    /// Indexed by content encoding.
    etags: [Box<str>; 3],
    last_modified: DateTime<Utc>,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
    /// Held during a compression.
    turn: Arc<Mutex<()>>,
}

impl Rendered {
    pub fn new(body: Vec<u8>, last_modified: DateTime<Utc>) -> Self {
        let digest = Sha256::digest(&body);
        let etag: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        // Compressing proxies append `-gzip`, `-br` or `-zstd`. Other endings here show that feedline compressed the
        // body.
        let etags = ["", "-gz", "-brotli"].map(|ending| format!("\"{etag}{ending}\"").into());
        Self {
            body: body.into(),
            etags,
            last_modified,
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
            turn: Arc::default(),
        }
    }

    /// The same bytes and compressed forms with another date.
    pub(super) fn again(&self, last_modified: DateTime<Utc>) -> Self {
        Self {
            body: self.body.clone(),
            etags: self.etags.clone(),
            last_modified,
            gzip: self.gzip.clone(),
            brotli: self.brotli.clone(),
            turn: Arc::default(),
        }
    }

    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body in an encoding, if no compression is needed.
    pub fn at_hand(&self, encoding: ContentEncoding) -> Option<&Bytes> {
        match encoding {
            ContentEncoding::Identity => Some(&self.body),
            ContentEncoding::Gzip => self.gzip.get(),
            ContentEncoding::Brotli => self.brotli.get(),
        }
    }

    /// The body in an encoding. The first call for a compressed form computes it in some milliseconds on a blocking
    /// thread, once for all concurrent calls; the computation finishes even if all callers leave. `None` if it panics.
    pub async fn encoded(self: &Arc<Self>, encoding: ContentEncoding) -> Option<Bytes> {
        if let Some(bytes) = self.at_hand(encoding) {
            return Some(bytes.clone());
        }
        let turn = Arc::clone(&self.turn).lock_owned().await;
        if let Some(bytes) = self.at_hand(encoding) {
            return Some(bytes.clone());
        }
        let rendered = Arc::clone(self);
        let computing = tokio::task::spawn_blocking(move || {
            let bytes = rendered.encode(encoding);
            drop(turn);
            bytes
        });
        computing.await.ok()
    }

    fn encode(&self, encoding: ContentEncoding) -> Bytes {
        let bytes = match encoding {
            ContentEncoding::Identity => &self.body,
            ContentEncoding::Gzip => self.gzip.get_or_init(|| gzip(&self.body)),
            ContentEncoding::Brotli => self.brotli.get_or_init(|| brotli(&self.body)),
        };
        bytes.clone()
    }

    /// The entity tag of an encoding, in quotes (RFC 9110, section 8.8.3).
    pub fn etag(&self, encoding: ContentEncoding) -> &str {
        let [identity, gzip, brotli] = &self.etags;
        match encoding {
            ContentEncoding::Identity => identity,
            ContentEncoding::Gzip => gzip,
            ContentEncoding::Brotli => brotli,
        }
    }

    /// The date of the last content change.
    pub fn last_modified(&self) -> DateTime<Utc> {
        self.last_modified
    }

    /// The bytes in memory once both compressed forms exist: a feed shrinks to about a fifth.
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

    #[tokio::test]
    async fn content_encodings_have_own_etags_and_same_body() {
        let text = "a feed, a feed, a feed ".repeat(100);
        let rendered = Arc::new(Rendered::new(text.clone().into_bytes(), DateTime::UNIX_EPOCH));
        let tags: std::collections::HashSet<&str> =
            [ContentEncoding::Identity, ContentEncoding::Gzip, ContentEncoding::Brotli]
                .map(|encoding| rendered.etag(encoding))
                .into();
        assert_eq!(tags.len(), 3);
        let mut gzip = String::new();
        let packed = rendered.encoded(ContentEncoding::Gzip).await.unwrap();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed[..]), &mut gzip)
            .unwrap();
        let mut unpacked = Vec::new();
        let packed = rendered.encoded(ContentEncoding::Brotli).await.unwrap();
        brotli::BrotliDecompress(&mut &packed[..], &mut unpacked).unwrap();
        assert_eq!((gzip.as_str(), unpacked.as_slice()), (text.as_str(), text.as_bytes()));
        let again = rendered.again(DateTime::UNIX_EPOCH);
        assert!(
            again.at_hand(ContentEncoding::Gzip).is_some()
                && again.at_hand(ContentEncoding::Brotli).is_some()
        );
        assert_eq!(again.etag(ContentEncoding::Gzip), rendered.etag(ContentEncoding::Gzip));
    }

    /// With a single blocking thread, which is busy, the queued computations can be counted.
    #[test]
    fn content_encoding_is_computed_once_for_concurrent_requests() {
        let runtime =
            tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
        runtime.block_on(async {
            let (open, gate) = std::sync::mpsc::channel::<()>();
            let busy = tokio::task::spawn_blocking(move || gate.recv());
            let body = "a feed, a feed, a feed ".repeat(100).into_bytes();
            let rendered = Arc::new(Rendered::new(body, DateTime::UNIX_EPOCH));
            let mut clients: Vec<_> =
                (0..64).map(|_| Box::pin(rendered.encoded(ContentEncoding::Gzip))).collect();
            for client in &mut clients {
                assert!(futures_util::poll!(client).is_pending());
            }
            assert_eq!(Arc::strong_count(&rendered), 2, "ours, and that of one computing");
            // The client that started the computation leaves.
            drop(clients.remove(0));
            assert!(rendered.at_hand(ContentEncoding::Gzip).is_none());
            open.send(()).unwrap();
            busy.await.unwrap().unwrap();
            let answers = futures_util::future::join_all(clients).await;
            let at_hand = rendered.at_hand(ContentEncoding::Gzip).unwrap();
            let same = |bytes: &&Option<Bytes>| {
                bytes.as_ref().is_some_and(|bytes| bytes.as_ptr() == at_hand.as_ptr())
            };
            assert_eq!(answers.iter().filter(same).count(), 63);
            assert_eq!(Arc::strong_count(&rendered), 1);
        });
    }

    #[test]
    fn different_body_has_different_etag() {
        let one = Rendered::new(b"one".to_vec(), DateTime::UNIX_EPOCH);
        let other = Rendered::new(b"other".to_vec(), DateTime::UNIX_EPOCH);
        assert_ne!(one.etag(ContentEncoding::Identity), other.etag(ContentEncoding::Identity));
    }
}
