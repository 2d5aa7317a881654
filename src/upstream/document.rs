//! One document of Telegram's, asked for, told from what is none, and parsed.
//!
//! This is where an answer's status and shape are judged. Whether Telegram throttles *us* or there is something
//! with *one channel* cannot be told from one document: that is `canary`'s question.

use std::time::Duration;

use url::Url;

use super::hosts::Hosts;
use super::{NetworkError, Refusal, UnexpectedPage};
use crate::net::{OutboundId, Priority, Response};
use crate::telegram::NotAPage;

/// A parser of one kind of document.
pub(super) trait Parser<T>:
    Fn(&str) -> Result<T, NotAPage> + Clone + Send + 'static
{
}

impl<T, F: Fn(&str) -> Result<T, NotAPage> + Clone + Send + 'static> Parser<T> for F {}

/// What came, and through which outbound address.
#[derive(Debug)]
pub(super) struct Answer<T> {
    pub(super) outcome: Outcome<T>,
    pub(super) outbound: OutboundId,
    pub(super) elapsed: Duration,
}

/// What an answer is.
#[derive(Debug)]
pub(super) enum Outcome<T> {
    /// The document; `is_whole`: to its end.
    Document { value: T, is_whole: bool },
    /// A redirect.
    Redirect(Option<Url>),
    /// A sign that we are throttled.
    Throttled { retry_after: Option<Duration> },
}

/// Asks for a document. One that is cut short is asked for once more, and the better of the two is taken.
///
/// # Errors
/// What is certain: the network, server errors, markup that nobody knows.
pub(super) async fn fetch<T: Send + 'static>(
    hosts: &Hosts,
    path: &str,
    through: Option<OutboundId>,
    priority: &Priority,
    parse: impl Parser<T>,
) -> Result<Answer<T>, Refusal> {
    let first = hosts.fetch(path, through, priority).await?;
    let outbound = first.outbound;
    let first = match judge(first, parse.clone()).await? {
        Judged::Truncated(truncated) => truncated,
        Judged::Certain(answer) => return Ok(answer),
    };
    // The same connection may have been the reason: a cut page says nothing about the channel.
    let second = hosts.fetch(path, Some(outbound), priority).await;
    let second = match second {
        Ok(response) => judge(response, parse).await?,
        // There is something already.
        Err(refusal) => return first.map_err(|_| refusal),
    };
    match second {
        Judged::Certain(answer) => Ok(answer),
        Judged::Truncated(second) => second.or_else(|refusal| first.map_err(|_| refusal)),
    }
}

/// One answer by itself.
enum Judged<T> {
    Certain(Answer<T>),
    /// It breaks off; what there is of it, or what to say when that cannot be read.
    Truncated(Result<Answer<T>, Refusal>),
}

/// Judges an answer by its status, and its body if that says nothing.
async fn judge<T: Send + 'static>(
    response: Response,
    parse: impl Parser<T>,
) -> Result<Judged<T>, Refusal> {
    let outcome = match response.status {
        200 => return read(response, parse).await,
        429 | 403 => Outcome::Throttled { retry_after: response.retry_after },
        503 if is_challenge(&response.text) => {
            Outcome::Throttled { retry_after: response.retry_after }
        }
        301 | 302 | 303 | 307 | 308 => Outcome::Redirect(response.location),
        status @ 500..=599 => return Err(Refusal::Unreachable(NetworkError::Status(status))),
        status => return Err(Refusal::MarkupChanged(UnexpectedPage::Status(status))),
    };
    let (outbound, elapsed) = (response.outbound, response.elapsed);
    Ok(Judged::Certain(Answer { outcome, outbound, elapsed }))
}

/// Reads a body: a document, half of one, or none.
async fn read<T: Send + 'static>(
    response: Response,
    parse: impl Parser<T>,
) -> Result<Judged<T>, Refusal> {
    let Response { text, whole: all_came, outbound, elapsed, retry_after, .. } = response;
    let is_whole = all_came && has_end(&text);
    let answer = |outcome| Answer { outcome, outbound, elapsed };
    // A tree of html5ever's is built on one thread and takes milliseconds: not on the runtime's.
    let parsed = tokio::task::spawn_blocking(move || parse(&text)).await;
    let Ok(parsed) = parsed else { return Err(Refusal::MarkupChanged(UnexpectedPage::Unread)) };
    let error = match parsed {
        Ok(value) => {
            let answer = answer(Outcome::Document { value, is_whole });
            return Ok(if is_whole {
                Judged::Certain(answer)
            } else {
                Judged::Truncated(Ok(answer))
            });
        }
        Err(error) => error,
    };
    if error.is_stub() && all_came {
        return Ok(Judged::Certain(answer(Outcome::Throttled { retry_after })));
    }
    // Known structure without an end was cut; what is unknown may never have had one.
    let is_unknown = matches!(error, NotAPage::Unrecognised { .. });
    let is_over_bounds = matches!(error, NotAPage::OverLimit(_));
    let strange = Refusal::MarkupChanged(error.into());
    if is_whole || is_over_bounds {
        return Err(strange);
    }
    let truncated = Refusal::Unreachable(NetworkError::Truncated);
    Ok(Judged::Truncated(Err(if is_unknown && all_came { strange } else { truncated })))
}

/// UPSTREAM(2026-08): a page ends with `</html>`, then perhaps a comment; half a page comes with status 200.
fn has_end(text: &str) -> bool {
    text.contains("</html>")
}

/// Whether a 503 is a guard that wants to see a browser, rather than a server that is down: the latter's
/// page is plain and has the status in its title.
fn is_challenge(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let asks =
        ["<script", "<form", "http-equiv=\"refresh\""].iter().any(|sign| text.contains(sign));
    let title = text.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    asks || title.is_some_and(|(title, _)| !title.contains("503") && !title.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::is_challenge;

    #[test]
    fn a_guard_is_told_from_a_server_that_is_down() {
        for (text, challenge) in [
            ("", false),
            ("Service Unavailable", false),
            (
                "<html><head><title>503 Service Temporarily Unavailable</title></head><body><center><h1>503</h1></center><hr>",
                false,
            ),
            ("<html><title>503</title>", false),
            ("<html><title>Just a moment</title><body>", true),
            ("<html><title>503</title><SCRIPT src=x></script>", true),
            ("<html><form action=/check><input name=answer></form>", true),
            ("<meta http-equiv=\"refresh\" content=\"5\">", true),
        ] {
            assert_eq!(is_challenge(text), challenge, "{text}");
        }
    }
}
