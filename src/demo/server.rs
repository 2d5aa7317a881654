//! The socket: connections in, HTTP out, and the faults that have to do with bytes and time.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body_util::StreamBody;
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::control::{Control, Open};
use super::fault::{Cut, Fault};
use super::markup::Missing;
use super::route::{Answer, Asked, Request};
use super::world::World;

/// At most this many connections are open; more wait in the socket's queue.
const MOST_CONNECTIONS: usize = 2048;

/// The largest body that [`Fault::Oversize`] makes.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// The deepest page that [`Fault::Deep`] makes.
const DEEPEST_PAGE: usize = 1_000_000;

/// A running fake Telegram. It stops when it is dropped.
pub struct Telegram {
    control: Control,
    address: SocketAddr,
    /// The accept loop, which owns the connections: dropping it ends all.
    _task: JoinSet<()>,
}

impl Telegram {
    /// Starts answering on `listener` with what `world` holds.
    ///
    /// # Errors
    /// When the listener has no local address.
    pub fn start(listener: TcpListener, world: World) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let control = Control::new(format!("http://{address}"), world);
        let mut task = JoinSet::new();
        task.spawn(accept(listener, control.clone()));
        Ok(Self { control, address, _task: task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address for `upstream.url`: `http://127.0.0.1:4711`.
    #[must_use]
    pub fn base(&self) -> &str {
        self.control.base()
    }

    /// The handle for everything else.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops: open connections are cut. The same as dropping it.
    pub fn stop(self) {}
}

async fn accept(listener: TcpListener, control: Control) {
    let mut connections = JoinSet::new();
    loop {
        if connections.len() >= MOST_CONNECTIONS {
            connections.join_next().await;
        }
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, control.clone()));
                }
                // Out of file handles or the like: do not spin.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, control: Control) {
    let service = service_fn(move |request: http::Request<Incoming>| {
        let control = control.clone();
        async move { respond(&control, &request).await }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(30));
    let mut connection = builder.serve_connection(TokioIo::new(stream), service);
    let outcome = (&mut connection).await;
    let reset = outcome.is_err_and(|error| {
        std::error::Error::source(&error).is_some_and(<dyn std::error::Error>::is::<Reset>)
    });
    if reset {
        // Without lingering, closing sends a reset.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

/// The connection is to be reset instead of answered.
#[derive(Debug, thiserror::Error)]
#[error("reset on demand")]
struct Reset;

type Reply = Response<StreamBody<stream::BoxStream<'static, Result<Frame<Bytes>, io::Error>>>>;

async fn respond(control: &Control, incoming: &http::Request<Incoming>) -> Result<Reply, Reset> {
    let target = incoming.uri().path_and_query().map_or("/", |target| target.as_str());
    let request = Request::parse(target);
    let (open, waits, fault) = control.arrive(&request, incoming.headers().clone());
    for wait in waits {
        match wait {
            Fault::Delay(time) => tokio::time::sleep(time).await,
            Fault::Hold(gate) => gate.pass().await,
            _ => {}
        }
    }
    match fault {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Close) => return Err(Reset),
        _ => {}
    }
    let missing = Missing {
        more_links: matches!(fault, Some(Fault::NoMoreLinks)),
        posts: matches!(fault, Some(Fault::NoPosts)),
    };
    let banned = matches!(fault, Some(Fault::SoftBan));
    let answer = match fault.as_ref().and_then(replacement) {
        Some(answer) => answer,
        None => control.answer(&request, banned, missing),
    };
    let packed = fault.is_none() && accepts_gzip(incoming.headers());
    let range = incoming.headers().get(header::RANGE).filter(|_| request.asked == Asked::File);
    let mut outgoing = Outgoing::new(answer, range, packed);
    if let Some(fault) = &fault {
        outgoing.spoil(fault);
    }
    if incoming.method() == Method::HEAD {
        outgoing.pieces.clear();
    }
    Ok(outgoing.into_reply(open))
}

/// The answers that take the place of the real one.
fn replacement(fault: &Fault) -> Option<Answer> {
    let page = |status: StatusCode, text: &str| Answer {
        status,
        ..Answer::page(format!(
            "<html>\n<head><title>{text}</title></head>\n<body><center><h1>{text}</h1></center></body>\n</html>\n"
        ))
    };
    match fault {
        Fault::Status { code, .. } => {
            let status = StatusCode::from_u16(*code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Some(page(status, status.as_str()))
        }
        Fault::Challenge => {
            let text = "Just a moment, we are checking your browser";
            Some(page(StatusCode::SERVICE_UNAVAILABLE, text))
        }
        Fault::Tiny => Some(Answer::page("<html><body>ok</body></html>".to_owned())),
        Fault::Redirect(location) => Some(Answer::redirect(location.clone())),
        Fault::Garbage => {
            let bytes = (0..3000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8);
            Some(Answer { body: bytes.collect(), ..Answer::page(String::new()) })
        }
        Fault::Deep(levels) => {
            let levels = (*levels).min(DEEPEST_PAGE);
            let body = format!("{}{}", "<div>".repeat(levels), "</div>".repeat(levels));
            Some(Answer::page(format!("<!DOCTYPE html>\n<html><body>{body}</body></html>\n")))
        }
        _ => None,
    }
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("gzip"))
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory does not fail; if it did, the body would be broken, as a client must expect.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

/// A part of the body on its way, or what happens between two.
enum Piece {
    Bytes(Bytes),
    Pause(Duration),
    /// The connection ends.
    Fail,
}

/// An answer on its way to the socket.
struct Outgoing {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    /// The body in pieces; filled when it does not go out as a whole.
    pieces: VecDeque<Piece>,
    /// Whether the length is announced.
    sized: bool,
}

impl Outgoing {
    fn new(answer: Answer, range: Option<&HeaderValue>, packed: bool) -> Self {
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
            outgoing.cut_range(range);
        }
        outgoing
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
            self.body = gzip(&self.body);
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
                self.body = self.body[first..=last].to_vec();
                (StatusCode::PARTIAL_CONTENT, format!("bytes {first}-{last}/{length}"))
            }
        };
        self.status = status;
        if let Ok(value) = HeaderValue::from_str(&content_range) {
            self.headers.insert(header::CONTENT_RANGE, value);
        }
    }

    /// The faults that change a finished answer.
    fn spoil(&mut self, fault: &Fault) {
        match fault {
            Fault::Status { retry_after: Some(seconds), .. } => {
                self.headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            Fault::Cut(cut) => self.cut(*cut),
            Fault::Drip { piece, pause } => {
                for part in self.body.chunks((*piece).max(1)) {
                    self.pieces.push_back(Piece::Pause(*pause));
                    self.pieces.push_back(Piece::Bytes(Bytes::copy_from_slice(part)));
                }
            }
            Fault::BrokenGzip => {
                self.body = gzip(&self.body);
                self.body.truncate(self.body.len() * 2 / 3);
                self.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            Fault::NewClasses => self.replace(&[("tgme_", "tx_"), ("tme_", "tz_"), ("js-", "on-")]),
            Fault::NewInsides => self.replace(&[
                ("tgme_widget_message_", "post_part_"),
                ("datetime=", "data-stamp="),
                ("js-message", "on-part"),
            ]),
            Fault::Oversize(size) => {
                let size = (*size).min(LARGEST_BODY).max(self.body.len());
                self.body.resize(size, b' ');
            }
            _ => {}
        }
    }

    fn cut(&mut self, cut: Cut) {
        let (Cut::ShortOfLength(share) | Cut::CleanChunks(share) | Cut::BrokenChunks(share)) = cut;
        let keep = self.body.len() * usize::from(share.min(100)) / 100;
        // The headers announce the whole length, so the body itself stays.
        let kept = Bytes::copy_from_slice(&self.body[..keep]);
        self.pieces.push_back(Piece::Bytes(kept));
        self.sized = matches!(cut, Cut::ShortOfLength(_));
        if !matches!(cut, Cut::CleanChunks(_)) {
            self.pieces.push_back(Piece::Fail);
        }
    }

    fn replace(&mut self, words: &[(&str, &str)]) {
        let mut text = String::from_utf8_lossy(&self.body).into_owned();
        for (old, new) in words {
            text = text.replace(old, new);
        }
        self.body = text.into_bytes();
    }

    fn into_reply(mut self, open: Open) -> Reply {
        let length = self.body.len();
        if self.pieces.is_empty() {
            self.pieces.push_back(Piece::Bytes(Bytes::from(self.body)));
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
