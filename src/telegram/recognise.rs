//! Any saved page or part of one: told apart, and read as what it is.

use scraper::{ElementRef, Html};
use serde::Serialize;

use super::embed::{self, Answer};
use super::error::NotAPage;
use super::landing::{self, Landing};
use super::limits;
use super::message;
use super::preview::{self, Parsed};
use super::selectors as class;
use super::tree::{attribute, classes};
use super::warning::{Warning, Warnings};
use crate::model::{ChannelName, Document, Media, MessageId};
use crate::text::RichText;

/// What a saved file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recognised {
    /// A list page, a part of one, or a single message.
    List(Box<Parsed>),
    /// The page of one post.
    Embed(Box<Answer>),
    /// A landing page.
    Landing(Box<Landing>),
    /// Parts of messages without the message round them.
    Parts(Box<Parts>),
}

impl Recognised {
    /// What was not as we know it.
    pub fn warnings(&self) -> &[Warning] {
        match self {
            Self::List(parsed) => &parsed.warnings,
            Self::Embed(answer) => match &**answer {
                Answer::Post { warnings, .. } => warnings,
                Answer::Refused(_) => &[],
            },
            Self::Landing(_) => &[],
            Self::Parts(parts) => &parts.warnings,
        }
    }
}

/// Parts of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// Their words.
    #[serde(skip_serializing_if = "RichText::is_empty")]
    pub text: RichText,
    /// Their media. One without a link of its own to a message carries the number 1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// Their files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
    /// What was not as we know it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// Tells what a file holds and reads it.
///
/// # Errors
/// [`NotAPage`] when it exceeds an input limit, or is none of Telegram's pages nor a part of one.
pub fn recognise(html: &str) -> Result<Recognised, NotAPage> {
    let tree = limits::parse(html)?;
    let marks = Marks::of(&tree);
    if marks.is_embed {
        return embed::from_tree(&tree, None, html)
            .map(|answer| Recognised::Embed(Box::new(answer)));
    }
    if marks.is_landing && !marks.has_message {
        return landing::from_tree(&tree, html)
            .map(|landing| Recognised::Landing(Box::new(landing)));
    }
    let list = preview::from_tree(&tree, None, html);
    if let Err(NotAPage::Unrecognised { .. }) = &list
        && let Some(parts) = parts(&tree)
    {
        return Ok(Recognised::Parts(Box::new(parts)));
    }
    list.map(|parsed| Recognised::List(Box::new(parsed)))
}

/// What only one kind of page has.
#[derive(Default)]
struct Marks {
    is_embed: bool,
    is_landing: bool,
    has_message: bool,
}

impl Marks {
    fn of(tree: &Html) -> Self {
        let mut marks = Self::default();
        for class in tree.root_element().descendent_elements().flat_map(classes) {
            match class {
                class::EMBED_BODY | class::ERROR_MESSAGE => marks.is_embed = true,
                class::LANDING => marks.is_landing = true,
                class::MESSAGE | class::HISTORY => marks.has_message = true,
                _ => {}
            }
        }
        marks
    }
}

/// Reads loose parts; `None` when there are none.
fn parts(tree: &Html) -> Option<Parts> {
    let root = tree.root_element();
    let (channel, id) = linked_message(root).or_else(|| {
        // Nothing of this name and number is kept: only the parts are.
        Some((ChannelName::parse("parts").ok()?, MessageId::new(1)?))
    })?;
    let mut warnings = Warnings::default();
    let post = message::parse_parts(root, channel, id, &mut warnings);
    let parts = Parts {
        text: post.text,
        media: post.media,
        documents: post.documents,
        warnings: warnings.finish(),
    };
    let is_empty = parts.text.is_empty() && parts.media.is_empty() && parts.documents.is_empty();
    (!is_empty).then_some(parts)
}

/// The first message that is linked to by one of the parts.
fn linked_message(root: ElementRef<'_>) -> Option<(ChannelName, MessageId)> {
    root.descendent_elements().find_map(|element| {
        let is_part = classes(element).any(|class| {
            matches!(class, class::PHOTO | class::VIDEO | class::VOICE | class::DOCUMENT)
        });
        let href = if is_part { attribute(element, "href") } else { None };
        let linked = super::address::message_of(href?)?;
        Some((linked.channel?, linked.id))
    })
}
