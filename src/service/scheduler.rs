//! Runs the jobs of the schedule as background work, and stores the visits from which it plans.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use super::channels::Channels;
use super::clock::Clock;
use super::error::{Error, read_failed, store_failed};
use super::history::History;
use super::memory::ChannelState;
use super::refresh::Refresher;
use super::schedule::{Failure, Job, Schedule};
use crate::archive::Archive;
use crate::model::ChannelName;
use crate::upstream::{Class, Priority, Upstream};

/// The most jobs in progress, including those that wait in the rate limiter.
const MAX_JOBS: usize = 16;

pub(super) struct Scheduler {
    pub(super) schedule: Arc<Schedule>,
    pub(super) upstream: Upstream,
    pub(super) archive: Archive,
    pub(super) channels: Arc<Channels>,
    pub(super) refresher: Arc<Refresher>,
    pub(super) history: Arc<History>,
    pub(super) clock: Clock,
}

impl Scheduler {
    /// Runs until `stop`. Refreshes in flight continue as tasks of their own; a page of history in flight is dropped.
    pub(super) async fn run(&self, stop: CancellationToken) {
        let mut are_restored = self.restore_visits().await;
        let mut jobs = FuturesUnordered::new();
        loop {
            let places = MAX_JOBS.saturating_sub(jobs.len());
            let rate = self.upstream.traffic().open_rate();
            let (new, wake) = self.schedule.start(rate, places, self.clock.now());
            jobs.extend(new.into_iter().map(|job| self.work(job)));
            let is_full = jobs.len() >= MAX_JOBS;
            tokio::select! {
                () = stop.cancelled() => break,
                Some(()) = jobs.next() => {}
                () = self.schedule.changed() => {}
                () = self.clock.sleep_until(wake), if !is_full => {}
            }
            if self.schedule.is_store_due(self.clock.now()) {
                are_restored = are_restored || self.restore_visits().await;
                self.store_visits(are_restored).await;
            }
        }
        self.store_visits(are_restored).await;
    }

    /// Returns whether the stored visits could be read.
    async fn restore_visits(&self) -> bool {
        let visits = self.archive.visits().await.map_err(read_failed);
        if let Ok(visits) = &visits {
            self.schedule.restore(visits, self.clock.now());
        }
        visits.is_ok()
    }

    /// Unreadable stored visits are not overwritten. After a failed store, visits are stored when they change again.
    async fn store_visits(&self, are_restored: bool) {
        if !are_restored {
            return self.schedule.postpone_store(self.clock.now());
        }
        let changed = self.schedule.take_changed();
        if !changed.is_empty() {
            drop(self.archive.store_visits(changed).await.map_err(store_failed));
        }
    }

    async fn work(&self, job: Job) {
        match job {
            Job::Refresh(key) => {
                let result = self.refresh(&key).await;
                let result = result.as_deref().map_err(failure);
                self.schedule.finish_refresh(&key, result, self.clock.now());
            }
            Job::History(key) => {
                let result = self.fetch_history(&key).await.map_err(|error| failure(&error));
                self.schedule.finish_history(&key, result, self.clock.now());
            }
        }
    }

    async fn refresh(&self, key: &str) -> Result<Arc<ChannelState>, Error> {
        self.refresher.refresh_ahead(self.present_name(key)?).await
    }

    async fn fetch_history(&self, key: &str) -> Result<bool, Error> {
        let priority = Priority::new(Class::Background);
        self.history.fetch_missing(&self.present_name(key)?, &priority).await
    }

    fn present_name(&self, key: &str) -> Result<ChannelName, Error> {
        let name = ChannelName::parse(key).map_err(|_| Error::Internal)?;
        Ok(self.channels.resolve(&name))
    }
}

fn failure(error: &Error) -> Failure {
    match error {
        Error::Refused(refusal) | Error::Gone(refusal) => Failure::of(refusal),
        other => Failure { code: other.code(), ttl: other.negative_ttl(), is_certain: false },
    }
}
