//! A walk back through a channel's history, for somebody who waits for all of it.

use std::sync::Arc;
use std::time::Duration;

use super::history::Gathered;
use super::memory::{ChannelState, OtherPage};
use super::search::Query;
use super::{ClientId, Error, Inner, Service, View};
use crate::archive::search::matches;
use crate::feed::{self, Selection};
use crate::links::Links;
use crate::model::{ChannelName, FeedOptions, Format, MessageId, StoredPost};
use crate::upstream::{Class, Priority, Refusal};

/// The longest pause that a walk makes when Telegram asks for one.
const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);

/// How often it asks again for the same page.
const MOST_TRIES: u32 = 4;

/// How far a walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many posts that are wanted have been seen.
    Seen(usize),
    /// It pauses, because Telegram asks for it.
    Pausing(Duration),
}

/// Where a walk came to.
pub struct Walked {
    /// The channel.
    pub view: View,
    /// The posts that the options want, newest first, as many as were asked for.
    pub selection: Selection,
    /// Why there are fewer.
    pub error: Option<Error>,
    gathered: Gathered,
}

impl Service {
    /// Walks back until there are so many posts that the options want and that are `sought`, or no older ones: in the archive,
    /// then at Telegram, whose pages go into the archive. A pause that Telegram asks for is made. `sought` is what the
    /// options' `q` looks for.
    ///
    /// # Errors
    /// [`Error::Refused`] when Telegram refuses and nothing good is kept; [`Error::Gone`].
    pub async fn walk(
        &self,
        name: &ChannelName,
        options: &FeedOptions,
        sought: Option<&Query>,
        wanted: usize,
        refresh_timeout: Duration,
        tell: impl Fn(Step),
    ) -> Result<Walked, Error> {
        let view = self.0.view(name, refresh_timeout, ClientId::OPERATOR).await?;
        let known = &view.known;
        let begin = options.before().unwrap_or(MessageId::LAST);
        let wants = |kept: &&Arc<StoredPost>| {
            kept.post.id < begin
                && feed::wants(&kept.post, options, known.language)
                && sought.is_none_or(|query| matches(query, &kept.post))
        };
        let (mut gathered, mut cursor) = start(known, begin);
        let mut posts: Vec<_> = gathered.posts.iter().filter(wants).cloned().collect();
        while let Some(before) = cursor.filter(|_| posts.len() < wanted) {
            tell(Step::Seen(posts.len()));
            let page = match self.0.stretch(known, before).await {
                Ok(Some(page)) => Ok(page),
                Ok(None) => self.0.ask_patiently(name, before, &tell).await,
                Err(error) => Err(error),
            };
            let page = match page {
                Ok(page) => page,
                Err(error) => {
                    gathered.fail(error);
                    break;
                }
            };
            posts.extend(page.posts.iter().filter(wants).cloned());
            gathered.posts.extend(page.posts);
            cursor = page.older.filter(|older| *older < before);
            gathered.reaches_start = cursor.is_none();
        }
        tell(Step::Seen(posts.len().min(wanted)));
        let error = gathered.error.clone();
        let selection = selection(posts, wanted, &gathered);
        Ok(Walked { view, selection, error, gathered })
    }

    /// A walk's posts as a feed.
    pub fn write(
        &self,
        walked: &Walked,
        options: &FeedOptions,
        links: &Links,
        format: Format,
    ) -> Vec<u8> {
        let request = self.0.request(&walked.view.known, &walked.gathered, options, links);
        feed::write(&feed::Feed::build(&request, &walked.selection), format)
    }
}

/// What a walk begins with, and where it goes on, if anywhere: behind the posts that are known, or at the message in front of
/// which posts are asked for, when that lies further back.
fn start(known: &ChannelState, begin: MessageId) -> (Gathered, Option<MessageId>) {
    let mut gathered = Gathered::of(known);
    let last = gathered.posts.last().map(|kept| kept.post.id);
    if last.is_some_and(|last| begin < last) {
        gathered.posts.clear();
    }
    let cursor = last.map(|last| last.min(begin)).filter(|_| !gathered.reaches_start);
    (gathered, cursor)
}

/// As many of the posts as are wanted.
fn selection(mut posts: Vec<Arc<StoredPost>>, wanted: usize, gathered: &Gathered) -> Selection {
    let matched = posts.len();
    posts.truncate(wanted);
    let is_all = gathered.reaches_start && posts.len() == matched;
    Selection {
        end: posts.last().map(|kept| kept.post.id),
        next: posts.last().map(|kept| kept.post.id).filter(|_| !is_all),
        considered: gathered.posts.len(),
        matched,
        posts,
    }
}

impl Inner {
    async fn ask_patiently(
        &self,
        name: &ChannelName,
        before: MessageId,
        tell: &impl Fn(Step),
    ) -> Result<OtherPage, Error> {
        let mut tries = 1;
        loop {
            let priority = Priority::new(Class::Background);
            let refusal = match self.ask_older(name, before, &priority).await {
                Err(Error::Refused(refusal)) => refusal,
                outcome => return outcome,
            };
            let pause = match &refusal {
                Refusal::Throttled { retry_after } | Refusal::Busy { retry_after } => *retry_after,
                Refusal::Unreachable(_) | Refusal::Timeout { .. } => Duration::from_secs(5),
                _ => return Err(refusal.into()),
            };
            if tries == MOST_TRIES || pause > LONGEST_PAUSE {
                return Err(refusal.into());
            }
            tries += 1;
            tell(Step::Pausing(pause));
            tokio::time::sleep(pause).await;
        }
    }
}
