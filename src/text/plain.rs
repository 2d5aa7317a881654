//! Plain text of a [`RichText`].

use super::{Block, Inline, RichText, Style, is_blank};

/// Replaces hidden text.
pub const MASK: &str = "▒▒▒";

/// What to do with hidden text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoilers {
    /// For search and comparison.
    Show,
    /// Replace it with [`MASK`].
    Mask,
}

/// A line with spoilers masked and without spaces at its ends; never blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    /// There is nothing but hashtags, bare addresses, mentions, emoji and punctuation.
    pub is_bare: bool,
}

/// A part of a text without its formats.
pub(super) enum Piece<'a> {
    /// The start of a paragraph or code block.
    Block,
    Text {
        /// Line breaks are `\n`.
        text: &'a str,
        /// See [`Line::is_bare`].
        is_bare: bool,
        is_hidden: bool,
    },
}

impl RichText {
    /// Lines separated by `\n`, blocks by a blank line.
    pub fn plain(&self, spoilers: Spoilers) -> String {
        let mut plain = String::new();
        visit_blocks(&self.blocks, spoilers, &mut |piece| match piece {
            Piece::Block if plain.is_empty() => {}
            Piece::Block => plain.push_str("\n\n"),
            Piece::Text { text, .. } => plain.push_str(text),
        });
        plain
    }

    /// The lines that are not blank. Lazy by blocks.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        self.blocks.chunks(1).flat_map(|block| {
            let mut lines: Vec<Line> = Vec::new();
            visit_blocks(block, Spoilers::Mask, &mut |piece| match piece {
                Piece::Block => lines.push(Line { text: String::new(), is_bare: true }),
                Piece::Text { text, is_bare, .. } => {
                    for (number, part) in text.split('\n').enumerate() {
                        if number > 0 {
                            lines.push(Line { text: String::new(), is_bare: true });
                        }
                        if let Some(line) = lines.last_mut() {
                            line.text.push_str(part);
                            line.is_bare &= is_bare;
                        }
                    }
                }
            });
            lines.retain_mut(|line| {
                if line.text.trim().len() < line.text.len() {
                    line.text = line.text.trim().to_owned();
                }
                !is_blank(&line.text)
            });
            lines
        })
    }
}

/// Visits the text of blocks in order.
pub(super) fn visit_blocks(blocks: &[Block], spoilers: Spoilers, see: &mut impl FnMut(Piece<'_>)) {
    for block in blocks {
        match block {
            Block::Paragraph(content) => {
                see(Piece::Block);
                visit_inlines(content, spoilers, false, see);
            }
            Block::Quote { blocks, .. } => visit_blocks(blocks, spoilers, see),
            Block::Preformatted { text, .. } => {
                see(Piece::Block);
                see(Piece::Text { text, is_bare: false, is_hidden: false });
            }
        }
    }
}

/// Visits the text of inlines in order; `is_hidden` if they are inside a spoiler.
pub(super) fn visit_inlines(
    inlines: &[Inline],
    spoilers: Spoilers,
    is_hidden: bool,
    see: &mut impl FnMut(Piece<'_>),
) {
    for inline in inlines {
        let (text, is_bare): (&str, bool) = match inline {
            Inline::Text(text) => (text, !text.contains(char::is_alphanumeric)),
            Inline::Code(code) => (code, false),
            Inline::Tag(tag) => (tag, true),
            Inline::Mention(name) => {
                see(Piece::Text { text: "@", is_bare: true, is_hidden });
                (name, true)
            }
            Inline::CustomEmoji { emoji, .. } => (emoji, true),
            Inline::Break => ("\n", true),
            Inline::Styled(Style::Spoiler, _) if spoilers == Spoilers::Mask => (MASK, false),
            Inline::Styled(style, content) => {
                visit_inlines(content, spoilers, is_hidden || *style == Style::Spoiler, see);
                continue;
            }
            Inline::Link { content, .. } => match bare_address(content) {
                Some(address) => (address, true),
                None => {
                    visit_inlines(content, spoilers, is_hidden, see);
                    continue;
                }
            },
        };
        see(Piece::Text { text, is_bare, is_hidden });
    }
}

/// The text of a link if it is an address: `https://…`, `example.org/path`.
fn bare_address(content: &[Inline]) -> Option<&str> {
    let [Inline::Text(text)] = content else { return None };
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let has_domain = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    let is_address = text.contains("://") || has_domain;
    (is_address && !text.contains(char::is_whitespace)).then_some(text)
}
