//! Fetches Telegram's web pages, and decides whether a response is a page or a refusal.
//!
//! Telegram responds with status 200 or 302, whatever the meaning. One call of [`Upstream`] makes as many requests as
//! it takes to be certain:
//!
//! - A truncated page is fetched once more (`document`).
//! - An unreachable host is replaced by the next one (`hosts`).
//! - The landing page of a name explains why its list redirects (`pages`).
//! - A response that looks like throttling, or like a missing name or post, is checked with the canary through the same
//!   outbound address (`canary`). Only if the canary is refused too, the address backs off and another one is tried.
//!
//! Only the canary's last result and the failed hosts are cached here.

mod canary;
mod document;
mod emoji;
mod hosts;
mod pages;
mod query;
mod refusal;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use pages::{Fetched, FetchedPost};
pub use query::Query;
pub use refusal::{NetworkError, Owner, Refusal, UnexpectedPage};
pub use settings::Settings;

pub use crate::net::{Cause, Class, OutboundTraffic, Priority, Traffic};
pub use crate::telegram::{NotAPage, PARSER};

use crate::model::{ChannelName, MessageId};
use crate::net::{Client, FileHosts};
use crate::telegram::Landing;
use crate::text::Address;
use canary::Canary;
use hosts::Hosts;
use pages::{Pages, Stop};

/// Telegram's web pages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Upstream {
    pages: Arc<Pages>,
    file_hosts: Arc<FileHosts>,
}

/// A host of Telegram that responds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    pub host: String,
    /// The time of the request.
    pub elapsed: Duration,
    /// The host's clock, to the second.
    pub date: Option<DateTime<Utc>>,
}

impl Upstream {
    /// Makes no request.
    pub fn new(client: Client, settings: &Settings) -> Self {
        let canary = Canary::new(settings.canary.clone(), client.outbounds());
        let pages = Arc::new(Pages::new(Hosts::new(client, settings), canary));
        Self { pages, file_hosts: Arc::new(settings.file_hosts()) }
    }

    /// Fetches a page of a channel's posts. If Telegram redirects, it may be the list of another name (`page.channel`).
    /// A page without posts is a success: the channel has no posts, or none match.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn page(
        &self,
        channel: &ChannelName,
        query: &Query,
        priority: &Priority,
    ) -> Result<Fetched, Refusal> {
        let fetched = self.attempt(|| self.pages.list(channel, query, priority)).await?;
        if let Some(first) = fetched.warnings.first() {
            tracing::warn!(
                channel.name = %channel,
                warnings = fetched.warnings.len(),
                %first,
                "Telegram's page is not quite as we know it"
            );
        }
        Ok(fetched)
    }

    /// Fetches a post of a channel or public group, from the page that other sites embed.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn post(
        &self,
        channel: &ChannelName,
        id: MessageId,
        priority: &Priority,
    ) -> Result<FetchedPost, Refusal> {
        self.attempt(|| self.pages.post(channel, id, priority)).await
    }

    /// Fetches the landing page of a name: of a channel, a group, a person or a bot.
    ///
    /// # Errors
    /// [`Refusal`]; [`Refusal::NotFound`] if nobody has the name.
    pub async fn landing(
        &self,
        channel: &ChannelName,
        priority: &Priority,
    ) -> Result<Landing, Refusal> {
        Ok(self.pages.landing(channel, None, priority).await?.0)
    }

    /// Fetches the current address of a custom emoji's still picture; `None` if Telegram has no such emoji.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn emoji(&self, id: u64, priority: &Priority) -> Result<Option<Address>, Refusal> {
        Ok(self.pages.emoji(id, priority).await?)
    }

    /// Whether an address is on a host of Telegram's files: see [`Settings::file_hosts`].
    ///
    /// SECURITY: a page with a file on another host, to redirect or track readers -> the file is ignored.
    pub fn keeps_files_at(&self, address: &Address) -> bool {
        address.to_url().is_some_and(|url| self.file_hosts.allows(&url))
    }

    /// Requests the canary from the first host that can be reached. Any response is a success.
    ///
    /// # Errors
    /// [`Refusal`] if no host can be reached.
    pub async fn reach(&self) -> Result<Reached, Refusal> {
        let path = query::landing_path(self.pages.canary_name());
        let priority = Priority::new(Class::Waiting);
        let response = self.pages.hosts().fetch(&path, None, &priority).await?;
        let host = response.url.host_str().unwrap_or_default().to_owned();
        Ok(Reached { host, elapsed: response.elapsed, date: response.date })
    }

    /// The expected wait of a new request of this class.
    pub fn wait(&self, class: Class) -> Duration {
        self.pages.hosts().client.wait(class)
    }

    /// The current requests to Telegram.
    pub fn traffic(&self) -> Traffic {
        self.pages.hosts().client.traffic()
    }

    /// Makes an attempt, and another one through each outbound address that is not in back-off while the last one is
    /// throttled. No other refusal is a reason to repeat it.
    async fn attempt<T, F: Future<Output = Result<T, Stop>>>(
        &self,
        attempt: impl Fn() -> F,
    ) -> Result<T, Refusal> {
        let client = &self.pages.hosts().client;
        let mut outcome = attempt().await;
        for _ in 1..client.outbounds() {
            if !matches!(outcome, Err(Stop::Throttled(_))) || !client.backoff(None).is_zero() {
                break;
            }
            outcome = attempt().await;
        }
        Ok(outcome?)
    }
}
