//! The query language: `words` (all of them, in any form), `"a phrase"`, `prefix*`, `#hashtag`, `-without`,
//! `channel:name` (or `from:`), `since:2026-01-31`, `until:2026-02-28` (both days included, in UTC). Within one channel
//! also symbols (`🔥`), which are not indexed.
//!
//! SECURITY: a stranger's query contains FTS5 operators -> every word is folded to letters and digits, and quoted in
//! the expression.

use std::fmt::Write as _;
use std::ops::Range;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use super::fold::{fold_tag, is_unspaced};
use super::stem::{forms, tag, term};
use super::token::{Form, Script, Token, joined, tokens};
use crate::locale::Message;
use crate::model::{BadName, ChannelName, Target};

/// The maximum length of a query, in bytes.
pub const LONGEST: usize = 512;

/// The maximum number of words, phrases and hashtags.
pub const MOST_TERMS: usize = 16;

/// The maximum number of channels in one query.
pub(super) const MOST_CHANNELS: usize = 16;

/// The minimum length of a prefix, in characters. Shorter ones match almost everything.
const SHORTEST_PREFIX: usize = 2;

/// Ukrainian has no stemmer, so its words are searched by prefix: the word without this many final letters, and the
/// minimum length of the prefix.
const UKRAINIAN_ENDING: usize = 2;
const SHORTEST_UKRAINIAN_PREFIX: usize = 4;

/// Pairs of opening and closing quotation marks.
const QUOTES: [(char, char); 5] = [('"', '"'), ('“', '”'), ('„', '“'), ('«', '»'), ('「', '」')];

/// A query with at least one required word, phrase or hashtag, or, within a channel, at least one symbol.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    text: Box<str>,
    wanted: Vec<Term>,
    /// Searched for literally; only in a query without words.
    symbols: Vec<Box<str>>,
    unwanted: Vec<Term>,
    channels: Vec<ChannelName>,
    since: Option<NaiveDate>,
    until: Option<NaiveDate>,
}

/// A condition that a post must or must not meet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Term {
    /// A word in any of its forms. A compound (`COVID-19`) has several parts.
    Word(Vec<Part>),
    /// Consecutive words or pairs of characters, in exactly this form. A word with an apostrophe (`don't`) also matches
    /// in its joined spelling.
    Phrase {
        /// Folded.
        words: Vec<Box<str>>,
        /// The index terms of `words`.
        terms: Vec<Box<str>>,
        /// The last word is a prefix.
        is_prefix: bool,
        /// The joined spelling and its index term.
        whole: Option<(Box<str>, Box<str>)>,
    },
    /// Folded, without `#`.
    Hashtag(Box<str>),
}

/// A word that also matches by its stems.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Part {
    /// Folded.
    pub(super) word: Box<str>,
    /// The terms of its forms in all languages of its script.
    pub(super) forms: Vec<Box<str>>,
    /// Also matches every word with this prefix.
    pub(super) prefix: Option<Box<str>>,
}

/// Why a query is invalid. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum BadQuery {
    Empty,
    /// No letter or digit.
    NoWord,
    /// Only excluded terms.
    OnlyUnwanted,
    /// The prefix is too short.
    ShortBeginning {
        /// Without the asterisk.
        beginning: String,
    },
    TooLong,
    /// Too many terms or channels.
    TooMany,
    /// An invalid date.
    Date {
        /// `since` or `until`.
        operator: &'static str,
    },
    /// `since` is after `until`.
    Backwards,
    /// An invalid page cursor.
    Page,
    /// An invalid channel name.
    Channel(#[from] BadName),
}

impl BadQuery {
    pub fn message(&self) -> Message {
        match self {
            Self::Empty => Message::new("query-empty"),
            Self::NoWord => Message::new("query-no-word"),
            Self::OnlyUnwanted => Message::new("query-only-unwanted"),
            Self::ShortBeginning { beginning } => {
                Message::new("query-short-prefix").with("prefix", beginning.as_str())
            }
            Self::TooLong => Message::new("query-too-long"),
            Self::TooMany => Message::new("query-too-many"),
            Self::Date { operator } => Message::new("query-date").with("operator", *operator),
            Self::Backwards => Message::new("query-backwards"),
            Self::Page => Message::new("query-page"),
            Self::Channel(reason) => Message::new("query-channel").with("reason", reason.message()),
        }
    }
}

impl BadQuery {
    /// The name of the error for programs.
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
    /// Parses a query.
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
            symbols: Vec::new(),
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

    /// Parses the `q` of one channel's feed. Ignores channel operators, and accepts a query of symbols only, which
    /// Telegram's own search supports.
    ///
    /// # Errors
    /// [`BadQuery`] as for [`Query::parse`].
    pub fn parse_in_channel(text: &str) -> Result<Self, BadQuery> {
        match Self::parse(text) {
            Ok(query) => Ok(Self { channels: Vec::new(), ..query }),
            Err(BadQuery::NoWord) => Self::of_symbols(text).ok_or(BadQuery::NoWord),
            Err(reason) => Err(reason),
        }
    }

    /// The symbols of a text without words; `None` if it consists of quotation marks only, or contains an operator.
    /// Here ASCII letters or digits can only belong to an operator (`since:2026-01-31`), and a literal search for it
    /// would find nothing.
    fn of_symbols(text: &str) -> Option<Self> {
        let is_quote = |character| QUOTES.iter().any(|pair| [pair.0, pair.1].contains(&character));
        let symbols: Vec<Box<str>> = text
            .split(|character: char| character.is_whitespace() || is_quote(character))
            .filter(|symbol| !symbol.is_empty())
            .map(Box::from)
            .collect();
        let has_operator = symbols
            .iter()
            .any(|symbol| symbol.contains(|letter: char| letter.is_ascii_alphanumeric()));
        (!symbols.is_empty() && !has_operator).then(|| Self {
            text: text.into(),
            wanted: Vec::new(),
            symbols,
            unwanted: Vec::new(),
            channels: Vec::new(),
            since: None,
            until: None,
        })
    }

    /// The text, with normalised white space unless it has symbols only. Queries with equal texts are equal.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the query has required words, phrases or hashtags, which the index can find, and not only symbols.
    pub fn has_words(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Whether the query has no exclusions, dates or quotation marks. Telegram's search then understands it too.
    pub fn is_plain(&self) -> bool {
        let is_quoted = self.text.contains(QUOTES.map(|(opener, _)| opener));
        !self.has_words()
            || (self.unwanted.is_empty()
                && self.since.is_none()
                && self.until.is_none()
                && !is_quoted)
    }

    /// The channels to search; empty: all.
    pub fn channels(&self) -> &[ChannelName] {
        &self.channels
    }

    /// The earliest date of publication, inclusive.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        self.since.map(|day| day.and_time(NaiveTime::MIN).and_utc())
    }

    /// The latest date of publication, exclusive.
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

    pub(super) fn symbols(&self) -> &[Box<str>] {
        &self.symbols
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

    /// Parses the first item, and returns the rest.
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
        // A quotation mark inside a word starts a phrase: `say"this now"`.
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

    /// Applies an operator. Returns whether the word was one.
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

impl Term {
    /// The term prefixes for which FTS5 would collect all posts of all matching terms.
    pub(super) fn prefixes(&self) -> Vec<String> {
        let prefixes: Vec<&str> = match self {
            Self::Word(parts) => parts.iter().filter_map(|part| part.prefix.as_deref()).collect(),
            Self::Phrase { words, is_prefix: true, .. } => {
                words.last().map(|word| &**word).into_iter().collect()
            }
            Self::Phrase { .. } | Self::Hashtag(_) => Vec::new(),
        };
        prefixes.into_iter().flat_map(prefixes_of_terms).collect()
    }

    /// Whether every post that FTS5 returns for this term matches it. A phrase is not exact because the index has
    /// stems, and neither is a prefix that also matches stems.
    pub(super) fn is_exact(&self) -> bool {
        match self {
            Self::Word(parts) => parts.iter().all(|part| {
                part.prefix.as_deref().is_none_or(|prefix| prefixes_of_terms(prefix).len() == 1)
            }),
            Self::Phrase { words, terms, is_prefix, .. } => words == terms && !is_prefix,
            Self::Hashtag(_) => true,
        }
    }

    /// Writes an FTS5 expression that finds every matching post; without `with_prefixes` it omits conditions with
    /// prefixes. Returns whether anything was written.
    pub(super) fn write(&self, with_prefixes: bool, expression: &mut String) -> bool {
        let mut conditions: Vec<String> = Vec::new();
        match self {
            Self::Word(parts) => {
                for part in parts {
                    let mut any: Vec<String> =
                        part.forms.iter().map(|form| format!("\"{form}\"")).collect();
                    match part.prefix.as_deref() {
                        Some(_) if !with_prefixes => continue,
                        Some(prefix) => any.extend(prefix_conditions(prefix)),
                        None => {}
                    }
                    conditions.push(format!("({})", any.join(" OR ")));
                }
            }
            // A post with the joined spelling need not contain the other terms.
            Self::Phrase { whole: Some(_), is_prefix: true, .. } if !with_prefixes => {}
            Self::Phrase { words, terms, is_prefix, whole } => {
                let exact = if *is_prefix { &terms[..terms.len() - 1] } else { terms };
                if !exact.is_empty() {
                    conditions.push(format!("\"{}\"", exact.join(" ")));
                }
                if let Some(last) = words.last().filter(|_| *is_prefix && with_prefixes) {
                    conditions.push(format!("({})", prefix_conditions(last).join(" OR ")));
                }
                if let Some((word, term)) = whole {
                    let mut any = vec![format!("({})", conditions.join(" AND "))];
                    any.push(format!("\"{term}\""));
                    any.extend(if *is_prefix { prefix_conditions(word) } else { Vec::new() });
                    conditions = vec![format!("({})", any.join(" OR "))];
                }
            }
            Self::Hashtag(tag) => conditions.push(format!("\"#{tag}\"")),
        }
        if !conditions.is_empty() {
            let _ = write!(expression, "({})", conditions.join(" AND "));
        }
        !conditions.is_empty()
    }

    /// The ranges of the text where the phrase occurs, in consecutive words or in its joined spelling.
    pub(super) fn places_of_phrase(&self, tokens: &[Token]) -> Vec<Range<usize>> {
        let Self::Phrase { words, is_prefix, whole, .. } = self else { return Vec::new() };
        let last = words.len().saturating_sub(1);
        let is_single = |word: &str| word.chars().count() == 1 && word.chars().all(is_unspaced);
        let is_prefix = *is_prefix || words.last().is_some_and(|word| is_single(word));
        let stand = |window: &&[Token]| {
            window.iter().zip(words).enumerate().all(|(at, (token, word))| {
                *token.word == **word
                    || (is_prefix && at == last && token.word.starts_with(&**word))
            })
        };
        let range = |window: &[Token]| {
            let (first, last) = (window.first()?, window.last()?);
            // A single character matches as the prefix of a pair. The pair's second character is not part of the match.
            let end = match (last.form, words.last().map(|word| word.chars().count())) {
                (Form::Pair { .. }, Some(1)) => last.range.start + (last.range.len() / 2),
                _ => last.range.end,
            };
            Some(first.range.start..end)
        };
        let windows = tokens.windows(words.len().max(1)).filter(stand);
        let is_whole = |token: &&Token| {
            whole.as_ref().is_some_and(|(word, _)| {
                token.word == **word || (is_prefix && token.word.starts_with(&**word))
            })
        };
        let wholes = tokens.iter().filter(is_whole).map(|token| token.range.clone());
        windows.filter_map(range).chain(wholes).collect()
    }
}

/// The FTS5 conditions for words with a prefix.
fn prefix_conditions(prefix: &str) -> Vec<String> {
    let prefixes = prefixes_of_terms(prefix).into_iter().map(|prefix| format!("\"{prefix}\" *"));
    // The stem of a longer word may be shorter than the prefix.
    let stem = tokens(prefix).first().map(|token| format!("\"{}\"", term(token)));
    prefixes.chain(stem).collect()
}

/// The prefixes of the terms of all words with a prefix: the prefix itself, and the same after the language tag of
/// stems.
fn prefixes_of_terms(prefix: &str) -> Vec<String> {
    let marked = tokens(prefix).first().and_then(tag).map(|tag| format!("{tag}·{prefix}"));
    std::iter::once(prefix.to_owned()).chain(marked).collect()
}

/// A phrase: the words of a text in exactly this form.
fn phrase_of(text: &str) -> Option<Term> {
    let mut tokens = tokens(text);
    let last = tokens.pop()?;
    // The last character of a run is dropped if a pair contains it: the text may continue with any character. If the
    // run is that single character, it becomes the prefix of a pair.
    let ends_run = last.form == Form::Last;
    let is_apart = |token: &Token| !matches!(token.form, Form::Pair { .. });
    let is_single = ends_run && tokens.last().is_none_or(is_apart);
    if !ends_run || is_single {
        tokens.push(last);
    }
    let words: Vec<Box<str>> = tokens.iter().map(|token| token.word.as_str().into()).collect();
    let terms = tokens.iter().map(|token| term(token).into()).collect();
    // A phrase of one character is searched for by that term only. Collecting all its pairs would take too long.
    let is_prefix = is_single && words.len() > 1;
    Some(Term::Phrase { words, terms, is_prefix, whole: None })
}

/// Parses an item without spaces. It may contain no word, or several: `COVID-19`, `iPhone发布会`.
fn term_of(text: &str) -> Result<Option<Term>, BadQuery> {
    let (text, is_open) = match text.strip_suffix('*') {
        Some(start) => (start, true),
        None => (text, false),
    };
    let tokens = without_possessive(tokens(text));
    let Some(last) = tokens.last() else { return Ok(None) };
    let length = |token: &Token| token.word.chars().count();
    // A single character of a script without spaces is indexed as a term, so it needs no minimum length.
    let is_apart = matches!(last.form, Form::Word(_) | Form::Number);
    if is_open && is_apart && length(last) < SHORTEST_PREFIX {
        return Err(BadQuery::ShortBeginning { beginning: last.word.clone() });
    }
    if tokens.iter().any(|token| token.is_joined) {
        return Ok(Some(apostrophe(&tokens, is_open)));
    }
    let is_word = |token: &Token| matches!(token.form, Form::Word(_));
    let has_forms = |token: &Token| is_word(token) && length(token) > SHORTEST_PREFIX;
    if tokens.iter().all(has_forms) || (tokens.len() == 1 && is_word(last)) {
        let end = tokens.len() - 1;
        let parts = tokens.iter().enumerate().map(|(at, token)| {
            let is_prefix = is_open && at == end;
            let prefix = if is_prefix { Some(token.word.as_str().into()) } else { prefix(token) };
            Part { word: token.word.as_str().into(), forms: forms(text, token), prefix }
        });
        return Ok(Some(Term::Word(parts.collect())));
    }
    let mut term = phrase_of(text);
    if let (true, Some(Term::Phrase { words, is_prefix, .. })) = (is_open, &mut term) {
        *is_prefix |= words.last().is_some_and(|word| word.chars().count() >= SHORTEST_PREFIX);
    }
    Ok(term)
}

/// The common prefix of a word's forms, in languages without a stemmer.
fn prefix(token: &Token) -> Option<Box<str>> {
    let length = token.word.chars().count();
    let kept = match token.form {
        Form::Word(Script::Other) if length > SHORTEST_PREFIX => length,
        // Letters of Ukrainian that Russian does not have.
        Form::Word(Script::Cyrillic)
            if length > SHORTEST_UKRAINIAN_PREFIX && token.word.contains(['і', 'є']) =>
        {
            SHORTEST_UKRAINIAN_PREFIX.max(length - UKRAINIAN_ENDING)
        }
        _ => return None,
    };
    Some(token.word.chars().take(kept).collect::<String>().into())
}

/// Reduces `Russia's` to `Russia`.
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

/// A word with apostrophes (`don't`, `o'zbek`), which matches with and without them.
fn apostrophe(tokens: &[Token], is_prefix: bool) -> Term {
    let is_one = tokens.iter().rev().skip(1).all(|token| token.is_joined);
    let whole = joined(tokens).into_iter().next().filter(|_| is_one);
    let whole = whole.map(|token| (token.word.as_str().into(), term(&token).into()));
    let words = tokens.iter().map(|token| token.word.as_str().into()).collect();
    let terms = tokens.iter().map(|token| term(token).into()).collect();
    Term::Phrase { words, terms, is_prefix, whole }
}
