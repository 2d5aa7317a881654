//! Answers with their validators, codings and policies.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, LAST_MODIFIED, LOCATION, REFERRER_POLICY, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::cache_policy::CachePolicy;
use super::conditional::{http_date, is_not_modified};
use super::error::Error;
use super::extract::Client;
use crate::bridge::{Coding, Feed, Rendered};
use crate::model::Format;

/// A feed: conditional, compressed, readable from scripts of any origin.
pub(super) async fn feed(
    client: &Client,
    feed: Feed,
    format: Format,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let last_modified = feed.rendered.last_modified().min(now);
    let mut headers = HeaderMap::new();
    insert(&mut headers, LAST_MODIFIED, &http_date(last_modified));
    insert(&mut headers, VARY, "Accept-Encoding");
    insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    CachePolicy::Snapshot(feed.freshness).write(&mut headers);
    insert(&mut headers, CONTENT_TYPE, &format!("{}; charset=utf-8", format.media_type()));
    finish(client, &feed.rendered, Some(last_modified), headers, now).await
}

/// A page of HTML: conditional and compressed. It carries no date: its lines about the time change without anything else.
pub(super) async fn page(
    client: &Client,
    html: String,
    policy: CachePolicy,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let rendered = Rendered::new(html.into_bytes(), now, now);
    let mut headers = HeaderMap::new();
    insert(&mut headers, VARY, "Accept, Accept-Encoding");
    policy.write(&mut headers);
    mark_page(&mut headers, &client.security_policy);
    finish(client, &Arc::new(rendered), None, headers, now).await
}

/// The body in the client's coding, or 304 with the headers that the 200 would have had (RFC 9110, section 15.4.5).
async fn finish(
    client: &Client,
    rendered: &Arc<Rendered>,
    last_modified: Option<DateTime<Utc>>,
    mut headers: HeaderMap,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let coding = client.coding;
    let etag = rendered.etag(coding);
    insert(&mut headers, ETAG, &etag);
    if is_not_modified(&client.headers, &etag, last_modified, now) {
        headers.remove(CONTENT_TYPE);
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    if let Some(token) = coding.token() {
        insert(&mut headers, CONTENT_ENCODING, token);
    }
    let body = encoded(rendered, coding).await?;
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    Ok((headers, Body::from(body)).into_response())
}

/// Compressing takes milliseconds of computing: not on a thread that serves connections.
async fn encoded(rendered: &Arc<Rendered>, coding: Coding) -> Result<Bytes, Error> {
    if rendered.has(coding) {
        return Ok(rendered.encoded(coding));
    }
    let rendered = Arc::clone(rendered);
    tokio::task::spawn_blocking(move || rendered.encoded(coding)).await.map_err(|_| Error::Internal)
}

/// A page that says what is wrong with what was asked. It is small and seldom: neither conditional nor compressed.
pub(super) fn bad_request(client: &Client, html: String) -> Response {
    let mut response = (StatusCode::BAD_REQUEST, html).into_response();
    let headers = response.headers_mut();
    insert(headers, VARY, "Accept");
    CachePolicy::Never.write(headers);
    mark_page(headers, &client.security_policy);
    response
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
    body: &'static [u8],
    media_type: &'static str,
    policy: &CachePolicy,
) -> Response {
    let mut headers = HeaderMap::new();
    insert(&mut headers, CONTENT_TYPE, media_type);
    policy.write(&mut headers);
    (headers, body).into_response()
}

/// What every page says about itself.
pub(super) fn mark_page(headers: &mut HeaderMap, security_policy: &HeaderValue) {
    insert(headers, CONTENT_TYPE, "text/html; charset=utf-8");
    insert(headers, REFERRER_POLICY, "no-referrer");
    headers.insert(CONTENT_SECURITY_POLICY, security_policy.clone());
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
