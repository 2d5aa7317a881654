//! Parts of a text: its heading, and a shortened text.

use super::plain::{Piece, visit_inlines};
use super::{Block, Inline, NODE, RichText, Spoilers, excerpt, weight};

/// Longest heading, in characters.
const MAX_HEADING: usize = 120;

/// Longest first sentence of a longer line, in columns.
const MAX_SENTENCE: usize = 120;

impl RichText {
    /// Splits the text into a heading and the rest: its first line, or the first sentence of a long line. `None` if the text
    /// does not begin with a line of words, or the first sentence is too long.
    pub(crate) fn heading(&self) -> Option<(Self, Self)> {
        let (Block::Paragraph(inlines), blocks) = self.blocks.split_first()? else { return None };
        let end = inlines.iter().position(|inline| *inline == Inline::Break);
        let line = &inlines[..end.unwrap_or(inlines.len())];
        let (mut is_bare, mut characters) = (true, 0);
        visit_inlines(line, Spoilers::Mask, false, &mut |piece| {
            if let Piece::Text { text, is_bare: piece_is_bare, .. } = piece {
                is_bare &= piece_is_bare;
                characters += text.chars().count();
            }
        });
        if is_bare || line.iter().any(has_break) {
            return None;
        }
        let mut rest: Vec<Inline>;
        let heading = if characters <= MAX_HEADING {
            let behind = inlines[line.len()..].iter();
            rest = behind.skip_while(|inline| **inline == Inline::Break).cloned().collect();
            line.to_vec()
        } else {
            let (sentence, tail) = first_sentence(line)?;
            rest = vec![tail];
            rest.extend_from_slice(&inlines[1..]);
            vec![sentence]
        };
        let mut rest_blocks = Vec::new();
        if !rest.is_empty() {
            rest_blocks.push(Block::Paragraph(rest));
        }
        rest_blocks.extend_from_slice(blocks);
        Some((Self { blocks: vec![Block::Paragraph(heading)] }, Self { blocks: rest_blocks }))
    }

    /// Cuts the text to about this weight: whole blocks, and the start of the next one without formats. `None` if all of it
    /// fits.
    pub(crate) fn shortened(&self, max: usize) -> Option<Self> {
        if self.weight() <= max {
            return None;
        }
        let mut room = max;
        let mut blocks = Vec::new();
        for block in self.blocks.chunks(1) {
            let weight = weight(block);
            if weight > room {
                let text = Self { blocks: block.to_vec() }.plain(Spoilers::Mask);
                let start = start(&text, room.saturating_sub(NODE * 2));
                blocks.extend(Self::from_plain(&start).blocks);
                break;
            }
            blocks.extend_from_slice(block);
            room -= weight;
        }
        Some(Self { blocks })
    }
}

/// The first sentence of a line that begins with plain text, and the rest of that text.
fn first_sentence(line: &[Inline]) -> Option<(Inline, Inline)> {
    let Inline::Text(text) = line.first()? else { return None };
    let sentence = excerpt(text, MAX_SENTENCE);
    let tail = text.strip_prefix(sentence.as_str())?.trim_start();
    let is_end = sentence.ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '۔']);
    (is_end && !tail.is_empty()).then(|| (Inline::Text(sentence.into()), Inline::Text(tail.into())))
}

fn has_break(inline: &Inline) -> bool {
    *inline == Inline::Break || inline.content().iter().any(has_break)
}

/// At most `room` bytes and a hundred lines, with an ellipsis.
fn start(text: &str, room: usize) -> String {
    let cut = &text[..text.floor_char_boundary(room)];
    let end = cut.rfind(char::is_whitespace).filter(|end| *end > room / 2).unwrap_or(cut.len());
    let mut start = cut[..end].lines().take(100).collect::<Vec<_>>().join("\n");
    start.push('…');
    start
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
    fn heading_is_first_line_and_is_not_repeated() {
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
    fn heading_keeps_formatting_and_masks_spoilers() {
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
    fn shortened_text_ends_between_blocks_or_inside_large_block() {
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
