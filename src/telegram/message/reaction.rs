//! Reactions.

use scraper::{ElementRef, Node};

use super::text::custom_emoji_id;
use super::{MOST_PARTS, emoji};
use crate::model::{Reaction, ReactionKind};
use crate::telegram::quantity;
use crate::telegram::selectors as class;
use crate::telegram::tree::{find, find_element, has_class};
use crate::telegram::warning::{WarningKind, Warnings};

/// The reactions in Telegram's order; an empty list says nothing.
pub(super) fn parse(element: ElementRef<'_>, warnings: &mut Warnings) -> Vec<Reaction> {
    let mut reactions = Vec::new();
    for inner in element
        .descendent_elements()
        .filter(|inner| has_class(*inner, class::REACTION))
        .take(MOST_PARTS)
    {
        match reaction(inner) {
            Some(reaction) => reactions.push(reaction),
            None => warnings.count(WarningKind::MissingPart, ".tgme_reaction"),
        }
    }
    reactions
}

fn reaction(element: ElementRef<'_>) -> Option<Reaction> {
    let own_text: String = element
        .children()
        .filter_map(|child| match child.value() {
            Node::Text(text) => Some(&**text),
            _ => None,
        })
        .collect();
    let count = quantity::counter(&own_text)?;
    Some(Reaction { kind: kind(element)?, count })
}

/// UPSTREAM(2026-08): a custom emoji stands here as an empty element, without any character.
fn kind(element: ElementRef<'_>) -> Option<ReactionKind> {
    if has_class(element, class::REACTION_PAID) {
        return Some(ReactionKind::Paid);
    }
    if let Some(custom) = find_element(element, "tg-emoji") {
        return custom_emoji_id(custom).map(ReactionKind::Custom);
    }
    let shown = emoji::character(find(element, class::EMOJI)?);
    (!shown.is_empty()).then_some(ReactionKind::Emoji(shown))
}
