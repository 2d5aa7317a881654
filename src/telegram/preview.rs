//! The list page `t.me/s/<name>`.

use scraper::{ElementRef, Html};
use serde::Serialize;

use super::NotAPage;
use super::header::Header;
use super::limits;
use super::message::{self, Block};
use super::selectors as class;
use super::tree::{Event, Step, attribute, classes, has_class, parent, walk};
use super::warning::{Warning, WarningKind, Warnings};
use crate::model::{ChannelName, MessageId, Page, Post};

/// Messages of a page that are read. Telegram's pages have about twenty; pages scrolled through and saved have more.
const MAX_BLOCKS: usize = 500;

/// Total [`Post::weight`] of a page. An ordinary page has some 100,000.
///
/// SECURITY: a link around all paragraphs of every post -> pages of megabytes would become feeds of gigabytes.
const MAX_WEIGHT: usize = 8 * 1024 * 1024;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parsed {
    pub page: Page,
    pub warnings: Vec<Warning>,
}

/// Parses a list page, a part of one, or a single message block.
///
/// Posts are in page order, oldest first. A block that cannot be read is counted and gives a warning.
///
/// # Errors
/// [`NotAPage`] if the page exceeds an input limit, has no known structure, or has messages but no readable one.
pub fn parse(html: &str) -> Result<Parsed, NotAPage> {
    from_tree(&limits::parse(html)?, None, html)
}

/// Parses the page that was requested for a channel. The channel's name is used if the page has none.
///
/// # Errors
/// As [`parse`].
pub(crate) fn parse_of(channel: &ChannelName, html: &str) -> Result<Parsed, NotAPage> {
    from_tree(&limits::parse(html)?, Some(channel), html)
}

pub(super) fn from_tree(
    tree: &Html,
    requested: Option<&ChannelName>,
    html: &str,
) -> Result<Parsed, NotAPage> {
    let root = tree.root_element();
    let mut list = List { requested, first_name: first_name(root), ..List::default() };
    walk(root, |event| match event {
        Event::Open(element) => list.read(element),
        Event::Text(_) | Event::Close => Step::Into,
    });
    list.finish(html)
}

/// The channel's name in the first message that has one.
fn first_name(root: ElementRef<'_>) -> Option<ChannelName> {
    root.descendent_elements().find_map(|element| {
        let (name, _) = attribute(element, "data-post")?.split_once('/')?;
        if has_class(element, class::MESSAGE) { ChannelName::parse(name).ok() } else { None }
    })
}

#[derive(Default)]
struct List<'a> {
    requested: Option<&'a ChannelName>,
    /// See [`first_name`].
    first_name: Option<ChannelName>,
    warnings: Warnings,
    header: Header,
    has_history: bool,
    posts: Vec<Post>,
    /// The channel's title in its posts.
    owner: Option<String>,
    before: Option<MessageId>,
    after: Option<MessageId>,
    says_empty: bool,
    frames: usize,
    notices: usize,
    blocks: usize,
    /// Posts without any known content.
    unknown: usize,
    weight: usize,
    unreadable: Vec<MessageId>,
    has_nameless_block: bool,
}

impl List<'_> {
    fn read(&mut self, element: ElementRef<'_>) -> Step {
        match element.value().name() {
            "meta" => self.header.read_meta(element),
            "link" => self.read_relation(element),
            "script" | "style" | "svg" => return Step::Over,
            _ => {}
        }
        for class in classes(element) {
            match class {
                class::MESSAGE => {
                    self.read_block(element);
                    return Step::Over;
                }
                class::HISTORY => self.has_history = true,
                class::WRAP => self.frames += 1,
                class::CENTERED => {
                    let is_notice =
                        parent(element).is_some_and(|parent| has_class(parent, class::WRAP));
                    self.notices += usize::from(is_notice);
                }
                class::MORE => self.read_more(element),
                // In the frame of a message. The text of a post cannot have this class.
                class::NO_MESSAGES => self.says_empty = true,
                class => self.header.read(class, element, &mut self.warnings),
            }
        }
        Step::Into
    }

    fn read_block(&mut self, element: ElementRef<'_>) {
        self.blocks += 1;
        if self.blocks > MAX_BLOCKS || self.weight > MAX_WEIGHT {
            self.warnings.count(WarningKind::More, ".tgme_widget_message");
            self.has_nameless_block = true;
            return;
        }
        // Posts have the name in the channel's own case, the header perhaps in that of the request.
        let name = self.first_name.as_ref().or(self.header.name.as_ref()).or(self.requested);
        match message::parse(element, name, &mut self.warnings) {
            Block::Post { post, title, has_content, .. } => {
                self.unknown += usize::from(!has_content);
                self.owner = self.owner.take().or(title);
                self.weight += post.weight();
                self.posts.push(*post);
            }
            Block::Unreadable(Some(id)) => self.unreadable.push(id),
            Block::Unreadable(None) => self.has_nameless_block = true,
        }
        self.warnings.post = None;
    }

    /// `rel="prev"` leads to older posts, `rel="next"` to newer ones; `rel="canonical"` is this page itself.
    fn read_relation(&mut self, element: ElementRef<'_>) {
        let href = attribute(element, "href").unwrap_or_default();
        match attribute(element, "rel") {
            Some("prev") => self.before = self.before.or(cursor(href, "before")),
            Some("next") => self.after = self.after.or(cursor(href, "after")),
            _ => {}
        }
    }

    /// The link to more posts overrides the document's `link` elements.
    fn read_more(&mut self, element: ElementRef<'_>) {
        let before = attribute(element, "data-before").and_then(MessageId::parse);
        let after = attribute(element, "data-after").and_then(MessageId::parse);
        self.before = before.or(self.before);
        self.after = after.or(self.after);
    }

    fn finish(self, html: &str) -> Result<Parsed, NotAPage> {
        let unrecognised = NotAPage::Unrecognised { bytes: html.len() };
        let empty_frames = self.frames.saturating_sub(self.notices);
        if self.posts.is_empty() && (self.blocks > 0 || empty_frames > 0) {
            return Err(NotAPage::NoBlockParsed { blocks: self.blocks.max(empty_frames) });
        }
        // Up to three posts may have no known content. More mean that the markup changed.
        if self.posts.len() > 3 && self.unknown == self.posts.len() {
            return Err(NotAPage::NothingToShow { blocks: self.blocks });
        }
        if self.posts.is_empty() && !self.header.was_seen && !self.has_history && !self.says_empty {
            return Err(unrecognised);
        }
        let newest = self.posts.last();
        let name =
            newest.map(|post| &post.channel).or(self.header.name.as_ref()).or(self.requested);
        let name = name.cloned().ok_or(unrecognised)?;
        let of_channel = self.posts.iter().rev().filter(|post| post.channel == name);
        let numeric_id = of_channel.filter_map(|post| post.numeric_channel_id).next();
        let mut page = Page {
            channel: self.header.into_channel(name, numeric_id, self.owner),
            posts: self.posts,
            older: None,
            newer: self.after,
            is_whole: is_whole(html),
            says_empty: self.says_empty,
            blocks: self.blocks,
            unreadable: self.unreadable,
            has_nameless_block: self.has_nameless_block,
        };
        page.older = older(&page, self.before);
        Ok(Parsed { page, warnings: self.warnings.finish() })
    }
}

/// The cursor to older posts.
///
/// UPSTREAM(2026-08): the link is sometimes missing although older posts exist, so the smallest id on the page replaces it:
/// at worst, one more page is requested and is empty. A link that leads forward would never end.
fn older(page: &Page, link: Option<MessageId>) -> Option<MessageId> {
    let Some(oldest) = page.oldest() else { return link };
    if oldest.get() == 1 {
        return None;
    }
    Some(link.map_or(oldest, |link| link.min(oldest)))
}

/// The message id of `/s/name?before=17`.
fn cursor(href: &str, name: &str) -> Option<MessageId> {
    let query = href.split_once('?')?.1;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    MessageId::parse(&value)
}

/// Whether the document has its end: `</html>`, perhaps followed by a comment.
pub(super) fn is_whole(html: &str) -> bool {
    let Some(end) = html.rfind("</html>") else { return false };
    let rest = html[end + "</html>".len()..].trim_start();
    rest.is_empty() || rest.starts_with("<!--")
}
