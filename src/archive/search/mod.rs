//! Search in what is kept.

use crate::model::Post;
use crate::text::Spoilers;

/// The search table: where a post stands (see [`place`]), and what it is found by (see [`words`]).
pub const TABLE: &str = "CREATE VIRTUAL TABLE post_text USING fts5(place, words, content='', contentless_delete=1, \
     tokenize=\"ascii tokenchars '#_'\")";

/// The token by which posts of a channel are found in the column of places.
#[must_use]
pub fn place(channel: i64) -> String {
    format!("c{channel}")
}

/// The search text of a post.
#[must_use]
pub fn words(post: &Post) -> String {
    post.text.plain(Spoilers::Show).to_lowercase()
}
