//! Middleware for every request: request ID, access log, time-out, common headers, and panic handling.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Request, State as Shared};
use axum::middleware::Next;
use axum::response::Response;
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::client::Client;
use super::error::Error;
use super::{State, insert, problem};

const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

/// The header of the request ID, from a proxy and in responses.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one("request"));
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Runs the request in a span with its ID, logs the outcome, and sets the headers of all responses. The query is not
/// logged, because it may contain a key. Cache hits are logged at debug level, so that the log of a busy instance stays
/// readable.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let span = tracing::info_span!("request", id = %id);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let start = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, duration_ms) = (response.status().as_u16(), start.elapsed().as_millis());
    let cache_status = response
        .headers()
        .get("cache-status")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    span.in_scope(|| {
        if cache_status.starts_with("feedline; hit") || status == 304 {
            tracing::debug!(http.method = %method, http.path = %path, http.status = status, duration_ms, "answered from memory");
        } else {
            tracing::info!(http.method = %method, http.path = %path, http.status = status, duration_ms, "answered");
        }
    });
    mark(id, response.headers_mut());
    response
}

/// Sets the headers of a response that bypasses the middleware.
pub(super) fn mark_cached(request: &HeaderMap, response: &mut HeaderMap) {
    mark(request_id(request), response);
}

/// Sets the request ID, and disables content sniffing and indexing by search engines: the posts belong to other people.
fn mark(id: String, headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex"));
    insert(headers, X_REQUEST_ID, id);
}

/// Responds with an error if the request exceeds `limits.request_timeout`.
pub(super) async fn limit_time(
    Shared(state): Shared<State>,
    request: Request,
    next: Next,
) -> Response {
    let limit = state.settings.request_timeout;
    let (parts, body) = request.into_parts();
    let client = Client::from_parts(&parts, &state);
    match tokio::time::timeout(limit, next.run(Request::from_parts(parts, body))).await {
        Ok(response) => response,
        Err(_) => problem::respond(&client, Err(Error::TooSlow)),
    }
}

/// Responds with 500. The connection and other requests continue.
pub(super) fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    problem::document(&Error::Internal)
}

/// The ID from the request if it is well-formed, or a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(&X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let plain = |id: &&str| {
        (8..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    match given.filter(plain) {
        Some(id) => id.to_owned(),
        None => {
            // An odd factor makes consecutive IDs dissimilar without repetition.
            let count = COUNT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            format!("{:016x}", *START ^ count)
        }
    }
}
