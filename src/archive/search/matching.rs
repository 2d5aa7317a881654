//! Whether a post in memory is one that is looked for: what the database says of a row, said of a post.

use super::query::{ChannelQuery, Query, Signs, Term};
use super::words::{parts, words};
use crate::model::Post;
use crate::text::Spoilers;

/// It makes a sign a picture, and shows nothing itself: people leave it out.
const PICTURE: char = '\u{fe0f}';

impl Query {
    /// Whether a post has all that is wanted and nothing that is not, and is of the days that are named; whatever its
    /// channel.
    #[must_use]
    pub fn meets(&self, post: &Post) -> bool {
        let is_in_time = self.since().is_none_or(|since| since <= post.published)
            && self.until().is_none_or(|until| post.published < until);
        if !is_in_time {
            return false;
        }
        let words = words(post);
        let words: Vec<&str> = words.split(' ').collect();
        self.wanted().iter().all(|term| holds(&words, term))
            && !self.unwanted().iter().any(|term| holds(&words, term))
    }
}

impl ChannelQuery {
    /// Whether a post of the channel is one that is looked for.
    #[must_use]
    pub fn meets(&self, post: &Post) -> bool {
        match self {
            Self::Words(query) => query.meets(post),
            Self::Signs(signs) => signs.stand_in(post),
        }
    }
}

impl Signs {
    /// Whether each stands somewhere in a post's text.
    fn stand_in(&self, post: &Post) -> bool {
        let text = plain(&parts(post, Spoilers::Show).join("\n"));
        self.iter().all(|sign| text.contains(&plain(sign)))
    }
}

fn plain(text: &str) -> String {
    text.replace(PICTURE, "").to_lowercase()
}

/// What the words of a post say of a term, by the rules of `expression`.
pub(super) fn holds(words: &[&str], term: &Term) -> bool {
    let has = |wanted: &str| words.contains(&wanted);
    match term {
        Term::Word(parts) => parts.iter().all(|part| {
            let is_it = |word: &&str| is_at(word, &part.word, part.is_beginning);
            words.iter().any(is_it) || part.stems.iter().any(|stem| has(stem))
        }),
        Term::Phrase { words: phrase, is_beginning, whole } => {
            let last = phrase.len().saturating_sub(1);
            let is_here = |window: &[&str]| {
                let mut pairs = window.iter().zip(phrase).enumerate();
                pairs.all(|(at, (word, wanted))| is_at(word, wanted, *is_beginning && at == last))
            };
            words.windows(phrase.len().max(1)).any(is_here)
                || whole.as_ref().is_some_and(|whole| has(whole))
        }
        Term::Hashtag(tag) => words.iter().any(|word| word.strip_prefix('#') == Some(tag)),
    }
}

fn is_at(word: &str, wanted: &str, is_beginning: bool) -> bool {
    if is_beginning { word.starts_with(wanted) } else { word == wanted }
}
