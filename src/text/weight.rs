//! How much a text may be.

use super::{Block, Inline, RichText};

/// The most that one text may weigh: the bytes of its characters and addresses, and 64 for each node. A span that
/// goes on over several paragraphs counts in each. Telegram's longest posts weigh about a tenth of it.
pub const LARGEST: usize = 256 * 1024;

/// What a node weighs beside its characters.
pub(super) const NODE: usize = 64;

/// The weight of a text under way.
#[derive(Default)]
pub(super) struct Weight {
    total: usize,
    pub(super) is_full: bool,
}

impl Weight {
    /// Takes on weight; `false`, and never again anything, when it would be too much.
    pub(super) fn bear(&mut self, weight: usize) -> bool {
        self.total = self.total.saturating_add(weight);
        self.is_full |= self.total > LARGEST;
        !self.is_full
    }

    /// As much of a text as can be borne.
    pub(super) fn bear_text<'t>(&mut self, text: &'t str) -> &'t str {
        let room = LARGEST.saturating_sub(self.total);
        if self.bear(text.len()) { text } else { &text[..text.floor_char_boundary(room)] }
    }
}

impl RichText {
    /// What it weighs, about: bytes of characters and addresses, and 64 for each node. [`LARGEST`] at most, when it
    /// comes from one builder.
    pub fn weight(&self) -> usize {
        blocks(self.blocks())
    }
}

/// What blocks weigh.
pub(super) fn blocks(list: &[Block]) -> usize {
    let block = |block: &Block| match block {
        Block::Paragraph(content) => inlines(content),
        Block::Quote { blocks: content, .. } => blocks(content),
        Block::Preformatted { text, .. } => text.len(),
    };
    list.iter().map(|known| NODE + block(known)).sum()
}

pub(super) fn inlines(list: &[Inline]) -> usize {
    let inline = |inline: &Inline| match inline {
        Inline::Text(text) | Inline::Code(text) | Inline::Tag(text) | Inline::Mention(text) => {
            text.len()
        }
        Inline::CustomEmoji { emoji, .. } => emoji.len(),
        Inline::Break => 0,
        Inline::Styled(_, content) => inlines(content),
        Inline::Link { address, content } => address.as_str().len() + inlines(content),
    };
    list.iter().map(|known| NODE + inline(known)).sum()
}
