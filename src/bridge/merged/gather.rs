//! The posts of several channels from which a page is made: those that are known, and as many older ones as it takes.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::bridge::history::Gathered;
use crate::bridge::memory::Known;
use crate::bridge::{Error, Inner, Visit};
use crate::feed::{self, Part, SeveralSelection};
use crate::model::{FeedDefaults, KeptPost, MergedOptions, MessageId};
use crate::upstream::Refusal;

/// How often one answer goes back for older posts; more often only until it can tell which post comes first. (Each round ends
/// with posts or without hope for each channel that it asks, so that comes to an end.)
const MOST_ROUNDS: usize = 3;

/// The channels whose older posts are asked for at once. Whoever pages back through fifty channels must not make fifty
/// requests for each page: those that have the newest posts there come first, the others when it is their turn.
const MOST_AT_ONCE: usize = 4;

/// The posts that are asked for more in one round, about a page of Telegram's.
const STEP: usize = 20;

/// When to come again for a page that found no end of what it has to wait for.
const COME_AGAIN: Duration = Duration::from_secs(10);

/// One channel's posts so far.
#[derive(Clone)]
struct Pile {
    known: Arc<Known>,
    posts: Vec<Arc<KeptPost>>,
    reaches_start: bool,
    is_given_up: bool,
}

/// Posts of several channels, selected.
pub(super) struct GatheredSeveral {
    pub(super) selection: SeveralSelection,
    /// There is nothing more to come on a later visit.
    pub(super) is_complete: bool,
    /// Why there are fewer posts than were asked for.
    refusal: Option<Refusal>,
}

impl GatheredSeveral {
    pub(super) fn detail(&self) -> Option<&'static str> {
        self.refusal.as_ref().map(Refusal::code)
    }
}

impl Inner {
    /// Gathers and selects.
    pub(super) async fn gather_merged(
        self: &Arc<Self>,
        known: &[Arc<Known>],
        asked: &MergedOptions,
        visit: Visit,
    ) -> Result<GatheredSeveral, Error> {
        let is_search = asked.options.query().is_some();
        let mut piles: Vec<Pile> = known.iter().map(|known| Pile::new(known, is_search)).collect();
        let mut gathered = GatheredSeveral {
            selection: SeveralSelection::default(),
            is_complete: true,
            refusal: None,
        };
        let goes_back = asked.before.is_some() || asked.options.limit().is_some();
        if is_search || !goes_back {
            // What each channel's own feed is made from.
            let all: Vec<usize> = (0..piles.len()).collect();
            self.pile_up(&mut piles, &all, asked, visit, &mut gathered).await;
        }
        for round in 0..=MOST_ROUNDS + piles.len() {
            gathered.selection = self.selected(&piles, asked).await?;
            let mut lacking = gathered.selection.lacking.clone();
            if lacking.is_empty() {
                break;
            }
            if round >= MOST_ROUNDS && !gathered.selection.is_stuck() {
                gathered.is_complete = false;
                break;
            }
            lacking.truncate(MOST_AT_ONCE);
            self.pile_up(&mut piles, &lacking, asked, visit, &mut gathered).await;
        }
        let is_empty = gathered.selection.entries.is_empty();
        if gathered.selection.is_stuck() && gathered.refusal.is_none() {
            gathered.refusal = Some(Refusal::busy(COME_AGAIN));
        }
        match &gathered.refusal {
            // Nothing at all would say that there is nothing.
            Some(refusal) if is_empty => Err(refusal.clone().into()),
            _ => Ok(gathered),
        }
    }

    /// Gathers for some of the channels, at once.
    async fn pile_up(
        self: &Arc<Self>,
        piles: &mut [Pile],
        numbers: &[usize],
        asked: &MergedOptions,
        visit: Visit,
        gathered: &mut GatheredSeveral,
    ) {
        let goes_back = asked.before.is_some() || asked.options.limit().is_some();
        let gather = async |number: &usize| {
            let Pile { known, posts, .. } = &piles[*number];
            let name = &known.snapshot.channel.name;
            let begin = asked.before.as_ref().and_then(|cursor| cursor.of(name));
            let below = |kept: &&Arc<KeptPost>| begin.is_none_or(|begin| kept.post.id < begin);
            let options = match asked.options.query() {
                None if goes_back => asked
                    .options
                    .with_before(begin)
                    .with_limit(posts.iter().filter(below).count() + STEP),
                Some(_) => asked.options.with_before(begin),
                None => asked.options.clone(),
            };
            (*number, self.gather(known, &options, visit).await)
        };
        for (number, found) in join_all(numbers.iter().map(gather)).await {
            piles[number].take(found, gathered);
        }
    }

    /// Patterns are looked for in all posts of all channels: not on a thread that serves connections.
    async fn selected(
        self: &Arc<Self>,
        piles: &[Pile],
        asked: &MergedOptions,
    ) -> Result<SeveralSelection, Error> {
        let (inner, piles, asked) = (Arc::clone(self), piles.to_vec(), asked.clone());
        let selecting =
            tokio::task::spawn_blocking(move || select(&piles, &asked, &inner.settings.feed));
        selecting.await.map_err(|_| Error::Internal)
    }
}

impl Pile {
    /// It begins with what the snapshot holds; a search begins with nothing.
    fn new(known: &Arc<Known>, is_search: bool) -> Self {
        let snapshot = &known.snapshot;
        Self {
            posts: if is_search { Vec::new() } else { snapshot.posts.clone() },
            reaches_start: !is_search && snapshot.reaches_start,
            is_given_up: false,
            known: Arc::clone(known),
        }
    }

    fn as_part(&self) -> Part<'_> {
        let snapshot = &self.known.snapshot;
        Part {
            channel: &snapshot.channel.name,
            posts: &self.posts,
            reaches_start: self.reaches_start,
            is_given_up: self.is_given_up,
            floor: snapshot.floor,
            language: self.known.language,
        }
    }

    /// What was gathered takes the place of what was there, unless it is less.
    fn take(&mut self, found: Gathered, all: &mut GatheredSeveral) {
        let oldest =
            |posts: &[Arc<KeptPost>]| posts.last().map_or(MessageId::LAST, |kept| kept.post.id);
        let is_further = oldest(&found.posts) < oldest(&self.posts) || found.reaches_start;
        // Nothing further came: it must not be asked for again and again.
        self.is_given_up = !is_further;
        all.is_complete &= found.is_complete;
        all.refusal = all.refusal.take().or(found.refusal);
        if is_further || !found.posts.is_empty() {
            self.posts = found.posts;
            self.reaches_start = found.reaches_start;
        }
    }
}

fn select(piles: &[Pile], asked: &MergedOptions, defaults: &FeedDefaults) -> SeveralSelection {
    let parts: Vec<Part<'_>> = piles.iter().map(Pile::as_part).collect();
    feed::select_several(&parts, asked, defaults)
}
