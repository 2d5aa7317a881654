//! Asks Telegram's web face, and tells a page from a refusal.
//!
//! Telegram answers nearly everything with 200 or 302, whatever it means. From one question to
//! [`Upstream`], as many requests follow as it takes to be certain:
//!
//! - a list page that redirects is explained by the landing page of its name (`explain`);
//! - what looks like throttling, or like a name or posts that are not there, is put to the canary through
//!   the same outbound address (`canary`); only when that is refused too does the address back off, and
//!   then another outbound address is tried, if there is one;
//! - a page cut short is asked for once more (`document`);
//! - a host that cannot be reached is replaced by the next (`hosts`).
//!
//! Nothing is kept here but the canary's last words and which host failed: keeping answers is the service's.

mod canary;
mod document;
mod emoji;
mod explain;
mod hosts;
mod list;
mod post;
mod query;
mod refusal;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use list::Fetched;
pub use post::FetchedPost;
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

/// Telegram's web face. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Upstream(Arc<Face>);

#[derive(Debug)]
struct Face {
    hosts: Hosts,
    canary: Canary,
    file_hosts: FileHosts,
}

/// Why one attempt ends without a page.
#[derive(Debug)]
enum Stop {
    /// For certain.
    Refused(Refusal),
    /// The outbound address is throttled and in back-off; another one may do.
    Throttled(Refusal),
}

/// A host of Telegram's that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Which.
    pub host: String,
    /// How long it took.
    pub elapsed: Duration,
    /// What its clock says, to the second.
    pub date: Option<DateTime<Utc>>,
}

impl Upstream {
    /// Asks nothing yet.
    pub fn new(client: Client, settings: &Settings) -> Self {
        let canary = Canary::new(settings.canary.clone(), client.outbounds());
        Self(Arc::new(Face {
            hosts: Hosts::new(client, settings),
            canary,
            file_hosts: settings.file_hosts(),
        }))
    }

    /// A page of a channel's posts.
    ///
    /// It may come from the list of another name, when Telegram redirects there: `page.channel` tells. A page without
    /// posts is one: the channel has none, or none that match.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn page(
        &self,
        channel: &ChannelName,
        query: &Query,
        priority: &Priority,
    ) -> Result<Fetched, Refusal> {
        for _ in 1..self.0.hosts.client.outbounds() {
            match self.0.list(channel, query, priority).await {
                Err(Stop::Throttled(_)) if self.may_try_another() => {}
                outcome => return told(channel, outcome),
            }
        }
        told(channel, self.0.list(channel, query, priority).await)
    }

    /// One post of a channel or public group, through the page that others embed.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn post(
        &self,
        channel: &ChannelName,
        id: MessageId,
        priority: &Priority,
    ) -> Result<FetchedPost, Refusal> {
        for _ in 1..self.0.hosts.client.outbounds() {
            match self.0.post(channel, id, priority).await {
                Err(Stop::Throttled(_)) if self.may_try_another() => {}
                outcome => return outcome.map_err(Refusal::from),
            }
        }
        self.0.post(channel, id, priority).await.map_err(Refusal::from)
    }

    /// The card of whoever has a name: a channel, a group, a person, a bot.
    ///
    /// # Errors
    /// [`Refusal`], of which [`Refusal::NotFound`] says that nobody has it.
    pub async fn landing(
        &self,
        channel: &ChannelName,
        priority: &Priority,
    ) -> Result<Landing, Refusal> {
        let outcome = self.0.landing(channel, None, priority).await;
        outcome.map(|(landing, _)| landing).map_err(Refusal::from)
    }

    /// Whether Telegram keeps files there: see [`Settings::file_hosts`].
    ///
    /// SECURITY: a page that names a file elsewhere, to send readers there or to learn who reads -> no such file.
    pub fn keeps_files_at(&self, address: &Address) -> bool {
        address.to_url().is_some_and(|url| self.0.file_hosts.allows(&url))
    }

    /// Asks the first host that can be reached for the canary, and tells which it was and how long it took.
    ///
    /// # Errors
    /// [`Refusal`], when none can be reached. Any answer is good enough here.
    pub async fn reach(&self) -> Result<Reached, Refusal> {
        let path = query::landing_path(self.0.canary.name());
        let response = self.0.hosts.fetch(&path, None, &Priority::new(Class::Waiting)).await?;
        let host = response.url.host_str().unwrap_or_default().to_owned();
        Ok(Reached { host, elapsed: response.elapsed, date: response.date })
    }

    /// About how long a new question of this class would wait for its turn.
    pub fn wait(&self, class: Class) -> Duration {
        self.0.hosts.client.wait(class)
    }

    /// What is asked of Telegram at present.
    pub fn traffic(&self) -> Traffic {
        self.0.hosts.client.traffic()
    }

    fn may_try_another(&self) -> bool {
        self.0.hosts.client.backoff(None).is_zero()
    }
}

/// What came of a page. What was strange on it is told in the log: the parser watches itself.
fn told(channel: &ChannelName, outcome: Result<Fetched, Stop>) -> Result<Fetched, Refusal> {
    let fetched = outcome?;
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

impl From<Refusal> for Stop {
    /// A throttled address is the only reason to try another one.
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
