//! What is known of several channels when somebody asks for them together.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::model::{ChannelName, Merged};
use crate::service::Key;
use crate::service::freshness::{CacheStatus, Freshness};
use crate::service::memory::ChannelState;
use crate::service::{ClientId, Error, Inner, View, is_outage};

/// Channels that are known give their last posts when the refresh time-out ends: that must not come too late.
const GRACE: Duration = Duration::from_millis(100);

/// A channel that is not in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The name that was asked.
    pub channel: ChannelName,
    /// The refusal's code, or `refreshing`: it is on its way.
    pub why: &'static str,
    /// It is likely to be there soon.
    pub is_temporary: bool,
}

/// Former names with present ones.
pub type Renamed = Vec<(ChannelName, ChannelName)>;

/// Several channels as they are known. At least one.
#[derive(Clone, Debug)]
pub struct MergedView {
    /// The channels that are there, by name, each once.
    pub known: Vec<Arc<ChannelState>>,
    /// Those that are not.
    pub missing: Vec<Missing>,
    /// Names that were asked for and that channels do not have any more, with those that they have.
    pub renamed: Renamed,
    /// Why the answer is not as it should be, beside what is missing.
    pub(super) detail: Option<&'static str>,
    /// How fresh each of `known` is.
    freshness: Vec<Freshness>,
}

impl MergedView {
    /// How fresh an answer of all of them is: as old as the one whose TTL ends first, and stale if one is.
    pub fn freshness(&self) -> Freshness {
        let left = |freshness: &&Freshness| {
            // Signed: the TTL of a stale one ended long ago.
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

/// What came of asking for one channel; nothing as long as it is on its way.
type Outcome = Option<Result<View, Error>>;

impl Inner {
    /// Asks for all channels at once, and waits for them as long as the refresh time-out; but for the first one as long as for a
    /// channel that is asked for alone.
    pub(super) async fn merged_view(
        self: &Arc<Self>,
        merged: &Merged,
        refresh_timeout: Duration,
        client_id: ClientId,
    ) -> Result<MergedView, Error> {
        let names = merged.channels().names();
        let mut outcomes: Vec<Outcome> = names.iter().map(|_| None).collect();
        let ask =
            async |(number, name)| (number, self.view(name, refresh_timeout, client_id).await);
        let mut asked: FuturesUnordered<_> = names.iter().enumerate().map(ask).collect();
        let mut waited = std::pin::pin!(tokio::time::sleep(refresh_timeout + GRACE));
        let mut is_over = false;
        loop {
            tokio::select! {
                biased;
                next = asked.next() => match next {
                    Some((number, outcome)) => outcomes[number] = Some(outcome),
                    None => break,
                },
                () = &mut waited, if !is_over => is_over = true,
            }
            if is_over && outcomes.iter().any(|outcome| matches!(outcome, Some(Ok(_)))) {
                break;
            }
        }
        merge(names, outcomes)
    }

    /// The same of what is alive in memory; none when one of the channels would have to be asked for.
    pub(super) fn merged_view_at_hand(&self, merged: &Merged) -> Option<MergedView> {
        let now = self.clock.now();
        let names = merged.channels().names();
        let look = |name: &ChannelName| {
            let key = Key::from(self.memory.resolve(name, now).key());
            if let Some(known) = self.memory.channels.get(&key) {
                let is_fresh = known.is_fresh(now);
                return is_fresh.then(|| Some(Ok(self.seen(&known, CacheStatus::Hit, None))));
            }
            let kept = self.memory.refusals.get(&key).filter(|kept| kept.is_fresh(now))?;
            Some(Some(Err(kept.again(now).into())))
        };
        let outcomes = names.iter().map(look).collect::<Option<Vec<Outcome>>>()?;
        merge(names, outcomes).ok()
    }
}

fn merge(names: &[ChannelName], outcomes: Vec<Outcome>) -> Result<MergedView, Error> {
    let mut view = MergedView {
        known: Vec::new(),
        missing: Vec::new(),
        renamed: Vec::new(),
        detail: None,
        freshness: Vec::new(),
    };
    let mut errors = Vec::new();
    for (name, outcome) in names.iter().zip(outcomes) {
        let (why, is_temporary) = match outcome {
            Some(Ok(one)) => {
                let own = &one.known.snapshot.channel.name;
                if own != name {
                    view.renamed.push((name.clone(), own.clone()));
                }
                let is_new = view.known.iter().all(|known| known.snapshot.channel.name != *own);
                if is_new {
                    view.freshness.push(one.freshness);
                    view.known.push(one.known);
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
    if view.known.is_empty() { Err(worst(errors)) } else { Ok(view) }
}

fn why(error: &Error) -> (&'static str, bool) {
    match error {
        Error::Refused(refusal) | Error::Gone(refusal) => (refusal.code(), is_outage(refusal)),
        Error::NoArchive | Error::NoSuchFile | Error::Internal => (error.code(), true),
    }
}

/// What is told when nothing is there: that which passes, and the soonest, for whoever comes again may find the others.
fn worst(errors: Vec<Error>) -> Error {
    let rank = |error: &Error| match error {
        Error::Refused(refusal) if is_outage(refusal) => {
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
    fn what_passes_is_told_before_what_stays() {
        let name = |text| ChannelName::parse(text).unwrap();
        let stays = Error::from(Refusal::NotAChannel { channel: name("tea"), owner: Owner::Bot });
        let second = Duration::from_secs(1);
        let later = Error::from(Refusal::Busy { retry_after: 9 * second });
        let sooner = Error::from(Refusal::Throttled { retry_after: 5 * second });
        let gone = Error::Gone(Refusal::NotFound { channel: name("sea") });
        for (errors, told) in [
            (vec![stays.clone(), later.clone(), sooner.clone()], &sooner),
            (vec![gone.clone(), stays.clone()], &stays),
            (vec![stays.clone(), Error::NoArchive], &Error::NoArchive),
            (vec![Error::NoArchive, later.clone()], &later),
            (vec![gone.clone()], &gone),
            (vec![], &Error::Internal),
        ] {
            assert_eq!(worst(errors), *told);
        }
    }

    #[test]
    fn an_answer_lives_as_long_as_the_channel_whose_life_ends_first() {
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
            MergedView { known: vec![], missing, renamed: vec![], detail: None, freshness }
                .freshness()
        };
        let (old, new) = (fresh(CacheStatus::Hit, 50, 300), fresh(CacheStatus::Miss, 0, 290));
        let told = view(vec![old.clone(), new.clone()], None);
        assert_eq!(told, Freshness { source: CacheStatus::Miss, ..old.clone() });
        assert_eq!(view(vec![old.clone()], Some(false)).source, CacheStatus::Hit);
        assert_eq!(view(vec![old.clone()], Some(true)).source, CacheStatus::Stale);
        let stale = fresh(CacheStatus::Stale, 900, 300);
        assert_eq!(view(vec![new, stale.clone(), old], None), stale);
    }
}
