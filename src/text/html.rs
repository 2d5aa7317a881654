//! HTML of a [`RichText`]: well formed, only with what feed readers keep, and unchanged by a sanitiser.

use std::fmt::{self, Write as _};

use super::{Block, Inline, MASK, RichText, Style, weight};

/// Width and height of a custom emoji in pixels. Feed readers ignore styles.
const EMOJI_SIZE: u32 = 20;

/// Weight from which an expandable quote is folded: about four lines on a phone.
const FOLD_WEIGHT: usize = 320;

/// Everything that depends on where the HTML is shown.
pub struct Context<'a> {
    /// The address for a tag (`#tea`, `$TON`).
    pub tag: &'a dyn Fn(&str) -> String,
    /// The address of a custom emoji's picture; `None` to show the character.
    pub emoji: &'a dyn Fn(u64) -> Option<String>,
    pub spoilers: SpoilerStyle<'a>,
    /// `None` in feeds.
    pub page: Option<Page<'a>>,
}

/// Features of feedline's own pages that feed readers would drop.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    /// The page on this feedline for an address at Telegram, if there is one.
    pub ours: &'a dyn Fn(&str) -> Option<String>,
    /// The text of a second link, to the original address at Telegram; `None`: there is no second link.
    pub in_telegram: Option<&'a str>,
    /// The label of the checkbox that unfolds a long quote.
    pub unfold: &'a str,
}

impl fmt::Debug for Page<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Page").finish_non_exhaustive()
    }
}

/// How hidden text is shown.
#[derive(Clone, Copy)]
pub enum SpoilerStyle<'a> {
    /// A mask that links to this address. Readers drop every element that could hide text.
    Link(&'a str),
    /// On pages: a checkbox that reveals the text, by the stylesheet.
    Reveal,
}

impl Context<'_> {
    /// Whether the HTML is for a page, where `tg:` addresses are links.
    fn is_page(&self) -> bool {
        matches!(self.spoilers, SpoilerStyle::Reveal)
    }
}

impl RichText {
    /// Writes the content of the first paragraph without links to Telegram, for a heading.
    pub(crate) fn write_line_html(&self, context: &Context<'_>, html: &mut String) {
        let page = context.page.map(|page| Page { in_telegram: None, ..page });
        if let Some(Block::Paragraph(inlines)) = self.blocks().first() {
            write_inlines(inlines, &Context { page, ..*context }, false, html);
        }
    }

    pub fn write_html(&self, context: &Context<'_>, html: &mut String) {
        write_blocks(self.blocks(), context, html);
    }
}

/// Appends text, escaped for elements and quoted attributes.
pub(crate) fn escape(text: &str, html: &mut String) {
    if !needs_escape(text) {
        return html.push_str(text);
    }
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => continue,
        };
        html.push_str(&text[written..at]);
        html.push_str(escaped);
        written = at + 1;
    }
    html.push_str(&text[written..]);
}

/// Most texts need none. Without an early exit, the loop is vectorised.
fn needs_escape(text: &str) -> bool {
    text.bytes().fold(false, |needs, byte| needs | matches!(byte, b'&' | b'<' | b'>' | b'"'))
}

fn write_blocks(blocks: &[Block], context: &Context<'_>, html: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(inlines) => {
                html.push_str("<p dir=\"auto\">");
                write_inlines(inlines, context, false, html);
                html.push_str("</p>");
            }
            Block::Quote { blocks, expandable } => match context.page {
                Some(page) if *expandable && weight(blocks) > FOLD_WEIGHT => {
                    html.push_str("<blockquote class=\"fold\"><div>");
                    write_blocks(blocks, context, html);
                    html.push_str("</div><label><input type=\"checkbox\"><span>");
                    escape(page.unfold, html);
                    html.push_str("</span></label></blockquote>");
                }
                _ => {
                    html.push_str("<blockquote>");
                    write_blocks(blocks, context, html);
                    html.push_str("</blockquote>");
                }
            },
            Block::Preformatted { language, text } => {
                // A scrollable element must be reachable by keyboard.
                let is_page = context.page.is_some();
                html.push_str(if is_page { "<pre tabindex=\"0\"><code" } else { "<pre><code" });
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

/// Writes inlines; `is_revealed` if they are inside a spoiler that the reader can open.
fn write_inlines(inlines: &[Inline], context: &Context<'_>, is_revealed: bool, html: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(text) => escape(text, html),
            Inline::Break => html.push_str("<br>"),
            Inline::Code(code) => {
                html.push_str("<code>");
                escape(code, html);
                html.push_str("</code>");
            }
            // A checkbox inside a link could not be used, so the link is inside the spoiler.
            Inline::Styled(Style::Spoiler, content) if !is_revealed => {
                write_spoiler(content, context, html);
            }
            Inline::Link { address, content } if address.is_app() && !context.is_page() => {
                write_inlines(content, context, is_revealed, html);
            }
            Inline::Link { .. } if !is_revealed && inline.is_hidden() => {
                write_spoiler(std::slice::from_ref(inline), context, html);
            }
            Inline::Link { address, content } => {
                let ours = context.page.and_then(|page| (page.ours)(address.as_str()));
                open_link(ours.as_deref().unwrap_or(address.as_str()), html);
                write_inlines(content, context, is_revealed, html);
                html.push_str("</a>");
                if ours.is_some() {
                    write_telegram_link(address.as_str(), context.page, html);
                }
            }
            Inline::Styled(style, content) => {
                let name = match style {
                    Style::Bold => "b",
                    Style::Italic => "i",
                    Style::Underline => "u",
                    Style::Strike => "s",
                    Style::Spoiler => {
                        write_inlines(content, context, is_revealed, html);
                        continue;
                    }
                };
                let _ = write!(html, "<{name}>");
                write_inlines(content, context, is_revealed, html);
                let _ = write!(html, "</{name}>");
            }
            Inline::Tag(tag) => write_link(&(context.tag)(tag), tag, html),
            Inline::Mention(name) => {
                let address = format!("https://t.me/{name}");
                write_address(&address, &format!("@{name}"), context.page, html);
            }
            Inline::CustomEmoji { id, emoji } => match (context.emoji)(*id) {
                Some(address) => write_emoji(&address, emoji, html),
                None => escape(emoji, html),
            },
        }
    }
}

/// Writes the picture of an emoji at the height of a letter, with the character as its alternative.
fn write_emoji(address: &str, emoji: &str, html: &mut String) {
    html.push_str("<img src=\"");
    escape(address, html);
    html.push_str("\" alt=\"");
    escape(emoji, html);
    let _ = write!(html, "\" width=\"{EMOJI_SIZE}\" height=\"{EMOJI_SIZE}\">");
}

fn write_spoiler(content: &[Inline], context: &Context<'_>, html: &mut String) {
    match context.spoilers {
        SpoilerStyle::Link(page) => write_link(page, MASK, html),
        SpoilerStyle::Reveal => {
            html.push_str("<label class=\"spoiler\"><input type=\"checkbox\"><span>");
            write_inlines(content, context, true, html);
            html.push_str("</span></label>");
        }
    }
}

/// Writes a link, on a page to feedline's own page for the address if there is one.
pub(crate) fn write_address(address: &str, text: &str, page: Option<Page<'_>>, html: &mut String) {
    match page.and_then(|page| (page.ours)(address)) {
        Some(ours) => {
            write_link(&ours, text, html);
            write_telegram_link(address, page, html);
        }
        None => write_link(address, text, html),
    }
}

pub(crate) fn write_link(address: &str, text: &str, html: &mut String) {
    open_link(address, html);
    escape(text, html);
    html.push_str("</a>");
}

/// Writes the small link to Telegram beside a link to feedline's own page.
fn write_telegram_link(address: &str, page: Option<Page<'_>>, html: &mut String) {
    let Some(text) = page.and_then(|page| page.in_telegram) else { return };
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
