//! Answers with their validators, codings and policies.

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
    let coding = client.coding;
    let mut headers = HeaderMap::new();
    insert(&mut headers, ETAG, &feed.rendered.etag(coding));
    insert(&mut headers, LAST_MODIFIED, &http_date(feed.rendered.last_modified().min(now)));
    insert(&mut headers, VARY, "Accept-Encoding");
    insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    CachePolicy::Snapshot(feed.freshness.clone()).write(&mut headers);
    insert(&mut headers, CONTENT_TYPE, &format!("{}; charset=utf-8", format.media_type()));
    finish(client, &feed.rendered, headers, now).await
}

/// A page of HTML: conditional and compressed.
pub(super) async fn page(
    client: &Client,
    html: String,
    last_modified: DateTime<Utc>,
    policy: CachePolicy,
    media_sources: &str,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let rendered = Rendered::new(html.into_bytes(), last_modified, now);
    let mut headers = HeaderMap::new();
    insert(&mut headers, ETAG, &rendered.etag(client.coding));
    insert(&mut headers, VARY, "Accept, Accept-Encoding");
    policy.write(&mut headers);
    mark_page(&mut headers, media_sources);
    finish(client, &rendered.into(), headers, now).await
}

/// The body in the client's coding, or 304 with the headers that the 200 would have had (RFC 9110, section 15.4.5).
async fn finish(
    client: &Client,
    rendered: &std::sync::Arc<Rendered>,
    mut headers: HeaderMap,
    now: DateTime<Utc>,
) -> Result<Response, Error> {
    let coding = client.coding;
    let dated = headers.contains_key(LAST_MODIFIED);
    let last_modified =
        if dated { rendered.last_modified() } else { now + chrono::TimeDelta::days(1) };
    if is_not_modified(&client.headers, &rendered.etag(coding), last_modified, now) {
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
async fn encoded(rendered: &std::sync::Arc<Rendered>, coding: Coding) -> Result<Bytes, Error> {
    if rendered.has(coding) {
        return Ok(rendered.encoded(coding));
    }
    let rendered = std::sync::Arc::clone(rendered);
    tokio::task::spawn_blocking(move || rendered.encoded(coding)).await.map_err(|_| Error::Internal)
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
///
/// SECURITY: markup that got into a page in spite of everything -> no script runs, no style but ours applies, and nothing
/// is loaded but our files and Telegram's.
pub(super) fn mark_page(headers: &mut HeaderMap, media_sources: &str) {
    insert(headers, CONTENT_TYPE, "text/html; charset=utf-8");
    insert(headers, REFERRER_POLICY, "no-referrer");
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' {media_sources}; media-src 'self' {media_sources}; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    insert(headers, CONTENT_SECURITY_POLICY, &policy);
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
