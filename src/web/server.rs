//! The accept loop, connections and graceful shutdown.
//!
//! SECURITY: clients open connections and send nothing, or send heads without end -> the accept loop limits the number
//! of connections, and the time and size of request heads.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use http::header::CONTENT_LENGTH;
use http::uri::PathAndQuery;
use http::{StatusCode, Uri};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::{Settings, State, router, warm};

/// The pause after a failed accept, usually for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen on {address}, choose another with --listen or server.listen")]
    Listen {
        /// As configured.
        address: SocketAddr,
        source: io::Error,
    },
}

/// A listening server.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    state: State,
}

impl Server {
    /// Binds the listen address; port 0 selects a free port.
    ///
    /// # Errors
    /// [`StartError`] if the address cannot be bound.
    pub async fn bind(
        settings: &Settings,
        make_state: impl FnOnce(SocketAddr) -> State,
    ) -> Result<Self, StartError> {
        let address = settings.listen;
        let failed = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, state: make_state(address) })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop`, then waits for responses in progress within the grace period.
    pub async fn run(self, stop: CancellationToken) {
        let settings = Arc::clone(&self.state.settings);
        let service = Arc::new(Handler::new(&self.state));
        let connections = Arc::new(Semaphore::new(settings.connections));
        let graceful = GracefulShutdown::new();
        let tasks = TaskTracker::new();
        let cut = CancellationToken::new();
        // Cancels all connections when this call ends or is dropped.
        let _guard = cut.clone().drop_guard();
        loop {
            let permit = tokio::select! {
                permit = Arc::clone(&connections).acquire_owned() => permit,
                () = stop.cancelled() => break,
            };
            let stream = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stop.cancelled() => break,
            };
            let (stream, peer) = match stream {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let connection = connect(&settings, &service, stream, peer, &graceful);
            let cut = cut.clone();
            tasks.spawn(async move {
                if let Some(Err(error)) = cut.run_until_cancelled(connection).await {
                    tracing::debug!(%error, client.address = %peer, "a connection ended badly");
                }
                drop(permit);
            });
        }
        self.state.stop();
        drop(self.listener);
        if tokio::time::timeout(settings.grace, graceful.shutdown()).await.is_err() {
            tracing::warn!(
                grace_s = settings.grace.as_secs(),
                "connections were cut: their answers took too long"
            );
        }
    }
}

/// Serves one connection. Only HTTP/1: HTTP/2 and TLS are left to a proxy in front, and hyper's version detection has
/// no time-out.
fn connect(
    settings: &Settings,
    service: &Arc<Handler>,
    stream: TcpStream,
    peer: SocketAddr,
    graceful: &GracefulShutdown,
) -> impl Future<Output = hyper::Result<()>> + use<> {
    // Responses are written whole, so Nagle's algorithm only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let header_size =
        usize::try_from(settings.header_size.as_u64()).unwrap_or(usize::MAX).max(8192);
    let service = Arc::clone(service);
    let answer =
        hyper::service::service_fn(move |request| Arc::clone(&service).answer(request, peer));
    // SECURITY: clients request much and read nothing, until no connection is left -> a write time-out ends the
    // connection. Reading has its own time-out, for the request's head.
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(settings.request_timeout));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(settings.header_timeout)
        .max_buf_size(header_size)
        .serve_connection(TokioIo::new(Box::pin(stream)), answer);
    graceful.watch(connection)
}

/// The router, behind the path prefix of `server.base_url`.
struct Handler {
    state: State,
    router: Router,
    prefix: String,
}

impl Handler {
    fn new(state: &State) -> Self {
        let prefix = state
            .settings
            .base_url
            .as_ref()
            .map(|base| base.prefix().to_owned())
            .unwrap_or_default();
        Self { state: state.clone(), router: router::build(state.clone()), prefix }
    }

    /// Responds from memory if possible, else through the router.
    async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Result<Response, Infallible> {
        self.strip_prefix(request.uri_mut());
        let (method, uri, headers) = (request.method(), request.uri(), request.headers());
        if let Some(response) = warm::answer(&self.state, method, uri, headers, peer) {
            return Ok(response);
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut response = self.router.clone().oneshot(request.map(Body::new)).await?;
        if response.status() == StatusCode::NOT_MODIFIED {
            // The router sets the length of its own empty body, but it must be that of the 200 response (RFC 9110,
            // section 8.6).
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        Ok(response)
    }

    /// Removes the base's prefix from the path. A proxy in front may have removed it already.
    fn strip_prefix(&self, uri: &mut Uri) {
        if self.prefix.is_empty() {
            return;
        }
        let Some(rest) =
            uri.path_and_query().and_then(|all| all.as_str().strip_prefix(&*self.prefix))
        else {
            return;
        };
        let rest = match rest.as_bytes().first() {
            Some(b'/') => rest.to_owned(),
            None | Some(b'?') => format!("/{rest}"),
            Some(_) => return,
        };
        let Ok(path_and_query) = rest.parse::<PathAndQuery>() else { return };
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(path_and_query);
        if let Ok(stripped) = Uri::from_parts(parts) {
            *uri = stripped;
        }
    }
}
