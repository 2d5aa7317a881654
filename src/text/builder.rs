//! The only door to a [`RichText`].
//!
//! SECURITY: a text in a million pieces, or with a long link that goes on over thousands of paragraphs -> characters are
//! gathered in one buffer, and the whole has a bound.

use std::borrow::Cow;

use super::check::{is_language, is_mention, is_tag};
use super::weight::{NODE, Weight};
use super::{Address, Block, DEEPEST, Inline, MASK, RichText, Style, clean, is_blank};

/// What stands where a text was cut.
const ELLIPSIS: char = '…';

/// What can be opened round inlines.
#[derive(Clone, Debug)]
pub enum Span {
    /// A style.
    Style(Style),
    /// A link.
    Link(Address),
    /// Nothing: an element that means nothing to us, but will be closed.
    Plain,
}

/// Takes a document's events in order and gives the tree.
///
/// Blank lines make paragraphs, even inside spans (`<b>Title<br><br>Text</b>` is two bold paragraphs); empty spans
/// and invisible links vanish; spaces at the ends of lines vanish; what is nested deeper than [`DEEPEST`], and a link
/// inside a link, is taken without its format. Hidden words stay hidden, however deep they stand. A text that weighs more than [`LARGEST`](super::LARGEST) ends there, with an ellipsis.
#[derive(Default)]
pub struct Builder {
    /// Blocks that are finished, outside any quote.
    blocks: Vec<Block>,
    /// Open quotes, outermost first.
    quotes: Vec<Quote>,
    /// The paragraph under way, outside any span.
    paragraph: Vec<Inline>,
    /// Open spans that mean something, outermost first, each with what it holds in the paragraph under way.
    spans: Vec<(Span, Vec<Inline>)>,
    /// Whether each open span, outermost first, means something.
    opened: Vec<bool>,
    /// Quotes that mean something.
    quoted: usize,
    /// The last characters of the innermost span or paragraph, not yet part of it: they may go on.
    run: String,
    /// Line breaks seen since the last visible inline.
    breaks: usize,
    /// Spaces seen since the last visible inline of this line.
    space: bool,
    /// Of everything so far. When it is full, nothing is taken any more.
    weight: Weight,
    /// The text ends before its end.
    is_cut: bool,
}

enum Quote {
    Open {
        expandable: bool,
        blocks: Vec<Block>,
    },
    /// Too deep: its content belongs to what holds it.
    Plain,
}

impl Builder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Characters of the document. Line feeds are white space here, as in HTML; see [`Builder::line_break`].
    pub fn text(&mut self, text: &str) {
        let text = clean(text);
        let text = unfold(&text);
        let start = text.trim_start_matches([' ', '\t', '\n']);
        if start.is_empty() {
            self.space |= !text.is_empty();
            return;
        }
        self.space |= start.len() < text.len();
        let end = start.trim_end_matches([' ', '\t', '\n']);
        if self.begin_visible() {
            let fitting = self.weight.bear_text(end);
            self.run.push_str(fitting);
            if self.weight.is_full {
                self.cut();
            }
        }
        self.space = end.len() < start.len();
    }

    /// The end of a line (`<br>`).
    pub fn line_break(&mut self) {
        self.breaks += 1;
        self.space = false;
    }

    /// The edge of a block that stands on a line of its own: what follows begins a line, unless it does so anyway.
    pub fn new_line(&mut self) {
        self.breaks = self.breaks.max(1);
        self.space = false;
    }

    /// The edge of a block that is set off: what follows begins a paragraph.
    pub fn new_paragraph(&mut self) {
        self.breaks = self.breaks.max(2);
        self.space = false;
    }

    /// Whether nothing is taken any more: the text weighs all that it may.
    pub fn is_full(&self) -> bool {
        self.weight.is_full
    }

    /// Opens a span; [`Builder::close`] closes the innermost.
    pub fn open(&mut self, span: Span) {
        let means_something = match span {
            Span::Plain => false,
            Span::Style(Style::Spoiler) => !self.is_in_spoiler(),
            _ if !self.has_level() => false,
            Span::Link(_) => !self.is_in_link(),
            Span::Style(_) => true,
        };
        self.opened.push(means_something);
        if means_something {
            self.flush();
            self.spans.push((span, Vec::new()));
        }
    }

    /// Closes the innermost open span.
    pub fn close(&mut self) {
        if self.opened.pop() == Some(true) {
            self.flush();
            if let Some((span, content)) = self.spans.pop() {
                self.wrap(span, content);
            }
        }
    }

    /// Code within a line.
    pub fn code(&mut self, code: &str) {
        let code = clean(code).replace('\n', " ");
        if !is_blank(&code) {
            self.visible(Inline::Code(code.into()));
        }
    }

    /// A hashtag or cashtag with its sign; in a link it is plain text, because links do not nest.
    pub fn tag(&mut self, tag: &str) {
        let tag = clean(tag);
        if is_tag(tag.trim()) && !self.is_in_link() {
            self.visible(Inline::Tag(tag.trim().into()));
        } else {
            self.text(&tag);
        }
    }

    /// A mention of a name, given without `@`: letters, digits and underscores, at most 32; else, and in a link, it is plain
    /// text.
    pub fn mention(&mut self, name: &str) {
        if is_mention(name) && !self.is_in_link() {
            self.visible(Inline::Mention(name.into()));
        } else {
            self.text(&format!("@{name}"));
        }
    }

    fn is_in_spoiler(&self) -> bool {
        self.spans.iter().any(|(open, _)| matches!(open, Span::Style(Style::Spoiler)))
    }

    fn is_in_link(&self) -> bool {
        self.spans.iter().any(|(open, _)| matches!(open, Span::Link(_)))
    }

    /// A custom emoji with the character that stands for it.
    pub fn custom_emoji(&mut self, id: u64, emoji: &str) {
        self.visible(Inline::CustomEmoji { id, emoji: clean(emoji).trim().into() });
    }

    /// Opens a quotation; [`Builder::close_quote`] closes the innermost.
    pub fn open_quote(&mut self, expandable: bool) {
        self.end_paragraph();
        let quote = if self.has_level() {
            self.quoted += 1;
            Quote::Open { expandable, blocks: Vec::new() }
        } else {
            Quote::Plain
        };
        self.quotes.push(quote);
    }

    /// Closes the innermost open quotation.
    pub fn close_quote(&mut self) {
        self.end_paragraph();
        if let Some(Quote::Open { expandable, blocks }) = self.quotes.pop() {
            self.quoted -= 1;
            if !blocks.is_empty() {
                self.push_block(Block::Quote { expandable, blocks });
            }
        }
    }

    /// A block of code; its lines are separated by `\n`. In a spoiler, which holds no blocks, each line is code of its own.
    pub fn preformatted(&mut self, language: Option<&str>, text: &str) {
        self.end_paragraph();
        if self.is_in_spoiler() {
            for line in text.lines() {
                self.code(line);
                self.line_break();
            }
            return self.end_paragraph();
        }
        let text = clean(text);
        let text = text.trim_matches('\n');
        if is_blank(text) {
            return;
        }
        if self.weight.is_full {
            return self.cut();
        }
        let language = language.filter(|name| is_language(name)).map(Into::into);
        let text = self.weight.bear_text(text).into();
        self.push_block(Block::Preformatted { language, text });
        if self.weight.is_full {
            self.cut();
        }
    }

    /// The tree; spans and quotes still open are closed.
    pub fn finish(mut self) -> RichText {
        self.end_paragraph();
        while !self.quotes.is_empty() {
            self.close_quote();
        }
        RichText { blocks: self.blocks }
    }

    /// An inline that can be seen and is no mere text.
    fn visible(&mut self, inline: Inline) {
        if !self.begin_visible() {
            return;
        }
        if self.weight.bear(NODE + characters(&inline)) {
            self.put(inline);
        } else {
            self.cut();
        }
    }

    /// Puts what came before something that can be seen; `false` when nothing more is taken.
    fn begin_visible(&mut self) -> bool {
        if self.breaks > 1 {
            self.end_paragraph();
        }
        if self.weight.is_full {
            self.cut();
            return false;
        }
        if !self.is_paragraph_empty() {
            if self.breaks == 1 {
                self.separate(Inline::Break);
            } else if self.space {
                self.separate(Inline::Text(" ".into()));
            }
        }
        self.breaks = 0;
        self.space = false;
        true
    }

    /// Says, once, that the text does not end here.
    fn cut(&mut self) {
        if !self.is_cut {
            self.is_cut = true;
            self.run.push(ELLIPSIS);
        }
    }

    /// Whether the paragraph under way holds nothing yet.
    fn is_paragraph_empty(&self) -> bool {
        self.run.is_empty()
            && self.paragraph.is_empty()
            && self.spans.iter().all(|(_, content)| content.is_empty())
    }

    fn holder(&mut self) -> &mut Vec<Inline> {
        match self.spans.last_mut() {
            Some((_, content)) => content,
            None => &mut self.paragraph,
        }
    }

    /// Puts a space or break before the next inline, outside the spans that hold nothing yet.
    fn separate(&mut self, separator: Inline) {
        self.weight.bear(NODE);
        let holding = self.spans.iter().rposition(|(_, content)| !content.is_empty());
        let is_innermost = holding.map_or(0, |at| at + 1) == self.spans.len();
        if is_innermost || !self.run.is_empty() {
            return self.put(separator);
        }
        let holder = match holding {
            Some(at) => &mut self.spans[at].1,
            None => &mut self.paragraph,
        };
        if let (Some(Inline::Text(last)), Inline::Text(space)) = (holder.last_mut(), &separator) {
            *last = format!("{last}{space}").into();
        } else {
            holder.push(separator);
        }
    }

    /// Adds to the innermost span or the paragraph. Adjacent characters are one text.
    fn put(&mut self, inline: Inline) {
        if let Inline::Text(text) = &inline {
            self.run.push_str(text);
        } else {
            self.flush();
            self.holder().push(inline);
        }
    }

    /// The characters under way are followed by something else.
    fn flush(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let run = std::mem::take(&mut self.run);
        self.weight.bear(NODE);
        let holder = self.holder();
        match holder.last_mut() {
            Some(Inline::Text(last)) => *last = format!("{last}{run}").into(),
            _ => holder.push(Inline::Text(run.into())),
        }
    }

    /// Puts what a span held into what holds the span.
    fn wrap(&mut self, span: Span, content: Vec<Inline>) {
        let visible = content.iter().any(is_visible);
        match span {
            Span::Style(style) if visible && self.weight.bear(NODE) => {
                self.put(Inline::Styled(style, content));
            }
            // There is no room for the span: the words in it stay hidden all the same.
            Span::Style(Style::Spoiler) if visible => self.put(Inline::Text(MASK.into())),
            // Authors hide a link behind an invisible character to choose the preview: there is nothing to click on.
            Span::Link(address) if visible && self.weight.bear(NODE + address.as_str().len()) => {
                self.put(Inline::Link { address, content });
            }
            Span::Style(_) | Span::Link(_) if content.is_empty() => {}
            _ => content.into_iter().for_each(|inline| self.put(inline)),
        }
    }

    /// Ends the paragraph under way; the spans stay open for the next.
    fn end_paragraph(&mut self) {
        self.flush();
        let open: Vec<Span> = self.spans.iter().map(|(span, _)| span.clone()).collect();
        while let Some((span, content)) = self.spans.pop() {
            self.wrap(span, content);
            self.flush();
        }
        self.spans = open.into_iter().map(|span| (span, Vec::new())).collect();
        let paragraph = std::mem::take(&mut self.paragraph);
        self.breaks = 0;
        self.space = false;
        if paragraph.iter().any(is_visible) {
            self.push_block(Block::Paragraph(paragraph));
        }
    }

    fn push_block(&mut self, block: Block) {
        self.weight.bear(NODE);
        let holder = self.quotes.iter_mut().rev().find_map(|quote| match quote {
            Quote::Open { blocks, .. } => Some(blocks),
            Quote::Plain => None,
        });
        holder.unwrap_or(&mut self.blocks).push(block);
    }

    /// Whether one more span or quote may be opened. The deepest level is for a spoiler.
    fn has_level(&self) -> bool {
        self.spans.len() + self.quoted + 1 < DEEPEST
    }
}

/// The bytes of an inline's own characters.
fn characters(inline: &Inline) -> usize {
    match inline {
        Inline::Text(text) | Inline::Code(text) | Inline::Tag(text) | Inline::Mention(text) => {
            text.len()
        }
        Inline::CustomEmoji { emoji, .. } => emoji.len(),
        Inline::Break | Inline::Styled(..) | Inline::Link { .. } => 0,
    }
}

fn is_visible(inline: &Inline) -> bool {
    match inline {
        Inline::Text(text) => !is_blank(text),
        Inline::Break => false,
        Inline::Styled(_, content) | Inline::Link { content, .. } => content.iter().any(is_visible),
        Inline::Code(_) | Inline::Tag(_) | Inline::Mention(_) | Inline::CustomEmoji { .. } => true,
    }
}

/// Line feeds of the source, with the white space round them, are one space.
fn unfold(text: &str) -> Cow<'_, str> {
    if !text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let mut lines = text.split('\n').peekable();
    let mut unfolded = String::with_capacity(text.len());
    while let Some(line) = lines.next() {
        unfolded.push_str(line.trim_matches([' ', '\t']));
        if lines.peek().is_some() {
            unfolded.push(' ');
        }
    }
    Cow::Owned(unfolded)
}
