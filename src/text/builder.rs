//! Builds a [`RichText`] from a document's events.
//!
//! SECURITY: a text in a million pieces, or with a long link over thousands of paragraphs -> characters are collected in one
//! buffer, and the weight of the text is limited.

use std::borrow::Cow;

use super::check::{is_language, is_mention, is_tag};
use super::{Address, Block, Inline, MASK, MAX_DEPTH, MAX_WEIGHT, NODE, RichText, Style};
use super::{clean, is_blank};

const ELLIPSIS: char = '…';

#[derive(Clone, Debug)]
pub enum Span {
    Style(Style),
    Link(Address),
}

/// Takes a document's events in order and gives the tree.
///
/// - Blank lines make paragraphs, even inside spans: `<b>Title<br><br>Text</b>` is two bold paragraphs.
/// - Empty spans, invisible links and spaces at the ends of lines are dropped.
/// - What is nested deeper than [`MAX_DEPTH`], and a link inside a link, loses its format. Hidden text stays hidden.
/// - A text heavier than [`MAX_WEIGHT`] is cut there, with an ellipsis.
#[derive(Default)]
pub struct Builder {
    /// Finished blocks outside quotes.
    blocks: Vec<Block>,
    /// Open quotes, outermost first; `None` for one that is too deep.
    quotes: Vec<Option<Quote>>,
    /// The current paragraph outside spans.
    paragraph: Vec<Inline>,
    /// Open spans, outermost first, each with its content in the current paragraph.
    spans: Vec<(Span, Vec<Inline>)>,
    /// For each open span, outermost first, whether it is in `spans`. Others are ignored.
    opened: Vec<bool>,
    /// The last characters of the innermost span or paragraph, not yet part of it.
    run: String,
    /// Line breaks since the last visible inline.
    breaks: usize,
    /// A space came since the last visible inline of this line.
    space: bool,
    weight: usize,
    /// The weight exceeds the limit; nothing more is taken.
    is_full: bool,
    has_ellipsis: bool,
}

struct Quote {
    expandable: bool,
    blocks: Vec<Block>,
}

impl Builder {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text. Line feeds are white space, as in HTML; see [`Builder::line_break`].
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
            let end = self.fit(end);
            self.run.push_str(end);
            if self.is_full {
                self.add_ellipsis();
            }
        }
        self.space = end.len() < start.len();
    }

    /// `<br>`.
    pub fn line_break(&mut self) {
        self.breaks += 1;
        self.space = false;
    }

    /// What follows begins a line.
    pub(crate) fn new_line(&mut self) {
        self.breaks = self.breaks.max(1);
        self.space = false;
    }

    /// What follows begins a paragraph.
    pub(crate) fn new_paragraph(&mut self) {
        self.breaks = self.breaks.max(2);
        self.space = false;
    }

    /// Whether the weight limit is reached and nothing more is taken.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    pub fn open(&mut self, span: Span) {
        let is_effective = match span {
            Span::Style(Style::Spoiler) => !self.is_in_spoiler(),
            _ if !self.has_level() => false,
            Span::Link(_) => !self.is_in_link(),
            Span::Style(_) => true,
        };
        self.opened.push(is_effective);
        if is_effective {
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

    /// Adds inline code.
    pub fn code(&mut self, code: &str) {
        let code = clean(code).replace('\n', " ");
        if !is_blank(&code) {
            self.add_visible(Inline::Code(code.into()));
        }
    }

    /// Adds a hashtag or cashtag with its sign. In a link it becomes plain text, because links do not nest.
    pub fn tag(&mut self, tag: &str) {
        let tag = clean(tag);
        if is_tag(tag.trim()) && !self.is_in_link() {
            self.add_visible(Inline::Tag(tag.trim().into()));
        } else {
            self.text(&tag);
        }
    }

    /// Adds a mention of a name, given without `@`. In a link, or if it is no name, it becomes plain text.
    pub fn mention(&mut self, name: &str) {
        if is_mention(name) && !self.is_in_link() {
            self.add_visible(Inline::Mention(name.into()));
        } else {
            self.text(&format!("@{name}"));
        }
    }

    pub fn custom_emoji(&mut self, id: u64, emoji: &str) {
        self.add_visible(Inline::CustomEmoji { id, emoji: clean(emoji).trim().into() });
    }

    pub fn open_quote(&mut self, expandable: bool) {
        self.end_paragraph();
        let quote =
            if self.has_level() { Some(Quote { expandable, blocks: Vec::new() }) } else { None };
        self.quotes.push(quote);
    }

    /// Closes the innermost open quote.
    pub fn close_quote(&mut self) {
        self.end_paragraph();
        if let Some(Some(Quote { expandable, blocks })) = self.quotes.pop()
            && !blocks.is_empty()
        {
            self.push_block(Block::Quote { expandable, blocks });
        }
    }

    /// Adds a code block, with `\n` between lines. In a spoiler, which cannot contain blocks, each line becomes inline code.
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
        if self.is_full {
            return self.add_ellipsis();
        }
        let language = language.filter(|name| is_language(name)).map(Into::into);
        let text = self.fit(text).into();
        self.push_block(Block::Preformatted { language, text });
        if self.is_full {
            self.add_ellipsis();
        }
    }

    /// Closes open spans and quotes.
    pub fn finish(mut self) -> RichText {
        self.end_paragraph();
        while !self.quotes.is_empty() {
            self.close_quote();
        }
        RichText { blocks: self.blocks }
    }

    fn is_in_spoiler(&self) -> bool {
        self.spans.iter().any(|(span, _)| matches!(span, Span::Style(Style::Spoiler)))
    }

    fn is_in_link(&self) -> bool {
        self.spans.iter().any(|(span, _)| matches!(span, Span::Link(_)))
    }

    /// Whether one more span or quote may be opened. The deepest level is reserved for a spoiler.
    fn has_level(&self) -> bool {
        self.spans.len() + self.quotes.iter().flatten().count() + 1 < MAX_DEPTH
    }

    /// Adds weight. Returns whether the text is still within the limit.
    fn add_weight(&mut self, weight: usize) -> bool {
        self.weight = self.weight.saturating_add(weight);
        self.is_full |= self.weight > MAX_WEIGHT;
        !self.is_full
    }

    /// Adds the weight of a text, cut at the limit.
    fn fit<'t>(&mut self, text: &'t str) -> &'t str {
        let room = MAX_WEIGHT.saturating_sub(self.weight);
        if self.add_weight(text.len()) { text } else { &text[..text.floor_char_boundary(room)] }
    }

    /// Marks the cut, once.
    fn add_ellipsis(&mut self) {
        if !self.has_ellipsis {
            self.has_ellipsis = true;
            self.run.push(ELLIPSIS);
        }
    }

    /// Adds a visible inline that is not text.
    fn add_visible(&mut self, inline: Inline) {
        if !self.begin_visible() {
            return;
        }
        if self.add_weight(inline.weight()) {
            self.push(inline);
        } else {
            self.add_ellipsis();
        }
    }

    /// Adds the pending breaks and spaces; `false` if nothing more is taken.
    fn begin_visible(&mut self) -> bool {
        if self.breaks > 1 {
            self.end_paragraph();
        }
        if self.is_full {
            self.add_ellipsis();
            return false;
        }
        let is_paragraph_empty = self.run.is_empty()
            && self.paragraph.is_empty()
            && self.spans.iter().all(|(_, content)| content.is_empty());
        if !is_paragraph_empty && (self.breaks == 1 || self.space) {
            self.separate();
        }
        self.breaks = 0;
        self.space = false;
        true
    }

    fn innermost(&mut self) -> &mut Vec<Inline> {
        match self.spans.last_mut() {
            Some((_, content)) => content,
            None => &mut self.paragraph,
        }
    }

    /// Adds the pending break or space, outside the open spans that are still empty.
    fn separate(&mut self) {
        self.add_weight(NODE);
        let is_break = self.breaks == 1;
        let nonempty = self.spans.iter().rposition(|(_, content)| !content.is_empty());
        let is_innermost = nonempty.map_or(0, |at| at + 1) == self.spans.len();
        if is_innermost || !self.run.is_empty() {
            return if is_break { self.push(Inline::Break) } else { self.run.push(' ') };
        }
        let inlines = match nonempty {
            Some(at) => &mut self.spans[at].1,
            None => &mut self.paragraph,
        };
        if is_break {
            inlines.push(Inline::Break);
        } else {
            append_text(inlines, " ");
        }
    }

    /// Adds to the innermost span or the paragraph. Adjacent texts become one.
    fn push(&mut self, inline: Inline) {
        if let Inline::Text(text) = &inline {
            self.run.push_str(text);
        } else {
            self.flush();
            self.innermost().push(inline);
        }
    }

    /// Turns the collected characters into an inline.
    fn flush(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let run = std::mem::take(&mut self.run);
        self.add_weight(NODE);
        append_text(self.innermost(), &run);
        // Its memory is reused.
        self.run = run;
        self.run.clear();
    }

    /// Adds a closed span to the span or paragraph around it.
    fn wrap(&mut self, span: Span, content: Vec<Inline>) {
        let is_visible = content.iter().any(is_visible);
        match span {
            Span::Style(style) if is_visible && self.add_weight(NODE) => {
                self.push(Inline::Styled(style, content));
            }
            // The text stays hidden although there is no room for the span.
            Span::Style(Style::Spoiler) if is_visible => self.push(Inline::Text(MASK.into())),
            // Authors hide a link behind an invisible character to choose the preview.
            Span::Link(address) if is_visible && self.add_weight(NODE + address.as_str().len()) => {
                self.push(Inline::Link { address, content });
            }
            _ => content.into_iter().for_each(|inline| self.push(inline)),
        }
    }

    /// Ends the current paragraph. Spans stay open for the next one.
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
        self.add_weight(NODE);
        match self.quotes.iter_mut().rev().flatten().next() {
            Some(quote) => quote.blocks.push(block),
            None => self.blocks.push(block),
        }
    }
}

/// Adjacent texts become one.
fn append_text(inlines: &mut Vec<Inline>, text: &str) {
    match inlines.last_mut() {
        Some(Inline::Text(last)) => *last = format!("{last}{text}").into(),
        _ => inlines.push(Inline::Text(text.into())),
    }
}

fn is_visible(inline: &Inline) -> bool {
    match inline {
        Inline::Text(text) => !is_blank(text),
        Inline::Break => false,
        Inline::Styled(..) | Inline::Link { .. } => inline.content().iter().any(is_visible),
        Inline::Code(_) | Inline::Tag(_) | Inline::Mention(_) | Inline::CustomEmoji { .. } => true,
    }
}

/// Line feeds of the source, with the white space around them, become one space.
fn unfold(text: &str) -> Cow<'_, str> {
    if !text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_matches([' ', '\t'])).collect();
    Cow::Owned(lines.join(" "))
}
