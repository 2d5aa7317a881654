//! The only door to a [`RichText`].

use super::{Address, Block, DEEPEST, Inline, RichText, Style, clean, is_blank};

/// The longest name of a code block's language.
const LONGEST_LANGUAGE: usize = 32;

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
/// inside a link, is taken without its format.
#[derive(Default)]
pub struct Builder {
    /// Blocks that are finished, outside any quote.
    blocks: Vec<Block>,
    /// Open quotes, outermost first, each with its finished blocks.
    quotes: Vec<Quote>,
    /// The paragraph under way, outside any span.
    paragraph: Vec<Inline>,
    /// Open spans, outermost first, each with what it holds in the paragraph under way.
    spans: Vec<(Span, Vec<Inline>)>,
    /// Line breaks seen since the last visible inline.
    breaks: usize,
    /// Spaces seen since the last visible inline of this line.
    space: bool,
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
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Characters of the document. Line feeds are white space here, as in HTML; see [`Builder::line_break`].
    pub fn text(&mut self, text: &str) {
        let text = unfold(&clean(text));
        let start = text.trim_start_matches([' ', '\t', '\n']);
        if start.is_empty() {
            self.space |= !text.is_empty();
            return;
        }
        self.space |= start.len() < text.len();
        let end = start.trim_end_matches([' ', '\t', '\n']);
        self.visible(Inline::Text(end.into()));
        self.space = end.len() < start.len();
    }

    /// The end of a line (`<br>`).
    pub fn line_break(&mut self) {
        self.breaks += 1;
        self.space = false;
    }

    /// Opens a span; [`Builder::close`] closes the innermost.
    pub fn open(&mut self, span: Span) {
        let in_link = self.spans.iter().any(|(open, _)| matches!(open, Span::Link(_)));
        let span = match span {
            Span::Link(_) if in_link => Span::Plain,
            _ if self.depth() >= DEEPEST => Span::Plain,
            span => span,
        };
        self.spans.push((span, Vec::new()));
    }

    /// Closes the innermost open span.
    pub fn close(&mut self) {
        if let Some((span, content)) = self.spans.pop() {
            let holder = self.holder();
            wrap(span, content, holder);
        }
    }

    /// Code within a line.
    pub fn code(&mut self, code: &str) {
        let code = clean(code).replace('\n', " ");
        if !is_blank(&code) {
            self.visible(Inline::Code(code.into()));
        }
    }

    /// A hashtag or cashtag with its sign.
    pub fn tag(&mut self, tag: &str) {
        let tag = clean(tag);
        if tag.starts_with(['#', '$']) && tag.chars().count() > 1 {
            self.visible(Inline::Tag(tag.trim().into()));
        } else {
            self.text(&tag);
        }
    }

    /// A mention of a name, given without `@`: letters, digits and underscores, at most 32; else it is plain text.
    pub fn mention(&mut self, name: &str) {
        let is_name = (1..=32).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_name {
            self.visible(Inline::Mention(name.into()));
        } else {
            self.text(&format!("@{name}"));
        }
    }

    /// A custom emoji with the character that stands for it.
    pub fn custom_emoji(&mut self, id: u64, emoji: &str) {
        self.visible(Inline::CustomEmoji { id, emoji: clean(emoji).trim().into() });
    }

    /// Opens a quotation; [`Builder::close_quote`] closes the innermost.
    pub fn open_quote(&mut self, expandable: bool) {
        self.end_paragraph();
        let quote = if self.depth() >= DEEPEST {
            Quote::Plain
        } else {
            Quote::Open { expandable, blocks: Vec::new() }
        };
        self.quotes.push(quote);
    }

    /// Closes the innermost open quotation.
    pub fn close_quote(&mut self) {
        self.end_paragraph();
        if let Some(Quote::Open { expandable, blocks }) = self.quotes.pop()
            && !blocks.is_empty()
        {
            self.push_block(Block::Quote { expandable, blocks });
        }
    }

    /// A block of code; its lines are separated by `\n`.
    pub fn preformatted(&mut self, language: Option<&str>, text: &str) {
        self.end_paragraph();
        let text = clean(text);
        let text = text.trim_matches('\n');
        if is_blank(text) {
            return;
        }
        let language = language.filter(|name| is_language(name)).map(Into::into);
        self.push_block(Block::Preformatted { language, text: text.into() });
    }

    /// The tree; spans and quotes still open are closed.
    #[must_use]
    pub fn finish(mut self) -> RichText {
        self.end_paragraph();
        while !self.quotes.is_empty() {
            self.close_quote();
        }
        RichText { blocks: self.blocks }
    }

    /// An inline that can be seen: first what came before it, then itself.
    fn visible(&mut self, inline: Inline) {
        if self.breaks > 1 {
            self.end_paragraph();
        }
        if !self.is_paragraph_empty() {
            if self.breaks == 1 {
                push(self.separator_holder(), Inline::Break);
            } else if self.space {
                push(self.separator_holder(), Inline::Text(" ".into()));
            }
        }
        self.breaks = 0;
        self.space = false;
        push(self.holder(), inline);
    }

    /// Whether the paragraph under way holds nothing yet.
    fn is_paragraph_empty(&self) -> bool {
        self.paragraph.is_empty() && self.spans.iter().all(|(_, content)| content.is_empty())
    }

    fn holder(&mut self) -> &mut Vec<Inline> {
        match self.spans.last_mut() {
            Some((_, content)) => content,
            None => &mut self.paragraph,
        }
    }

    /// Where a space or break before the next inline belongs: outside the spans that hold nothing yet.
    fn separator_holder(&mut self) -> &mut Vec<Inline> {
        match self.spans.iter().rposition(|(_, content)| !content.is_empty()) {
            Some(at) => &mut self.spans[at].1,
            None => &mut self.paragraph,
        }
    }

    /// Ends the paragraph under way; the spans stay open for the next.
    fn end_paragraph(&mut self) {
        for at in (0..self.spans.len()).rev() {
            let content = std::mem::take(&mut self.spans[at].1);
            let span = self.spans[at].0.clone();
            let holder = match at.checked_sub(1) {
                Some(outer) => &mut self.spans[outer].1,
                None => &mut self.paragraph,
            };
            wrap(span, content, holder);
        }
        let paragraph = std::mem::take(&mut self.paragraph);
        self.breaks = 0;
        self.space = false;
        if paragraph.iter().any(is_visible) {
            self.push_block(Block::Paragraph(paragraph));
        }
    }

    fn push_block(&mut self, block: Block) {
        let holder = self.quotes.iter_mut().rev().find_map(|quote| match quote {
            Quote::Open { blocks, .. } => Some(blocks),
            Quote::Plain => None,
        });
        holder.unwrap_or(&mut self.blocks).push(block);
    }

    fn depth(&self) -> usize {
        let spans = self.spans.iter().filter(|(span, _)| !matches!(span, Span::Plain)).count();
        let quotes = self.quotes.iter().filter(|quote| matches!(quote, Quote::Open { .. })).count();
        spans + quotes
    }
}

/// Puts what a span held into its holder.
fn wrap(span: Span, content: Vec<Inline>, holder: &mut Vec<Inline>) {
    let visible = content.iter().any(is_visible);
    match span {
        Span::Style(style) if visible => holder.push(Inline::Styled(style, content)),
        // Authors hide a link behind an invisible character to choose the preview: there is nothing to click on.
        Span::Link(address) if visible => holder.push(Inline::Link { address, content }),
        Span::Style(_) | Span::Link(_) if content.is_empty() => {}
        _ => content.into_iter().for_each(|inline| push(holder, inline)),
    }
}

/// Adjacent characters are one text.
fn push(holder: &mut Vec<Inline>, inline: Inline) {
    if let (Some(Inline::Text(last)), Inline::Text(next)) = (holder.last_mut(), &inline) {
        *last = format!("{last}{next}").into();
    } else {
        holder.push(inline);
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
fn unfold(text: &str) -> String {
    if !text.contains('\n') {
        return text.to_owned();
    }
    let mut lines = text.split('\n').peekable();
    let mut unfolded = String::with_capacity(text.len());
    while let Some(line) = lines.next() {
        unfolded.push_str(line.trim_matches([' ', '\t']));
        if lines.peek().is_some() {
            unfolded.push(' ');
        }
    }
    unfolded
}

fn is_language(name: &str) -> bool {
    (1..=LONGEST_LANGUAGE).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+#._-".contains(&byte))
}
