//! Responses with media files: headers, and bytes from the cache or from Telegram.

use std::io;
use std::ops::RangeInclusive;
use std::path::Path;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};
use http::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CONTENT_DISPOSITION,
    CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LAST_MODIFIED,
    RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use tower_http::services::ServeFile;

use super::cache_policy::{CachePolicy, FILE_TTL};
use super::client::Client;
use super::conditional::{http_date, if_range_matches, is_not_modified, precondition_fails};
use super::error::Error;
use super::insert;
use crate::media::{self, CachedFile, Content, MediaFile, RangeRequest};
use crate::service::{ContentEncoding, Rendered};

/// The read size, in bytes.
const CHUNK: usize = 256 * 1024;

/// SECURITY: a browser takes a file for a page and runs it -> the sandbox blocks scripts and all loading.
const SANDBOX: &str = "sandbox; default-src 'none'";

/// Pages of other sites may embed files, because web-based readers show feeds there.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Responds to a request for a file with 412, 304, 416, 206 or 200, in this order (RFC 9110, section 13.2.2).
///
/// `file_name` is the suggested name for saving: letters, digits, `-`, `_` and dots.
pub(super) async fn respond(
    client: &Client,
    method: &Method,
    file: MediaFile,
    file_name: &str,
) -> Result<Response, Error> {
    let now = client.now();
    let modified = file.modified.map(|modified| modified.min(now));
    let mut headers = validators(&file, modified);
    if precondition_fails(&client.headers, &file.etag, modified) {
        return Err(Error::PreconditionFailed);
    }
    if is_not_modified(&client.headers, &file.etag, modified, now) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    insert(&mut headers, CONTENT_TYPE, file.media_type);
    insert(&mut headers, CONTENT_SECURITY_POLICY, SANDBOX);
    insert(&mut headers, CONTENT_DISPOSITION, disposition(file.media_type, file_name));
    if method == Method::HEAD {
        insert_length(&mut headers, file.length);
        // A stream has no length from which axum would derive `Content-Length`.
        let body = Body::from_stream(stream::empty::<io::Result<bytes::Bytes>>());
        return Ok((headers, body).into_response());
    }
    let range = requested_range(&client.headers, &file, modified)?;
    let mut response = match file.content {
        Content::Cached(cached) => read_cached(cached, range).await?,
        Content::Remote(remote) => {
            let body = client.state.media.read(&remote, range.clone(), client.client_id).await?;
            let mut response = Response::new(Body::from_stream(body));
            match (range, file.length) {
                (Some(range), Some(length)) => {
                    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                    let (first, last) = range.into_inner();
                    let value = format!("bytes {first}-{last}/{length}");
                    insert(response.headers_mut(), CONTENT_RANGE, value);
                    insert_length(response.headers_mut(), Some(last - first + 1));
                }
                (_, length) => insert_length(response.headers_mut(), length),
            }
            response
        }
    };
    response.headers_mut().extend(headers);
    Ok(response)
}

/// The headers of every response about a file, including 304.
fn validators(file: &MediaFile, modified: Option<DateTime<Utc>>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(16);
    insert(&mut headers, ETAG, &file.etag);
    if let Some(modified) = modified {
        insert(&mut headers, LAST_MODIFIED, http_date(modified));
    }
    insert(&mut headers, ACCEPT_RANGES, "bytes");
    insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    insert(&mut headers, ACCESS_CONTROL_EXPOSE_HEADERS, "Content-Range, ETag");
    insert(&mut headers, RESOURCE_POLICY, "cross-origin");
    CachePolicy::File(file.source).write(&mut headers);
    headers
}

/// The range to serve. `None`: the whole file, which is always a valid response to a range request (RFC 9110, section
/// 14.2). Several `Range` headers, several ranges and ranges of another file (`If-Range`) are ignored.
fn requested_range(
    request: &HeaderMap,
    file: &MediaFile,
    modified: Option<DateTime<Utc>>,
) -> Result<Option<RangeInclusive<u64>>, media::Error> {
    let mut values = request.get_all(RANGE).iter();
    let (Some(value), None, Some(length)) = (values.next(), values.next(), file.length) else {
        return Ok(None);
    };
    let range = value.to_str().ok().and_then(RangeRequest::parse);
    match range {
        Some(range) if if_range_matches(request, &file.etag, modified) => {
            range.within(length).map(Some)
        }
        _ => Ok(None),
    }
}

/// Reads a cached file. The file counts as read until the body is dropped.
async fn read_cached(
    cached: CachedFile,
    range: Option<RangeInclusive<u64>>,
) -> Result<Response, Error> {
    let mut request = Request::new(());
    if let Some(range) = range {
        let (first, last) = range.into_inner();
        insert(request.headers_mut(), RANGE, format!("bytes={first}-{last}"));
    }
    let response = serve(cached.path(), request).await?;
    let (parts, body) = response.into_parts();
    let body = Body::new(body).into_data_stream().map(move |chunk| {
        let _reader = &cached;
        chunk
    });
    Ok(Response::from_parts(parts, Body::from_stream(body)))
}

/// Serves a file with `ServeFile`. The request has the normalised range only, because the validators of `ServeFile` and
/// its rules for ranges differ.
async fn serve(
    path: &Path,
    request: Request<()>,
) -> Result<http::Response<tower_http::services::fs::ServeFileSystemResponseBody>, Error> {
    let served = ServeFile::new(path).with_buf_chunk_size(CHUNK).try_call(request).await;
    match served {
        Ok(response) if response.status().is_success() => Ok(response),
        // The file was evicted after the lookup.
        Ok(_) => Err(media::Error::BUSY.into()),
        Err(error) => {
            tracing::warn!("cannot read {}: {error}", path.display());
            Err(media::Error::BUSY.into())
        }
    }
}

/// Browsers show images, videos and audio, and save everything else.
fn disposition(media_type: &str, file_name: &str) -> String {
    let is_shown = ["image/", "video/", "audio/"].iter().any(|kind| media_type.starts_with(kind));
    let how = if is_shown { "inline" } else { "attachment" };
    format!("{how}; filename=\"{file_name}\"")
}

/// A generated SVG, with the same headers as a media file.
pub(super) fn svg(request: &HeaderMap, svg: String, now: DateTime<Utc>) -> Response {
    let rendered = Rendered::new(svg.into_bytes(), now);
    let mut headers = HeaderMap::with_capacity(8);
    insert(&mut headers, ETAG, rendered.etag(ContentEncoding::Identity));
    insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    insert(&mut headers, RESOURCE_POLICY, "cross-origin");
    CachePolicy::For(FILE_TTL).write(&mut headers);
    if is_not_modified(request, rendered.etag(ContentEncoding::Identity), None, now) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    insert(&mut headers, CONTENT_TYPE, "image/svg+xml");
    insert(&mut headers, CONTENT_SECURITY_POLICY, SANDBOX);
    (headers, rendered.body().clone()).into_response()
}

fn insert_length(headers: &mut HeaderMap, length: Option<u64>) {
    if let Some(length) = length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
}
