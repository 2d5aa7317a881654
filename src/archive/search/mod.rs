//! Search in what is kept: what a post is found by, what a person may ask, and what is shown of a find.
//!
//! The database's own splitting of words knows neither `ё` nor Chinese nor endings. So the search table gets text of our
//! making ([`words()`]), and is asked with words made in the same way ([`Query`]): both go through `fold` (spellings that are
//! one), `token` (words, pairs of characters) and `stem` (what the forms of a word share). The table splits at spaces and
//! changes nothing.
//!
//! A row of the table is a post's row, and rows are numbered by date; so the newest come first without sorting.
//!
//! *Invariant*: a word is found by a query if and only if both give a common token. Everything but asking the database is
//! pure.

mod arabic;
mod beginning;
mod expression;
mod find;
mod fold;
mod matching;
mod query;
mod snippet;
mod stem;
mod token;
mod tongue;
mod ukrainian;
mod words;

pub use expression::place;
pub use find::{Finds, Hit, MOST_FINDS, Position, SearchQuery};
pub use query::{BadQuery, ChannelQuery, LONGEST, MOST_TERMS, Query, Signs};
pub use snippet::{Piece, Snippet};
pub use words::words;

/// The search table: where a post stands (see [`place`]), and what it is found by (see [`words()`]).
///
/// Text is kept with the posts alone. The tokenizer splits at what is ASCII and neither letter, digit, `#` nor `_`.
pub const TABLE: &str = "CREATE VIRTUAL TABLE post_text USING fts5(place, words, content='', contentless_delete=1, \
     tokenize=\"ascii tokenchars '#_'\")";

#[cfg(test)]
mod tests;
