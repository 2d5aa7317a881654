//! Does what the plan decides: sleeps until a job starts, and runs it as background work.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::plan::{Failure, Job, Outcome, Work};
use crate::model::ChannelName;
use crate::service::Key;
use crate::service::persistence::{unread, unstored};
use crate::service::{Error, Inner};
use crate::upstream::{Class, Priority};

/// How often visits are stored.
const STORE: Duration = Duration::from_secs(3 * 60);

/// Jobs in progress at once, including those that wait in the rate limiter.
const MAX_JOBS: usize = 16;

/// Works until `stop`. Requests that are in flight by then finish as all others do.
pub(in crate::service) async fn run(inner: &Arc<Inner>, stop: CancellationToken) {
    let schedule = &inner.schedule;
    let mut is_recalled = recall_visits(inner).await;
    let mut stored = Instant::now();
    let mut jobs = FuturesUnordered::new();
    loop {
        let places = MAX_JOBS.saturating_sub(jobs.len());
        let rate = inner.upstream.traffic().open_rate();
        let (new, wake) = {
            let mut plan = schedule.plan();
            let new = plan.start(rate, places, inner.clock.now());
            (new, plan.store_due().into_iter().fold(plan.wake(), DateTime::min))
        };
        for job in new {
            jobs.push(async move {
                let outcome = work(inner, &job).await;
                (job, outcome)
            });
        }
        let is_full = jobs.len() >= MAX_JOBS;
        tokio::select! {
            () = stop.cancelled() => break,
            Some((job, outcome)) = jobs.next() => {
                schedule.plan().finish(&job, outcome, inner.clock.now());
            }
            () = schedule.changed.notified() => {}
            () = inner.clock.sleep_until(wake), if !is_full => {}
        }
        let due = schedule.plan().store_due();
        let is_due = due.is_some_and(|due| due <= inner.clock.now());
        if is_due || stored.elapsed() >= STORE {
            stored = Instant::now();
            is_recalled = is_recalled || recall_visits(inner).await;
            store_visits(inner, is_recalled).await;
        }
    }
    store_visits(inner, is_recalled).await;
}

/// Returns whether the stored visits could be read.
async fn recall_visits(inner: &Inner) -> bool {
    match inner.archive.visits().await.map_err(unread) {
        Ok(visits) => inner.schedule.recall(&visits, inner.clock.now()),
        Err(_) => return false,
    }
    true
}

/// Visits that could not be read are not overwritten. Visits that cannot be stored now are stored when they change again.
async fn store_visits(inner: &Inner, is_recalled: bool) {
    if !is_recalled {
        return;
    }
    let changed = inner.schedule.take_changed();
    if !changed.is_empty() {
        drop(inner.archive.store_visits(changed).await.map_err(unstored));
    }
}

async fn work(inner: &Arc<Inner>, job: &Job) -> Outcome {
    let Ok(name) = ChannelName::parse(&job.channel) else { return Outcome::Done };
    let name = inner.memory.resolve(&name, inner.clock.now());
    match job.work {
        Work::Refresh => refresh(inner, &job.channel, name).await,
        Work::History => {
            match inner.fetch_missing(&name, &Priority::new(Class::Background)).await {
                Ok(true) => Outcome::MoreHistory,
                Ok(false) => Outcome::Done,
                Err(error) => Outcome::Refused(failure(&error)),
            }
        }
    }
}

/// Refreshes a channel, or joins a refresh in flight. A channel that has another name now is planned under that.
async fn refresh(inner: &Arc<Inner>, planned: &Key, name: ChannelName) -> Outcome {
    let key = Key::from(name.key());
    let mut waiter = inner
        .refreshes
        .join(key, Class::Background, true, |priority| Arc::clone(inner).refresh(name, priority));
    match waiter.outcome().await {
        Some(Ok(known)) => {
            let news = super::news(&known, false);
            let own = known.key();
            if own != *planned {
                let now = inner.clock.now();
                let mut plan = inner.schedule.plan();
                plan.rename(planned, &own, now);
                plan.refreshed(&own, news, now);
            }
            Outcome::Refreshed(news)
        }
        Some(Err(error)) => Outcome::Refused(failure(&error)),
        None => Outcome::Refused(Failure::INTERNAL),
    }
}

fn failure(error: &Error) -> Failure {
    match error {
        Error::Refused(refusal) | Error::Gone(refusal) => super::failure(refusal),
        other => Failure { code: other.code(), ..Failure::INTERNAL },
    }
}
