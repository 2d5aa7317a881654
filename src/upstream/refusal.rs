//! Telegram's ways of saying no, and ours: values that can be kept, compared and explained to a person.

use std::time::Duration;

use crate::model::{ChannelName, MessageId};
use crate::net;
use crate::telegram::NotAPage;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Why there is no page. Each has a code for programs, a status for HTTP, a time for which it is kept, and
/// words for people: [`Refusal::title`] says what, [`Refusal::detail`] why and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.title(), self.detail())]
pub enum Refusal {
    /// Nobody has this name, and Telegram answers well otherwise.
    NotFound {
        /// The name that was asked.
        channel: ChannelName,
    },
    /// The channel or group has no such message, or does not show it.
    PostNotFound {
        /// The name that was asked.
        channel: ChannelName,
        /// The message that was asked.
        id: MessageId,
    },
    /// The name belongs to a person or a program.
    NotAChannel {
        /// The name that was asked.
        channel: ChannelName,
        /// Whose it is.
        owner: Owner,
    },
    /// The name belongs to a group, which has no list of posts.
    Group {
        /// The name that was asked.
        channel: ChannelName,
    },
    /// The channel does not show its posts outside the app.
    PreviewOff {
        /// The name that was asked.
        channel: ChannelName,
    },
    /// The channel exists, and Telegram does not show it here.
    Blocked {
        /// The name that was asked.
        channel: ChannelName,
        /// Telegram's reason, one short line, where its page names one.
        reason: Option<Box<str>>,
    },
    /// Telegram turns us away for a while.
    Throttled {
        /// How long, in whole seconds.
        retry_after: Duration,
    },
    /// Too many requests wait for their turn here.
    Busy {
        /// When there will be room, in whole seconds.
        retry_after: Duration,
    },
    /// This client has asked for more that is new than is its share.
    OverBudget {
        /// When it may ask again, in whole seconds.
        retry_after: Duration,
    },
    /// No host of Telegram's gives an answer.
    Unreachable(Outage),
    /// The answer took too long.
    Timeout {
        /// The time that an answer may take.
        limit: Duration,
    },
    /// There is an answer, and it is none that we know.
    MarkupChanged(Oddity),
}

/// Who has a name that is no channel's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A person.
    User,
    /// A program.
    Bot,
}

/// Why no host gave an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Outage {
    /// A server error.
    #[error("Telegram answers with the server error {0}")]
    Status(u16),
    /// No host could be reached; this is the reason of the foremost.
    #[error("{host} cannot be reached: {cause}")]
    Network {
        /// The foremost host, in the operator's order.
        host: String,
        /// What happened.
        cause: net::Cause,
        /// Whether the way there leads through a proxy.
        proxied: bool,
    },
    /// The answer broke off twice before there was anything in it.
    #[error("Telegram’s answer breaks off before there is anything in it")]
    Cut,
}

/// What was not as we know it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Oddity {
    /// The page.
    #[error("{0}")]
    Page(#[from] NotAPage),
    /// The size of the page.
    #[error("the page is larger than {limit} bytes")]
    TooLarge {
        /// The most that is read.
        limit: u64,
    },
    /// The status.
    #[error("the answer has the status {0}")]
    Status(u16),
    /// The card of a name.
    #[error("the page about this name is of a kind that we do not know")]
    Card,
    /// The post: another one than was asked for.
    #[error("another post came than the one that was asked for")]
    AnotherPost,
    /// The parser gave up, which it never should.
    #[error("the page could not be read to its end")]
    Unread,
}

impl Refusal {
    /// The code, as in the extension `refusal` of a problem document.
    #[must_use]
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

    /// The HTTP status for a reader who gets nothing else.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound { .. }
            | Self::PostNotFound { .. }
            | Self::NotAChannel { .. }
            | Self::Group { .. }
            | Self::PreviewOff { .. }
            | Self::Blocked { .. } => 404,
            Self::Throttled { .. } | Self::Busy { .. } | Self::OverBudget { .. } => 429,
            Self::Unreachable(_) | Self::MarkupChanged(_) => 502,
            Self::Timeout { .. } => 504,
        }
    }

    /// How long this answer is given again without asking; zero: it is not kept.
    #[must_use]
    pub fn kept(&self) -> Duration {
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

    /// The value of `Retry-After`, where the status wants one.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after }
            | Self::Busy { retry_after }
            | Self::OverBudget { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// What happened, in a few words.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::NotFound { channel } => format!("There is no channel @{channel}"),
            Self::PostNotFound { channel, id } => format!("There is no post {id} in @{channel}"),
            Self::NotAChannel { channel, owner: Owner::User } => {
                format!("@{channel} is a person, not a channel")
            }
            Self::NotAChannel { channel, owner: Owner::Bot } => {
                format!("@{channel} is a bot, not a channel")
            }
            Self::Group { channel } => format!("@{channel} is a group, not a channel"),
            Self::PreviewOff { channel } => {
                format!("@{channel} does not show its posts outside Telegram")
            }
            Self::Blocked { channel, .. } => format!("Telegram does not show @{channel} here"),
            Self::Throttled { .. } => "Telegram asks us to slow down".to_owned(),
            Self::Busy { .. } => "Too many requests are waiting".to_owned(),
            Self::OverBudget { .. } => "You ask for too much that is new".to_owned(),
            Self::Unreachable(_) => "Telegram cannot be reached".to_owned(),
            Self::Timeout { .. } => "Telegram takes too long to answer".to_owned(),
            Self::MarkupChanged(_) => "Telegram’s page is not as we know it".to_owned(),
        }
    }

    /// Why, and what to do.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::NotFound { .. } => "Telegram knows nobody by this name. Check its spelling; a channel that was renamed has to be subscribed to under its new name, and a private one cannot be read.".to_owned(),
            Self::PostNotFound { .. } => "Telegram does not show it: it was deleted, never existed, or can be read in the app only. Check the number, or open the channel itself.".to_owned(),
            Self::NotAChannel { .. } => "Only public channels have posts that can be read. If you look for this person’s or bot’s channel, paste the channel’s own link.".to_owned(),
            Self::Group { .. } => "Telegram shows no list of a group’s messages, so there is no feed of it. Links to single messages of the group work.".to_owned(),
            Self::PreviewOff { .. } => "The channel exists, but its owner or Telegram switched the public preview off. It can be read in the app only; if the preview is switched on again, this address begins to work.".to_owned(),
            Self::Blocked { reason, .. } => format!("The channel exists, but Telegram blocks it on the web.{} It may be readable in the app; if Telegram shows it again, this address begins to work.", said(reason.as_deref())),
            Self::Throttled { retry_after } => format!("This server has asked Telegram too often and is pausing. Nothing is wrong with the channel. Try again in {}.", spell(*retry_after)),
            Self::Busy { retry_after } => format!("So many channels are asked for at once that this one’s turn would come too late. Try again in {}.", spell(*retry_after)),
            Self::OverBudget { retry_after } => format!("So that there is a turn for everybody, each client may ask for so many channels, searches and older posts at a time that are not known here yet. What is known is not counted. Try again in {}.", spell(*retry_after)),
            Self::Unreachable(outage @ Outage::Network { proxied, .. }) => {
                let advice = if *proxied { "check that the proxies of upstream.proxies run and may go there" } else { "check its network, or set upstream.proxies" };
                format!("{outage}. This usually passes. Try again in a minute; if it stays so, whoever runs this server should {advice}.")
            }
            Self::Unreachable(outage) => format!("{outage}. This usually passes: try again in a minute."),
            Self::Timeout { limit } => format!("There was no whole answer within {}. This usually passes: try again in a minute.", spell(*limit)),
            Self::MarkupChanged(oddity) => format!("Telegram answers, but {oddity}. Try again later; if it stays so, a newer version of feedline may be needed."),
        }
    }

    pub(super) fn from_net(error: net::Error) -> Self {
        match error {
            net::Error::Network { host, cause, proxied } => {
                Self::Unreachable(Outage::Network { host, cause, proxied })
            }
            net::Error::Timeout { limit, .. } => Self::Timeout { limit },
            net::Error::TooLarge { limit, .. } => Self::MarkupChanged(Oddity::TooLarge { limit }),
            net::Error::Busy { retry_after } => Self::Busy { retry_after },
            net::Error::CoolDown { retry_after } => Self::Throttled { retry_after },
        }
    }

    /// Telegram turns us away, for this long or, if it does not say, half a minute; whole seconds, at least one.
    pub(super) fn throttled(pause: Option<Duration>) -> Self {
        Self::Throttled { retry_after: whole_seconds(pause.unwrap_or(30 * SECOND)) }
    }

    /// The queue is too long for whoever waits: there will be room after this pause.
    #[must_use]
    pub fn busy(pause: Duration) -> Self {
        Self::Busy { retry_after: whole_seconds(pause) }
    }

    /// The client may ask for something new after this pause.
    #[must_use]
    pub fn over_budget(pause: Duration) -> Self {
        Self::OverBudget { retry_after: whole_seconds(pause) }
    }
}

/// Telegram's reason as a sentence behind another; empty when it gave none.
fn said(reason: Option<&str>) -> String {
    let end = |reason: &str| if reason.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    reason.map(|said| format!(" Telegram says: “{said}”{}", end(said))).unwrap_or_default()
}

/// As a header carries it: at least a second, at most a day.
fn whole_seconds(pause: Duration) -> Duration {
    let seconds = pause.as_secs().saturating_add(u64::from(pause.subsec_nanos() > 0));
    Duration::from_secs(seconds.clamp(1, 24 * 60 * 60))
}

/// A pause in words: `40 s`, `1 min 43 s`, `2 h 5 min`; of hours, begun minutes count.
fn spell(pause: Duration) -> String {
    let seconds = pause.as_secs().max(1);
    let minutes = seconds.div_ceil(60);
    match (seconds, seconds % 60, minutes % 60) {
        (..60, ..) => format!("{seconds} s"),
        (60..3600, 0, _) => format!("{minutes} min"),
        (60..3600, rest, _) => format!("{} min {rest} s", seconds / 60),
        (_, _, 0) => format!("{} h", minutes / 60),
        (_, _, rest) => format!("{} h {rest} min", minutes / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel() -> ChannelName {
        ChannelName::parse("example").unwrap()
    }

    #[test]
    fn every_refusal_has_the_code_status_and_life_of_the_table() {
        let pause = 90 * SECOND;
        let id = MessageId::new(7).unwrap();
        for (refusal, code, status, kept, retry_after) in [
            (Refusal::NotFound { channel: channel() }, "not_found", 404, HOUR, None),
            (Refusal::PostNotFound { channel: channel(), id }, "not_found", 404, HOUR, None),
            (
                Refusal::NotAChannel { channel: channel(), owner: Owner::Bot },
                "not_a_channel",
                404,
                24 * HOUR,
                None,
            ),
            (Refusal::Group { channel: channel() }, "group", 404, 24 * HOUR, None),
            (Refusal::PreviewOff { channel: channel() }, "preview_off", 404, 6 * HOUR, None),
            (Refusal::Blocked { channel: channel(), reason: None }, "blocked", 404, 6 * HOUR, None),
            (Refusal::Throttled { retry_after: pause }, "throttled", 429, pause, Some(pause)),
            (Refusal::Busy { retry_after: pause }, "busy", 429, Duration::ZERO, Some(pause)),
            (Refusal::OverBudget { retry_after: pause }, "busy", 429, Duration::ZERO, Some(pause)),
            (Refusal::Unreachable(Outage::Cut), "unreachable", 502, 30 * SECOND, None),
            (Refusal::Timeout { limit: 15 * SECOND }, "timeout", 504, 30 * SECOND, None),
            (Refusal::MarkupChanged(Oddity::Status(418)), "markup_changed", 502, 5 * MINUTE, None),
        ] {
            assert_eq!(refusal.code(), code);
            assert_eq!(refusal.status(), status, "{code}");
            assert_eq!(refusal.kept(), kept, "{code}");
            assert_eq!(refusal.retry_after(), retry_after, "{code}");
            assert_eq!(refusal.to_string(), format!("{}: {}", refusal.title(), refusal.detail()));
        }
    }

    #[test]
    fn the_reason_of_a_block_is_told_where_telegram_names_one() {
        let blocked = |reason: Option<&str>| {
            Refusal::Blocked { channel: channel(), reason: reason.map(Into::into) }.detail()
        };
        let told = "web. Telegram says: “It broke a law.” It may";
        assert!(blocked(Some("It broke a law.")).contains(told));
        assert!(blocked(Some("Broke a law")).contains("says: “Broke a law”. It may"));
        assert!(blocked(None).contains("web. It may"));
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let refusal = Refusal::throttled(Some(Duration::from_millis(119_500)));
        assert_eq!(refusal.retry_after(), Some(120 * SECOND));
        assert!(refusal.detail().ends_with("Try again in 2 min."), "{}", refusal.detail());
        for (seconds, told) in [
            (0, "1 s"),
            (59, "59 s"),
            (103, "1 min 43 s"),
            (3600, "1 h"),
            (3601, "1 h 1 min"),
            (7199, "2 h"),
        ] {
            assert_eq!(spell(seconds * SECOND), told);
        }
        let refusal = Refusal::Unreachable(Outage::Network {
            host: "t.me".to_owned(),
            cause: net::Cause::Refused,
            proxied: false,
        });
        assert!(
            refusal.detail().starts_with("t.me cannot be reached: the connection is refused. "),
            "{}",
            refusal.detail()
        );
        assert!(refusal.detail().ends_with("or set upstream.proxies."), "{}", refusal.detail());
        let refusal = Refusal::Unreachable(Outage::Network {
            host: "t.me".to_owned(),
            cause: net::Cause::Proxy,
            proxied: true,
        });
        assert!(!refusal.detail().contains("set upstream"), "{}", refusal.detail());
        assert!(refusal.detail().contains("the proxies of upstream.proxies run"));
        let refusal = Refusal::Unreachable(Outage::Status(502));
        assert!(!refusal.detail().contains("upstream"), "{}", refusal.detail());
    }

    #[test]
    fn what_the_network_says_becomes_a_refusal_of_the_table() {
        let host = || "t.me".to_owned();
        for (error, code) in [
            (
                net::Error::Network { host: host(), cause: net::Cause::Dns, proxied: false },
                "unreachable",
            ),
            (net::Error::Timeout { host: host(), limit: SECOND }, "timeout"),
            (net::Error::TooLarge { host: host(), limit: 1 }, "markup_changed"),
            (net::Error::Busy { retry_after: SECOND }, "busy"),
            (net::Error::CoolDown { retry_after: SECOND }, "throttled"),
        ] {
            assert_eq!(Refusal::from_net(error).code(), code);
        }
    }
}
