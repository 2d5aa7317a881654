//! The one translation of what goes wrong into HTTP.
//!
//! Programs get `application/problem+json` (RFC 9457) with the extension `refusal`; browsers get a page in three
//! sentences for whoever looks at it: what, why, what to do. Internals are logged, never shown there.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT_RANGES, ALLOW, CONTENT_RANGE, CONTENT_TYPE, RETRY_AFTER, VARY};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::cache_policy::CachePolicy;
use super::extract::Client;
use super::{link_redirect, page, respond};
use crate::links::Links;
use crate::media::{self, Outage};
use crate::model::{BadName, BadOption, BadSet, ChannelName};
use crate::service::search::{BadQuery, BadSearch};
use crate::service::{self, Refusal};
use crate::text::counted;

/// How long an answer that cannot change by itself is kept by others.
const SETTLED: Duration = Duration::from_secs(5 * 60);

/// The longest `Retry-After`. Some readers then pause all feeds of the host, though only this answer is missing: everything
/// cached and archived is still served. Whoever retries sooner than Telegram allows gets the same refusal from the cache.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(120);

/// Why a request gets no good answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Name(#[from] BadName),
    #[error(transparent)]
    Option(#[from] BadOption),
    #[error(transparent)]
    Set(#[from] BadSet),
    #[error(transparent)]
    Query(#[from] BadQuery),
    #[error(transparent)]
    Service(#[from] service::Error),
    #[error(transparent)]
    File(media::Error),
    #[error(
        "There is no such page here: a channel is at /name, its feeds at /name/rss.xml, /name/atom.xml and /name/feed.json."
    )]
    NoSuchPage,
    #[error("“{text}” names no channel. {reason}")]
    Unread { text: String, reason: String },
    #[error("The list is larger than {limit}: send it in parts.")]
    TooLarge { limit: bytesize::ByteSize },
    #[error(
        "This address takes a form with the field “channel” or “file”: use the box of the start page."
    )]
    NoForm,
    #[error(
        "This is another file than the one of which you have a part: ask for the whole, without If-Match and If-Unmodified-Since."
    )]
    Another,
    #[error("{}", no_such_collection(known))]
    NoSuchCollection { known: Vec<String> },
    #[error("{}", methods(*takes_form))]
    Method { takes_form: bool },
    #[error("This feedline does not serve that channel: its operator decides which ones it does.")]
    NotServed,
    #[error("The answer took too long: try again in a minute.")]
    TooSlow,
    #[error("This should not have happened: the log of feedline tells more.")]
    Internal,
}

impl Error {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Name(_)
            | Self::Set(_)
            | Self::Query(_)
            | Self::Option(_)
            | Self::Unread { .. } => StatusCode::BAD_REQUEST,
            Self::Service(service::Error::NoArchive) => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Another => StatusCode::PRECONDITION_FAILED,
            Self::Service(service::Error::Refused(refusal)) => {
                StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_GATEWAY)
            }
            Self::Service(service::Error::Gone(_)) => StatusCode::GONE,
            Self::File(error) => file_status(error),
            Self::Service(service::Error::NoSuchFile)
            | Self::NoSuchPage
            | Self::NoSuchCollection { .. } => StatusCode::NOT_FOUND,
            Self::Service(service::Error::Internal) | Self::Internal => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotServed => StatusCode::FORBIDDEN,
            Self::TooSlow => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// What happened, in a few words.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Name(BadName::Empty | BadName::Malformed) => {
                "Not the name of a channel".to_owned()
            }
            Self::Name(_) => "Not a public channel".to_owned(),
            Self::Set(_) => "Not a list of channels".to_owned(),
            Self::Query(_) => "Nothing can be looked for by this".to_owned(),
            Self::Service(service::Error::NoArchive) => "The archive cannot be read".to_owned(),
            Self::Option(_) => "A feed cannot be asked for this".to_owned(),
            Self::Service(service::Error::Refused(refusal) | service::Error::Gone(refusal)) => {
                refusal.title()
            }
            Self::Service(service::Error::NoSuchFile) => "No such file".to_owned(),
            Self::File(error) => file_title(error).to_owned(),
            Self::Unread { .. } => "Not a channel".to_owned(),
            Self::TooLarge { .. } => "Too large".to_owned(),
            Self::NoForm => "Not a form".to_owned(),
            Self::Another => "Another file".to_owned(),
            Self::NoSuchCollection { .. } => "No such collection".to_owned(),
            Self::NoSuchPage => "No such page".to_owned(),
            Self::Method { .. } => "Method not allowed".to_owned(),
            Self::NotServed => "Not served here".to_owned(),
            Self::TooSlow => "Too slow".to_owned(),
            Self::Service(service::Error::Internal) | Self::Internal => {
                "A fault of ours".to_owned()
            }
        }
    }

    /// Why, and what to do.
    pub(super) fn detail(&self) -> String {
        match self {
            Self::Service(service::Error::Refused(refusal) | service::Error::Gone(refusal)) => refusal.detail(),
            Self::Service(service::Error::NoSuchFile) => {
                "The post has no such file, or Telegram keeps it to its app: open the post in Telegram.".to_owned()
            }
            Self::File(error) => file_detail(error),
            Self::Service(service::Error::NoArchive) => {
                "The archive cannot be read at the moment, and without it old posts would look new: try again in a few minutes. The log of feedline says what to do.".to_owned()
            }
            Self::Service(service::Error::Internal) => Self::Internal.to_string(),
            other => other.to_string(),
        }
    }

    /// The refusal's name, for programs.
    fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::Name(_) | Self::Set(_) | Self::Unread { .. } => Some("bad_name"),
            Self::Service(service::Error::Refused(refusal) | service::Error::Gone(refusal)) => {
                Some(refusal.code())
            }
            _ => None,
        }
    }

    /// The value of `Retry-After`, at most [`MAX_RETRY_AFTER`].
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let pause = match self {
            Self::Service(service::Error::Refused(refusal)) => refusal.retry_after(),
            Self::Service(service::Error::NoArchive) => Some(MAX_RETRY_AFTER),
            Self::File(media::Error::Busy { retry_after }) => Some(*retry_after),
            _ => None,
        };
        pause.map(|pause| pause.min(MAX_RETRY_AFTER))
    }

    fn cache_policy(&self) -> CachePolicy {
        match self.status() {
            StatusCode::BAD_REQUEST
            | StatusCode::NOT_FOUND
            | StatusCode::FORBIDDEN
            | StatusCode::GONE => CachePolicy::For(SETTLED),
            _ => CachePolicy::Never,
        }
    }
}

/// What is said of a file that does not come. What the use cases refuse is said by them.
fn file_status(error: &media::Error) -> StatusCode {
    match error {
        media::Error::Service(_) => StatusCode::INTERNAL_SERVER_ERROR,
        media::Error::Dead => StatusCode::NOT_FOUND,
        media::Error::Unsatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
        media::Error::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
        media::Error::Unreachable(Outage::Slow) => StatusCode::GATEWAY_TIMEOUT,
        media::Error::Unreachable(_) | media::Error::Unfit => StatusCode::BAD_GATEWAY,
    }
}

fn file_title(error: &media::Error) -> &'static str {
    match error {
        media::Error::Service(_) => "A fault of ours",
        media::Error::Dead => "The file is gone",
        media::Error::Unsatisfiable { .. } => "No such part",
        media::Error::Busy { .. } => "Too many files at once",
        media::Error::Unreachable(_) => "The file cannot be fetched now",
        media::Error::Unfit => "Not the file that it should be",
    }
}

fn file_detail(error: &media::Error) -> String {
    match error {
        media::Error::Service(error) => error.to_string(),
        media::Error::Dead => {
            "Telegram does not give this file any more, and nobody loaded it here while it did: what is gone at Telegram is kept only if it was asked for before. Open the post in Telegram."
                .to_owned()
        }
        media::Error::Unsatisfiable { length } => {
            format!(
                "The file has {}, none of which is in the part that was asked for: ask for the whole.",
                counted(length, "byte")
            )
        }
        media::Error::Busy { .. } => {
            "Too many files are being fetched from Telegram: try again in a few seconds.".to_owned()
        }
        media::Error::Unreachable(outage) => {
            format!("Telegram’s servers of files do not give it, for {outage}: try again in a minute.")
        }
        media::Error::Unfit => {
            "What Telegram’s servers gave is of another kind than this file, and is not passed on: open the post in Telegram."
                .to_owned()
        }
    }
}

fn methods(takes_form: bool) -> &'static str {
    if takes_form {
        "This address takes a form: send it with POST, or ask with GET or HEAD."
    } else {
        "This address can only be read: ask with GET or HEAD."
    }
}

fn no_such_collection(known: &[String]) -> String {
    if known.is_empty() {
        return "There are no collections here: the operator names them in the settings."
            .to_owned();
    }
    format!("There is no collection of this name. There are: {}.", known.join(", "))
}

impl From<BadSearch> for Error {
    fn from(reason: BadSearch) -> Self {
        match reason {
            BadSearch::Query(reason) => Self::Query(reason),
            BadSearch::Option(reason) => Self::Option(reason),
        }
    }
}

impl From<media::Error> for Error {
    fn from(error: media::Error) -> Self {
        match error {
            media::Error::Service(error) => Self::Service(error),
            error => Self::File(error),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Service(refusal.into())
    }
}

/// RFC 9457, section 3. `type` is left out: it is `about:blank`, and `refusal` says more.
#[derive(Serialize)]
struct Document<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'static str>,
}

/// An error on its way to a client.
#[derive(Debug)]
pub(super) struct Problem {
    error: Error,
    /// Programs get a document.
    page: Option<Page>,
}

/// What the page of an error is made with.
#[derive(Debug)]
struct Page {
    words: &'static page::Words,
    links: Links,
    security_policy: HeaderValue,
    ways: page::Ways,
    kept: Option<page::Kept>,
}

impl Problem {
    pub(super) fn new(error: Error, client: &Client) -> Self {
        let page = client.is_browser.then(|| Page {
            words: client.words,
            links: client.links.clone(),
            security_policy: client.security_policy.clone(),
            ways: ways(&error, client),
            kept: None,
        });
        Self { error, page }
    }

    /// The same with what is kept of the channel, which a page names.
    pub(super) fn with_kept(mut self, kept: Option<page::Kept>) -> Self {
        if let Some(page) = &mut self.page {
            page.kept = kept;
        }
        self
    }

    /// An error for a client of which nothing is known.
    pub(super) fn plain(error: Error) -> Self {
        Self { error, page: None }
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
    /// `None` when even that fails.
    fn write(self, error: &Error) -> Option<Response> {
        let status = error.status();
        let Self { words, links, security_policy, ways, kept } = self;
        let html = page::problem(words, &links, status.as_u16(), error, ways, kept.as_ref())?;
        let mut response = (status, html).into_response();
        respond::mark_page(response.headers_mut(), &security_policy);
        Some(response)
    }
}

/// What passes can be asked for once more; of what was asked for wrongly there is the whole.
fn ways(error: &Error, client: &Client) -> page::Ways {
    let is_passing =
        error.status() == StatusCode::TOO_MANY_REQUESTS || error.status().is_server_error();
    let is_wrong = matches!(error, Error::Option(_) | Error::Query(_));
    let name = client.path.trim_matches('/').split('/').next().unwrap_or_default();
    let name = ChannelName::parse(name).ok().filter(|_| is_wrong);
    page::Ways {
        here: is_passing
            .then(|| link_redirect::with_query(client.base(), &client.path, &client.query)),
        channel: name.map(|name| client.links.channel(&name, client.links.defaults())),
    }
}

/// For programs: in English, whatever language they ask for, as all that they compare is.
fn document(error: &Error) -> Response {
    let document = Document {
        title: &error.title(),
        status: error.status().as_u16(),
        detail: &error.detail(),
        refusal: error.refusal(),
    };
    let body = serde_json::to_vec(&document).unwrap_or_default();
    let mut response = (error.status(), body).into_response();
    let media_type = HeaderValue::from_static("application/problem+json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}
