//! How this feedline is doing: what an operator wants to see, and strangers may.
//!
//! Followed channels stand in the settings, and are shown on the start page; of all others there are totals only: what
//! people read here is nobody's business.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::memory::Key;
use super::schedule::Outlook;
use super::{Bridge, Inner};
use crate::model::ChannelName;
pub use crate::upstream::{OutboundTraffic, Traffic};

/// How long what was gathered is shown again: gathering looks at all that is known.
const LIFE: Duration = Duration::from_secs(5);

/// How this feedline is doing.
#[derive(Clone, Debug)]
pub struct Status {
    /// When it was looked at.
    pub date: DateTime<Utc>,
    /// The followed channels, in the order of the settings.
    pub followed: Vec<Followed>,
    /// Channels that are known.
    pub channels: u64,
    /// Posts that are known.
    pub posts: u64,
    /// What is refreshed ahead of demand.
    pub outlook: Outlook,
    /// What is asked of Telegram.
    pub traffic: Traffic,
}

/// A followed channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Its name, as Telegram writes it once it is known.
    pub name: ChannelName,
    /// What it calls itself, once it is known.
    pub title: Option<String>,
    /// When Telegram last gave its newest posts.
    pub fetched: Option<DateTime<Utc>>,
    /// When they are fetched next; `None`: now.
    pub next: Option<DateTime<Utc>>,
    /// Why the last attempt failed: the refusal's code.
    pub refusal: Option<&'static str>,
}

/// The last look.
#[derive(Default)]
pub(super) struct LastStatus(Mutex<Option<(Instant, Arc<Status>)>>);

impl Bridge {
    /// How this feedline is doing; a few seconds old at most.
    #[must_use]
    pub fn status(&self) -> Arc<Status> {
        let mut last = self.0.last_status.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((looked, status)) if looked.elapsed() < LIFE => Arc::clone(status),
            _ => {
                let status = Arc::new(self.0.look());
                *last = Some((Instant::now(), Arc::clone(&status)));
                status
            }
        }
    }
}

impl Inner {
    fn look(&self) -> Status {
        let (mut channels, mut posts) = (0, 0);
        for (_, known) in &self.memory.channels {
            channels += 1;
            posts += known.snapshot.posts.len() as u64;
        }
        let follow = &self.settings.schedule.follow;
        Status {
            date: self.clock.now(),
            followed: follow.iter().map(|name| self.look_at(name)).collect(),
            channels,
            posts,
            outlook: self.schedule.outlook(),
            traffic: self.upstream.traffic(),
        }
    }

    fn look_at(&self, name: &ChannelName) -> Followed {
        let sight = self.schedule.sight(&Key::from(name.key()));
        let present = self.memory.resolve(name, self.clock.now());
        let known = self.memory.channels.get(&Key::from(present.key()));
        let channel = known.as_ref().map(|known| &known.snapshot.channel);
        Followed {
            name: channel.map_or_else(|| name.clone(), |channel| channel.name.clone()),
            title: channel.map(|channel| channel.title.clone()),
            fetched: sight.fetched,
            next: sight.next,
            refusal: sight.refusal,
        }
    }
}
