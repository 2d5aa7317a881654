//! Cache policies. No other code writes `Cache-Control`, `Age` and `Cache-Status`.

use std::borrow::Cow;
use std::time::Duration;

use http::header::{AGE, CACHE_CONTROL};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::insert;
use crate::media;
use crate::service::{CacheStatus, Freshness, Missing};

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// The TTL of a stale response, short so that clients soon get the refreshed one.
const STALE_TTL: Duration = Duration::from_secs(60);

/// The TTL of a media file: files of messages hardly ever change, avatars seldom.
pub(super) const FILE_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// `stale-while-revalidate` (RFC 5861, section 3).
const WHILE_REVALIDATE: Duration = Duration::from_secs(60 * 60);

/// `stale-if-error` (RFC 5861, section 4).
const IF_ERROR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The cache policy of a response.
#[derive(Clone, Debug)]
pub(super) enum CachePolicy {
    /// The freshness of a feed's snapshots, and the channels that are missing.
    Feed(Freshness, Vec<Missing>),
    /// The same for a page. It shows the age of its snapshots, so its TTL is at most a minute.
    Page(Freshness, Vec<Missing>),
    /// A media file, by its source.
    File(media::Source),
    /// An asset whose name changes with its content.
    Immutable,
    /// A fixed TTL.
    For(Duration),
    /// Never cached.
    Never,
}

impl CachePolicy {
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        let control = match self {
            Self::Feed(freshness, missing) => {
                // Caches subtract `Age` from the TTL of the snapshot. A stale response's short TTL begins now.
                let (ttl, age) = match freshness.source {
                    CacheStatus::Stale => (STALE_TTL, Duration::ZERO),
                    _ => (freshness.ttl, freshness.age.min(freshness.ttl)),
                };
                headers.insert(AGE, HeaderValue::from(age.as_secs()));
                write_status(freshness, missing, headers);
                control(ttl)
            }
            Self::Page(freshness, missing) => {
                write_status(freshness, missing, headers);
                control(match freshness.source {
                    CacheStatus::Stale => STALE_TTL,
                    _ => freshness.ttl.saturating_sub(freshness.age).min(STALE_TTL),
                })
            }
            Self::File(source) => {
                insert(headers, CACHE_STATUS, format!("feedline; {}", file_status(*source)));
                match source {
                    media::Source::UnknownLength => "no-store".to_owned(),
                    _ => format!("public, max-age={}", FILE_TTL.as_secs()),
                }
            }
            Self::Immutable => "public, max-age=31536000, immutable".to_owned(),
            Self::For(ttl) => format!("public, max-age={}", ttl.as_secs()),
            Self::Never => "no-store".to_owned(),
        };
        insert(headers, CACHE_CONTROL, control);
    }
}

fn file_status(source: media::Source) -> &'static str {
    match source {
        media::Source::Cached => "hit",
        media::Source::Downloaded => "fwd=miss; stored",
        media::Source::PassThrough | media::Source::UnknownLength => "fwd=miss",
    }
}

fn control(ttl: Duration) -> String {
    let (ttl, revalidate, error) = (ttl.as_secs(), WHILE_REVALIDATE.as_secs(), IF_ERROR.as_secs());
    format!("public, max-age={ttl}, stale-while-revalidate={revalidate}, stale-if-error={error}")
}

/// A string (RFC 8941, section 3.3.3) that names each missing channel with the reason. Names and codes need no escapes.
fn detail(freshness: &Freshness, missing: &[Missing]) -> Option<Cow<'static, str>> {
    if missing.is_empty() {
        return freshness.detail.map(Cow::Borrowed);
    }
    let mut text = String::from("\"");
    if let Some(detail) = freshness.detail {
        text.push_str(&format!("{detail}; "));
    }
    let names = missing.iter().map(|missing| format!("{} {}", missing.channel, missing.why));
    text.push_str(&format!("missing: {}\"", names.collect::<Vec<_>>().join(", ")));
    Some(text.into())
}

/// Writes `Cache-Status` (RFC 9211).
fn write_status(freshness: &Freshness, missing: &[Missing], headers: &mut HeaderMap) {
    let from = match freshness.source {
        CacheStatus::Hit | CacheStatus::Stale => "hit",
        CacheStatus::Miss => "fwd=miss; stored",
    };
    let left = i64::try_from(freshness.ttl.as_secs()).unwrap_or(i64::MAX)
        - i64::try_from(freshness.age.as_secs()).unwrap_or(i64::MAX);
    let detail = detail(freshness, missing);
    let (mark, detail) = detail.map_or(("", Cow::Borrowed("")), |detail| ("; detail=", detail));
    insert(headers, CACHE_STATUS, format!("feedline; {from}; ttl={left}{mark}{detail}"));
}
