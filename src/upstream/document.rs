//! Fetches one of Telegram's documents, classifies the response by status and body, and parses it.
//!
//! One response does not show whether Telegram throttles feedline or refuses one channel: `canary` decides that.

use std::time::Duration;

use url::Url;

use super::hosts::Hosts;
use super::refusal::{NetworkError, Refusal, UnexpectedPage};
use crate::net::{OutboundId, Priority, Response};
use crate::telegram::NotAPage;

/// A parser of one kind of document.
pub(super) trait Parser<T>:
    Fn(&str) -> Result<T, NotAPage> + Clone + Send + 'static
{
}

impl<T, F: Fn(&str) -> Result<T, NotAPage> + Clone + Send + 'static> Parser<T> for F {}

/// A response, and its outbound address.
#[derive(Debug)]
pub(super) struct Answer<T> {
    pub(super) outcome: Outcome<T>,
    pub(super) outbound: OutboundId,
    pub(super) elapsed: Duration,
}

/// The classified response.
#[derive(Debug)]
pub(super) enum Outcome<T> {
    /// `is_whole`: the document is not truncated.
    Document {
        value: T,
        is_whole: bool,
    },
    Redirect(Option<Url>),
    /// The response looks like throttling.
    Throttled {
        retry_after: Option<Duration>,
    },
}

/// Fetches a document. A truncated one is fetched once more, and the better response is used.
///
/// # Errors
/// Network errors, server errors, unknown markup.
pub(super) async fn fetch<T: Send + 'static>(
    hosts: &Hosts,
    path: &str,
    through: Option<OutboundId>,
    priority: &Priority,
    parse: impl Parser<T>,
) -> Result<Answer<T>, Refusal> {
    let first = hosts.fetch(path, through, priority).await?;
    let outbound = first.outbound;
    let first = match classify(first, parse.clone()).await? {
        Classified::Truncated(truncated) => truncated,
        Classified::Certain(answer) => return Ok(answer),
    };
    // A truncated page proves nothing about the channel, so it is fetched again.
    let second = hosts.fetch(path, Some(outbound), priority).await;
    let second = match second {
        Ok(response) => classify(response, parse).await?,
        // The first response is better than none.
        Err(refusal) => return first.map_err(|_| refusal),
    };
    match second {
        Classified::Certain(answer) => Ok(answer),
        Classified::Truncated(second) => second.or_else(|refusal| first.map_err(|_| refusal)),
    }
}

/// A single response.
enum Classified<T> {
    Certain(Answer<T>),
    /// A truncated response, or the refusal if its beginning cannot be parsed.
    Truncated(Result<Answer<T>, Refusal>),
}

/// Classifies a response by its status, and by its body if the status is 200.
async fn classify<T: Send + 'static>(
    response: Response,
    parse: impl Parser<T>,
) -> Result<Classified<T>, Refusal> {
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
    Ok(Classified::Certain(Answer { outcome, outbound, elapsed }))
}

async fn read<T: Send + 'static>(
    response: Response,
    parse: impl Parser<T>,
) -> Result<Classified<T>, Refusal> {
    let Response { text, whole: all_came, outbound, elapsed, retry_after, .. } = response;
    let is_whole = all_came && has_end(&text);
    let answer = |outcome| Answer { outcome, outbound, elapsed };
    // Parsing takes milliseconds and must not block the runtime's threads.
    let parsed = tokio::task::spawn_blocking(move || parse(&text)).await;
    let Ok(parsed) = parsed else { return Err(Refusal::MarkupChanged(UnexpectedPage::Unread)) };
    let error = match parsed {
        Ok(value) => {
            let answer = answer(Outcome::Document { value, is_whole });
            return Ok(if is_whole {
                Classified::Certain(answer)
            } else {
                Classified::Truncated(Ok(answer))
            });
        }
        Err(error) => error,
    };
    if error.is_stub() && all_came {
        return Ok(Classified::Certain(answer(Outcome::Throttled { retry_after })));
    }
    // A page with known structure and no end is truncated. An unknown document may never have had an end.
    let is_unknown = matches!(error, NotAPage::Unrecognised { .. });
    let is_over_bounds = matches!(error, NotAPage::OverLimit(_));
    let unexpected = Refusal::MarkupChanged(error.into());
    if is_whole || is_over_bounds {
        return Err(unexpected);
    }
    let truncated = Refusal::Unreachable(NetworkError::Truncated);
    Ok(Classified::Truncated(Err(if is_unknown && all_came { unexpected } else { truncated })))
}

/// UPSTREAM(2026-08): a page ends with `</html>` and perhaps a comment. A truncated page has status 200.
fn has_end(text: &str) -> bool {
    text.contains("</html>")
}

/// Whether a 503 is a browser challenge. The page of a server that is down is plain and has the status in its title.
fn is_challenge(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let has_challenge =
        ["<script", "<form", "http-equiv=\"refresh\""].iter().any(|sign| text.contains(sign));
    let title = text.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    has_challenge
        || title.is_some_and(|(title, _)| !title.contains("503") && !title.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::is_challenge;

    #[test]
    fn browser_challenge_differs_from_server_that_is_down() {
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
