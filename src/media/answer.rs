//! A file on its way out.

use chrono::{DateTime, Utc};

use super::{Body, Part};
use crate::text::Address;

/// What is answered to whoever asks for a file.
#[derive(Debug)]
pub enum Answer {
    /// The file, or the part of it that was asked for.
    File(Box<Opened>),
    /// It lies there at present: it is too large to pass through here, or the operator wants it so.
    Redirect(Address),
}

/// A file that is being served.
#[derive(Debug)]
pub struct Opened {
    /// What it is, as told by its first bytes and allowed for its kind: never HTML, never SVG.
    pub media_type: &'static str,
    /// The length of the whole file; unknown of one that is still arriving and was not announced.
    pub length: Option<u64>,
    /// The strong entity tag of the whole file, quotation marks included. The same bytes have the same one.
    pub etag: String,
    /// When it was last changed, to the second, as far as anybody knows.
    pub modified: DateTime<Utc>,
    /// The part that is served (206); `None`: the whole (200).
    pub part: Option<Part>,
    /// Where it comes from.
    pub source: Source,
    /// The bytes. Dropping it leaves; what others wait for goes on.
    pub body: Body,
}

/// Where a file comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// From the cache.
    Kept,
    /// It is being fetched, and this is one of those who get it as it comes.
    Arriving,
    /// Straight from Telegram's servers: a part of a file that has not arrived yet, or nothing can be kept.
    Passing,
    /// The same, of a file whose length nobody announced: nobody can tell whether all of it came.
    Unmeasured,
}

impl Opened {
    /// The bytes that the body has: those of the part, or of the whole.
    #[must_use]
    pub fn body_length(&self) -> Option<u64> {
        self.part.map(Part::length).or(self.length)
    }
}
