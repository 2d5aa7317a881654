//! One post on a page of its own: `t.me/<name>/<id>?embed=1`, of public groups too.

use scraper::{ElementRef, Html};
use serde::Serialize;

use super::error::NotAPage;
use super::limits;
use super::message::{self, Block, line};
use super::selectors as class;
use super::tree::{attribute, find, has_class};
use super::warning::{Warning, Warnings};
use crate::model::{ChannelName, Post};

/// What an embedded page answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The post. Its id may be another than was asked for: Telegram redirects an album's members.
    Post {
        /// The post.
        post: Box<Post>,
        /// The title of its channel or group.
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Telegram vouches for the channel.
        verified: bool,
        /// What was not as we know it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<Warning>,
    },
    /// There is no such post, or it may not be shown.
    Refused(Refusal),
}

/// Telegram's refusal to show a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Telegram's words: `Post not found`.
    pub text: String,
}

/// Reads an embedded page.
///
/// # Errors
/// [`NotAPage`] when it exceeds an input limit, holds no message, or one that cannot be read.
pub fn parse(html: &str) -> Result<Answer, NotAPage> {
    from_tree(&limits::parse(html)?, None, html)
}

/// Reads the page that was asked for under a name, which counts where the page tells none.
///
/// # Errors
/// As [`parse`].
pub fn parse_of(channel: &ChannelName, html: &str) -> Result<Answer, NotAPage> {
    from_tree(&limits::parse(html)?, Some(channel), html)
}

pub(super) fn from_tree(
    tree: &Html,
    asked: Option<&ChannelName>,
    html: &str,
) -> Result<Answer, NotAPage> {
    let root = tree.root_element();
    let messages =
        || root.descendent_elements().filter(|element| has_class(*element, class::MESSAGE));
    // Comments under a post carry no name.
    let named = messages().find(|message| attribute(*message, "data-post").is_some());
    let Some(message) = named.or_else(|| messages().next()) else {
        return Err(NotAPage::Unrecognised { bytes: html.len() });
    };
    if let Some(text) = refusal(message) {
        return Ok(Answer::Refused(Refusal { text }));
    }
    let mut warnings = Warnings::default();
    match message::parse(message, || asked.cloned(), &mut warnings) {
        Block::Post { post, title, verified, .. } => {
            Ok(Answer::Post { post, title, verified, warnings: warnings.finish() })
        }
        Block::Unreadable(_) | Block::Nameless => Err(NotAPage::NoBlockParsed { blocks: 1 }),
    }
}

/// The words of a refusal, told by its structure: its words depend on the language, and a post may quote them.
fn refusal(message: ElementRef<'_>) -> Option<String> {
    let error = find(message, class::ERROR);
    let is_refusal = has_class(message, class::ERROR_MESSAGE)
        || error.is_some() && attribute(message, "data-post").is_none();
    is_refusal.then(|| error.map(line).unwrap_or_default())
}
