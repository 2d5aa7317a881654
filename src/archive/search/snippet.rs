//! The lines of a post in which what was looked for stands.
//!
//! Made from the post itself: the search table holds no text. Spoilers are masked, and what they hide is not marked.

use std::ops::Range;

use super::fold::fold_tag;
use super::query::{Part, Query, Term};
use super::stem::forms;
use super::token::{Form, Script, Token, tokens};
use super::words::parts;
use crate::model::Post;
use crate::text::Spoilers;

/// How many characters are shown.
const LENGTH: usize = 240;

/// How many of them stand before the first that was found, at most.
const BEFORE: usize = 60;

/// A part is cut at a space, if there is one within so many characters.
const SLACK: usize = 20;

/// What stands where a text was cut.
const ELLIPSIS: char = '…';

/// One line of a post, in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The pieces, in order; none is empty.
    pub pieces: Vec<Piece>,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its characters.
    pub text: String,
    /// Whether it is what was looked for.
    pub is_found: bool,
}

impl Snippet {
    /// The line from that part of a post in which most of the query stands; its beginning, when all that was found is
    /// hidden. Empty for a post without words.
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

    /// The line itself.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|piece| piece.text.as_str()).collect()
    }
}

/// How many terms of the query stand in the line, and where: ascending, without overlaps.
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
    // Forms of a word begin alike, but for Arabic ones: to stem all words of a page would take too long.
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

/// The part of a line round the first range, in pieces.
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

/// So many characters before a place, or at a word's beginning near there; the line's beginning, when it is as near.
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

/// So many characters behind a place, or at a word's end near there; the line's end, when it is as near.
fn forth(line: &str, from: usize, most: usize) -> usize {
    let Some((length, _)) = line[from..].char_indices().nth(most) else { return line.len() };
    let at = from + length;
    let slack =
        line[from..at].char_indices().rev().nth(SLACK).map_or(from, |(length, _)| from + length);
    line[slack..at].rfind(' ').map_or(at, |space| slack + space)
}
