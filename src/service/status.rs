//! How this feedline is doing: what an operator wants to see, and strangers may.
//!
//! Followed channels stand in the settings, and are shown on the start page; of all others there are totals only: what
//! people read here is nobody's business.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Key;
use super::persistence::unread;
use super::schedule::Outlook;
use super::{Inner, Service};
use crate::model::ChannelName;
pub use crate::upstream::{OutboundTraffic, Traffic};

/// How long what was gathered is shown again: gathering looks at all that is known.
const TTL: Duration = Duration::from_secs(5);

/// How this feedline is doing.
#[derive(Clone, Debug)]
pub struct Status {
    /// When it was looked at.
    pub date: DateTime<Utc>,
    /// The followed channels, in the order of the settings.
    pub followed: Vec<Followed>,
    /// Channels that are kept: of the archive or, when it cannot be read, in memory.
    pub channels: u64,
    /// Posts that are kept, likewise.
    pub posts: u64,
    /// What is refreshed ahead of demand.
    pub outlook: Outlook,
    /// What is asked of Telegram.
    pub traffic: Traffic,
    /// Bytes that the archive takes; `None`: it cannot be read now.
    pub archive_size: Option<u64>,
    /// What is wrong with the archive: its error's code.
    pub archive_fault: Option<&'static str>,
    /// Rows of the archive that were met and cannot be decoded.
    pub archive_undecodable: usize,
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

impl Service {
    /// How this feedline is doing; a few seconds old at most.
    pub async fn status(&self) -> Arc<Status> {
        // Whoever asks meanwhile waits for the same look.
        let mut last = self.0.last_status.0.lock().await;
        match &*last {
            Some((looked, status)) if looked.elapsed() < TTL => Arc::clone(status),
            _ => {
                let status = Arc::new(self.0.look().await);
                *last = Some((Instant::now(), Arc::clone(&status)));
                status
            }
        }
    }
}

impl Inner {
    async fn look(&self) -> Status {
        let info = self.archive.info().await;
        let (channels, posts) = match &info {
            Ok(info) => (info.channels, info.posts),
            Err(_) => self.in_memory(),
        };
        let fault = self.archive.health().err().or(info.as_ref().err().cloned());
        let follow = &self.settings.schedule.follow;
        Status {
            date: self.clock.now(),
            followed: follow.iter().map(|name| self.look_at(name)).collect(),
            channels,
            posts,
            outlook: self.schedule.outlook(),
            traffic: self.upstream.traffic(),
            archive_size: info.map_err(unread).ok().map(|info| info.size + info.pending),
            archive_fault: fault.map(|error| error.code()),
            archive_undecodable: self.archive.rows_set_aside(),
        }
    }

    /// Channels and posts.
    fn in_memory(&self) -> (u64, u64) {
        let sizes = self.memory.channels.iter().map(|(_, known)| known.snapshot.posts.len() as u64);
        sizes.fold((0, 0), |(channels, posts), size| (channels + 1, posts + size))
    }

    fn look_at(&self, name: &ChannelName) -> Followed {
        let planned = self.schedule.channel(&Key::from(name.key()));
        let known = self.memory.channels.get(&planned.key);
        let channel = known.as_ref().map(|known| &known.snapshot.channel);
        Followed {
            name: channel
                .map_or_else(|| present(name, &planned.key), |channel| channel.name.clone()),
            title: channel.map(|channel| channel.title.clone()),
            fetched: planned.fetched,
            next: planned.next,
            refusal: planned.refusal,
        }
    }
}

/// The name that a channel has now, as the settings write it if it is the same.
fn present(name: &ChannelName, key: &str) -> ChannelName {
    if name.key() == key { name.clone() } else { ChannelName::parse(key).unwrap_or(name.clone()) }
}
