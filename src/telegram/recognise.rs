//! Recognises a saved page of any kind, or a part of one, and parses it.

use scraper::{ElementRef, Html};
use serde::Serialize;

use super::NotAPage;
use super::address;
use super::embed::{self, Answer};
use super::landing::{self, Landing};
use super::limits;
use super::message;
use super::preview::{self, Parsed};
use super::selectors as class;
use super::tree::{attribute, classes};
use super::warning::{Warning, Warnings};
use crate::model::{ChannelName, Document, Media, MessageId};
use crate::text::RichText;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recognised {
    /// A list page, a part of one, or a single message.
    List(Box<Parsed>),
    /// The page of one post.
    Embed(Box<Answer>),
    Landing(Box<Landing>),
    /// Parts of messages outside any message.
    Parts(Box<Parts>),
}

impl Recognised {
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

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parts {
    #[serde(skip_serializing_if = "RichText::is_empty")]
    pub text: RichText,
    /// Media without a link to a message have the id 1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// # Errors
/// [`NotAPage`] if the file exceeds an input limit, or is no page of Telegram and no part of one.
pub fn recognise(html: &str) -> Result<Recognised, NotAPage> {
    let tree = limits::parse(html)?;
    let (mut is_embed, mut is_landing, mut has_message) = (false, false, false);
    for class in tree.root_element().descendent_elements().flat_map(classes) {
        match class {
            class::EMBED_BODY | class::ERROR_MESSAGE => is_embed = true,
            class::LANDING => is_landing = true,
            class::MESSAGE | class::HISTORY => has_message = true,
            _ => {}
        }
    }
    if is_embed {
        return Ok(Recognised::Embed(Box::new(embed::from_tree(&tree, None, html)?)));
    }
    if is_landing && !has_message {
        return Ok(Recognised::Landing(Box::new(landing::from_tree(&tree, html)?)));
    }
    match preview::from_tree(&tree, None, html) {
        Ok(list) => Ok(Recognised::List(Box::new(list))),
        Err(error @ NotAPage::Unrecognised { .. }) => {
            parts(&tree).map(|parts| Recognised::Parts(Box::new(parts))).ok_or(error)
        }
        Err(error) => Err(error),
    }
}

fn parts(tree: &Html) -> Option<Parts> {
    let root = tree.root_element();
    let (channel, id) = match linked_message(root) {
        Some(message) => message,
        // Placeholders: they are not part of the result.
        None => (ChannelName::parse("parts").ok()?, MessageId::new(1)?),
    };
    let mut warnings = Warnings::default();
    let post = message::parse_parts(root, channel, id, &mut warnings);
    if post.text.is_empty() && post.media.is_empty() && post.documents.is_empty() {
        return None;
    }
    let warnings = warnings.finish();
    Some(Parts { text: post.text, media: post.media, documents: post.documents, warnings })
}

/// The first message that a part links to.
fn linked_message(root: ElementRef<'_>) -> Option<(ChannelName, MessageId)> {
    root.descendent_elements().find_map(|element| {
        let is_part = classes(element).any(|class| {
            matches!(class, class::PHOTO | class::VIDEO | class::VOICE | class::DOCUMENT)
        });
        if !is_part {
            return None;
        }
        let link = address::message_of(attribute(element, "href")?)?;
        Some((link.channel?, link.id))
    })
}
