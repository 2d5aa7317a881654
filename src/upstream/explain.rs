//! What a name is that has no list of posts, and what an answer is worth that may be meant for us alone.

use std::time::Duration;

use super::canary::{Freshness, Health, Page};
use super::document::{self, Outcome};
use super::query::landing_path;
use super::{Face, Owner, Refusal, Stop};
use crate::model::ChannelName;
use crate::net::{OutboundId, Priority};
use crate::telegram::landing::{self, LandingKind};

impl Face {
    /// Why a name has no list: its landing page says what it is.
    pub(super) async fn explain(
        &self,
        channel: &ChannelName,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Stop {
        let path = landing_path(channel);
        let answer =
            document::fetch(&self.hosts, &path, Some(outbound), priority, landing::parse).await;
        let (answer, outbound) = match answer {
            Ok(answer) => (answer.outcome, answer.outbound),
            Err(refusal) => return refusal.into(),
        };
        let channel = channel.clone();
        let (doubt, refusal) = match answer {
            Outcome::Throttled { retry_after } => {
                return self.doubt(retry_after, outbound, priority).await;
            }
            // UPSTREAM(2026-08): a name that Telegram cannot have is sent to its home page.
            Outcome::Redirect(_) => (Some(Page::Landing), Refusal::NotFound { channel }),
            Outcome::Document { value, .. } => match value.kind {
                LandingKind::User => (None, Refusal::NotAChannel { channel, owner: Owner::User }),
                LandingKind::Bot => (None, Refusal::NotAChannel { channel, owner: Owner::Bot }),
                LandingKind::Group => (None, Refusal::Group { channel }),
                LandingKind::Channel { has_preview: false } => {
                    (None, Refusal::PreviewOff { channel })
                }
                // The card promises a list that does not come: so it may be with every list.
                LandingKind::Channel { has_preview: true } => {
                    (Some(Page::List), Refusal::PreviewOff { channel })
                }
                LandingKind::Missing | LandingKind::Other => {
                    (Some(Page::Landing), Refusal::NotFound { channel })
                }
            },
        };
        let Some(page) = doubt else { return refusal.into() };
        match self.consult(page, Freshness::Held, outbound, priority).await {
            Ok(()) => refusal.into(),
            Err(stop) => stop,
        }
    }

    /// Telegram said no to one channel in a way that may be meant for us. When the canary is well, it is about the
    /// channel, and nothing cools down.
    pub(super) async fn doubt(
        &self,
        retry_after: Option<Duration>,
        outbound: OutboundId,
        priority: &Priority,
    ) -> Stop {
        match self.consult(Page::Landing, Freshness::Now, outbound, priority).await {
            Ok(()) => Refusal::throttled(retry_after).into(),
            Err(stop) => {
                if matches!(stop, Stop::Throttled(_)) && retry_after.is_some() {
                    self.hosts.client.throttled(outbound, retry_after);
                }
                stop
            }
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
            Health::Refused => Err(Stop::Throttled(outbound)),
            Health::Unknown(refusal) => Err(refusal.into()),
        }
    }
}
