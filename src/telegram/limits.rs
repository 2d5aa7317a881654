//! Builds a page's tree, and stops at the first input limit that the page exceeds.
//!
//! SECURITY: a page made to cost minutes of CPU -> the limits below. html5ever is quadratic or worse in nesting, in
//! formatting elements that it reopens, and in attributes. [`Limiter`] counts the tokens between html5ever's tokenizer and
//! its tree builder, so that count and tree cannot disagree. The page is fed in pieces, because the tokenizer cannot be
//! stopped inside one.

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer};
use html5ever::tree_builder::{TreeBuilder, TreeSink};
use html5ever::{LocalName, local_name};
use scraper::{Html, HtmlTreeSink};

type NodeId = <HtmlTreeSink as TreeSink>::Handle;

pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Start tags, end tags and comments.
pub(super) const MAX_TAGS: usize = 100_000;
/// Per tag.
pub(super) const MAX_ATTRIBUTES: usize = 64;
/// Elements open at once.
pub(super) const MAX_NESTING: usize = 256;
/// Work of the parser, roughly in microseconds. A page of Telegram takes 5,000 to 20,000 steps. A `<` is one step, a `&` two.
/// A tag is one more for each of its attributes, for each open formatting element and its attributes, and for every 32 open
/// elements, which the parser may search.
pub(super) const MAX_STEPS: usize = 300_000;
/// Characters that may separate attributes in an unfinished tag. The tokenizer compares each attribute with all before it,
/// and emits nothing before the tag ends.
pub(super) const MAX_SEPARATORS: usize = 16_384;
const PIECE_BYTES: usize = 8 * 1024;

/// The limit that a page exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    #[error("more than {MAX_BYTES} bytes")]
    Bytes,
    #[error("more than {MAX_TAGS} tags")]
    Tags,
    #[error("a tag with more than {MAX_ATTRIBUTES} attributes")]
    Attributes,
    #[error("elements nested deeper than {MAX_NESTING}")]
    Nesting,
    #[error("more than {MAX_STEPS} steps of work for the parser")]
    Steps,
}

pub(super) fn parse(html: &str) -> Result<Html, Limit> {
    if html.len() > MAX_BYTES {
        return Err(Limit::Bytes);
    }
    let tree = TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), Default::default());
    let limiter = Limiter { tree, counts: RefCell::default() };
    let tokenizer = Tokenizer::new(limiter, Default::default());
    let queue = BufferQueue::default();
    let mut rest = html;
    let mut separators = 0;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES));
        rest = behind;
        let counts = &tokenizer.sink.counts;
        let tokens = counts.borrow().tokens;
        let tags = memchr::memchr_iter(b'<', piece.as_bytes()).count();
        let references = memchr::memchr_iter(b'&', piece.as_bytes()).count();
        counts.borrow_mut().charge(tags + 2 * references);
        queue.push_back(StrTendril::from_slice(piece));
        // The tokenizer pauses after scripts and encoding declarations, which are irrelevant here.
        while !matches!(tokenizer.feed(&queue), html5ever::TokenizerResult::Done) {}
        let counts = counts.borrow();
        if let Some(limit) = counts.exceeded {
            return Err(limit);
        }
        separators = if counts.tokens == tokens { separators + separators_in(piece) } else { 0 };
        if separators > MAX_SEPARATORS {
            return Err(Limit::Attributes);
        }
    }
    tokenizer.end();
    let Limiter { tree, counts } = tokenizer.sink;
    match counts.into_inner().exceeded {
        Some(limit) => Err(limit),
        None => Ok(tree.sink.finish()),
    }
}

fn separators_in(piece: &str) -> usize {
    piece
        .bytes()
        .filter(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\''))
        .count()
}

/// Passes tokens on to the tree builder until a limit is exceeded.
struct Limiter {
    tree: TreeBuilder<NodeId, HtmlTreeSink>,
    counts: RefCell<Counts>,
}

#[derive(Default)]
struct Counts {
    exceeded: Option<Limit>,
    /// All tokens but parse errors.
    tokens: usize,
    tags: usize,
    steps: usize,
    /// Attributes of all `html` and `body` tags: the parser collects them in one list each.
    root_attributes: usize,
    /// Open elements with their formatting cost. Only its own end tag closes an element here, so that the parser never has
    /// more open elements, or formatting elements to reopen, than these and those that it implies.
    open: Vec<(LocalName, usize)>,
    /// Sum of the costs in `open`.
    formatting: usize,
}

impl Counts {
    fn check(&mut self, limit: Limit, count: usize, max: usize) {
        if count > max && self.exceeded.is_none() {
            self.exceeded = Some(limit);
        }
    }

    fn charge(&mut self, steps: usize) {
        self.steps += steps;
        self.check(Limit::Steps, self.steps, MAX_STEPS);
    }

    fn add_tag(&mut self) {
        self.tags += 1;
        self.check(Limit::Tags, self.tags, MAX_TAGS);
    }

    /// Counts a tag before the parser sees it. An end tag closes its element.
    fn add(&mut self, tag: &Tag) {
        self.add_tag();
        self.check(Limit::Attributes, tag.attrs.len(), MAX_ATTRIBUTES);
        if matches!(tag.name, local_name!("html") | local_name!("body")) {
            self.root_attributes += tag.attrs.len();
            self.check(Limit::Attributes, self.root_attributes, MAX_ATTRIBUTES);
        }
        self.charge(tag.attrs.len() + self.formatting + self.open.len() / 32);
        if tag.kind != StartTag
            && let Some((_, cost)) = self.open.pop_if(|(name, _)| *name == tag.name)
        {
            self.formatting -= cost;
        }
    }

    fn open(&mut self, name: LocalName, attributes: usize) {
        // The parser compares a formatting element with others and reopens it.
        let cost = if FORMATTING.contains(&&*name) { 1 + attributes } else { 0 };
        self.formatting += cost;
        self.open.push((name, cost));
        self.check(Limit::Nesting, self.open.len(), MAX_NESTING);
    }
}

impl Limiter {
    fn process_start_tag(&self, tag: Tag, line: u64) -> TokenSinkResult<NodeId> {
        let (name, has_slash, attributes) = (tag.name.clone(), tag.self_closing, tag.attrs.len());
        let was_foreign = self.is_foreign();
        let result = self.tree.process_token(TagToken(tag), line);
        let is_foreign = self.is_foreign();
        let is_closed = match name {
            local_name!("svg") | local_name!("math") => has_slash,
            _ if is_foreign => was_foreign && has_slash,
            _ => VOID.contains(&&*name),
        };
        if !is_closed {
            self.counts.borrow_mut().open(name, attributes);
        }
        result
    }

    fn is_foreign(&self) -> bool {
        self.tree.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

impl TokenSink for Limiter {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        {
            let mut counts = self.counts.borrow_mut();
            match &token {
                // The tokenizer also emits errors inside an unfinished tag. The tree would only collect them.
                Token::ParseError(_) => return TokenSinkResult::Continue,
                Token::CommentToken(_) => counts.add_tag(),
                TagToken(tag) => counts.add(tag),
                _ => {}
            }
            counts.tokens += 1;
            if counts.exceeded.is_some() {
                return TokenSinkResult::Continue;
            }
        }
        match token {
            TagToken(tag) if tag.kind == StartTag => self.process_start_tag(tag, line),
            token => self.tree.process_token(token, line),
        }
    }

    fn end(&self) {
        self.tree.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.is_foreign()
    }
}

/// HTML elements without content and end tag.
const VOID: [&str; 19] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img",
    "input", "keygen", "link", "meta", "param", "source", "track", "wbr",
];

/// Elements that the parser reopens if they are closed out of order.
const FORMATTING: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];
