//! What is known of a channel when somebody asks for it: alive, refreshed, or old with the reason.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Key;
use super::freshness::{CacheStatus, Freshness, elapsed};
use super::memory::ChannelState;
use super::single_flight::Waiter;
use super::{COLD_TIMEOUT, ClientId, Error, Inner, Outcome, View, is_gone};
use crate::model::ChannelName;
use crate::upstream::{Class, Priority, Refusal};

/// How long the last good content of a channel that is gone is served.
const LAST_GOOD_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The longest queue in which a channel that was never seen is put off as background work: a longer one is full of what
/// nobody may come again for.
const LONGEST_PUT_OFF: Duration = Duration::from_secs(2 * 60);

impl Inner {
    /// A channel as fresh as it can be had within the refresh time-out.
    pub(super) async fn view(
        self: &Arc<Self>,
        name: &ChannelName,
        refresh_timeout: Duration,
        client_id: ClientId,
    ) -> Result<View, Error> {
        let now = self.clock.now();
        let name = self.memory.resolve(name, now);
        let key = Key::from(name.key());
        let known = self.recall(&name).await?;
        if let Some(known) = known.as_ref().filter(|known| known.is_fresh(now)) {
            return Ok(self.seen(known, CacheStatus::Hit, None));
        }
        let kept = self.memory.refusals.get(&key).filter(|kept| kept.is_fresh(now));
        match (&known, kept) {
            (Some(known), Some(kept)) => self.stale(known, &kept.value.clone().into()),
            (Some(known), None) => self.refreshed(&key, known, refresh_timeout).await,
            (None, Some(kept)) => Err(kept.again(now).into()),
            (None, None) => self.cold(name, &key, client_id).await,
        }
    }

    /// A refresh of what is known: whoever asks waits as long as their refresh time-out, or not at all when that would be in vain.
    async fn refreshed(
        self: &Arc<Self>,
        key: &Key,
        known: &Arc<ChannelState>,
        refresh_timeout: Duration,
    ) -> Result<View, Error> {
        let name = known.snapshot.channel.name.clone();
        let refreshing = || self.seen(known, CacheStatus::Stale, Some("refreshing"));
        let is_long = self.upstream.wait(Class::Waiting) > refresh_timeout;
        let class = if is_long { Class::Background } else { Class::Waiting };
        let mut waiter = self.join_refresh(name, key, class, false);
        // What has begun does not wait for the queue.
        if is_long && waiter.begun().is_none() {
            waiter.leave_it_going();
            return Ok(refreshing());
        }
        match tokio::time::timeout(refresh_timeout, waiter.outcome()).await {
            Ok(Some(Ok(known))) => Ok(self.seen(&known, CacheStatus::Miss, None)),
            Ok(Some(Err(error))) => self.stale(known, &error),
            Ok(None) => Ok(self.seen(known, CacheStatus::Stale, Some("internal"))),
            Err(_) => {
                waiter.leave_it_going();
                Ok(refreshing())
            }
        }
    }

    /// The last good content in spite of an error, unless the channel has been gone for long.
    fn stale(&self, known: &Arc<ChannelState>, error: &Error) -> Result<View, Error> {
        let now = self.clock.now();
        let is_long = |since| elapsed(since, now) >= LAST_GOOD_TTL;
        if let Error::Refused(refusal) = error
            && is_gone(refusal)
            && known.gone_since.is_some_and(is_long)
        {
            return Err(Error::Gone(refusal.clone()));
        }
        Ok(self.seen(known, CacheStatus::Stale, Some(error.code())))
    }

    /// The first look at a channel. It is worth fetching even when whoever asked has left: they will ask again.
    async fn cold(
        self: &Arc<Self>,
        name: ChannelName,
        key: &Key,
        client_id: ClientId,
    ) -> Result<View, Error> {
        // A name that a channel gave up is looked at again now and then, and is no news.
        if !self.refreshes.has(key) && !self.memory.aliases.contains_key(key) {
            self.charge(client_id)?;
        }
        let asked = Instant::now();
        let mut waiter = self.join_refresh(name.clone(), key, Class::Waiting, true);
        match tokio::time::timeout(COLD_TIMEOUT, waiter.outcome()).await {
            Ok(Some(Ok(known))) => Ok(self.seen(&known, CacheStatus::Miss, None)),
            Ok(Some(Err(Error::Refused(Refusal::Busy { retry_after })))) => {
                Err(self.put_off(name, key, retry_after).await.into())
            }
            Ok(Some(Err(error))) => Err(error),
            Ok(None) => Err(Error::Internal),
            Err(_) => {
                let begun = waiter.begun();
                waiter.leave_it_going();
                Err(self.too_late(asked, begun).await.into())
            }
        }
    }

    /// Whoever asked has waited long enough: mostly for Telegram, or mostly for their turn.
    async fn too_late(&self, asked: Instant, begun: Option<Instant>) -> Refusal {
        match begun {
            Some(begun) if begun < asked + COLD_TIMEOUT / 2 => {
                Refusal::Timeout { limit: COLD_TIMEOUT }
            }
            // Its turn came late, and its answer is as good as here.
            Some(_) => Refusal::busy(COLD_TIMEOUT / 2),
            None => self.busy_behind().await,
        }
    }

    /// The queue is too long to wait for, but not too long to come again: the channel is fetched without anybody waiting,
    /// and is here by the time that is told. Else whoever asks would be told to come again for ever, with all others.
    async fn put_off(
        self: &Arc<Self>,
        name: ChannelName,
        key: &Key,
        retry_after: Duration,
    ) -> Refusal {
        if self.upstream.wait(Class::Background) > LONGEST_PUT_OFF {
            return Refusal::busy(retry_after);
        }
        self.join_refresh(name, key, Class::Background, true).leave_it_going();
        self.busy_behind().await
    }

    /// Busy, until the last one in the queue has had its turn.
    async fn busy_behind(&self) -> Refusal {
        // Work that was begun or sank just now takes its place in the queue when it is run next.
        tokio::task::yield_now().await;
        Refusal::busy(self.upstream.wait(Class::Background))
    }

    fn join_refresh(
        self: &Arc<Self>,
        name: ChannelName,
        key: &Key,
        class: Class,
        stays: bool,
    ) -> Waiter<Key, Outcome> {
        self.refreshes.join(Key::clone(key), class, stays, |priority: Priority| {
            Arc::clone(self).refresh(name, priority)
        })
    }

    pub(super) fn seen(
        &self,
        known: &Arc<ChannelState>,
        source: CacheStatus,
        detail: Option<&'static str>,
    ) -> View {
        let now = self.clock.now();
        self.schedule.visited(known, now);
        let age = elapsed(known.snapshot.fetched, now);
        let detail = detail.or(known.is_partial.then_some("partial"));
        View {
            known: Arc::clone(known),
            freshness: Freshness { source, age, ttl: known.ttl, detail },
        }
    }
}
