//! How long whoever keeps an answer may use it: the only place where `Cache-Control`, `Age` and `Cache-Status` are written.

use std::borrow::Cow;
use std::time::Duration;

use http::header::{AGE, CACHE_CONTROL};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::insert;
use crate::media;
use crate::service::{CacheStatus, Freshness, Missing};

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// The TTL of an answer that is past its own: whoever asks again soon gets the new one.
const STALE_TTL: Duration = Duration::from_secs(60);

/// How long a media file may be cached: a message's hardly ever changes, a channel's avatar seldom.
pub(super) const FILE_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a kept answer may stand in while a new one is fetched (RFC 5861, section 3).
const WHILE_REVALIDATE: Duration = Duration::from_secs(60 * 60);

/// How long a kept answer may stand in when we cannot be reached (RFC 5861, section 4).
const IF_ERROR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long an answer may be used.
#[derive(Clone, Debug)]
pub(super) enum CachePolicy {
    /// What the snapshots of a feed's channels allow, and which of the channels are missing and why.
    Feed(Freshness, Vec<Missing>),
    /// A page of snapshots, which says how old they are: that is right for a minute. And which channels are missing.
    Page(Freshness, Vec<Missing>),
    /// A file of Telegram's, and where it comes from.
    File(media::Source),
    /// A file of ours whose name changes with its content.
    Immutable,
    /// An answer that is right for some time.
    For(Duration),
    /// An answer that is right now only.
    Never,
}

impl CachePolicy {
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        let control = match self {
            Self::Feed(freshness, missing) => {
                write_freshness(freshness, detail(freshness, missing), headers);
                control(ttl(freshness))
            }
            Self::Page(freshness, missing) => {
                write_status(freshness, detail(freshness, missing), headers);
                control(page_life(freshness))
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

/// The whole TTL of the snapshot; what is left of it follows from `Age`.
fn ttl(freshness: &Freshness) -> Duration {
    if freshness.source == CacheStatus::Stale { STALE_TTL } else { freshness.ttl }
}

/// A page is right for a minute, and no longer than its snapshot.
fn page_life(freshness: &Freshness) -> Duration {
    match freshness.source {
        CacheStatus::Stale => STALE_TTL,
        _ => freshness.ttl.saturating_sub(freshness.age).min(STALE_TTL),
    }
}

/// `Age` counts from the fetch; a stale answer's short TTL begins now.
fn write_freshness(
    freshness: &Freshness,
    detail: Option<Cow<'static, str>>,
    headers: &mut HeaderMap,
) {
    let age = if freshness.source == CacheStatus::Stale {
        Duration::ZERO
    } else {
        freshness.age.min(freshness.ttl)
    };
    headers.insert(AGE, HeaderValue::from(age.as_secs()));
    write_status(freshness, detail, headers);
}

/// RFC 9211.
fn write_status(freshness: &Freshness, detail: Option<Cow<'static, str>>, headers: &mut HeaderMap) {
    let from = match freshness.source {
        CacheStatus::Hit | CacheStatus::Stale => "hit",
        CacheStatus::Miss => "fwd=miss; stored",
    };
    let left = i64::try_from(freshness.ttl.as_secs()).unwrap_or(i64::MAX)
        - i64::try_from(freshness.age.as_secs()).unwrap_or(i64::MAX);
    let (mark, detail) = detail.map_or(("", Cow::Borrowed("")), |detail| ("; detail=", detail));
    insert(headers, CACHE_STATUS, format!("feedline; {from}; ttl={left}{mark}{detail}"));
}
