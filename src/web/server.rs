//! Connections: accepted, bounded, and brought to an end.
//!
//! An accept loop of its own, because a server that waits for ever for the end of a request's head can be held by anyone
//! who opens connections and says nothing.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::uri::PathAndQuery;
use http::{StatusCode, Uri};
use http_body_util::{Either, Full};
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

/// The pause after the system refuses a connection (usually: no file descriptors left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}, choose another with --listen or server.listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    state: State,
}

impl Server {
    /// Listens where the settings say; port 0 takes any free one.
    ///
    /// # Errors
    /// [`StartError`] names the address.
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

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop`, then lets answers under way finish within the grace time.
    pub async fn run(self, stop: CancellationToken) {
        let settings = Arc::clone(&self.state.settings);
        let service = Arc::new(Handler::new(&self.state));
        let connections = Arc::new(Semaphore::new(settings.connections));
        let graceful = GracefulShutdown::new();
        let tasks = TaskTracker::new();
        let cut = CancellationToken::new();
        // Connections end with this call, whatever becomes of it.
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

/// One connection. HTTP/1 only: a proxy in front speaks HTTP/2 and TLS to the world, and the library's detection of the
/// version waits without a time-out.
fn connect(
    settings: &Settings,
    service: &Arc<Handler>,
    stream: TcpStream,
    peer: SocketAddr,
    graceful: &GracefulShutdown,
) -> impl Future<Output = hyper::Result<()>> + use<> {
    // Answers are written whole: waiting for more to send only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let header_size =
        usize::try_from(settings.header_size.as_u64()).unwrap_or(usize::MAX).max(8192);
    let service = Arc::clone(service);
    let answer =
        hyper::service::service_fn(move |request| Arc::clone(&service).answer(request, peer));
    // SECURITY: clients that ask for much and read nothing, until no connection is left -> a write that waits this long ends
    // the connection. Reading has a limit of its own, the time for a request's head.
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(settings.request_timeout));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(settings.header_timeout)
        .max_buf_size(header_size)
        .serve_connection(TokioIo::new(Box::pin(stream)), answer);
    graceful.watch(connection)
}

/// The router behind whatever path prefix the base has.
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

    /// From memory if everything is at hand, else through the router.
    async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Result<http::Response<Either<Full<Bytes>, Body>>, Infallible> {
        self.strip_prefix(request.uri_mut());
        let (method, uri, headers) = (request.method(), request.uri(), request.headers());
        if let Some(response) = warm::answer(&self.state, method, uri, headers, peer) {
            return Ok(response.map(Either::Left));
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut response = self.router.clone().oneshot(request.map(Body::new)).await?;
        if response.status() == StatusCode::NOT_MODIFIED {
            // The router gives it the length of its own empty body: the answer's it would have to be (RFC 9110, section 8.6).
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        Ok(response.map(Either::Right))
    }

    /// A proxy in front may pass the path on with the base's prefix, or without.
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
