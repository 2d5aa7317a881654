//! Parts of a text: its first line as a heading, and as much of it as there is room for.

use super::plain::is_bare_line;
use super::{Block, Inline, RichText, excerpt, weight};

/// The longest line that stands as a heading, in characters; of a longer one, its first sentence.
const LONGEST_HEADING: usize = 120;

/// The columns within which the first sentence of a longer line ends.
const SENTENCE: usize = 120;

impl RichText {
    /// The first line, and what stands behind it: for a page that has the line as its heading and does not repeat it. `None`
    /// when the text begins with something else than a line with words, or when its first sentence is too long for a heading.
    pub fn heading(&self) -> Option<(Self, Self)> {
        let (Block::Paragraph(inlines), rest) = self.blocks.split_first()? else { return None };
        let end = inlines.iter().position(|inline| *inline == Inline::Break);
        let line = &inlines[..end.unwrap_or(inlines.len())];
        if is_bare_line(line) || line.iter().any(holds_break) {
            return None;
        }
        let characters: usize = line.iter().map(|inline| plain(inline).chars().count()).sum();
        let (line, behind) = if characters <= LONGEST_HEADING {
            let behind = inlines[line.len()..].iter();
            (
                line.to_vec(),
                behind.skip_while(|inline| **inline == Inline::Break).cloned().collect(),
            )
        } else {
            let (sentence, tail) = first_sentence(line)?;
            let behind = std::iter::once(tail).chain(inlines[1..].iter().cloned()).collect();
            (vec![sentence], behind)
        };
        let behind = Some(behind).filter(|behind: &Vec<Inline>| !behind.is_empty());
        let rest = behind.map(Block::Paragraph).into_iter().chain(rest.iter().cloned());
        Some((Self { blocks: vec![Block::Paragraph(line)] }, Self { blocks: rest.collect() }))
    }

    /// As much of the text as weighs no more than this: whole blocks, and of the block that does not fit its beginning
    /// without formats; `None` when all of it fits.
    pub fn shortened(&self, most: usize) -> Option<Self> {
        if self.weight() <= most {
            return None;
        }
        let mut left = most;
        let mut blocks = Vec::new();
        for block in &self.blocks {
            let weighs = weight::blocks(std::slice::from_ref(block));
            if weighs <= left {
                blocks.push(block.clone());
                left -= weighs;
                continue;
            }
            let alone = Self { blocks: vec![block.clone()] };
            let text = alone.plain(super::Spoilers::Mask);
            let room = left.saturating_sub(weight::NODE * 2);
            let begin = Self::from_plain(&beginning(&text, room));
            blocks.extend(begin.blocks);
            break;
        }
        Some(Self { blocks })
    }
}

/// The first sentence of a line that begins with plain characters, and the rest of these.
fn first_sentence(line: &[Inline]) -> Option<(Inline, Inline)> {
    let Inline::Text(text) = line.first()? else { return None };
    let sentence = excerpt(text, SENTENCE);
    let tail = text.strip_prefix(sentence.as_str())?;
    let is_end = sentence.ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '۔']);
    let tail = tail.trim_start();
    (is_end && !tail.is_empty()).then(|| (Inline::Text(sentence.into()), Inline::Text(tail.into())))
}

fn holds_break(inline: &Inline) -> bool {
    match inline {
        Inline::Break => true,
        Inline::Styled(_, content) | Inline::Link { content, .. } => {
            content.iter().any(holds_break)
        }
        _ => false,
    }
}

fn plain(inline: &Inline) -> String {
    let blocks = vec![Block::Paragraph(vec![inline.clone()])];
    RichText { blocks }.plain(super::Spoilers::Mask)
}

/// At most so many bytes and a hundred lines, with an ellipsis.
fn beginning(text: &str, room: usize) -> String {
    let cut = &text[..text.floor_char_boundary(room)];
    let end = cut.rfind(char::is_whitespace).filter(|end| *end > room / 2).unwrap_or(cut.len());
    let mut begin = cut[..end].lines().take(100).collect::<Vec<_>>().join("\n");
    begin.push('…');
    begin
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Builder, MASK, Span, Spoilers, Style};

    fn parts(text: &RichText) -> Option<(String, String)> {
        let (line, rest) = text.heading()?;
        Some((line.plain(Spoilers::Mask), rest.plain(Spoilers::Mask)))
    }

    #[test]
    fn the_first_line_is_a_heading_and_is_not_repeated() {
        let long = "The harbour froze for the first time in forty years and the boats lay in the ice as if somebody had painted them there. Nobody minded.";
        for (text, heading) in [
            (
                "Fog at last\nNothing to see.\n\nGo home.",
                Some(("Fog at last", "Nothing to see.\n\nGo home.")),
            ),
            ("Fog", Some(("Fog", ""))),
            ("Fog\n\nmore", Some(("Fog", "more"))),
            (long, Some((&long[..long.len() - 15], "Nobody minded."))),
            ("☀️", None),
            ("", None),
        ] {
            let found = parts(&RichText::from_plain(text));
            let expected = heading.map(|(line, rest)| (line.to_owned(), rest.to_owned()));
            assert_eq!(found, expected, "{text}");
        }
        let mut builder = Builder::new();
        builder.tag("#news");
        builder.line_break();
        builder.text("Fog");
        assert_eq!(parts(&builder.finish()), None, "a line of tags names nothing");
        let endless = "fog and ".repeat(40);
        assert_eq!(parts(&RichText::from_plain(&endless)), None, "no sentence ends in time");
    }

    #[test]
    fn a_heading_keeps_its_formats_and_masks_what_is_hidden() {
        let mut builder = Builder::new();
        builder.open(Span::Style(Style::Bold));
        builder.text("The keeper is ");
        builder.open(Span::Style(Style::Spoiler));
        builder.text("asleep");
        builder.close();
        builder.close();
        builder.line_break();
        builder.open(Span::Link(Address::parse("https://t.me/tea").unwrap()));
        builder.text("here");
        builder.close();
        let (line, rest) = builder.finish().heading().unwrap();
        assert_eq!(line.plain(Spoilers::Mask), format!("The keeper is {MASK}"));
        assert!(
            matches!(line.blocks(), [Block::Paragraph(inlines)] if matches!(&inlines[..], [Inline::Styled(Style::Bold, _)]))
        );
        assert!(
            matches!(rest.blocks(), [Block::Paragraph(inlines)] if matches!(&inlines[..], [Inline::Link { .. }]))
        );
    }

    #[test]
    fn a_text_is_shortened_between_blocks_and_within_the_one_that_does_not_fit() {
        let text = RichText::from_plain(&format!("one\n\ntwo\n\n{}", "long word ".repeat(1000)));
        assert_eq!(text.shortened(1 << 20), None);
        let short = text.shortened(2000).unwrap();
        assert!(short.weight() <= 2100, "{}", short.weight());
        let plain = short.plain(Spoilers::Mask);
        assert!(plain.starts_with("one\n\ntwo\n\nlong word") && plain.ends_with('…'), "{plain}");
        let one_word = RichText::from_plain(&"ж".repeat(5000));
        assert!(one_word.shortened(500).unwrap().plain(Spoilers::Mask).ends_with("ж…"));
        let many = RichText::from_plain(&"a\n".repeat(20_000));
        assert!(many.shortened(4000).unwrap().weight() <= 4100 + 200 * 64);
    }
}
