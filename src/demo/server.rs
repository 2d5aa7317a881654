//! The socket: connections in, HTTP out, and the faults that have to do with time and connections.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap};
use http::{Method, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::control::Control;
use super::fault::Fault;
use super::markup::Missing;
use super::reply::{Outgoing, Reply};
use super::route::{Answer, Asked, Request};
use super::world::World;

/// At most this many connections are open; more wait in the socket's queue.
const MOST_CONNECTIONS: usize = 2048;

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

async fn respond(control: &Control, incoming: &http::Request<Incoming>) -> Result<Reply, Reset> {
    let target = incoming.uri().path_and_query().map_or("/", |target| target.as_str());
    let request = Request::parse(target);
    let is_head = incoming.method() == Method::HEAD;
    let (open, waits, fault) = control.arrive(&request, is_head, incoming.headers().clone());
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
    if is_head {
        outgoing.drop_body();
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
            let status = StatusCode::from_u16(*code).ok().filter(|code| !code.is_informational());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
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
            Some(Answer { body: bytes.collect::<Vec<u8>>().into(), ..Answer::page(String::new()) })
        }
        Fault::Instead { media_type, body } => Some(Answer {
            media_type,
            body: Bytes::from_static(body),
            ..Answer::page(String::new())
        }),
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
