//! Reads stored texts. A text that a builder can have made is taken unchanged; any other is rejected as a whole.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

use super::{Block, Inline, MAX_DEPTH, MAX_WEIGHT, RichText, clean};

/// Maximum weight: several builders' texts may be appended to each other.
const MAX_STORED_WEIGHT: usize = 16 * MAX_WEIGHT;

/// Longest name of a code block's language, in bytes.
const MAX_LANGUAGE: usize = 32;

/// Why a stored text is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    #[error("a part of the text is empty")]
    Empty,
    #[error("the text is nested too deeply")]
    TooDeep,
    #[error("the text is too large")]
    TooLarge,
    #[error("the text has a character that XML forbids")]
    Character,
    /// A tag, mention, language or link that no builder makes.
    #[error("a part of the text has an invalid value")]
    Shape,
}

impl TryFrom<Vec<Block>> for RichText {
    type Error = BadText;

    fn try_from(blocks: Vec<Block>) -> Result<Self, BadText> {
        check_blocks(&blocks, 0)?;
        let text = Self { blocks };
        if text.weight() > MAX_STORED_WEIGHT { Err(BadText::TooLarge) } else { Ok(text) }
    }
}

impl<'de> Deserialize<'de> for RichText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Vec::<Block>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

fn check_blocks(blocks: &[Block], depth: usize) -> Result<(), BadText> {
    for block in blocks {
        match block {
            Block::Paragraph(content) => check_inlines(content, depth, false)?,
            Block::Quote { blocks, .. } => {
                require(!blocks.is_empty(), BadText::Empty)?;
                require(depth < MAX_DEPTH, BadText::TooDeep)?;
                check_blocks(blocks, depth + 1)?;
            }
            Block::Preformatted { language, text } => {
                check_characters(text)?;
                require(language.as_deref().is_none_or(is_language), BadText::Shape)?;
            }
        }
    }
    Ok(())
}

fn check_inlines(inlines: &[Inline], depth: usize, in_link: bool) -> Result<(), BadText> {
    require(!inlines.is_empty(), BadText::Empty)?;
    for inline in inlines {
        match inline {
            Inline::Break => {}
            Inline::Text(text) | Inline::Code(text) => check_characters(text)?,
            Inline::CustomEmoji { emoji, .. } => require(is_clean(emoji), BadText::Character)?,
            Inline::Tag(tag) => {
                check_characters(tag)?;
                require(is_tag(tag), BadText::Shape)?;
            }
            Inline::Mention(name) => require(is_mention(name), BadText::Shape)?,
            Inline::Styled(_, content) => {
                require(depth < MAX_DEPTH, BadText::TooDeep)?;
                check_inlines(content, depth + 1, in_link)?;
            }
            Inline::Link { content, .. } => {
                require(!in_link, BadText::Shape)?;
                require(depth < MAX_DEPTH, BadText::TooDeep)?;
                check_inlines(content, depth + 1, true)?;
            }
        }
    }
    Ok(())
}

/// A hashtag or cashtag with its sign.
pub(super) fn is_tag(text: &str) -> bool {
    text.starts_with(['#', '$']) && text.chars().count() > 1
}

pub(super) fn is_mention(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

pub(super) fn is_language(name: &str) -> bool {
    (1..=MAX_LANGUAGE).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+#._-".contains(&byte))
}

fn check_characters(text: &str) -> Result<(), BadText> {
    require(!text.is_empty(), BadText::Empty)?;
    require(is_clean(text), BadText::Character)
}

fn is_clean(text: &str) -> bool {
    matches!(clean(text), Cow::Borrowed(_))
}

fn require(is_met: bool, error: BadText) -> Result<(), BadText> {
    if is_met { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::{Address, Builder, Span, Style};

    fn read(json: &str) -> Result<RichText, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    /// A word inside `depth` styles.
    fn styled(depth: usize) -> String {
        let open = r#"{"styled":["bold",["#.repeat(depth);
        format!(r#"[{{"paragraph":[{open}{{"text":"word"}}{}]}}]"#, "]]}".repeat(depth))
    }

    #[test]
    fn invalid_rich_text_json_is_refused() {
        for (json, why) in [
            (r#"[{"paragraph":[]}]"#, "empty"),
            (r#"[{"paragraph":[{"text":""}]}]"#, "empty"),
            (r#"[{"quote":{"expandable":false,"blocks":[]}}]"#, "empty"),
            (r#"[{"paragraph":[{"styled":["bold",[]]}]}]"#, "empty"),
            (r#"[{"paragraph":[{"text":"a\u0000b"}]}]"#, "character"),
            (r#"[{"paragraph":[{"code":"\ufffe"}]}]"#, "character"),
            (r#"[{"preformatted":{"text":"a\rb"}}]"#, "character"),
            (r#"[{"preformatted":{"language":"a b","text":"x"}}]"#, "invalid value"),
            (r#"[{"paragraph":[{"tag":"tea"}]}]"#, "invalid value"),
            (r##"[{"paragraph":[{"tag":"#"}]}]"##, "invalid value"),
            (r#"[{"paragraph":[{"mention":"a<b"}]}]"#, "invalid value"),
            (
                r#"[{"paragraph":[{"link":{"address":"javascript:alert(1)","content":[{"text":"x"}]}}]}]"#,
                "not allowed",
            ),
            (
                r#"[{"paragraph":[{"link":{"address":"https://a.example/","content":[{"link":{"address":"https://b.example/","content":[{"text":"x"}]}}]}}]}]"#,
                "invalid value",
            ),
            (&styled(MAX_DEPTH + 1), "too deep"),
            (&styled(100_000), "recursion"),
            (r#"[{"html":"<script>"}]"#, "unknown variant"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(why), "{}: {error}", &json[..json.len().min(90)]);
        }
        assert!(read(&styled(MAX_DEPTH)).is_ok());
    }

    #[test]
    fn oversized_rich_text_is_refused() {
        let word = "x".repeat(MAX_WEIGHT);
        let many: Vec<Block> =
            (0..17).map(|_| Block::Paragraph(vec![Inline::Text(word.clone().into())])).collect();
        assert_eq!(RichText::try_from(many), Err(BadText::TooLarge));
    }

    /// A call of the builder.
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
                    1 => Span::Style(Style::Italic),
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
        fn rich_text_round_trips_through_json(
            events in prop::collection::vec(event(), 0..60),
        ) {
            let text = built(events);
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(read(&json), Ok(text), "{}", json);
        }
    }
}
