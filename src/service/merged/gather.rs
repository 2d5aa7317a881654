//! The posts of several channels from which a page is made: those that are known, and as many older ones as it takes.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use crate::feed::{self, Part, Passed, SeveralSelection};
use crate::model::{FeedDefaults, MergedOptions, MessageId, StoredPost};
use crate::service::history::Gathered;
use crate::service::memory::ChannelState;
use crate::service::{Error, Inner, RequestContext};
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
    known: Arc<ChannelState>,
    posts: Vec<Arc<StoredPost>>,
    passed: Passed,
    reaches_start: bool,
    /// There is nothing more to come on a later visit.
    is_complete: bool,
    is_given_up: bool,
}

/// Posts of several channels, selected.
pub(super) struct GatheredSeveral {
    pub(super) selection: SeveralSelection,
    /// There is nothing more to come on a later visit.
    pub(super) is_complete: bool,
    /// Why there are fewer posts than were asked for.
    error: Option<Error>,
}

impl GatheredSeveral {
    pub(super) fn detail(&self) -> Option<&'static str> {
        self.error.as_ref().map(Error::code)
    }
}

impl Inner {
    /// Gathers and selects.
    pub(super) async fn gather_merged(
        self: &Arc<Self>,
        known: &[Arc<ChannelState>],
        asked: &MergedOptions,
        context: RequestContext,
    ) -> Result<GatheredSeveral, Error> {
        let is_search = asked.options.query().is_some();
        let mut piles: Vec<Pile> = known.iter().map(|known| Pile::new(known, is_search)).collect();
        let mut gathered = GatheredSeveral {
            selection: SeveralSelection::default(),
            is_complete: true,
            error: None,
        };
        let goes_back = asked.before.is_some() || asked.options.limit().is_some();
        if is_search || !goes_back {
            // What each channel's own feed is made from, as far as the archive has it.
            let all: Vec<usize> = (0..piles.len()).collect();
            let context = RequestContext { pages: 0, ..context };
            self.pile_up(&mut piles, &all, asked, context, &mut gathered).await;
        }
        if !goes_back && asked.options.narrows() {
            self.fill_up(&mut piles, asked, context, &mut gathered).await?;
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
            self.pile_up(&mut piles, &lacking, asked, context, &mut gathered).await;
        }
        gathered.is_complete &= piles.iter().all(|pile| match goes_back {
            true => pile.is_complete,
            false => !self.is_short(pile, &gathered.selection),
        });
        let asks_for_more = asked.before.is_some() || asked.options.asks_for_more();
        let is_empty = gathered.selection.entries.is_empty();
        if gathered.selection.is_stuck() && gathered.error.is_none() {
            gathered.error = Some(Refusal::busy(COME_AGAIN).into());
        }
        match &gathered.error {
            // Nothing at all would say that there is nothing.
            Some(error) if is_empty && (asks_for_more || *error == Error::NoArchive) => {
                Err(error.clone())
            }
            _ => Ok(gathered),
        }
    }

    /// A filtered feed waits for upstream history of the channels that are known least far back.
    async fn fill_up(
        self: &Arc<Self>,
        piles: &mut [Pile],
        asked: &MergedOptions,
        context: RequestContext,
        gathered: &mut GatheredSeveral,
    ) -> Result<(), Error> {
        let selection = self.selected(piles, asked).await?;
        let is_short = |number: &usize| self.is_short(&piles[*number], &selection);
        let mut short: Vec<usize> = (0..piles.len()).filter(is_short).collect();
        short.sort_by_key(|number| std::cmp::Reverse(piles[*number].end()));
        short.truncate(context.pages);
        let context = RequestContext { pages: context.pages / short.len().max(1), ..context };
        self.pile_up(piles, &short, asked, context, gathered).await;
        Ok(())
    }

    /// Whether older posts of the channel belong into a filtered feed, and are still to come.
    fn is_short(&self, pile: &Pile, selection: &SeveralSelection) -> bool {
        let entries = &selection.entries;
        let is_full = entries.len() >= usize::from(self.settings.feed.window);
        let oldest = entries.last().map(|(_, kept)| kept.post.published).filter(|_| is_full);
        !pile.is_complete && oldest.is_none_or(|oldest| pile.end().is_none_or(|end| end > oldest))
    }

    /// Gathers for some of the channels, at once.
    async fn pile_up(
        self: &Arc<Self>,
        piles: &mut [Pile],
        numbers: &[usize],
        asked: &MergedOptions,
        context: RequestContext,
        gathered: &mut GatheredSeveral,
    ) {
        let goes_back = asked.before.is_some() || asked.options.limit().is_some();
        let gather = async |number: &usize| {
            let Pile { known, posts, .. } = &piles[*number];
            let name = &known.snapshot.channel.name;
            let begin = asked.before.as_ref().and_then(|cursor| cursor.of(name));
            let below = |kept: &&Arc<StoredPost>| begin.is_none_or(|begin| kept.post.id < begin);
            let options = match asked.options.query() {
                None if goes_back => asked
                    .options
                    .with_before(begin)
                    .with_limit(posts.iter().filter(below).count() + STEP),
                Some(_) => asked.options.with_before(begin),
                None => asked.options.clone(),
            };
            (*number, self.gather(known, &options, context).await)
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
    fn new(known: &Arc<ChannelState>, is_search: bool) -> Self {
        let snapshot = &known.snapshot;
        Self {
            posts: if is_search { Vec::new() } else { snapshot.posts.clone() },
            passed: Passed::default(),
            reaches_start: !is_search && snapshot.reaches_start,
            is_complete: true,
            is_given_up: false,
            known: Arc::clone(known),
        }
    }

    fn as_part(&self) -> Part<'_> {
        let snapshot = &self.known.snapshot;
        Part {
            channel: &snapshot.channel.name,
            posts: &self.posts,
            passed: self.passed,
            reaches_start: self.reaches_start,
            is_given_up: self.is_given_up,
            floor: snapshot.floor,
            language: self.known.language,
        }
    }

    /// The oldest post that was looked at.
    fn oldest(&self) -> Option<MessageId> {
        let last = self.posts.last().map(|kept| kept.post.id);
        last.into_iter().chain(self.passed.oldest.map(|(id, _)| id)).min()
    }

    /// When that was published.
    fn end(&self) -> Option<DateTime<Utc>> {
        let last = self.posts.last().map(|kept| kept.post.published);
        last.into_iter().chain(self.passed.oldest.map(|(_, published)| published)).min()
    }

    /// What was gathered takes the place of what was there, unless it is less.
    fn take(&mut self, found: Gathered, all: &mut GatheredSeveral) {
        let is_further =
            found.oldest().is_some_and(|oldest| self.oldest().is_none_or(|known| oldest < known))
                || found.reaches_start;
        // Nothing further came: it must not be asked for again and again.
        self.is_given_up = !is_further;
        self.is_complete = found.is_complete;
        all.error = all.error.take().or(found.error);
        if is_further || !found.posts.is_empty() {
            self.posts = found.posts;
            self.passed = found.passed;
            self.reaches_start = found.reaches_start;
        }
    }
}

fn select(piles: &[Pile], asked: &MergedOptions, defaults: &FeedDefaults) -> SeveralSelection {
    let parts: Vec<Part<'_>> = piles.iter().map(Pile::as_part).collect();
    feed::select_several(&parts, asked, defaults)
}
