//! Responses with validators, content encodings and cache policies.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LAST_MODIFIED, LOCATION, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::cache_policy::CachePolicy;
use super::client::Client;
use super::conditional::{http_date, is_not_modified};
use super::error::Error;
use super::page::PAGE_TTL;
use super::security_policy::mark_page;
use super::{accept, insert};
use crate::model::Format;
use crate::service::{ContentEncoding, Feed, Rendered};

/// The TTL of a redirect from another bridge's URL.
const MOVED_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// Options of another bridge's URL that have no counterpart in feedline.
const NOT_MAPPED: HeaderName = HeaderName::from_static("feedline-not-mapped");

/// Characters that are escaped in a list within a header.
const HEADER_TEXT: &AsciiSet = &CONTROLS.add(b' ').add(b',').add(b'"').add(b'%');

/// A feed: conditional, compressed, and readable by scripts of any origin.
pub(super) async fn feed(client: &Client, feed: &Feed, format: Format) -> Result<Response, Error> {
    let (headers, coding, now) = (&client.headers, client.coding, client.now());
    let policy = &client.state.security_policy;
    if let Some(response) = cached_feed(headers, coding, feed, format, policy, now) {
        return Ok(response);
    }
    feed.rendered.encoded(coding).await.ok_or(Error::Internal)?;
    cached_feed(headers, coding, feed, format, policy, now).ok_or(Error::Internal)
}

/// The same without computation: 304, or a body that is already encoded. `None` otherwise.
pub(super) fn cached_feed(
    request: &HeaderMap,
    coding: ContentEncoding,
    feed: &Feed,
    format: Format,
    security_policy: &HeaderValue,
    now: DateTime<Utc>,
) -> Option<Response> {
    let rendered = &feed.rendered;
    let last_modified = rendered.last_modified().min(now);
    let mut headers = HeaderMap::with_capacity(16);
    insert(&mut headers, LAST_MODIFIED, http_date(last_modified));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    match &feed.freshness {
        Some(freshness) => CachePolicy::Feed(freshness.clone(), feed.missing.clone()),
        // The time of a search's next result is unknown.
        None => CachePolicy::For(PAGE_TTL),
    }
    .write(&mut headers);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(format)));
    if format != Format::Json && accept::is_browser_navigation(request) {
        set_browser_headers(&mut headers, security_policy);
    }
    let etag = rendered.etag(coding);
    insert(&mut headers, ETAG, etag);
    if is_not_modified(request, etag, Some(last_modified), now) {
        return Some(not_modified(headers));
    }
    rendered.at_hand(coding).map(|body| full(body.clone(), coding, headers))
}

fn content_type(format: Format) -> &'static str {
    match format {
        Format::Rss => "application/rss+xml; charset=utf-8",
        Format::Atom => "application/atom+xml; charset=utf-8",
        Format::Json => "application/feed+json; charset=utf-8",
    }
}

/// Sets the headers of a feed in a browser: the same bytes with a type for which browsers apply the stylesheet, instead
/// of showing the source (Chromium) or a download (Firefox). Responses to readers do not vary by `Accept`, so that a
/// cache in front stores one response for all of them; a browser that gets it shows the source.
fn set_browser_headers(headers: &mut HeaderMap, security_policy: &HeaderValue) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
    headers.insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    headers.insert(CONTENT_SECURITY_POLICY, security_policy.clone());
}

/// An HTML page: conditional and compressed. It has no `Last-Modified`, because its relative times change without the
/// content.
pub(super) async fn page(
    client: &Client,
    html: String,
    policy: CachePolicy,
) -> Result<Response, Error> {
    let mut headers = HeaderMap::new();
    insert(&mut headers, VARY, "Accept, Accept-Encoding, Accept-Language");
    mark_page(&mut headers, &client.state.security_policy);
    document(client, html.into_bytes(), headers, &policy).await
}

/// A JSON document: conditional and compressed. It has no `Last-Modified`, for the same reason as pages.
pub(super) async fn json(
    client: &Client,
    json: Vec<u8>,
    policy: CachePolicy,
) -> Result<Response, Error> {
    let mut headers = HeaderMap::new();
    insert(&mut headers, VARY, "Accept, Accept-Encoding, Accept-Language");
    insert(&mut headers, CONTENT_TYPE, "application/json; charset=utf-8");
    document(client, json, headers, &policy).await
}

/// An OPML file: conditional and compressed, because some readers poll it. Browsers save it as a file.
pub(super) async fn opml(
    client: &Client,
    body: Vec<u8>,
    policy: CachePolicy,
) -> Result<Response, Error> {
    let mut headers = HeaderMap::new();
    insert(&mut headers, VARY, "Accept-Encoding");
    insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    insert(&mut headers, CONTENT_TYPE, "text/x-opml; charset=utf-8");
    insert(&mut headers, CONTENT_DISPOSITION, "attachment; filename=\"feedline.opml\"");
    document(client, body, headers, &policy).await
}

async fn document(
    client: &Client,
    body: Vec<u8>,
    mut headers: HeaderMap,
    policy: &CachePolicy,
) -> Result<Response, Error> {
    let (coding, now) = (client.coding, client.now());
    let rendered = Arc::new(Rendered::new(body, now));
    let etag = rendered.etag(coding);
    policy.write(&mut headers);
    insert(&mut headers, ETAG, etag);
    // A response with `no-store` has no stored copy to validate.
    let is_cached = !matches!(policy, CachePolicy::Never);
    if is_cached && is_not_modified(&client.headers, etag, None, now) {
        return Ok(not_modified(headers));
    }
    let body = rendered.encoded(coding).await.ok_or(Error::Internal)?;
    Ok(full(body, coding, headers))
}

/// A 304 has the headers of the 200, except its type (RFC 9110, section 15.4.5).
fn not_modified(mut headers: HeaderMap) -> Response {
    headers.remove(CONTENT_TYPE);
    answer(StatusCode::NOT_MODIFIED, Body::empty(), headers)
}

fn full(body: Bytes, coding: ContentEncoding, mut headers: HeaderMap) -> Response {
    if let Some(token) = coding.token() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    answer(StatusCode::OK, Body::from(body), headers)
}

/// axum's `IntoResponse` for tuples would copy each header.
fn answer(status: StatusCode, body: Body, headers: HeaderMap) -> Response {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

/// A page that is valid for this request only. It is small and rare, so it is neither conditional nor compressed.
pub(super) fn uncached_page(client: &Client, status: StatusCode, html: String) -> Response {
    let mut headers = HeaderMap::new();
    insert(&mut headers, VARY, "Accept, Accept-Language");
    CachePolicy::Never.write(&mut headers);
    mark_page(&mut headers, &client.state.security_policy);
    answer(status, Body::from(html), headers)
}

/// A permanent redirect. A header and the body name the parameters without a counterpart.
pub(super) fn moved(location: &str, lost: &[String]) -> Result<Response, Error> {
    let mut response = redirect(location, &CachePolicy::For(MOVED_TTL), None)?;
    let mut text = format!("Moved to {location}\n");
    if !lost.is_empty() {
        text.push_str(&format!("Without a counterpart here: {}\n", lost.join(", ")));
        let named: Vec<String> =
            lost.iter().map(|one| utf8_percent_encode(one, HEADER_TEXT).to_string()).collect();
        insert(response.headers_mut(), NOT_MAPPED, named.join(", "));
    }
    insert(response.headers_mut(), CONTENT_TYPE, "text/plain; charset=utf-8");
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    *response.body_mut() = Body::from(text);
    Ok(response)
}

/// A temporary redirect.
pub(super) fn redirect(
    location: &str,
    policy: &CachePolicy,
    vary: Option<&'static str>,
) -> Result<Response, Error> {
    let mut headers = HeaderMap::new();
    headers.insert(LOCATION, HeaderValue::from_str(location).map_err(|_| Error::Internal)?);
    insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    if let Some(vary) = vary {
        insert(&mut headers, VARY, vary);
    }
    policy.write(&mut headers);
    Ok(answer(StatusCode::FOUND, Body::empty(), headers))
}

pub(super) fn asset(
    body: impl Into<Body>,
    media_type: &'static str,
    policy: &CachePolicy,
) -> Response {
    let mut response = Response::new(body.into());
    insert(response.headers_mut(), CONTENT_TYPE, media_type);
    policy.write(response.headers_mut());
    response
}
