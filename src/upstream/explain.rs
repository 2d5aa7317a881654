//! What a name is that has no list of posts, and what an answer is worth that may be meant for us alone.

use std::time::Duration;

use super::canary::{Freshness, Health, Page};
use super::document::{self, Answer, Outcome};
use super::query::{embed_path, landing_path};
use super::{Face, Owner, Refusal, Stop, UnexpectedPage};
use crate::model::{ChannelName, MessageId};
use crate::net::{OutboundId, Priority};
use crate::telegram::embed;
use crate::telegram::landing::{self, Landing, LandingKind};
use crate::text::{excerpt, is_blank};

/// The columns of a reason that is passed on: Telegram's have about sixty.
const MOST_COLUMNS: usize = 160;

impl Face {
    /// The card of whoever has a name, and the outbound address that it came through. That nobody has it is
    /// believed only while the canary answers.
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
                Err(self.doubt(retry_after, outbound, priority).await)
            }
            Outcome::Document { value, .. } if value.kind != LandingKind::Missing => {
                Ok((value, outbound))
            }
            // UPSTREAM(2026-08): a name that Telegram cannot have is sent to its home page.
            Outcome::Document { .. } | Outcome::Redirect(_) => {
                self.consult(Page::Landing, Freshness::Held, outbound, priority).await?;
                Err(Refusal::NotFound { channel: channel.clone() }.into())
            }
        }
    }

    /// Why a name has no list: its landing page says what it is.
    pub(super) async fn explain(
        &self,
        channel: &ChannelName,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Stop {
        let (landing, outbound) = match self.landing(channel, Some(outbound), priority).await {
            Ok(found) => found,
            Err(stop) => return stop,
        };
        let channel = channel.clone();
        let refusal = match landing.kind {
            LandingKind::User => Refusal::NotAChannel { channel, owner: Owner::User },
            LandingKind::Bot => Refusal::NotAChannel { channel, owner: Owner::Bot },
            LandingKind::Group => Refusal::Group { channel },
            LandingKind::Channel { has_preview: false } => Refusal::PreviewOff { channel },
            LandingKind::Channel { has_preview: true } => {
                // The card promises a list that does not come: so it may be with every list.
                match self.consult(Page::List, Freshness::Held, outbound, priority).await {
                    Ok(()) => Refusal::PreviewOff { channel },
                    Err(stop) => return stop,
                }
            }
            LandingKind::Blocked => {
                match self.reason_of_block(&channel, outbound, priority).await {
                    Ok(reason) => Refusal::Blocked { channel, reason },
                    Err(stop) => return stop,
                }
            }
            LandingKind::Missing | LandingKind::Other => {
                Refusal::MarkupChanged(UnexpectedPage::Card)
            }
        };
        refusal.into()
    }

    /// Why Telegram does not show a channel: the page of any of its posts may say so. That it does not, or cannot be had,
    /// changes nothing about the block; only a sign of throttling goes first.
    async fn reason_of_block(
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
                Err(self.doubt(retry_after, outbound, priority).await)
            }
            Ok(Outcome::Document { .. } | Outcome::Redirect(_)) | Err(_) => Ok(None),
        }
    }

    /// Telegram said no to one channel in a way that may be meant for us. When the canary is well, it is about the
    /// channel, and nothing backs off.
    pub(super) async fn doubt(
        &self,
        retry_after: Option<Duration>,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Stop {
        match self.consult(Page::Landing, Freshness::Now, outbound, priority).await {
            Ok(()) => Stop::Refused(Refusal::throttled(retry_after)),
            Err(Stop::Throttled(_)) if retry_after.is_some() => {
                // The longer of what the channel's answer and the canary's ask for.
                self.hosts.client.throttled(outbound, retry_after);
                self.back_off(outbound)
            }
            Err(stop) => stop,
        }
    }

    /// Whether the canary answers well through this outbound address.
    pub(super) async fn consult(
        &self,
        page: Page,
        freshness: Freshness,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Result<(), Stop> {
        match self.canary.ask(&self.hosts, page, freshness, outbound, priority).await {
            Health::Good => Ok(()),
            Health::Refused => Err(self.back_off(outbound)),
            Health::Unknown(refusal) => Err(refusal.into()),
        }
    }

    fn back_off(&self, outbound: OutboundId) -> Stop {
        Stop::Throttled(Refusal::throttled(Some(self.hosts.client.backoff(Some(outbound)))))
    }
}

/// Telegram's words as a reason: one short line. That a post or channel is not found is none.
fn reason(text: &str) -> Option<Box<str>> {
    let is_reason = !is_blank(text) && !text.to_lowercase().contains("not found");
    is_reason.then(|| excerpt(text, MOST_COLUMNS).into())
}
