//! Full-text search over the archive: the index terms of a post, the query language, and the snippet of a result.
//!
//! SQLite's tokenizers support neither `ё` nor Chinese nor word endings. So feedline writes its own terms into the
//! search table (`index_text`) and builds a [`Query`] from terms made in the same way: `fold` (normalisation),
//! `token` (words, and overlapping pairs of characters in scripts without spaces) and `stem`. The table only splits at
//! spaces. Its row ids are those of the posts and contain the date, so the newest posts come first without sorting.
//! *Invariant*: a query finds a word if and only if both have a common term.

mod find;
mod fold;
mod query;
mod snippet;
mod stem;
mod token;
mod words;

pub use crate::model::Position;
pub use find::{Hit, MOST_RESULTS, SearchQuery, SearchResults, matches};
pub use query::{BadQuery, LONGEST, MOST_TERMS, Query};
pub use snippet::{Piece, Snippet};

pub(super) use find::{INSERT, TABLE, find, place};
pub(super) use words::index_text;

#[cfg(test)]
mod tests;
