//! Asking the database: the one part of the search that is not pure.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::beginning::{MOST_GATHERED, Plan};
use super::expression;
use super::query::Query;
use crate::archive::channel::{self, COLUMNS, Stored};
use crate::archive::session::Session;
use crate::archive::{Archive, Error, PostRow, index, post};
use crate::model::{Channel, ChannelName, Language, MessageId};

/// The most finds of one answer.
pub const MOST_FINDS: usize = 500;

/// The most posts that are looked at one by one for one answer; behind them, another answer goes on.
const MOST_LOOKED_AT: usize = 2_000;

/// What is asked of the archive.
#[derive(Clone, Debug)]
pub struct SearchQuery {
    /// What a person looks for.
    pub query: Query,
    /// Where they may look; `None`: everywhere.
    pub within: Option<Vec<ChannelName>>,
    /// Where they may not look.
    pub without: Vec<ChannelName>,
    /// Behind which place the finds begin; `None`: with the newest.
    pub before: Option<Position>,
    /// Only posts in front of this message: of one channel this is a place, too.
    pub below: Option<MessageId>,
    /// Finds at most; never more than [`MOST_FINDS`].
    pub limit: usize,
    /// Whether posts that Telegram does not show any more are finds, too.
    pub with_deleted: bool,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Finds {
    /// The posts, newest first.
    pub hits: Vec<Hit>,
    /// Where older finds begin; `None`: there are no more.
    pub next: Option<Position>,
}

/// A post that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The post.
    pub held: PostRow,
    /// Its channel, as it is now.
    pub channel: Arc<Channel>,
    /// The language of our own words in the channel's feeds.
    pub language: Language,
    /// When we last changed what is served of the channel.
    pub updated: DateTime<Utc>,
    /// Its place among all finds.
    pub position: Position,
}

/// A place among all posts in order of time. Written as hexadecimal digits that mean nothing to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(i64);

impl Position {
    /// A place as it was written; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain =
            (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_plain { i64::from_str_radix(text, 16).ok().map(Self) } else { None }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:x}", self.0)
    }
}

impl Archive {
    /// Posts that hold what is looked for, newest first.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn search(&self, asked: SearchQuery) -> Result<Finds, Error> {
        self.catch_up().await;
        self.read(move |session| find(session, &asked, MOST_GATHERED)).await
    }

    /// Puts into the search what is not in it yet. When that fails, what is in it is found all the same.
    pub(in crate::archive) async fn catch_up(&self) {
        for _ in 0..index::ROUNDS {
            let outcome = match self.read(|session| index::is_behind(session)).await {
                Ok(true) => {
                    let health = self.health.clone();
                    self.write(move |connection| index::advance(connection, &health)).await
                }
                other => other,
            };
            match outcome {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => return index::failed(&error),
            }
        }
    }
}

/// The finds; no beginning of a word has the database gather more than `most_gathered` posts.
pub(super) fn find(
    session: &Session<'_>,
    asked: &SearchQuery,
    most_gathered: u64,
) -> rusqlite::Result<Finds> {
    let Some(places) = places(session, asked)? else { return Ok(Finds::default()) };
    let plan = Plan::new(session, &asked.query, most_gathered)?;
    let expression = expression::build(&plan, &places);
    let limit = asked.limit.clamp(1, MOST_FINDS);
    let most_seen = if plan.is_exact() { limit } else { MOST_LOOKED_AT };
    let mut statement = session.prepare(&statement(expression.is_some()))?;
    let values = bounds(asked, most_seen).into_iter().chain(expression.map(Value::Text));
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut channels = Channels { session, known: HashMap::new() };
    let (mut finds, mut last) = (Finds::default(), None);
    let mut seen = 0;
    while let Some(row) = rows.next()? {
        if seen == most_seen || finds.hits.len() == limit {
            finds.next = last;
            break;
        }
        seen += 1;
        let position = Position(row.get(0)?);
        last = Some(position);
        let number = row.get(2)?;
        if places.without.contains(&number) {
            continue;
        }
        let Some(held) = post::read(session, row)?.filter(|held| plan.accepts(&held.kept.post))
        else {
            continue;
        };
        let Some((channel, language, updated)) = channels.of(number)? else { continue };
        finds.hits.push(Hit { held, channel, language, updated, position });
    }
    Ok(finds)
}

/// What the first five places of [`statement`] stand for. One row more than are seen tells whether there are more.
fn bounds(asked: &SearchQuery, most_seen: usize) -> [Value; 5] {
    let low = asked.query.since().map_or(i64::MIN, post::first_of);
    let high = asked.query.until().map_or(i64::MAX, post::first_of);
    let high = asked.before.map_or(high, |before| high.min(before.0));
    let rows = i64::try_from(most_seen).unwrap_or(i64::MAX).saturating_add(1);
    let below = asked.below.map_or(i64::MAX, |below| i64::from(below.get()));
    [low.into(), high.into(), asked.with_deleted.into(), rows.into(), below.into()]
}

/// Posts, newest first; `with_words`: those that the search table gives. It goes first then: it has the newest rows first,
/// and stops when there are enough.
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

/// Where is looked, as the channels' numbers.
pub(super) struct Places {
    /// `None`: everywhere.
    pub(super) within: Option<Vec<i64>>,
    /// And not here.
    pub(super) without: Vec<i64>,
}

/// `None` when there is nowhere to look.
fn places(connection: &Connection, asked: &SearchQuery) -> rusqlite::Result<Option<Places>> {
    let without = numbers(connection, &asked.without)?;
    let named = asked.query.channels();
    let named = if named.is_empty() { None } else { Some(numbers(connection, named)?) };
    let allowed = asked.within.as_deref().map(|names| numbers(connection, names)).transpose()?;
    let within = match (named, allowed) {
        (Some(named), Some(allowed)) => {
            Some(named.into_iter().filter(|number| allowed.contains(number)).collect())
        }
        (named, allowed) => named.or(allowed),
    };
    let is_nowhere = within.as_ref().is_some_and(Vec::is_empty);
    Ok((!is_nowhere).then_some(Places { within, without }))
}

/// The numbers of channels that are held, by names that they have or had.
fn numbers(connection: &Connection, names: &[ChannelName]) -> rusqlite::Result<Vec<i64>> {
    let mut numbers = Vec::new();
    for name in names {
        numbers.extend(channel::row_of(connection, name)?);
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

/// A channel as finds name it.
type Named = (Arc<Channel>, Language, DateTime<Utc>);

/// Channels of finds, each read once.
struct Channels<'c> {
    session: &'c Session<'c>,
    known: HashMap<i64, Option<Named>>,
}

impl Channels<'_> {
    /// `None` for one that cannot be decoded.
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
