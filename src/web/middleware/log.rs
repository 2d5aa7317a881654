//! One line for each request.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::request_id;

/// Runs the request in a span with its id and logs the outcome. The query is not logged: it may hold a key.
/// Answers from memory are logged at debug, so that a busy instance's log stays readable.
pub(in crate::web) async fn log(request: Request, next: Next) -> Response {
    let id = request_id::of_request(request.headers());
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
    request_id::mark(id, response.headers_mut());
    response
}
