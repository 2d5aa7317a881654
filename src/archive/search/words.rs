//! The index terms of a post.

use std::cell::OnceCell;
use std::ops::Range;

use super::fold::{fold, fold_tag};
use super::query::Term;
use super::stem::{self, Cache, StemLanguage, term, term_of_word};
use super::token::{Form, Kind, MOST_TOKENS, Runs, Script, Token, joined, pairs, tokens};
use crate::model::{Document, DocumentKind, Post};
use crate::text::{RichText, Spoilers};

/// Separates two parts of a post, so that no phrase matches across them. It is never a term by itself.
const BOUNDARY: &str = "·";

/// The content of the column `words`: the terms of the post's words in order; then, each once, its hashtags with `#`,
/// terms of other spellings and languages, and single characters of scripts without spaces.
///
/// Words inside spoilers are included, so a search finds them. Snippets mask them.
pub(in crate::archive) fn index_text(post: &Post) -> String {
    let mut index =
        Index { cache: Cache::lock(), words: String::new(), also: String::new(), languages: None };
    for part in parts(post, Spoilers::Show) {
        index.add(&part);
    }
    for tag in post.hashtags(Spoilers::Show) {
        index.also.push_str(" #");
        index.also.push_str(&fold_tag(&tag));
        for part in parts_of_tag(&tag) {
            for token in tokens(part) {
                push(&mut index.also, &term(&token));
            }
        }
    }
    let Index { mut words, also, .. } = index;
    let mut also: Vec<&str> = also.split(' ').filter(|term| !term.is_empty()).collect();
    also.sort_unstable();
    also.dedup();
    for term in also {
        push(&mut words, term);
    }
    words
}

struct Index {
    cache: Cache,
    /// Terms in text order.
    words: String,
    /// Terms without order.
    also: String,
    /// The languages of the first part with enough words.
    languages: Option<&'static [StemLanguage]>,
}

impl Index {
    fn add(&mut self, part: &str) {
        if !self.words.is_empty() {
            push(&mut self.words, BOUNDARY);
        }
        let mut count = 0;
        let mut latin: Vec<Range<usize>> = Vec::new();
        // The joined spelling of a word with apostrophes, as far as it was read.
        let mut whole = String::new();
        for run in Runs::of(part) {
            if count >= MOST_TOKENS {
                break;
            }
            let written = &part[run.range.clone()];
            match run.kind {
                Kind::Letters(script) => {
                    let is_new = self
                        .write(|index| index.cache.write_term(script, written, &mut index.words));
                    count += usize::from(is_new);
                    if is_new && script == Script::Latin {
                        latin.push(run.range);
                    }
                }
                Kind::Digits => {
                    count += usize::from(self.write(|index| index.words.push_str(&fold(written))))
                }
                Kind::Unspaced => pairs(part, run.range, |token| {
                    count += 1;
                    push(&mut self.words, &token.word);
                    if let Form::Pair { first } = token.form {
                        push(&mut self.also, &token.word[..first]);
                    }
                }),
            }
            if run.is_joined || !whole.is_empty() {
                whole.push_str(&fold(written));
                if !run.is_joined {
                    push(&mut self.also, &term_of_word(Script::Latin, &whole));
                    whole.clear();
                }
            }
        }
        if self.languages.is_none() {
            self.languages = stem::languages(part, latin.len(), count);
        }
        for language in self.languages.unwrap_or_default() {
            for range in latin.iter().cloned() {
                self.also.push(' ');
                self.cache.write_secondary(*language, &part[range], &mut self.also);
            }
        }
    }

    /// Appends a term after a space. Returns whether the term was not empty.
    fn write(&mut self, term: impl FnOnce(&mut Self)) -> bool {
        let before = self.words.len();
        push(&mut self.words, "");
        let start = self.words.len();
        term(self);
        let is_written = self.words.len() > start;
        if !is_written {
            self.words.truncate(before);
        }
        is_written
    }
}

/// A post prepared for matching against queries.
pub(super) struct Entry<'p> {
    post: &'p Post,
    words: String,
    /// The tokens of each part, of joined spellings and of the words in hashtags. Only phrases and prefixes need them.
    lines: OnceCell<Vec<Vec<Token>>>,
}

impl<'p> Entry<'p> {
    pub(super) fn new(post: &'p Post) -> Self {
        Self { post, words: index_text(post), lines: OnceCell::new() }
    }

    fn lines(&self) -> &[Vec<Token>] {
        self.lines.get_or_init(|| {
            let mut lines = Vec::new();
            for part in parts(self.post, Spoilers::Show) {
                let tokens = tokens(&part);
                let joined = joined(&tokens);
                lines.extend([tokens, joined]);
            }
            for tag in self.post.hashtags(Spoilers::Show) {
                lines.extend(parts_of_tag(&tag).into_iter().map(tokens));
            }
            lines
        })
    }

    /// Whether the post matches a term.
    pub(super) fn holds(&self, wanted: &Term) -> bool {
        let has = |term: &str| self.words.split(' ').any(|word| word == term);
        match wanted {
            Term::Word(parts) => parts.iter().all(|part| {
                let begins = |prefix: &str| {
                    self.lines().iter().flatten().any(|token| token.word.starts_with(prefix))
                };
                part.forms.iter().any(|form| has(form))
                    || part.prefix.as_deref().is_some_and(begins)
            }),
            Term::Phrase { .. } => {
                self.lines().iter().any(|tokens| !wanted.places_of_phrase(tokens).is_empty())
            }
            Term::Hashtag(tag) => has(&format!("#{tag}")),
        }
    }
}

/// All searchable texts of a post as separate parts, the author's own text first.
pub(super) fn parts(post: &Post, spoilers: Spoilers) -> Vec<String> {
    let plain = |text: &RichText| text.plain(spoilers);
    let mut parts = vec![plain(&post.text)];
    for document in &post.documents {
        parts.push(named(document));
        parts.push(plain(&document.caption));
    }
    if let Some(poll) = &post.poll {
        parts.push(poll.question.clone());
        parts.extend(poll.options.iter().map(|option| option.text.clone()));
    }
    if let Some(venue) = post.location.as_ref().and_then(|place| place.venue.as_ref()) {
        parts.push(venue.title.clone());
        parts.extend(venue.address.clone());
    }
    parts.extend(post.contact.as_ref().map(|contact| contact.name.clone()));
    if let Some(invoice) = &post.invoice {
        parts.extend([invoice.title.clone(), plain(&invoice.description)]);
    }
    if let Some(game) = &post.game {
        parts.extend([game.title.clone(), plain(&game.description)]);
    }
    if let Some(preview) = &post.link_preview {
        parts.extend(preview.title.clone());
        parts.push(plain(&preview.description));
    }
    parts.extend(post.forward.as_ref().map(|forward| forward.name.clone()));
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// A file's name, or a track with its performer. The size of a file is not searchable.
fn named(document: &Document) -> String {
    match (document.kind, &document.extra) {
        (DocumentKind::Music, Some(performer)) => format!("{performer} – {}", document.title),
        _ => document.title.clone(),
    }
}

/// The words of `#НовыйГод` or `#new_year`; empty if it is one word.
fn parts_of_tag(tag: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, character) in tag.char_indices() {
        if character == '_' || (before.is_lowercase() && character.is_uppercase()) {
            parts.push(&tag[start..at]);
            start = at;
        }
        before = character;
    }
    parts.push(&tag[start..]);
    if parts.len() == 1 { Vec::new() } else { parts }
}

fn push(words: &mut String, word: &str) {
    if !words.is_empty() {
        words.push(' ');
    }
    words.push_str(word);
}
