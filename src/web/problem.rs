//! Error responses.
//!
//! Programs get `application/problem+json` (RFC 9457) with the extension member `refusal`. Browsers get a page with
//! summary, cause and advice.

use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT_RANGES, ALLOW, CONTENT_RANGE, CONTENT_TYPE, RETRY_AFTER, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

use super::client::Client;
use super::error::Error;
use super::page::{self, Archived};
use super::{insert, security_policy};
use crate::media;
use crate::model::ChannelName;

/// RFC 9457, section 3. `type` is omitted: it is `about:blank`, and `refusal` is more specific.
#[derive(Serialize)]
struct Document {
    title: String,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'static str>,
}

/// The result of a handler as a response.
pub(super) fn respond(client: &Client, result: Result<Response, Error>) -> Response {
    result.unwrap_or_else(|error| refuse(client, &error, None))
}

/// The same for a channel. On an error, the page for browsers also lists the archived posts.
pub(super) async fn respond_about(
    client: &Client,
    name: &ChannelName,
    result: Result<Response, Error>,
) -> Response {
    match result {
        Err(error @ Error::Service(_)) if client.is_browser => {
            let archived = archived(client, name).await;
            refuse(client, &error, archived)
        }
        result => respond(client, result),
    }
}

/// The archived posts of a channel, whatever their age.
pub(super) async fn archived(client: &Client, name: &ChannelName) -> Option<Archived> {
    // On an archive error, which the service logs, the page omits the posts.
    let channel = client.state.service.last_known(name).await.unwrap_or(None)?;
    Archived::new(&client.context(), &channel.snapshot)
}

fn refuse(client: &Client, error: &Error, archived: Option<Archived>) -> Response {
    if !client.is_browser {
        return document(error);
    }
    let links = links(client, error);
    match page::problem(&client.context(), error, links, archived) {
        Ok(html) => {
            let mut response = (error.status(), html).into_response();
            let headers = response.headers_mut();
            security_policy::mark_page(headers, &client.state.security_policy);
            write_headers(error, "Accept, Accept-Language", headers);
            response
        }
        Err(_) => document(error),
    }
}

/// Links of an error page: retry after a temporary failure, or the channel without its invalid options.
fn links(client: &Client, error: &Error) -> Vec<(String, &'static str)> {
    let status = error.status();
    let mut links = Vec::new();
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        links.push((client.here(), client.words.tr("problem-retry")));
    }
    let name = client.path.trim_matches('/').split('/').next().unwrap_or_default();
    if let (Error::Option(_) | Error::Query(_), Ok(name)) = (error, ChannelName::parse(name)) {
        let page = client.links.channel(&name, client.links.defaults());
        links.push((page, client.words.tr("problem-channel")));
    }
    links
}

/// The JSON document, always in English, because programs compare its text.
pub(super) fn document(error: &Error) -> Response {
    let document = Document {
        title: error.title().to_string(),
        status: error.status().as_u16(),
        detail: error.detail().to_string(),
        refusal: error.refusal(),
    };
    let body = serde_json::to_vec(&document).unwrap_or_default();
    let mut response = (error.status(), body).into_response();
    insert(response.headers_mut(), CONTENT_TYPE, "application/problem+json; charset=utf-8");
    write_headers(error, "Accept", response.headers_mut());
    response
}

fn write_headers(error: &Error, vary: &'static str, headers: &mut HeaderMap) {
    let status = error.status();
    if status.is_server_error() {
        tracing::warn!(http.status = status.as_u16(), error = %error, "answered with an error");
    }
    insert(headers, VARY, vary);
    error.cache_policy().write(headers);
    write_retry_after(error, headers);
    if let Error::File(media::Error::Unsatisfiable { length }) = error {
        insert(headers, ACCEPT_RANGES, "bytes");
        insert(headers, CONTENT_RANGE, format!("bytes */{length}"));
    }
    if let Error::Method { takes_form } = error {
        insert(headers, ALLOW, if *takes_form { "GET, HEAD, POST" } else { "GET, HEAD" });
    }
}

pub(super) fn write_retry_after(error: &Error, headers: &mut HeaderMap) {
    if let Some(retry_after) = error.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
    }
}
