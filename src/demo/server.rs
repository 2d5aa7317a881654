//! Connections of the fake Telegram, and the faults of time and connections.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use http::Method;
use http::header::{self, HeaderMap};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::control::Control;
use super::fault::Fault;
use super::request::{Request, RequestKind};
use super::response::Outgoing;
use super::world::World;

/// Further connections wait in the socket's queue.
const MAX_CONNECTIONS: usize = 2048;

/// A running fake Telegram. It stops when it is dropped.
pub struct Telegram {
    control: Control,
    address: SocketAddr,
    /// The accept loop, which owns the connections.
    _task: JoinSet<()>,
}

impl Telegram {
    pub fn start(listener: TcpListener, world: World) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let control = Control::new(format!("http://{address}"), world);
        let mut task = JoinSet::new();
        task.spawn(accept(listener, control.clone()));
        Ok(Self { control, address, _task: task })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The value for `upstream.url`, such as `http://127.0.0.1:4711`.
    pub fn base(&self) -> &str {
        self.control.base()
    }

    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Closes open connections, as dropping does.
    pub fn stop(self) {}
}

async fn accept(listener: TcpListener, control: Control) {
    let mut connections = JoinSet::new();
    loop {
        if connections.len() >= MAX_CONNECTIONS {
            connections.join_next().await;
        }
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, control.clone()));
                }
                // Such as too many open files.
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

/// Resets the connection.
#[derive(Debug, thiserror::Error)]
#[error("reset on demand")]
struct Reset;

async fn respond(
    control: &Control,
    incoming: &http::Request<Incoming>,
) -> Result<http::Response<Body>, Reset> {
    let target = incoming.uri().path_and_query().map_or("/", |target| target.as_str());
    let is_head = incoming.method() == Method::HEAD;
    let request = Request::new(target, is_head, incoming.headers().clone());
    let (open, waits, fault) = control.receive(&request);
    for wait in waits {
        match wait {
            Fault::Delay(time) => tokio::time::sleep(time).await,
            Fault::Hold(latch) => latch.pass().await,
            _ => {}
        }
    }
    match fault {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Close) => return Err(Reset),
        _ => {}
    }
    let answer = control.answer(&request, fault.as_ref());
    let gzip = fault.is_none() && accepts_gzip(&request.headers);
    let is_file = request.kind == RequestKind::File;
    let range = request.headers.get(header::RANGE).filter(|_| is_file);
    let mut outgoing = Outgoing::new(answer, range, gzip);
    if let Some(fault) = &fault {
        outgoing.apply(fault);
    }
    Ok(outgoing.into_response(open))
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("gzip"))
}
