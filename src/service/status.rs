//! The status of this server, for operators and strangers.
//!
//! Followed channels are in the settings and on the start page; of other channels there are totals only: what people read is
//! private.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Runtime;
use super::channels::Channels;
use super::error::read_failed;
use super::schedule::{Outlook, Schedule};
use crate::archive::Archive;
use crate::model::ChannelName;
use crate::upstream::Upstream;
pub use crate::upstream::{OutboundTraffic, Traffic};

/// How long a status is shown again.
const TTL: Duration = Duration::from_secs(5);

/// The status of this server.
#[derive(Clone, Debug)]
pub struct Status {
    /// When it was read.
    pub date: DateTime<Utc>,
    /// The followed channels, in the order of the settings.
    pub followed: Vec<Followed>,
    /// Channels in the archive or, when it cannot be read, in memory.
    pub channels: u64,
    /// Posts, likewise.
    pub posts: u64,
    /// Refreshes ahead of demand.
    pub outlook: Outlook,
    /// Requests to Telegram.
    pub traffic: Traffic,
    /// Bytes of the archive; `None` when it cannot be read.
    pub archive_size: Option<u64>,
    /// The code of the archive's error.
    pub archive_fault: Option<&'static str>,
    /// Rows of the archive that were read and cannot be decoded.
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

/// See the module's documentation.
pub(super) struct StatusReader {
    pub(super) archive: Archive,
    pub(super) channels: Arc<Channels>,
    pub(super) schedule: Arc<Schedule>,
    pub(super) upstream: Upstream,
    pub(super) runtime: Runtime,
    pub(super) last: Mutex<Option<(Instant, Arc<Status>)>>,
}

impl StatusReader {
    /// The status; a few seconds old at most. Clients at the same time wait for the same read.
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
        let info = self.archive.info().await;
        let (channels, posts) = match &info {
            Ok(info) => (info.channels, info.posts),
            Err(_) => self.channels.count_in_memory(),
        };
        let fault = self.archive.health().err().or(info.as_ref().err().cloned());
        let follow = &self.runtime.settings.schedule.follow;
        Status {
            date: self.runtime.clock.now(),
            followed: follow.iter().map(|name| self.followed(name)).collect(),
            channels,
            posts,
            outlook: self.schedule.outlook(self.runtime.clock.now()),
            traffic: self.upstream.traffic(),
            archive_size: info.map_err(read_failed).ok().map(|info| info.size + info.pending),
            archive_fault: fault.map(|error| error.code()),
            archive_undecodable: self.archive.rows_set_aside(),
        }
    }

    fn followed(&self, name: &ChannelName) -> Followed {
        let planned = self.schedule.channel(name);
        let state = self.channels.get(&planned.key);
        let channel = state.as_ref().map(|state| &state.snapshot.channel);
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

/// The present name of a channel, as the settings write it if it is the same.
fn present(name: &ChannelName, key: &str) -> ChannelName {
    if name.key() == key { name.clone() } else { ChannelName::parse(key).unwrap_or(name.clone()) }
}
