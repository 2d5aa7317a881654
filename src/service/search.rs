//! Search in all that is kept: posts of all channels, newest first, as a page and as a feed.
//!
//! Nothing is fetched for it: what nobody ever asked for is not found.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

pub use crate::archive::search::{BadQuery, Hit, Piece, Position, Query, SearchResults, Snippet};

use super::persistence::unread;
use super::render::Rendered;
use super::{Error, Inner, Service};
use crate::archive::search::{MOST_RESULTS, SearchQuery};
use crate::feed::{self, Entry, Several};
use crate::links::{self, Base, Links};
use crate::model::{BadOption, ChannelName, FeedOptions, Format, MessageId};

/// How long one answer goes on looking when the options want few of the posts that were found. What lies further back is on
/// the next page.
const LONGEST_LOOK: Duration = Duration::from_secs(2);

/// How long a reader of a search need not ask again.
const TTL: Duration = Duration::from_secs(15 * 60);

/// What a search is asked to be: a query, where its page begins, and the options of feeds but for `q` and `before`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchOptions {
    /// What is looked for.
    pub query: Query,
    /// Where the page before this one ended; none for the first.
    pub before: Option<Position>,
    /// Everything else.
    pub options: FeedOptions,
}

/// Where may be looked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// In these channels alone; `None`: in all.
    pub within: Option<Vec<ChannelName>>,
    /// And not in these.
    pub without: Vec<ChannelName>,
}

/// What is wrong with the address of a search.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSearch {
    /// The query.
    #[error(transparent)]
    Query(#[from] BadQuery),
    /// An option.
    #[error(transparent)]
    Option(#[from] BadOption),
}

impl SearchOptions {
    /// The query of an address, without `?`; `None` when it has no `q`.
    ///
    /// # Errors
    /// [`BadSearch`] names the first thing that is wrong.
    pub fn parse(query: &str, defaults: &FeedOptions) -> Result<Option<Self>, BadSearch> {
        let (mut words, mut before) = (None, None);
        let mut rest = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let own = match &*name {
                "q" => &mut words,
                "before" => &mut before,
                _ => {
                    rest.append_pair(&name, &value);
                    continue;
                }
            };
            if own.replace(value).is_some() {
                return Err(BadOption::Twice { option: name.into_owned() }.into());
            }
        }
        let options = FeedOptions::parse(&rest.finish(), defaults)?;
        let Some(words) = words else { return Ok(None) };
        let before = before.filter(|before| !before.is_empty());
        let before =
            before.map(|before| Position::parse(&before).ok_or(BadQuery::Page)).transpose()?;
        Ok(Some(Self { query: Query::parse(&words)?, before, options }))
    }

    /// The normal form: a query without `?`.
    pub fn to_query(&self, defaults: &FeedOptions) -> String {
        let mut query = format!("q={}", links::encode(self.query.text()));
        let options = self.options.to_query(defaults);
        if !options.is_empty() {
            query.push('&');
            query.push_str(&options);
        }
        if let Some(before) = self.before {
            query.push_str(&format!("&before={before}"));
        }
        query
    }

    /// The same for another page.
    pub fn with_before(&self, before: Option<Position>) -> Self {
        Self { before, ..self.clone() }
    }
}

/// What the `q` of a channel's feed looks for, of one channel or of several; nothing when there is no `q`. It is looked at
/// wherever options come in: a query that finds nothing because it cannot be asked would be a false empty feed.
///
/// # Errors
/// [`BadQuery`] when a search does not take it either.
pub fn in_channel(options: &FeedOptions) -> Result<Option<Query>, BadQuery> {
    options.query().map(Query::parse_in_channel).transpose()
}

impl Service {
    /// Posts of all channels that hold what is looked for, newest first.
    ///
    /// # Errors
    /// [`Error::NoArchive`].
    pub async fn search(
        &self,
        asked: &SearchOptions,
        scope: &Scope,
    ) -> Result<SearchResults, Error> {
        self.0.finds(asked, scope).await
    }

    /// The same as a feed.
    ///
    /// # Errors
    /// [`Error::NoArchive`].
    pub async fn search_feed(
        &self,
        asked: &SearchOptions,
        scope: &Scope,
        format: Format,
        base: &Base,
    ) -> Result<Arc<Rendered>, Error> {
        let finds = self.0.finds(asked, scope).await?;
        let links = Links::new(base.clone(), self.0.settings.feed.options.clone());
        let asked = asked.clone();
        // Writing takes some milliseconds of computing: not on a thread that serves connections.
        let writing = tokio::task::spawn_blocking(move || {
            let document = document(&finds, &asked, &links);
            Rendered::new(feed::write(&document, format), document.updated)
        });
        Ok(Arc::new(writing.await.map_err(|_| Error::Internal)?))
    }
}

impl Inner {
    /// Posts of one channel that are kept and hold what its `q` looks for, newest first.
    pub(super) async fn found_in(
        &self,
        channel: &ChannelName,
        query: &Query,
        below: Option<MessageId>,
        before: Option<Position>,
    ) -> Result<SearchResults, Error> {
        let query = SearchQuery {
            query: query.clone(),
            within: Some(vec![channel.clone()]),
            without: Vec::new(),
            before,
            below,
            limit: MOST_RESULTS,
            with_deleted: self.settings.keeps_deleted,
        };
        self.archive.search(query).await.map_err(unread)
    }

    /// As many finds as the options hold, of those that they want.
    async fn finds(&self, asked: &SearchOptions, scope: &Scope) -> Result<SearchResults, Error> {
        let limit = asked.options.limit().unwrap_or(self.settings.feed.window);
        let limit = usize::from(limit).min(MOST_RESULTS);
        let mut found = SearchResults { hits: Vec::new(), next: asked.before };
        let begun = Instant::now();
        let mut stretch = limit;
        loop {
            let query = SearchQuery {
                query: asked.query.clone(),
                within: scope.within.clone(),
                without: scope.without.clone(),
                before: found.next,
                below: None,
                limit: stretch,
                with_deleted: self.settings.keeps_deleted,
            };
            let more = self.archive.search(query).await.map_err(unread)?;
            found.next = more.next;
            found.hits.extend(wanted(more.hits, &asked.options).await?);
            if found.hits.len() > limit {
                found.hits.truncate(limit);
                found.next = found.hits.last().map(|hit| hit.position);
            }
            let is_full = found.hits.len() == limit;
            if is_full || found.next.is_none() || begun.elapsed() >= LONGEST_LOOK {
                return Ok(found);
            }
            stretch = MOST_RESULTS;
        }
    }
}

/// Those of the finds that the options want. Patterns are looked for in all of them: not on a thread that serves connections.
async fn wanted(mut hits: Vec<Hit>, options: &FeedOptions) -> Result<Vec<Hit>, Error> {
    let options = options.clone();
    let sifting = tokio::task::spawn_blocking(move || {
        hits.retain(|hit| feed::wants(&hit.held.kept.post, &options, hit.language));
        hits
    });
    sifting.await.map_err(|_| Error::Internal)
}

fn document(finds: &SearchResults, asked: &SearchOptions, links: &Links) -> feed::Feed {
    let entry = |hit: &'_ Hit| (Arc::clone(&hit.held.kept), Arc::clone(&hit.channel), hit.language);
    let held: Vec<_> = finds.hits.iter().map(entry).collect();
    let entries: Vec<Entry<'_>> = held
        .iter()
        .map(|(kept, channel, language)| Entry { kept, channel, language: *language })
        .collect();
    let defaults = links.defaults();
    let addresses = |asked: &SearchOptions| {
        let query = asked.to_query(defaults);
        Format::ALL.map(|format| links.finds_feed(format, &query))
    };
    let first = asked.with_before(None);
    let whole = SearchOptions { options: asked.options.content_only(), ..first.clone() };
    let identity = SearchOptions { options: asked.options.identity(), ..first.clone() };
    let next = |items: usize| {
        let position = if items < finds.hits.len() {
            items.checked_sub(1).and_then(|last| finds.hits.get(last)).map(|hit| hit.position)
        } else {
            finds.next
        };
        Some(addresses(&asked.with_before(Some(position?))))
    };
    let own = addresses(asked);
    let first = asked.before.map(|_| addresses(&first));
    feed::Feed::of_several(&Several {
        id: &links::finds_identity(&identity.to_query(&FeedOptions::default())),
        title: &format!("“{}”", asked.query.text()),
        description: None,
        home: &links.finds(&whole.to_query(defaults)),
        entries: &entries,
        updated: updated(finds),
        ttl: TTL,
        options: &asked.options,
        links,
        addresses: own.each_ref().map(String::as_str),
        first: first.as_ref().map(|first| first.each_ref().map(String::as_str)),
        next: &next,
    })
}

/// When what was found last changed: a search says nothing of its own.
fn updated(finds: &SearchResults) -> DateTime<Utc> {
    finds.hits.iter().map(|hit| hit.held.kept.updated).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_of_a_search_are_those_of_feeds_beside_its_own() {
        let defaults = FeedOptions::default();
        let parse = |query: &str| SearchOptions::parse(query, &defaults);
        let asked = parse("limit=5&q=%D1%87%D0%B0%D0%B9++-tea&before=6a1b&_=1").unwrap().unwrap();
        assert_eq!(asked.query.text(), "чай -tea");
        let query = "q=%D1%87%D0%B0%D0%B9%20%2Dtea&limit=5&before=6a1b";
        assert_eq!(asked.to_query(&defaults), query);
        assert_eq!(parse(query).unwrap(), Some(asked.clone()));
        assert_eq!(
            asked.with_before(None).to_query(&defaults),
            "q=%D1%87%D0%B0%D0%B9%20%2Dtea&limit=5"
        );
        assert_eq!(parse("limit=5").unwrap(), None);
        assert_eq!(parse("q=tea&before=").unwrap().unwrap().before, None);
        for (bad, why) in [
            ("q=", BadSearch::Query(BadQuery::Empty)),
            ("q=tea&before=x", BadSearch::Query(BadQuery::Page)),
            ("q=tea&q=tea", BadSearch::Option(BadOption::Twice { option: "q".to_owned() })),
        ] {
            assert_eq!(parse(bad), Err(why), "{bad}");
        }
        assert!(matches!(parse("q=tea&limt=5"), Err(BadSearch::Option(_))));
    }
}
