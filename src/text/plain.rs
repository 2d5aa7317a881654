//! Plain text from the tree.

use super::{Block, Inline, RichText, Style, is_blank};

/// What stands for hidden words.
pub const MASK: &str = "▒▒▒";

/// What becomes of words that their author hid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoilers {
    /// They are shown: for searching and comparing.
    Show,
    /// [`MASK`] stands for them: for everything that is read at a glance.
    Mask,
}

/// A line of text, and whether it says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line, spoilers masked, without spaces at its ends; never blank.
    pub text: String,
    /// Whether it holds nothing but hashtags, bare addresses, mentions, emoji and punctuation.
    pub is_bare: bool,
}

impl RichText {
    /// The characters: lines separated by `\n`, blocks by a blank line.
    pub fn plain(&self, spoilers: Spoilers) -> String {
        let mut text = String::new();
        write_blocks(self.blocks(), spoilers, &mut text);
        text
    }

    /// The lines that are not blank, spoilers masked. No further block is read than is asked for.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        self.blocks().chunks(1).flat_map(|block| {
            let mut lines = Vec::new();
            collect_lines(block, &mut lines);
            lines.retain(|line| !is_blank(&line.text));
            for line in &mut lines {
                if line.text.trim().len() < line.text.len() {
                    line.text = line.text.trim().to_owned();
                }
            }
            lines
        })
    }
}

fn write_blocks(blocks: &[Block], spoilers: Spoilers, text: &mut String) {
    for block in blocks {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        match block {
            Block::Paragraph(inlines) => write_inlines(inlines, spoilers, text),
            Block::Quote { blocks, .. } => {
                let mut inner = String::new();
                write_blocks(blocks, spoilers, &mut inner);
                text.push_str(&inner);
            }
            Block::Preformatted { text: code, .. } => text.push_str(code),
        }
    }
}

fn write_inlines(inlines: &[Inline], spoilers: Spoilers, text: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(characters) | Inline::Code(characters) | Inline::Tag(characters) => {
                text.push_str(characters);
            }
            Inline::Break => text.push('\n'),
            Inline::Styled(Style::Spoiler, _) if spoilers == Spoilers::Mask => text.push_str(MASK),
            Inline::Styled(_, content) | Inline::Link { content, .. } => {
                write_inlines(content, spoilers, text);
            }
            Inline::Mention(name) => {
                text.push('@');
                text.push_str(name);
            }
            Inline::CustomEmoji { emoji, .. } => text.push_str(emoji),
        }
    }
}

/// Whether a line holds nothing but hashtags, bare addresses, mentions, emoji and punctuation.
pub(super) fn is_bare_line(inlines: &[Inline]) -> bool {
    let mut lines = vec![Line { text: String::new(), is_bare: true }];
    collect_inlines(inlines, &mut lines);
    lines.iter().all(|line| line.is_bare)
}

fn collect_lines(blocks: &[Block], lines: &mut Vec<Line>) {
    for block in blocks {
        match block {
            Block::Paragraph(inlines) => {
                lines.push(Line { text: String::new(), is_bare: true });
                collect_inlines(inlines, lines);
            }
            Block::Quote { blocks, .. } => collect_lines(blocks, lines),
            Block::Preformatted { text, .. } => {
                lines.extend(
                    text.lines().map(|line| Line { text: line.to_owned(), is_bare: false }),
                );
            }
        }
    }
}

fn collect_inlines(inlines: &[Inline], lines: &mut Vec<Line>) {
    for inline in inlines {
        let mut add = |text: &str, is_bare: bool| {
            if let Some(line) = lines.last_mut() {
                line.text.push_str(text);
                line.is_bare &= is_bare;
            }
        };
        match inline {
            Inline::Text(text) => add(text, text.chars().all(says_nothing)),
            Inline::Code(code) => add(code, false),
            Inline::Tag(tag) => add(tag, true),
            Inline::Mention(name) => add(&format!("@{name}"), true),
            Inline::CustomEmoji { emoji, .. } => add(emoji, true),
            Inline::Break => lines.push(Line { text: String::new(), is_bare: true }),
            Inline::Styled(Style::Spoiler, _) => add(MASK, false),
            Inline::Styled(_, content) => collect_inlines(content, lines),
            Inline::Link { content, .. } => match bare_address(content) {
                Some(address) => add(address, true),
                None => collect_inlines(content, lines),
            },
        }
    }
}

/// What a link shows, when that is an address and no words: `https://…`, `example.org/path`.
fn bare_address(content: &[Inline]) -> Option<&str> {
    let [Inline::Text(text)] = content else { return None };
    let text: &str = text;
    let one_word = !text.contains(char::is_whitespace);
    let has_domain = text
        .split(['/', '?', '#'])
        .next()
        .is_some_and(|host| host.contains('.') && !host.starts_with('.') && !host.ends_with('.'));
    (one_word && (text.contains("://") || has_domain)).then_some(text)
}

/// Neither letter nor digit of any script: punctuation, symbols, emoji and spaces.
fn says_nothing(character: char) -> bool {
    !character.is_alphanumeric()
}
