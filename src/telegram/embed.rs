//! The page of one post: `t.me/<name>/<id>?embed=1`. Public groups have such pages too.

use scraper::{ElementRef, Html};
use serde::Serialize;

use super::NotAPage;
use super::limits;
use super::message::{self, Block, line};
use super::selectors as class;
use super::tree::{attribute, find, has_class};
use super::warning::{Warning, Warnings};
use crate::model::{ChannelName, Post};

/// What an embedded page says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The id may differ from the requested one: Telegram redirects the members of an album.
    Post {
        post: Box<Post>,
        /// Of the channel or group.
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        verified: bool,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<Warning>,
    },
    /// There is no such post, or Telegram does not show it.
    Refused(Refusal),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Telegram's text: `Post not found`.
    pub text: String,
}

/// # Errors
/// [`NotAPage`] if the page exceeds an input limit or has no readable message.
pub fn parse(html: &str) -> Result<Answer, NotAPage> {
    from_tree(&limits::parse(html)?, None, html)
}

/// Parses the page that was requested for a channel. The channel's name is used if the page has none.
///
/// # Errors
/// As [`parse`].
pub(crate) fn parse_of(channel: &ChannelName, html: &str) -> Result<Answer, NotAPage> {
    from_tree(&limits::parse(html)?, Some(channel), html)
}

pub(super) fn from_tree(
    tree: &Html,
    requested: Option<&ChannelName>,
    html: &str,
) -> Result<Answer, NotAPage> {
    let messages: Vec<ElementRef<'_>> = tree
        .root_element()
        .descendent_elements()
        .filter(|element| has_class(*element, class::MESSAGE))
        .collect();
    // Comments under a post have no `data-post`.
    let post = messages.iter().find(|message| attribute(**message, "data-post").is_some());
    let Some(message) = post.or(messages.first()).copied() else {
        return Err(NotAPage::Unrecognised { bytes: html.len() });
    };
    if let Some(text) = refusal(message) {
        return Ok(Answer::Refused(Refusal { text }));
    }
    let mut warnings = Warnings::default();
    match message::parse(message, requested, &mut warnings) {
        Block::Post { post, title, verified, .. } => {
            Ok(Answer::Post { post, title, verified, warnings: warnings.finish() })
        }
        Block::Unreadable(_) => Err(NotAPage::NoBlockParsed { blocks: 1 }),
    }
}

/// The text of a refusal. Recognised by structure: its text depends on the language, and a post may quote it.
fn refusal(message: ElementRef<'_>) -> Option<String> {
    let error = find(message, class::ERROR);
    let is_refusal = has_class(message, class::ERROR_MESSAGE)
        || error.is_some() && attribute(message, "data-post").is_none();
    is_refusal.then(|| error.map(line).unwrap_or_default())
}
