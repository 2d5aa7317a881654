//! Runs searches: the one part of the search that is not pure.
//!
//! SQLite finds posts by terms, which are stems, so posts found for a phrase or a prefix are checked individually. For
//! a prefix (`tele*`), FTS5 collects all posts of all matching terms before it returns the newest, which takes seconds
//! in a million posts. A prefix with that many posts is therefore left out of the FTS5 expression: matching posts are
//! frequent, and the individual check finds them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::query::{Query, Term};
use super::words::{Entry, parts};
use crate::archive::channel::{self, COLUMNS, Stored};
use crate::archive::post;
use crate::archive::session::Session;
use crate::archive::value::PostRow;
use crate::model::{Channel, ChannelName, Language, MessageId, Position, Post};
use crate::text::Spoilers;

/// The search table: the terms of a post (see `index_text`) and its channel (see [`place`]). It stores no text to show.
/// The tokenizer splits at ASCII characters other than letters, digits, `#` and `_`.
pub(in crate::archive) const TABLE: &str = "CREATE VIRTUAL TABLE post_text USING fts5(words, place, content='', \
     contentless_delete=1, tokenize=\"ascii tokenchars '#_'\")";

/// Adds a row to the search table.
pub(in crate::archive) const INSERT: &str =
    "INSERT INTO post_text (rowid, words, place) VALUES (?1, ?2, ?3)";

/// The maximum number of results of one search.
pub const MOST_RESULTS: usize = 500;

/// The maximum number of posts for which FTS5 evaluates a prefix. A post counts once for each matching word.
const MOST_GATHERED: u64 = 50_000;

/// The maximum number of posts that one search checks individually. The next page continues after them.
const MOST_LOOKED_AT: usize = 2_000;

/// The variation selector for emoji. It is invisible, and people leave it out.
const PICTURE: char = '\u{fe0f}';

/// A search of the archive.
#[derive(Clone, Debug)]
pub struct SearchQuery {
    pub query: Query,
    /// The channels to search; `None`: all.
    pub within: Option<Vec<ChannelName>>,
    /// Channels to exclude.
    pub without: Vec<ChannelName>,
    /// The position after which the results start; `None`: at the newest post.
    pub before: Option<Position>,
    /// Only posts below this message. In a search of one channel this is a cursor, too.
    pub below: Option<MessageId>,
    /// The maximum number of results, at most [`MOST_RESULTS`].
    pub limit: usize,
    /// Whether the results include deleted posts.
    pub with_deleted: bool,
}

/// The results of a search.
#[derive(Clone, Debug, Default)]
pub struct SearchResults {
    /// Newest first.
    pub hits: Vec<Hit>,
    /// The position after which older results start; `None` if there are no more.
    pub next: Option<Position>,
}

#[derive(Clone, Debug)]
pub struct Hit {
    pub held: PostRow,
    /// The channel in its present state.
    pub channel: Arc<Channel>,
    /// The language of feedline's own words in the channel's feeds.
    pub language: Language,
    /// The last change of the channel's served content.
    pub updated: DateTime<Utc>,
    pub position: Position,
}

/// The token for a channel in the column `place`.
pub(in crate::archive) fn place(channel: i64) -> String {
    format!("c{channel}")
}

/// Whether a query matches a post. Ignores the query's channels.
pub fn matches(query: &Query, post: &Post) -> bool {
    if !query.has_words() {
        return has_symbols(post, query);
    }
    let is_in_time = query.since().is_none_or(|since| since <= post.published)
        && query.until().is_none_or(|until| post.published < until);
    is_in_time && {
        let entry = Entry::new(post);
        query.wanted().iter().all(|term| entry.holds(term))
            && !query.unwanted().iter().any(|term| entry.holds(term))
    }
}

fn has_symbols(post: &Post, query: &Query) -> bool {
    let plain = |text: &str| text.replace(PICTURE, "").to_lowercase();
    let text = plain(&parts(post, Spoilers::Show).join("\n"));
    query.symbols().iter().all(|symbol| text.contains(&plain(symbol)))
}

/// Searches the archive, and lets FTS5 collect at most [`MOST_GATHERED`] posts for a prefix.
pub(in crate::archive) fn find(
    session: &Session<'_>,
    asked: &SearchQuery,
) -> rusqlite::Result<SearchResults> {
    find_gathering(session, asked, MOST_GATHERED)
}

pub(super) fn find_gathering(
    session: &Session<'_>,
    asked: &SearchQuery,
    most_gathered: u64,
) -> rusqlite::Result<SearchResults> {
    let Some(Places { within, without }) = places(session, asked)? else {
        return Ok(SearchResults::default());
    };
    let plan = Plan::new(session, &asked.query, most_gathered)?;
    let expression = plan.expression(within.as_deref(), &without);
    let limit = asked.limit.clamp(1, MOST_RESULTS);
    let most_seen = if plan.looked_at.is_empty() { limit } else { MOST_LOOKED_AT };
    let mut statement = session.prepare(&statement(expression.is_some()))?;
    let values = bounds(asked, most_seen).into_iter().chain(expression.map(Value::Text));
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut channels = Channels { session, known: HashMap::new() };
    let (mut results, mut last, mut seen) = (SearchResults::default(), None, 0);
    while let Some(row) = rows.next()? {
        if seen == most_seen || results.hits.len() == limit {
            results.next = last;
            break;
        }
        seen += 1;
        let position = Position(row.get(0)?);
        last = Some(position);
        let number = row.get(2)?;
        if without.contains(&number) {
            continue;
        }
        let Some(held) = post::read(session, row)?.filter(|held| plan.accepts(&held.kept.post))
        else {
            continue;
        };
        let Some((channel, language, updated)) = channels.of(number)? else { continue };
        results.hits.push(Hit { held, channel, language, updated, position });
    }
    Ok(results)
}

/// A query in two parts: the FTS5 expression, and the terms that are checked in each post that it returns.
pub(super) struct Plan<'q> {
    wanted: Vec<String>,
    unwanted: Vec<String>,
    /// With whether the post must contain the term.
    looked_at: Vec<(&'q Term, bool)>,
}

impl<'q> Plan<'q> {
    pub(super) fn new(
        connection: &Connection,
        query: &'q Query,
        most: u64,
    ) -> rusqlite::Result<Self> {
        let mut plan = Self { wanted: Vec::new(), unwanted: Vec::new(), looked_at: Vec::new() };
        for term in query.wanted() {
            let mut is_common = false;
            for prefix in term.prefixes() {
                is_common = is_common || gathers(connection, &prefix, most)? > most;
            }
            let mut condition = String::new();
            if term.write(!is_common, &mut condition) {
                plan.wanted.push(condition);
            }
            if is_common || !term.is_exact() {
                plan.looked_at.push((term, true));
            }
        }
        for term in query.unwanted() {
            // FTS5 can only exclude posts from the matches of another term.
            let mut condition = String::new();
            if term.is_exact() && term.prefixes().is_empty() && !plan.wanted.is_empty() {
                term.write(true, &mut condition);
                plan.unwanted.push(condition);
            } else {
                plan.looked_at.push((term, false));
            }
        }
        Ok(plan)
    }

    pub(super) fn accepts(&self, post: &Post) -> bool {
        if self.looked_at.is_empty() {
            return true;
        }
        let entry = Entry::new(post);
        self.looked_at.iter().all(|(term, is_wanted)| entry.holds(term) == *is_wanted)
    }

    /// The operand of `MATCH`; `None` if neither a term nor a channel is required.
    pub(super) fn expression(&self, within: Option<&[i64]>, without: &[i64]) -> Option<String> {
        let mut held = Vec::new();
        if !self.wanted.is_empty() {
            held.push(format!("(words : ({}))", self.wanted.join(" AND ")));
        }
        if let Some(within) = within {
            held.push(format!("(place : ({}))", any_of(within)));
        }
        if held.is_empty() {
            return None;
        }
        let mut expression = held.join(" AND ");
        if !self.unwanted.is_empty() {
            expression = format!("({expression}) NOT (words : ({}))", self.unwanted.join(" OR "));
        }
        if !without.is_empty() {
            expression = format!("({expression}) NOT (place : ({}))", any_of(without));
        }
        Some(expression)
    }
}

/// The number of posts for all terms with a prefix, summed over the terms. Stops counting above `most`.
fn gathers(connection: &Connection, prefix: &str, most: u64) -> rusqlite::Result<u64> {
    connection.execute_batch(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.post_word USING fts5vocab(main, post_text, row)",
    )?;
    let mut words = connection
        .prepare_cached("SELECT doc FROM temp.post_word WHERE term >= ?1 AND term < ?2")?;
    // U+10FFFF is the highest character.
    let mut rows = words.query((prefix, format!("{prefix}\u{10ffff}")))?;
    let mut gathered = 0_u64;
    while let Some(row) = rows.next()? {
        gathered += row.get::<_, i64>(0).map(i64::unsigned_abs)?;
        if gathered > most {
            break;
        }
    }
    Ok(gathered)
}

fn any_of(channels: &[i64]) -> String {
    let places: Vec<String> =
        channels.iter().map(|channel| format!("\"{}\"", place(*channel))).collect();
    places.join(" OR ")
}

/// The first five parameters of [`statement`]. The limit is one row more than are checked, to detect further results.
fn bounds(asked: &SearchQuery, most_seen: usize) -> [Value; 5] {
    let low = asked.query.since().map_or(i64::MIN, post::first_of);
    let high = asked.query.until().map_or(i64::MAX, post::first_of);
    let high = asked.before.map_or(high, |before| high.min(before.0));
    let rows = i64::try_from(most_seen).unwrap_or(i64::MAX).saturating_add(1);
    let below = asked.below.map_or(i64::MAX, |below| i64::from(below.get()));
    [low.into(), high.into(), asked.with_deleted.into(), rows.into(), below.into()]
}

/// Selects posts, newest first; `with_words` starts from the search table. `CROSS JOIN` makes it the outer loop: it
/// returns the newest rows first, and stops at the limit.
fn statement(with_words: bool) -> String {
    let (source, row, matches) = if with_words {
        let source = "post_text CROSS JOIN post ON post.id = post_text.rowid";
        (source, "post_text.rowid", "post_text MATCH ?6 AND")
    } else {
        ("post", "post.id", "")
    };
    format!(
        "SELECT post.id, post.payload, post.channel FROM {source}
         WHERE {matches} {row} >= ?1 AND {row} < ?2
             AND (?3 OR NOT post.is_deleted) AND post.message < ?5
             AND EXISTS (SELECT 1 FROM channel WHERE channel.id = post.channel AND channel.name IS NOT NULL)
         ORDER BY {row} DESC LIMIT ?4"
    )
}

/// The channels of a search, by id.
struct Places {
    /// `None`: all channels.
    within: Option<Vec<i64>>,
    without: Vec<i64>,
}

/// `None` if no channel is left to search.
fn places(session: &Session<'_>, asked: &SearchQuery) -> rusqlite::Result<Option<Places>> {
    let without = numbers(session, &asked.without)?;
    let named = asked.query.channels();
    let named = if named.is_empty() { None } else { Some(numbers(session, named)?) };
    let allowed = asked.within.as_deref().map(|names| numbers(session, names)).transpose()?;
    let within = match (named, allowed) {
        (Some(named), Some(allowed)) => {
            Some(named.into_iter().filter(|number| allowed.contains(number)).collect())
        }
        (named, allowed) => named.or(allowed),
    };
    let is_nowhere = within.as_ref().is_some_and(Vec::is_empty);
    Ok((!is_nowhere).then_some(Places { within, without }))
}

/// The ids of archived channels by their present or former names.
fn numbers(session: &Session<'_>, names: &[ChannelName]) -> rusqlite::Result<Vec<i64>> {
    let mut numbers = Vec::new();
    for name in names {
        numbers.extend(channel::row_of(session, name)?);
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

/// A channel as results show it.
type Named = (Arc<Channel>, Language, DateTime<Utc>);

/// The channels of the results, each read once.
struct Channels<'c> {
    session: &'c Session<'c>,
    known: HashMap<i64, Option<Named>>,
}

impl Channels<'_> {
    /// `None` if the channel's row is undecodable.
    fn of(&mut self, number: i64) -> rusqlite::Result<Option<Named>> {
        if let Some(known) = self.known.get(&number) {
            return Ok(known.clone());
        }
        let statement = format!("SELECT {COLUMNS} FROM channel WHERE id = ?1");
        let read = |row: &Row<'_>| Stored::read(self.session, row);
        let stored = self.session.query_row(&statement, [number], read).optional()?;
        let named = stored
            .and_then(Result::ok)
            .map(|stored| (Arc::new(stored.channel), stored.state.language, stored.state.updated));
        self.known.insert(number, named.clone());
        Ok(named)
    }
}
