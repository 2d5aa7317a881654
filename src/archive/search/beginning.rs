//! Beginnings of words (`tele*`) that very many posts hold.
//!
//! For a beginning the database gathers all posts of all words that begin so before it gives the newest: seconds, among a
//! million posts. Where that many posts hold one, they are everywhere. So the database is asked for the rest of the query
//! alone, and the newest posts that it gives are looked at one by one.

use rusqlite::Connection;

use super::matching::holds;
use super::query::{Part, Query, Term};
use super::words::words;
use crate::model::Post;

/// A beginning is left to the database up to so many posts; a post counts for each word of it that begins so.
pub(super) const MOST_GATHERED: u64 = 50_000;

/// A query as two questions: what the database is asked, and whether a post that it gives is one that was meant.
#[derive(Debug)]
pub(super) struct Plan<'q> {
    /// What the database finds posts by: all that are meant hold it. Nothing, when all of the query is looked at.
    pub(super) wanted: Vec<Term>,
    /// What no post holds that is meant.
    pub(super) unwanted: Vec<Term>,
    /// What is looked at in each post, with whether it must be there.
    looked_at: Vec<(&'q Term, bool)>,
}

impl<'q> Plan<'q> {
    /// All is asked of the database.
    #[cfg(test)]
    pub(super) fn exact(query: &'q Query) -> Self {
        let (wanted, unwanted) = (query.wanted().to_vec(), query.unwanted().to_vec());
        Self { wanted, unwanted, looked_at: Vec::new() }
    }

    /// A plan in which no beginning has more than `most` posts gathered.
    pub(super) fn new(
        connection: &Connection,
        query: &'q Query,
        most: u64,
    ) -> rusqlite::Result<Self> {
        let mut plan = Self { wanted: Vec::new(), unwanted: Vec::new(), looked_at: Vec::new() };
        for term in query.wanted() {
            if is_many(connection, term, most)? {
                plan.looked_at.push((term, true));
                plan.wanted.extend(without_beginning(term));
            } else {
                plan.wanted.push(term.clone());
            }
        }
        for term in query.unwanted() {
            // The database tells who does not hold something among those who hold something else.
            if plan.wanted.is_empty() || is_many(connection, term, most)? {
                plan.looked_at.push((term, false));
            } else {
                plan.unwanted.push(term.clone());
            }
        }
        Ok(plan)
    }

    /// Whether all that the database gives is meant.
    pub(super) fn is_exact(&self) -> bool {
        self.looked_at.is_empty()
    }

    /// Whether a post that the database gave is meant.
    pub(super) fn accepts(&self, post: &Post) -> bool {
        if self.is_exact() {
            return true;
        }
        let words = words(post);
        let words: Vec<&str> = words.split(' ').collect();
        self.looked_at.iter().all(|(term, is_wanted)| holds(&words, term) == *is_wanted)
    }
}

/// What a term asks for besides a beginning.
fn without_beginning(term: &Term) -> Option<Term> {
    match term {
        Term::Word(parts) => {
            let rest: Vec<Part> = parts.iter().filter(|part| !part.is_beginning).cloned().collect();
            (!rest.is_empty()).then_some(Term::Word(rest))
        }
        Term::Phrase { words, .. } => {
            let (_, rest) = words.split_last()?;
            let words = rest.to_vec();
            (!words.is_empty()).then_some(Term::Phrase { words, is_beginning: false, whole: None })
        }
        Term::Hashtag(_) => None,
    }
}

/// Whether a term holds a beginning for which the database would gather more posts than that.
fn is_many(connection: &Connection, term: &Term, most: u64) -> rusqlite::Result<bool> {
    let beginnings: Vec<&str> = match term {
        Term::Word(parts) => {
            parts.iter().filter(|part| part.is_beginning).map(|part| &*part.word).collect()
        }
        Term::Phrase { words, is_beginning: true, .. } => {
            words.last().map(|word| &**word).into_iter().collect()
        }
        Term::Phrase { .. } | Term::Hashtag(_) => Vec::new(),
    };
    for beginning in beginnings {
        if gathers(connection, beginning, most)? > most {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many posts the words that begin so have, each for itself; counted no further than past `most`.
fn gathers(connection: &Connection, beginning: &str, most: u64) -> rusqlite::Result<u64> {
    connection.execute_batch(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.post_word USING fts5vocab(main, post_text, row)",
    )?;
    let mut words =
        connection.prepare("SELECT doc FROM temp.post_word WHERE term >= ?1 AND term < ?2")?;
    // No character comes behind this one.
    let mut rows = words.query((beginning, format!("{beginning}\u{10ffff}")))?;
    let mut gathered = 0_u64;
    while let Some(row) = rows.next()? {
        gathered += row.get::<_, i64>(0).map(i64::unsigned_abs)?;
        if gathered > most {
            break;
        }
    }
    Ok(gathered)
}
