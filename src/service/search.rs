//! Searches the whole archive: posts of all channels, newest first. Nothing is fetched.
//!
//! [`in_channel`] checks the `q` of a channel's feed too.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub use crate::archive::search::{BadQuery, Piece, Query, Snippet};

use super::error::read_failed;
use super::{Error, Runtime};
use crate::archive::search::{Hit, MOST_RESULTS, SearchQuery};
use crate::feed::{self, Entry, Selection};
use crate::model::{ChannelName, Cursor, FeedOptions, Position, Source};

/// How long one answer searches when the options reject most results. Older results follow on the next page.
const MAX_SEARCH_TIME: Duration = Duration::from_secs(2);

/// The TTL of a search feed, as readers see it.
pub(super) const TTL: Duration = Duration::from_secs(15 * 60);

/// Parses the `q` of a feed of channels. Callers do so wherever they parse options: an invalid query would match
/// nothing.
///
/// # Errors
/// [`BadQuery`] when a search rejects it too.
pub fn in_channel(options: &FeedOptions) -> Result<Option<Query>, BadQuery> {
    options.query().map(Query::parse_in_channel).transpose()
}

/// The newest results that the options select, up to their limit.
///
/// # Errors
/// [`Error::NoArchive`].
pub(super) async fn select(
    runtime: &Runtime,
    source: &Source,
    options: &FeedOptions,
) -> Result<Selection, Error> {
    // The caller passes searches only.
    let Source::Search { query, within, without } = source else { return Err(Error::Internal) };
    let query = Query::parse(query).map_err(|_| Error::Internal)?;
    let limit = options.limit().unwrap_or(runtime.settings.feed.window);
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
            with_deleted: runtime.settings.keeps_deleted,
        };
        let found = runtime.archive.search(query).await.map_err(read_failed)?;
        next = found.next;
        considered += found.hits.len();
        results.extend(wanted(found.hits, options).await?);
        if results.len() > limit {
            results.truncate(limit);
            next = results.last().map(|(_, position)| *position);
        }
        let is_full = results.len() == limit;
        if is_full || next.is_none() || begun.elapsed() >= MAX_SEARCH_TIME {
            return Ok(Selection::of_search(results, next, considered));
        }
        stretch = MOST_RESULTS;
    }
}

/// Filters results. Patterns run over all of them, so this must not block a thread that serves connections.
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
