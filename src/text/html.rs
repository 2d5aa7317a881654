//! HTML from the tree.
//!
//! The output is well formed, holds only what feed readers keep, and is a fixed point of a sanitiser.

use std::fmt::{self, Write as _};

use super::{Block, Inline, MASK, RichText, Style, weight};

/// Width and height of an emoji in pixels: readers know no style of ours.
const EMOJI: u32 = 20;

/// What depends on where the HTML will stand.
pub struct Context<'a> {
    /// The address to which a tag (`#tea`, `$TON`) leads.
    pub tag: &'a dyn Fn(&str) -> String,
    /// The address of the picture of an emoji of Telegram's own; `None`: its character stands for it.
    pub emoji: &'a dyn Fn(u64) -> Option<String>,
    /// What becomes of hidden words.
    pub spoilers: Spoilers<'a>,
    /// Whether addresses that only Telegram's app opens (`tg:`) are links: on pages, not in feeds.
    pub app_links: bool,
    /// What is done on a page of ours beside; none in a feed.
    pub page: Option<Page<'a>>,
}

/// What a page of ours does that feed readers would not keep.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    /// Our own page of what an address at Telegram shows; `None` for what has none.
    pub ours: &'a dyn Fn(&str) -> Option<String>,
    /// Says, beside a link to such a page, that this one leads to Telegram; without it there is none such.
    pub in_telegram: Option<&'a str>,
    /// The label of the box that unfolds a long quotation.
    pub unfold: &'a str,
}

impl fmt::Debug for Page<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Page").finish_non_exhaustive()
    }
}

/// What becomes of hidden words.
#[derive(Clone, Copy)]
pub enum Spoilers<'a> {
    /// A mask that links to the post's page: readers drop every element that could hide them.
    Link(&'a str),
    /// A label with a checkbox: our stylesheet hides the words until it is checked.
    Reveal,
}

impl RichText {
    /// Writes what its first paragraph holds, without the paragraph: for a heading, in which only the author's words stand.
    pub fn write_line_html(&self, context: &Context<'_>, html: &mut String) {
        let page = context.page.map(|page| Page { in_telegram: None, ..page });
        if let Some(Block::Paragraph(inlines)) = self.blocks().first() {
            write_inlines(inlines, &Context { page, ..*context }, false, html);
        }
    }

    /// Writes the text as HTML.
    pub fn write_html(&self, context: &Context<'_>, html: &mut String) {
        write_blocks(self.blocks(), context, html);
    }
}

/// A quotation that Telegram folds is folded from this weight on: about four lines of a phone.
const FOLDED: usize = 320;

/// Writes text with the characters escaped that mean something to HTML, in elements and in quoted attributes.
pub fn escape(text: &str, html: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"']) {
        html.push_str(&rest[..at]);
        html.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    html.push_str(rest);
}

fn write_blocks(blocks: &[Block], context: &Context<'_>, html: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(inlines) => {
                html.push_str("<p dir=\"auto\">");
                write_inlines(inlines, context, false, html);
                html.push_str("</p>");
            }
            Block::Quote { blocks, expandable } => {
                let page = context.page.filter(|_| *expandable && weight::blocks(blocks) > FOLDED);
                html.push_str(if page.is_some() {
                    "<blockquote class=\"fold\"><div>"
                } else {
                    "<blockquote>"
                });
                write_blocks(blocks, context, html);
                if let Some(page) = page {
                    html.push_str("</div><label><input type=\"checkbox\"><span>");
                    escape(page.unfold, html);
                    html.push_str("</span></label>");
                }
                html.push_str("</blockquote>");
            }
            Block::Preformatted { language, text } => {
                // What scrolls sideways has to be reached by the keyboard.
                html.push_str(if context.page.is_some() {
                    "<pre tabindex=\"0\">"
                } else {
                    "<pre>"
                });
                html.push_str("<code");
                if let Some(language) = language {
                    html.push_str(" class=\"language-");
                    escape(language, html);
                    html.push('"');
                }
                html.push('>');
                escape(text, html);
                html.push_str("</code></pre>");
            }
        }
    }
}

fn write_inlines(inlines: &[Inline], context: &Context<'_>, shown: bool, html: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(text) => escape(text, html),
            Inline::Break => html.push_str("<br>"),
            Inline::Code(code) => {
                html.push_str("<code>");
                escape(code, html);
                html.push_str("</code>");
            }
            Inline::Styled(Style::Spoiler, content) if !shown => {
                write_spoiler(content, context, html);
            }
            Inline::Styled(Style::Spoiler, content) => write_inlines(content, context, shown, html),
            Inline::Styled(style, content) => {
                let name = element(*style);
                let _ = write!(html, "<{name}>");
                write_inlines(content, context, shown, html);
                let _ = write!(html, "</{name}>");
            }
            Inline::Link { address, content } if address.is_app() && !context.app_links => {
                write_inlines(content, context, shown, html);
            }
            // A checkbox in a link could not be reached either.
            Inline::Link { .. } if !shown && inline.is_hidden() => {
                write_spoiler(std::slice::from_ref(inline), context, html);
            }
            Inline::Link { address, content } => {
                let ours = context.page.and_then(|page| (page.ours)(address.as_str()));
                open_link(ours.as_deref().unwrap_or(address.as_str()), html);
                write_inlines(content, context, shown, html);
                html.push_str("</a>");
                if ours.is_some() {
                    write_there(address.as_str(), context, html);
                }
            }
            Inline::Tag(tag) => write_link(&(context.tag)(tag), tag, html),
            Inline::Mention(name) => {
                let there = format!("https://t.me/{name}");
                let ours = context.page.and_then(|page| (page.ours)(&there));
                write_link(ours.as_deref().unwrap_or(&there), &format!("@{name}"), html);
                if ours.is_some() {
                    write_there(&there, context, html);
                }
            }
            Inline::CustomEmoji { id, emoji } => match (context.emoji)(*id) {
                Some(address) => write_emoji(&address, emoji, html),
                None => escape(emoji, html),
            },
        }
    }
}

/// Writes the picture of an emoji, as high as the letters beside it; where no pictures are shown its character is.
pub fn write_emoji(address: &str, emoji: &str, html: &mut String) {
    html.push_str("<img src=\"");
    escape(address, html);
    html.push_str("\" alt=\"");
    escape(emoji, html);
    let _ = write!(html, "\" width=\"{EMOJI}\" height=\"{EMOJI}\">");
}

fn write_spoiler(content: &[Inline], context: &Context<'_>, html: &mut String) {
    match context.spoilers {
        Spoilers::Link(page) => write_link(page, MASK, html),
        Spoilers::Reveal => {
            html.push_str("<label class=\"spoiler\"><input type=\"checkbox\"><span>");
            write_inlines(content, context, true, html);
            html.push_str("</span></label>");
        }
    }
}

fn element(style: Style) -> &'static str {
    match style {
        Style::Bold => "b",
        Style::Italic => "i",
        Style::Underline => "u",
        Style::Strike => "s",
        Style::Spoiler => "span",
    }
}

/// Writes a link with plain text inside.
pub fn write_link(address: &str, text: &str, html: &mut String) {
    open_link(address, html);
    escape(text, html);
    html.push_str("</a>");
}

/// The small link to Telegram beside one to a page of ours.
fn write_there(address: &str, context: &Context<'_>, html: &mut String) {
    if let Some(text) = context.page.and_then(|page| page.in_telegram) {
        write_there_link(address, text, html);
    }
}

/// Writes the small link to Telegram that stands beside one to a page of ours.
pub fn write_there_link(address: &str, text: &str, html: &mut String) {
    html.push_str(" <a class=\"there\" href=\"");
    escape(address, html);
    html.push_str("\">");
    escape(text, html);
    html.push_str("</a>");
}

fn open_link(address: &str, html: &mut String) {
    html.push_str("<a href=\"");
    escape(address, html);
    html.push_str("\">");
}
