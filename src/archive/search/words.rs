//! What a post is found by.

use std::collections::HashSet;

use super::fold::fold_tag;
use super::stem::Stems;
use super::token::{Form, Token, tokens};
use super::tongue::tongues;
use crate::model::{Document, DocumentKind, Post};
use crate::text::{RichText, Spoilers};

/// Between two parts of a post, so that no phrase goes over from one to the other; in no word.
const BOUNDARY: &str = "·";

/// The search text of a post, for the column of words: its words in order, then, each once, its hashtags with their sign,
/// the other spellings of its words, their stems, and the single characters of scripts without spaces.
///
/// Words hidden by spoilers are among them: whoever knows a word may find where it was said. What is shown of a post that
/// was found masks them.
#[must_use]
pub fn words(post: &Post) -> String {
    let mut words = String::new();
    let mut also = Once::default();
    for (number, part) in parts(post, Spoilers::Show).iter().enumerate() {
        if number > 0 {
            push(&mut words, BOUNDARY);
        }
        add(part, &mut words, &mut also);
    }
    for tag in post.hashtags(Spoilers::Show) {
        also.add(format!("#{}", fold_tag(&tag)));
        for part in parts_of_tag(&tag) {
            let tokens = tokens(part);
            let stems = Stems::of(&tongues(part, &tokens));
            for token in &tokens {
                also.add(token.word.clone());
                stems.stems(part, token).into_iter().for_each(|stem| also.add(stem));
            }
        }
    }
    for other in also.list {
        push(&mut words, &other);
    }
    words
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
pub(super) fn parts_of_tag(tag: &str) -> Vec<&str> {
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

/// The whole of a word that apostrophes divide: `dont`, `ozbek`.
pub(super) fn joined(tokens: &[Token]) -> Vec<String> {
    let mut joined = Vec::new();
    let mut word = String::new();
    for token in tokens {
        word.push_str(&token.word);
        if token.is_joined {
            continue;
        }
        if word.len() > token.word.len() {
            joined.push(std::mem::take(&mut word));
        }
        word.clear();
    }
    joined
}

fn add(part: &str, words: &mut String, also: &mut Once) {
    let tokens = tokens(part);
    let stems = Stems::of(&tongues(part, &tokens));
    let mut seen: HashSet<(&str, Form)> = HashSet::new();
    for token in &tokens {
        push(words, &token.word);
        if seen.insert((&token.word, token.form)) {
            stems.stems(part, token).into_iter().for_each(|stem| also.add(stem));
            if let Form::Pair { first } = token.form {
                also.add(token.word[..first].to_owned());
            }
        }
    }
    joined(&tokens).into_iter().for_each(|word| also.add(word));
}

fn push(words: &mut String, word: &str) {
    if !words.is_empty() {
        words.push(' ');
    }
    words.push_str(word);
}

/// Each of many once, in order.
#[derive(Default)]
struct Once {
    seen: HashSet<String>,
    list: Vec<String>,
}

impl Once {
    fn add(&mut self, word: String) {
        if !self.seen.contains(&word) {
            self.list.push(word.clone());
            self.seen.insert(word);
        }
    }
}
