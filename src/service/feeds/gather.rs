//! Gathers the posts from which a feed is selected: the known posts of each channel, and as many older ones as needed.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::Feeds;
use crate::feed::{self, Candidates, Selection};
use crate::model::{FeedOptions, Source, StoredPost};
use crate::service::history::SourceBuffer;
use crate::service::memory::ChannelState;
use crate::service::{Error, RequestContext};
use crate::upstream::Refusal;

/// The rounds that fetch older posts for one answer. More rounds follow only while not even the first post can be
/// selected. Each round gets posts of a channel or gives it up, so the loop ends.
const MAX_ROUNDS: usize = 3;

/// The channels of one round, those with the newest posts first: a page of fifty channels must not cause fifty
/// requests.
const MAX_CHANNELS_AT_ONCE: usize = 4;

/// The older posts of one round, about one upstream page.
const STEP: usize = 20;

/// `Retry-After` of a page whose first post is still unknown.
const COME_AGAIN: Duration = Duration::from_secs(10);

pub(super) struct Gathering<'a> {
    feeds: &'a Feeds,
    source: &'a Source,
    states: &'a [Arc<ChannelState>],
    options: &'a FeedOptions,
    context: RequestContext,
    /// The posts of each channel so far, in the order of `states`.
    buffers: Vec<SourceBuffer>,
    error: Option<Error>,
}

pub(super) struct Gathered {
    pub(super) selection: Selection,
    /// A later request would not get more posts.
    pub(super) is_complete: bool,
    /// Why posts are missing.
    error: Option<Error>,
}

impl Gathered {
    pub(super) fn detail(&self) -> Option<&'static str> {
        self.error.as_ref().map(Error::code)
    }
}

impl<'a> Gathering<'a> {
    pub(super) fn new(
        feeds: &'a Feeds,
        source: &'a Source,
        states: &'a [Arc<ChannelState>],
        options: &'a FeedOptions,
        context: RequestContext,
    ) -> Self {
        let buffer = |state: &Arc<ChannelState>| match options.query() {
            Some(_) => SourceBuffer::empty(state),
            None => SourceBuffer::of(state),
        };
        let buffers = states.iter().map(buffer).collect();
        Self { feeds, source, states, options, context, buffers, error: None }
    }

    pub(super) async fn run(mut self) -> Result<Gathered, Error> {
        let (is_single, goes_back) = (self.source.single().is_some(), self.goes_back());
        let (selection, is_complete) = if is_single {
            self.buffers = self.gather(&[0], self.context).await;
            self.error = self.buffers.iter_mut().find_map(|buffer| buffer.error.take());
            (self.select().await?, self.is_complete())
        } else if goes_back && self.options.query().is_none() {
            self.go_back().await?
        } else {
            // The posts of each channel's own feed, as far as they are archived.
            let all: Vec<usize> = (0..self.buffers.len()).collect();
            self.extend(&all, RequestContext { pages: 0, ..self.context }).await;
            if !goes_back && self.options.narrows() {
                self.fill_up().await?;
            }
            let selection = self.select().await?;
            let is_short = |buffer| self.is_short(buffer, &selection);
            let is_complete = match goes_back {
                true => self.is_complete(),
                false => !self.buffers.iter().any(is_short),
            };
            (selection, is_complete)
        };
        if selection.is_stuck() && self.error.is_none() {
            self.error = Some(Refusal::busy(COME_AGAIN).into());
        }
        match self.error {
            // An empty feed would mean that there are no posts.
            Some(error)
                if selection.entries.is_empty()
                    && (self.options.asks_for_more() || error == Error::NoArchive) =>
            {
                Err(error)
            }
            error => Ok(Gathered { selection, is_complete, error }),
        }
    }

    fn goes_back(&self) -> bool {
        self.options.before().is_some() || self.options.limit().is_some()
    }

    fn is_complete(&self) -> bool {
        self.buffers.iter().all(|buffer| buffer.is_complete)
    }

    /// Fetches older posts of the channels whose known posts end too early, until the page is full.
    async fn go_back(&mut self) -> Result<(Selection, bool), Error> {
        let mut round = 0;
        loop {
            let selection = self.select().await?;
            let is_over = selection.lacking.is_empty();
            let is_enough = round >= MAX_ROUNDS && !selection.is_stuck();
            if is_over || is_enough || round > MAX_ROUNDS + self.buffers.len() {
                return Ok((selection, is_over && self.is_complete()));
            }
            let lacking: Vec<usize> =
                selection.lacking.into_iter().take(MAX_CHANNELS_AT_ONCE).collect();
            self.extend(&lacking, self.context).await;
            round += 1;
        }
    }

    /// Fetches upstream history for a filtered feed, of the channels with the shortest known history.
    async fn fill_up(&mut self) -> Result<(), Error> {
        let selection = self.select().await?;
        let is_short = |number: &usize| self.is_short(&self.buffers[*number], &selection);
        let mut short: Vec<usize> = (0..self.buffers.len()).filter(is_short).collect();
        short.sort_by_key(|number| std::cmp::Reverse(self.end(*number)));
        short.truncate(self.context.pages);
        let pages = self.context.pages / short.len().max(1);
        self.extend(&short, RequestContext { pages, ..self.context }).await;
        Ok(())
    }

    fn end(&self, number: usize) -> Option<chrono::DateTime<chrono::Utc>> {
        self.buffers[number].candidates.end().map(|(_, date)| date)
    }

    /// Whether the channel has unread older posts that belong into a filtered feed.
    fn is_short(&self, buffer: &SourceBuffer, selection: &Selection) -> bool {
        let is_full =
            selection.entries.len() >= usize::from(self.feeds.runtime.settings.feed.window);
        let last = selection.entries.last().filter(|_| is_full);
        let end = buffer.candidates.end().map(|(_, date)| date);
        let is_behind = last.zip(end).is_some_and(|(last, end)| end <= last.post.post.published);
        !buffer.is_complete && !is_behind
    }

    /// Fetches older posts of some channels, concurrently.
    async fn extend(&mut self, numbers: &[usize], context: RequestContext) {
        let found = self.gather(numbers, context).await;
        for (number, mut found) in numbers.iter().zip(found) {
            self.error = self.error.take().or(found.error.take());
            self.buffers[*number].extend(found);
        }
    }

    async fn gather(&self, numbers: &[usize], context: RequestContext) -> Vec<SourceBuffer> {
        let gather = async |number: &usize| {
            let options = self.options_of(&self.buffers[*number].candidates);
            self.feeds.history.gather(&self.states[*number], &options, context).await
        };
        join_all(numbers.iter().map(gather)).await
    }

    /// The options with which the posts of one channel are gathered.
    fn options_of(&self, candidates: &Candidates) -> FeedOptions {
        let is_search = self.options.query().is_some();
        if self.source.single().is_some() || is_search || !self.goes_back() {
            return self.options.clone();
        }
        let begin = candidates.begin(self.options);
        let is_on_page = |post: &&Arc<StoredPost>| begin.is_none_or(|begin| post.post.id < begin);
        self.options.with_limit(candidates.posts.iter().filter(is_on_page).count() + STEP)
    }

    async fn select(&self) -> Result<Selection, Error> {
        let defaults = &self.feeds.runtime.settings.feed;
        // Without a filter, selecting from one channel reads no texts.
        if let [buffer] = &self.buffers[..]
            && !self.options.narrows()
        {
            let candidates = std::slice::from_ref(&buffer.candidates);
            return Ok(feed::select(self.source, candidates, self.options, defaults));
        }
        let candidates: Vec<Candidates> =
            self.buffers.iter().map(|buffer| buffer.candidates.clone()).collect();
        let (source, options) = (self.source.clone(), self.options.clone());
        let defaults = defaults.clone();
        super::compute(move || feed::select(&source, &candidates, &options, &defaults)).await
    }
}
