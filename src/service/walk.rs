//! Walks back through a channel's history, for the command line, which waits for all of it.

use std::sync::Arc;
use std::time::Duration;

use super::View;
use super::error::Error;
use super::history::{History, SourceBuffer};
use super::memory::ChannelState;
use super::post_fetcher::{OtherPage, PostFetcher};
use super::search::Query;
use crate::archive::search::matches;
use crate::feed::{self, Selection};
use crate::model::{ChannelName, FeedOptions, MessageId, Source, StoredPost};
use crate::upstream::{self, Class, Priority, Refusal};

/// The longest pause demanded by Telegram that a walk waits for.
const MAX_PAUSE: Duration = Duration::from_secs(10 * 60);

/// The attempts for one page.
const MAX_TRIES: u32 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The number of matching posts so far.
    Seen(usize),
    /// A pause before the next request, as Telegram demands or after an error.
    Pausing(Duration),
}

pub struct Walked {
    pub view: View,
    /// The matching posts, newest first, at most as many as requested.
    pub selection: Selection,
    /// Why there are fewer posts than requested.
    pub error: Option<Error>,
}

/// Walks back until `wanted` posts match the options and `query`, or no older posts exist: through the archive, then
/// through Telegram's pages. It waits for pauses that Telegram demands.
pub(super) async fn walk(
    history: &History,
    fetcher: &PostFetcher,
    view: View,
    options: &FeedOptions,
    query: Option<&Query>,
    wanted: usize,
    report: impl Fn(Step),
) -> Walked {
    let state = &view.state;
    let name = &state.snapshot.channel.name;
    let (mut buffer, mut cursor) = start(state, options);
    let wants = |stored: &Arc<StoredPost>| {
        feed::wants(&stored.post, options, state.language)
            && query.is_none_or(|query| matches(query, &stored.post))
    };
    buffer.candidates.posts.retain(wants);
    while let Some(before) = cursor.filter(|_| buffer.candidates.posts.len() < wanted) {
        report(Step::Seen(buffer.candidates.posts.len()));
        let page = match history.archived_before(state, before).await {
            Ok(Some(page)) => Ok(page),
            Ok(None) => fetch_patiently(fetcher, name, before, &report).await,
            Err(error) => Err(error),
        };
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                buffer.fail(error);
                break;
            }
        };
        let candidates = &mut buffer.candidates;
        candidates.oldest = page.posts.last().map(|last| (last.post.id, last.post.published));
        candidates.posts.extend(page.posts.into_iter().filter(wants));
        cursor = page.older.filter(|older| *older < before);
        candidates.reaches_start = cursor.is_none();
    }
    report(Step::Seen(buffer.candidates.posts.len().min(wanted)));
    let source = Source::channel(name.clone());
    let selection = feed::select_first(&source, &[buffer.candidates], options, wanted);
    Walked { selection, error: buffer.error, view }
}

/// The snapshot's posts on the page, and the message before which the walk continues.
fn start(state: &ChannelState, options: &FeedOptions) -> (SourceBuffer, Option<MessageId>) {
    let mut buffer = SourceBuffer::of(state);
    let begin = buffer.candidates.begin(options).unwrap_or(MessageId::LAST);
    let last = state.snapshot.posts.last().map(|stored| stored.post.id);
    buffer.candidates.posts.retain(|stored| stored.post.id < begin);
    let cursor = last.map(|last| last.min(begin)).filter(|_| !state.snapshot.reaches_start);
    (buffer, cursor)
}

async fn fetch_patiently(
    fetcher: &PostFetcher,
    name: &ChannelName,
    before: MessageId,
    report: &impl Fn(Step),
) -> Result<OtherPage, Error> {
    let mut tries = 1;
    loop {
        let priority = Priority::new(Class::Background);
        let refusal =
            match fetcher.fetch_page(name, &upstream::Query::Before(before), &priority).await {
                Err(Error::Refused(refusal)) => refusal,
                outcome => return outcome,
            };
        let pause = match &refusal {
            Refusal::Throttled { retry_after } | Refusal::Busy { retry_after } => *retry_after,
            Refusal::Unreachable(_) | Refusal::Timeout { .. } => Duration::from_secs(5),
            _ => return Err(refusal.into()),
        };
        if tries == MAX_TRIES || pause > MAX_PAUSE {
            return Err(refusal.into());
        }
        tries += 1;
        report(Step::Pausing(pause));
        tokio::time::sleep(pause).await;
    }
}
