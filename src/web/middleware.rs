//! What happens to every request: an id, a line of the log, a time-out, common headers, and an answer if a handler panics.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Request, State as Shared};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::State;
use super::client::Client;
use super::error::Error;
use super::problem::Problem;

const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

/// The header in which a proxy hands down the number it gave, and in which we answer.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one("request"));
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Runs the request in a span with its id and logs the outcome. The query is not logged: it may hold a key.
/// Answers from memory are logged at debug, so that a busy instance's log stays readable.
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
    mark_request_id(id, response.headers_mut());
    response
}

/// Every answer is what its type says, and none is for search engines: the posts are other people's.
pub(super) async fn mark(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    mark_headers(response.headers_mut());
    response
}

/// The same, with the request's id, for an answer that took no way through the layers.
pub(super) fn mark_answer(request: &HeaderMap, answer: &mut HeaderMap) {
    mark_headers(answer);
    mark_request_id(request_id(request), answer);
}

fn mark_headers(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex"));
}

/// No request takes for ever.
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
        Err(_) => client.refuse(Error::TooSlow).into_response(),
    }
}

/// A handler that panics is a fault of ours: the connection and the others go on.
pub(super) fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Problem::new(Error::Internal, None).into_response()
}

/// Writes the number into an answer.
fn mark_request_id(id: String, headers: &mut HeaderMap) {
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(X_REQUEST_ID, id);
    }
}

/// The number that came with the request, when it is a plain one; else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(&X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let plain = |id: &&str| {
        (8..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    match given.filter(plain) {
        Some(id) => id.to_owned(),
        None => {
            // An odd factor makes consecutive numbers look unlike each other, and none repeats.
            let count = COUNT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            format!("{:016x}", *START ^ count)
        }
    }
}
