//! What a post is found by.

use std::collections::BTreeSet;

use super::fold::fold_tag;
use super::query::Term;
use super::stem::{self, secondary, term, write_term};
use super::token::{Form, Token, joined, tokens};
use crate::model::{Document, DocumentKind, Post};
use crate::text::{RichText, Spoilers};

/// Between two parts of a post, so that no phrase goes over from one to the other; in no word.
const BOUNDARY: &str = "·";

/// What a post is found by.
pub(in crate::archive) struct Entry {
    /// For the column of words: the terms of its words in order, then, each once, its hashtags with their sign, terms of
    /// other spellings and languages, and the single characters of scripts without spaces.
    pub(in crate::archive) words: String,
    /// Its tokens: of each part, of joined words, of the words in hashtags.
    lines: Vec<Vec<Token>>,
}

impl Entry {
    /// Words hidden by spoilers are among them: whoever knows a word may find where it was said. What is shown of a post that
    /// was found masks them.
    pub(in crate::archive) fn new(post: &Post) -> Self {
        let (mut words, mut also, mut lines) = (String::new(), BTreeSet::new(), Vec::new());
        let mut languages = None;
        for part in parts(post, Spoilers::Show) {
            if !words.is_empty() {
                push(&mut words, BOUNDARY);
            }
            let tokens = tokens(&part);
            // The first part with enough words tells the language of the post.
            if languages.is_none() {
                languages = stem::languages(&part, &tokens);
            }
            for token in &tokens {
                push(&mut words, "");
                write_term(token, &mut words);
                also.extend(secondary(languages.as_deref().unwrap_or_default(), &part, token));
                if let Form::Pair { first } = token.form {
                    also.insert(token.word[..first].to_owned());
                }
            }
            let joined = joined(&tokens);
            also.extend(joined.iter().map(term));
            lines.extend([tokens, joined]);
        }
        for tag in post.hashtags(Spoilers::Show) {
            also.insert(format!("#{}", fold_tag(&tag)));
            for part in parts_of_tag(&tag) {
                let tokens = tokens(part);
                also.extend(tokens.iter().map(term));
                lines.push(tokens);
            }
        }
        for other in also {
            push(&mut words, &other);
        }
        Self { words, lines }
    }

    /// Whether it holds what a query asks for, as far as words tell.
    pub(super) fn holds(&self, wanted: &Term) -> bool {
        let has = |term: &str| self.words.split(' ').any(|word| word == term);
        match wanted {
            Term::Word(parts) => parts.iter().all(|part| {
                let begins = |prefix: &str| {
                    self.lines.iter().flatten().any(|token| token.word.starts_with(prefix))
                };
                part.forms.iter().any(|form| has(form))
                    || part.prefix.as_deref().is_some_and(begins)
            }),
            Term::Phrase { .. } => {
                self.lines.iter().any(|tokens| !wanted.places_of_phrase(tokens).is_empty())
            }
            Term::Hashtag(tag) => has(&format!("#{tag}")),
        }
    }
}

/// Everything of a post that is looked for, each part a text of its own, the author's own words first.
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

/// A file's name, or a track with its performer. The size of a file is no word of it.
fn named(document: &Document) -> String {
    match (document.kind, &document.extra) {
        (DocumentKind::Music, Some(performer)) => format!("{performer} – {}", document.title),
        _ => document.title.clone(),
    }
}

/// The words of `#НовыйГод`, `#new_year`; none when it is one word.
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
