//! Routes for operators, browsers and robots: probes, assets and `robots.txt`.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, VARY};
use http::{HeaderValue, StatusCode};

use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::{State, page, respond};

/// Robots may read feeds and the start page, but not pages of channels, which may each cost a request to Telegram.
const ROBOTS: &str = "User-agent: *\nAllow: /*/rss.xml\nAllow: /*/atom.xml\nAllow: /*/feed.json\nAllow: /$\nDisallow: /\n";

const DAY: CachePolicy = CachePolicy::For(Duration::from_secs(24 * 60 * 60));

/// The liveness probe.
pub(in crate::web) async fn healthy() -> Response {
    plain(StatusCode::OK, "healthy\n")
}

/// The readiness probe. It fails during shutdown, and while the archive has a fault.
pub(in crate::web) async fn ready(Shared(state): Shared<State>) -> Response {
    let text = match state.service.archive_fault() {
        _ if !state.is_ready() => "stopping\n".to_owned(),
        Some(fault) => format!("archive {fault}\n"),
        None => return plain(StatusCode::OK, "ready\n"),
    };
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, text);
    response.headers_mut().insert(RETRY_AFTER, 60.into());
    response
}

pub(in crate::web) async fn robots() -> Response {
    respond::asset(ROBOTS.as_bytes(), "text/plain; charset=utf-8", &DAY)
}

pub(in crate::web) async fn icon() -> Response {
    respond::asset(page::ICON, "image/svg+xml", &DAY)
}

pub(in crate::web) async fn style() -> Response {
    respond::asset(page::STYLE.as_bytes(), "text/css; charset=utf-8", &CachePolicy::Immutable)
}

/// The stylesheet of feeds in browsers, in the client's preferred language.
pub(in crate::web) async fn feed_style(client: Client) -> Response {
    let style = page::feed_style(client.words);
    let mut response = respond::asset(style, "text/css; charset=utf-8", &DAY);
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept-Language"));
    response
}

fn plain(status: StatusCode, text: impl Into<Body>) -> Response {
    let mut response =
        (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], text.into()).into_response();
    CachePolicy::Never.write(response.headers_mut());
    response
}
