//! Error responses.
//!
//! Programs get `application/problem+json` (RFC 9457) with the extension member `refusal`. Browsers get a page with
//! summary, cause and advice.

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{ACCEPT_RANGES, ALLOW, CONTENT_RANGE, CONTENT_TYPE, RETRY_AFTER, VARY};
use serde::Serialize;

use super::error::Error;
use super::{page, security_policy};
use crate::links::Links;
use crate::locale::Words;
use crate::media;

/// RFC 9457, section 3. `type` is omitted: it is `about:blank`, and `refusal` is more specific.
#[derive(Serialize)]
struct Document {
    title: String,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'static str>,
}

/// An error response.
#[derive(Debug)]
pub(super) struct Problem {
    error: Error,
    /// `None`: the response is a JSON document.
    page: Option<Page>,
}

/// The input of the error page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) words: &'static Words,
    pub(super) links: Links,
    pub(super) security_policy: HeaderValue,
    pub(super) ways: page::Ways,
    /// The stored posts of the channel in question.
    pub(super) kept: Option<page::Kept>,
}

impl Problem {
    pub(super) fn new(error: Error, page: Option<Page>) -> Self {
        Self { error, page }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { error, page } = self;
        let status = error.status();
        if status.is_server_error() {
            tracing::warn!(http.status = status.as_u16(), error = %error, "answered with an error");
        }
        let html = page.and_then(|page| page.write(&error));
        let (mut response, vary) = match html {
            Some(response) => (response, "Accept, Accept-Language"),
            None => (document(&error), "Accept"),
        };
        let headers = response.headers_mut();
        headers.insert(VARY, HeaderValue::from_static(vary));
        error.cache_policy().write(headers);
        if let Some(retry_after) = error.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
        }
        if let Error::File(media::Error::Unsatisfiable { length }) = &error {
            headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
            if let Ok(range) = HeaderValue::try_from(format!("bytes */{length}")) {
                headers.insert(CONTENT_RANGE, range);
            }
        }
        if let Error::Method { takes_form } = error {
            let allowed = if takes_form { "GET, HEAD, POST" } else { "GET, HEAD" };
            headers.insert(ALLOW, HeaderValue::from_static(allowed));
        }
        response
    }
}

impl Page {
    /// The response with the page; `None` if rendering fails.
    fn write(self, error: &Error) -> Option<Response> {
        let status = error.status();
        let Self { words, links, security_policy, ways, kept } = self;
        let html = page::problem(words, &links, status.as_u16(), error, ways, kept.as_ref())?;
        let mut response = (status, html).into_response();
        security_policy::mark_page(response.headers_mut(), &security_policy);
        Some(response)
    }
}

/// The JSON document, always in English, because programs compare its text.
fn document(error: &Error) -> Response {
    let document = Document {
        title: error.title().to_string(),
        status: error.status().as_u16(),
        detail: error.detail().to_string(),
        refusal: error.refusal(),
    };
    let body = serde_json::to_vec(&document).unwrap_or_default();
    let mut response = (error.status(), body).into_response();
    let media_type = HeaderValue::from_static("application/problem+json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}
