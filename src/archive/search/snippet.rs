//! The line of a search result that shows the matches.
//!
//! It is made from the post itself, because the search table stores no text. Spoilers are masked, and matches inside
//! them are not marked.

use std::ops::Range;

use super::fold::fold_tag;
use super::query::{Part, Query, Term};
use super::stem::forms;
use super::token::{Form, Script, Token, tokens};
use super::words::parts;
use crate::model::Post;
use crate::text::Spoilers;

/// The maximum length of a snippet, in characters.
const LENGTH: usize = 240;

/// The maximum number of characters before the first match.
const BEFORE: usize = 60;

/// A snippet starts and ends at a space if there is one within this many characters.
const SLACK: usize = 20;

const ELLIPSIS: char = '…';

/// One line of a post, in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// In order; none is empty.
    pub pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// Whether the piece is a match.
    pub is_found: bool,
}

impl Snippet {
    /// The line from the part of the post that matches the most terms. If all matches are hidden, the beginning of the
    /// first part. Empty for a post without text.
    pub fn new(post: &Post, query: &Query) -> Self {
        let mut best: (usize, Vec<Range<usize>>, String) = (0, Vec::new(), String::new());
        for part in parts(post, Spoilers::Mask) {
            let line = part.split_whitespace().collect::<Vec<_>>().join(" ");
            let (terms, ranges) = found(&line, query);
            if best.2.is_empty() || terms > best.0 {
                best = (terms, ranges, line);
            }
        }
        let (_, ranges, line) = best;
        cut(&line, &ranges)
    }

    /// The whole line.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|piece| piece.text.as_str()).collect()
    }
}

/// The number of query terms in the line, and the ranges of their matches: ascending, without overlaps.
fn found(line: &str, query: &Query) -> (usize, Vec<Range<usize>>) {
    let tokens = tokens(line);
    let mut terms = 0;
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for term in query.wanted() {
        let before = ranges.len();
        match term {
            Term::Word(parts) => {
                for part in parts {
                    let hits = tokens.iter().filter(|token| is_form(line, token, part));
                    ranges.extend(hits.map(|token| token.range.clone()));
                }
            }
            Term::Phrase { .. } => ranges.extend(term.places_of_phrase(&tokens)),
            Term::Hashtag(tag) => ranges.extend(hashtags(line, tag)),
        }
        terms += usize::from(ranges.len() > before);
    }
    ranges.sort_by_key(|range| (range.start, range.end));
    ranges.dedup_by(|next, range| {
        let overlaps = next.start <= range.end;
        if overlaps {
            range.end = range.end.max(next.end);
        }
        overlaps
    });
    (terms, ranges)
}

fn is_form(line: &str, token: &Token, part: &Part) -> bool {
    let is_same = *token.word == *part.word
        || part.prefix.as_ref().is_some_and(|prefix| token.word.starts_with(&**prefix));
    // Except in Arabic, the forms of a word start with the same letter. Stemming all words of a page would take too
    // long.
    let begins_alike = token.form == Form::Word(Script::Arabic)
        || token.word.chars().next() == part.word.chars().next();
    if is_same || part.forms.is_empty() || !begins_alike {
        return is_same;
    }
    forms(line, token).iter().any(|form| part.forms.contains(form))
}

fn hashtags(line: &str, tag: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, sign) in line.match_indices(['#', '＃']) {
        let rest = &line[at + sign.len()..];
        let ends = |character: char| {
            character.is_whitespace()
                || matches!(character, '#' | '＃' | ',' | '.' | '!' | '?' | ')')
        };
        let length = rest.find(ends).unwrap_or(rest.len());
        if fold_tag(&rest[..length]) == tag {
            found.push(at..at + sign.len() + length);
        }
    }
    found
}

/// Cuts the line around the first match.
fn cut(line: &str, ranges: &[Range<usize>]) -> Snippet {
    let first = ranges.first().map_or(0, |range| range.start);
    let start = back(line, first, BEFORE);
    let end = forth(line, start, LENGTH);
    let mut pieces = Vec::new();
    let mut push = |text: &str, is_found: bool| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), is_found });
        }
    };
    if start > 0 {
        push(&ELLIPSIS.to_string(), false);
    }
    let mut at = start;
    for range in ranges.iter().filter(|range| range.end <= end) {
        push(&line[at..range.start], false);
        push(&line[range.clone()], true);
        at = range.end;
    }
    push(&line[at..end], false);
    if end < line.len() {
        push(&ELLIPSIS.to_string(), false);
    }
    Snippet { pieces }
}

/// The start of a snippet: at most `most` characters before `from`, at the start of a word if one is near. 0 if the
/// line starts within that distance.
fn back(line: &str, from: usize, most: usize) -> usize {
    let Some((at, _)) = line[..from].char_indices().rev().nth(most.saturating_sub(1)) else {
        return 0;
    };
    if at == 0 {
        return 0;
    }
    let slack = line[at..from].char_indices().nth(SLACK).map_or(from, |(length, _)| at + length);
    line[at..slack].find(' ').map_or(at, |space| at + space + 1)
}

/// The end of a snippet: at most `most` characters after `from`, at the end of a word if one is near. The line's end if
/// it is within that distance.
fn forth(line: &str, from: usize, most: usize) -> usize {
    let Some((length, _)) = line[from..].char_indices().nth(most) else { return line.len() };
    let at = from + length;
    let slack =
        line[from..at].char_indices().rev().nth(SLACK).map_or(from, |(length, _)| from + length);
    line[slack..at].rfind(' ').map_or(at, |space| slack + space)
}
