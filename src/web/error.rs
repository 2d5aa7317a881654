//! Errors of the HTTP server, with their status, messages, `Retry-After` and cache policy.
//!
//! Internal details are logged and never shown. `problem` builds the response.

use std::time::Duration;

use http::StatusCode;

use super::cache_policy::CachePolicy;
use crate::feed::opml::Reason;
use crate::locale::Message;
use crate::media::{self, FileError};
use crate::model::{BadName, BadOption, BadRoute, BadSet, ChannelName};
use crate::service::search::BadQuery;
use crate::service::{self, NetworkError, Owner, Refusal};

/// The TTL of an error that does not pass by itself.
const SETTLED: Duration = Duration::from_secs(5 * 60);

/// The longest `Retry-After`. Some readers pause all feeds of the host for that time, although cached and archived
/// content is still served. A client that retries earlier than Telegram allows gets the same refusal from the cache.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(120);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.detail())]
pub(super) enum Error {
    Name(#[from] BadName),
    Option(#[from] BadOption),
    Set(#[from] BadSet),
    Query(#[from] BadQuery),
    #[error(transparent)]
    Service(#[from] service::Error),
    #[error(transparent)]
    File(media::Error),
    NoSuchPage,
    Unread {
        text: String,
        reason: Reason,
    },
    TooLarge {
        limit: bytesize::ByteSize,
    },
    NoForm,
    PreconditionFailed,
    NoSuchCollection {
        /// The configured collections.
        names: Vec<String>,
    },
    Method {
        takes_form: bool,
    },
    NotServed,
    TooSlow,
    Internal,
}

impl Error {
    pub(super) fn status(&self) -> StatusCode {
        self.describe().0
    }

    /// A short summary.
    pub(super) fn title(&self) -> Message {
        self.describe().1
    }

    /// The status and the summary.
    fn describe(&self) -> (StatusCode, Message) {
        match self {
            Self::Name(BadName::Empty | BadName::Malformed) => {
                (StatusCode::BAD_REQUEST, Message::new("error-name"))
            }
            Self::Name(_) => (StatusCode::BAD_REQUEST, Message::new("error-not-public")),
            Self::Set(_) => (StatusCode::BAD_REQUEST, Message::new("error-set")),
            Self::Query(_) => (StatusCode::BAD_REQUEST, Message::new("error-query")),
            Self::Option(_) => (StatusCode::BAD_REQUEST, Message::new("error-option")),
            Self::Unread { text, reason } => {
                let unread = Message::new("error-unread").with("text", text.as_str());
                (StatusCode::BAD_REQUEST, unread.with("reason", reason.message()))
            }
            Self::Service(error) => describe_service(error),
            Self::File(error) => describe_file(error),
            Self::TooLarge { limit } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                Message::new("error-too-large").with("limit", *limit),
            ),
            Self::NoForm => (StatusCode::UNSUPPORTED_MEDIA_TYPE, Message::new("error-no-form")),
            Self::PreconditionFailed => {
                (StatusCode::PRECONDITION_FAILED, Message::new("error-another-file"))
            }
            Self::NoSuchPage => (StatusCode::NOT_FOUND, Message::new("error-no-page")),
            Self::NoSuchCollection { names } if names.is_empty() => {
                (StatusCode::NOT_FOUND, Message::new("error-no-collections"))
            }
            Self::NoSuchCollection { names } => {
                let names = names.join(", ");
                (StatusCode::NOT_FOUND, Message::new("error-no-collection").with("names", names))
            }
            Self::Method { takes_form: true } => {
                (StatusCode::METHOD_NOT_ALLOWED, Message::new("error-takes-form"))
            }
            Self::Method { takes_form: false } => {
                (StatusCode::METHOD_NOT_ALLOWED, Message::new("error-read-only"))
            }
            Self::NotServed => (StatusCode::FORBIDDEN, Message::new("error-not-served")),
            Self::TooSlow => (StatusCode::GATEWAY_TIMEOUT, Message::new("error-too-slow")),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, Message::new("error-internal")),
        }
    }

    /// The cause, and what to do.
    pub(super) fn detail(&self) -> Message {
        match self {
            Self::Name(reason) => reason.message(),
            Self::Set(reason) => reason.message(),
            Self::Query(reason) => reason.message(),
            Self::Option(reason) => reason.message(),
            other => other.title().detail(),
        }
    }

    /// The refusal's code for programs.
    pub(super) fn refusal(&self) -> Option<&'static str> {
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

    pub(super) fn cache_policy(&self) -> CachePolicy {
        match self.status() {
            StatusCode::BAD_REQUEST
            | StatusCode::NOT_FOUND
            | StatusCode::FORBIDDEN
            | StatusCode::GONE => CachePolicy::For(SETTLED),
            _ => CachePolicy::Never,
        }
    }
}

fn describe_service(error: &service::Error) -> (StatusCode, Message) {
    match error {
        service::Error::Refused(refusal) => (refusal_status(refusal), refusal_message(refusal)),
        service::Error::Gone(refusal) => (StatusCode::GONE, refusal_message(refusal)),
        service::Error::NoArchive => {
            (StatusCode::SERVICE_UNAVAILABLE, Message::new("error-no-archive"))
        }
        service::Error::NoSuchFile => (StatusCode::NOT_FOUND, Message::new("error-no-file")),
        service::Error::Internal => {
            (StatusCode::INTERNAL_SERVER_ERROR, Message::new("error-internal"))
        }
    }
}

fn refusal_status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotFound { .. }
        | Refusal::PostNotFound { .. }
        | Refusal::NotAChannel { .. }
        | Refusal::Group { .. }
        | Refusal::PreviewOff { .. }
        | Refusal::Blocked { .. } => StatusCode::NOT_FOUND,
        Refusal::Throttled { .. } | Refusal::Busy { .. } | Refusal::OverBudget { .. } => {
            StatusCode::TOO_MANY_REQUESTS
        }
        Refusal::Unreachable(_) | Refusal::MarkupChanged(_) => StatusCode::BAD_GATEWAY,
        Refusal::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
    }
}

/// The reason in a few words. Its `.detail` has the cause and advice, without hosts and settings.
pub(crate) fn refusal_message(refusal: &Refusal) -> Message {
    let about =
        |key: &str, channel: &ChannelName| Message::new(key).with("channel", channel.as_str());
    match refusal {
        Refusal::NotFound { channel } => about("refusal-not-found", channel),
        Refusal::PostNotFound { channel, id } => {
            about("refusal-post-not-found", channel).with("id", id.get())
        }
        Refusal::NotAChannel { channel, owner: Owner::User } => about("refusal-person", channel),
        Refusal::NotAChannel { channel, owner: Owner::Bot } => about("refusal-bot", channel),
        Refusal::Group { channel } => about("refusal-group", channel),
        Refusal::PreviewOff { channel } => about("refusal-preview-off", channel),
        Refusal::Blocked { channel, reason: None } => about("refusal-blocked", channel),
        Refusal::Blocked { channel, reason: Some(reason) } => {
            about("refusal-blocked-because", channel).with("reason", reason.trim_end_matches('.'))
        }
        Refusal::Throttled { retry_after } => {
            Message::new("refusal-throttled").with("pause", *retry_after)
        }
        Refusal::Busy { retry_after } => Message::new("refusal-busy").with("pause", *retry_after),
        Refusal::OverBudget { retry_after } => {
            Message::new("refusal-over-budget").with("pause", *retry_after)
        }
        Refusal::Unreachable(NetworkError::Status(status)) => {
            Message::new("refusal-server-error").with("status", *status)
        }
        Refusal::Unreachable(NetworkError::Network { .. }) => Message::new("refusal-no-connection"),
        Refusal::Unreachable(NetworkError::Truncated) => Message::new("refusal-truncated"),
        Refusal::Timeout { limit } => Message::new("refusal-timeout").with("limit", *limit),
        Refusal::MarkupChanged(_) => Message::new("refusal-markup-changed"),
    }
}

fn describe_file(error: &media::Error) -> (StatusCode, Message) {
    match error {
        media::Error::Service(error) => describe_service(error),
        media::Error::Dead => (StatusCode::NOT_FOUND, Message::new("error-file-gone")),
        media::Error::Unsatisfiable { length } => {
            let message = Message::new("error-no-part").with("bytes", *length);
            (StatusCode::RANGE_NOT_SATISFIABLE, message)
        }
        media::Error::Busy { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, Message::new("error-files-busy"))
        }
        media::Error::Unreachable(FileError::Slow) => {
            (StatusCode::GATEWAY_TIMEOUT, Message::new("error-file-slow"))
        }
        media::Error::Unreachable(FileError::Status(status)) => {
            let message = Message::new("error-file-status").with("status", *status);
            (StatusCode::BAD_GATEWAY, message)
        }
        media::Error::Unreachable(_) => {
            (StatusCode::BAD_GATEWAY, Message::new("error-file-network"))
        }
        media::Error::Unfit => (StatusCode::BAD_GATEWAY, Message::new("error-wrong-file")),
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

impl From<BadRoute> for Error {
    fn from(reason: BadRoute) -> Self {
        match reason {
            BadRoute::Unknown => Self::NoSuchPage,
            BadRoute::Name(reason) => Self::Name(reason),
            BadRoute::Set(reason) => Self::Set(reason),
            BadRoute::Option(reason) => Self::Option(reason),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Service(refusal.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::{Language, Words};
    use crate::service::{Cause, UnexpectedPage};

    fn refusals() -> [Refusal; 18] {
        let channel = ChannelName::parse("tearoad").unwrap();
        let second = Duration::from_secs(1);
        [
            Refusal::NotFound { channel: channel.clone() },
            Refusal::PostNotFound {
                channel: channel.clone(),
                id: crate::model::MessageId::new(7).unwrap(),
            },
            Refusal::NotAChannel { channel: channel.clone(), owner: Owner::User },
            Refusal::NotAChannel { channel: channel.clone(), owner: Owner::Bot },
            Refusal::Group { channel: channel.clone() },
            Refusal::PreviewOff { channel: channel.clone() },
            Refusal::Blocked { channel: channel.clone(), reason: None },
            Refusal::Blocked { channel, reason: Some("This channel broke a law.".into()) },
            Refusal::Throttled { retry_after: 200 * second },
            Refusal::Busy { retry_after: 40 * second },
            Refusal::OverBudget { retry_after: 9000 * second },
            Refusal::Unreachable(NetworkError::Status(502)),
            Refusal::Unreachable(NetworkError::Truncated),
            Refusal::Unreachable(NetworkError::Network {
                host: "t.me".to_owned(),
                cause: Cause::Dns,
                proxied: false,
            }),
            Refusal::Timeout { limit: 15 * second },
            Refusal::MarkupChanged(UnexpectedPage::Card),
            Refusal::MarkupChanged(UnexpectedPage::TooLarge { limit: 4 << 20 }),
            Refusal::MarkupChanged(UnexpectedPage::Status(418)),
        ]
    }

    /// Errors of all variants.
    fn errors() -> Vec<Error> {
        let names = [
            BadName::Empty,
            BadName::Malformed,
            BadName::Private("invitation"),
            BadName::NotAChannel("proxy"),
            BadName::Numeric,
            BadName::OtherSite,
        ];
        let options = [
            BadOption::Unknown { option: "limt".to_owned(), nearest: Some("limit".to_owned()) },
            BadOption::Unknown { option: "x".to_owned(), nearest: None },
            BadOption::Value { option: "limit", value: "0".to_owned() },
            BadOption::TooLong { option: "q" },
            BadOption::Expression { option: "include", why: "unclosed group".to_owned() },
            BadOption::Twice { option: "tag".to_owned() },
            BadOption::TooMany,
        ];
        let others = [
            Error::Set(BadSet::Empty),
            Error::Set(BadSet::TooMany { number: 51 }),
            Error::Set(BadSet::Name { text: "x".to_owned(), reason: BadName::Malformed }),
            Error::Query(BadQuery::Empty),
            Error::Query(BadQuery::ShortBeginning { beginning: "t".to_owned() }),
            Error::Service(service::Error::NoArchive),
            Error::Service(service::Error::NoSuchFile),
            Error::Service(service::Error::Internal),
            Error::File(media::Error::Dead),
            Error::File(media::Error::Unsatisfiable { length: 7 }),
            Error::File(media::Error::BUSY),
            Error::File(media::Error::Unreachable(FileError::NotPublic)),
            Error::File(media::Error::Unreachable(FileError::Slow)),
            Error::File(media::Error::Unreachable(FileError::Status(502))),
            Error::File(media::Error::Unfit),
            Error::NoSuchPage,
            Error::Unread { text: "x y".to_owned(), reason: Reason::Twice },
            Error::TooLarge { limit: bytesize::ByteSize::mib(2) },
            Error::NoForm,
            Error::PreconditionFailed,
            Error::NoSuchCollection { names: vec!["news".to_owned()] },
            Error::NoSuchCollection { names: Vec::new() },
            Error::Method { takes_form: false },
            Error::Method { takes_form: true },
            Error::NotServed,
            Error::TooSlow,
            Error::Internal,
        ];
        let refused = refusals().into_iter().map(Error::from);
        refused
            .chain(names.into_iter().map(Error::Name))
            .chain(options.into_iter().map(Error::Option))
            .chain(others)
            .collect()
    }

    #[test]
    fn errors_have_title_and_detail_in_each_language() {
        for error in errors() {
            for language in Language::ALL {
                let words = Words::of(*language);
                let (title, detail) =
                    (words.message(&error.title()), words.message(&error.detail()));
                assert!(!title.ends_with('.') && title.chars().count() < 80, "{title}");
                let is_sentence = detail.ends_with(['.', '?']) && detail.chars().count() > 30;
                assert!(is_sentence, "{title}: {detail}");
            }
        }
    }

    #[test]
    fn block_has_telegrams_reason() {
        let detail = |reason: Option<&str>| {
            let channel = ChannelName::parse("example").unwrap();
            let refusal = Refusal::Blocked { channel, reason: reason.map(Into::into) };
            refusal_message(&refusal).detail().to_string()
        };
        assert!(detail(Some("It broke a law.")).contains("“It broke a law”. It may"));
        assert!(detail(Some("Broken law")).contains("says: “Broken law”. It may"));
        assert!(detail(None).contains("web. It may"));
    }
}
