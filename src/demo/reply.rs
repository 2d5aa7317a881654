//! An answer on its way to the socket: headers, ranges, compression, and the faults that have to do with bytes.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::StreamBody;
use hyper::body::Frame;

use super::control::Open;
use super::fault::{Cut, Fault};
use super::route::Answer;

/// The largest body that [`Fault::Oversize`] makes.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// What hyper is given.
pub(super) type Reply =
    Response<StreamBody<stream::BoxStream<'static, Result<Frame<Bytes>, io::Error>>>>;

/// A part of the body on its way, or what happens between two.
enum Piece {
    Bytes(Bytes),
    Pause(Duration),
    /// The connection ends.
    Fail,
}

/// An answer on its way to the socket.
pub(super) struct Outgoing {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    /// The body in pieces; filled when it does not go out as a whole.
    pieces: VecDeque<Piece>,
    /// Whether the length is announced.
    sized: bool,
}

impl Outgoing {
    pub(super) fn new(answer: Answer, range: Option<&HeaderValue>, packed: bool) -> Self {
        let mut headers = HeaderMap::new();
        let fixed = |value: &'static str| HeaderValue::from_static(value);
        headers.insert(header::SERVER, fixed("nginx/1.18.0"));
        headers.insert(header::CONTENT_TYPE, fixed(answer.media_type));
        if let Some(location) = answer.location
            && let Ok(location) = HeaderValue::from_str(&location)
        {
            headers.insert(header::LOCATION, location);
        }
        let mut outgoing = Self {
            status: answer.status,
            headers,
            body: answer.body,
            pieces: VecDeque::new(),
            sized: true,
        };
        if answer.media_type.starts_with("text/html") {
            outgoing.dress_page(packed);
        } else {
            outgoing.dress_file();
            outgoing.cut_range(range);
        }
        outgoing
    }

    /// What an answer without a body has.
    pub(super) fn drop_body(&mut self) {
        self.pieces.clear();
    }

    /// What a server of files could say that no reader may hear from us.
    fn dress_file(&mut self) {
        for (name, value) in [
            (header::SET_COOKIE, "node=7; path=/"),
            (header::LINK, "<https://elsewhere.example/x.css>; rel=preload"),
            (header::REFRESH, "0; url=https://elsewhere.example/"),
            (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
            (header::CONTENT_SECURITY_POLICY, "default-src *"),
            (header::CONTENT_DISPOSITION, "inline; filename=\"x.html\""),
        ] {
            self.headers.insert(name, HeaderValue::from_static(value));
        }
    }

    /// The headers of pages.
    fn dress_page(&mut self, packed: bool) {
        let headers = [
            (
                header::SET_COOKIE,
                "stel_ssid=0a1b2c3d4e5f_1234567890; path=/; samesite=None; secure; HttpOnly",
            ),
            (header::PRAGMA, "no-cache"),
            (header::CACHE_CONTROL, "no-store"),
            (header::STRICT_TRANSPORT_SECURITY, "max-age=35768000"),
        ];
        for (name, value) in headers {
            self.headers.insert(name, HeaderValue::from_static(value));
        }
        if packed && !self.body.is_empty() {
            self.body = gzip(&self.body).into();
            self.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }

    /// The headers of files, and the one range that was asked for (RFC 9110, section 14).
    fn cut_range(&mut self, range: Option<&HeaderValue>) {
        let age = HeaderValue::from_static("public, max-age=31536000");
        self.headers.insert(header::CACHE_CONTROL, age);
        self.headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
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

    /// The faults that change a finished answer.
    pub(super) fn spoil(&mut self, fault: &Fault) {
        match fault {
            Fault::Status { retry_after: Some(seconds), .. } => {
                self.headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            Fault::Cut(cut) => self.cut(*cut),
            Fault::Drip { piece, pause } => {
                for part in self.body.chunks((*piece).max(1)) {
                    self.pieces.push_back(Piece::Pause(*pause));
                    self.pieces.push_back(Piece::Bytes(self.body.slice_ref(part)));
                }
            }
            Fault::BrokenGzip => {
                self.body = gzip(&self.body).into();
                self.body.truncate(self.body.len() * 2 / 3);
                self.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            Fault::NewClasses => self.replace(&[("tgme_", "tx_"), ("tme_", "tz_"), ("js-", "on-")]),
            Fault::NewInsides => self.replace(&[
                ("tgme_widget_message_", "post_part_"),
                ("datetime=", "data-stamp="),
                ("js-message", "on-part"),
            ]),
            Fault::NoNames => self.drop_names(),
            Fault::Oversize(size) => {
                let size = (*size).min(LARGEST_BODY).max(self.body.len());
                let mut body = self.body.to_vec();
                body.resize(size, b' ');
                self.body = body.into();
            }
            _ => {}
        }
    }

    fn cut(&mut self, cut: Cut) {
        let (Cut::ShortOfLength(share) | Cut::CleanChunks(share) | Cut::BrokenChunks(share)) = cut;
        let keep = self.body.len() * usize::from(share.min(100)) / 100;
        // The headers announce the whole length, so the body itself stays.
        let kept = self.body.slice(..keep);
        self.pieces.push_back(Piece::Bytes(kept));
        self.sized = matches!(cut, Cut::ShortOfLength(_));
        if !matches!(cut, Cut::CleanChunks(_)) {
            self.pieces.push_back(Piece::Fail);
        }
    }

    /// Takes the channel's name, as the messages carry it, out of them and out of all addresses.
    fn drop_names(&mut self) {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        let name = text.split_once("data-post=\"").and_then(|(_, rest)| rest.split('/').next());
        let Some(name) = name.filter(|name| !name.is_empty()) else { return };
        self.replace(&[
            (&format!("data-post=\"{name}/"), "data-post=\"/"),
            (&format!("https://t.me/{name}/"), "https://t.me//"),
            (
                &format!("owner_name\" href=\"https://t.me/{name}"),
                "owner_name\" href=\"https://t.me/",
            ),
            (&format!("<a href=\"https://t.me/{name}\">@"), "<a href=\"https://t.me/\">@"),
            (&format!("\"/s/{name}"), "\"/s/"),
            (&format!("data-url=\"/{name}"), "data-url=\"/"),
            (&format!("content=\"tg://resolve?domain={name}"), "content=\"tg://resolve?domain="),
            (&format!("@{name}<"), "@<"),
        ]);
    }

    fn replace(&mut self, words: &[(&str, &str)]) {
        let mut text = String::from_utf8_lossy(&self.body).into_owned();
        for (old, new) in words {
            text = text.replace(old, new);
        }
        self.body = text.into();
    }

    pub(super) fn into_reply(mut self, open: Open) -> Reply {
        let length = self.body.len();
        if self.pieces.is_empty() {
            self.pieces.push_back(Piece::Bytes(self.body));
        }
        let state = (self.pieces, open);
        let frames = stream::unfold(state, |(mut pieces, open)| async move {
            loop {
                match pieces.pop_front()? {
                    Piece::Pause(time) => tokio::time::sleep(time).await,
                    Piece::Bytes(bytes) => return Some((Ok(Frame::data(bytes)), (pieces, open))),
                    Piece::Fail => {
                        // What was written so far has to leave first.
                        tokio::task::yield_now().await;
                        let error = io::Error::from(io::ErrorKind::BrokenPipe);
                        return Some((Err(error), (pieces, open)));
                    }
                }
            }
        });
        let frames: stream::BoxStream<'static, _> = Box::pin(frames);
        let mut reply = Response::new(StreamBody::new(frames));
        *reply.status_mut() = self.status;
        *reply.headers_mut() = self.headers;
        if self.sized {
            reply.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        reply
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory does not fail; if it did, the body would be broken, as a client must expect.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

/// A single range of bytes: `None` when it is to be ignored, `Some(None)` when it lies outside.
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
    fn a_range_is_taken_ignored_or_refused() {
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
