//! The channels of a source, as fresh as possible within the refresh time-out.
//!
//! All channels are refreshed concurrently, each in the same flight as for its own feed. After the time-out the answer
//! has the available channels and names the missing ones; if none is available, it is a refusal.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::model::{ChannelName, ChannelSet, Cursor, FeedOptions, Source};
use crate::service::freshness::{CacheStatus, Freshness};
use crate::service::memory::{ChannelState, Memory};
use crate::service::refresh::Refresher;
use crate::service::{Error, RequestContext, View};

/// Added to the refresh time-out, so that stale channels, which are answered at the time-out, are still included.
const GRACE: Duration = Duration::from_millis(100);

/// A channel that the answer lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The requested name.
    pub channel: ChannelName,
    /// The code of the error, or `refreshing`.
    pub why: &'static str,
    /// A later request may get the channel.
    pub is_temporary: bool,
}

/// The available channels of a source; none for a search, at least one otherwise.
#[derive(Clone, Debug, Default)]
pub struct SourceView {
    /// The available channels in the requested order, without duplicates.
    pub states: Vec<Arc<ChannelState>>,
    pub missing: Vec<Missing>,
    /// Former names in the request, with the present names.
    renamed: Vec<(ChannelName, ChannelName)>,
    /// Why posts are missing.
    pub(super) detail: Option<&'static str>,
    /// The freshness of each of `states`.
    freshness: Vec<Freshness>,
}

/// `None` while the channel is refreshed.
type Outcome = Option<Result<View, Error>>;

impl SourceView {
    /// Waits for all channels until the refresh time-out. If none is available then, waits for the first one as long as
    /// for a single channel.
    pub(super) async fn fetch(
        refresher: &Arc<Refresher>,
        source: &Source,
        context: RequestContext,
    ) -> Result<Self, Error> {
        let names = source.channels();
        let mut outcomes: Vec<Outcome> = names.iter().map(|_| None).collect();
        let fetch = async |(number, name)| (number, refresher.view(name, context).await);
        let mut fetches: FuturesUnordered<_> = names.iter().enumerate().map(fetch).collect();
        let mut timeout = std::pin::pin!(tokio::time::sleep(context.refresh_timeout + GRACE));
        let mut is_over = false;
        loop {
            tokio::select! {
                biased;
                next = fetches.next() => match next {
                    Some((number, outcome)) => outcomes[number] = Some(outcome),
                    None => break,
                },
                () = &mut timeout, if !is_over => is_over = true,
            }
            if is_over && outcomes.iter().any(|outcome| matches!(outcome, Some(Ok(_)))) {
                break;
            }
        }
        Self::of_outcomes(names, outcomes)
    }

    /// The view of channels that are fresh in memory or have a cached refusal.
    pub(super) fn of_fresh(
        refresher: &Refresher,
        source: &Source,
        fresh: Vec<Result<Arc<ChannelState>, Error>>,
    ) -> Option<Self> {
        let seen = |state: Arc<ChannelState>| refresher.seen(&state, CacheStatus::Hit, None);
        let outcomes = fresh.into_iter().map(|one| Some(one.map(seen))).collect();
        Self::of_outcomes(source.channels(), outcomes).ok()
    }

    fn of_outcomes(names: &[ChannelName], outcomes: Vec<Outcome>) -> Result<Self, Error> {
        let mut view = Self::default();
        let mut errors = Vec::new();
        for (name, outcome) in names.iter().zip(outcomes) {
            let (why, is_temporary) = match outcome {
                Some(Ok(one)) => {
                    let present = &one.state.snapshot.channel.name;
                    if present != name {
                        view.renamed.push((name.clone(), present.clone()));
                    }
                    if view.states.iter().all(|state| state.snapshot.channel.name != *present) {
                        view.freshness.push(one.freshness);
                        view.states.push(one.state);
                    }
                    continue;
                }
                Some(Err(error)) => {
                    let why = why(&error);
                    errors.push(error);
                    why
                }
                None => ("refreshing", true),
            };
            view.missing.push(Missing { channel: name.clone(), why, is_temporary });
        }
        if view.states.is_empty() { Err(worst(errors)) } else { Ok(view) }
    }

    /// The source and the options with the present names of renamed channels; `None` if there are none. A collection
    /// keeps its address.
    pub fn moved(&self, source: &Source, options: &FeedOptions) -> Option<(Source, FeedOptions)> {
        let Source::Channels(channels) = source else { return None };
        if self.renamed.is_empty() {
            return None;
        }
        let present = |name: &ChannelName| {
            let renamed = self.renamed.iter().find(|(former, _)| former == name);
            renamed.map_or(name, |(_, present)| present).clone()
        };
        let names = channels.names().iter().map(present).collect();
        let source = Source::Channels(ChannelSet::new(names).ok()?);
        let before = options.before().map(|cursor| cursor.renamed(present));
        let before = match source.single() {
            // Two of the requested names lead to one channel.
            Some(only) => before.and_then(|cursor| cursor.of(only)).map(Cursor::Message),
            None => before,
        };
        Some((source, options.with_before(before)))
    }

    /// The freshness of an answer from all channels: age and TTL of the channel whose TTL ends first, and stale if one
    /// of them is stale or temporarily missing.
    pub fn freshness(&self) -> Freshness {
        let left = |freshness: &&Freshness| {
            // Signed: the TTL of a stale channel is over.
            let [ttl, age] = [freshness.ttl, freshness.age].map(|time| time.as_secs());
            i128::from(ttl) - i128::from(age)
        };
        let soonest = self.freshness.iter().min_by_key(left);
        let is_any = |source| self.freshness.iter().any(|freshness| freshness.source == source);
        let is_short = self.missing.iter().any(|missing| missing.is_temporary);
        let source = if is_short || is_any(CacheStatus::Stale) {
            CacheStatus::Stale
        } else if is_any(CacheStatus::Miss) {
            CacheStatus::Miss
        } else {
            CacheStatus::Hit
        };
        let (age, ttl) = soonest.map_or_else(Default::default, |one| (one.age, one.ttl));
        let detail = self.freshness.iter().find_map(|freshness| freshness.detail);
        Freshness { source, age, ttl, detail: detail.or(self.detail) }
    }
}

/// The states or cached refusals of a source's channels, if all are fresh in memory under their present names.
pub(super) fn fresh(
    memory: &Memory,
    now: DateTime<Utc>,
    source: &Source,
) -> Option<Vec<Result<Arc<ChannelState>, Error>>> {
    let mut fresh = Vec::with_capacity(source.channels().len());
    for name in source.channels() {
        let key = name.key();
        fresh.push(match memory.get(&key) {
            Some(state) if state.is_fresh(now) && state.snapshot.channel.name == *name => Ok(state),
            Some(_) => return None,
            None if memory.alias(&key).is_some() => return None,
            None => Err(memory.refusal(&key)?.into()),
        });
    }
    Some(fresh)
}

fn why(error: &Error) -> (&'static str, bool) {
    match error {
        Error::Refused(refusal) | Error::Gone(refusal) => (refusal.code(), refusal.is_outage()),
        Error::NoArchive | Error::NoSuchFile | Error::Internal => (error.code(), true),
    }
}

/// The error when no channel is available: a temporary refusal with the shortest `Retry-After` if there is one.
fn worst(errors: Vec<Error>) -> Error {
    let rank = |error: &Error| match error {
        Error::Refused(refusal) if refusal.is_outage() => {
            (0, refusal.retry_after().unwrap_or(Duration::ZERO))
        }
        Error::NoArchive => (1, Duration::ZERO),
        Error::Refused(_) => (2, Duration::ZERO),
        Error::Gone(_) => (3, Duration::ZERO),
        Error::NoSuchFile | Error::Internal => (4, Duration::ZERO),
    };
    errors.into_iter().min_by_key(rank).unwrap_or(Error::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::{Owner, Refusal};

    #[test]
    fn temporary_error_is_reported_before_permanent_one() {
        let name = |text| ChannelName::parse(text).unwrap();
        let stays = Error::from(Refusal::NotAChannel { channel: name("tea"), owner: Owner::Bot });
        let second = Duration::from_secs(1);
        let later = Error::from(Refusal::Busy { retry_after: 9 * second });
        let sooner = Error::from(Refusal::Throttled { retry_after: 5 * second });
        let gone = Error::Gone(Refusal::NotFound { channel: name("sea") });
        for (errors, expected) in [
            (vec![stays.clone(), later.clone(), sooner.clone()], &sooner),
            (vec![gone.clone(), stays.clone()], &stays),
            (vec![stays.clone(), Error::NoArchive], &Error::NoArchive),
            (vec![Error::NoArchive, later.clone()], &later),
            (vec![gone.clone()], &gone),
            (vec![], &Error::Internal),
        ] {
            assert_eq!(worst(errors), *expected);
        }
    }

    #[test]
    fn merged_ttl_is_that_of_first_channel_to_expire() {
        let second = Duration::from_secs(1);
        let fresh = |source, age, ttl| Freshness {
            source,
            age: age * second,
            ttl: ttl * second,
            detail: None,
        };
        let view = |freshness: Vec<Freshness>, is_temporary: Option<bool>| {
            let missing = is_temporary.map(|is_temporary| Missing {
                channel: ChannelName::parse("tea").unwrap(),
                why: "busy",
                is_temporary,
            });
            let missing = missing.into_iter().collect();
            SourceView { missing, freshness, ..SourceView::default() }.freshness()
        };
        let (old, new) = (fresh(CacheStatus::Hit, 50, 300), fresh(CacheStatus::Miss, 0, 290));
        let freshness = view(vec![old.clone(), new.clone()], None);
        assert_eq!(freshness, Freshness { source: CacheStatus::Miss, ..old.clone() });
        assert_eq!(view(vec![old.clone()], Some(false)).source, CacheStatus::Hit);
        assert_eq!(view(vec![old.clone()], Some(true)).source, CacheStatus::Stale);
        let stale = fresh(CacheStatus::Stale, 900, 300);
        assert_eq!(view(vec![new, stale.clone(), old], None), stale);
    }
}
