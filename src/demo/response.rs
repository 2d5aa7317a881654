//! The HTTP response of an answer: headers, ranges, compression, and the faults of bytes.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use super::answer::Answer;
use super::control::OpenRequest;
use super::fault::{Fault, Truncation};

/// The largest body that [`Fault::Oversize`] makes.
const MAX_BODY: usize = 64 * 1024 * 1024;

const PAGE_HEADERS: [(HeaderName, &str); 4] = [
    (
        header::SET_COOKIE,
        "stel_ssid=0a1b2c3d4e5f_1234567890; path=/; samesite=None; secure; HttpOnly",
    ),
    (header::PRAGMA, "no-cache"),
    (header::CACHE_CONTROL, "no-store"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=35768000"),
];

/// Some of them must not reach a client of feedline.
const FILE_HEADERS: [(HeaderName, &str); 8] = [
    (header::SET_COOKIE, "node=7; path=/"),
    (header::LINK, "<https://elsewhere.example/x.css>; rel=preload"),
    (header::REFRESH, "0; url=https://elsewhere.example/"),
    (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
    (header::CONTENT_SECURITY_POLICY, "default-src *"),
    (header::CONTENT_DISPOSITION, "inline; filename=\"x.html\""),
    (header::CACHE_CONTROL, "public, max-age=31536000"),
    (header::ACCEPT_RANGES, "bytes"),
];

enum Piece {
    Bytes(Bytes),
    Pause(Duration),
    /// Ends the connection.
    Fail,
}

pub(super) struct Outgoing {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    /// Sent instead of the body, unless empty.
    pieces: VecDeque<Piece>,
    has_length: bool,
}

impl Outgoing {
    pub(super) fn new(answer: Answer, range: Option<&HeaderValue>, compress: bool) -> Self {
        let mut outgoing = Self {
            status: answer.status,
            headers: HeaderMap::new(),
            body: answer.body,
            pieces: VecDeque::new(),
            has_length: true,
        };
        outgoing.set(header::SERVER, "nginx/1.18.0");
        outgoing.set(header::CONTENT_TYPE, answer.media_type);
        if let Some(location) = answer.location
            && let Ok(location) = HeaderValue::from_str(&location)
        {
            outgoing.headers.insert(header::LOCATION, location);
        }
        let is_page = answer.media_type.starts_with("text/html");
        for (name, value) in if is_page { &PAGE_HEADERS[..] } else { &FILE_HEADERS[..] } {
            outgoing.set(name.clone(), value);
        }
        if !is_page {
            outgoing.select_range(range);
        } else if compress && !outgoing.body.is_empty() {
            outgoing.compress();
        }
        outgoing
    }

    fn set(&mut self, name: HeaderName, value: &'static str) {
        self.headers.insert(name, HeaderValue::from_static(value));
    }

    fn compress(&mut self) {
        self.body = gzip(&self.body).into();
        self.set(header::CONTENT_ENCODING, "gzip");
    }

    /// A single range (RFC 9110, section 14).
    fn select_range(&mut self, range: Option<&HeaderValue>) {
        let Some(range) = range.and_then(|value| value.to_str().ok()) else { return };
        let length = self.body.len();
        let (status, content_range) = match parse_range(range, length) {
            None => return,
            Some(None) => {
                self.body.clear();
                (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{length}"))
            }
            Some(Some((first, last))) => {
                self.body = self.body.slice(first..=last);
                (StatusCode::PARTIAL_CONTENT, format!("bytes {first}-{last}/{length}"))
            }
        };
        self.status = status;
        if let Ok(value) = HeaderValue::from_str(&content_range) {
            self.headers.insert(header::CONTENT_RANGE, value);
        }
    }

    /// Applies the faults that change a finished response.
    pub(super) fn apply(&mut self, fault: &Fault) {
        match fault {
            Fault::Status { retry_after: Some(seconds), .. } => {
                self.headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            Fault::Truncated(truncation) => self.truncate(*truncation),
            Fault::Drip { piece, pause } => {
                for part in self.body.chunks((*piece).max(1)) {
                    self.pieces.push_back(Piece::Pause(*pause));
                    self.pieces.push_back(Piece::Bytes(self.body.slice_ref(part)));
                }
            }
            Fault::BrokenGzip => {
                self.compress();
                self.body.truncate(self.body.len() * 2 / 3);
            }
            Fault::NewClasses => self.replace(&[("tgme_", "tx_"), ("tme_", "tz_"), ("js-", "on-")]),
            Fault::NewInsides => self.replace(&[
                ("tgme_widget_message_", "post_part_"),
                ("datetime=", "data-stamp="),
                ("js-message", "on-part"),
            ]),
            Fault::NoNames => self.drop_names(),
            Fault::Oversize(size) => {
                let size = (*size).min(MAX_BODY).max(self.body.len());
                let mut body = self.body.to_vec();
                body.resize(size, b' ');
                self.body = body.into();
            }
            _ => {}
        }
    }

    fn truncate(&mut self, truncation: Truncation) {
        let (Truncation::ShortOfLength(percent)
        | Truncation::CleanChunks(percent)
        | Truncation::BrokenChunks(percent)) = truncation;
        let keep = self.body.len() * usize::from(percent.min(100)) / 100;
        // The body stays, for `Content-Length`.
        self.pieces.push_back(Piece::Bytes(self.body.slice(..keep)));
        self.has_length = matches!(truncation, Truncation::ShortOfLength(_));
        if !matches!(truncation, Truncation::CleanChunks(_)) {
            self.pieces.push_back(Piece::Fail);
        }
    }

    /// Removes the channel's name from messages and addresses.
    fn drop_names(&mut self) {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        let name = text.split_once("data-post=\"").and_then(|(_, rest)| rest.split('/').next());
        let Some(name) = name.filter(|name| !name.is_empty()) else { return };
        let places = [
            ("data-post=\"", "/"),
            ("https://t.me/", "/"),
            ("owner_name\" href=\"https://t.me/", ""),
            ("<a href=\"https://t.me/", "\">@"),
            ("\"/s/", ""),
            ("data-url=\"/", ""),
            ("content=\"tg://resolve?domain=", ""),
            ("@", "<"),
        ];
        for (before, after) in places {
            self.replace(&[(&format!("{before}{name}{after}"), &format!("{before}{after}"))]);
        }
    }

    fn replace(&mut self, words: &[(&str, &str)]) {
        let mut text = String::from_utf8_lossy(&self.body).into_owned();
        for (old, new) in words {
            text = text.replace(old, new);
        }
        self.body = text.into();
    }

    pub(super) fn into_response(mut self, open: OpenRequest) -> Response<Body> {
        let length = self.body.len();
        if self.pieces.is_empty() {
            self.pieces.push_back(Piece::Bytes(self.body));
        }
        let state = (self.pieces, open);
        let chunks = stream::unfold(state, |(mut pieces, open)| async move {
            loop {
                match pieces.pop_front()? {
                    Piece::Pause(time) => tokio::time::sleep(time).await,
                    Piece::Bytes(bytes) => return Some((Ok(bytes), (pieces, open))),
                    Piece::Fail => {
                        // Sends the pieces before it first.
                        tokio::task::yield_now().await;
                        let error = io::Error::from(io::ErrorKind::BrokenPipe);
                        return Some((Err(error), (pieces, open)));
                    }
                }
            }
        });
        let mut response = Response::new(Body::from_stream(chunks));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        if self.has_length {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        response
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to a `Vec` cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

/// First and last byte; `None` for a range to ignore, `Some(None)` for one outside the body.
fn parse_range(range: &str, length: usize) -> Option<Option<(usize, usize)>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        let suffix: usize = last.parse().ok()?;
        let outside = suffix == 0 || length == 0;
        return Some((!outside).then(|| (length.saturating_sub(suffix), length - 1)));
    }
    let first: usize = first.parse().ok()?;
    let last = if last.is_empty() { usize::MAX } else { last.parse().ok()? };
    if last < first {
        return None;
    }
    Some((first < length).then(|| (first, last.min(length - 1))))
}

#[cfg(test)]
mod tests {
    use super::parse_range;

    #[test]
    fn demo_range_header_is_parsed_ignored_or_refused() {
        for (range, expected) in [
            ("bytes=0-3", Some(Some((0, 3)))),
            ("bytes=4-", Some(Some((4, 9)))),
            ("bytes=-3", Some(Some((7, 9)))),
            ("bytes=-30", Some(Some((0, 9)))),
            ("bytes=2-99", Some(Some((2, 9)))),
            ("bytes=10-", Some(None)),
            ("bytes=-0", Some(None)),
            ("bytes=5-2", None),
            ("bytes=1-2,4-5", None),
            ("lines=1-2", None),
        ] {
            assert_eq!(parse_range(range, 10), expected, "{range}");
        }
    }
}
