//! The reasons why there is no page: refusals by Telegram and by feedline, as values that can be cached and compared.

use std::time::Duration;

use humantime::format_duration;

use crate::model::{ChannelName, MessageId};
use crate::net;
use crate::telegram::NotAPage;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// The reason why there is no page. It displays in English, for logs: `web` has the words for visitors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody has this name, and the canary answers.
    #[error("the channel @{channel} does not exist")]
    NotFound { channel: ChannelName },
    /// The channel or group has no such message, or does not show it.
    #[error("@{channel} has no post {id}")]
    PostNotFound { channel: ChannelName, id: MessageId },
    /// The name belongs to a person or a bot.
    #[error("@{channel} is not a channel")]
    NotAChannel { channel: ChannelName, owner: Owner },
    /// The name belongs to a group, which has no list of posts.
    #[error("@{channel} is a group")]
    Group { channel: ChannelName },
    /// The channel shows its posts in the app only.
    #[error("@{channel} has its preview switched off")]
    PreviewOff { channel: ChannelName },
    /// The channel exists, but Telegram does not show it on the web.
    #[error("Telegram blocks @{channel} on the web")]
    Blocked {
        channel: ChannelName,
        /// Telegram's reason, one short line, if its page has one.
        reason: Option<Box<str>>,
    },
    /// Telegram throttles feedline.
    #[error("throttled by Telegram for {}", format_duration(*.retry_after))]
    Throttled {
        /// In whole seconds.
        retry_after: Duration,
    },
    /// The queue of the rate limiter is too long.
    #[error("too many requests are queued")]
    Busy {
        /// In whole seconds.
        retry_after: Duration,
    },
    /// The client has reached its rate limit.
    #[error("the client has reached its rate limit")]
    OverBudget {
        /// In whole seconds.
        retry_after: Duration,
    },
    /// No host of Telegram gives a usable response.
    #[error("{0}")]
    Unreachable(NetworkError),
    /// The response took too long.
    #[error("Telegram did not respond within {}", format_duration(*.limit))]
    Timeout { limit: Duration },
    #[error("unexpected page: {0}")]
    MarkupChanged(UnexpectedPage),
}

/// The owner of a name that is not a channel or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A person.
    User,
    Bot,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    #[error("Telegram responds with server error {0}")]
    Status(u16),
    /// No host could be reached. The fields are those of the first one.
    #[error("{host} cannot be reached: {cause}")]
    Network {
        /// The first host in the operator's order.
        host: String,
        cause: net::Cause,
        /// The connection was made through a proxy.
        proxied: bool,
    },
    /// The response was truncated, also when fetched again.
    #[error("Telegram’s response is truncated")]
    Truncated,
}

/// An unexpected response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnexpectedPage {
    #[error("{0}")]
    Page(#[from] NotAPage),
    #[error("the page is larger than {limit} bytes")]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    #[error("the response has status {0}")]
    Status(u16),
    #[error("the landing page of this name is of an unknown kind")]
    Card,
    #[error("the page shows another post than the requested one")]
    AnotherPost,
    /// The parser panicked.
    #[error("the page cannot be parsed")]
    Unread,
}

impl Refusal {
    /// The code in the extension `refusal` of a problem document.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } | Self::PostNotFound { .. } => "not_found",
            Self::NotAChannel { .. } => "not_a_channel",
            Self::Group { .. } => "group",
            Self::PreviewOff { .. } => "preview_off",
            Self::Blocked { .. } => "blocked",
            Self::Throttled { .. } => "throttled",
            Self::Busy { .. } | Self::OverBudget { .. } => "busy",
            Self::Unreachable(_) => "unreachable",
            Self::Timeout { .. } => "timeout",
            Self::MarkupChanged(_) => "markup_changed",
        }
    }

    /// How long the refusal is cached; zero: it is not cached.
    pub fn negative_ttl(&self) -> Duration {
        match self {
            Self::NotFound { .. } | Self::PostNotFound { .. } => HOUR,
            Self::NotAChannel { .. } | Self::Group { .. } => 24 * HOUR,
            Self::PreviewOff { .. } | Self::Blocked { .. } => 6 * HOUR,
            Self::Throttled { retry_after } => *retry_after,
            Self::Busy { .. } | Self::OverBudget { .. } => Duration::ZERO,
            Self::Unreachable(_) | Self::Timeout { .. } => 30 * SECOND,
            Self::MarkupChanged(_) => 5 * MINUTE,
        }
    }

    /// The cause is the current state of Telegram or feedline, not the channel.
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. }
                | Self::Busy { .. }
                | Self::OverBudget { .. }
                | Self::Unreachable(_)
                | Self::Timeout { .. }
                | Self::MarkupChanged(_)
        )
    }

    /// If the channel existed, it is gone for certain.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::NotAChannel { .. } | Self::PreviewOff { .. })
    }

    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after }
            | Self::Busy { retry_after }
            | Self::OverBudget { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    pub(super) fn from_net(error: net::Error) -> Self {
        match error {
            net::Error::Network { host, cause, proxied } => {
                Self::Unreachable(NetworkError::Network { host, cause, proxied })
            }
            net::Error::Timeout { limit, .. } => Self::Timeout { limit },
            net::Error::TooLarge { limit, .. } => {
                Self::MarkupChanged(UnexpectedPage::TooLarge { limit })
            }
            net::Error::Busy { retry_after } => Self::Busy { retry_after },
            net::Error::Backoff { retry_after } => Self::Throttled { retry_after },
        }
    }

    /// The default is half a minute.
    pub(super) fn throttled(pause: Option<Duration>) -> Self {
        Self::Throttled { retry_after: whole_seconds(pause.unwrap_or(30 * SECOND)) }
    }

    pub fn busy(pause: Duration) -> Self {
        Self::Busy { retry_after: whole_seconds(pause) }
    }

    /// `pause` is the time until the client's next token.
    pub fn over_budget(pause: Duration) -> Self {
        Self::OverBudget { retry_after: whole_seconds(pause) }
    }
}

/// Rounds up to whole seconds, as in a header: at least a second, at most a day.
fn whole_seconds(pause: Duration) -> Duration {
    let seconds = pause.as_secs().saturating_add(u64::from(pause.subsec_nanos() > 0));
    Duration::from_secs(seconds.clamp(1, 24 * 60 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel() -> ChannelName {
        ChannelName::parse("example").unwrap()
    }

    #[test]
    fn every_refusal_has_its_code_and_ttl() {
        let pause = 90 * SECOND;
        let id = MessageId::new(7).unwrap();
        for (refusal, code, negative_ttl, retry_after) in [
            (Refusal::NotFound { channel: channel() }, "not_found", HOUR, None),
            (Refusal::PostNotFound { channel: channel(), id }, "not_found", HOUR, None),
            (
                Refusal::NotAChannel { channel: channel(), owner: Owner::Bot },
                "not_a_channel",
                24 * HOUR,
                None,
            ),
            (Refusal::Group { channel: channel() }, "group", 24 * HOUR, None),
            (Refusal::PreviewOff { channel: channel() }, "preview_off", 6 * HOUR, None),
            (Refusal::Blocked { channel: channel(), reason: None }, "blocked", 6 * HOUR, None),
            (Refusal::Throttled { retry_after: pause }, "throttled", pause, Some(pause)),
            (Refusal::Busy { retry_after: pause }, "busy", Duration::ZERO, Some(pause)),
            (Refusal::OverBudget { retry_after: pause }, "busy", Duration::ZERO, Some(pause)),
            (Refusal::Unreachable(NetworkError::Truncated), "unreachable", 30 * SECOND, None),
            (Refusal::Timeout { limit: 15 * SECOND }, "timeout", 30 * SECOND, None),
            (
                Refusal::MarkupChanged(UnexpectedPage::Status(418)),
                "markup_changed",
                5 * MINUTE,
                None,
            ),
        ] {
            assert_eq!(refusal.code(), code);
            assert_eq!(refusal.negative_ttl(), negative_ttl, "{code}");
            assert_eq!(refusal.retry_after(), retry_after, "{code}");
        }
    }

    #[test]
    fn pauses_are_rounded_up_to_whole_seconds() {
        let refusal = Refusal::throttled(Some(Duration::from_millis(119_500)));
        assert_eq!(refusal.retry_after(), Some(120 * SECOND));
    }

    #[test]
    fn network_errors_become_refusals() {
        let host = || "t.me".to_owned();
        for (error, code) in [
            (
                net::Error::Network { host: host(), cause: net::Cause::Dns, proxied: false },
                "unreachable",
            ),
            (net::Error::Timeout { host: host(), limit: SECOND }, "timeout"),
            (net::Error::TooLarge { host: host(), limit: 1 }, "markup_changed"),
            (net::Error::Busy { retry_after: SECOND }, "busy"),
            (net::Error::Backoff { retry_after: SECOND }, "throttled"),
        ] {
            assert_eq!(Refusal::from_net(error).code(), code);
        }
    }
}
