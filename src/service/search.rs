//! Search in the whole archive: posts of all channels, newest first. Nothing is fetched for it.
//!
//! The `q` of a channel's feed is checked here too ([`in_channel`]).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub use crate::archive::search::{BadQuery, Piece, Query, Snippet};

use super::error::read_failed;
use super::{Error, Settings};
use crate::archive::Archive;
use crate::archive::search::{Hit, MOST_RESULTS, SearchQuery};
use crate::feed::{self, Entry, Selection};
use crate::model::{ChannelName, Cursor, FeedOptions, Position, Source};

/// How long one answer searches when the options want few of the results. Older results are on the next page.
const LONGEST_LOOK: Duration = Duration::from_secs(2);

/// The TTL of a search feed, for readers.
pub(super) const TTL: Duration = Duration::from_secs(15 * 60);

/// The query in the `q` of a feed of channels. It is checked wherever options are parsed: an invalid query would be an empty
/// feed.
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
    // Channels are no search.
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
        let found = archive.search(query).await.map_err(read_failed)?;
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
