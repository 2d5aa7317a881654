//! Makes one attempt at each kind of Telegram's pages: a channel's list, a post's own page, a name's landing page, an
//! emoji.
//!
//! The landing page of a name explains why its list redirects. A response that may concern feedline rather than the
//! channel is checked with the canary, through the same outbound address: if the canary is refused too, the address
//! backs off.

use std::time::Duration;

use tokio::time::sleep;

use super::canary::{Canary, CanaryPage, Freshness, Health};
use super::document::{self, Answer, Outcome, Parser};
use super::emoji;
use super::hosts::Hosts;
use super::query::{Query, embed_path, landing_path, list_path, redirected_to};
use super::refusal::{NetworkError, Owner, Refusal, UnexpectedPage};
use crate::model::{ChannelName, MessageId, Page, Post};
use crate::net::{OutboundId, Priority};
use crate::telegram::Warning;
use crate::telegram::embed;
use crate::telegram::landing::{self, Landing, LandingKind};
use crate::telegram::preview::{self, Parsed};
use crate::text::{Address, excerpt, is_blank};

/// The delay before an empty newest page is fetched again.
const EMPTY_PAGE_PAUSE: Duration = Duration::from_secs(2);

/// The maximum width of a block's reason, in columns: Telegram's have about sixty.
const MAX_REASON_COLUMNS: usize = 160;

#[derive(Clone, Debug)]
pub struct Fetched {
    /// If the page is truncated, its last block is dropped, and missing posts do not count as deleted.
    pub page: Page,
    pub warnings: Vec<Warning>,
    /// The time of this request, without the queue.
    pub elapsed: Duration,
}

#[derive(Clone, Debug)]
pub struct FetchedPost {
    /// The requested message is one of its members.
    pub post: Post,
    /// The title of its channel or group.
    pub title: Option<String>,
    /// The channel is verified.
    pub verified: bool,
    pub warnings: Vec<Warning>,
}

/// The reason why an attempt ends without a page.
#[derive(Debug)]
pub(super) enum Stop {
    /// The refusal is certain.
    Refused(Refusal),
    /// The outbound address is throttled and backs off; another one may work.
    Throttled(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Throttled { .. } => Self::Throttled(refusal),
            _ => Self::Refused(refusal),
        }
    }
}

impl From<Stop> for Refusal {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(refusal) | Stop::Throttled(refusal) => refusal,
        }
    }
}

#[derive(Debug)]
pub(super) struct Pages {
    hosts: Hosts,
    canary: Canary,
}

impl Pages {
    pub(super) fn new(hosts: Hosts, canary: Canary) -> Self {
        Self { hosts, canary }
    }

    pub(super) fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    pub(super) fn canary_name(&self) -> &ChannelName {
        self.canary.name()
    }

    pub(super) async fn list(
        &self,
        channel: &ChannelName,
        query: &Query,
        priority: &Priority,
    ) -> Result<Fetched, Stop> {
        let mut name = channel.clone();
        let mut answer = self.fetch_list(&name, query, None, priority).await?;
        if let Outcome::Redirect(Some(location)) = &answer.outcome
            && let Some(other) = redirected_to(location, self.hosts.bases())
            && other != name
        {
            // The channel was renamed: one redirect is followed.
            name = other;
            answer = self.fetch_list(&name, query, Some(answer.outbound), priority).await?;
        }
        // UPSTREAM(2026-08): "No posts found" on a newest page may be the response of an overloaded server. With a
        // position or words it can be trusted.
        if *query == Query::Newest && is_empty(&answer) && is_whole(&answer) {
            sleep(EMPTY_PAGE_PAUSE).await;
            answer = self.fetch_list(&name, query, Some(answer.outbound), priority).await?;
            if is_empty(&answer) {
                self.check_canary(CanaryPage::List, Freshness::Recent, answer.outbound, priority)
                    .await?;
            }
        }
        let Answer { outcome, outbound, elapsed } = answer;
        match outcome {
            Outcome::Document { value: Parsed { mut page, warnings }, is_whole } => {
                page.is_whole &= is_whole;
                if !page.is_whole {
                    drop_last_block(&mut page);
                    if page.posts.is_empty() {
                        return Err(Refusal::Unreachable(NetworkError::Truncated).into());
                    }
                }
                if !page.posts.is_empty() {
                    self.hosts.client.answered(outbound);
                }
                Ok(Fetched { page, warnings, elapsed })
            }
            Outcome::Redirect(_) => Err(self.explain(name, outbound, priority).await),
            Outcome::Throttled { retry_after } => {
                Err(self.check_throttling(retry_after, outbound, priority).await)
            }
        }
    }

    async fn fetch_list(
        &self,
        name: &ChannelName,
        query: &Query,
        through: Option<OutboundId>,
        priority: &Priority,
    ) -> Result<Answer<Parsed>, Refusal> {
        let path = list_path(name, query);
        document::fetch(&self.hosts, &path, through, priority, list_parser(name)).await
    }

    /// Fetches a post from the page that other sites embed. This also works for public groups, which have no list.
    pub(super) async fn post(
        &self,
        channel: &ChannelName,
        id: MessageId,
        priority: &Priority,
    ) -> Result<FetchedPost, Stop> {
        let path = embed_path(channel, id);
        let name = channel.clone();
        let parse = move |html: &str| embed::parse_of(&name, html);
        let answer = document::fetch(&self.hosts, &path, None, priority, parse).await?;
        let Answer { outcome, outbound, .. } = answer;
        match outcome {
            // A truncated page may lack the text or the media.
            Outcome::Document { is_whole: false, .. } => {
                Err(Refusal::Unreachable(NetworkError::Truncated).into())
            }
            Outcome::Document {
                value: embed::Answer::Post { post, title, verified, warnings },
                ..
            } => {
                // UPSTREAM(2026-08): an embed may show another post than the requested one. An album is shown for each
                // of its members.
                if !post.members.contains(&id) {
                    return Err(Refusal::MarkupChanged(UnexpectedPage::AnotherPost).into());
                }
                self.hosts.client.answered(outbound);
                Ok(FetchedPost { post: *post, title, verified, warnings })
            }
            Outcome::Document { value: embed::Answer::Refused(_), .. } | Outcome::Redirect(_) => {
                self.check_canary(CanaryPage::Landing, Freshness::Recent, outbound, priority)
                    .await?;
                Err(Refusal::PostNotFound { channel: channel.clone(), id }.into())
            }
            Outcome::Throttled { retry_after } => {
                Err(self.check_throttling(retry_after, outbound, priority).await)
            }
        }
    }

    /// Fetches the landing page of a name, and returns its outbound address too. A missing name is believed only if the
    /// canary answers.
    pub(super) async fn landing(
        &self,
        channel: &ChannelName,
        through: Option<OutboundId>,
        priority: &Priority,
    ) -> Result<(Landing, OutboundId), Stop> {
        let path = landing_path(channel);
        let answer = document::fetch(&self.hosts, &path, through, priority, landing::parse).await?;
        let Answer { outcome, outbound, .. } = answer;
        match outcome {
            Outcome::Throttled { retry_after } => {
                Err(self.check_throttling(retry_after, outbound, priority).await)
            }
            Outcome::Document { value, .. } if value.kind != LandingKind::Missing => {
                Ok((value, outbound))
            }
            // UPSTREAM(2026-08): an impossible name redirects to Telegram's home page.
            Outcome::Document { .. } | Outcome::Redirect(_) => {
                self.check_canary(CanaryPage::Landing, Freshness::Recent, outbound, priority)
                    .await?;
                Err(Refusal::NotFound { channel: channel.clone() }.into())
            }
        }
    }

    /// See [`Upstream::emoji`](super::Upstream::emoji).
    pub(super) async fn emoji(
        &self,
        id: u64,
        priority: &Priority,
    ) -> Result<Option<Address>, Stop> {
        let path = format!("/i/emoji/{id}.json");
        let response = self.hosts.fetch(&path, None, priority).await?;
        let refusal = match response.status {
            200 if !response.whole => Refusal::Unreachable(NetworkError::Truncated),
            200 => match emoji::picture(&response.text) {
                Some(picture) => return Ok(picture),
                None => Refusal::MarkupChanged(UnexpectedPage::Unread),
            },
            404 => return Ok(None),
            403 | 429 => {
                let (retry_after, outbound) = (response.retry_after, response.outbound);
                return Err(self.check_throttling(retry_after, outbound, priority).await);
            }
            status @ 500..=599 => Refusal::Unreachable(NetworkError::Status(status)),
            status => Refusal::MarkupChanged(UnexpectedPage::Status(status)),
        };
        Err(refusal.into())
    }

    /// Explains by the landing page why a name has no list.
    async fn explain(
        &self,
        channel: ChannelName,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Stop {
        let (landing, outbound) = match self.landing(&channel, Some(outbound), priority).await {
            Ok(found) => found,
            Err(stop) => return stop,
        };
        let refusal = match landing.kind {
            LandingKind::User => Refusal::NotAChannel { channel, owner: Owner::User },
            LandingKind::Bot => Refusal::NotAChannel { channel, owner: Owner::Bot },
            LandingKind::Group => Refusal::Group { channel },
            LandingKind::Channel { has_preview: false } => Refusal::PreviewOff { channel },
            LandingKind::Channel { has_preview: true } => {
                // The landing page links to a list, but the list redirects. Perhaps Telegram serves no list at all.
                let (page, freshness) = (CanaryPage::List, Freshness::Recent);
                match self.check_canary(page, freshness, outbound, priority).await {
                    Ok(()) => Refusal::PreviewOff { channel },
                    Err(stop) => return stop,
                }
            }
            LandingKind::Blocked => match self.block_reason(&channel, outbound, priority).await {
                Ok(reason) => Refusal::Blocked { channel, reason },
                Err(stop) => return stop,
            },
            LandingKind::Missing | LandingKind::Other => {
                Refusal::MarkupChanged(UnexpectedPage::Card)
            }
        };
        refusal.into()
    }

    /// Telegram's reason for a block, which the page of any post of the channel may have. Errors other than throttling
    /// do not change the block.
    async fn block_reason(
        &self,
        channel: &ChannelName,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Result<Option<Box<str>>, Stop> {
        let path = embed_path(channel, MessageId::FIRST);
        let answer =
            document::fetch(&self.hosts, &path, Some(outbound), priority, embed::parse).await;
        match answer.map(|answer| answer.outcome) {
            Ok(Outcome::Document { value: embed::Answer::Refused(refusal), .. }) => {
                Ok(reason(&refusal.text))
            }
            Ok(Outcome::Throttled { retry_after }) => {
                Err(self.check_throttling(retry_after, outbound, priority).await)
            }
            Ok(Outcome::Document { .. } | Outcome::Redirect(_)) | Err(_) => Ok(None),
        }
    }

    /// Handles a response that looks like throttling. If the canary is good, only the channel is refused, without a
    /// back-off.
    async fn check_throttling(
        &self,
        retry_after: Option<Duration>,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Stop {
        let (page, freshness) = (CanaryPage::Landing, Freshness::Now);
        match self.check_canary(page, freshness, outbound, priority).await {
            Ok(()) => Stop::Refused(Refusal::throttled(retry_after)),
            Err(Stop::Throttled(_)) if retry_after.is_some() => {
                // The longer pause of both responses applies.
                self.hosts.client.throttled(outbound, retry_after);
                self.back_off(outbound)
            }
            Err(stop) => stop,
        }
    }

    /// Returns an error unless the canary answers through this outbound address.
    async fn check_canary(
        &self,
        page: CanaryPage,
        freshness: Freshness,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Result<(), Stop> {
        match self.canary.check(&self.hosts, page, freshness, outbound, priority).await {
            Health::Good => Ok(()),
            Health::Refused => Err(self.back_off(outbound)),
            Health::Unknown(refusal) => Err(refusal.into()),
        }
    }

    fn back_off(&self, outbound: OutboundId) -> Stop {
        Stop::Throttled(Refusal::throttled(Some(self.hosts.client.backoff(Some(outbound)))))
    }
}

fn list_parser(name: &ChannelName) -> impl Parser<Parsed> + use<> {
    let name = name.clone();
    move |html: &str| preview::parse_of(&name, html)
}

fn is_empty(answer: &Answer<Parsed>) -> bool {
    let Outcome::Document { value: Parsed { page, .. }, .. } = &answer.outcome else {
        return false;
    };
    page.posts.is_empty() && (page.says_empty || page.blocks == 0)
}

fn is_whole(answer: &Answer<Parsed>) -> bool {
    matches!(answer.outcome, Outcome::Document { is_whole: true, .. })
}

/// The last block of a truncated page may be half a post.
fn drop_last_block(page: &mut Page) {
    let last_post = page.posts.last().and_then(|post| post.members.iter().max().copied());
    let last_unreadable = page.unreadable.iter().max().copied();
    if last_unreadable > last_post {
        page.unreadable.retain(|id| Some(*id) != last_unreadable);
    } else {
        page.posts.pop();
    }
    page.blocks = page.blocks.saturating_sub(1);
}

/// Telegram's text as a reason of one short line; "not found" is no reason.
fn reason(text: &str) -> Option<Box<str>> {
    let is_reason = !is_blank(text) && !text.to_lowercase().contains("not found");
    is_reason.then(|| excerpt(text, MAX_REASON_COLUMNS).into())
}
