//! The list page `t.me/s/<name>`.

use std::cell::OnceCell;

use scraper::{ElementRef, Html};
use serde::Serialize;

use super::error::NotAPage;
use super::header::Header;
use super::limits;
use super::message::{self, Block};
use super::selectors as class;
use super::tree::{Event, Step, attribute, classes, has_class, parent, walk};
use super::warning::{Warning, WarningKind, Warnings};
use crate::model::{ChannelName, MessageId, Page, Post};

/// The most messages of a page that are read: Telegram's have about twenty, pages that a person scrolled through and
/// saved more.
const MOST_BLOCKS: usize = 500;

/// The most that the texts of all posts of a page may weigh: those of an ordinary page weigh some 100,000.
///
/// SECURITY: a link that goes on over all paragraphs, in every post -> pages of megabytes would become models and feeds of
/// gigabytes.
const MOST_WEIGHT: usize = 8 * 1024 * 1024;

/// A list page that was read, and what was strange on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parsed {
    /// The page.
    pub page: Page,
    /// What was not as we know it.
    pub warnings: Vec<Warning>,
}

/// Reads a list page, a part of one, or a single message block.
///
/// Posts come in the order of the page, oldest first. A block that cannot be read is a warning, and counted.
///
/// # Errors
/// [`NotAPage`] when it exceeds an input limit, holds nothing that we know, or holds messages of which none can be
/// read.
pub fn parse(html: &str) -> Result<Parsed, NotAPage> {
    from_tree(&limits::parse(html)?, None, html)
}

/// Reads the page that was asked for under a name, which counts where the page tells none.
///
/// # Errors
/// As [`parse`].
pub fn parse_of(channel: &ChannelName, html: &str) -> Result<Parsed, NotAPage> {
    from_tree(&limits::parse(html)?, Some(channel), html)
}

pub(super) fn from_tree(
    tree: &Html,
    asked: Option<&ChannelName>,
    html: &str,
) -> Result<Parsed, NotAPage> {
    let mut list = List::default();
    let mut warnings = Warnings::default();
    let names = Names { root: tree.root_element(), asked, by_posts: OnceCell::new() };
    walk(names.root, |event| match event {
        Event::Open(element) => list.read(element, &names, &mut warnings),
        Event::Text(_) | Event::Close => Step::Into,
    });
    let page = list.finish(asked, html)?;
    Ok(Parsed { page, warnings: warnings.finish() })
}

/// Where the name of a channel stands whose messages do not all carry it.
struct Names<'a> {
    root: ElementRef<'a>,
    /// The name that was asked for.
    asked: Option<&'a ChannelName>,
    /// The name that the first message with one carries, once it was looked for.
    by_posts: OnceCell<Option<ChannelName>>,
}

impl Names<'_> {
    /// The name in the channel's own case if possible: a header may show the case in which it was asked for.
    fn find(&self, header: &Header) -> Option<ChannelName> {
        let by_posts = self.by_posts.get_or_init(|| {
            let posts = self.root.descendent_elements().filter_map(|message| {
                attribute(message, "data-post").filter(|_| has_class(message, class::MESSAGE))
            });
            posts.filter_map(|post| ChannelName::parse(post.split_once('/')?.0).ok()).next()
        });
        by_posts.as_ref().or(header.name()).or(self.asked).cloned()
    }
}

/// A list that is being read.
#[derive(Default)]
struct List {
    header: Header,
    has_history: bool,
    posts: Vec<Post>,
    /// The channel's title as its posts show it.
    owner: Option<String>,
    before: Option<MessageId>,
    after: Option<MessageId>,
    says_empty: bool,
    wraps: usize,
    centered: usize,
    blocks: usize,
    /// Posts in which nothing was found of a kind that we know.
    unknown: usize,
    weight: usize,
    unreadable: Vec<MessageId>,
    has_nameless_block: bool,
}

impl List {
    fn read(
        &mut self,
        element: ElementRef<'_>,
        names: &Names<'_>,
        warnings: &mut Warnings,
    ) -> Step {
        match element.value().name() {
            "meta" => self.header.read_meta(element),
            "link" => self.read_relation(element),
            "script" | "style" | "svg" => return Step::Over,
            _ => {}
        }
        for class in classes(element) {
            match class {
                class::MESSAGE => {
                    self.read_block(element, names, warnings);
                    return Step::Over;
                }
                class::HISTORY => self.has_history = true,
                class::WRAP => self.wraps += 1,
                class::CENTERED => self.centered += usize::from(is_wrapped(element)),
                class::MORE => self.read_more(element),
                // It stands inside the frame of a message; a post that quotes its words does not carry the class.
                class::NO_MESSAGES => self.says_empty = true,
                class => self.header.read(class, element, warnings),
            }
        }
        Step::Into
    }

    fn read_block(&mut self, element: ElementRef<'_>, names: &Names<'_>, warnings: &mut Warnings) {
        self.blocks += 1;
        if self.blocks > MOST_BLOCKS || self.weight > MOST_WEIGHT {
            warnings.count(WarningKind::More, ".tgme_widget_message");
            self.has_nameless_block = true;
            return;
        }
        match message::parse(element, || names.find(&self.header), warnings) {
            Block::Post { post, title, is_known, .. } => {
                self.unknown += usize::from(!is_known);
                self.owner = self.owner.take().or(title);
                self.weight += post.weight();
                self.posts.push(*post);
            }
            Block::Unreadable(id) => self.unreadable.push(id),
            Block::Nameless => self.has_nameless_block = true,
        }
        warnings.post = None;
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

    /// The link to more posts counts more than the head's.
    fn read_more(&mut self, element: ElementRef<'_>) {
        let id = |name| attribute(element, name).and_then(MessageId::parse);
        self.before = id("data-before").or(self.before);
        self.after = id("data-after").or(self.after);
    }

    fn finish(self, asked: Option<&ChannelName>, html: &str) -> Result<Page, NotAPage> {
        let unrecognised = NotAPage::Unrecognised { bytes: html.len() };
        let empty_frames = self.wraps.saturating_sub(self.centered);
        if self.posts.is_empty() && (self.blocks > 0 || empty_frames > 0) {
            return Err(NotAPage::NoBlockParsed { blocks: self.blocks.max(empty_frames) });
        }
        // Two or three posts may really be empty to us; more are a change of the markup.
        if self.posts.len() > 3 && self.unknown == self.posts.len() {
            return Err(NotAPage::NothingToShow { blocks: self.blocks });
        }
        if self.posts.is_empty() && !self.header.was_seen && !self.has_history && !self.says_empty {
            return Err(unrecognised);
        }
        let newest = self.posts.last();
        // The header may show a name in the case in which it was asked for; posts carry the channel's own.
        let name = newest.map(|post| &post.channel).or(self.header.name()).or(asked);
        let name = name.cloned().ok_or(unrecognised)?;
        let numeric_id = self
            .posts
            .iter()
            .rev()
            .filter(|post| post.channel == name)
            .find_map(|post| post.numeric_channel_id);
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
        Ok(page)
    }
}

/// Where older posts begin.
///
/// UPSTREAM(2026-08): the link is sometimes missing although older posts exist, so the smallest id on the page stands
/// in for it: at worst one page more is asked for, which is empty. A link that leads forward would never end.
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
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .and_then(|(_, value)| MessageId::parse(&value))
}

/// Whether the document has its end: behind `</html>` comes at most a comment.
pub(super) fn is_whole(html: &str) -> bool {
    let Some(end) = html.rfind("</html>") else { return false };
    let rest = html[end + "</html>".len()..].trim_start();
    rest.is_empty() || rest.starts_with("<!--")
}

fn is_wrapped(element: ElementRef<'_>) -> bool {
    parent(element).is_some_and(|parent| classes(parent).any(|class| class == class::WRAP))
}
