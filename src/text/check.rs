//! The door for texts that were written out and come in again.
//!
//! Not a builder: a text that one of ours has written is taken as it is, byte for byte, and what no builder can have
//! made is refused whole.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

use super::{Block, DEEPEST, Inline, LARGEST, RichText, clean};

/// The most that a text weighs: several builders' texts may stand in one, behind one another.
const HEAVIEST: usize = 16 * LARGEST;

/// The longest name of a code block's language.
const LONGEST_LANGUAGE: usize = 32;

/// Why a tree is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// A block, or a span, with nothing in it.
    #[error("a part of the text is empty")]
    Empty,
    /// Nested deeper than [`DEEPEST`].
    #[error("the text is nested too deep")]
    TooDeep,
    /// More than any text weighs.
    #[error("the text is too large")]
    TooLarge,
    /// A character that XML forbids.
    #[error("the text holds a character that no feed may carry")]
    Character,
    /// A tag, mention, language or link that no builder makes.
    #[error("a part of the text is not what it says")]
    Shape,
}

impl TryFrom<Vec<Block>> for RichText {
    type Error = BadText;

    fn try_from(list: Vec<Block>) -> Result<Self, BadText> {
        blocks(&list, 0)?;
        let text = Self { blocks: list };
        if text.weight() > HEAVIEST { Err(BadText::TooLarge) } else { Ok(text) }
    }
}

impl<'de> Deserialize<'de> for RichText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Vec::<Block>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

fn blocks(list: &[Block], depth: usize) -> Result<(), BadText> {
    for block in list {
        match block {
            Block::Paragraph(content) => inlines(content, depth, false)?,
            Block::Quote { blocks: content, .. } => {
                hold(!content.is_empty(), BadText::Empty)?;
                hold(depth < DEEPEST, BadText::TooDeep)?;
                blocks(content, depth + 1)?;
            }
            Block::Preformatted { language, text } => {
                characters(text)?;
                hold(language.as_deref().is_none_or(is_language), BadText::Shape)?;
            }
        }
    }
    Ok(())
}

fn inlines(list: &[Inline], depth: usize, in_link: bool) -> Result<(), BadText> {
    hold(!list.is_empty(), BadText::Empty)?;
    for inline in list {
        match inline {
            Inline::Break => {}
            Inline::Text(text) | Inline::Code(text) => characters(text)?,
            Inline::CustomEmoji { emoji, .. } => hold(is_clean(emoji), BadText::Character)?,
            Inline::Tag(tag) => {
                characters(tag)?;
                hold(is_tag(tag), BadText::Shape)?;
            }
            Inline::Mention(name) => hold(is_mention(name), BadText::Shape)?,
            Inline::Styled(_, content) => {
                hold(depth < DEEPEST, BadText::TooDeep)?;
                inlines(content, depth + 1, in_link)?;
            }
            Inline::Link { content, .. } => {
                hold(!in_link, BadText::Shape)?;
                hold(depth < DEEPEST, BadText::TooDeep)?;
                inlines(content, depth + 1, true)?;
            }
        }
    }
    Ok(())
}

/// Whether it is a hashtag or cashtag with its sign.
pub(super) fn is_tag(text: &str) -> bool {
    text.starts_with(['#', '$']) && text.chars().count() > 1
}

/// Whether it can be a name that is mentioned.
pub(super) fn is_mention(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether it can be the language of a block of code.
pub(super) fn is_language(name: &str) -> bool {
    (1..=LONGEST_LANGUAGE).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+#._-".contains(&byte))
}

fn characters(text: &str) -> Result<(), BadText> {
    hold(!text.is_empty(), BadText::Empty)?;
    hold(is_clean(text), BadText::Character)
}

fn is_clean(text: &str) -> bool {
    matches!(clean(text), Cow::Borrowed(_))
}

fn hold(is_right: bool, why: BadText) -> Result<(), BadText> {
    if is_right { Ok(()) } else { Err(why) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::{Address, Builder, Span, Style};

    fn read(json: &str) -> Result<RichText, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    /// So many styles round a word.
    fn styled(depth: usize) -> String {
        let open = r#"{"styled":["bold",["#.repeat(depth);
        format!(r#"[{{"paragraph":[{open}{{"text":"word"}}{}]}}]"#, "]]}".repeat(depth))
    }

    #[test]
    fn what_no_builder_makes_is_refused() {
        for (json, why) in [
            (r#"[{"paragraph":[]}]"#, "empty"),
            (r#"[{"paragraph":[{"text":""}]}]"#, "empty"),
            (r#"[{"quote":{"expandable":false,"blocks":[]}}]"#, "empty"),
            (r#"[{"paragraph":[{"styled":["bold",[]]}]}]"#, "empty"),
            (r#"[{"paragraph":[{"text":"a\u0000b"}]}]"#, "character"),
            (r#"[{"paragraph":[{"code":"\ufffe"}]}]"#, "character"),
            (r#"[{"preformatted":{"text":"a\rb"}}]"#, "character"),
            (r#"[{"preformatted":{"language":"a b","text":"x"}}]"#, "not what it says"),
            (r#"[{"paragraph":[{"tag":"tea"}]}]"#, "not what it says"),
            (r##"[{"paragraph":[{"tag":"#"}]}]"##, "not what it says"),
            (r#"[{"paragraph":[{"mention":"a<b"}]}]"#, "not what it says"),
            (
                r#"[{"paragraph":[{"link":{"address":"javascript:alert(1)","content":[{"text":"x"}]}}]}]"#,
                "no address",
            ),
            (
                r#"[{"paragraph":[{"link":{"address":"https://a.example/","content":[{"link":{"address":"https://b.example/","content":[{"text":"x"}]}}]}}]}]"#,
                "not what it says",
            ),
            (&styled(DEEPEST + 1), "too deep"),
            (&styled(100_000), "recursion"),
            (r#"[{"html":"<script>"}]"#, "unknown variant"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(why), "{}: {error}", &json[..json.len().min(90)]);
        }
        assert!(read(&styled(DEEPEST)).is_ok());
    }

    #[test]
    fn a_text_heavier_than_any_is_refused() {
        let word = "x".repeat(LARGEST);
        let many: Vec<Block> =
            (0..17).map(|_| Block::Paragraph(vec![Inline::Text(word.clone().into())])).collect();
        assert_eq!(RichText::try_from(many), Err(BadText::TooLarge));
    }

    /// What a document may hold, in order.
    #[derive(Clone, Debug)]
    enum Event {
        Text(String),
        Break,
        Open(u8),
        Close,
        Code(String),
        Tag(String),
        Mention(String),
        Emoji(String),
        Quote(bool),
        CloseQuote,
        Preformatted(String, String),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            any::<String>().prop_map(Event::Text),
            "[ a-zа-я\n]{0,12}".prop_map(Event::Text),
            Just(Event::Break),
            (0..8_u8).prop_map(Event::Open),
            Just(Event::Close),
            any::<String>().prop_map(Event::Code),
            "[#$]?\\PC{0,5}".prop_map(Event::Tag),
            "\\PC{0,4}|[a-z_]{1,40}".prop_map(Event::Mention),
            any::<String>().prop_map(Event::Emoji),
            any::<bool>().prop_map(Event::Quote),
            Just(Event::CloseQuote),
            ("[a-z+ ]{0,40}", any::<String>())
                .prop_map(|(language, text)| Event::Preformatted(language, text)),
        ]
    }

    fn built(events: Vec<Event>) -> RichText {
        let address = Address::parse("https://tea.example/a?b=c#d").unwrap();
        let mut builder = Builder::new();
        for event in events {
            match event {
                Event::Text(text) => builder.text(&text),
                Event::Break => builder.line_break(),
                Event::Open(number) => builder.open(match number {
                    0 => Span::Link(address.clone()),
                    1 => Span::Plain,
                    2 => Span::Style(Style::Spoiler),
                    _ => Span::Style(Style::Bold),
                }),
                Event::Close => builder.close(),
                Event::Code(code) => builder.code(&code),
                Event::Tag(tag) => builder.tag(&tag),
                Event::Mention(name) => builder.mention(&name),
                Event::Emoji(emoji) => builder.custom_emoji(7, &emoji),
                Event::Quote(expandable) => builder.open_quote(expandable),
                Event::CloseQuote => builder.close_quote(),
                Event::Preformatted(language, text) => builder.preformatted(Some(&language), &text),
            }
        }
        builder.finish()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_a_builder_makes_comes_back_as_it_was(
            events in prop::collection::vec(event(), 0..60),
        ) {
            let text = built(events);
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(read(&json), Ok(text), "{}", json);
        }
    }
}
