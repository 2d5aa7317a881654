//! What a person asks for, parsed at the door.
//!
//! `words` (all of them, in any form), `"a phrase"`, `beginning*`, `#hashtag`, `-without`, `channel:name` (or `from:`),
//! `since:2026-01-31`, `until:2026-02-28` (both days included, in UTC).
//!
//! SECURITY: the database's own language of queries in a stranger's words -> what comes out of here are folded letters and
//! digits, and `expression` alone puts them together.

mod channel;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

pub use channel::{ChannelQuery, Signs};

use super::fold::fold_tag;
use super::stem::{Stems, Tongue};
use super::token::{Form, Script, Token, tokens};
use super::words;
use crate::model::{BadName, ChannelName, Target};

/// The longest query, in bytes.
pub const LONGEST: usize = 512;

/// The most words, phrases and hashtags.
pub const MOST_TERMS: usize = 16;

/// The most channels that one query may name.
const MOST_CHANNELS: usize = 16;

/// A beginning has at least so many letters: shorter ones are the beginning of almost everything.
const SHORTEST_BEGINNING: usize = 2;

/// What opens a phrase, and what closes it.
const QUOTES: [(char, char); 5] = [('"', '"'), ('“', '”'), ('„', '“'), ('«', '»'), ('「', '」')];

/// A query with at least one word to look for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    text: Box<str>,
    wanted: Vec<Term>,
    unwanted: Vec<Term>,
    channels: Vec<ChannelName>,
    since: Option<NaiveDate>,
    until: Option<NaiveDate>,
}

/// One thing that a post must hold, or must not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Term {
    /// A word in any of its forms. A word of several parts (`COVID-19`) has one for each.
    Word(Vec<Part>),
    /// These words or pairs of characters one behind the other, and nothing else. Of one that is written together
    /// (`don't`), the whole besides.
    Phrase {
        /// Folded.
        words: Vec<Box<str>>,
        /// The last is the beginning of a word.
        is_beginning: bool,
        /// Another spelling: one word.
        whole: Option<Box<str>>,
    },
    /// A hashtag, folded, without its sign.
    Hashtag(Box<str>),
}

/// A word that is found by its stems too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Part {
    /// Folded.
    pub(super) word: Box<str>,
    /// In all languages of its script, marked.
    pub(super) stems: Vec<Box<str>>,
    /// It is found at the beginning of others.
    pub(super) is_beginning: bool,
}

/// Why a query cannot be asked. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuery {
    /// Nothing was given.
    #[error("Nothing to look for was given: write a word, a \"phrase\" or a #hashtag.")]
    Empty,
    /// There is no letter or digit to look for.
    #[error("There is no word in this: posts are found by words, \"phrases\" and #hashtags.")]
    NoWord,
    /// Only what is not wanted was given.
    #[error("This says only what is not wanted: add a word that the posts hold.")]
    OnlyUnwanted,
    /// The beginning of words of which too many begin so.
    #[error("“{beginning}*” is too short: a beginning has at least two letters or digits.")]
    ShortBeginning {
        /// Without the asterisk.
        beginning: String,
    },
    /// It is too long.
    #[error("This is too long: a search takes at most 512 bytes.")]
    TooLong,
    /// It holds too many words.
    #[error(
        "These are too many words: a search takes at most 16 words, phrases and hashtags, and as many channels."
    )]
    TooMany,
    /// A date that is none.
    #[error("“{operator}:” takes a date such as 2026-01-31.")]
    Date {
        /// `since` or `until`.
        operator: &'static str,
    },
    /// Nothing lies between the dates.
    #[error("“since:” names a later day than “until:”: nothing lies between them.")]
    Backwards,
    /// A page that is none.
    #[error("“before” takes what the address of a page of older finds carries.")]
    Page,
    /// A channel that is none.
    #[error("“channel:” takes a channel’s name. {0}")]
    Channel(#[from] BadName),
}

impl BadQuery {
    /// The name of the reason, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NoWord => "no_word",
            Self::OnlyUnwanted => "only_unwanted",
            Self::ShortBeginning { .. } => "short_beginning",
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
            Self::Date { .. } => "bad_date",
            Self::Backwards => "no_days",
            Self::Page => "bad_page",
            Self::Channel(_) => "bad_channel",
        }
    }
}

impl Query {
    /// A query as a person writes it.
    ///
    /// # Errors
    /// [`BadQuery`].
    pub fn parse(text: &str) -> Result<Self, BadQuery> {
        if text.len() > LONGEST {
            return Err(BadQuery::TooLong);
        }
        let text = crate::text::clean(text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return Err(BadQuery::Empty);
        }
        let mut query = Self {
            text: text.as_str().into(),
            wanted: Vec::new(),
            unwanted: Vec::new(),
            channels: Vec::new(),
            since: None,
            until: None,
        };
        let mut rest = text.as_str();
        while !rest.is_empty() {
            rest = query.take(rest)?.trim_start();
        }
        query.check()
    }

    /// As it was written, white space made even: equal queries ask for the same when these are equal.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it asks for words and hashtags alone, as everybody's search understands them.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let is_quoted = self.text.contains(QUOTES.map(|(opener, _)| opener));
        self.unwanted.is_empty() && self.since.is_none() && self.until.is_none() && !is_quoted
    }

    /// The channels to look in; none: all.
    #[must_use]
    pub fn channels(&self) -> &[ChannelName] {
        &self.channels
    }

    /// The first moment of posts that are looked for.
    #[must_use]
    pub fn since(&self) -> Option<DateTime<Utc>> {
        self.since.map(|day| day.and_time(NaiveTime::MIN).and_utc())
    }

    /// The first moment behind them.
    #[must_use]
    pub fn until(&self) -> Option<DateTime<Utc>> {
        let next = self.until?.checked_add_days(Days::new(1))?;
        Some(next.and_time(NaiveTime::MIN).and_utc())
    }

    pub(super) fn wanted(&self) -> &[Term] {
        &self.wanted
    }

    pub(super) fn unwanted(&self) -> &[Term] {
        &self.unwanted
    }

    fn check(self) -> Result<Self, BadQuery> {
        let terms = self.wanted.len() + self.unwanted.len();
        if terms > MOST_TERMS || self.channels.len() > MOST_CHANNELS {
            return Err(BadQuery::TooMany);
        }
        if self.since.zip(self.until).is_some_and(|(since, until)| since > until) {
            return Err(BadQuery::Backwards);
        }
        match (self.wanted.is_empty(), self.unwanted.is_empty()) {
            (false, _) => Ok(self),
            (true, false) => Err(BadQuery::OnlyUnwanted),
            (true, true) => Err(BadQuery::NoWord),
        }
    }

    /// Takes the first item of what is left, and gives what follows.
    fn take<'t>(&mut self, rest: &'t str) -> Result<&'t str, BadQuery> {
        let (is_wanted, item) = match rest.strip_prefix(['-', '−', '–']) {
            Some(item) if !item.starts_with([' ', '-', '−', '–']) && !item.is_empty() => {
                (false, item)
            }
            _ => (true, rest),
        };
        let first = item.chars().next().unwrap_or(' ');
        if let Some((_, closer)) = QUOTES.iter().find(|(opener, _)| *opener == first) {
            let inner = &item[first.len_utf8()..];
            let (phrase, rest) = inner.split_once(*closer).unwrap_or((inner, ""));
            self.add(phrase_of(phrase), is_wanted);
            return Ok(rest);
        }
        let (word, rest) = item.split_once(' ').unwrap_or((item, ""));
        if is_wanted && self.take_operator(word)? {
            return Ok(rest);
        }
        // A quotation in the middle of a word begins a phrase: `say"this now"`.
        let cut = word
            .char_indices()
            .skip(1)
            .find(|(_, character)| matches!(character, '"' | '«' | '“' | '„' | '「'));
        let (word, rest) = match cut {
            Some((at, _)) => item.split_at(at),
            None => (word, rest),
        };
        match word.strip_prefix(['#', '＃']).map(fold_tag).filter(|tag| !tag.is_empty()) {
            Some(tag) => self.add(Some(Term::Hashtag(tag.into())), is_wanted),
            None => self.add(term_of(word)?, is_wanted),
        }
        Ok(rest)
    }

    fn add(&mut self, term: Option<Term>, is_wanted: bool) {
        let list = if is_wanted { &mut self.wanted } else { &mut self.unwanted };
        if let Some(term) = term.filter(|term| !list.contains(term)) {
            list.push(term);
        }
    }

    /// Whether the word was an operator; then it is heeded.
    fn take_operator(&mut self, word: &str) -> Result<bool, BadQuery> {
        let Some((name, value)) = word.split_once(':') else { return Ok(false) };
        match name.to_ascii_lowercase().as_str() {
            "channel" | "from" => {
                let channel = Target::parse(value)?.channel;
                if !self.channels.contains(&channel) {
                    self.channels.push(channel);
                }
            }
            "since" => self.since = Some(date("since", value)?),
            "until" => self.until = Some(date("until", value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn date(operator: &'static str, value: &str) -> Result<NaiveDate, BadQuery> {
    let is_plain = value.len() == 10 && value.is_ascii();
    let date = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok().filter(|_| is_plain);
    date.ok_or(BadQuery::Date { operator })
}

/// Words exactly as they stand, one behind the other.
fn phrase_of(text: &str) -> Option<Term> {
    let mut tokens = tokens(text);
    let last = tokens.pop()?;
    // The end of a run is a pair's half that the text may go on with, and a single character the beginning of a pair.
    let ends_run = last.form == Form::Last;
    let is_apart = |token: &Token| !matches!(token.form, Form::Pair { .. });
    let is_single = ends_run && tokens.last().is_none_or(is_apart);
    if !ends_run || is_single {
        tokens.push(last);
    }
    let words: Vec<Box<str>> = tokens.iter().map(|token| token.word.as_str().into()).collect();
    // Single characters by themselves are words of their own: the many pairs that begin so would take long.
    let is_beginning = is_single && words.len() > 1;
    Some(Term::Phrase { words, is_beginning, whole: None })
}

/// A word between two spaces. It may be no word at all, or several: `COVID-19`, `iPhone发布会`.
fn term_of(text: &str) -> Result<Option<Term>, BadQuery> {
    let (text, is_open) = match text.strip_suffix('*') {
        Some(start) => (start, true),
        None => (text, false),
    };
    let tokens = without_possessive(tokens(text));
    let Some(last) = tokens.last() else { return Ok(None) };
    let length = |token: &Token| token.word.chars().count();
    // A single character of a script without spaces is found wherever it stands.
    let is_apart = matches!(last.form, Form::Word(_) | Form::Number);
    if is_open && is_apart && length(last) < SHORTEST_BEGINNING {
        return Err(BadQuery::ShortBeginning { beginning: last.word.clone() });
    }
    if tokens.iter().any(|token| token.is_joined) {
        return Ok(Some(apostrophe(&tokens, is_open)));
    }
    let is_word = |token: &Token| matches!(token.form, Form::Word(_));
    let has_forms = |token: &Token| is_word(token) && length(token) > SHORTEST_BEGINNING;
    if tokens.iter().all(has_forms) || (tokens.len() == 1 && is_word(last)) {
        let stems = Stems::of(&Tongue::ALL);
        let end = tokens.len() - 1;
        let parts = tokens.iter().enumerate().map(|(at, token)| {
            let stems = stems.stems(text, token).into_iter().map(String::into_boxed_str).collect();
            // Scripts whose endings we do not know: what begins like the word is taken for a form of it.
            let is_form = token.form == Form::Word(Script::Other) && has_forms(token);
            let is_beginning = is_form || (is_open && at == end);
            Part { word: token.word.as_str().into(), stems, is_beginning }
        });
        return Ok(Some(Term::Word(parts.collect())));
    }
    let mut term = phrase_of(text);
    if let (true, Some(Term::Phrase { words, is_beginning, .. })) = (is_open, &mut term) {
        *is_beginning |=
            words.last().is_some_and(|word| word.chars().count() >= SHORTEST_BEGINNING);
    }
    Ok(term)
}

/// `Russia's` is looked for as `Russia`.
fn without_possessive(mut tokens: Vec<Token>) -> Vec<Token> {
    if let [name, ending] = tokens.as_mut_slice()
        && name.is_joined
        && ending.word == "s"
    {
        name.is_joined = false;
        tokens.pop();
    }
    tokens
}

/// `don't`, `o'zbek`: with the apostrophe or without.
fn apostrophe(tokens: &[Token], is_beginning: bool) -> Term {
    let is_one = tokens.iter().rev().skip(1).all(|token| token.is_joined);
    let whole =
        words::joined(tokens).into_iter().next().filter(|_| is_one).map(String::into_boxed_str);
    let words = tokens.iter().map(|token| token.word.as_str().into()).collect();
    Term::Phrase { words, is_beginning, whole }
}

#[cfg(test)]
mod tests;
