//! What is known of a channel when somebody asks for it: alive, refreshed, or old with the reason.

use std::sync::Arc;
use std::time::Duration;

use super::flight::Ticket;
use super::freshness::{Freshness, Source, elapsed};
use super::memory::{Key, Known};
use super::{COLD_PATIENCE, Error, Inner, Outcome, View, is_gone};
use crate::model::ChannelName;
use crate::upstream::{Class, Priority, Refusal};

/// How long the last good content of a channel that is gone is served.
const LAST_GOOD_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Inner {
    /// A channel as fresh as it can be had within the patience.
    pub(super) async fn view(
        self: &Arc<Self>,
        name: &ChannelName,
        patience: Duration,
    ) -> Result<View, Error> {
        let now = self.clock.now();
        let name = self.memory.resolve(name, now);
        let key = Key::from(name.key());
        let known = self.memory.channels.get(&key);
        if let Some(known) = known.as_ref().filter(|known| known.is_alive(now)) {
            return Ok(self.seen(known, Source::Memory, None));
        }
        let kept = self.memory.refusals.get(&key).filter(|kept| kept.is_alive(now));
        match (&known, kept) {
            (Some(known), Some(kept)) => self.stale(known, &kept.value),
            (Some(known), None) => self.refreshed(&key, known, patience).await,
            (None, Some(kept)) => Err(kept.again(now).into()),
            (None, None) => self.cold(name, &key).await,
        }
    }

    /// A refresh of what is known: whoever asks waits as long as their patience, or not at all when that would be in vain.
    async fn refreshed(
        self: &Arc<Self>,
        key: &Key,
        known: &Arc<Known>,
        patience: Duration,
    ) -> Result<View, Error> {
        let name = known.snapshot.channel.name.clone();
        let refreshing = || self.seen(known, Source::Stale, Some("refreshing"));
        let is_long = self.upstream.wait(Class::Waiting) > patience;
        let class = if is_long { Class::Background } else { Class::Waiting };
        let mut ticket = self.join_refresh(name, key, class, false);
        // What has begun does not wait for the queue.
        if is_long && !ticket.has_begun() {
            ticket.leave_it_going();
            return Ok(refreshing());
        }
        match tokio::time::timeout(patience, ticket.landed()).await {
            Ok(Some(Ok(known))) => Ok(self.seen(&known, Source::Telegram, None)),
            Ok(Some(Err(refusal))) => self.stale(known, &refusal),
            Ok(None) => Ok(self.seen(known, Source::Stale, Some("internal"))),
            Err(_) => {
                ticket.leave_it_going();
                Ok(refreshing())
            }
        }
    }

    /// The last good content in spite of a refusal, unless the channel has been gone for long.
    fn stale(&self, known: &Arc<Known>, refusal: &Refusal) -> Result<View, Error> {
        let now = self.clock.now();
        let is_long = |since| elapsed(since, now) >= LAST_GOOD_LIFE;
        if is_gone(refusal) && known.gone_since.is_some_and(is_long) {
            return Err(Error::Gone(refusal.clone()));
        }
        Ok(self.seen(known, Source::Stale, Some(refusal.code())))
    }

    /// The first look at a channel. It is worth fetching even when whoever asked has left: they will ask again.
    async fn cold(self: &Arc<Self>, name: ChannelName, key: &Key) -> Result<View, Error> {
        let mut ticket = self.join_refresh(name, key, Class::Waiting, true);
        match tokio::time::timeout(COLD_PATIENCE, ticket.landed()).await {
            Ok(Some(Ok(known))) => Ok(self.seen(&known, Source::Telegram, None)),
            Ok(Some(Err(refusal))) => Err(refusal.into()),
            Ok(None) => Err(Error::Internal),
            Err(_) => {
                let has_begun = ticket.has_begun();
                ticket.leave_it_going();
                Err(if has_begun {
                    Refusal::Timeout { limit: COLD_PATIENCE }
                } else {
                    Refusal::Busy { retry_after: self.upstream.wait(Class::Waiting) }
                }
                .into())
            }
        }
    }

    fn join_refresh(
        self: &Arc<Self>,
        name: ChannelName,
        key: &Key,
        class: Class,
        stays: bool,
    ) -> Ticket<Key, Outcome> {
        self.refreshes.join(Key::clone(key), class, stays, |priority: Priority| {
            Arc::clone(self).refresh(name, priority)
        })
    }

    pub(super) fn seen(
        &self,
        known: &Arc<Known>,
        source: Source,
        detail: Option<&'static str>,
    ) -> View {
        let age = elapsed(known.snapshot.fetched, self.clock.now());
        let detail = detail.or(known.is_partial.then_some("partial"));
        View {
            known: Arc::clone(known),
            freshness: Freshness { source, age, life: known.life, detail },
        }
    }
}
