//! What is looked for in one channel.
//!
//! Telegram's own search is asked besides, and finds signs too (`🔥`), which are no words of ours. So they are taken here,
//! and looked for as they stand.

use super::{BadQuery, QUOTES, Query};

/// What the `q` of a channel's feed looks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ChannelQuery {
    /// What a search takes. The channels that it names say nothing: the channel is that of the feed.
    Words(Query),
    /// Nothing but signs.
    Signs(Signs),
}

/// Signs as they stand in a text; at least one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signs(Vec<Box<str>>);

impl ChannelQuery {
    /// A query as a person writes it.
    ///
    /// # Errors
    /// [`BadQuery`] as [`Query::parse`] has it, but for signs alone.
    pub fn parse(text: &str) -> Result<Self, BadQuery> {
        match Query::parse(text) {
            Ok(query) => Ok(Self::Words(Query { channels: Vec::new(), ..query })),
            Err(BadQuery::NoWord) => Signs::parse(text).map(Self::Signs).ok_or(BadQuery::NoWord),
            Err(reason) => Err(reason),
        }
    }

    /// What an archive can be asked for; nothing when there is no word in it.
    #[must_use]
    pub fn words(&self) -> Option<&Query> {
        match self {
            Self::Words(query) => Some(query),
            Self::Signs(_) => None,
        }
    }
}

impl Signs {
    /// Each of them.
    pub(in crate::archive::search) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|sign| &**sign)
    }

    /// The signs of a text in which there is no word. `None` when nothing but quotation marks is there, or an operator: what
    /// has letters or digits and is no word is one (`since:2026-01-31`), and finds nothing as it stands.
    fn parse(text: &str) -> Option<Self> {
        let is_quote = |character| QUOTES.iter().any(|pair| [pair.0, pair.1].contains(&character));
        let signs: Vec<Box<str>> = text
            .split(|character: char| character.is_whitespace() || is_quote(character))
            .filter(|sign| !sign.is_empty())
            .map(Box::from)
            .collect();
        let is_operator = |sign: &str| sign.contains(|letter: char| letter.is_ascii_alphanumeric());
        let is_told = !signs.is_empty() && !signs.iter().any(|sign| is_operator(sign));
        is_told.then_some(Self(signs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_asked_for_words_or_for_signs() {
        let parse = ChannelQuery::parse;
        let tea = Query::parse("tea channel:pier").unwrap();
        let Ok(ChannelQuery::Words(words)) = parse("tea channel:pier") else { panic!("words") };
        assert_eq!((words.wanted(), words.channels()), (tea.wanted(), &[][..]));
        for (text, signs) in [
            ("🔥", &["🔥"][..]),
            (" 🔥  :-) ", &["🔥", ":-)"]),
            ("\"🔥 ❤\"", &["🔥", "❤"]),
            ("%", &["%"]),
        ] {
            let signs = Signs(signs.iter().copied().map(Box::from).collect());
            assert_eq!(parse(text), Ok(ChannelQuery::Signs(signs)), "{text}");
        }
        for (text, reason) in [
            ("\"\"", BadQuery::NoWord),
            ("since:2026-05-01", BadQuery::NoWord),
            ("🔥 since:2026-05-01", BadQuery::NoWord),
            ("channel:pier", BadQuery::NoWord),
            ("-tea", BadQuery::OnlyUnwanted),
            ("🔥 -tea", BadQuery::OnlyUnwanted),
            ("tea since:foo", BadQuery::Date { operator: "since" }),
            ("", BadQuery::Empty),
        ] {
            assert_eq!(parse(text), Err(reason), "{text}");
        }
    }
}
