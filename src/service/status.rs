//! The status of this server, for operators and visitors.
//!
//! Followed channels are public: the settings name them. Other channels appear only in totals, to keep reading habits
//! private.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Runtime;
use super::error::read_failed;
use super::schedule::Outlook;
use crate::model::ChannelName;
pub use crate::upstream::{OutboundTraffic, Traffic};

const TTL: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
pub struct Status {
    pub date: DateTime<Utc>,
    /// In the order of the settings.
    pub followed: Vec<Followed>,
    /// The channels in the archive or, if it cannot be read, in memory.
    pub channels: u64,
    /// The posts in the same place.
    pub posts: u64,
    pub outlook: Outlook,
    pub traffic: Traffic,
    /// In bytes; `None` if the archive cannot be read.
    pub archive_size: Option<u64>,
    pub archive_fault: Option<&'static str>,
    /// The rows of the archive that cannot be decoded.
    pub archive_undecodable: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The present name, in Telegram's spelling once the channel is in memory.
    pub name: ChannelName,
    /// `None` while the channel is not in memory.
    pub title: Option<String>,
    /// The date of the last success.
    pub fetched: Option<DateTime<Utc>>,
    /// The date of the next planned refresh; `None` while a refresh is in progress.
    pub next: Option<DateTime<Utc>>,
    /// The refusal's code, if the last attempt failed.
    pub refusal: Option<&'static str>,
}

pub(super) struct StatusReader {
    runtime: Arc<Runtime>,
    last: Mutex<Option<(Instant, Arc<Status>)>>,
}

impl StatusReader {
    pub(super) fn new(runtime: &Arc<Runtime>) -> Self {
        Self { runtime: Arc::clone(runtime), last: Mutex::default() }
    }

    /// The status, at most [`TTL`] old. Concurrent clients wait for the same read.
    pub(super) async fn status(&self) -> Arc<Status> {
        let mut last = self.last.lock().await;
        match &*last {
            Some((read, status)) if read.elapsed() < TTL => Arc::clone(status),
            _ => {
                let status = Arc::new(self.read().await);
                *last = Some((Instant::now(), Arc::clone(&status)));
                status
            }
        }
    }

    async fn read(&self) -> Status {
        let info = self.runtime.archive.info().await;
        let (channels, posts) = match &info {
            Ok(info) => (info.channels, info.posts),
            Err(_) => self.runtime.memory.count(),
        };
        let fault = self.runtime.archive.health().err().or(info.as_ref().err().cloned());
        let follow = &self.runtime.settings.schedule.follow;
        Status {
            date: self.runtime.clock.now(),
            followed: follow.iter().map(|name| self.followed(name)).collect(),
            channels,
            posts,
            outlook: self.runtime.schedule.plan().outlook(self.runtime.clock.now()),
            traffic: self.runtime.upstream.traffic(),
            archive_size: info.map_err(read_failed).ok().map(|info| info.size + info.pending),
            archive_fault: fault.map(|error| error.code()),
            archive_undecodable: self.runtime.archive.rows_set_aside(),
        }
    }

    fn followed(&self, name: &ChannelName) -> Followed {
        let plan = self.runtime.schedule.plan();
        let (key, planned) = plan.channel(&name.key().into());
        let state = self.runtime.memory.get(&key);
        let channel = state.as_ref().map(|state| &state.snapshot.channel);
        Followed {
            name: channel.map_or_else(|| present(name, &key), |channel| channel.name.clone()),
            title: channel.map(|channel| channel.title.clone()),
            fetched: planned.and_then(|planned| planned.fetched),
            next: planned.and_then(|planned| planned.deadline),
            refusal: planned.and_then(|planned| planned.refusal),
        }
    }
}

/// The present name of a channel, in the spelling of the settings if it is the same.
fn present(name: &ChannelName, key: &str) -> ChannelName {
    if name.key() == key { name.clone() } else { ChannelName::parse(key).unwrap_or(name.clone()) }
}
