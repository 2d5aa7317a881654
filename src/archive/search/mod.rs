//! Full-text search over the archive: what a post is found by, the query language, and the snippet of a result.
//!
//! The database's tokenizers know neither `ё` nor Chinese nor endings. So the search table gets text of our making (`index_text`),
//! and is asked with terms made in the same way ([`Query`]): both go through `fold` (normalisation), `token` (words, and
//! overlapping pairs of characters in scripts without spaces) and `stem`. The table splits at spaces and changes nothing.
//! A row of the table has the number of the post's row, and rows are numbered by date: the newest come first without sorting.
//! *Invariant*: a word is found by a query if and only if both give a common term.

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
