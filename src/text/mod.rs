//! RichText: Telegram's formatted text as a typed tree.
//!
//! A [`RichText`] comes only from a [`Builder`], or from a stored one that passes the same checks (`check`). So it has only
//! an allow-list of nodes in bounded nesting, valid addresses, and no characters that XML forbids. HTML, plain text, titles,
//! excerpts and search text are all written from this tree: no HTML of Telegram passes through.

mod address;
mod builder;
mod check;
mod clean;
mod excerpt;
mod hide;
pub mod html;
mod part;
mod plain;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

pub use address::Address;
pub use builder::{Builder, Span};
pub use check::BadText;
pub(crate) use clean::{clean, counted, is_blank};
pub use excerpt::excerpt;
pub use plain::{Line, MASK, Spoilers};

/// Maximum nesting. Deeper blocks and inlines lose their format.
pub const MAX_DEPTH: usize = 16;

/// Maximum weight of a text from one builder, see [`RichText::weight`]. Telegram's longest posts have about a tenth of it.
pub const MAX_WEIGHT: usize = 256 * 1024;

/// Telegram allows a hundred formats of all kinds in a message.
pub const MAX_HASHTAGS: usize = 100;

/// The weight of a block or inline itself.
const NODE: usize = 64;

/// Formatted text. No block is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct RichText {
    blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    Paragraph(Vec<Inline>),
    Quote {
        /// Telegram folds the quote after three lines.
        expandable: bool,
        blocks: Vec<Block>,
    },
    /// A code block, with `\n` between lines.
    Preformatted {
        /// Letters, digits and `+ # . _ -`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Box<str>>,
        text: Box<str>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    Text(Box<str>),
    /// A line break inside a paragraph.
    Break,
    Styled(Style, Vec<Inline>),
    Code(Box<str>),
    Link {
        address: Address,
        /// Without links.
        content: Vec<Inline>,
    },
    /// A hashtag (`#tea`) or cashtag (`$TON`) with its sign.
    Tag(Box<str>),
    /// The name of `@name`.
    Mention(Box<str>),
    CustomEmoji {
        /// Telegram's number of the picture.
        id: u64,
        /// The equivalent character; may be empty.
        emoji: Box<str>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    Bold,
    Italic,
    Underline,
    Strike,
    /// Hidden until the reader reveals it.
    Spoiler,
}

impl RichText {
    /// Text without formats. Line breaks and blank lines stay.
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

    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Appends the blocks of another text.
    pub(crate) fn append(&mut self, other: Self) {
        self.blocks.extend(other.blocks);
    }

    /// Memory estimate: the bytes of all characters and addresses, and 64 for each node. A span over several paragraphs
    /// counts in each.
    pub fn weight(&self) -> usize {
        weight(&self.blocks)
    }

    /// The hashtags in order, without `#` and without duplicates (ignoring case); at most [`MAX_HASHTAGS`].
    pub fn hashtags(&self, spoilers: Spoilers) -> Vec<Box<str>> {
        let mut hashtags: Vec<Box<str>> = Vec::new();
        let mut seen = HashSet::new();
        self.visit(spoilers, &mut |inline| {
            if let Inline::Tag(tag) = inline
                && let Some(tag) = tag.strip_prefix('#').and_then(|tag| tag.split('@').next())
                && !tag.is_empty()
                && hashtags.len() < MAX_HASHTAGS
                && seen.insert(tag.to_lowercase())
            {
                hashtags.push(tag.into());
            }
        });
        hashtags
    }

    /// The addresses of its links, in order.
    pub(crate) fn addresses(&self, spoilers: Spoilers) -> Vec<&Address> {
        let mut addresses = Vec::new();
        self.visit(spoilers, &mut |inline| {
            if let Inline::Link { address, .. } = inline {
                addresses.push(address);
            }
        });
        addresses
    }

    /// Visits every inline in order, outer before inner, without hidden ones if spoilers are masked.
    fn visit<'a>(&'a self, spoilers: Spoilers, see: &mut impl FnMut(&'a Inline)) {
        visit_blocks(&self.blocks, spoilers, see);
    }
}

fn visit_blocks<'a>(blocks: &'a [Block], spoilers: Spoilers, see: &mut impl FnMut(&'a Inline)) {
    for block in blocks {
        match block {
            Block::Paragraph(content) => visit_inlines(content, spoilers, see),
            Block::Quote { blocks, .. } => visit_blocks(blocks, spoilers, see),
            Block::Preformatted { .. } => {}
        }
    }
}

fn visit_inlines<'a>(inlines: &'a [Inline], spoilers: Spoilers, see: &mut impl FnMut(&'a Inline)) {
    for inline in inlines {
        if spoilers == Spoilers::Show || !inline.is_hidden() {
            see(inline);
            visit_inlines(inline.content(), spoilers, see);
        }
    }
}

fn weight(blocks: &[Block]) -> usize {
    let mut sum = 0;
    for block in blocks {
        sum += NODE;
        sum += match block {
            Block::Paragraph(content) => content.iter().map(Inline::weight).sum(),
            Block::Quote { blocks, .. } => weight(blocks),
            Block::Preformatted { text, .. } => text.len(),
        };
    }
    sum
}

impl Inline {
    fn weight(&self) -> usize {
        let own = match self {
            Self::Text(text) | Self::Code(text) | Self::Tag(text) | Self::Mention(text) => {
                text.len()
            }
            Self::CustomEmoji { emoji, .. } => emoji.len(),
            Self::Link { address, .. } => address.as_str().len(),
            Self::Break | Self::Styled(..) => 0,
        };
        NODE + own + self.content().iter().map(Self::weight).sum::<usize>()
    }

    /// The inlines inside.
    fn content(&self) -> &[Self] {
        match self {
            Self::Styled(_, content) | Self::Link { content, .. } => content,
            _ => &[],
        }
    }

    /// Whether it is a spoiler, or a link with a spoiler inside. Links do not nest, so the mask hides all of it.
    fn is_hidden(&self) -> bool {
        match self {
            Self::Styled(Style::Spoiler, _) => true,
            Self::Link { content, .. } => content.iter().any(Self::has_spoiler),
            _ => false,
        }
    }

    fn has_spoiler(&self) -> bool {
        matches!(self, Self::Styled(Style::Spoiler, _))
            || self.content().iter().any(Self::has_spoiler)
    }
}

#[cfg(test)]
mod tests;
