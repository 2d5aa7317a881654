//! The thin task: sleeps until something has to begin, and lets it be done as background work.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::entry::Failure;
use super::job::News;
use super::{Job, Outcome, Work};
use crate::model::ChannelName;
use crate::service::Key;
use crate::service::persistence::{unread, unstored};
use crate::service::{Inner, Service};
use crate::upstream::{Class, Priority};

/// How often what was learnt about visits is stored.
const STORE: Duration = Duration::from_secs(3 * 60);

/// Jobs under way at once, those that wait for their turn in the pacer included: more would only wait there.
const MOST_UNDER_WAY: usize = 16;

impl Service {
    /// Keeps channels fresh until `stop`. Work that has begun by then is finished as all other work is.
    pub async fn keep_fresh(&self, stop: CancellationToken) {
        let inner = &self.0;
        let mut is_recalled = inner.recall_visits().await;
        let mut stored = Instant::now();
        let mut under_way = FuturesUnordered::new();
        loop {
            let places = MOST_UNDER_WAY.saturating_sub(under_way.len());
            let rate = inner.upstream.traffic().open_rate();
            let (jobs, wake) = {
                let mut plan = inner.schedule.plan();
                let jobs = plan.start(rate, places, inner.clock.now());
                let wake = plan.store_due().into_iter().fold(plan.wake(), DateTime::min);
                (jobs, wake)
            };
            for job in jobs {
                let inner = Arc::clone(inner);
                under_way.push(async move {
                    let outcome = inner.work(&job).await;
                    (job, outcome)
                });
            }
            let is_full = under_way.len() >= MOST_UNDER_WAY;
            tokio::select! {
                () = stop.cancelled() => break,
                Some((job, outcome)) = under_way.next() => {
                    inner.schedule.plan().finish(&job, outcome, inner.clock.now());
                }
                () = inner.schedule.changed.notified() => {}
                () = inner.clock.sleep_until(wake), if !is_full => {}
            }
            let due = inner.schedule.plan().store_due();
            let is_due = due.is_some_and(|due| due <= inner.clock.now());
            if is_due || stored.elapsed() >= STORE {
                stored = Instant::now();
                is_recalled = is_recalled || inner.recall_visits().await;
                inner.store_visits(is_recalled).await;
            }
        }
        inner.store_visits(is_recalled).await;
    }
}

impl Inner {
    /// Tells whether what was remembered before the start is read.
    async fn recall_visits(&self) -> bool {
        match self.archive.visits().await.map_err(unread) {
            Ok(visits) => self.schedule.recall(&visits, self.clock.now()),
            Err(_) => return false,
        }
        true
    }

    /// Nothing is written over what was remembered before the start and could not be read. What is not stored now is stored
    /// when it changes again.
    async fn store_visits(&self, is_recalled: bool) {
        if !is_recalled {
            return;
        }
        let changed = self.schedule.take_changed();
        if !changed.is_empty() {
            drop(self.archive.store_visits(changed).await.map_err(unstored));
        }
    }

    async fn work(self: Arc<Self>, job: &Job) -> Outcome {
        let Ok(name) = ChannelName::parse(&job.channel) else { return Outcome::Done };
        let name = self.memory.resolve(&name, self.clock.now());
        match job.work {
            Work::Refresh => self.renew(&job.channel, name).await,
            Work::History => {
                match self.fetch_missing(&name, &Priority::new(Class::Background)).await {
                    Ok(true) => Outcome::MoreHistory,
                    Ok(false) => Outcome::Done,
                    Err(error) => Outcome::Refused(Failure::of_error(&error)),
                }
            }
        }
    }

    /// Refreshes a channel, or joins those who do. One that has another name now is planned under that from now on.
    async fn renew(self: Arc<Self>, planned: &Key, name: ChannelName) -> Outcome {
        let key = Key::from(name.key());
        let mut waiter = self.refreshes.join(key, Class::Background, true, |priority| {
            Arc::clone(&self).refresh(name, priority)
        });
        match waiter.outcome().await {
            Some(Ok(known)) => {
                let news = News::of(&known, false);
                let own = known.key();
                if own != *planned {
                    let now = self.clock.now();
                    let mut plan = self.schedule.plan();
                    plan.rename(planned, &own, now);
                    plan.refreshed(&own, news, now);
                }
                Outcome::Refreshed(news)
            }
            Some(Err(error)) => Outcome::Refused(Failure::of_error(&error)),
            None => Outcome::Refused(Failure::INTERNAL),
        }
    }
}
