//! Responses with validators, content encodings and cache policies.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LAST_MODIFIED, LOCATION, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::Full;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::cache_policy::CachePolicy;
use super::client::Client;
use super::conditional::{http_date, is_not_modified};
use super::error::Error;
use super::page::PAGE_LIFE;
use super::security_policy::mark_page;
use super::{accept, insert};
use crate::model::Format;
use crate::service::{ContentEncoding, Feed, Rendered};

/// The TTL of a redirect from another bridge's URL.
const MOVED_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Options of another bridge's URL that have no counterpart in feedline.
const NOT_MAPPED: HeaderName = HeaderName::from_static("feedline-not-mapped");

/// Characters that are escaped in a list within a header.
const HEADER_TEXT: &AsciiSet = &CONTROLS.add(b' ').add(b',').add(b'"').add(b'%');

/// The cache policy of a feed. A search has no freshness, because the time of its next result is unknown.
fn feed_policy(feed: &Feed) -> CachePolicy {
    match &feed.freshness {
        Some(freshness) => CachePolicy::Feed(freshness.clone(), feed.missing.clone()),
        None => CachePolicy::For(PAGE_LIFE),
    }
}

/// A feed: conditional, compressed, and readable by scripts of any origin.
pub(super) async fn feed(
    client: &Client,
    feed: &Feed,
    format: Format,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let coding = client.coding;
    let policy = &client.security_policy;
    let mut response = feed_at_hand(&client.headers, coding, feed, format, policy, now);
    if response.is_none() {
        feed.rendered.encoded(coding).await.ok_or(Error::Internal)?;
        response = feed_at_hand(&client.headers, coding, feed, format, policy, now);
    }
    Ok(response.ok_or(Error::Internal)?.map(Body::new))
}

/// The same without computation: 304, or a body that is already encoded. `None` otherwise.
pub(super) fn feed_at_hand(
    request: &HeaderMap,
    coding: ContentEncoding,
    feed: &Feed,
    format: Format,
    security_policy: &HeaderValue,
    now: DateTime<Utc>,
) -> Option<FullResponse> {
    let rendered = &feed.rendered;
    let last_modified = rendered.last_modified().min(now);
    let mut headers = HeaderMap::with_capacity(16);
    insert(&mut headers, LAST_MODIFIED, http_date(last_modified));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    feed_policy(feed).write(&mut headers);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(format)));
    if format != Format::Json && accept::is_browser_navigation(request) {
        set_browser_headers(&mut headers, security_policy);
    }
    if is_known(request, rendered, coding, Some(last_modified), &mut headers, now) {
        return Some(answer(StatusCode::NOT_MODIFIED, Bytes::new(), headers));
    }
    rendered.at_hand(coding).map(|body| whole(body.clone(), coding, headers))
}

/// A response with its body in memory.
pub(super) type FullResponse = http::Response<Full<Bytes>>;

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
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let mut headers = HeaderMap::new();
    insert(&mut headers, VARY, "Accept, Accept-Encoding, Accept-Language");
    mark_page(&mut headers, &client.security_policy);
    document(client, html.into_bytes(), headers, &policy, now).await
}

/// A JSON document: conditional and compressed. It has no `Last-Modified`, for the same reason as pages.
pub(super) async fn json(
    client: &Client,
    json: Vec<u8>,
    policy: CachePolicy,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let mut headers = HeaderMap::new();
    insert(&mut headers, VARY, "Accept, Accept-Encoding, Accept-Language");
    insert(&mut headers, CONTENT_TYPE, "application/json; charset=utf-8");
    document(client, json, headers, &policy, now).await
}

/// An OPML file: conditional and compressed, because some readers poll it. Browsers save it as a file.
pub(super) async fn opml(
    client: &Client,
    body: Vec<u8>,
    policy: CachePolicy,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let mut headers = HeaderMap::new();
    insert(&mut headers, VARY, "Accept-Encoding");
    insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    insert(&mut headers, CONTENT_TYPE, "text/x-opml; charset=utf-8");
    insert(&mut headers, CONTENT_DISPOSITION, "attachment; filename=\"feedline.opml\"");
    document(client, body, headers, &policy, now).await
}

async fn document(
    client: &Client,
    body: Vec<u8>,
    mut headers: HeaderMap,
    policy: &CachePolicy,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let (rendered, coding) = (Rendered::new(body, now), client.coding);
    policy.write(&mut headers);
    // A response with `no-store` has no stored copy to validate.
    let is_cached = !matches!(policy, CachePolicy::Never);
    if is_cached && is_known(&client.headers, &rendered, coding, None, &mut headers, now) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let body = Arc::new(rendered).encoded(coding).await.ok_or(Error::Internal)?;
    Ok(whole(body, coding, headers).map(Body::new))
}

/// Sets the entity tag, and returns whether the client's copy is current. The 304 has the headers of the 200, except
/// its type (RFC 9110, section 15.4.5).
fn is_known(
    request: &HeaderMap,
    rendered: &Rendered,
    coding: ContentEncoding,
    last_modified: Option<DateTime<Utc>>,
    headers: &mut HeaderMap,
    now: DateTime<Utc>,
) -> bool {
    let etag = rendered.etag(coding);
    insert(headers, ETAG, etag);
    let is_known = is_not_modified(request, etag, last_modified, now);
    if is_known {
        headers.remove(CONTENT_TYPE);
    }
    is_known
}

fn whole(body: Bytes, coding: ContentEncoding, mut headers: HeaderMap) -> FullResponse {
    if let Some(token) = coding.token() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    answer(StatusCode::OK, body, headers)
}

/// axum's `IntoResponse` for tuples would copy each header.
fn answer(status: StatusCode, body: Bytes, headers: HeaderMap) -> FullResponse {
    let mut answer = FullResponse::new(Full::new(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

/// A page about an invalid request. It is small and rare, so it is neither conditional nor compressed.
pub(super) fn bad_request(client: &Client, html: String) -> Response {
    let mut response = (StatusCode::BAD_REQUEST, html).into_response();
    let headers = response.headers_mut();
    insert(headers, VARY, "Accept, Accept-Language");
    CachePolicy::Never.write(headers);
    mark_page(headers, &client.security_policy);
    response
}

/// A page that is valid for this request only.
pub(super) fn unkept_page(client: &Client, status: StatusCode, html: String) -> Response {
    let mut response = bad_request(client, html);
    *response.status_mut() = status;
    response
}

/// A permanent redirect. A header and the body name the parameters without a counterpart.
pub(super) fn moved(location: &str, lost: &[String]) -> Result<Response, Error> {
    let mut response = redirect(location, &CachePolicy::For(MOVED_LIFE), None)?;
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
    Ok((StatusCode::FOUND, headers).into_response())
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

/// An asset with texts in the client's preferred language.
pub(super) fn worded_asset(
    body: String,
    media_type: &'static str,
    policy: &CachePolicy,
) -> Response {
    let mut response = asset(body, media_type, policy);
    insert(response.headers_mut(), VARY, "Accept-Language");
    response
}
