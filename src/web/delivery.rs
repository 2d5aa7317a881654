//! A file as it goes out: its headers, and its bytes as they come.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use http::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CONTENT_DISPOSITION,
    CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_RANGE,
    LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::cache_policy::CachePolicy;
use super::conditional::{self, http_date, is_not_modified};
use crate::media::{Ask, IfRange, Opened, Part, Range, Source};
use crate::service::{ContentEncoding, Rendered};

/// How long a file may be kept: a message's hardly ever changes, a channel's picture seldom.
pub(super) const FILE_LIFE: CachePolicy = CachePolicy::For(LIFE);

pub(super) const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// SECURITY: a file that a browser takes for a page and runs -> nothing in it runs or loads anything, whatever it is.
const SANDBOX: &str = "sandbox; default-src 'none'";

/// Feeds are read on pages of other sites: their scripts may look at files, and their pages show them.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What of a file a GET asks for.
///
/// A range in several headers, of several parts or in another unit is none: the whole is always a right answer (RFC 9110,
/// section 14.2).
pub(super) fn asked(headers: &HeaderMap) -> Ask {
    let mut ranges = headers.get_all(RANGE).iter();
    let range = match (ranges.next(), ranges.next()) {
        (Some(range), None) => range.to_str().ok().and_then(Range::parse),
        _ => None,
    };
    let if_range = headers.get(IF_RANGE).map(|value| {
        let text = value.to_str().unwrap_or_default().trim();
        // What is neither a tag nor a date is a tag that no file has.
        match conditional::parse_date(text) {
            Some(date) => IfRange::Date(date),
            None => IfRange::Tag(text.to_owned()),
        }
    });
    Ask { range, if_range, is_head: false }
}

/// A file that is to be answered with.
pub(super) struct Delivery {
    pub(super) opened: Opened,
    /// The name under which a browser saves it: letters, digits, `-`, `_` and dots.
    pub(super) file_name: String,
    pub(super) now: DateTime<Utc>,
}

impl Delivery {
    /// Whether the client has it.
    pub(super) fn is_known(&self, request: &HeaderMap) -> bool {
        is_not_modified(request, &self.opened.etag, self.modified(), self.now)
    }

    /// Whether the client has a part of another file, and wants no more of this one.
    pub(super) fn is_another(&self, request: &HeaderMap) -> bool {
        conditional::is_another(request, &self.opened.etag, self.modified())
    }

    /// 304.
    pub(super) fn not_modified(self) -> Response {
        (StatusCode::NOT_MODIFIED, self.headers()).into_response()
    }

    /// 200 or 206. For HEAD the router takes the bytes away.
    pub(super) fn send(self) -> Response {
        let mut headers = self.headers();
        insert(&mut headers, CONTENT_TYPE, self.opened.media_type);
        insert(&mut headers, CONTENT_SECURITY_POLICY, SANDBOX);
        insert(&mut headers, CONTENT_DISPOSITION, &self.disposition());
        let part = self.opened.part;
        if let (Some(Part { first, last }), Some(length)) = (part, self.opened.length) {
            insert(&mut headers, CONTENT_RANGE, &format!("bytes {first}-{last}/{length}"));
        }
        if let Some(length) = self.opened.body_length() {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        let status = if part.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
        (status, headers, Body::from_stream(self.opened.body)).into_response()
    }

    /// What every answer about it says.
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(16);
        insert(&mut headers, ETAG, &self.opened.etag);
        if let Some(modified) = self.modified() {
            insert(&mut headers, LAST_MODIFIED, &http_date(modified));
        }
        insert(&mut headers, ACCEPT_RANGES, "bytes");
        insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        insert(&mut headers, ACCESS_CONTROL_EXPOSE_HEADERS, "Content-Range, ETag");
        insert(&mut headers, RESOURCE_POLICY, "cross-origin");
        CachePolicy::File(self.opened.source).write(&mut headers);
        headers
    }

    /// When it last changed: not later than now. Of what only passes, nobody may know it, and the next one who asks would be
    /// told another time: it is told by its tag alone.
    fn modified(&self) -> Option<DateTime<Utc>> {
        let is_kept = matches!(self.opened.source, Source::Kept | Source::Arriving);
        is_kept.then(|| self.opened.modified.min(self.now))
    }

    /// What browsers know to show is shown, everything else is saved.
    fn disposition(&self) -> String {
        let shown = ["image/", "video/", "audio/"];
        let is_shown = shown.iter().any(|kind| self.opened.media_type.starts_with(kind));
        let how = if is_shown { "inline" } else { "attachment" };
        format!("{how}; filename=\"{}\"", self.file_name)
    }
}

/// A drawing of ours, with the same headers as a file.
pub(super) fn drawing(request: &HeaderMap, svg: String, now: DateTime<Utc>) -> Response {
    let rendered = Rendered::new(svg.into_bytes(), now);
    let mut headers = HeaderMap::with_capacity(8);
    insert(&mut headers, ETAG, rendered.etag(ContentEncoding::Identity));
    insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    insert(&mut headers, RESOURCE_POLICY, "cross-origin");
    FILE_LIFE.write(&mut headers);
    if is_not_modified(request, rendered.etag(ContentEncoding::Identity), None, now) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    insert(&mut headers, CONTENT_TYPE, "image/svg+xml");
    insert(&mut headers, CONTENT_SECURITY_POLICY, SANDBOX);
    (headers, rendered.body().clone()).into_response()
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_with(headers: &[(HeaderName, &'static str)]) -> Ask {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.clone(), HeaderValue::from_static(value));
        }
        asked(&map)
    }

    #[test]
    fn a_part_is_asked_for_by_one_header_and_of_a_file_by_tag_or_date() {
        let from_five = Some(Range::From(5));
        let tag = |tag: &str| Some(IfRange::Tag(tag.to_owned()));
        let date = "2026-05-10T12:00:00Z".parse().unwrap();
        for (headers, range, if_range) in [
            (vec![], None, None),
            (vec![(RANGE, "bytes=5-")], from_five, None),
            (vec![(RANGE, "bytes=5-"), (RANGE, "bytes=6-")], None, None),
            (vec![(RANGE, "bytes=1-2,4-")], None, None),
            (vec![(RANGE, "lines=5-")], None, None),
            (vec![(RANGE, "bytes=5-"), (IF_RANGE, "\"a\"")], from_five, tag("\"a\"")),
            (vec![(RANGE, "bytes=5-"), (IF_RANGE, " W/\"a\" ")], from_five, tag("W/\"a\"")),
            (vec![(RANGE, "bytes=5-"), (IF_RANGE, "nonsense")], from_five, tag("nonsense")),
            (
                vec![(RANGE, "bytes=5-"), (IF_RANGE, "Sun, 10 May 2026 12:00:00 GMT")],
                from_five,
                Some(IfRange::Date(date)),
            ),
        ] {
            assert_eq!(
                asked_with(&headers),
                Ask { range, if_range, is_head: false },
                "{headers:?}"
            );
        }
    }
}
