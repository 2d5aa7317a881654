//! RichText: what Telegram lets people write, as a typed tree.
//!
//! Safe by construction: the only way to a [`RichText`] is its [`Builder`], which takes an allow-list of nodes,
//! bounds their nesting, checks every address and removes the characters that XML forbids. Everything that is
//! ever shown (HTML, plain text, titles, excerpts, search text) is written from this tree, so nothing of
//! Telegram's own HTML can pass through.
//!
//! Pure; knows nothing else of ours.

mod address;
mod builder;
mod check;
mod clean;
mod count;
mod excerpt;
mod hide;
pub mod html;
mod part;
mod plain;
mod weight;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

pub use address::Address;
pub use builder::{Builder, Span};
pub use check::BadText;
pub use clean::{clean, is_blank};
pub use count::counted;
pub use excerpt::excerpt;
pub use plain::{Line, MASK, Spoilers};
pub use weight::LARGEST;

/// Blocks and inlines nested deeper than this are flattened into what holds them.
pub const DEEPEST: usize = 16;

/// The most hashtags that a text is found under: Telegram lets a message have a hundred formats of all kinds.
pub const MOST_HASHTAGS: usize = 100;

/// Formatted text: paragraphs, quotes and code, none of them empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct RichText {
    blocks: Vec<Block>,
}

/// What stands on lines of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Text between blank lines.
    Paragraph(Vec<Inline>),
    /// A quotation; Telegram folds an expandable one after three lines.
    Quote {
        /// Whether Telegram shows it folded.
        expandable: bool,
        /// What is quoted.
        blocks: Vec<Block>,
    },
    /// Code with its line breaks.
    Preformatted {
        /// The language that its author named, of letters, digits and `+ # . _ -`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Box<str>>,
        /// The code, lines separated by `\n`.
        text: Box<str>,
    },
}

/// What runs within a line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    /// Characters; emoji are characters too.
    Text(Box<str>),
    /// A line break inside a paragraph.
    Break,
    /// Text in a style.
    Styled(Style, Vec<Inline>),
    /// Code within a line.
    Code(Box<str>),
    /// A link with what it shows.
    Link {
        /// Where it leads.
        address: Address,
        /// What it shows: no link inside.
        content: Vec<Inline>,
    },
    /// A hashtag (`#tea`) or cashtag (`$TON`), its sign included.
    Tag(Box<str>),
    /// `@name`, the sign left out.
    Mention(Box<str>),
    /// An emoji of Telegram's own, by its number, with the character that stands for it.
    CustomEmoji {
        /// Telegram's number of the picture.
        id: u64,
        /// The ordinary emoji that stands for it; may be empty.
        emoji: Box<str>,
    },
}

/// The styles of Telegram's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Underlined.
    Underline,
    /// Struck through.
    Strike,
    /// Hidden until the reader asks for it.
    Spoiler,
}

impl RichText {
    /// Text without any format; line breaks and blank lines are kept as such.
    pub fn from_plain(text: &str) -> Self {
        let mut builder = Builder::new();
        for (number, line) in text.lines().enumerate() {
            if number > 0 {
                builder.line_break();
            }
            builder.text(line);
        }
        builder.finish()
    }

    /// The blocks, in order; none is empty.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Puts another text behind this one, as paragraphs of its own.
    pub fn append(&mut self, other: Self) {
        self.blocks.extend(other.blocks);
    }

    /// The hashtags in order, without `#`, each once (compared without regard to case); [`MOST_HASHTAGS`] at most.
    pub fn hashtags(&self, spoilers: Spoilers) -> Vec<Box<str>> {
        let mut found: Vec<Box<str>> = Vec::new();
        let mut seen = HashSet::new();
        self.visit(spoilers, &mut |inline| {
            if let Inline::Tag(tag) = inline
                && let Some(tag) = tag.strip_prefix('#').and_then(|tag| tag.split('@').next())
                && !tag.is_empty()
                && found.len() < MOST_HASHTAGS
                && seen.insert(tag.to_lowercase())
            {
                found.push(tag.into());
            }
        });
        found
    }

    /// Where its links lead, in order.
    pub fn addresses(&self, spoilers: Spoilers) -> Vec<&Address> {
        let mut found = Vec::new();
        self.visit(spoilers, &mut |inline| {
            if let Inline::Link { address, .. } = inline {
                found.push(address);
            }
        });
        found
    }

    /// Every inline, outer before inner, in order; without the hidden ones if spoilers are masked.
    fn visit<'a>(&'a self, spoilers: Spoilers, see: &mut impl FnMut(&'a Inline)) {
        visit_blocks(&self.blocks, spoilers, see);
    }
}

fn visit_blocks<'a>(list: &'a [Block], spoilers: Spoilers, see: &mut impl FnMut(&'a Inline)) {
    for block in list {
        match block {
            Block::Paragraph(list) => visit_inlines(list, spoilers, see),
            Block::Quote { blocks: list, .. } => visit_blocks(list, spoilers, see),
            Block::Preformatted { .. } => {}
        }
    }
}

fn visit_inlines<'a>(list: &'a [Inline], spoilers: Spoilers, see: &mut impl FnMut(&'a Inline)) {
    for inline in list {
        if spoilers == Spoilers::Mask && inline.is_hidden() {
            continue;
        }
        see(inline);
        if let Inline::Styled(_, list) | Inline::Link { content: list, .. } = inline {
            visit_inlines(list, spoilers, see);
        }
    }
}

impl Inline {
    /// Whether it is a spoiler, or a link with one in it: links do not nest, so the mask hides all of it.
    fn is_hidden(&self) -> bool {
        match self {
            Self::Styled(Style::Spoiler, _) => true,
            Self::Link { content, .. } => content.iter().any(Self::holds_hidden),
            _ => false,
        }
    }

    /// Whether a spoiler is anywhere in it. No text nests deeper than [`DEEPEST`].
    fn holds_hidden(&self) -> bool {
        match self {
            Self::Styled(Style::Spoiler, _) => true,
            Self::Styled(_, content) | Self::Link { content, .. } => {
                content.iter().any(Self::holds_hidden)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
