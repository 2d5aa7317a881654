//! Answers with their validators, codings and policies.

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

/// How long an address of another bridge is kept in the form of ours.
const MOVED_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// What an address of another bridge asked for, and ours does not do.
const NOT_MAPPED: HeaderName = HeaderName::from_static("feedline-not-mapped");

/// What does not stand for itself in a list within a header.
const HEADER_TEXT: &AsciiSet = &CONTROLS.add(b' ').add(b',').add(b'"').add(b'%');

/// How long a feed may be used. Of a search nobody knows when the next post comes.
fn feed_policy(feed: &Feed) -> CachePolicy {
    match &feed.freshness {
        Some(freshness) => CachePolicy::Feed(freshness.clone(), feed.missing.clone()),
        None => CachePolicy::For(PAGE_LIFE),
    }
}

/// A feed: conditional, compressed, readable from scripts of any origin.
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

/// The same, when there is nothing left to compute: 304, or a coding that was made before.
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

/// An answer whose body is in memory.
pub(super) type FullResponse = http::Response<Full<Bytes>>;

/// The media types with the encoding that all our feeds have.
fn content_type(format: Format) -> &'static str {
    match format {
        Format::Rss => "application/rss+xml; charset=utf-8",
        Format::Atom => "application/atom+xml; charset=utf-8",
        Format::Json => "application/feed+json; charset=utf-8",
    }
}

/// A feed that a person opens in a browser: the same bytes under a type for which browsers apply its stylesheet, instead
/// of showing the bare source (Chromium) or a download (Firefox). Readers' answers say nothing of it, so that a cache in
/// front keeps one for all of them; should a browser get that one, it shows the source as before.
fn set_browser_headers(headers: &mut HeaderMap, security_policy: &HeaderValue) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
    headers.insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    headers.insert(CONTENT_SECURITY_POLICY, security_policy.clone());
}

/// A page of HTML: conditional and compressed. It carries no date: its lines about the time change without anything else.
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

/// A document for programs: conditional and compressed, without a date as pages are.
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

/// A list of subscriptions: conditional and compressed, for there are readers that poll it; a browser saves it as a file.
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
    // What may not be cached nobody has.
    let is_cached = !matches!(policy, CachePolicy::Never);
    if is_cached && is_known(&client.headers, &rendered, coding, None, &mut headers, now) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let body = Arc::new(rendered).encoded(coding).await.ok_or(Error::Internal)?;
    Ok(whole(body, coding, headers).map(Body::new))
}

/// Tags the answer, and tells whether the client has it: then it is 304 with the headers that the 200 would have had but
/// for its type (RFC 9110, section 15.4.5).
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

/// axum's own way would copy each header.
fn answer(status: StatusCode, body: Bytes, headers: HeaderMap) -> FullResponse {
    let mut answer = FullResponse::new(Full::new(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

/// A page that says what is wrong with what was asked. It is small and seldom: neither conditional nor compressed.
pub(super) fn bad_request(client: &Client, html: String) -> Response {
    let mut response = (StatusCode::BAD_REQUEST, html).into_response();
    let headers = response.headers_mut();
    insert(headers, VARY, "Accept, Accept-Language");
    CachePolicy::Never.write(headers);
    mark_page(headers, &client.security_policy);
    response
}

/// A page that is right for this request only.
pub(super) fn unkept_page(client: &Client, status: StatusCode, html: String) -> Response {
    let mut response = bad_request(client, html);
    *response.status_mut() = status;
    response
}

/// A redirect for good. Parameters that have no counterpart are named in a header and in the text, for there is nobody else
/// to tell it to.
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

/// A redirect for now.
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

/// A file of ours.
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

/// A file of ours with words in the language that the client prefers.
pub(super) fn worded_asset(
    body: String,
    media_type: &'static str,
    policy: &CachePolicy,
) -> Response {
    let mut response = asset(body, media_type, policy);
    insert(response.headers_mut(), VARY, "Accept-Language");
    response
}
