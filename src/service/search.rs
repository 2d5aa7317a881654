//! Search in all that is kept: posts of all channels, newest first, as a page and as a feed.
//!
//! Nothing is fetched for it: what nobody ever asked for is not found.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub use crate::archive::search::{BadQuery, Piece, Query, Snippet};

use super::error::unread;
use super::{Error, Settings};
use crate::archive::Archive;
use crate::archive::search::{Hit, MOST_RESULTS, SearchQuery};
use crate::feed::{self, Entry, Selection};
use crate::model::{ChannelName, Cursor, FeedOptions, Position, Source};

/// How long one answer goes on looking when the options want few of the posts that were found. What lies further back is on
/// the next page.
const LONGEST_LOOK: Duration = Duration::from_secs(2);

/// How long a reader of a search need not ask again.
pub(super) const TTL: Duration = Duration::from_secs(15 * 60);

/// What the `q` of a channel's feed looks for, of one channel or of several; nothing when there is no `q`. It is looked at
/// wherever options come in: a query that finds nothing because it cannot be asked would be a false empty feed.
///
/// # Errors
/// [`BadQuery`] when a search does not take it either.
pub fn in_channel(options: &FeedOptions) -> Result<Option<Query>, BadQuery> {
    options.query().map(Query::parse_in_channel).transpose()
}

/// As many results as the options hold, of those that they want, newest first.
///
/// # Errors
/// [`Error::NoArchive`].
pub(super) async fn select(
    archive: &Archive,
    settings: &Settings,
    source: &Source,
    options: &FeedOptions,
) -> Result<Selection, Error> {
    // A source of channels has no words to look for.
    let Source::Search { query, within, without } = source else { return Err(Error::Internal) };
    let query = Query::parse(query).map_err(|_| Error::Internal)?;
    let limit = options.limit().unwrap_or(settings.feed.window);
    let limit = usize::from(limit).min(MOST_RESULTS);
    let mut next = options.before().and_then(Cursor::position);
    let (mut results, mut considered) = (Vec::new(), 0);
    let begun = Instant::now();
    let mut stretch = limit;
    loop {
        let query = SearchQuery {
            query: query.clone(),
            within: within.as_deref().map(<[ChannelName]>::to_vec),
            without: without.to_vec(),
            before: next,
            below: None,
            limit: stretch,
            with_deleted: settings.keeps_deleted,
        };
        let found = archive.search(query).await.map_err(unread)?;
        next = found.next;
        considered += found.hits.len();
        results.extend(wanted(found.hits, options).await?);
        if results.len() > limit {
            results.truncate(limit);
            next = results.last().map(|(_, position)| *position);
        }
        let is_full = results.len() == limit;
        if is_full || next.is_none() || begun.elapsed() >= LONGEST_LOOK {
            return Ok(Selection::of_search(results, next, considered));
        }
        stretch = MOST_RESULTS;
    }
}

/// The results that the options want. Patterns are matched with all of them: not on a thread that serves connections.
async fn wanted(
    mut hits: Vec<Hit>,
    options: &FeedOptions,
) -> Result<Vec<(Entry, Position)>, Error> {
    let options = options.clone();
    let filtering = tokio::task::spawn_blocking(move || {
        hits.retain(|hit| feed::wants(&hit.held.kept.post, &options, hit.language));
        let entry = |hit: Hit| {
            let post = Arc::clone(&hit.held.kept);
            (Entry { post, channel: hit.channel, language: hit.language }, hit.position)
        };
        hits.into_iter().map(entry).collect()
    });
    filtering.await.map_err(|_| Error::Internal)
}
