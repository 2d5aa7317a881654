//! Runs the jobs of the schedule as background work, and stores the visits from which it plans.

use std::sync::Arc;

use chrono::DateTime;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use super::Runtime;
use super::error::{Error, read_failed, store_failed};
use super::history::History;
use super::memory::ChannelState;
use super::refresh::Refresher;
use super::schedule::{Failure, Job, News};
use crate::model::ChannelName;
use crate::upstream::{Class, Priority};

/// The most jobs in progress, including those that wait in the rate limiter.
const MAX_JOBS: usize = 16;

pub(super) struct Scheduler {
    runtime: Arc<Runtime>,
    refresher: Arc<Refresher>,
    history: Arc<History>,
}

impl Scheduler {
    pub(super) fn new(
        runtime: &Arc<Runtime>,
        refresher: &Arc<Refresher>,
        history: &Arc<History>,
    ) -> Self {
        let (refresher, history) = (Arc::clone(refresher), Arc::clone(history));
        Self { runtime: Arc::clone(runtime), refresher, history }
    }

    /// Runs until `stop`. Refreshes in flight continue as tasks of their own; a page of history in flight is dropped.
    pub(super) async fn run(&self, stop: CancellationToken) {
        let Runtime { schedule, clock, upstream, .. } = &*self.runtime;
        let mut are_restored = self.restore_visits().await;
        let mut jobs = FuturesUnordered::new();
        loop {
            let places = MAX_JOBS.saturating_sub(jobs.len());
            let rate = upstream.traffic().open_rate();
            let new = schedule.plan().start(rate, places, clock.now());
            jobs.extend(new.into_iter().map(|job| self.work(job)));
            let is_full = jobs.len() >= MAX_JOBS;
            let store_at = schedule.plan().store_at();
            let wake = store_at.into_iter().fold(schedule.plan().wake(), DateTime::min);
            tokio::select! {
                () = stop.cancelled() => break,
                Some(()) = jobs.next() => {}
                () = schedule.changed() => {}
                () = clock.sleep_until(wake), if !is_full => {}
            }
            if store_at.is_some_and(|at| at <= clock.now()) {
                are_restored = are_restored || self.restore_visits().await;
                self.store_visits(are_restored).await;
            }
        }
        self.store_visits(are_restored).await;
    }

    /// Returns whether the stored visits could be read.
    async fn restore_visits(&self) -> bool {
        let Runtime { schedule, clock, archive, .. } = &*self.runtime;
        let visits = archive.visits().await.map_err(read_failed);
        if let Ok(visits) = &visits {
            schedule.update(|plan| plan.restore(visits, clock.now()));
        }
        visits.is_ok()
    }

    /// Unreadable stored visits are not overwritten.
    async fn store_visits(&self, are_restored: bool) {
        let Runtime { schedule, clock, archive, .. } = &*self.runtime;
        let unstored = schedule.plan().take_unstored();
        if unstored.is_empty() {
            return;
        }
        let is_stored = are_restored
            && archive.store_visits(unstored.clone()).await.map_err(store_failed).is_ok();
        if !is_stored {
            schedule.plan().put_back(unstored, clock.now());
        }
    }

    async fn work(&self, job: Job) {
        let Runtime { schedule, clock, .. } = &*self.runtime;
        match job {
            Job::Refresh(key) => {
                let result = self.refresh(&key).await;
                let result = result.map(|state| (state.key(), News::of(&state))).map_err(failure);
                schedule.plan().finish_refresh(&key, result, clock.now());
            }
            Job::History(key) => {
                let result = self.fetch_history(&key).await.map_err(failure);
                schedule.plan().finish_history(&key, result, clock.now());
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
        Ok(self.runtime.memory.resolve(&name))
    }
}

fn failure(error: Error) -> Failure {
    match error {
        Error::Refused(refusal) | Error::Gone(refusal) => Failure::of(&refusal),
        other => Failure { code: other.code(), ttl: other.negative_ttl(), is_certain: false },
    }
}
