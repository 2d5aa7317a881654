//! What happens to every request.

mod log;
mod request_id;

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{HeaderMap, HeaderName, HeaderValue};

pub(super) use log::log;

use super::State;
use super::error::{Error, Problem};
use super::extract::Client;

const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

/// Every answer is what its type says, and none is for search engines: the posts are other people's.
pub(super) async fn mark(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    mark_headers(response.headers_mut());
    response
}

/// The same, with the request's id, for an answer that took no way through the layers.
pub(super) fn mark_answer(request: &HeaderMap, answer: &mut HeaderMap) {
    mark_headers(answer);
    request_id::mark(request_id::of_request(request), answer);
}

fn mark_headers(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex"));
}

/// No request takes for ever.
pub(super) async fn limit_time(
    axum::extract::State(state): axum::extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let limit: Duration = state.settings.request_timeout;
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
    Problem::plain(Error::Internal).into_response()
}
